//! Where a sign-in leads, without secrets: the request that began it, with nothing of the user who
//! was to be signed in. It travels sealed in the address of the sign-in, so that an attempt that
//! has expired, or that another browser began, starts anew with the same destination.

use serde::{Deserialize, Serialize};

use super::{attempt::LocalPath, launch::Ask, pending::StoredRequest};

/// What was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnTo {
    /// A link to a service or a record.
    Launch(Ask),
    /// A request of an application.
    Request(StoredRequest),
    /// A page of ours.
    Page(String),
}

impl ReturnTo {
    /// A page of ours, unless it is the portal page, the default destination.
    pub fn page(path: &LocalPath) -> Option<Self> {
        let text = path.as_str();
        (*path != LocalPath::portal()).then(|| Self::Page(text.to_owned()))
    }
}
