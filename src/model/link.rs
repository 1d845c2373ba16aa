//! A link that works once. The link itself is a bearer secret that only its recipient has; the row
//! has its hash, its kind, and the state of the account it was made for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{AttemptId, BearerHash, UserId},
};

/// The purpose of a link. One kind is never accepted as another (THREATS: kind confusion).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The user forgot a password.
    Reset,
    /// The user is given an account and chooses its password.
    Invite,
    /// The operator who installed the portal becomes its first admin.
    FirstAdmin,
    /// The user verifies a mail address.
    VerifyMail,
}

impl LinkKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            LinkKind::Reset => "reset",
            LinkKind::Invite => "invite",
            LinkKind::FirstAdmin => "first-admin",
            LinkKind::VerifyMail => "verify-mail",
        }
    }

    /// `None` for a word that names no kind.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            LinkKind::Reset,
            LinkKind::Invite,
            LinkKind::FirstAdmin,
            LinkKind::VerifyMail,
        ];
        all.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The path under which links of this kind are opened.
    pub const fn path(self) -> &'static str {
        match self {
            LinkKind::Reset => "/recover/",
            LinkKind::Invite => "/invite/",
            LinkKind::FirstAdmin => "/welcome/",
            LinkKind::VerifyMail => "/mail/",
        }
    }

    pub const fn life(self) -> Duration {
        match self {
            LinkKind::Reset => Duration::from_secs(30 * 60),
            LinkKind::FirstAdmin => Duration::from_secs(3600),
            LinkKind::Invite | LinkKind::VerifyMail => Duration::from_secs(24 * 3600),
        }
    }
}

/// The stage of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStage {
    /// Created; not used yet.
    Asked,
    /// A browser has opened it and is the only one that may continue.
    Opened,
    /// The user's second factor was proved in that browser.
    Proven,
    /// It has been used.
    Done,
    /// It was replaced by a newer one, or voided by an act of the user's.
    Void,
}

impl LinkStage {
    pub const fn as_str(self) -> &'static str {
        match self {
            LinkStage::Asked => "asked",
            LinkStage::Opened => "opened",
            LinkStage::Proven => "proven",
            LinkStage::Done => "done",
            LinkStage::Void => "void",
        }
    }

    /// Parses the value of `as_str`; anything else is void.
    pub fn from_stored(text: &str) -> Self {
        match text {
            "asked" => LinkStage::Asked,
            "opened" => LinkStage::Opened,
            "proven" => LinkStage::Proven,
            "done" => LinkStage::Done,
            _ => LinkStage::Void,
        }
    }
}

/// What a link was made for: the account as it was then. Any difference makes the link void.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSnapshot {
    /// The lasting id of the local account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A digest of the password's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The address the link was sent to, or is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The sign-in that was interrupted to request this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptId>,
    /// The browser that opened it, as its cookie is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
}

/// A row.
#[derive(Clone, Debug)]
pub struct OneTimeLink {
    pub token: BearerHash,
    pub kind: LinkKind,
    pub user: Option<UserId>,
    pub stage: LinkStage,
    pub bound: AccountSnapshot,
    pub created_at: Time,
    pub expires_at: Time,
}

/// Why a link is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkVoid {
    /// There is no such link of this kind.
    Unknown,
    Expired,
    /// It was used, or replaced by another.
    Used,
    /// Another browser opened it.
    Foreign,
    /// The account is not what it was: its password, its address, or its being enabled.
    Changed,
}

impl LinkVoid {
    /// The machine-readable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            LinkVoid::Unknown => "unknown",
            LinkVoid::Expired => "expired",
            LinkVoid::Used => "used",
            LinkVoid::Foreign => "foreign",
            LinkVoid::Changed => "changed",
        }
    }
}
