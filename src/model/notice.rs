//! A notice: one remote application is to be notified that a session has ended, and the outcome.

use crate::{clock::Time, id::UserId, model::party::PartySession};

/// The notification of one party of an ended session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutDelivery {
    pub at: PartySession,
    /// Whose session it was.
    pub user: UserId,
    pub outcome: NoticeOutcome,
    /// How often it was tried, this time included.
    pub tries: i64,
    /// A sentence for the admin.
    pub last_error: Option<String>,
    pub created_at: Time,
    /// When its outcome was last recorded; for a browser's notification, when the browser was asked
    /// to send it.
    pub settled_at: Option<Time>,
}

/// The state of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeOutcome {
    /// It is being sent, or will be tried again.
    Waiting,
    /// The party confirmed it.
    Confirmed,
    /// All tries have failed.
    Failed,
    /// Only the user's browser can notify it (front-channel logout).
    Browser,
    /// It was notified, by us or by the browser, in a way that has no answer: whether it has ended
    /// its session is not known.
    Asked,
    /// The party has no address for notifications.
    Impossible,
}

impl NoticeOutcome {
    const ALL: [NoticeOutcome; 6] = [
        NoticeOutcome::Waiting,
        NoticeOutcome::Confirmed,
        NoticeOutcome::Failed,
        NoticeOutcome::Browser,
        NoticeOutcome::Asked,
        NoticeOutcome::Impossible,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            NoticeOutcome::Waiting => "waiting",
            NoticeOutcome::Confirmed => "confirmed",
            NoticeOutcome::Failed => "failed",
            NoticeOutcome::Browser => "browser",
            NoticeOutcome::Asked => "asked",
            NoticeOutcome::Impossible => "impossible",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}
