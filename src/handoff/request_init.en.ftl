# How a person is signed in, for that person; and how strong it is, for administrators.

handoff-request_init = The application asks this portal who you are and receives the record.
grade-request_init = The application starts sign-in itself and verifies the person with this portal by SAML.
