//! A user's own account: their sessions, the identities they are known by, and their history. All
//! of it is visible to the user only; nothing here is a secret.

use std::time::Duration;

use crate::{
    clock::Time,
    id::{EventId, SessionId, sha256},
    model::{assurance::Demand, event::EventFacts, session::Session},
};

/// Lifetime of a proof of identity where an account is changed permanently.
pub const PROOF: Duration = Duration::from_secs(600);

/// The proof that is required before ways to sign in are added or removed: an intruder in an open
/// session must not be able to take over the account. A user with a second factor proves that one,
/// because a new identity could otherwise bypass it.
pub fn proof(has_factors: bool, within: Duration) -> Demand {
    Demand {
        second_factor: has_factors,
        max_age: Some(within.as_secs()),
    }
}

/// One of a user's sessions, with its place. An ended one is kept for a while, too.
#[derive(Clone, Debug)]
pub struct OwnSession {
    pub session: Session,
    pub user_agent: String,
    /// The network address it began at.
    pub address: String,
    pub ended_at: Option<Time>,
}

/// One way a user is known: the name a provider vouches for them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnIdentity {
    /// Slug of the identity provider.
    pub provider: String,
    /// The provider's own lasting id of the user.
    pub subject: String,
    pub linked_at: Time,
    /// When it last signed them in; `None` if never, or before this was recorded.
    pub used_at: Option<Time>,
}

impl OwnIdentity {
    /// Its id in addresses: subjects are long and private.
    pub fn handle(&self) -> String {
        sha256(&format!("identity {} {}", self.provider, self.subject))
    }
}

/// A line of the audit trail as the user it is about reads it.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    pub id: EventId,
    pub at: Time,
    /// The current name, as in [`crate::model::event::EventKind`].
    pub kind: String,
    pub session: Option<SessionId>,
    pub address: Option<String>,
    pub service: Option<String>,
    pub facts: EventFacts,
    /// The user agent of the session, while that is kept.
    pub user_agent: Option<String>,
}

/// Some lines, newest first.
#[derive(Clone, Debug)]
pub struct HistorySlice {
    pub lines: Vec<HistoryEntry>,
    /// Where the next page begins, if there is one.
    pub older: Option<EventId>,
}
