# Die Worte der Oberfläche: kurz, menschlich, ohne Fachsprache, ohne Schuldzuweisung.
# Schlüssel und Variablen wie in en.ftl; fehlt hier einer, gilt der englische Text.

## Rund um jede Seite
skip-to-content = Zum Inhalt
person-menu = Ihr Konto
sign-out = Abmelden
language = Sprache
footer-about = Bringt Sie an den richtigen Ort, schon angemeldet.
back-to-portal = Zurück zum Portal

## Anmelden
sign-in-title = Anmelden
sign-in-name = Anmeldename
sign-in-password = Passwort
sign-in-submit = Anmelden
confirm-title = Bestätigen, um { $target } zu öffnen
confirm-title-plain = Bestätigen Sie, dass Sie es sind
confirm-lead = Hierfür ist eine frische Anmeldung nötig. Bitte melden Sie sich erneut an, um fortzufahren.
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-continue = Weiter
repost-lead = Zurück von { $provider } …
repost-unasked = { $provider } möchte Sie hier anmelden. Fahren Sie nur fort, wenn Sie gerade von dort kommen.
sign-in-onward = Danach geht es zu { $target }.
sign-in-others = Andere Wege, sich anzumelden
show-password = Passwort anzeigen
hide-password = Passwort verbergen
trouble-wrong = Anmeldename oder Passwort ist falsch. Bitte versuchen Sie es noch einmal.
trouble-throttled = Zu viele Versuche. Bitte versuchen Sie es { $when } erneut.
trouble-down = „{ $provider }“ antwortet gerade nicht. Bitte versuchen Sie es in einer Minute erneut.
trouble-down-other-way = „{ $provider }“ antwortet gerade nicht. Versuchen Sie es in einer Minute erneut oder wählen Sie unten einen anderen Weg.
trouble-denied = „{ $provider }“ hat Sie nicht angemeldet. Versuchen Sie es erneut oder fragen Sie dort nach.
trouble-invalid = „{ $provider }“ hat eine Antwort gesendet, die wir nicht annehmen können. Versuchen Sie es erneut; besteht das Problem weiter, wenden Sie sich an Ihren Helpdesk.
trouble-stale = „{ $provider }“ hat Sie nicht neu angemeldet; das ist hier erforderlich. Melden Sie sich dort ab und versuchen Sie es erneut.
trouble-another-person = Dieses Konto gehört einer anderen Person. Bitte verwenden Sie Ihr eigenes oder melden Sie sich zuerst ab.
trouble-refused = Auf diesem Weg können Sie sich nicht anmelden. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-expired = Ihr Passwort ist abgelaufen. Ändern Sie es dort, wo Sie es sonst tun, und kommen Sie dann wieder.
trouble-disabled = Ihr Konto ist deaktiviert. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-busy = Gerade melden sich viele Personen an. Bitte versuchen Sie es gleich erneut.
destination = { $record } in { $service }

## Abmelden
sign-out-title = Abmelden?
sign-out-advice = Sie werden hier abgemeldet, und die geöffneten Anwendungen erfahren davon.
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-advice = An einem gemeinsam genutzten Rechner schließen Sie bitte auch den Browser.
sign-in-again = Wieder anmelden
parties-title = Ihre Anwendungen
parties-soon = Ihre Anwendungen erfahren es gerade …
parties-next = Eine Anwendung meldet Sie auf einer eigenen Seite ab. Danach kommen Sie hierher zurück; falls nicht, gehen Sie im Browser zurück.
parties-go-on = Weiter
parties-look-again = Noch einmal nachsehen
parties-frame = Eine Anwendung meldet Sie ab
party-waiting = erfährt es gerade
party-again = war nicht zu erreichen; wir versuchen es wieder
party-confirmed = hat Sie abgemeldet
party-failed = war nicht zu erreichen. Bitte schließen Sie sie, oder melden Sie sich dort ab
party-asked = wurde gebeten, Sie abzumelden; ob sie es tat, sagt sie nicht
party-impossible = kann es nicht erfahren. Bitte schließen Sie sie, oder melden Sie sich dort ab
logouts-title = Beendete Sitzungen
logouts-lead = Anwendungen, die in den letzten sieben Tagen von Ihrer Abmeldung benachrichtigt wurden.
logouts-none = Noch nichts.
logouts-link = Abmeldeprotokoll

## Portal
portal-title = Ihre Dienste
portal-greeting = Hallo, { $name }
portal-lead = Wohin möchten Sie?
search-label = Ihre Dienste durchsuchen
search-placeholder = Dienste suchen
search-submit = Suchen
search-key-hint = Mit / zur Suche
search-clear = Alle anzeigen
search-none = Kein Dienst passt dazu.
search-count = { $count ->
    [one] 1 Dienst
   *[other] { $count } Dienste
  }
services-title = Dienste
services-none = Noch nichts hier
services-none-advice = Für Sie ist noch kein Dienst eingerichtet. Ihr Helpdesk kann das ändern.
tile-choose = Sie wählen, wohin
tile-about = Wohin führt das?
tile-about-service = Wohin führt { $service }?
tile-nowhere = Für Sie nicht eingerichtet
tile-unknown = Ihr Zugriff ließ sich nicht feststellen
tile-closed = Nicht verfügbar
records-title = Datensatz öffnen
records-lead = Geben Sie die Nummer ein. Wir wissen, wo er liegt.
record-type = Art
record-key = Nummer
record-submit = Suchen
recent-title = Zuletzt geöffnet
recent-none = Was Sie öffnen, liegt hier bereit.
recent-in = in { $service }
recent-arrived = Angekommen
recent-confirmed = Geöffnet
recent-no-such-record = Gibt es dort nicht
recent-not-allowed = Dort nicht erlaubt
recent-refused = Dort nicht geöffnet
when-now = gerade eben
when-minutes = { $count ->
    [one] vor 1 Minute
   *[other] vor { $count } Minuten
  }
when-hours = { $count ->
    [one] vor 1 Stunde
   *[other] vor { $count } Stunden
  }
when-days = { $count ->
    [one] gestern
   *[other] vor { $count } Tagen
  }
when-future-minutes = { $count ->
    [one] in 1 Minute
   *[other] in { $count } Minuten
  }
when-future-hours = { $count ->
    [one] in 1 Stunde
   *[other] in { $count } Stunden
  }
when-future-days = { $count ->
    [one] morgen
   *[other] in { $count } Tagen
  }

## Datensatz öffnen
open-title = Datensatz öffnen
open-idle = Geben Sie eine Nummer ein, um zu sehen, wo Sie sie öffnen können.
open-found = Wo möchten Sie { $record } öffnen?
open-none = Das öffnet kein Dienst
open-none-advice = Keiner Ihrer Dienste kann { $record } öffnen.
open-invalid = Diese Nummer sieht nicht richtig aus
open-invalid-advice = Bitte prüfen Sie sie auf Tippfehler.
open-unknown-type = Unbekannte Datensatzart.
open-here = { $record } in { $service }: { $intent }
intent-view = Öffnen
intent-edit = Bearbeiten
intent-create = Anlegen

## Instanz wählen
choose-title = Welcher Ort?
choose-lead = { $service } gibt es an mehreren Orten. Wohin möchten Sie?
choose-lead-record = { $record } lässt sich an mehreren Orten öffnen. Wohin möchten Sie?

## Wohin ein Dienst führt, und warum
service-title = { $service }: Ihre Instanz
service-open = { $service } öffnen
service-why = Warum
service-why-lead = Die Regeln Ihrer Organisation werden von oben geprüft. Die erste, die zutrifft, entscheidet.
service-rules-none = Es gibt keine Regeln: Alle Nutzer gelangen zur selben Instanz.
service-rules-missing = Für diesen Dienst ist noch keine Regel eingerichtet; er lässt sich deshalb nicht öffnen. Bitte wenden Sie sich an Ihren Helpdesk.
rule-matched = Trifft zu
rule-passed-over = Trifft nicht zu
rule-unanswered = Nicht feststellbar
rule-not-reached = Nicht geprüft
verdict-rule = Sie gelangen zu { $instance }, weil die Regel „{ $rule }“ auf Sie zutrifft.
verdict-default = Sie gelangen zu { $instance }, der Standardinstanz, weil keine besondere Regel auf Sie zutrifft.
verdict-only = Sie gelangen zu { $instance }. Es ist die einzige Instanz.
verdict-override = Sie gelangen zu { $instance }, weil Sie es so gewählt haben.
verdict-choose = Mehrere Instanzen kommen in Frage. Sie wählen jedes Mal.
verdict-none = Keine Regel trifft auf Sie zu; deshalb wissen wir nicht, welche Instanz Ihre ist.
verdict-unknown = Ihr Identitätsanbieter hat nicht alles übermittelt, wonach eine Regel fragt. Deshalb lässt sich nicht feststellen, wohin Sie gehören. Ihre Administration kann dort einstellen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
verdict-closed = Sie kämen zu { $instance }, doch dort ist zurzeit geschlossen.
finding-equals = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt „{ $wanted }“
finding-in = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt eines von { $wanted }
finding-contains = { $attribute } enthält { $value } ({ $source }); die Regel sucht „{ $wanted }“
finding-matches = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt die Form „{ $wanted }“
finding-missing = { $attribute } ist uns nicht bekannt; die Regel verlangt „{ $wanted }“
finding-unknown = { $attribute } ist nicht vollständig bekannt ({ $source }); ob es zu „{ $wanted }“ passt, ist nicht feststellbar
finding-not = darf nicht so sein: { $finding }
finding-always = diese Regel gilt für alle Nutzer
source-local = aus Ihrem lokalen Konto
source-provider = aus { $provider }
override-title = Andere Instanz verwenden
override-lead = Eine Woche lang gelangen Sie stattdessen dorthin.
override-label = Instanz
override-submit = Eine Woche lang verwenden
override-clear = Wieder den Regeln folgen
handoff-title = So werden Sie angemeldet
handoff-oidc = Wir melden Sie dort an und übergeben den Datensatz.
handoff-code = Wir melden Sie dort mit einem Einmalcode an und übergeben den Datensatz.
handoff-cas = Wir melden Sie dort mit einem Ticket an und übergeben den Datensatz.
handoff-form_jwt = Wir melden Sie dort mit einem signierten Formular an und übergeben den Datensatz.
handoff-request_init = Die Anwendung fragt uns, wer Sie sind, und wir übergeben den Datensatz.
handoff-saml = Wir melden Sie dort an und übergeben den Datensatz.
handoff-forward_auth = Die Seite steht hinter einem Gateway, das uns fragt, wer Sie sind.
handoff-link = Wir öffnen die richtige Seite. Die Anwendung fragt uns, wer Sie sind.
handoff-discourse = Das Forum fragt uns, wer Sie sind, und öffnet das Thema.
handoff-jwt = Wir melden Sie dort mit einem Token der Art an, die es verlangt, und öffnen den Datensatz.

## Unterwegs
hand-off-title = Wir bringen Sie zu { $service }
hand-off-lead = Wenn nichts geschieht, wählen Sie bitte die Schaltfläche.
hand-off-submit = Weiter
unvouched-title = Weiter zu { $host }?
unvouched-lead = „{ $application }“ ist eine Anwendung, die sich hier selbst registriert hat. Die Administration von { $portal } hat sie nicht geprüft. Fahren Sie nur fort, wenn Sie diese Adresse kennen.
unvouched-continue = Weiter zu { $host }
unvouched-stay = Auf diesem Portal bleiben
turned-away-nothing = { $service } kennt diesen Datensatz nicht
turned-away-no-record = { $service } kennt { $record } nicht
turned-away-nothing-advice = Sie waren dort angemeldet, aber den gewünschten Datensatz gibt es dort nicht. Bitte prüfen Sie die Nummer.
turned-away-no-record-advice = Sie waren dort angemeldet, aber { $record } gibt es dort nicht. Bitte prüfen Sie die Nummer auf Tippfehler.
turned-away-shut = { $service } öffnet Ihnen diesen Datensatz nicht
turned-away-forbidden = { $service } öffnet Ihnen { $record } nicht
turned-away-shut-advice = { $service } entscheidet selbst, wer was sehen darf. Bitte fragen Sie dort, ob Sie Zugriff haben sollten.
turned-away-forbidden-advice = { $service } entscheidet selbst, wer { $record } sehen darf. Bitte fragen Sie dort, ob Sie Zugriff haben sollten.
turned-away-check = Nummer prüfen
turned-away-elsewhere = An einem anderen Ort suchen
already-title = Sie sind schon angemeldet
already-lead = Auf dieser Seite haben Sie sich schon angemeldet.
already-again = { $target } noch einmal öffnen

## Wenn etwas nicht stimmt
problem-request = Anfrage { $id }
problem-why = Warum ist das so?
problem-try-again = Noch einmal versuchen
problem-open-again = Noch einmal öffnen
problem-not-found = Diese Seite finden wir nicht
problem-not-found-advice = Vielleicht ist die Adresse vertippt, oder die Seite ist nicht für Sie bestimmt.
problem-no-access = Sie haben hierauf keinen Zugriff
problem-no-access-advice = Sie sind als { $name } angemeldet. Auf das, was dieser Link öffnet, haben Sie keinen Zugriff. Wenn Sie ihn brauchen, wenden Sie sich bitte an Ihren Helpdesk.
problem-not-set-up = Dieses Portal ist noch nicht eingerichtet
problem-not-set-up-advice = Öffnen Sie zum Einrichten den Link, den „usher serve“ beim Start ausgegeben hat, oder laden Sie mit „usher seed“ einen Katalog.
problem-first-admin-used = Dieser Link wurde schon benutzt
problem-first-admin-used-advice = Das Portal hat seinen ersten Administrator. Wenn Sie das sind, melden Sie sich an. Wenn nicht, wenden Sie sich an die Betreiber dieses Portals.
problem-first-admin-expired = Dieser Link gilt nicht mehr
problem-first-admin-expired-advice = Er gilt eine Stunde lang und nur bis zum nächsten Start des Portals. Starten Sie „usher serve“ neu, um einen neuen zu erhalten.
help-desk = Brauchen Sie Hilfe?
problem-no-instance = Wir wissen nicht, welcher Ort von { $service } Ihrer ist
problem-no-instance-advice = Keine der Regeln passt auf Sie. Ihr Helpdesk kann eine ergänzen; nennen Sie dort den Namen des Dienstes.
problem-not-known = Es ließ sich nicht feststellen, welcher Ort von { $service } Ihrer ist
problem-not-known-advice = Ihr Identitätsanbieter hat nicht alle Ihre Gruppen übermittelt. Ihr Helpdesk kann veranlassen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
problem-instance-closed = { $instance } ist nicht verfügbar
problem-instance-closed-advice = Die Betreiber haben es deaktiviert. Versuchen Sie es später oder wenden Sie sich an Ihren Helpdesk.
problem-service-closed = { $service } ist nicht verfügbar
problem-service-closed-advice = Die Betreiber haben es deaktiviert. Versuchen Sie es später oder wenden Sie sich an Ihren Helpdesk.
problem-key-invalid = „{ $key }“ sieht nicht richtig aus
problem-key-invalid-advice = Bitte prüfen Sie es auf Tippfehler. { $hint }
problem-type-unknown = Unbekannte Datensatzart
problem-type-unknown-advice = Der Link ist vielleicht veraltet oder falsch geschrieben. Bitte fragen Sie den Absender des Links.
problem-service-cannot-open = { $service } öffnet diese Art von Datensatz nicht
problem-service-cannot-open-advice = Vielleicht ein anderer Dienst. Suchen Sie den Datensatz im Portal.
problem-intent-unknown = Das kann { $service } mit diesem Datensatz nicht
problem-intent-unknown-advice = Der Link verlangt etwas, das es dort nicht gibt. Öffnen können Sie den Datensatz trotzdem.
problem-field-unknown = Dieser Link enthält einen unbekannten Teil
problem-field-unknown-advice = Der Teil „{ $field }“ gehört nicht hinein. Bitte fragen Sie den Absender des Links.
problem-field-invalid = Ein Teil dieses Links sieht nicht richtig aus
problem-field-invalid-advice = Der Teil „{ $field }“ fehlt oder ist falsch geschrieben. Bitte fragen Sie den Absender des Links.
problem-launch-expired = Das hat zu lange gedauert
problem-launch-expired-advice = Zu Ihrer Sicherheit gilt ein Link nur kurze Zeit. Bitte öffnen Sie ihn noch einmal.
problem-launch-used = Das wurde schon geöffnet
problem-launch-used-advice = Jedes Öffnen gilt einmal. Bitte öffnen Sie den Link noch einmal.
problem-launch-foreign = Das wurde anderswo geöffnet
problem-launch-foreign-advice = Es begann in einem anderen Browser oder für einen anderen Menschen. Bitte öffnen Sie den Link hier noch einmal.
problem-page-expired = Diese Seite ist abgelaufen
problem-page-expired-advice = Bitte melden Sie sich noch einmal an, oder öffnen Sie den Link noch einmal.
problem-session-ended = Ihre Sitzung ist beendet
problem-session-ended-advice = Bitte melden Sie sich noch einmal an. Es wurde nichts geändert.
problem-cookies-blocked = Cookies sind blockiert
problem-cookies-blocked-advice = Zum Anmelden braucht es ein Cookie dieser Seite, und Ihr Browser hat es nicht zurückgesendet. Bitte erlauben Sie Cookies für diese Seite oder verwenden Sie einen anderen Browser, und versuchen Sie es dann noch einmal.
notice-session-ended = Ihre Sitzung ist beendet. Melden Sie sich an, um fortzufahren.
notice-page-expired = Diese Seite war abgelaufen. Melden Sie sich an, um fortzufahren.
kept-title = Dieses Formular senden?
kept-lead = Ihre Sitzung war beendet, als Sie das Formular gesendet haben. Es wurde noch nichts geändert.
kept-typed = Ihre Eingaben
kept-send = Senden
kept-back = Nicht senden
problem-forbidden = Das ist nicht für Sie geöffnet
problem-forbidden-advice = Wenn Sie es für Ihre Arbeit brauchen, kann Ihr Helpdesk das ändern.
problem-database-away = Das Portal ist gerade nicht erreichbar
problem-database-away-advice = Nichts ist verloren. Bitte versuchen Sie es gleich noch einmal.
problem-timeout = Das hat zu lange gedauert
problem-timeout-advice = Wir haben aufgehört zu warten. Bitte versuchen Sie es gleich noch einmal.
problem-internal = Hier ist etwas schiefgegangen
problem-internal-advice = Der Fehler liegt bei uns. Wenn er wieder auftritt, nennen Sie Ihrem Helpdesk die Nummer unten.
problem-cross-site = Dieses Formular kam von einer anderen Website
problem-cross-site-advice = Zu Ihrer Sicherheit wurde es nicht verarbeitet. Bitte versuchen Sie es vom Portal aus.
problem-bad-ask = Die Anwendung hat eine Anfrage gesendet, die wir nicht beantworten können
problem-bad-ask-advice = Bitte gehen Sie zurück und fangen Sie dort noch einmal an. Geschieht es wieder, zeigen Sie dies dem, der sie betreut: { $why }.
problem-bad-request = Diese Anfrage konnte nicht gelesen werden
problem-bad-request-advice = In der Anfrage fehlte etwas oder war falsch. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
problem-method = Das geht hier nicht
problem-method-advice = Bitte gehen Sie zum Portal und beginnen Sie dort.
problem-too-large = Das Formular ist zu groß
problem-too-large-advice = Bitte senden Sie weniger auf einmal.
problem-too-many = Zu viele Anfragen
problem-too-many-advice = Aus Ihrem Netzwerk kamen in kurzer Zeit zu viele Anfragen. Bitte warten Sie einen Moment und versuchen Sie es erneut.
problem-client-unknown = Unbekannte Anwendung
problem-client-unknown-advice = Bitte teilen Sie es den Betreibern mit: Ihre Client-ID ist hier nicht registriert.
problem-redirect-unknown = Unbekannte Rücksprungadresse
problem-redirect-unknown-advice = Die Anwendung nannte eine Adresse, die hier nicht registriert ist. Bitte sagen Sie es den Betreibern.

## Das eigene Konto
account-title = Ihr Konto
account-back = Zurück zu Ihrem Konto
account-login = Sie melden sich als { $login } an.
account-sessions = Wo Sie angemeldet sind
account-sessions-lead = Wenn Sie etwas davon nicht kennen, melden Sie es ab und ändern Sie danach Ihr Passwort.
session-present = Dieses Gerät
session-where = Netz
session-since = Angemeldet
session-seen = Zuletzt gesehen
session-proved = Nachgewiesen durch
session-by = mit „{ $provider }“
session-by-passkey = mit einem Passkey
session-plain = einen Faktor
session-strong = zwei Faktoren
session-end-named = { $device } abmelden
session-end-others = Überall sonst abmelden
device = { $browser } auf { $system }
device-unknown = Ein Gerät, das wir nicht erkennen
device-says = Es nennt sich
place-internal = { $address } (internes Netz)
moment = { $day }. { $month ->
    [m1] Januar
    [m2] Februar
    [m3] März
    [m4] April
    [m5] Mai
    [m6] Juni
    [m7] Juli
    [m8] August
    [m9] September
    [m10] Oktober
    [m11] November
   *[m12] Dezember
  } { $year }, { $time } UTC
account-ways = Wie Sie sich anmelden
identity-subject = Dort bekannt als
identity-linked = Verbunden
identity-used = Zuletzt benutzt
identity-unused = Noch nicht benutzt
identity-remove = Entfernen
identity-remove-named = „{ $provider }“ entfernen
link-another = Einen weiteren Weg verbinden
link-title = „{ $provider }“ verbinden
link-lead = Sie melden sich dort einmal an. Danach öffnet auch dieser Weg Ihr Konto.
link-submit = Dort anmelden
sign-in-linking = Das wird ein weiterer Weg in das Konto von { $name }.
unlink-title = „{ $provider }“ nicht mehr benutzen?
unlink-lead = Wer sich auf diesem Weg angemeldet hat, wird abgemeldet, und wir vergessen, was wir nur von dort über Sie wissen. Sie können den Weg wieder verbinden.
unlink-present = Sie sind gerade auf diesem Weg angemeldet und müssen sich danach neu anmelden.
unlink-submit = Entfernen
unlink-keep = Behalten
trouble-linked-elsewhere = Dieser Weg gehört schon zu einem Konto und lässt sich nicht mit Ihrem verbinden.
trouble-link-void = Wir wissen nicht mehr, für wessen Konto das gedacht war. Bitte gehen Sie zurück zu Ihrem Konto und beginnen Sie neu.
passkey = Passkey
account-factors-none = Noch keiner. Sobald Sie einen hinzufügen, werden Sie beim Anmelden danach gefragt.
account-factors-none-rules = Noch keiner. Wann einer nötig ist, legen die Regeln Ihrer Organisation fest.
account-factors = { $count ->
    [one] Sie haben einen.
   *[other] Sie haben { $count }.
  }
account-password = Passwort ändern
account-known = Was wir über Sie wissen
account-known-lead = Anwendungen, die Sie öffnen, können diese Daten erhalten. Änderungen nimmt die angegebene Quelle vor.
account-known-nothing = Nichts als Ihren Namen.
fact-incomplete = Nicht vollständig: Ihr Identitätsanbieter hat nicht alle Werte übermittelt. Ihre Administration kann dort einstellen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
fact-name = Was
fact-values = Wert
fact-source = Woher
source-here = hier festgelegt
attribute-mail = E-Mail-Adresse
attribute-groups = Gruppen
attribute-department = Abteilung
attribute-region = Region
attribute-phone = Telefon
attribute-title = Titel
attribute-language = Sprache
attribute-company = Firma
attribute-office = Büro
attribute-employee = Personalnummer
account-history = Was zuletzt geschah
account-history-lead = Anmeldungen und Änderungen an Ihrem Konto, das Neueste zuerst.
account-history-all = Alle anzeigen
account-export = Ihre Daten mitnehmen
account-export-lead = Alles, was wir über Sie aufbewahren, in einer Datei: lesbar für Menschen und Programme.
account-export-submit = Daten herunterladen
account-done-session = Dieses Gerät ist abgemeldet.
account-done-sessions = Sie sind überall sonst abgemeldet.
account-done-linked = Verbunden. Sie können sich von nun an auch so anmelden.
account-done-known = Das war schon mit Ihrem Konto verbunden.
account-done-unlinked = Entfernt. Dieser Weg öffnet Ihr Konto nicht mehr.
history-none = Noch nichts.
history-pages = Seiten
history-newest = Neueste
history-older = Ältere
history-signed-in = Angemeldet mit „{ $provider }“
history-confirmed = Bestätigt, dass Sie es sind
history-failed = Falsches Passwort für Ihren Anmeldenamen bei „{ $provider }“
history-throttled = Zu viele Versuche, sich mit „{ $provider }“ anzumelden
history-disabled = Anmeldung abgelehnt: Ihr Konto war deaktiviert
history-expired = Anmeldung abgelehnt: Ihr Passwort bei „{ $provider }“ war abgelaufen
history-down = Anmeldung nicht möglich: „{ $provider }“ antwortete nicht
history-refused = Anmeldung mit „{ $provider }“ abgelehnt
history-ended = Abgemeldet
history-ended-elsewhere = Von einem anderen Ihrer Geräte aus abgemeldet
history-ended-upstream = Abgemeldet durch „{ $provider }“
history-ended-surplus = Abgemeldet, weil Sie sich auf zu vielen anderen Geräten angemeldet haben
history-ended-unlinked = Abgemeldet, weil der Anmeldeweg entfernt wurde
history-ended-others = { $count ->
    [one] Ein anderes Gerät abgemeldet
   *[other] { $count } andere Geräte abgemeldet
  }
history-linked = „{ $provider }“ als Anmeldeweg verbunden
history-unlinked = „{ $provider }“ als Anmeldeweg entfernt
history-consent-given = Sie haben „{ $application }“ erlaubt zu erfahren, wer Sie sind
history-consent-refused = Sie haben „{ $application }“ nicht erlaubt zu erfahren, wer Sie sind
history-consent-withdrawn = Sie haben „{ $application }“ den Zugriff entzogen
history-exported = Ihre Daten wurden heruntergeladen
history-factor-enrolled = Ein Passkey oder eine Authenticator-App wurde hinzugefügt
history-factors-reset = Ein Administrator hat alle Ihre zweiten Faktoren entfernt; Sie wurden abgemeldet
history-device-trusted = Sie haben ein Gerät als vertrauenswürdig markiert: Dort werden Sie eine Zeit lang nicht nach dem zweiten Faktor gefragt
history-devices-forgotten = Sie haben keinem Gerät mehr vertraut
history-codes-made = Neue Wiederherstellungscodes wurden erstellt; die alten gelten nicht mehr
history-code-used = Zum Anmelden wurde ein Wiederherstellungscode benutzt
history-factor-removed = Ein Passkey oder eine Authenticator-App wurde entfernt
history-factor-refused = Ein zweiter Faktor war falsch
history-recovery-asked = Für Ihr Konto wurde ein neues Passwort angefordert
history-password-reset = Über einen Link von uns wurde ein neues Passwort gewählt
history-password-changed = Ihr Passwort wurde geändert
history-password-refused = Eine Änderung Ihres Passworts wurde abgelehnt
history-mail-verified = Ihre E-Mail-Adresse wurde bestätigt
history-admin-granted = Sie dürfen dieses Portal verwalten
history-admin-revoked = Sie verwalten dieses Portal nicht mehr
history-administered = Sie haben als Verwalter an „{ $provider }“ gearbeitet
history-key-rotated = Sie haben neue Signaturschlüssel erzeugen lassen
history-key-withdrawn = Sie haben einen Signaturschlüssel zurückgezogen
history-key-confirmed = Sie haben vermerkt, dass ein Service-Provider ein Zertifikat hat
history-user-disabled = Ihr Konto wurde deaktiviert
history-user-enabled = Ihr Konto wurde wieder aktiviert
history-chosen = Sie haben Ihre Instanz von { $service } gewählt
history-code-reused = Eine Anwendung benutzte einen Code zweimal; was sie dafür bekommen hatte, wurde zurückgenommen
history-other = Sonstige Aktivität
## Ein neues Passwort beim Anmelden
change-title = Wählen Sie ein neues Passwort
change-lead = Für „{ $provider }“. Sobald es geändert ist, sind Sie angemeldet.
change-link = Passwort ändern
change-due = Ihr Passwort stimmt, muss aber geändert werden, bevor es weitergeht.
change-old = Jetziges Passwort
change-new = Neues Passwort
change-again = Neues Passwort, noch einmal
change-submit = Ändern und anmelden
change-back = Zurück zur Anmeldung
change-differ = Die beiden neuen Passwörter sind nicht gleich. Bitte geben Sie sie noch einmal ein.
change-same = Das ist Ihr jetziges Passwort. Bitte wählen Sie ein anderes.
change-weak = Ihre Organisation nimmt dieses neue Passwort nicht an. Versuchen Sie ein längeres, das Sie noch nicht benutzt haben.
change-too-young = Ihr Passwort wurde erst vor Kurzem geändert und lässt sich noch nicht wieder ändern.
change-history = Ihr Passwort bei „{ $provider }“ geändert
change-fixed = Ihr Passwort lässt sich hier nicht ändern. Bitte fragen Sie Ihren Helpdesk.
trouble-account-expired = Ihr Konto ist abgelaufen. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-not-now = Ihr Konto gilt zu dieser Tageszeit nicht.
trouble-untold = „{ $provider }“ hat nicht mitgeteilt, wann Sie sich dort zuletzt angemeldet haben, und hierfür ist eine aktuelle Anmeldung nötig. Wählen Sie einen anderen Anmeldeweg oder fragen Sie Ihren Helpdesk.
## Wer sind Sie? (zum richtigen Anbieter), und wer eingelassen wird
realm-title = Wer sind Sie?
realm-label = Anmeldename oder E-Mail-Adresse
realm-choices = Oder wählen Sie, wie Sie sich anmelden
realm-another = Andere Anmeldung wählen
realm-lost = Daraus geht nicht hervor, wo Sie sich anmelden. Bitte prüfen Sie die Eingabe oder wählen Sie unten.
realm-nothing = Bitte geben Sie Ihren Anmeldenamen oder Ihre E-Mail-Adresse ein.
trouble-not-allowed = „{ $provider }“ kennt Sie, aber Ihre Organisation hat dieses Portal nicht für Sie geöffnet. Ihr Helpdesk kann das ändern.
trouble-not-known = „{ $provider }“ hat nicht alle Ihre Gruppen übermittelt. Deshalb lässt sich nicht feststellen, ob Sie Zugriff haben. Ihr Helpdesk kann veranlassen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
trouble-unknown = „{ $provider }“ kennt Sie, aber hier gibt es noch kein Konto für Sie. Bitte lassen Sie sich von Ihrem Helpdesk eines anlegen.

## Verwaltung
admin-title = Verwaltung
admin-next-title = Die nächsten Schritte
admin-next-catalogue = Laden Sie die Dienste, Datensatzarten und Clients Ihrer Organisation: Schreiben Sie eine Katalogdatei und führen Sie „usher seed DATEI“ aus.
admin-next-provider = Binden Sie in derselben Datei den Identitätsanbieter Ihrer Organisation ein (OpenID Connect, SAML oder LDAP), damit sich Nutzer mit ihrem vorhandenen Konto anmelden.
admin-next-mail = Richten Sie in der Konfiguration den Mailversand ein ([mail]), damit Nutzer ein vergessenes Passwort zurücksetzen können.
admin-next-help-desk = Legen Sie in der Konfiguration fest, an wen sich Nutzer bei Problemen wenden ([portal], help_desk_…).
admin-service-unreachable = Kein Nutzer kann diesen Dienst erreichen: Er braucht eine Regel, die eine Instanz nennt.
admin-back = Zurück zur Verwaltung
admin-numbers = In Zahlen
admin-people = { $count ->
    [one] 1 Person
   *[other] { $count } Personen
  }
admin-people-disabled = { $count ->
    [one] Davon ist 1 abgeschaltet
   *[other] Davon sind { $count } abgeschaltet
  }
admin-people-admins = { $count ->
    [one] 1 Person verwaltet das Portal
   *[other] { $count } Personen verwalten das Portal
  }
admin-sessions = { $count ->
    [one] 1 offene Sitzung
   *[other] { $count } offene Sitzungen
  }
admin-services-count = { $count ->
    [one] 1 Dienst
   *[other] { $count } Dienste
  }
admin-clients-count = { $count ->
    [one] 1 OpenID-Connect-Client
   *[other] { $count } OpenID-Connect-Clients
  }
admin-providers-count = { $count ->
    [one] 1 Weg, sich anzumelden
   *[other] { $count } Wege, sich anzumelden
  }
admin-providers-title = Identitätsanbieter
admin-providers-lead = Woher die Menschen kommen. Eingerichtet werden sie in der Katalogdatei.
admin-providers-none = Noch gibt es keinen. Laden Sie einen Katalog mit „usher seed“.
admin-providers-back = Zurück zu den Identitätsanbietern
admin-tag-disabled = deaktiviert
admin-tag-default = Vorgabe
admin-tag-hidden = nicht in der Liste
admin-tag-known-only = nur wer schon bekannt ist
admin-tag-allow = nur wen die Bedingung zulässt
admin-tag-marked = Gruppen und Namen als die des Anbieters gekennzeichnet
admin-tag-kept = Gruppen und Namen gelten wie vor der Aktualisierung
admin-document-fetched = geholt am
admin-document-until = gültig bis
admin-document-no-end = ohne Ablaufdatum
admin-route-title = Wer kommt wohin?
admin-route-lead = Es entscheiden die Eingabe und die Adresse, von der jemand kommt.
admin-route-who = Anmeldename oder E-Mail-Adresse
admin-route-address = Netzwerkadresse
admin-route-submit = Ausprobieren
admin-route-ask = Die Person wird gefragt: Nichts, was bekannt ist, entscheidet.
admin-route-named = Zu „{ $provider }“: Der Link nennt ihn.
admin-route-remembered = Zu „{ $provider }“: Dieser Browser hat ihn schon benutzt.
admin-route-default = Zu „{ $provider }“: Das ist die Vorgabe.
admin-route-domain = Zu „{ $provider }“: E-Mail-Adressen von { $what } gehören dorthin.
admin-route-network = Zu „{ $provider }“: Das Netz { $what } gehört dorthin.
admin-check = Verbindung prüfen
admin-refresh = Dokumente jetzt holen
admin-refreshed = Alles, was fällig war, ist geholt.
admin-documents = Dokumente
admin-addresses = Beim Anbieter eintragen
admin-addresses-lead = Tragen Sie diese Adressen genau so beim Anbieter ein.
admin-settings = Einstellungen
admin-settings-lead = So stehen sie in der Katalogdatei. Geheimnisse werden nie gezeigt.
admin-settings-none = Bei dieser Art ist nichts einzustellen.
admin-setting-secret = gesetzt, wird nicht gezeigt
admin-setting-unset = nicht gesetzt
admin-admission = Wer hereinkommt, und als was
admin-routing = Für wen dieser Anbieter da ist
admin-preview = Attributzuordnung testen
admin-preview-lead = Fügen Sie ein, was der Anbieter über jemanden sagt. Nichts davon wird gespeichert.
admin-preview-said = Claims oder Attribute
admin-preview-hint = Claims als JSON oder SAML-Attribute, je eines in einer Zeile: Name (lesbarer Name) = Wert
admin-preview-submit = Ergebnis zeigen
admin-preview-unreadable = Das können wir nicht lesen:
admin-preview-admitted = Diese Person käme herein.
admin-preview-known-only = Diese Person käme herein, wenn sie schon bekannt ist.
admin-preview-refused = Diese Person würde abgewiesen: Die Bedingung trifft nicht zu.
admin-preview-unknown = Dieser Benutzer würde abgewiesen: Der Anbieter hat nicht alles übermittelt, wonach die Bedingung fragt.
admin-preview-attribute = Attribut
admin-preview-values = Werte
admin-preview-from = Woher
admin-preview-nothing = nichts
admin-preview-unused = Nicht benutzt:
admin-seen = { $count ->
    [one] { $name } hat 1 Wert
   *[other] { $name } hat { $count } Werte
  }
admin-seen-pattern = { $count ->
    [one] { $name } hat 1 Wert; { $fit } wie { $pattern }
   *[other] { $name } hat { $count } Werte; { $fit } wie { $pattern }
  }
admin-seen-missing = { $name } fehlt
admin-seen-constant = immer gleich
admin-dropped-pattern = „{ $value }“ sieht nicht so aus
admin-dropped-unlisted = „{ $value }“ steht nicht in der Liste
admin-dropped-blank = „{ $value }“ ist leer oder nicht darstellbar
admin-dropped-too-long = „{ $value }“ ist zu lang
admin-dropped-spare = „{ $value }“ ist einer zu viel
admin-gap-elsewhere = Nicht alle Werte sind bekannt: Der Anbieter hat statt der ganzen Liste nur einen Verweis übermittelt (Microsoft Entra bei Benutzern in vielen Gruppen). Lassen Sie ihn nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermitteln.
admin-gap-too-many = Die Werte sind nicht bekannt: Es sind mehr, als gespeichert werden. Lassen Sie den Anbieter nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermitteln.
admin-gap-too-long = Nicht alle Werte sind bekannt: Einer ist länger als alle, die gespeichert werden.
admin-import = Metadaten hochladen
admin-import-lead = Für Anbieter, deren Metadaten sich nirgends abholen lassen.
admin-import-label = Metadaten (XML)
admin-import-file = Oder wählen Sie eine Datei
admin-import-submit = Diese Metadaten verwenden
admin-import-weaker = Noch ist nichts geändert. Die neuen Metadaten prüfen weniger als die bisherigen:
admin-import-confirm = Ich habe mit dem Anbieter geklärt, dass das so gemeint ist
admin-logouts-title = Abmeldebenachrichtigungen
admin-logouts-lead = Anwendungen, die vom Ende einer Sitzung benachrichtigt wurden; Fehler zuerst
notice-waiting = Wird benachrichtigt
notice-again = Wird wieder versucht
notice-confirmed = Bestätigt
notice-failed = Aufgegeben
notice-browser = Wartet auf den Browser
notice-asked = Gebeten, keine Bestätigung möglich
notice-impossible = Keine Adresse dafür
admin-logouts-party = Anwendung
admin-logouts-outcome = Ergebnis
admin-logouts-tries = Versuche
admin-logouts-do = Was zu tun ist
admin-logouts-again = Erneut versuchen
admin-logouts-again-at = { $party } erneut benachrichtigen
admin-keys-title = Signaturschlüssel
admin-keys-about = Woran Anwendungen uns erkennen, und wann die nächsten kommen
admin-keys-lead = An ihnen erkennen Anwendungen, dass eine Antwort von uns ist. Sie wechseln sich von selbst ab: Der nächste wird veröffentlicht, bevor er unterschreibt, der letzte noch eine Weile danach.
admin-keys-tokens = OpenID-Connect-Token ({ $algorithm })
admin-keys-saml = SAML-Assertionen
admin-keys-next = Nächster
admin-keys-current = Jetziger: Er unterschreibt
admin-keys-retiring = Abgelöst: Er unterschreibt nicht mehr
admin-keys-from = Unterschreibt ab
admin-keys-since = Unterschreibt seit
admin-keys-until = Veröffentlicht bis
admin-keys-due = Der nächste entsteht
admin-keys-ends = Zertifikat gültig bis
admin-keys-ending = { $count ->
    [one] Das SAML-Zertifikat endet in einem Tag. Erzeugen Sie jetzt den nächsten Schlüssel, und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie hält.
   *[other] Das SAML-Zertifikat endet in { $count } Tagen. Erzeugen Sie jetzt den nächsten Schlüssel, und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie hält.
  }
admin-keys-ended = Das SAML-Zertifikat ist abgelaufen. Service-Provider lehnen möglicherweise ab, was damit unterschrieben ist. Erzeugen Sie jetzt den nächsten Schlüssel, und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie hält.
admin-keys-saml-by-hand = nur von Hand (keys.rotate_saml_days ist 0), weil Service-Provider Kopien des Zertifikats halten
admin-keys-parties-title = Service-Provider (SAML)
admin-keys-parties-lead = Ein Service-Provider, der eine Kopie unseres Zertifikats hält, braucht das nächste, bevor damit unterschrieben wird. Vermerken Sie hier, wer es hat.
admin-keys-party-unknown = Nicht bekannt, ob er das neueste Zertifikat hat
admin-keys-party-newest = Hat das neueste Zertifikat
admin-keys-party-older = Hat ein älteres Zertifikat, das noch veröffentlicht ist
admin-keys-party-gone = Hat ein Zertifikat, das nicht mehr verwendet wird
admin-keys-party-confirm = Er hat das neueste Zertifikat
admin-keys-done-confirmed = Vermerkt.
admin-keys-followed = er wartet schon
admin-keys-by-hand = nur von Hand (keys.rotate_days ist 0)
admin-keys-kid = Schlüssel-ID
admin-keys-fingerprint = Fingerabdruck des Zertifikats (SHA-256)
admin-keys-pairwise = Das Geheimnis für paarweise Kennungen lässt sich nicht wechseln: Anwendungen würden ihre Nutzer nicht wiedererkennen.
admin-keys-master = Der Hauptschlüssel, der das alles in der Datenbank versiegelt, wird auf der Kommandozeile gewechselt, mit „usher rekey“.
admin-keys-rotate-title = Vor der Zeit neue Schlüssel
admin-keys-rotate-lead = { $count ->
    [0] Von jeder Art entsteht ein neuer Schlüssel und unterschreibt sofort.
    [one] Von jeder Art entsteht ein neuer Schlüssel und wird jetzt veröffentlicht. Er unterschreibt in einer Stunde, wenn die Anwendungen ihn geholt haben; niemand merkt etwas.
   *[other] Von jeder Art entsteht ein neuer Schlüssel und wird jetzt veröffentlicht. Er unterschreibt in { $count } Stunden, wenn die Anwendungen ihn geholt haben; niemand merkt etwas.
  }
admin-keys-rotate = Jetzt wechseln
admin-keys-emergency-title = Im Notfall
admin-keys-emergency-lead = Eine Anwendung, die unsere Schlüssel eine Zeit lang behält, weist Menschen ab, bis sie sie wieder holt; eine, der unser SAML-Zertifikat von Hand gegeben wurde, bis jemand ihr das neue gibt.
admin-keys-at-once = Sofort mit neuen unterschreiben
admin-keys-at-once-about = was die jetzigen unterschrieben haben, bleibt gültig, und sie bleiben noch zwei Tage veröffentlicht
admin-keys-leaked = Die jetzigen Schlüssel zurückziehen
admin-keys-leaked-about = für kompromittierte Schlüssel: alles damit Signierte wird ungültig
admin-keys-confirm = Ich weiß, dass eine Zeit lang Menschen abgewiesen werden können
admin-keys-done-early = Neue Schlüssel sind veröffentlicht. Sie unterschreiben, wenn ihre Zeit gekommen ist.
admin-keys-done-at-once = Ab jetzt unterschreiben neue Schlüssel.
admin-keys-done-leaked = Ab jetzt unterschreiben neue Schlüssel, und die bisherigen sind zurückgezogen.
admin-keys-waiting = Es entstand nichts: Die nächsten Schlüssel warten schon.
admin-keys-unconfirmed = Es geschah nichts: Haken Sie zuerst an, dass Sie wissen, was das bewirkt.
admin-events-title = Protokoll
admin-events-lead = Neueste zuerst
admin-events-kind = Was
admin-events-all = Alles
admin-events-person = Nutzer (Anmeldename oder ID)
admin-events-submit = Zeigen
admin-events-none = Keine Einträge gefunden.
admin-events-pages = Seiten
admin-events-newest = Neueste
admin-events-older = Ältere
admin-events-at = Wann
admin-events-what = Was
admin-events-who = Wer
admin-events-service = Dienst
admin-events-detail = Einzelheit
admin-events-address = Von
## Wiederherstellung, neue Passwörter, die erste Verwalterin oder der erste Verwalter
sign-in-forgot = Anmeldung nicht möglich?
recover-title = Anmeldung nicht möglich?
recover-lead = Geben Sie Ihren Anmeldenamen oder Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link.
recover-who = Anmeldename oder E-Mail-Adresse
recover-submit = Link senden
recover-no-mail = Dieses Portal kann keine Mails verschicken. Ihr Helpdesk kann Ihnen einen Link geben.
recover-back = Zurück zur Anmeldung
recover-again = Neuen Link anfordern
recover-sent-title = Prüfen Sie Ihr Postfach
recover-sent-lead = Wenn es ein Konto gibt, ist eine Mail unterwegs. Ihr Link gilt einmal, eine halbe Stunde lang.
recover-sent-hint = Nach einigen Minuten nichts angekommen? Sehen Sie im Spam-Ordner nach oder wenden Sie sich an Ihren Helpdesk.
recover-done-title = Ihr Passwort ist gesetzt
recover-done-lead = Sie können sich jetzt damit anmelden.
link-door-title = Neues Passwort wählen
link-door-lead = Sie haben ein neues Passwort angefordert. Alle Ihre Anmeldungen hier werden dabei beendet.
link-door-invited = Für Sie wurde ein Konto angelegt. Es gehört Ihnen, sobald Sie ein Passwort gewählt haben.
link-door-submit = Weiter
link-door-hint = Von hier an gilt der Link nur noch in diesem Browser.
link-password-title = Ihr neues Passwort
link-password-submit = Passwort setzen
link-password-hint = Danach melden Sie sich damit an.
password-new = Neues Passwort
password-rule = Mindestens { $count ->
    [one] 1 Zeichen
   *[other] { $count } Zeichen
  }. Mehrere Wörter hintereinander sind leicht zu merken und schwer zu erraten.
password-short = Das ist zu kurz. Bitte nehmen Sie mindestens { $count ->
    [one] 1 Zeichen
   *[other] { $count } Zeichen
  }.
password-long = Das ist uns zu lang. Bitte nehmen Sie weniger Zeichen.
password-personal = Dieses Passwort besteht fast nur aus Ihrem Namen, Ihrer Adresse oder dem Namen dieses Portals. Bitte wählen Sie ein anderes.
password-guessable = Dieses Passwort ist zu leicht zu erraten. Bitte wählen Sie ein anderes.
own-password-title = Passwort ändern
own-password-lead = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
own-password-current = Bisheriges Passwort
own-password-submit = Passwort ändern
own-password-wrong = Das ist nicht Ihr bisheriges Passwort. Bitte versuchen Sie es noch einmal.
own-password-same = Das ist das Passwort, das Sie schon haben. Bitte wählen Sie ein anderes.
own-password-changed = Ihr Passwort ist geändert.
own-mail-title = Falls Sie es vergessen
own-mail-known = Wir würden einen Link an { $mail } schicken.
own-mail-unknown = Wir würden einen Link an { $mail } schicken, sobald wir wissen, dass Sie dort lesen.
own-mail-submit = Mail zur Bestätigung schicken
own-mail-sent = Eine Mail ist unterwegs zu Ihnen. Bitte öffnen Sie ihren Link.
verify-mail-title = Ist das Ihre Adresse?
verify-mail-lead = Bitte bestätigen Sie, dass Mails an { $mail } Sie erreichen.
verify-mail-submit = Ja, das ist meine
mail-verified-title = Danke
mail-verified-lead = Wenn Sie Ihr Passwort vergessen, können wir Ihnen einen Link schicken.
welcome-title = Willkommen bei { $portal }
welcome-lead = Sie verwalten dieses Portal als erste Person. Wer sind Sie?
welcome-login = Anmeldename
welcome-name = Ihr Name, wie andere ihn sehen
welcome-mail = E-Mail-Adresse (optional)
welcome-submit = Mein Konto anlegen
welcome-login-odd = Ein Anmeldename besteht nur aus Buchstaben, Ziffern und . _ - + @.
welcome-login-taken = Dieser Anmeldename ist vergeben. Bitte wählen Sie einen anderen.
welcome-name-odd = Bitte geben Sie Ihren Namen an, mit höchstens 100 Zeichen.
welcome-mail-odd = Diese E-Mail-Adresse sieht nicht richtig aus.
local-provider-title = Mit Ihrem { $portal }-Konto anmelden
problem-link-void = Dieser Link gilt nicht mehr
problem-link-void-advice = Er gilt einmal, für kurze Zeit und nur, bis es einen neueren gibt. Wenn Sie ihn noch brauchen, fordern Sie einen neuen an.
problem-link-foreign = Dieser Link wurde anderswo geöffnet
problem-link-foreign-advice = Er gilt in dem Browser weiter, mit dem er zuerst geöffnet wurde. Wenn das nicht Sie waren, fordern Sie einen neuen an.
mail-hello = Guten Tag, { $name }!
mail-hello-nobody = Guten Tag!
mail-not-you = Wenn Sie das nicht angefordert haben, müssen Sie nichts tun: Ohne den Link ändert sich nichts.
mail-reset-subject = Ihr Passwort bei { $portal }
mail-reset-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Mit diesem Link wählen Sie es:
mail-reset-after = Er gilt einmal und eine halbe Stunde lang. Wenn Sie sich mit einem zweiten Schritt anmelden, werden Sie danach gefragt.
mail-elsewhere-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Ihr Passwort liegt nicht dort: Sie melden sich mit „{ $provider }“ an und können es nur dort ändern.
mail-verify-subject = Bitte bestätigen Sie Ihre Adresse für { $portal }
mail-verify-lead = Dieser Link bestätigt { $portal }, dass Mails Sie hier erreichen:
mail-verify-after = Er gilt einmal und einen Tag lang. Wenn Sie nicht wissen, worum es geht, müssen Sie nichts tun.
mail-changed-subject = Ihr Passwort bei { $portal } wurde geändert
mail-changed-lead = Das Passwort Ihres Kontos bei { $portal } wurde gerade geändert, und Sie wurden überall sonst abgemeldet.
mail-changed-after = Wenn Sie das waren, ist alles gut. Wenn nicht, fordern Sie sofort ein neues Passwort an und sagen Sie Ihrem Helpdesk Bescheid.
## Zweite Faktoren
factor-title = Noch ein Schritt
factor-purpose-view = Bestätigen Sie, um { $record } in { $service } zu öffnen.
factor-purpose-edit = Bestätigen Sie, um { $record } in { $service } zu bearbeiten.
factor-purpose-other = Bestätigen Sie, um zu { $record } in { $service } zu kommen.
factor-purpose-service = Bestätigen Sie, um { $service } zu öffnen.
factor-app = Authenticator-App
factor-app-about = Ein Code von Ihrem Telefon
factor-passkey = Passkey
factor-passkey-about = Ihr Fingerabdruck, Gesicht oder Sicherheitsschlüssel
factor-lead-app = Geben Sie den Code ein, den Ihre Authenticator-App gerade zeigt.
factor-lead-passkey = Verwenden Sie Ihren Passkey oder Sicherheitsschlüssel.
factor-lead-recovery = Geben Sie einen Ihrer Wiederherstellungscodes ein. Jeder gilt einmal.
factor-code = Code
factor-recovery-code = Wiederherstellungscode
factor-submit = Weiter
factor-trust = Diesem Gerät { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
  } lang vertrauen
factor-use-passkey = Meinen Passkey verwenden
factor-others = Andere Wege
factor-by-app = Meine Authenticator-App verwenden
factor-by-passkey = Meinen Passkey oder Sicherheitsschlüssel verwenden
factor-by-recovery = Einen Wiederherstellungscode verwenden
factor-wrong-app = Dieser Code stimmt nicht oder wurde schon verwendet. Bitte geben Sie den ein, den Ihre App jetzt zeigt.
factor-wrong-recovery = Dieser Wiederherstellungscode ist falsch oder wurde schon benutzt.
factor-wrong-passkey = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
factor-cloned = Diesen Schlüssel scheint es zweimal zu geben; wir haben ihn deshalb nicht angenommen. Bitte wählen Sie einen anderen Weg und sagen Sie Ihrem Helpdesk Bescheid.
factor-taken = Dieser Passkey ist schon in Gebrauch.
factor-offer-title = Schützen Sie Ihr Konto
factor-offer-lead = Zum Fortfahren ist ein zweiter Faktor erforderlich. Wählen Sie einen; es dauert eine Minute, dann geht es weiter.
factor-back = Zurück
factor-name = Name
factor-rename = Namen speichern
factor-change = Ändern
factor-change-which = { $name } ändern
factor-remove-title = Entfernen
factor-remove-lead = Er gilt hier dann nicht mehr.
factor-remove-last = Es ist Ihr letzter. Ihre Wiederherstellungscodes gehen mit, und wo einer gebraucht wird, werden Sie gebeten, einen neuen einzurichten.
factor-remove = Entfernen
factor-never-used = Noch nicht verwendet
factor-used = Verwendet { $when }
app-title = Authenticator-App einrichten
app-scan = Scannen Sie diesen QR-Code mit Ihrer Authenticator-App.
app-picture = QR-Code mit dem Schlüssel darunter
app-type = Oder geben Sie dort diesen Schlüssel ein:
app-code = Code, den die App jetzt zeigt
app-submit = Prüfen
passkey-title = Passkey hinzufügen
passkey-lead = Ihr Gerät fragt nach Fingerabdruck, Gesicht oder PIN. Sie können auch einen Sicherheitsschlüssel verwenden.
passkey-create = Passkey anlegen
passkey-failed = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
passkey-known = Dieses Gerät hat schon einen Passkey von Ihnen.
passkey-no-script = Passkeys brauchen JavaScript; in Ihrem Browser ist es ausgeschaltet. Bitte wählen Sie einen anderen Weg.
passkey-no-browser = Dieser Browser kann keine Passkeys verwenden. Bitte wählen Sie einen anderen Weg.
passkey-not-here = An dieser Adresse gibt es keine Passkeys, denn sie ist kein Name. Bitte verwenden Sie eine Authenticator-App.
passkey-sign-in = Mit einem Passkey anmelden
passkey-again = Bitte melden Sie sich einmal mit Ihrem Konto an. Danach gilt Ihr Passkey wieder.
passkey-unknown = Diesen Passkey kennen wir nicht. Bitte melden Sie sich auf einem anderen Weg an.
codes-title = Bewahren Sie diese Wiederherstellungscodes auf
codes-lead = Wenn Sie Telefon oder Schlüssel verlieren, kommen Sie mit einem davon herein. Jeder gilt einmal.
codes-once = Wir zeigen sie nur jetzt. Drucken Sie sie aus oder legen Sie sie in einen Passwortmanager, nicht auf das Gerät, mit dem Sie sich anmelden.
codes-kept = Ich habe sie aufbewahrt
codes-section = Wiederherstellungscodes
codes-left = { $count ->
    [0] Sie haben keinen mehr. Bitte erstellen Sie neue.
    [one] Sie haben noch 1. Bitte erstellen Sie bald neue.
   *[other] Sie haben noch { $count }.
  }
codes-renew = Neue Codes erstellen
codes-renew-note = Die alten gelten dann nicht mehr.
factors-title = Passkeys und Codes
factors-lead = Ihr zweiter Faktor: Bei jeder Anmeldung werden Sie außer nach dem Passwort auch danach gefragt.
factors-lead-rules = Ihr zweiter Faktor neben dem Passwort. Wann Sie danach gefragt werden, legen die Regeln Ihrer Organisation fest.
factors-none = Sie haben keinen zweiten Faktor eingerichtet. Ein gestohlenes Passwort genügt, um sich als Sie anzumelden.
factors-add = Hinzufügen
devices-title = Vertrauenswürdige Geräte
devices-lead = Auf diesen Geräten werden Sie beim Anmelden nicht nach dem zweiten Faktor gefragt, außer eine Regel verlangt ihn.
device-expires = Läuft { $when } ab
devices-forget = Überall wieder danach fragen
factors-back = Zurück zu Ihrem Konto

# Was Anwendungen wissen dürfen, gefragt auf dem Weg dorthin.
consent-title = Darf „{ $application }“ wissen, wer Sie sind?
consent-as = Sie sind angemeldet als { $name } ({ $login }). Wenn Sie zustimmen, bekommt diese Anwendung:
consent-registered = „{ $application }“ nennt sich diese Anwendung selbst. Ihre Antwort geht an { $host }.
consent-openid = Eine Kennung von Ihnen, an der sie Sie wiedererkennt
consent-profile = Ihren Namen und Ihren Anmeldenamen
consent-email = Ihre E-Mail-Adresse
consent-address = Ihre Postanschrift
consent-phone = Ihre Telefonnummer
consent-groups = Die Gruppen, zu denen Sie gehören
consent-offline = Zugriff, solange Sie hier angemeldet sind, ohne jedes Mal zu fragen
consent-context = Welchen Datensatz Sie öffnen wollten
consent-resource = Die Erlaubnis, bei { $resource } für Sie zu handeln
consent-scope = Die Erlaubnis „{ $scope }“
consent-known = Das haben Sie schon früher erlaubt
consent-yes = Zustimmen
consent-no = Nicht zustimmen
consent-later = Sie können den Zugriff jederzeit auf Ihrer Kontoseite entziehen.
applications-title = Verbundene Anwendungen
applications-lead = Was jede über Sie wissen oder für Sie tun darf. Entziehen Sie den Zugriff, muss sie erneut fragen.
applications-none = Keine Anwendung hat Zugriff.
applications-link = Verbundene Anwendungen
applications-since = Erlaubt
applications-withdraw = Zugriff entfernen
applications-withdraw-one = „{ $application }“ den Zugriff entziehen

# Wie man bei Diensten ankommt, für Admins: Sprossen einer Leiter.
admin-services-title = Dienste
admin-services-lead = Wie Nutzer bei jedem angemeldet werden, die schwächste Art zuerst.
admin-services-none = Es gibt noch keinen Dienst.
admin-rung = Sicherheit: { $strength }
admin-rung-none = Sicherheit: keine
strength-very-high = sehr hoch
strength-high = hoch
strength-medium = mittel
strength-low = niedrig
rung-none = Nur ein Deep Link: Die Anwendung meldet Nutzer selbst an.
rung-link = Die Anwendung fragt uns selbst, wer der Nutzer ist. Einen stärkeren Weg gibt es nicht.
rung-oidc = Die Anwendung startet die Anmeldung selbst und prüft sie bei uns; Abgefangenes ist wertlos.
rung-request_init = Die Anwendung startet die Anmeldung selbst und prüft sie per SAML bei uns.
rung-code = Ein Einmalcode geht durch den Browser; nur die Anwendung kann ihn einlösen. Kann sie OpenID-Client sein, verwenden Sie oidc.
rung-cas = Ein Ticket geht durch den Browser und wird dahinter geprüft. Kann die Anwendung OpenID-Client sein, verwenden Sie oidc.
rung-saml = Eine unaufgeforderte Assertion: Manche Anwendungen nehmen sie zweimal an. Hat sie eine Adresse, die ihre Anmeldung startet, verwenden Sie request_init.
rung-form_jwt = Die signierte Identität geht durch den Browser. Kann die Anwendung uns zurückfragen, nehmen Sie code.
rung-forward_auth = Die Seite vertraut ihrem Gateway. Sie sollte den signierten Header prüfen.
rung-discourse = Forum und Portal teilen ein Geheimnis. Kann das Forum OpenID-Client sein, verwenden Sie oidc.
rung-jwt = Die Anwendung erwartet ein Token, meist mit geteiltem Geheimnis. Kann sie OpenID-Client sein, verwenden Sie oidc.
