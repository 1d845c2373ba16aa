# Authenticator-Apps: zeitbasierte Einmalcodes.

factor-app = Authenticator-App
factor-app-about = Ein Code von Ihrem Telefon
factor-lead-app = Geben Sie den Code ein, den Ihre Authenticator-App anzeigt.
factor-by-app = Meine Authenticator-App verwenden
factor-wrong-app = Der Code ist falsch oder wurde bereits verwendet. Bitte geben Sie den Code ein, den Ihre App jetzt anzeigt.
app-title = Authenticator-App einrichten
app-scan = Scannen Sie diesen QR-Code mit Ihrer Authenticator-App.
app-picture = QR-Code mit dem Schlüssel darunter
app-type = Oder geben Sie diesen Schlüssel in der App ein:
app-code = Code, den die App anzeigt
app-submit = Prüfen
