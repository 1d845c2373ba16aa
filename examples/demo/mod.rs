//! The common parts of both demo applications: settings, the connection to the portal, sessions,
//! and the protection of every page. Nothing here comes from Usher's own library: any application,
//! in any language, would have the same few parts.
//!
//! - [`settings`] the command line
//! - [`net`] outgoing HTTP for the `openidconnect` crate
//! - [`provider`] the portal as an OpenID provider: discovery, keys, verification
//! - [`arrival`] the context a sign-in brought, and the panel that shows it
//! - [`logout`] notifications that a session has ended
//! - [`store`] a store of values under unguessable ids, with a lifetime
//! - [`site`] own address, own cookies, own origin
//! - [`refusal`] why a request was turned away, and the page that says so
//! - [`server`] headers, body limits, graceful stop

#![allow(
    clippy::disallowed_methods,
    reason = "programs of their own: they read their own clock, chance and environment"
)]

pub mod arrival;
pub mod logout;
pub mod net;
pub mod provider;
pub mod receipt;
pub mod refusal;
pub mod server;
pub mod settings;
pub mod site;
pub mod store;
