# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-link = The right page is opened. The application asks this portal who you are.
grade-link = The application itself asks this portal who the user is. There is no stronger method.
