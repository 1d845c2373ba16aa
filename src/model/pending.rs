//! Requests of applications that wait for their user to sign in, prove more or consent.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::Time, id::PendingId};

/// A request waits this long for its user.
pub const REQUEST_LIFE: Duration = Duration::from_secs(1800);

/// A request, as it is stored and as an address carries it: only its protocol can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// The protocol's name in the issuer's table of protocols.
    pub protocol: String,
    pub request: Value,
}

/// A stored request, and the decisions from when it came.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    pub stored: StoredRequest,
    pub asked_at: Time,
    /// The user must have proved who they are at that time or later.
    pub fresh_since: Option<Time>,
}

/// Parses the id in an address. Those of the release without a common table have the protocol as a
/// prefix.
pub fn id_in_address(text: &str) -> Option<PendingId> {
    let old = ["aut", "sar"]
        .iter()
        .find_map(|kind| text.strip_prefix(kind));
    match old {
        Some(rest) => PendingId::parse(&format!("pen{rest}")),
        None => PendingId::parse(text),
    }
}
