//! What the integration tests and the benchmark share: the whole server in a struct, a manual clock,
//! a browser that keeps cookies and fills forms, remote applications and identity providers that use
//! the real protocols.
//!
//! A library of its own, so that it is compiled once for all crates of tests. It knows none of them.

pub mod admin;
pub mod authenticator;
pub mod ber;
pub mod browser;
pub mod campus;
pub mod cas;
pub mod database;
pub mod domain_controller;
pub mod draft;
pub mod factor;
mod foreign;
pub mod form;
pub mod gate;
pub mod gateway;
pub mod idp;
mod jar;
pub mod lab;
pub mod listener;
pub mod mail;
pub mod op;
pub mod process;
pub mod relying_party;
pub mod remote;
pub mod saml;
pub mod server;
pub mod service_provider;
pub mod shared_secret;
pub mod slapd;
mod template;
pub mod uncounted;
pub mod upstream;
