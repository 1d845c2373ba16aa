# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-jwt = You are signed in with a token of the type the application expects, and the record is opened.
grade-jwt = The application expects a token, usually with a shared secret. If the application supports OpenID Connect, use oidc.
