# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-forward_auth = Die Seite ist durch ein Gateway geschützt, das dieses Portal fragt, wer Sie sind.
grade-forward_auth = Die Seite vertraut ihrem Gateway. Sie sollte den signierten Header prüfen.
