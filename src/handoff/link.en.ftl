# How a person is signed in, for that person; and how strong it is, for administrators.

handoff-link = The right page is opened. The application asks this portal who you are.
grade-link = The application itself asks this portal who the person is. There is no stronger method.
