//! DiscourseConnect: what a forum asks, while its user signs in.

use serde::{Deserialize, Serialize};

/// A question whose signature was good. Where the answer goes is what the catalogue says then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscourseRequest {
    pub service: String,
    pub instance: String,
    pub nonce: String,
}
