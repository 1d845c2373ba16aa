//! What both demo applications need and what says nothing about their business:
//! settings, the connection to the portal, sessions, and the armour around every
//! page. Nothing here comes from Usher's own library: an application of anybody's,
//! in any language, would carry the same few parts.
//!
//! - [`settings`] the command line
//! - [`net`] outgoing HTTP for the `openidconnect` crate
//! - [`provider`] the portal as an OpenID provider: discovery, keys, verification
//! - [`arrival`] the context a sign-in brought, and the panel that shows it
//! - [`logout`] the portal saying that a session has ended
//! - [`shelf`] things kept for a while under an unguessable id
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
pub mod shelf;
pub mod site;
