# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-code = You are signed in with a one-time code, and the record is passed on.
grade-code = A one-time code passes through the browser; only the application can redeem it. If the application supports OpenID Connect, use oidc.
