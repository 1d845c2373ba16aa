# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-discourse = The forum asks this portal who you are and opens the topic.
grade-discourse = Forum and portal share a secret. If the forum supports OpenID Connect, use oidc.
