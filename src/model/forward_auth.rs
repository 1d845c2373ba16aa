//! A page behind a gateway: the ticket with which a user enters it, and their session there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{BearerHash, LaunchId, SessionId},
    model::session::SignedIn,
};

/// A ticket is used after one redirect.
pub const TICKET_LIFE: Duration = Duration::from_secs(60);

/// A user whom a gateway has sent to us, on the way back to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRequest {
    pub service: String,
    /// Instance and page, sealed: addresses of pages contain keys of records, and are not stored in
    /// the clear.
    pub at: String,
}

/// The user's destination: one instance, and a page in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardTarget {
    pub service: String,
    pub instance: String,
    /// Path and query, as the application reads them.
    pub path: String,
    /// The launch that leads there, if one does.
    pub launch: Option<LaunchId>,
}

/// Admits its bearer once; bound to a session of ours.
#[derive(Clone, Debug)]
pub struct ForwardAuthTicket {
    pub hash: BearerHash,
    pub session: SessionId,
    pub place: ForwardTarget,
    pub expires_at: Time,
}

/// An admitted user, for as long as their session is active.
#[derive(Clone, Debug)]
pub struct ForwardAuthEntry {
    pub who: SignedIn,
    pub place: ForwardTarget,
    /// The data of the launch that the page receives, where it was the launch's target.
    pub launch_data: Option<serde_json::Value>,
}
