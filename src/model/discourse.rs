//! DiscourseConnect: what a forum asks, while its person signs in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A request waits this long for its person, and a nonce is remembered as answered: three times as
/// long as a forum remembers it.
pub const REQUEST_LIFE: Duration = Duration::from_secs(1800);

/// A question whose signature was good. Where the answer goes is what the catalogue says then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscourseRequest {
    pub service: String,
    pub instance: String,
    pub nonce: String,
}
