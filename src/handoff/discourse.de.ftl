# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-discourse = Das Forum fragt dieses Portal, wer Sie sind, und öffnet das Thema.
grade-discourse = Forum und Portal verwenden ein gemeinsames Geheimnis. Unterstützt das Forum OpenID Connect, verwenden Sie oidc.
