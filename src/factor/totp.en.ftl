# Authenticator apps: time-based one-time codes.

factor-app = Authenticator app
factor-app-about = A code from your phone
factor-lead-app = Enter the code shown in your authenticator app.
factor-by-app = Use my authenticator app
factor-wrong-app = The code is incorrect or was used before. Please enter the code shown in your app now.
app-title = Set up your authenticator app
app-scan = Scan this QR code with your authenticator app.
app-picture = QR code with the key below
app-type = Or enter this key in the app:
app-code = Code shown in the app
app-submit = Verify
