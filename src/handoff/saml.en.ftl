# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-saml = You are signed in automatically, and the record is passed on.
grade-saml = An unsolicited assertion: some applications accept it twice. If the application has an address that starts sign-in, use request_init.
