//! The harness: the whole server in a struct, a manual clock, a browser that keeps cookies and
//! fills forms, remote applications that use the real protocols.

pub mod authenticator;
pub mod ber;
pub mod browser;
pub mod cas;
pub mod dictated;
pub mod domain_controller;
pub mod draft;
mod foreign;
pub mod form;
pub mod gate;
pub mod gateway;
pub mod house;
pub mod idp;
mod jar;
pub mod listener;
pub mod mail;
pub mod process;
pub mod remote;
pub mod saml;
pub mod service_provider;
pub mod slapd;
pub mod template;
pub mod uncounted;
pub mod upstream;
