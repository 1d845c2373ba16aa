# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-request_init = The application asks this portal who you are and receives the record.
grade-request_init = The application starts sign-in itself and verifies the user with this portal by SAML.
