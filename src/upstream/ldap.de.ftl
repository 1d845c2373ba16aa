# Was ein Verzeichnis über ein Konto meldet.

trouble-account-expired = Ihr Konto ist abgelaufen. Bitte wenden Sie sich an Ihren Helpdesk.
trouble-not-now = Ihr Konto kann zu dieser Tageszeit nicht verwendet werden.
