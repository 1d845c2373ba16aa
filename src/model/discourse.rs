//! DiscourseConnect: a forum's request, while its user signs in.

use serde::{Deserialize, Serialize};

/// A request with a valid signature. Where the answer goes is decided by the catalogue at that
/// time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscourseRequest {
    pub service: String,
    pub instance: String,
    pub nonce: String,
}
