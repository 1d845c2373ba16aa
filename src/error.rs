//! The one domain error, named by what it means to the requester. `http/error.rs` renders it as a
//! page, a fragment or problem+json; protocol errors (OAuth) live in `protocol`. The source of an
//! internal error is logged once at the boundary and never shown.

use std::time::Duration;

use thiserror::Error;

use crate::model::{allowance::Exhausted, explanation::Explanation, launch::TicketVoid};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as the requester is informed of it.
#[derive(Debug, Error)]
pub enum Error {
    /// Does not exist, or the requester may not know that it does.
    #[error("not found")]
    NotFound,
    /// A service that the user may not see, or that does not exist: the answer does not say which.
    #[error("no access to this service")]
    NoAccess,
    #[error("not signed in")]
    Unauthenticated,
    /// A form that was not made by a page of ours.
    #[error("the form comes from another site")]
    CrossSite,
    #[error("refused: {0}")]
    Forbidden(&'static str),
    /// A sign-in that took too long, or that another browser began.
    #[error("the sign-in has expired")]
    AttemptExpired,
    /// The browser sends back no cookie that it was given.
    #[error("the browser keeps no cookies")]
    CookiesBlocked {
        /// The page to try again.
        again: Option<String>,
    },
    /// The launch is blocked for this visitor.
    #[error("the launch is void: {}", .why.as_str())]
    Void {
        why: TicketVoid,
        /// The link again, for the user the ticket belongs to.
        again: Option<String>,
    },
    /// No identity provider and no admin exists yet.
    #[error("the portal is not set up yet")]
    NotSetUp,
    /// The link to the portal's first admin is not valid any more.
    #[error("the first admin's link is void: {}", .0.as_str())]
    FirstAdminLink(crate::model::link::LinkVoid),
    /// A one-time link that is not valid any more.
    #[error("the link is void: {}", .0.as_str())]
    Link(crate::model::link::LinkVoid),
    /// A landing receipt that is refused.
    #[error("the receipt is void: {}", .0.advice())]
    Receipt(crate::model::receipt::ReceiptVoid),
    /// The launch is not possible: what was requested, or its target, does not exist.
    #[error("the launch is refused: {}", .0.reason())]
    Refused(Box<Refusal>),
    /// An authorization request of an unknown client: shown to the user, never redirected.
    #[error("unknown client")]
    UnknownClient,
    /// An address the client did not register.
    #[error("unregistered address")]
    UnknownAddress,
    /// A remote application's request cannot be answered; a sentence for its operator.
    #[error("the application's request is refused: {0}")]
    BadAsk(String),
    /// What was sent cannot be read.
    #[error("invalid: {0}")]
    Invalid(String),
    #[error("no such method here")]
    WrongMethod,
    #[error("the request is too large")]
    TooLarge,
    #[error("the request took too long")]
    TimedOut,
    /// The data in the database was sealed with another master key than ours; a sentence for the
    /// operator of the portal.
    #[error("{0}")]
    MasterKey(String),
    /// The database cannot be used by this process: it belongs to a newer Usher, or its file has
    /// vanished; a sentence for the operator of the portal.
    #[error("{0}")]
    Unfit(String),
    /// One client has made too many requests; it may try again after this time.
    #[error("too many requests")]
    Throttled(Duration),
    /// The database does not answer.
    #[error("the database is away: {0}")]
    Away(String),
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// Whether this is a failure of the portal rather than an answer to the request: nothing that
    /// the request presented is used up by it.
    pub const fn is_ours(&self) -> bool {
        matches!(
            self,
            Error::TimedOut
                | Error::Away(_)
                | Error::Internal(_)
                | Error::MasterKey(_)
                | Error::Unfit(_)
        )
    }
}

/// The reason why a launch cannot depart, with what the user needs to know.
#[derive(Clone, Debug)]
pub enum Refusal {
    UnknownType {
        kind: String,
    },
    /// The service has no link for this type.
    NotOpened {
        service: String,
        kind: String,
    },
    UnknownIntent {
        service: String,
        intent: String,
    },
    /// The user may not use the intent.
    IntentForbidden {
        intent: String,
    },
    BadKey {
        key: String,
        hint: String,
    },
    UnknownField {
        name: String,
    },
    BadField {
        title: String,
    },
    MissingField {
        title: String,
    },
    ServiceClosed {
        service: String,
    },
    InstanceClosed {
        instance: String,
    },
    NoInstance {
        service: String,
        slug: String,
        explanation: Box<Explanation>,
    },
    /// Whether a rule that decides is met cannot be determined: the provider did not say enough.
    Unanswered {
        service: String,
        slug: String,
        explanation: Box<Explanation>,
    },
    /// The admin's settings do not allow a landing.
    Misconfigured {
        service: String,
        detail: String,
    },
}

impl Refusal {
    /// The machine-readable reason: in events, problem types and logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::UnknownType { .. } => "unknown_type",
            Refusal::NotOpened { .. } => "not_opened",
            Refusal::UnknownIntent { .. } => "unknown_intent",
            Refusal::IntentForbidden { .. } => "intent_forbidden",
            Refusal::BadKey { .. } => "bad_key",
            Refusal::UnknownField { .. } => "unknown_field",
            Refusal::BadField { .. } => "bad_field",
            Refusal::MissingField { .. } => "missing_field",
            Refusal::ServiceClosed { .. } => "service_closed",
            Refusal::InstanceClosed { .. } => "instance_closed",
            Refusal::NoInstance { .. } => "no_instance",
            Refusal::Unanswered { .. } => "not_known",
            Refusal::Misconfigured { .. } => "misconfigured",
        }
    }
}

impl From<crate::model::receipt::ReceiptVoid> for Error {
    fn from(void: crate::model::receipt::ReceiptVoid) -> Self {
        Error::Receipt(void)
    }
}

impl From<Exhausted> for Error {
    fn from(Exhausted(wait): Exhausted) -> Self {
        Error::Throttled(wait)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(Box::new(refusal))
    }
}
