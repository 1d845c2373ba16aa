//! What applications get from the portal and count on: the protocols they speak to it, and that these
//! hold when something fails, when a request is refused, and after an upgrade.
//!
//! `USHER_TEST_DATABASE` is `sqlite` (the default) or `postgres` (with `USHER_TEST_POSTGRES_URL`):
//! every test here passes on both.

mod artefact;
mod cas;
mod discourse;
mod fault;
mod forward_auth;
mod issuer_oidc;
mod issuer_saml;
mod logout;
mod receipt;
mod refusal;
mod stable;
mod upgrade;
