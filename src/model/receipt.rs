//! Landing receipts: a remote application's word on how a launch ended there. That a code was
//! redeemed says only that the person arrived at the application; whether they stand in the record
//! is known to the application alone.
//!
//! ```text
//! Departed ──code redeemed──▶ arrived ──receipt──▶ landed | refused, once and for all
//! ```

use serde::Deserialize;

use crate::{
    clock::Time,
    id::{LaunchId, SessionId, UserId},
    model::event::EventKind,
};

/// A detail is no longer than this, in characters.
pub const DETAIL_CHARS: usize = 200;

/// How a launch ended, as the application says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The person sees the record.
    Landed,
    Refused {
        reason: Reason,
        /// The application's own words, for the person's export; never put into a page.
        detail: Option<String>,
    },
}

/// Why an application refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    NoSuchRecord,
    NotAllowed,
    Other,
}

/// What stands in the request, as written.
#[derive(Deserialize)]
pub struct Written {
    pub outcome: Verdict,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Landed,
    Refused,
}

/// A departed launch, as far as its receipt is concerned.
#[derive(Clone, Debug)]
pub struct Awaited {
    pub launch: LaunchId,
    pub user: UserId,
    pub session: SessionId,
    pub service: String,
    pub departed_at: Time,
}

/// Why a receipt is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Void {
    /// Not of the shape; with what to change.
    Unreadable(String),
    /// The application did not prove who it is.
    Unproved(String),
    /// The person, the service or the instance was switched off.
    Closed,
    /// Another receipt was given first.
    Contradicts,
    /// The time for it has passed.
    Late,
}

impl Written {
    pub fn outcome(self) -> Result<Outcome, Void> {
        let unreadable = |what: &str| Err(Void::Unreadable(what.to_owned()));
        match (self.outcome, self.reason) {
            (Verdict::Landed, None) if self.detail.is_none() => Ok(Outcome::Landed),
            (Verdict::Landed, _) => unreadable("\"landed\" has neither a reason nor a detail"),
            (Verdict::Refused, None) => unreadable(
                "\"refused\" needs a reason: \"no_such_record\", \"not_allowed\" or \"other\"",
            ),
            (Verdict::Refused, Some(reason)) => match self.detail {
                Some(detail) if !is_detail(&detail) => {
                    unreadable("detail is 1 to 200 characters, without control characters")
                }
                detail => Ok(Outcome::Refused { reason, detail }),
            },
        }
    }
}

fn is_detail(text: &str) -> bool {
    (1..=DETAIL_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control)
}

impl Outcome {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Outcome::Landed => "landed",
            Outcome::Refused { .. } => "refused",
        }
    }

    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Outcome::Landed => None,
            Outcome::Refused { reason, .. } => Some(*reason),
        }
    }

    pub fn detail(&self) -> Option<&str> {
        match self {
            Outcome::Landed => None,
            Outcome::Refused { detail, .. } => detail.as_deref(),
        }
    }

    /// The line of the audit trail that tells of it.
    pub const fn event(&self) -> EventKind {
        match self {
            Outcome::Landed => EventKind::LaunchConfirmed,
            Outcome::Refused { .. } => EventKind::LaunchRejected,
        }
    }

    /// From its columns; nothing if they make no sense.
    pub fn stored(outcome: &str, reason: Option<&str>, detail: Option<String>) -> Option<Self> {
        match outcome {
            "landed" => Some(Outcome::Landed),
            "refused" => Some(Outcome::Refused {
                reason: Reason::parse(reason?)?,
                detail,
            }),
            _ => None,
        }
    }
}

impl Reason {
    pub const ALL: [Reason; 3] = [Reason::NoSuchRecord, Reason::NotAllowed, Reason::Other];

    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::NoSuchRecord => "no_such_record",
            Reason::NotAllowed => "not_allowed",
            Reason::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Void {
    /// For the developer of the application: what is wrong, and what to do.
    pub fn advice(&self) -> &str {
        match self {
            Void::Unreadable(what) | Void::Unproved(what) => what,
            Void::Closed => "the person or the service was switched off since the launch",
            Void::Contradicts => "this launch has another receipt already; the first one stands",
            Void::Late => "the time for a receipt has passed; send it when the record is shown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(verdict: Verdict, reason: Option<Reason>, detail: Option<&str>) -> Written {
        Written {
            outcome: verdict,
            reason,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn who_landed_has_no_excuse() {
        let landed = written(Verdict::Landed, None, None).outcome();
        assert_eq!(landed, Ok(Outcome::Landed));
        for odd in [
            written(Verdict::Landed, Some(Reason::Other), None),
            written(Verdict::Landed, None, Some("x")),
            written(Verdict::Refused, None, Some("x")),
        ] {
            assert!(matches!(odd.outcome(), Err(Void::Unreadable(_))));
        }
    }

    #[test]
    fn a_detail_is_two_hundred_characters_and_no_more() {
        let of = |detail: &str| {
            written(Verdict::Refused, Some(Reason::Other), Some(detail))
                .outcome()
                .is_ok()
        };
        assert!(of(&"ä".repeat(200)) && of("no"));
        assert!(!of(&"ä".repeat(201)) && !of("") && !of("a\0b") && !of("a\nb"));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        for reason in Reason::ALL {
            let outcome = Outcome::Refused {
                reason,
                detail: Some("why".to_owned()),
            };
            let again = Outcome::stored(
                outcome.as_str(),
                outcome.reason().map(Reason::as_str),
                outcome.detail().map(str::to_owned),
            );
            assert_eq!(again, Some(outcome));
        }
        assert_eq!(Outcome::stored("landed", None, None), Some(Outcome::Landed));
        assert_eq!(Outcome::stored("refused", None, None), None);
    }
}
