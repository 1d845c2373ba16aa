# Die Seiten zum An- und Abmelden.

## Anmelden
sign-in-title = Anmelden
sign-in-name = Anmeldename
confirm-title = Bestätigen Sie Ihre Identität, um { $target } zu öffnen
confirm-title-plain = Bestätigen Sie Ihre Identität
confirm-lead = Hierfür ist eine aktuelle Anmeldung erforderlich. Bitte melden Sie sich erneut an, um fortzufahren.
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-continue = Weiter
repost-lead = Zurück von { $provider } …
repost-unasked = { $provider } möchte Sie hier anmelden. Fahren Sie nur fort, wenn Sie gerade von dort kommen.
sign-in-onward = Nach der Anmeldung gelangen Sie zu { $target }.
sign-in-others = Andere Anmeldemethoden
trouble-wrong = Anmeldename oder Passwort ist falsch. Bitte versuchen Sie es erneut.
trouble-down = „{ $provider }“ antwortet gerade nicht. Bitte versuchen Sie es in einer Minute erneut.
trouble-down-other-way = „{ $provider }“ antwortet gerade nicht. Versuchen Sie es in einer Minute erneut oder wählen Sie unten eine andere Anmeldemethode.
trouble-denied = Die Anmeldung mit „{ $provider }“ wurde abgebrochen oder abgelehnt. Versuchen Sie es erneut oder wenden Sie sich an Ihren Helpdesk.
trouble-invalid = „{ $provider }“ hat eine Antwort gesendet, die nicht akzeptiert werden kann. Versuchen Sie es erneut; besteht das Problem weiter, wenden Sie sich an Ihren Helpdesk.
trouble-stale = „{ $provider }“ hat Sie nicht erneut zur Anmeldung aufgefordert; das ist hier erforderlich. Melden Sie sich dort ab und versuchen Sie es erneut.
trouble-another-person = Dieses Konto gehört einer anderen Person. Bitte verwenden Sie Ihr eigenes oder melden Sie sich zuerst ab.
trouble-expired = Ihr Passwort ist abgelaufen. Ändern Sie es dort, wo Ihre Organisation Passwörter verwaltet, und melden Sie sich dann erneut an.

## Abmelden
sign-out-title = Abmelden?
sign-out-advice = Sie werden hier abgemeldet, und die geöffneten Anwendungen werden benachrichtigt.
sign-out-switch = Sie werden zuerst abgemeldet, und die geöffneten Anwendungen werden benachrichtigt. Danach können Sie sich als anderer Benutzer anmelden und hier weitermachen.
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

## Auf dem Weg zum Dienst
already-title = Sie sind bereits angemeldet
already-lead = Auf dieser Seite haben Sie sich bereits angemeldet.
already-again = { $target } erneut öffnen

## Wenn etwas nicht stimmt
notice-session-ended = Ihre Sitzung ist beendet. Melden Sie sich an, um fortzufahren.
notice-page-expired = Diese Seite ist abgelaufen. Melden Sie sich an, um fortzufahren.
kept-title = Dieses Formular senden?
kept-lead = Ihre Sitzung war beendet, als Sie das Formular gesendet haben. Es wurde noch nichts geändert.
kept-typed = Ihre Eingaben
kept-send = Senden
kept-back = Nicht senden

## Das eigene Konto
sign-in-linking = Dies wird als Anmeldemethode für das Konto von { $name } hinzugefügt.
trouble-linked-elsewhere = Diese Anmeldemethode ist bereits mit einem anderen Konto verknüpft und kann nicht mit Ihrem verknüpft werden.
trouble-link-void = Dieser Vorgang ist nicht mehr gültig. Bitte gehen Sie zurück zu Ihrem Konto und beginnen Sie erneut.

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
change-fixed = Ihr Passwort kann hier nicht geändert werden. Bitte wenden Sie sich an Ihren Helpdesk.
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

## Wiederherstellung, neue Passwörter, der erste Administrator
sign-in-forgot = Probleme bei der Anmeldung?
