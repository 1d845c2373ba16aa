# Die Texte der Oberfläche: kurz, in gängigen Begriffen, ohne Schuldzuweisung.
# Schlüssel und Variablen wie in en.ftl; fehlt hier einer, gilt der englische Text.

## Rund um jede Seite
skip-to-content = Zum Inhalt
person-menu = Ihr Konto
sign-out = Abmelden
language = Sprache
footer-about = Single Sign-on für Ihre Dienste.
back-to-portal = Zurück zum Portal

## Anmelden
sign-in-title = Anmelden
sign-in-name = Anmeldename
sign-in-password = Passwort
sign-in-submit = Anmelden
confirm-title = Bestätigen Sie Ihre Identität, um { $target } zu öffnen
confirm-title-plain = Bestätigen Sie Ihre Identität
confirm-lead = Hierfür ist eine aktuelle Anmeldung erforderlich. Bitte melden Sie sich erneut an, um fortzufahren.
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-continue = Weiter
repost-lead = Zurück von { $provider } …
repost-unasked = { $provider } möchte Sie hier anmelden. Fahren Sie nur fort, wenn Sie gerade von dort kommen.
sign-in-onward = Nach der Anmeldung gelangen Sie zu { $target }.
sign-in-others = Andere Anmeldemethoden
show-password = Passwort anzeigen
hide-password = Passwort verbergen
trouble-wrong = Anmeldename oder Passwort ist falsch. Bitte versuchen Sie es erneut.
trouble-throttled = Zu viele Versuche. Bitte versuchen Sie es { $when } erneut.
trouble-down = „{ $provider }“ antwortet gerade nicht. Bitte versuchen Sie es in einer Minute erneut.
trouble-down-other-way = „{ $provider }“ antwortet gerade nicht. Versuchen Sie es in einer Minute erneut oder wählen Sie unten eine andere Anmeldemethode.
trouble-denied = Die Anmeldung mit „{ $provider }“ wurde abgebrochen oder abgelehnt. Versuchen Sie es erneut oder wenden Sie sich an Ihren Helpdesk.
trouble-invalid = „{ $provider }“ hat eine Antwort gesendet, die nicht akzeptiert werden kann. Versuchen Sie es erneut; besteht das Problem weiter, wenden Sie sich an Ihren Helpdesk.
trouble-stale = „{ $provider }“ hat Sie nicht erneut zur Anmeldung aufgefordert; das ist hier erforderlich. Melden Sie sich dort ab und versuchen Sie es erneut.
trouble-another-person = Dieses Konto gehört einer anderen Person. Bitte verwenden Sie Ihr eigenes oder melden Sie sich zuerst ab.
trouble-refused = Mit dieser Anmeldemethode können Sie sich nicht anmelden. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-expired = Ihr Passwort ist abgelaufen. Ändern Sie es dort, wo Ihre Organisation Passwörter verwaltet, und melden Sie sich dann erneut an.
trouble-disabled = Ihr Konto ist deaktiviert. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-busy = Gerade melden sich viele Personen an. Bitte versuchen Sie es gleich erneut.
destination = { $record } in { $service }

## Abmelden
sign-out-title = Abmelden?
sign-out-advice = Sie werden hier abgemeldet, und die geöffneten Anwendungen werden benachrichtigt.
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-advice = Wenn Sie diesen Computer gemeinsam mit anderen nutzen, schließen Sie bitte auch den Browser.
sign-in-again = Erneut anmelden
parties-title = Ihre Anwendungen
parties-soon = Ihre Anwendungen werden benachrichtigt …
parties-next = Eine Anwendung meldet Sie auf einer eigenen Seite ab. Danach kehren Sie zu dieser Seite zurück; falls nicht, verwenden Sie die Zurück-Schaltfläche Ihres Browsers.
parties-go-on = Weiter
parties-look-again = Erneut prüfen
parties-frame = Eine Anwendung meldet Sie ab
party-waiting = wird benachrichtigt
party-again = konnte nicht benachrichtigt werden; wir versuchen es erneut. Schließen Sie die Anwendung jetzt, wenn andere diesen Computer nutzen
party-confirmed = hat Sie abgemeldet
party-failed = konnte nicht benachrichtigt werden. Bitte melden Sie sich dort ab; schließen Sie die Anwendung auch, wenn andere diesen Computer nutzen
party-asked = wurde aufgefordert, Sie abzumelden, bestätigt dies aber nicht. Schließen Sie die Anwendung, wenn andere diesen Computer nutzen
party-impossible = kann nicht benachrichtigt werden. Bitte melden Sie sich dort ab; schließen Sie die Anwendung auch, wenn andere diesen Computer nutzen
logouts-title = Abmeldebericht
logouts-lead = Anwendungen, die in den letzten sieben Tagen über Ihre Abmeldung benachrichtigt wurden.
logouts-none = Noch keine Abmeldungen.
logouts-link = Abmeldebericht

## Portal
portal-title = Ihre Dienste
portal-greeting = Hallo, { $name }
portal-lead = Wohin möchten Sie?
search-label = Ihre Dienste durchsuchen
search-placeholder = Dienste suchen
search-submit = Suchen
search-key-hint = Mit / zur Suche
search-clear = Alle anzeigen
search-none = Keine Dienste gefunden.
search-count = { $count ->
    [one] 1 Dienst
   *[other] { $count } Dienste
  }
services-title = Dienste
services-none = Keine Dienste verfügbar
services-none-advice = Für Sie ist noch kein Dienst eingerichtet. Bitte wenden Sie sich an Ihren Helpdesk.
tile-choose = Mehrere Instanzen
tile-about = Details zum Dienst
tile-about-service = Details zu { $service }
tile-nowhere = Keine Instanz zugeordnet
tile-unknown = Ihr Zugriff konnte nicht ermittelt werden
tile-closed = Nicht verfügbar
records-title = Datensatz öffnen
records-lead = Wählen Sie den Datensatztyp und geben Sie die Nummer oder ID ein.
record-type = Datensatztyp
record-key = Nummer oder ID
record-submit = Suchen
recent-title = Zuletzt geöffnet
recent-none = Geöffnete Datensätze werden hier angezeigt.
recent-in = in { $service }
recent-arrived = Gesendet
recent-confirmed = Geöffnet
recent-no-such-record = Nicht gefunden
recent-not-allowed = Zugriff verweigert
recent-refused = Nicht geöffnet
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
open-idle = Die Dienste, die den Datensatz öffnen können, werden hier angezeigt.
open-found = Wo möchten Sie { $record } öffnen?
open-none = Kein passender Dienst
open-none-advice = Keiner Ihrer Dienste kann { $record } öffnen.
open-invalid = Diese Nummer oder ID ist ungültig
open-invalid-advice = Bitte prüfen Sie sie auf Tippfehler.
open-unknown-type = Unbekannter Datensatztyp.
open-here = { $record } in { $service }: { $intent }
intent-view = Öffnen
intent-edit = Bearbeiten
intent-create = Anlegen

## Instanz wählen
choose-title = Instanz wählen
choose-lead = { $service } hat mehrere Instanzen. Welche möchten Sie öffnen?
choose-lead-record = { $record } lässt sich in mehreren Instanzen öffnen. Welche möchten Sie verwenden?

## Instanz eines Dienstes und ihre Begründung
service-title = { $service }: Ihre Instanz
service-open = { $service } öffnen
service-why = Regeln
service-why-lead = Die Regeln Ihrer Organisation werden von oben nach unten geprüft. Die erste Regel, die zutrifft, entscheidet.
service-rules-none = Es gibt keine Regeln: Alle Personen gelangen zur selben Instanz.
service-rules-missing = Für diesen Dienst ist noch keine Regel eingerichtet; er lässt sich deshalb nicht öffnen. Bitte wenden Sie sich an Ihren Helpdesk.
rule-matched = Trifft zu
rule-passed-over = Trifft nicht zu
rule-unanswered = Nicht ermittelbar
rule-not-reached = Nicht geprüft
verdict-rule = Sie gelangen zu { $instance }, weil die Regel „{ $rule }“ auf Sie zutrifft.
verdict-default = Sie gelangen zu { $instance }, der Standardinstanz, weil keine besondere Regel auf Sie zutrifft.
verdict-only = Sie gelangen zu { $instance }. Es ist die einzige Instanz.
verdict-override = Sie gelangen zu { $instance }, weil Sie diese Instanz gewählt haben.
verdict-choose = Für Sie sind mehrere Instanzen verfügbar. Sie wählen jedes Mal eine aus.
verdict-none = Keine Regel trifft auf Sie zu; deshalb ist Ihnen keine Instanz zugeordnet.
verdict-unknown = Ihr Identitätsanbieter hat nicht alle Daten übermittelt, die eine Regel benötigt. Deshalb konnte Ihre Instanz nicht ermittelt werden. Ihr Administrator kann dort einstellen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
verdict-closed = Sie würden zu { $instance } gelangen, doch diese Instanz ist vorübergehend nicht verfügbar.
finding-equals = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: „{ $wanted }“
finding-in = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: eines von { $wanted }
finding-contains = { $attribute } enthält { $value } ({ $source }); Bedingung: enthält „{ $wanted }“
finding-matches = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: entspricht „{ $wanted }“
finding-missing = { $attribute } hat keinen Wert; Bedingung: „{ $wanted }“
finding-unknown = die Werte von { $attribute } sind unvollständig ({ $source }), die Bedingung „{ $wanted }“ lässt sich deshalb nicht prüfen
finding-not = darf nicht erfüllt sein: { $finding }
finding-always = diese Regel gilt für alle Personen
source-local = aus Ihrem lokalen Konto
source-provider = aus { $provider }
override-title = Andere Instanz verwenden
override-lead = Eine Woche lang gelangen Sie stattdessen zur gewählten Instanz.
override-label = Instanz
override-submit = Eine Woche lang verwenden
override-clear = Zugeordnete Instanz verwenden
handoff-title = So werden Sie angemeldet
handoff-oidc = Sie werden automatisch angemeldet, und der Datensatz wird übergeben.
handoff-code = Sie werden mit einem Einmalcode angemeldet, und der Datensatz wird übergeben.
handoff-cas = Sie werden mit einem Ticket angemeldet, und der Datensatz wird übergeben.
handoff-form_jwt = Sie werden mit einem signierten Formular angemeldet, und der Datensatz wird übergeben.
handoff-request_init = Die Anwendung fragt dieses Portal, wer Sie sind, und erhält den Datensatz.
handoff-saml = Sie werden automatisch angemeldet, und der Datensatz wird übergeben.
handoff-forward_auth = Die Seite ist durch ein Gateway geschützt, das dieses Portal fragt, wer Sie sind.
handoff-link = Die richtige Seite wird geöffnet. Die Anwendung fragt dieses Portal, wer Sie sind.
handoff-discourse = Das Forum fragt dieses Portal, wer Sie sind, und öffnet das Thema.
handoff-jwt = Sie werden mit einem Token des Typs angemeldet, den die Anwendung erwartet, und der Datensatz wird geöffnet.

## Auf dem Weg zum Dienst
hand-off-title = { $service } wird geöffnet
hand-off-lead = Wenn nichts geschieht, wählen Sie „Weiter“.
hand-off-submit = Weiter
unvouched-title = Weiter zu { $host }?
unvouched-lead = „{ $application }“ hat sich hier selbst registriert. Die Anwendung wurde nicht von einem Administrator von { $portal } geprüft. Fahren Sie nur fort, wenn Sie diese Adresse kennen.
unvouched-continue = Weiter zu { $host }
unvouched-stay = Auf diesem Portal bleiben
turned-away-nothing = Datensatz in { $service } nicht gefunden
turned-away-no-record = { $record } in { $service } nicht gefunden
turned-away-nothing-advice = Sie waren dort angemeldet, aber der gewünschte Datensatz existiert nicht. Bitte prüfen Sie die Nummer oder ID.
turned-away-no-record-advice = Sie waren dort angemeldet, aber { $record } existiert nicht. Bitte prüfen Sie die Nummer oder ID auf Tippfehler.
turned-away-shut = { $service } verweigert den Zugriff auf diesen Datensatz
turned-away-forbidden = { $service } verweigert den Zugriff auf { $record }
turned-away-shut-advice = { $service } verwaltet die Zugriffsrechte selbst. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an die Administratoren des Dienstes.
turned-away-forbidden-advice = { $service } verwaltet die Zugriffsrechte für { $record } selbst. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an die Administratoren des Dienstes.
turned-away-check = Nummer oder ID prüfen
turned-away-elsewhere = Andere Instanz verwenden
already-title = Sie sind bereits angemeldet
already-lead = Auf dieser Seite haben Sie sich bereits angemeldet.
already-again = { $target } erneut öffnen

## Wenn etwas nicht stimmt
problem-request = Anfrage-ID: { $id }
problem-why = Details anzeigen
problem-try-again = Erneut versuchen
problem-open-again = Erneut öffnen
problem-not-found = Seite nicht gefunden
problem-not-found-advice = Vielleicht ist die Adresse falsch geschrieben, oder Sie haben keinen Zugriff auf diese Seite.
problem-no-access = Sie haben keinen Zugriff
problem-no-access-advice = Sie sind als { $name } angemeldet. Dieses Konto hat keinen Zugriff auf das, was dieser Link öffnet, oder der Link ist falsch geschrieben. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an Ihren Helpdesk.
problem-not-set-up = Dieses Portal ist noch nicht eingerichtet
problem-not-set-up-advice = Öffnen Sie zum Einrichten den Link, den „usher serve“ beim Start ausgegeben hat, oder laden Sie mit „usher seed“ einen Katalog.
problem-first-admin-used = Dieser Link wurde bereits verwendet
problem-first-admin-used-advice = Das Portal hat bereits seinen ersten Administrator. Wenn Sie das sind, melden Sie sich an. Wenn nicht, wenden Sie sich an den Betreiber dieses Portals.
problem-first-admin-expired = Dieser Link ist nicht mehr gültig
problem-first-admin-expired-advice = Er gilt eine Stunde lang und nur bis zum nächsten Neustart des Portals. Starten Sie „usher serve“ neu, um einen neuen zu erhalten.
help-desk = Benötigen Sie Hilfe?
problem-no-instance = Ihnen ist keine Instanz von { $service } zugeordnet
problem-no-instance-advice = Keine der Regeln trifft auf Sie zu. Bitte wenden Sie sich an Ihren Helpdesk und nennen Sie den Namen des Dienstes.
problem-not-known = Ihre Instanz von { $service } konnte nicht ermittelt werden
problem-not-known-advice = Ihr Identitätsanbieter hat nicht alle Ihre Gruppen übermittelt. Ihr Helpdesk kann veranlassen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
problem-instance-closed = { $instance } ist nicht verfügbar
problem-instance-closed-advice = Ein Administrator hat diese Instanz deaktiviert. Versuchen Sie es später erneut oder wenden Sie sich an Ihren Helpdesk.
problem-service-closed = { $service } ist nicht verfügbar
problem-service-closed-advice = Ein Administrator hat diesen Dienst deaktiviert. Versuchen Sie es später erneut oder wenden Sie sich an Ihren Helpdesk.
problem-key-invalid = „{ $key }“ ist keine gültige Nummer oder ID
problem-key-invalid-advice = Bitte prüfen Sie sie auf Tippfehler. Erwartetes Format: { $hint }
problem-type-unknown = Unbekannter Datensatztyp
problem-type-unknown-advice = Der Link ist möglicherweise veraltet oder falsch geschrieben. Bitte wenden Sie sich an den Absender des Links.
problem-service-cannot-open = { $service } kann diesen Datensatztyp nicht öffnen
problem-service-cannot-open-advice = Möglicherweise kann es ein anderer Dienst. Suchen Sie den Datensatz im Portal.
problem-intent-unknown = { $service } unterstützt diese Aktion nicht
problem-intent-unknown-advice = Der Link verlangt eine Aktion, die für diesen Datensatz nicht verfügbar ist. Sie können den Datensatz trotzdem öffnen.
problem-field-unknown = Dieser Link enthält einen unbekannten Teil
problem-field-unknown-advice = Der Teil „{ $field }“ wird nicht unterstützt. Bitte wenden Sie sich an den Absender des Links.
problem-field-invalid = Ein Teil dieses Links ist ungültig
problem-field-invalid-advice = Der Teil „{ $field }“ fehlt oder ist ungültig. Bitte wenden Sie sich an den Absender des Links.
problem-launch-expired = Dieser Vorgang ist abgelaufen
problem-launch-expired-advice = Zu Ihrer Sicherheit ist er nur kurze Zeit gültig. Bitte öffnen Sie den Link erneut.
problem-launch-used = Dieser Vorgang wurde bereits verwendet
problem-launch-used-advice = Er ist nur einmal gültig. Bitte öffnen Sie den Link erneut.
problem-launch-foreign = Dieser Vorgang wurde anderswo gestartet
problem-launch-foreign-advice = Er wurde in einem anderen Browser oder von einer anderen Person gestartet. Bitte öffnen Sie den Link hier erneut.
problem-page-expired = Diese Seite ist abgelaufen
problem-page-expired-advice = Bitte melden Sie sich erneut an oder öffnen Sie den Link erneut.
problem-session-ended = Ihre Sitzung ist beendet
problem-session-ended-advice = Bitte melden Sie sich erneut an. Es wurde nichts geändert.
problem-cookies-blocked = Cookies sind blockiert
problem-cookies-blocked-advice = Für die Anmeldung ist ein Cookie dieser Website erforderlich, aber Ihr Browser hat es nicht zurückgesendet. Bitte erlauben Sie Cookies für diese Website oder verwenden Sie einen anderen Browser und versuchen Sie es erneut.
notice-session-ended = Ihre Sitzung ist beendet. Melden Sie sich an, um fortzufahren.
notice-page-expired = Diese Seite ist abgelaufen. Melden Sie sich an, um fortzufahren.
kept-title = Dieses Formular senden?
kept-lead = Ihre Sitzung war beendet, als Sie das Formular gesendet haben. Es wurde noch nichts geändert.
kept-typed = Ihre Eingaben
kept-send = Senden
kept-back = Nicht senden
problem-forbidden = Zugriff verweigert
problem-forbidden-advice = Wenn Sie für Ihre Arbeit Zugriff benötigen, wenden Sie sich bitte an Ihren Helpdesk.
problem-database-away = Das Portal ist vorübergehend nicht verfügbar
problem-database-away-advice = Bitte versuchen Sie es in Kürze erneut. Besteht das Problem weiter, wenden Sie sich an Ihren Helpdesk.
problem-timeout = Zeitüberschreitung bei der Anfrage
problem-timeout-advice = Bitte versuchen Sie es in Kürze erneut.
problem-internal = Ein Fehler ist aufgetreten
problem-internal-advice = Es handelt sich um einen internen Fehler. Tritt er erneut auf, wenden Sie sich an Ihren Helpdesk und nennen Sie die Anfrage-ID unten.
problem-cross-site = Dieses Formular kam von einer anderen Website
problem-cross-site-advice = Zu Ihrer Sicherheit wurde es nicht verarbeitet. Bitte versuchen Sie es vom Portal aus erneut.
problem-bad-ask = Die Anwendung hat eine ungültige Anfrage gesendet
problem-bad-ask-advice = Bitte gehen Sie zurück und beginnen Sie dort erneut. Tritt das Problem wieder auf, teilen Sie den Administratoren der Anwendung Folgendes mit: { $why }.
problem-bad-request = Diese Anfrage konnte nicht verarbeitet werden
problem-bad-request-advice = Ein Teil der Anfrage fehlte oder war ungültig. Bitte gehen Sie zurück und versuchen Sie es erneut.
problem-method = Diese Aktion ist hier nicht verfügbar
problem-method-advice = Bitte beginnen Sie im Portal.
problem-too-large = Das Formular ist zu groß
problem-too-large-advice = Bitte kürzen Sie Ihre Eingaben und versuchen Sie es erneut.
problem-too-many = Zu viele Anfragen
problem-too-many-advice = Aus Ihrem Netzwerk kamen in kurzer Zeit zu viele Anfragen. Bitte warten Sie einen Moment und versuchen Sie es erneut.
problem-client-unknown = Unbekannte Anwendung
problem-client-unknown-advice = Die Client-ID der Anwendung ist hier nicht registriert. Bitte wenden Sie sich an die Administratoren der Anwendung.
problem-redirect-unknown = Unbekannte Weiterleitungsadresse
problem-redirect-unknown-advice = Die Anwendung nannte eine Adresse, die hier nicht registriert ist. Bitte wenden Sie sich an die Administratoren der Anwendung.

## Das eigene Konto
account-title = Ihr Konto
account-back = Zurück zu Ihrem Konto
account-login = Sie melden sich als { $login } an.
account-sessions = Aktive Sitzungen
account-sessions-lead = Wenn Ihnen eine Sitzung unbekannt ist, melden Sie sie ab und ändern Sie danach Ihr Passwort.
session-present = Dieses Gerät
session-where = IP-Adresse
session-since = Angemeldet
session-seen = Zuletzt aktiv
session-proved = Anmeldung
session-by = mit „{ $provider }“
session-by-passkey = mit einem Passkey
session-plain = ein Faktor
session-strong = zwei Faktoren
session-end-named = { $device } abmelden
session-end-others = Auf allen anderen Geräten abmelden
device = { $browser } auf { $system }
device-unknown = Unbekanntes Gerät
device-says = Gemeldet als
place-internal = { $address } (internes Netzwerk)
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
account-ways = Anmeldemethoden
identity-subject = Konto-ID
identity-linked = Verknüpft
identity-used = Zuletzt verwendet
identity-unused = Noch nicht verwendet
identity-remove = Entfernen
identity-remove-named = „{ $provider }“ entfernen
link-another = Weitere Anmeldemethode verknüpfen
link-title = „{ $provider }“ verknüpfen
link-lead = Sie melden sich dort einmal an. Danach können Sie sich auch damit bei diesem Konto anmelden.
link-submit = Dort anmelden
sign-in-linking = Dies wird als Anmeldemethode für das Konto von { $name } hinzugefügt.
unlink-title = „{ $provider }“ als Anmeldemethode entfernen?
unlink-lead = Sitzungen, die damit begonnen wurden, werden abgemeldet, und Daten, die nur dieser Anbieter über Sie übermittelt hat, werden gelöscht. Sie können die Anmeldemethode später wieder verknüpfen.
unlink-present = Ihre aktuelle Sitzung wurde damit begonnen; Sie müssen sich danach erneut anmelden.
unlink-submit = Entfernen
unlink-keep = Abbrechen
trouble-linked-elsewhere = Diese Anmeldemethode ist bereits mit einem anderen Konto verknüpft und kann nicht mit Ihrem verknüpft werden.
trouble-link-void = Dieser Vorgang ist nicht mehr gültig. Bitte gehen Sie zurück zu Ihrem Konto und beginnen Sie erneut.
passkey = Passkey
account-factors-none = Keiner eingerichtet. Sobald Sie einen hinzufügen, werden Sie beim Anmelden danach gefragt.
account-factors-none-rules = Keiner eingerichtet. Wann einer erforderlich ist, legen die Regeln Ihrer Organisation fest.
account-factors = { $count ->
    [one] 1 eingerichtet
   *[other] { $count } eingerichtet
  }
account-password = Passwort ändern
account-known = Ihre Profildaten
account-known-lead = Anwendungen, die Sie öffnen, können diese Daten erhalten. Wenden Sie sich für Korrekturen an die angegebene Quelle.
account-known-nothing = Keine Attribute außer Ihrem Namen.
fact-incomplete = Nicht vollständig: Ihr Identitätsanbieter hat nicht alle Werte übermittelt. Ihr Administrator kann dort einstellen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
fact-name = Attribut
fact-values = Wert
fact-source = Quelle
source-here = in diesem Portal festgelegt
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
account-history = Letzte Aktivitäten
account-history-lead = Anmeldungen und Änderungen an Ihrem Konto, neueste zuerst.
account-history-all = Alle anzeigen
account-export = Ihre Daten exportieren
account-export-lead = Die über Sie gespeicherten Daten in einer Datei, lesbar für Personen und Programme.
account-export-submit = Daten herunterladen
account-done-session = Das Gerät wurde abgemeldet.
account-done-sessions = Alle anderen Sitzungen wurden abgemeldet.
account-done-linked = Verknüpft. Sie können sich ab jetzt mit dieser Methode anmelden.
account-done-known = Diese Anmeldemethode war bereits mit Ihrem Konto verknüpft.
account-done-unlinked = Entfernt. Damit ist keine Anmeldung bei Ihrem Konto mehr möglich.
history-none = Noch keine Aktivitäten.
history-pages = Seiten
history-newest = Neueste
history-older = Ältere
history-signed-in = Angemeldet mit „{ $provider }“
history-confirmed = Identität bestätigt
history-failed = Falsches Passwort für Ihren Anmeldenamen bei „{ $provider }“
history-throttled = Zu viele Versuche, sich mit „{ $provider }“ anzumelden
history-disabled = Anmeldung abgelehnt: Ihr Konto war deaktiviert
history-expired = Anmeldung abgelehnt: Ihr Passwort bei „{ $provider }“ war abgelaufen
history-down = Anmeldung fehlgeschlagen: „{ $provider }“ hat nicht geantwortet
history-refused = Anmeldung mit „{ $provider }“ abgelehnt
history-ended = Abgemeldet
history-ended-elsewhere = Von einem anderen Ihrer Geräte aus abgemeldet
history-ended-upstream = Abgemeldet durch „{ $provider }“
history-ended-surplus = Abgemeldet, weil Sie sich auf zu vielen anderen Geräten angemeldet haben
history-ended-unlinked = Abgemeldet, weil die Anmeldemethode entfernt wurde
history-ended-others = { $count ->
    [one] Ein anderes Gerät abgemeldet
   *[other] { $count } andere Geräte abgemeldet
  }
history-linked = „{ $provider }“ als Anmeldemethode verknüpft
history-unlinked = „{ $provider }“ als Anmeldemethode entfernt
history-consent-given = Sie haben „{ $application }“ den Zugriff erlaubt
history-consent-refused = Sie haben „{ $application }“ den Zugriff verweigert
history-consent-withdrawn = Sie haben „{ $application }“ den Zugriff entzogen
history-exported = Ihre Daten wurden heruntergeladen
history-factor-enrolled = Ein Passkey oder eine Authenticator-App wurde hinzugefügt
history-factors-reset = Ein Administrator hat alle Ihre zweiten Faktoren entfernt; Sie wurden abgemeldet
history-device-trusted = Sie haben ein Gerät als vertrauenswürdig markiert: Dort werden Sie bis zum Ablauf nicht nach dem zweiten Faktor gefragt
history-devices-forgotten = Sie haben alle vertrauenswürdigen Geräte entfernt
history-codes-made = Wiederherstellungscodes wurden erstellt
history-code-used = Zum Anmelden wurde ein Wiederherstellungscode verwendet
history-factor-removed = Ein Passkey oder eine Authenticator-App wurde entfernt
history-factor-refused = Ein falscher zweiter Faktor wurde eingegeben
history-recovery-asked = Für Ihr Konto wurde ein neues Passwort angefordert
history-password-reset = Ihr Passwort wurde über einen Link zurückgesetzt
history-password-changed = Ihr Passwort wurde geändert
history-password-refused = Eine Änderung Ihres Passworts wurde abgelehnt
history-mail-verified = Ihre E-Mail-Adresse wurde bestätigt
history-admin-granted = Sie sind jetzt Administrator dieses Portals
history-admin-revoked = Sie sind nicht mehr Administrator dieses Portals
history-administered = Sie haben „{ $provider }“ als Administrator verwaltet
history-key-rotated = Sie haben die Signaturschlüssel gewechselt
history-key-withdrawn = Sie haben einen Signaturschlüssel widerrufen
history-key-confirmed = Sie haben bestätigt, dass ein Service-Provider ein Zertifikat hat
history-user-disabled = Ihr Konto wurde deaktiviert
history-user-enabled = Ihr Konto wurde wieder aktiviert
history-chosen = Sie haben Ihre Instanz von { $service } gewählt
history-code-reused = Eine Anwendung hat einen Autorisierungscode zweimal verwendet; der dafür erteilte Zugriff wurde widerrufen
history-other = Sonstige Aktivität
## Ein neues Passwort beim Anmelden
change-title = Neues Passwort wählen
change-lead = Für „{ $provider }“. Sobald es geändert ist, sind Sie angemeldet.
change-link = Passwort ändern
change-due = Ihr Passwort ist richtig, muss aber geändert werden, bevor Sie fortfahren können.
change-old = Aktuelles Passwort
change-new = Neues Passwort
change-again = Neues Passwort bestätigen
change-submit = Passwort ändern und anmelden
change-back = Zurück zur Anmeldung
change-differ = Die neuen Passwörter stimmen nicht überein. Bitte geben Sie sie erneut ein.
change-same = Das ist Ihr aktuelles Passwort. Bitte wählen Sie ein anderes.
change-weak = Dieses Passwort entspricht nicht der Passwortrichtlinie Ihrer Organisation. Versuchen Sie ein längeres, das Sie noch nicht verwendet haben.
change-too-young = Ihr Passwort wurde erst vor Kurzem geändert und kann noch nicht erneut geändert werden.
change-history = Passwort bei „{ $provider }“ geändert
change-fixed = Ihr Passwort kann hier nicht geändert werden. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-account-expired = Ihr Konto ist abgelaufen. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-not-now = Ihr Konto kann zu dieser Tageszeit nicht verwendet werden.
trouble-untold = „{ $provider }“ hat nicht mitgeteilt, wann Sie sich dort zuletzt angemeldet haben, und hierfür ist eine aktuelle Anmeldung erforderlich. Wählen Sie eine andere Anmeldemethode oder wenden Sie sich an Ihren Helpdesk.
## Auswahl des Identitätsanbieters und Zugang
realm-title = Anmelden
realm-label = Anmeldename oder E-Mail-Adresse
realm-choices = Oder wählen Sie eine Anmeldemethode
realm-another = Andere Anmeldemethode wählen
realm-lost = Zu dieser Eingabe wurde keine Anmeldemethode gefunden. Bitte prüfen Sie die Eingabe oder wählen Sie unten eine aus.
realm-nothing = Bitte geben Sie Ihren Anmeldenamen oder Ihre E-Mail-Adresse ein.
trouble-not-allowed = Sie haben sich mit „{ $provider }“ angemeldet, aber dieses Konto hat keinen Zugriff auf dieses Portal. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an Ihren Helpdesk.
trouble-not-known = „{ $provider }“ hat nicht alle Ihre Gruppen übermittelt. Deshalb konnte Ihr Zugriff nicht ermittelt werden. Ihr Helpdesk kann veranlassen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
trouble-unknown = Sie haben sich mit „{ $provider }“ angemeldet, aber hier gibt es noch kein Konto für Sie. Bitte wenden Sie sich an Ihren Helpdesk.

## Verwaltung
admin-title = Verwaltung
admin-next-title = Die nächsten Schritte
admin-next-catalogue = Laden Sie die Dienste, Datensatztypen und Clients Ihrer Organisation: Schreiben Sie eine Katalogdatei und führen Sie „usher seed DATEI“ aus.
admin-next-provider = Binden Sie in derselben Datei den Identitätsanbieter Ihrer Organisation ein (OpenID Connect, SAML oder LDAP), damit sich Personen mit ihrem vorhandenen Konto anmelden können.
admin-next-mail = Richten Sie in der Konfiguration den E-Mail-Versand ein ([mail]), damit ein vergessenes Passwort zurückgesetzt werden kann.
admin-next-help-desk = Legen Sie in der Konfiguration die Kontaktdaten des Helpdesks fest ([portal], help_desk_…).
admin-service-unreachable = Dieser Dienst lässt sich nicht öffnen: Er braucht eine Regel, die eine Instanz nennt.
admin-back = Zurück zur Verwaltung
admin-numbers = Übersicht
admin-people = { $count ->
    [one] 1 Person
   *[other] { $count } Personen
  }
admin-people-disabled = { $count ->
    [0] Keine deaktivierten Konten
    [one] 1 deaktiviertes Konto
   *[other] { $count } deaktivierte Konten
  }
admin-people-admins = { $count ->
    [one] 1 Administrator
   *[other] { $count } Administratoren
  }
admin-sessions = { $count ->
    [0] Keine aktiven Sitzungen
    [one] 1 aktive Sitzung
   *[other] { $count } aktive Sitzungen
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
    [one] 1 Identitätsanbieter
   *[other] { $count } Identitätsanbieter
  }
admin-providers-title = Identitätsanbieter
admin-providers-lead = Die Anbieter, mit denen sich Personen anmelden. Sie werden in der Katalogdatei konfiguriert.
admin-providers-none = Es gibt noch keine Identitätsanbieter. Laden Sie einen Katalog mit „usher seed“.
admin-providers-back = Zurück zu den Identitätsanbietern
admin-tag-disabled = deaktiviert
admin-tag-default = Standard
admin-tag-hidden = ausgeblendet
admin-tag-known-only = nur vorhandene Konten
admin-tag-allow = durch eine Bedingung eingeschränkt
admin-tag-marked = Gruppen und Anmeldenamen mit Präfix
admin-tag-kept = Gruppen und Anmeldenamen vertrauenswürdig wie vor der Aktualisierung
admin-document-fetched = abgerufen am
admin-document-until = gültig bis
admin-document-no-end = ohne Ablaufdatum
admin-route-title = Anbieterauswahl testen
admin-route-lead = Der Anbieter wird anhand der Eingabe und der IP-Adresse der Person ausgewählt.
admin-route-who = Anmeldename oder E-Mail-Adresse
admin-route-address = IP-Adresse
admin-route-submit = Testen
admin-route-ask = Kein Anbieter wird automatisch ausgewählt. Die Person wählt selbst.
admin-route-named = { $provider }: im Link genannt
admin-route-remembered = { $provider }: in diesem Browser bereits verwendet
admin-route-default = { $provider }: der Standard
admin-route-domain = { $provider }: zuständig für E-Mail-Adressen von { $what }
admin-route-network = { $provider }: zuständig für das Netzwerk { $what }
admin-check = Verbindung testen
admin-refresh = Dokumente aktualisieren
admin-refreshed = Alle fälligen Dokumente wurden aktualisiert.
admin-documents = Dokumente
admin-addresses = Beim Anbieter eintragen
admin-addresses-lead = Tragen Sie diese Adressen genau so beim Anbieter ein.
admin-settings = Einstellungen
admin-settings-lead = Wie in der Katalogdatei konfiguriert. Geheimnisse werden nie angezeigt.
admin-settings-none = Für diesen Typ gibt es keine Einstellungen.
admin-setting-secret = gesetzt (ausgeblendet)
admin-setting-unset = nicht gesetzt
admin-admission = Zugang und Attribute
admin-routing = Anbieterauswahl
admin-preview = Attributzuordnung testen
admin-preview-lead = Fügen Sie die Claims, die Assertion oder die Attribute ein, die der Anbieter für eine Person sendet. Die Eingabe wird nicht gespeichert.
admin-preview-said = Claims oder Attribute
admin-preview-hint = Claims als JSON, eine SAML-Assertion oder -Response als XML oder Attribute, eines pro Zeile: Name (Anzeigename) = Wert
admin-preview-submit = Ergebnis anzeigen
admin-preview-unreadable = Die Eingabe konnte nicht gelesen werden:
admin-preview-admitted = Diese Person könnte sich anmelden.
admin-preview-known-only = Diese Person könnte sich anmelden, wenn sie bereits ein Konto hat.
admin-preview-refused = Die Anmeldung würde abgelehnt: Die Bedingung ist nicht erfüllt.
admin-preview-unknown = Die Anmeldung würde abgelehnt: Der Anbieter hat nicht alle Daten übermittelt, die die Bedingung benötigt.
admin-preview-attribute = Attribut
admin-preview-values = Werte
admin-preview-from = Quelle
admin-preview-nothing = keine
admin-preview-unused = Nicht verwendet:
admin-seen = { $count ->
    [one] { $name } hat 1 Wert
   *[other] { $name } hat { $count } Werte
  }
admin-seen-pattern = { $count ->
    [one] { $name } hat 1 Wert; passend zu { $pattern }: { $fit }
   *[other] { $name } hat { $count } Werte; passend zu { $pattern }: { $fit }
  }
admin-seen-missing = { $name } fehlt
admin-seen-constant = fester Wert
admin-dropped-pattern = „{ $value }“ entspricht nicht dem Muster
admin-dropped-unlisted = „{ $value }“ ist nicht in der Liste
admin-dropped-blank = „{ $value }“ ist leer oder kann nicht angezeigt werden
admin-dropped-too-long = „{ $value }“ ist zu lang
admin-dropped-spare = „{ $value }“ überschreitet die zulässige Anzahl von Werten
admin-gap-elsewhere = Nicht alle Werte sind bekannt: Der Anbieter hat statt der vollständigen Liste nur einen Verweis übermittelt (Microsoft Entra bei Personen in vielen Gruppen). Konfigurieren Sie ihn so, dass er nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermittelt.
admin-gap-too-many = Die Werte sind nicht bekannt: Es sind mehr, als gespeichert werden können. Konfigurieren Sie den Anbieter so, dass er nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermittelt.
admin-gap-too-long = Nicht alle Werte sind bekannt: Einer ist zu lang, um gespeichert zu werden.
admin-import = Metadaten hochladen
admin-import-lead = Für Anbieter, deren Metadaten nicht von einer Adresse abgerufen werden können.
admin-import-label = Metadaten (XML)
admin-import-file = Oder wählen Sie eine Datei
admin-import-submit = Diese Metadaten verwenden
admin-import-weaker = Es wurde noch nichts geändert. Die neuen Metadaten sind weniger streng als die aktuellen:
admin-import-confirm = Ich habe mit dem Anbieter geklärt, dass dies beabsichtigt ist
admin-logouts-title = Abmeldebenachrichtigungen
admin-logouts-lead = Anwendungen, die über das Ende einer Sitzung benachrichtigt wurden; Fehler zuerst
notice-waiting = Ausstehend
notice-again = Wird erneut versucht
notice-confirmed = Bestätigt
notice-failed = Fehlgeschlagen
notice-browser = Wartet auf den Browser
notice-asked = Angefordert, Bestätigung nicht unterstützt
notice-impossible = Keine Abmeldeadresse
admin-logouts-party = Anwendung
admin-logouts-outcome = Ergebnis
admin-logouts-tries = Versuche
admin-logouts-do = Aktion
admin-logouts-again = Erneut versuchen
admin-logouts-again-at = { $party } erneut benachrichtigen
admin-keys-title = Signaturschlüssel
admin-keys-about = Aktuelle und nächste Schlüssel, Wechsel
admin-keys-lead = Mit diesen Schlüsseln prüfen Anwendungen, dass eine Antwort von diesem Portal stammt. Die Schlüssel werden automatisch gewechselt, sofern nicht anders konfiguriert: Der nächste wird veröffentlicht, bevor damit signiert wird, der vorherige bleibt noch eine Weile veröffentlicht.
admin-keys-tokens = OpenID-Connect-Token ({ $algorithm })
admin-keys-saml = SAML-Assertionen
admin-keys-next = Nächster
admin-keys-current = Aktuell: wird zum Signieren verwendet
admin-keys-retiring = Abgelöst: wird nicht mehr zum Signieren verwendet
admin-keys-from = Signiert ab
admin-keys-since = Signiert seit
admin-keys-until = Veröffentlicht bis
admin-keys-due = Nächster Schlüssel
admin-keys-ends = Zertifikat gültig bis
admin-keys-ending = { $count ->
    [one] Das SAML-Zertifikat läuft in einem Tag ab. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
   *[other] Das SAML-Zertifikat läuft in { $count } Tagen ab. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
  }
admin-keys-ended = Das SAML-Zertifikat ist abgelaufen. Service-Provider lehnen möglicherweise ab, was damit signiert ist. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
admin-keys-saml-by-hand = nur manuell (keys.rotate_saml_days ist 0), weil Service-Provider Kopien des Zertifikats aufbewahren
admin-keys-parties-title = Service-Provider (SAML)
admin-keys-parties-lead = Ein Service-Provider, der eine Kopie unseres Zertifikats aufbewahrt, benötigt das nächste, bevor damit signiert wird. Vermerken Sie hier, welche Service-Provider es haben.
admin-keys-party-unknown = Nicht bekannt, ob er das neueste Zertifikat hat
admin-keys-party-newest = Hat das neueste Zertifikat
admin-keys-party-older = Hat ein älteres Zertifikat, das noch veröffentlicht ist
admin-keys-party-gone = Hat ein Zertifikat, das nicht mehr verwendet wird
admin-keys-party-confirm = Neuestes Zertifikat bestätigen
admin-keys-done-confirmed = Gespeichert.
admin-keys-followed = bereits erstellt
admin-keys-by-hand = nur manuell (keys.rotate_days ist 0)
admin-keys-kid = Schlüssel-ID
admin-keys-fingerprint = Zertifikatfingerabdruck (SHA-256)
admin-keys-pairwise = Das Geheimnis für paarweise Kennungen lässt sich nicht wechseln: Anwendungen würden ihre Nutzer nicht wiedererkennen.
admin-keys-master = Der Hauptschlüssel, der diese Geheimnisse in der Datenbank verschlüsselt, wird auf der Kommandozeile mit „usher rekey“ gewechselt.
admin-keys-rotate-title = Schlüssel vorzeitig wechseln
admin-keys-rotate-lead = Von jedem Typ wird jetzt ein neuer Schlüssel erstellt und veröffentlicht. Er wird zum Signieren verwendet, sobald er für die konfigurierte Zeit veröffentlicht war; Anmeldungen werden nicht unterbrochen.
admin-keys-rotate = Jetzt wechseln
admin-keys-emergency-title = Notfallwechsel
admin-keys-emergency-lead = Eine Anwendung, die unsere Schlüssel zwischenspeichert, lehnt Anmeldungen ab, bis sie die Schlüssel erneut abruft. Eine Anwendung, die unser SAML-Zertifikat manuell erhalten hat, lehnt sie ab, bis sie das neue Zertifikat erhält.
admin-keys-at-once = Schlüssel sofort ersetzen
admin-keys-at-once-about = alles mit den aktuellen Schlüsseln Signierte bleibt gültig, und sie bleiben noch zwei Tage veröffentlicht
admin-keys-leaked = Schlüssel widerrufen und ersetzen
admin-keys-leaked-about = für kompromittierte Schlüssel: alles damit Signierte wird ungültig
admin-keys-confirm = Mir ist bewusst, dass Anmeldungen eine Zeit lang abgelehnt werden können
admin-keys-done-early = Neue Schlüssel wurden veröffentlicht. Sie werden nach der konfigurierten Zeit zum Signieren verwendet.
admin-keys-done-at-once = Ab jetzt werden neue Schlüssel zum Signieren verwendet.
admin-keys-done-leaked = Ab jetzt werden neue Schlüssel zum Signieren verwendet, und die bisherigen wurden widerrufen.
admin-keys-waiting = Es wurden keine Schlüssel erstellt: Die nächsten Schlüssel wurden bereits erstellt.
admin-keys-unconfirmed = Es wurde nichts geändert: Bitte aktivieren Sie zuerst das Kontrollkästchen zur Bestätigung.
admin-events-title = Audit-Protokoll
admin-events-lead = Neueste zuerst
admin-events-about = Anmeldungen, Aufrufe, Änderungen
admin-events-kind = Ereignis
admin-events-all = Alle Ereignisse
admin-events-person = Person (Anmeldename oder ID)
admin-events-submit = Anzeigen
admin-events-none = Keine Einträge gefunden.
admin-events-pages = Seiten
admin-events-newest = Neueste
admin-events-older = Ältere
admin-events-at = Zeitpunkt
admin-events-what = Ereignis
admin-events-who = Person
admin-events-service = Dienst
admin-events-detail = Details
admin-events-address = IP-Adresse
## Wiederherstellung, neue Passwörter, der erste Administrator
sign-in-forgot = Probleme bei der Anmeldung?
recover-title = Probleme bei der Anmeldung?
recover-lead = Geben Sie Ihren Anmeldenamen oder Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link zum Zurücksetzen des Passworts.
recover-who = Anmeldename oder E-Mail-Adresse
recover-submit = Link zum Zurücksetzen senden
recover-no-mail = Dieses Portal kann keine E-Mails senden. Bitte wenden Sie sich an Ihren Helpdesk, um einen Link zu erhalten.
recover-back = Zurück zur Anmeldung
recover-again = Neuen Link anfordern
recover-sent-title = Prüfen Sie Ihr Postfach
recover-sent-lead = Wenn es zu dieser Eingabe ein Konto gibt, erhalten Sie eine E-Mail. Der Link darin ist 30 Minuten gültig und kann einmal verwendet werden.
recover-sent-hint = Nach einigen Minuten keine E-Mail erhalten? Sehen Sie im Spam-Ordner nach oder wenden Sie sich an Ihren Helpdesk.
recover-done-title = Ihr Passwort wurde festgelegt
recover-done-lead = Sie können sich jetzt damit anmelden.
link-door-title = Neues Passwort wählen
link-door-lead = Sie haben ein neues Passwort angefordert. Alle Ihre Sitzungen hier werden abgemeldet.
link-door-invited = Für Sie wurde ein Konto angelegt. Wählen Sie ein Passwort, um es zu aktivieren.
link-door-submit = Weiter
link-door-hint = Sobald Sie fortfahren, gilt der Link nur noch in diesem Browser.
link-password-title = Ihr neues Passwort
link-password-submit = Passwort festlegen
link-password-hint = Danach melden Sie sich mit diesem Passwort an.
password-new = Neues Passwort
password-rule = Mindestens { $count ->
    [one] 1 Zeichen
   *[other] { $count } Zeichen
  }. Mehrere Wörter hintereinander sind leicht zu merken und schwer zu erraten.
password-short = Dieses Passwort ist zu kurz. Bitte verwenden Sie mindestens { $count ->
    [one] 1 Zeichen
   *[other] { $count } Zeichen
  }.
password-long = Dieses Passwort ist zu lang. Bitte verwenden Sie weniger Zeichen.
password-personal = Dieses Passwort besteht fast nur aus Ihrem Namen, Ihrer Adresse oder dem Namen dieses Portals. Bitte wählen Sie ein anderes.
password-guessable = Dieses Passwort ist zu leicht zu erraten. Bitte wählen Sie ein anderes.
own-password-title = Passwort ändern
own-password-lead = Hier bleiben Sie angemeldet. Alle anderen Sitzungen werden abgemeldet.
own-password-current = Aktuelles Passwort
own-password-submit = Passwort ändern
own-password-wrong = Das aktuelle Passwort ist falsch. Bitte versuchen Sie es erneut.
own-password-same = Das ist Ihr aktuelles Passwort. Bitte wählen Sie ein anderes.
own-password-changed = Ihr Passwort wurde geändert.
own-mail-title = Passwort per E-Mail zurücksetzen
own-mail-known = Wenn Sie Ihr Passwort vergessen, kann ein Link zum Zurücksetzen an { $mail } gesendet werden.
own-mail-unknown = Wenn Sie Ihr Passwort vergessen, kann ein Link zum Zurücksetzen an { $mail } gesendet werden, sobald Sie diese Adresse bestätigt haben.
own-mail-submit = Bestätigungs-E-Mail senden
own-mail-sent = Eine Bestätigungs-E-Mail ist unterwegs. Bitte öffnen Sie den Link darin.
verify-mail-title = E-Mail-Adresse bestätigen
verify-mail-lead = Bitte bestätigen Sie, dass { $mail } Ihre E-Mail-Adresse ist.
verify-mail-submit = Bestätigen
mail-verified-title = E-Mail-Adresse bestätigt
mail-verified-lead = Wenn Sie Ihr Passwort vergessen, können wir Ihnen einen Link zum Zurücksetzen senden.
welcome-title = Willkommen bei { $portal }
welcome-lead = Sie legen das erste Administratorkonto dieses Portals an.
welcome-login = Anmeldename
welcome-name = Anzeigename
welcome-mail = E-Mail-Adresse (optional)
welcome-submit = Konto anlegen
welcome-login-odd = Ein Anmeldename darf nur Buchstaben, Ziffern und . _ - + @ enthalten.
welcome-login-taken = Dieser Anmeldename ist bereits vergeben. Bitte wählen Sie einen anderen.
welcome-name-odd = Bitte geben Sie Ihren Namen mit höchstens 100 Zeichen ein.
welcome-mail-odd = Bitte geben Sie eine gültige E-Mail-Adresse ein.
local-provider-title = Mit Ihrem { $portal }-Konto anmelden
problem-link-void = Dieser Link ist nicht mehr gültig
problem-link-void-advice = Er kann einmal verwendet werden, ist nur begrenzte Zeit gültig und nur, bis ein neuerer erstellt wird. Wenn Sie ihn noch benötigen, fordern Sie einen neuen an.
problem-link-foreign = Dieser Link wurde in einem anderen Browser geöffnet
problem-link-foreign-advice = Er gilt nur in dem Browser, in dem er zuerst geöffnet wurde. Wenn das nicht Sie waren, fordern Sie einen neuen an.
mail-hello = Guten Tag, { $name }!
mail-hello-nobody = Guten Tag!
mail-not-you = Wenn Sie dies nicht angefordert haben, können Sie diese E-Mail ignorieren: Ohne den Link ändert sich nichts.
mail-reset-subject = Ihr Passwort bei { $portal } zurücksetzen
mail-reset-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Mit diesem Link wählen Sie es:
mail-reset-after = Er kann einmal verwendet werden und ist 30 Minuten gültig. Wenn Sie einen zweiten Faktor eingerichtet haben, werden Sie danach gefragt.
mail-elsewhere-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Ihr Passwort wird nicht dort verwaltet: Sie melden sich mit „{ $provider }“ an und können es nur dort ändern.
mail-verify-subject = E-Mail-Adresse für { $portal } bestätigen
mail-verify-lead = Bestätigen Sie mit diesem Link Ihre E-Mail-Adresse für { $portal }:
mail-verify-after = Er kann einmal verwendet werden und ist einen Tag gültig. Wenn Sie diese E-Mail nicht erwartet haben, können Sie sie ignorieren.
mail-changed-subject = Ihr Passwort bei { $portal } wurde geändert
mail-changed-lead = Das Passwort Ihres Kontos bei { $portal } wurde gerade geändert, und alle Ihre anderen Sitzungen wurden abgemeldet.
mail-changed-after = Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, fordern Sie sofort ein neues Passwort an und wenden Sie sich an Ihren Helpdesk.
## Zweite Faktoren
factor-title = Zweiter Faktor
factor-purpose-view = Bestätigen Sie Ihre Identität, um { $record } in { $service } zu öffnen.
factor-purpose-edit = Bestätigen Sie Ihre Identität, um { $record } in { $service } zu bearbeiten.
factor-purpose-other = Bestätigen Sie Ihre Identität, um mit { $record } in { $service } fortzufahren.
factor-purpose-service = Bestätigen Sie Ihre Identität, um { $service } zu öffnen.
factor-app = Authenticator-App
factor-app-about = Ein Code von Ihrem Telefon
factor-passkey = Passkey
factor-passkey-about = Ihr Fingerabdruck, Gesicht oder Sicherheitsschlüssel
factor-lead-app = Geben Sie den Code ein, den Ihre Authenticator-App anzeigt.
factor-lead-passkey = Verwenden Sie Ihren Passkey oder Sicherheitsschlüssel.
factor-lead-recovery = Geben Sie einen Ihrer Wiederherstellungscodes ein. Jeder kann einmal verwendet werden.
factor-code = Code
factor-recovery-code = Wiederherstellungscode
factor-submit = Weiter
factor-trust = Diesem Gerät { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
  } lang vertrauen
factor-use-passkey = Meinen Passkey verwenden
factor-others = Andere Optionen
factor-by-app = Meine Authenticator-App verwenden
factor-by-passkey = Meinen Passkey oder Sicherheitsschlüssel verwenden
factor-by-recovery = Einen Wiederherstellungscode verwenden
factor-wrong-app = Der Code ist falsch oder wurde bereits verwendet. Bitte geben Sie den Code ein, den Ihre App jetzt anzeigt.
factor-wrong-recovery = Der Wiederherstellungscode ist falsch oder wurde bereits verwendet.
factor-wrong-passkey = Die Prüfung ist fehlgeschlagen. Bitte versuchen Sie es erneut oder wählen Sie eine andere Option.
factor-cloned = Dieser Passkey wurde möglicherweise kopiert und daher abgelehnt. Bitte wählen Sie eine andere Option und wenden Sie sich an Ihren Helpdesk.
factor-taken = Dieser Passkey ist bereits registriert.
factor-offer-title = Schützen Sie Ihr Konto
factor-offer-lead = Zum Fortfahren ist ein zweiter Faktor erforderlich. Wählen Sie einen; die Einrichtung dauert etwa eine Minute.
factor-back = Zurück
factor-name = Name
factor-rename = Name speichern
factor-change = Ändern
factor-change-which = { $name } ändern
factor-remove-title = Zweiten Faktor entfernen
factor-remove-lead = Sie können ihn hier dann nicht mehr zum Anmelden verwenden.
factor-remove-last = Dies ist Ihr letzter zweiter Faktor. Ihre Wiederherstellungscodes werden ebenfalls entfernt, und wo einer erforderlich ist, werden Sie aufgefordert, einen neuen einzurichten.
factor-remove = Entfernen
factor-never-used = Noch nicht verwendet
factor-used = Verwendet { $when }
app-title = Authenticator-App einrichten
app-scan = Scannen Sie diesen QR-Code mit Ihrer Authenticator-App.
app-picture = QR-Code mit dem Schlüssel darunter
app-type = Oder geben Sie diesen Schlüssel in der App ein:
app-code = Code, den die App anzeigt
app-submit = Prüfen
passkey-title = Passkey hinzufügen
passkey-lead = Ihr Gerät fragt nach Fingerabdruck, Gesicht oder PIN. Sie können auch einen Sicherheitsschlüssel verwenden.
passkey-create = Passkey erstellen
passkey-failed = Das hat nicht funktioniert. Bitte versuchen Sie es erneut.
passkey-known = Dieses Gerät hat bereits einen Passkey für Ihr Konto.
passkey-no-script = Passkeys erfordern JavaScript; es ist in Ihrem Browser deaktiviert. Bitte wählen Sie eine andere Option.
passkey-no-browser = Dieser Browser unterstützt keine Passkeys. Bitte wählen Sie eine andere Option.
passkey-not-here = Passkeys sind an dieser Adresse nicht verfügbar, weil sie kein Hostname ist. Bitte verwenden Sie eine Authenticator-App.
passkey-sign-in = Mit einem Passkey anmelden
passkey-again = Bitte melden Sie sich einmal mit Ihrem Konto an. Danach können Sie Ihren Passkey wieder verwenden.
passkey-unknown = Dieser Passkey ist hier nicht registriert. Bitte wählen Sie eine andere Anmeldemethode.
codes-title = Speichern Sie Ihre Wiederherstellungscodes
codes-lead = Wenn Sie Ihr Telefon oder Ihren Sicherheitsschlüssel verlieren, können Sie sich mit einem dieser Codes anmelden. Jeder kann einmal verwendet werden.
codes-once = Sie werden nur jetzt angezeigt. Drucken Sie sie aus oder speichern Sie sie in einem Passwortmanager, nicht auf dem Gerät, mit dem Sie sich anmelden.
codes-kept = Ich habe sie gespeichert
codes-section = Wiederherstellungscodes
codes-left = { $count ->
    [0] Keine Codes mehr verfügbar. Bitte erstellen Sie neue.
    [one] Noch 1 Code verfügbar. Bitte erstellen Sie bald neue.
   *[other] Noch { $count } Codes verfügbar
  }
codes-renew = Neue Codes erstellen
codes-renew-note = Die aktuellen Codes sind dann nicht mehr gültig.
factors-title = Zweite Faktoren
factors-lead = Wenn Sie einen zweiten Faktor eingerichtet haben, werden Sie bei der Anmeldung danach gefragt, außer auf vertrauenswürdigen Geräten.
factors-lead-rules = Ein zweiter Faktor schützt Ihr Konto zusätzlich zum Passwort. Wann Sie danach gefragt werden, legen die Regeln Ihrer Organisation fest.
factors-none = Sie haben keinen zweiten Faktor eingerichtet. Ohne ihn genügt ein gestohlenes Passwort, um sich bei Ihrem Konto anzumelden.
factors-add = Hinzufügen
devices-title = Vertrauenswürdige Geräte
devices-lead = Auf diesen Geräten werden Sie beim Anmelden nicht nach dem zweiten Faktor gefragt, außer eine Regel verlangt ihn.
device-expires = Läuft { $when } ab
devices-forget = Alle vertrauenswürdigen Geräte entfernen
factors-back = Zurück zu Ihrem Konto

# Was Anwendungen wissen dürfen, gefragt auf dem Weg dorthin.
consent-title = „{ $application }“ den Zugriff auf Ihre Daten erlauben?
consent-as = Sie sind als { $name } ({ $login }) angemeldet. Wenn Sie dies erlauben, erhält die Anwendung:
consent-registered = Diese Anwendung hat sich selbst unter dem Namen „{ $application }“ registriert. Ihre Antwort wird an { $host } gesendet.
consent-openid = Eine Kennung, an der die Anwendung Sie wiedererkennt
consent-profile = Ihren Namen und Anmeldenamen
consent-email = Ihre E-Mail-Adresse
consent-address = Ihre Postanschrift
consent-phone = Ihre Telefonnummer
consent-groups = Die Gruppen, zu denen Sie gehören
consent-offline = Zugriff, solange Sie hier angemeldet sind, ohne jedes Mal zu fragen
consent-context = Den Datensatz, den Sie öffnen möchten
consent-resource = Die Berechtigung, bei { $resource } in Ihrem Namen zu handeln
consent-scope = Die Berechtigung „{ $scope }“
consent-known = Bereits erlaubt
consent-yes = Erlauben
consent-no = Ablehnen
consent-later = Sie können den Zugriff jederzeit auf Ihrer Kontoseite entziehen.
applications-title = Verbundene Anwendungen
applications-lead = Die Daten und Berechtigungen jeder Anwendung. Wenn Sie den Zugriff entziehen, muss die Anwendung erneut fragen.
applications-none = Keine Anwendung hat Zugriff.
applications-link = Verbundene Anwendungen
applications-since = Erlaubt
applications-withdraw = Zugriff entziehen
applications-withdraw-one = „{ $application }“ den Zugriff entziehen

# Wie Personen bei Diensten angemeldet werden, für Administratoren.
admin-services-title = Dienste
admin-services-lead = Wie Personen bei jedem Dienst angemeldet werden, die schwächste Methode zuerst.
admin-services-none = Es gibt noch keine Dienste.
admin-service-shared = Dieselbe Anwendung ist auch für { $services } registriert. Wer einen dieser Dienste nutzen darf, kann sich dort anmelden; es gilt die strengste Anforderung.
admin-rung = Sicherheit: { $strength }
admin-rung-none = Sicherheit: keine
strength-very-high = sehr hoch
strength-high = hoch
strength-medium = mittel
strength-low = niedrig
rung-none = Nur ein Deep Link: Die Anwendung meldet Personen selbst an.
rung-link = Die Anwendung fragt dieses Portal selbst, wer die Person ist. Eine stärkere Methode gibt es nicht.
rung-oidc = Die Anwendung startet die Anmeldung selbst und prüft sie bei diesem Portal; abgefangene Daten sind wertlos.
rung-request_init = Die Anwendung startet die Anmeldung selbst und prüft sie per SAML bei diesem Portal.
rung-code = Ein Einmalcode geht durch den Browser; nur die Anwendung kann ihn einlösen. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
rung-cas = Ein Ticket geht durch den Browser und wird von der Anwendung geprüft. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
rung-saml = Eine unaufgeforderte Assertion: Manche Anwendungen akzeptieren sie zweimal. Hat die Anwendung eine Adresse, die die Anmeldung startet, verwenden Sie request_init.
rung-form_jwt = Die signierte Identität geht durch den Browser. Kann die Anwendung dieses Portal aufrufen, verwenden Sie code.
rung-forward_auth = Die Seite vertraut ihrem Gateway. Sie sollte den signierten Header prüfen.
rung-discourse = Forum und Portal verwenden ein gemeinsames Geheimnis. Unterstützt das Forum OpenID Connect, verwenden Sie oidc.
rung-jwt = Die Anwendung erwartet ein Token, meist mit gemeinsamem Geheimnis. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
