# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-saml = Sie werden automatisch angemeldet, und der Datensatz wird übergeben.
grade-saml = Eine unaufgeforderte Assertion: Manche Anwendungen akzeptieren sie zweimal. Hat die Anwendung eine Adresse, die die Anmeldung startet, verwenden Sie request_init.
