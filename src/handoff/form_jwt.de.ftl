# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-form_jwt = Sie werden mit einem signierten Formular angemeldet, und der Datensatz wird übergeben.
grade-form_jwt = Die signierte Identität geht durch den Browser. Kann die Anwendung dieses Portal aufrufen, verwenden Sie code.
