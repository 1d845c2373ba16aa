# Passkeys and security keys.

session-by-passkey = with a passkey
passkey = Passkey
factor-passkey = Passkey
factor-passkey-about = Your fingerprint, face or security key
factor-lead-passkey = Use your passkey or security key.
factor-use-passkey = Use my passkey
factor-by-passkey = Use my passkey or security key
factor-wrong-passkey = Verification failed. Please try again, or choose another option.
factor-cloned = This passkey may have been copied, so it was rejected. Please choose another option, and contact your help desk.
factor-taken = This passkey is already registered.
passkey-title = Add a passkey
passkey-lead = Your device will ask for your fingerprint, your face or a PIN. You can also use a security key.
passkey-create = Create passkey
passkey-failed = That did not work. Please try again.
passkey-known = This device already has a passkey for your account.
passkey-no-script = Passkeys require JavaScript, which is disabled in your browser. Please choose another option.
passkey-no-browser = This browser does not support passkeys. Please choose another option.
passkey-not-here = Passkeys are not available at this address because it is not a host name. Please use an authenticator app.
passkey-sign-in = Sign in with a passkey
passkey-again = Please sign in with your account once. After that, you can use your passkey again.
passkey-unknown = This passkey is not registered here. Please choose another way to sign in.
