//! A page behind a gateway: the ticket that brings a user to it, and what lets them stay.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{BearerHash, LaunchId, SessionId},
    model::session::SignedIn,
};

/// A ticket is a redirect away from where it is used.
pub const TICKET_LIFE: Duration = Duration::from_secs(60);

/// A user whom a gateway has sent to us, on the way back to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRequest {
    pub service: String,
    /// Instance and page, sealed: addresses of pages hold keys of records, and lie nowhere in the
    /// clear.
    pub at: String,
}

/// Where the user goes: one instance, and what in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardTarget {
    pub service: String,
    pub instance: String,
    /// Path and query, as the application reads them.
    pub path: String,
    /// The launch that leads there, if one does.
    pub launch: Option<LaunchId>,
}

/// Lets its bearer in once; bound to a session of ours.
#[derive(Clone, Debug)]
pub struct ForwardAuthTicket {
    pub hash: BearerHash,
    pub session: SessionId,
    pub place: ForwardTarget,
    pub expires_at: Time,
}

/// An admitted user, for as long as their session lives.
#[derive(Clone, Debug)]
pub struct ForwardAuthEntry {
    pub who: SignedIn,
    pub place: ForwardTarget,
    /// What the page receives of the launch, where it led.
    pub told: Option<serde_json::Value>,
}
