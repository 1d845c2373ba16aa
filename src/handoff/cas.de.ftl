# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-cas = Sie werden mit einem Ticket angemeldet, und der Datensatz wird übergeben.
grade-cas = Ein Ticket geht durch den Browser und wird von der Anwendung geprüft. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
