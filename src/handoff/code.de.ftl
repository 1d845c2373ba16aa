# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-code = Sie werden mit einem Einmalcode angemeldet, und der Datensatz wird übergeben.
grade-code = Ein Einmalcode geht durch den Browser; nur die Anwendung kann ihn einlösen. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
