# Passkeys und Sicherheitsschlüssel.

session-by-passkey = mit einem Passkey
passkey = Passkey
factor-passkey = Passkey
factor-passkey-about = Ihr Fingerabdruck, Gesicht oder Sicherheitsschlüssel
factor-lead-passkey = Verwenden Sie Ihren Passkey oder Sicherheitsschlüssel.
factor-use-passkey = Meinen Passkey verwenden
factor-by-passkey = Meinen Passkey oder Sicherheitsschlüssel verwenden
factor-wrong-passkey = Die Prüfung ist fehlgeschlagen. Bitte versuchen Sie es erneut oder wählen Sie eine andere Option.
factor-cloned = Dieser Passkey wurde möglicherweise kopiert und daher abgelehnt. Bitte wählen Sie eine andere Option und wenden Sie sich an Ihren Helpdesk.
factor-taken = Dieser Passkey ist bereits registriert.
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
