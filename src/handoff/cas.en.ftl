# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-cas = You are signed in with a ticket, and the record is passed on.
grade-cas = A ticket passes through the browser and is validated by the application. If the application supports OpenID Connect, use oidc.
