# Wiederherstellung, neue Passwörter, der erste Administrator.

recover-title = Probleme bei der Anmeldung?
recover-lead = Geben Sie Ihren Anmeldenamen oder Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link zum Zurücksetzen des Passworts.
recover-who = Anmeldename oder E-Mail-Adresse
recover-submit = Link zum Zurücksetzen senden
recover-no-mail = Dieses Portal kann keine E-Mails senden. Bitte wenden Sie sich an Ihren Helpdesk, um einen Link zu erhalten.
recover-back = Zurück zur Anmeldung
recover-sent-title = Prüfen Sie Ihr Postfach
recover-sent-lead = Wenn es zu dieser Eingabe ein Konto gibt, erhalten Sie eine E-Mail. Der Link darin ist 30 Minuten gültig und kann einmal verwendet werden.
recover-sent-hint = Nach einigen Minuten keine E-Mail erhalten? Sehen Sie im Spam-Ordner nach oder wenden Sie sich an Ihren Helpdesk.
recover-done-title = Ihr Passwort wurde festgelegt
recover-done-lead = Sie können sich jetzt damit anmelden.
link-open-title = Neues Passwort wählen
link-open-lead = Sie haben ein neues Passwort angefordert. Alle Ihre Sitzungen hier werden abgemeldet.
link-open-invited = Für Sie wurde ein Konto angelegt. Wählen Sie ein Passwort, um es zu aktivieren.
link-open-submit = Weiter
link-open-hint = Sobald Sie fortfahren, gilt der Link nur noch in diesem Browser.
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
