//! One module of the library at a time: the store, the catalogue, commands and settings, and the
//! protocols of identity providers; and the architecture of all of them.
//!
//! `USHER_TEST_DATABASE` is `sqlite` (the default) or `postgres` (with `USHER_TEST_POSTGRES_URL`):
//! every test here passes on both.

mod architecture;
mod catalog;
mod command;
mod database;
mod event;
mod ldap;
mod mapping;
mod net;
mod route;
mod seed;
mod server;
mod store;
mod upstream_oidc;
mod upstream_saml;
mod uri_template;
