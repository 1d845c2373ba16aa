# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-request_init = Die Anwendung fragt dieses Portal, wer Sie sind, und erhält den Datensatz.
grade-request_init = Die Anwendung startet die Anmeldung selbst und prüft sie per SAML bei diesem Portal.
