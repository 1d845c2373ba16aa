# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-oidc = You are signed in automatically, and the record is passed on.
grade-oidc = The application starts sign-in itself and verifies the user with this portal; intercepted data is useless.
