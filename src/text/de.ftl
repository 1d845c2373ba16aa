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
sign-in-name = Name
sign-in-password = Passwort
sign-in-submit = Anmelden
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-continue = Weiter
repost-lead = Zurück von { $provider }: einen Augenblick.
repost-unasked = { $provider } möchte Sie hier anmelden. Gehen Sie nur weiter, wenn Sie gerade von dort kommen.
sign-in-onward = Danach geht es zu { $target }.
sign-in-others = Andere Wege, sich anzumelden
show-password = Passwort zeigen
hide-password = Passwort verbergen
trouble-wrong = Name und Passwort passen nicht zusammen. Bitte versuchen Sie es noch einmal.
trouble-throttled = Zu viele Versuche. Bitte warten Sie { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
  }.
trouble-down = „{ $provider }“ antwortet gerade nicht. Es liegt nicht an Ihnen. Bitte versuchen Sie es in einer Minute noch einmal.
trouble-down-other-way = „{ $provider }“ antwortet gerade nicht. Es liegt nicht an Ihnen. Versuchen Sie es in einer Minute noch einmal oder wählen Sie unten einen anderen Weg.
trouble-denied = „{ $provider }“ hat Sie zurückgeschickt, ohne Sie anzumelden. Versuchen Sie es noch einmal oder fragen Sie dort nach.
trouble-invalid = „{ $provider }“ hat uns etwas geschickt, das wir nicht annehmen können. Es liegt nicht an Ihnen. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es Ihrem Helpdesk.
trouble-stale = „{ $provider }“ hat Sie nicht neu angemeldet, und hierfür ist das nötig. Melden Sie sich dort ab und versuchen Sie es noch einmal.
trouble-another-person = Das ist das Konto einer anderen Person. Bestätigen Sie bitte mit Ihrem eigenen oder melden Sie sich zuerst ab.
trouble-refused = Auf diesem Weg dürfen Sie sich nicht anmelden. Bitte fragen Sie Ihren Helpdesk.
trouble-expired = Ihr Passwort ist abgelaufen. Ändern Sie es dort, wo Sie es sonst tun, und kommen Sie dann wieder.
trouble-disabled = Ihr Konto ist abgeschaltet. Bitte fragen Sie Ihren Helpdesk.
trouble-busy = Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.
destination = { $record } in { $service }

## Abmelden
sign-out-title = Abmelden?
sign-out-advice = Sie werden hier abgemeldet. Geöffnete Anwendungen können angemeldet bleiben, bis Sie sie schließen.
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-advice = An einem gemeinsam genutzten Rechner schließen Sie bitte auch den Browser.
sign-in-again = Wieder anmelden

## Portal
portal-title = Ihre Dienste
portal-greeting = Hallo, { $name }
portal-lead = Wohin möchten Sie?
search-label = Ihre Dienste durchsuchen
search-placeholder = Dienste suchen
search-submit = Suchen
search-key-hint = Mit / zur Suche
search-clear = Alle zeigen
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
tile-closed = Zurzeit geschlossen
records-title = Datensatz öffnen
records-lead = Geben Sie die Nummer ein. Wir wissen, wo er liegt.
record-type = Art
record-key = Nummer
record-submit = Finden
recent-title = Zuletzt geöffnet
recent-none = Was Sie öffnen, liegt hier bereit.
recent-in = in { $service }
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
open-unknown-type = Diese Art von Datensatz kennen wir nicht.
open-here = { $record } in { $service }: { $intent }
intent-view = Öffnen
intent-edit = Bearbeiten
intent-create = Anlegen

## Instanz wählen
choose-title = Welcher Ort?
choose-lead = { $service } gibt es an mehreren Orten. Wohin möchten Sie?
choose-lead-record = { $record } lässt sich an mehreren Orten öffnen. Wohin möchten Sie?

## Wohin ein Dienst führt, und warum
service-title = Wohin { $service } führt
service-open = { $service } öffnen
service-why = Warum
service-why-lead = Die Regeln Ihrer Organisation werden von oben gelesen. Die erste, die passt, entscheidet.
service-rules-none = Es gibt keine Regeln: Alle kommen an denselben Ort.
rule-matched = Passt
rule-passed-over = Passt nicht
rule-not-reached = Nicht nötig
verdict-rule = Sie kommen zu { $instance }, weil die Regel „{ $rule }“ auf Sie passt.
verdict-default = Sie kommen zu { $instance }, weil keine andere Regel auf Sie passt.
verdict-only = Sie kommen zu { $instance }. Einen anderen Ort gibt es nicht.
verdict-override = Sie kommen zu { $instance }, weil Sie es so gewählt haben.
verdict-choose = Mehrere Orte passen. Sie wählen jedes Mal.
verdict-none = Keine Regel passt auf Sie, deshalb wissen wir nicht, wohin.
verdict-closed = Sie kämen zu { $instance }, doch dort ist zurzeit geschlossen.
finding-equals = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt „{ $wanted }“
finding-in = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt eines von { $wanted }
finding-contains = { $attribute } enthält { $value } ({ $source }); die Regel sucht „{ $wanted }“
finding-matches = { $attribute } ist „{ $value }“ ({ $source }); die Regel verlangt die Form „{ $wanted }“
finding-missing = { $attribute } ist uns nicht bekannt; die Regel verlangt „{ $wanted }“
finding-not = das darf nicht so sein: { $finding }
finding-always = diese Regel passt auf alle
source-local = aus Ihrem lokalen Konto
source-provider = aus { $provider }
override-title = Woandershin
override-lead = Eine Woche lang kommen Sie stattdessen dorthin.
override-label = Ort
override-submit = Eine Woche so
override-clear = Wieder den Regeln folgen
handoff-title = Wie Sie ankommen
handoff-oidc = Wir melden Sie dort an und übergeben den Datensatz.
handoff-code = Wir melden Sie dort mit einem Einmalcode an und übergeben den Datensatz.
handoff-link = Wir öffnen die richtige Seite. Die Anwendung fragt uns, wer Sie sind.

## Unterwegs
hand-off-title = Wir bringen Sie zu { $service }
hand-off-lead = Wenn nichts geschieht, drücken Sie bitte den Knopf.
hand-off-submit = Weiter
already-title = Sie sind schon angemeldet
already-lead = Sie sind zu einer Seite zurückgekehrt, die ihre Arbeit getan hat.
already-again = { $target } noch einmal öffnen

## Wenn etwas nicht stimmt
problem-request = Anfrage { $id }
problem-why = Warum ist das so?
problem-try-again = Noch einmal versuchen
problem-open-again = Noch einmal öffnen
problem-not-found = Diese Seite finden wir nicht
problem-not-found-advice = Vielleicht ist die Adresse vertippt, oder die Seite ist nicht für Sie bestimmt.
problem-no-instance = Wir wissen nicht, welcher Ort von { $service } Ihrer ist
problem-no-instance-advice = Keine der Regeln passt auf Sie. Ihr Helpdesk kann eine ergänzen; nennen Sie dort den Namen des Dienstes.
problem-instance-closed = { $instance } ist zurzeit geschlossen
problem-instance-closed-advice = Die Betreiber haben es abgeschaltet. Versuchen Sie es später noch einmal oder fragen Sie Ihren Helpdesk.
problem-service-closed = { $service } ist zurzeit geschlossen
problem-service-closed-advice = Die Betreiber haben es abgeschaltet. Versuchen Sie es später noch einmal oder fragen Sie Ihren Helpdesk.
problem-key-invalid = „{ $key }“ sieht nicht richtig aus
problem-key-invalid-advice = Bitte prüfen Sie es auf Tippfehler. { $hint }
problem-type-unknown = Diese Art von Datensatz kennen wir nicht
problem-type-unknown-advice = Vielleicht ist der Link alt oder vertippt. Bitte fragen Sie, von wem Sie ihn haben.
problem-service-cannot-open = { $service } öffnet diese Art von Datensatz nicht
problem-service-cannot-open-advice = Vielleicht ein anderer Dienst. Suchen Sie den Datensatz im Portal.
problem-intent-unknown = Das kann { $service } mit diesem Datensatz nicht
problem-intent-unknown-advice = Der Link verlangt etwas, das es dort nicht gibt. Öffnen können Sie den Datensatz trotzdem.
problem-field-unknown = Dieser Link sagt mehr, als wir verstehen
problem-field-unknown-advice = Der Teil „{ $field }“ gehört nicht hinein. Bitte fragen Sie, von wem Sie ihn haben.
problem-field-invalid = Ein Teil dieses Links sieht nicht richtig aus
problem-field-invalid-advice = Der Teil „{ $field }“ fehlt oder ist vertippt. Bitte fragen Sie, von wem Sie ihn haben.
problem-launch-expired = Das hat zu lange gedauert
problem-launch-expired-advice = Zu Ihrer Sicherheit gilt ein Link nur kurze Zeit. Bitte öffnen Sie ihn noch einmal.
problem-launch-used = Das wurde schon geöffnet
problem-launch-used-advice = Jedes Öffnen gilt einmal. Bitte öffnen Sie den Link noch einmal.
problem-launch-foreign = Das wurde anderswo geöffnet
problem-launch-foreign-advice = Es begann in einem anderen Browser oder für einen anderen Menschen. Bitte öffnen Sie den Link hier noch einmal.
problem-attempt-expired = Das Anmelden hat zu lange gedauert
problem-attempt-expired-advice = Bitte beginnen Sie neu. Ihr Ziel steht in dem Link, von dem Sie kamen.
problem-forbidden = Das ist nicht für Sie geöffnet
problem-forbidden-advice = Wenn Sie es für Ihre Arbeit brauchen, kann Ihr Helpdesk das ändern.
problem-database-away = Usher erreicht sein Gedächtnis nicht
problem-database-away-advice = Nichts ist verloren. Bitte versuchen Sie es gleich noch einmal.
problem-timeout = Das hat zu lange gedauert
problem-timeout-advice = Wir haben aufgehört zu warten. Bitte versuchen Sie es gleich noch einmal.
problem-internal = Hier ist etwas schiefgegangen
problem-internal-advice = Es liegt an uns. Wenn es wieder geschieht, nennen Sie Ihrem Helpdesk die Nummer unten.
problem-cross-site = Dieses Formular haben wir nicht angenommen
problem-cross-site-advice = Es kam von einer anderen Seite, darum haben wir nichts damit getan. Bitte versuchen Sie es vom Portal aus.
problem-bad-request = Das haben wir nicht verstanden
problem-bad-request-advice = In der Anfrage fehlte etwas oder war falsch. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
problem-method = Das geht hier nicht
problem-method-advice = Bitte gehen Sie zum Portal und beginnen Sie dort.
problem-too-large = Das war zu viel auf einmal
problem-too-large-advice = Das Formular war größer, als wir annehmen.
problem-client-unknown = Die Anwendung, die Sie schickt, kennen wir nicht
problem-client-unknown-advice = Bitte sagen Sie es den Betreibern: Ihre Client-ID ist hier nicht registriert.
problem-redirect-unknown = Dorthin schicken wir Sie nicht zurück
problem-redirect-unknown-advice = Die Anwendung nannte eine Adresse, die hier nicht registriert ist. Bitte sagen Sie es den Betreibern.

## Wiederherstellung, neue Passwörter, die erste Verwalterin oder der erste Verwalter
sign-in-forgot = Passwort vergessen?
recover-title = Passwort vergessen?
recover-lead = Sagen Sie uns, wer Sie sind. Wenn wir dürfen, schicken wir Ihnen eine Mail mit einem Link.
recover-who = Name oder Mailadresse
recover-submit = Link schicken
recover-no-mail = Dieses Portal kann keine Mails verschicken. Ihr Helpdesk kann Ihnen einen Link geben.
recover-back = Zurück zur Anmeldung
recover-again = Neuen Link anfordern
recover-sent-title = Schauen Sie in Ihre Mails
recover-sent-lead = Wenn wir Sie kennen, ist eine Mail unterwegs. Ihr Link gilt einmal und eine halbe Stunde lang.
recover-sent-hint = Nach ein paar Minuten noch nichts da? Schauen Sie im Spam-Ordner nach oder fragen Sie Ihren Helpdesk.
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
password-personal = Das ist kaum mehr als Ihr Name, Ihre Adresse oder der Name dieses Portals. Bitte wählen Sie etwas, worauf niemand käme.
password-guessable = Das würden andere früh erraten. Bitte wählen Sie etwas Ungewöhnlicheres.
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
welcome-mail = Mailadresse (darf leer bleiben)
welcome-submit = Mein Konto anlegen
welcome-login-odd = Ein Anmeldename besteht nur aus Buchstaben, Ziffern und . _ - + @.
welcome-login-taken = Dieser Anmeldename ist vergeben. Bitte wählen Sie einen anderen.
welcome-name-odd = Bitte geben Sie Ihren Namen an, mit höchstens 100 Zeichen.
welcome-mail-odd = Diese Mailadresse sieht nicht richtig aus.
local-provider-title = Mit Ihrem { $portal }-Konto anmelden
problem-link-void = Dieser Link gilt nicht mehr
problem-link-void-advice = Er gilt einmal, für kurze Zeit und nur, bis es einen neueren gibt. Wenn Sie ihn noch brauchen, fordern Sie einen neuen an.
problem-link-foreign = Dieser Link wurde anderswo geöffnet
problem-link-foreign-advice = Er gilt in dem Browser weiter, mit dem er zuerst geöffnet wurde. Wenn das nicht Sie waren, fordern Sie einen neuen an.
mail-hello = Guten Tag, { $name }!
mail-hello-nobody = Guten Tag!
mail-not-you = Wenn Sie das nicht angefordert haben, müssen Sie nichts tun: Ohne den Link ändert sich nichts.
mail-reset-subject = Ihr Passwort bei { $portal }
mail-reset-lead = Jemand, hoffentlich Sie, hat bei { $portal } ein neues Passwort angefordert. Mit diesem Link können Sie eines wählen:
mail-reset-after = Er gilt einmal und eine halbe Stunde lang. Wenn Sie sich mit einem zweiten Schritt anmelden, werden Sie danach gefragt.
mail-elsewhere-lead = Jemand, hoffentlich Sie, hat bei { $portal } ein neues Passwort angefordert. Ihr Passwort liegt nicht dort: Sie melden sich über „{ $provider }“ an und können es nur da ändern, wo Sie dieses Konto bekommen haben.
mail-verify-subject = Bitte bestätigen Sie Ihre Adresse für { $portal }
mail-verify-lead = Dieser Link bestätigt { $portal }, dass Mails Sie hier erreichen:
mail-verify-after = Er gilt einmal und einen Tag lang. Wenn Sie nicht wissen, worum es geht, müssen Sie nichts tun.
mail-changed-subject = Ihr Passwort bei { $portal } wurde geändert
mail-changed-lead = Das Passwort Ihres Kontos bei { $portal } wurde gerade geändert, und Sie wurden überall sonst abgemeldet.
mail-changed-after = Wenn Sie das waren, ist alles gut. Wenn nicht, fordern Sie sofort ein neues Passwort an und sagen Sie Ihrem Helpdesk Bescheid.
