# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-oidc = Sie werden automatisch angemeldet, und der Datensatz wird übergeben.
grade-oidc = Die Anwendung startet die Anmeldung selbst und prüft sie bei diesem Portal; abgefangene Daten sind wertlos.
