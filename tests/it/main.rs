//! The integration tests: one binary, one file per area, all on the whole server.
//!
//! `USHER_TEST_DATABASE` is `sqlite` (the default) or `postgres` (with `USHER_TEST_POSTGRES_URL`):
//! every test here passes on both.

mod support;

mod account;
mod admin;
mod admit;
mod anonymous;
mod architecture;
mod artefact;
mod cas;
mod catalog;
mod command;
mod database;
mod disabled;
mod discourse;
mod event;
mod factor;
mod fault;
mod forward_auth;
mod issuer_oidc;
mod issuer_saml;
mod journey;
mod key;
mod landing;
mod launch;
mod ldap;
mod logout;
mod mapping;
mod names;
mod net;
mod page;
mod realm;
mod receipt;
mod recovery;
mod refusal;
mod route;
mod routing;
mod seed;
mod server;
mod sign_in;
mod stable;
mod store;
mod unknown;
mod upgrade;
mod upstream;
mod upstream_oidc;
mod upstream_saml;
mod uri_template;
