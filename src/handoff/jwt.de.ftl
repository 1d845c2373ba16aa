# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-jwt = Sie werden mit einem Token des Typs angemeldet, den die Anwendung erwartet, und der Datensatz wird geöffnet.
grade-jwt = Die Anwendung erwartet ein Token, meist mit gemeinsamem Geheimnis. Unterstützt die Anwendung OpenID Connect, verwenden Sie oidc.
