# Wie man angemeldet wird, für die Person selbst; und wie stark das ist, für Administratoren.

handoff-link = Die richtige Seite wird geöffnet. Die Anwendung fragt dieses Portal, wer Sie sind.
grade-link = Die Anwendung fragt dieses Portal selbst, wer die Person ist. Eine stärkere Methode gibt es nicht.
