//! Landing receipts: a remote application's report on how a launch ended there. The redemption of a
//! code only shows that the user arrived at the application; whether the record was opened is known
//! to the application alone.
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

/// The maximum length of a detail, in characters.
pub const DETAIL_CHARS: usize = 200;

/// How a launch ended, according to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LandingOutcome {
    /// The user sees the record.
    Landed,
    Refused {
        reason: Reason,
        /// The application's own words, for the user's export; never put into a page.
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

/// The body of the request, as written.
#[derive(Deserialize)]
pub struct ReceiptBody {
    pub outcome: ReceiptVerdict,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptVerdict {
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

/// Why a receipt is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptVoid {
    /// Not of the required form; with what to change.
    Unreadable(String),
    /// The application did not authenticate.
    Unproved(String),
    /// The user, the service or the instance was disabled.
    Closed,
    /// Another receipt was given first.
    Contradicts,
    /// The time for it has passed.
    Late,
}

impl ReceiptBody {
    pub fn outcome(self) -> Result<LandingOutcome, ReceiptVoid> {
        let unreadable = |what: &str| Err(ReceiptVoid::Unreadable(what.to_owned()));
        match (self.outcome, self.reason) {
            (ReceiptVerdict::Landed, None) if self.detail.is_none() => Ok(LandingOutcome::Landed),
            (ReceiptVerdict::Landed, _) => {
                unreadable("\"landed\" has neither a reason nor a detail")
            }
            (ReceiptVerdict::Refused, None) => unreadable(
                "\"refused\" needs a reason: \"no_such_record\", \"not_allowed\" or \"other\"",
            ),
            (ReceiptVerdict::Refused, Some(reason)) => match self.detail {
                Some(detail) if !is_detail(&detail) => {
                    unreadable("detail is 1 to 200 characters, without control characters")
                }
                detail => Ok(LandingOutcome::Refused { reason, detail }),
            },
        }
    }
}

fn is_detail(text: &str) -> bool {
    (1..=DETAIL_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control)
}

impl LandingOutcome {
    pub const fn as_str(&self) -> &'static str {
        match self {
            LandingOutcome::Landed => "landed",
            LandingOutcome::Refused { .. } => "refused",
        }
    }

    pub const fn reason(&self) -> Option<Reason> {
        match self {
            LandingOutcome::Landed => None,
            LandingOutcome::Refused { reason, .. } => Some(*reason),
        }
    }

    pub fn detail(&self) -> Option<&str> {
        match self {
            LandingOutcome::Landed => None,
            LandingOutcome::Refused { detail, .. } => detail.as_deref(),
        }
    }

    /// Its event in the audit log.
    pub const fn event(&self) -> EventKind {
        match self {
            LandingOutcome::Landed => EventKind::LaunchConfirmed,
            LandingOutcome::Refused { .. } => EventKind::LaunchRejected,
        }
    }

    /// Parses the columns; `None` if they are invalid.
    pub fn stored(outcome: &str, reason: Option<&str>, detail: Option<String>) -> Option<Self> {
        match outcome {
            "landed" => Some(LandingOutcome::Landed),
            "refused" => Some(LandingOutcome::Refused {
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

impl ReceiptVoid {
    /// For the developer of the application: what is wrong, and what to do.
    pub fn advice(&self) -> &str {
        match self {
            ReceiptVoid::Unreadable(what) | ReceiptVoid::Unproved(what) => what,
            ReceiptVoid::Closed => "the user or the service was disabled since the launch",
            ReceiptVoid::Contradicts => {
                "this launch has another receipt already; the first one stands"
            }
            ReceiptVoid::Late => {
                "the time for a receipt has passed; send it when the record is shown"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(
        verdict: ReceiptVerdict,
        reason: Option<Reason>,
        detail: Option<&str>,
    ) -> ReceiptBody {
        ReceiptBody {
            outcome: verdict,
            reason,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn who_landed_has_no_excuse() {
        let landed = written(ReceiptVerdict::Landed, None, None).outcome();
        assert_eq!(landed, Ok(LandingOutcome::Landed));
        for odd in [
            written(ReceiptVerdict::Landed, Some(Reason::Other), None),
            written(ReceiptVerdict::Landed, None, Some("x")),
            written(ReceiptVerdict::Refused, None, Some("x")),
        ] {
            assert!(matches!(odd.outcome(), Err(ReceiptVoid::Unreadable(_))));
        }
    }

    #[test]
    fn a_detail_is_two_hundred_characters_and_no_more() {
        let of = |detail: &str| {
            written(ReceiptVerdict::Refused, Some(Reason::Other), Some(detail))
                .outcome()
                .is_ok()
        };
        assert!(of(&"ä".repeat(200)) && of("no"));
        assert!(!of(&"ä".repeat(201)) && !of("") && !of("a\0b") && !of("a\nb"));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        for reason in Reason::ALL {
            let outcome = LandingOutcome::Refused {
                reason,
                detail: Some("why".to_owned()),
            };
            let again = LandingOutcome::stored(
                outcome.as_str(),
                outcome.reason().map(Reason::as_str),
                outcome.detail().map(str::to_owned),
            );
            assert_eq!(again, Some(outcome));
        }
        assert_eq!(
            LandingOutcome::stored("landed", None, None),
            Some(LandingOutcome::Landed)
        );
        assert_eq!(LandingOutcome::stored("refused", None, None), None);
    }
}
