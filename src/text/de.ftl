# Die Texte, die mehrere Bereiche teilen: Rahmen der Seiten, Zeiten, Fehler, häufige Schaltflächen. Kurz, in
# gängigen Begriffen, ohne Schuldzuweisung. Alle anderen liegen neben dem, wozu sie gehören, als `*.de.ftl`.
# Schlüssel und Variablen wie im Englischen; fehlt hier einer, gilt der englische Text.
# { "\u00AD" } ist ein weiches Trennzeichen: Kennt ein Browser keine deutsche Silbentrennung, bricht ein langes Wort in
# einer Überschrift dort um.

## Rund um jede Seite
skip-to-content = Zum Inhalt
person-menu = Ihr Konto
sign-out = Abmelden
language = Sprache
footer-about = Single Sign-on für Ihre Dienste.
back-to-portal = Zurück zum Portal

## Anmelden
sign-in-password = Passwort
sign-in-submit = Anmelden
show-password = Passwort anzeigen
hide-password = Passwort verbergen
trouble-throttled = Zu viele Versuche. Bitte versuchen Sie es { $when } erneut.
trouble-refused = Mit dieser Anmeldemethode können Sie sich nicht anmelden. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-disabled = Ihr Konto ist deaktiviert. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-busy = Gerade melden sich viele Personen an. Bitte versuchen Sie es gleich erneut.
destination = { $record } in { $service }

## Abmelden
logouts-none = Noch keine Abmeldungen.

## Portal
tile-choose = Mehrere Instanzen
records-lead = Wählen Sie den Datensatztyp und geben Sie die Nummer oder ID ein.
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
intent-view = Öffnen
intent-edit = Bearbeiten
intent-create = Anlegen

## Instanz eines Dienstes und ihre Begründung
finding-equals = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: „{ $wanted }“
finding-in = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: eines von { $wanted }
finding-contains = { $attribute } enthält { $value } ({ $source }); Bedingung: enthält „{ $wanted }“
finding-matches = { $attribute } ist „{ $value }“ ({ $source }); Bedingung: entspricht „{ $wanted }“
finding-missing = { $attribute } hat keinen Wert; Bedingung: „{ $wanted }“
finding-unknown = die Werte von { $attribute } sind unvollständig ({ $source }), die Bedingung „{ $wanted }“ lässt sich deshalb nicht prüfen
source-provider = aus { $provider }

## Wenn etwas nicht stimmt
problem-request = Anfrage-ID: { $id }
problem-why = Details anzeigen
problem-try-again = Erneut versuchen
problem-open-again = Erneut öffnen
problem-other-user = Als anderer Benutzer anmelden
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
problem-forbidden = Zugriff verweigert
problem-forbidden-advice = Wenn Sie für Ihre Arbeit Zugriff benötigen, wenden Sie sich bitte an Ihren Helpdesk.
problem-database-away = Das Portal ist vorübergehend nicht verfügbar
problem-database-away-advice = Bitte versuchen Sie es in Kürze erneut. Besteht das Problem weiter, wenden Sie sich an Ihren Helpdesk.
problem-timeout = Zeit{ "\u00AD" }überschreitung bei der Anfrage
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
problem-redirect-unknown = Unbekannte Weiterleitungs{ "\u00AD" }adresse
problem-redirect-unknown-advice = Die Anwendung nannte eine Adresse, die hier nicht registriert ist. Bitte wenden Sie sich an die Administratoren der Anwendung.

## Das eigene Konto
account-title = Ihr Konto
account-back = Zurück zu Ihrem Konto
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

## Verwaltung
admin-title = Verwaltung

## Wiederherstellung, neue Passwörter, der erste Administrator
recover-again = Neuen Link anfordern
problem-link-void = Dieser Link ist nicht mehr gültig
problem-link-void-advice = Er kann einmal verwendet werden, ist nur begrenzte Zeit gültig und nur, bis ein neuerer erstellt wird. Wenn Sie ihn noch benötigen, fordern Sie einen neuen an.
problem-link-foreign = Dieser Link wurde in einem anderen Browser geöffnet
problem-link-foreign-advice = Er gilt nur in dem Browser, in dem er zuerst geöffnet wurde. Wenn das nicht Sie waren, fordern Sie einen neuen an.

## Zweite Faktoren
factors-title = Zweite Faktoren
