# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-form_jwt = You are signed in with a signed form, and the record is passed on.
grade-form_jwt = The signed identity passes through the browser. If the application can call this portal, use code.
