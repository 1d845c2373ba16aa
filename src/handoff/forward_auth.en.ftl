# How a user is signed in, for that user; and how strong it is, for administrators.

handoff-forward_auth = The page is protected by a gateway that asks this portal who you are.
grade-forward_auth = The page trusts its gateway. It should verify the signed header.
