//! Sessions at the relying parties: the applications that a user has used in a session of ours, so
//! that each can be notified when it ends.

use std::borrow::Cow;

use crate::{clock::Time, id::SessionId};

/// One remote application that knows a user by one session of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartySession {
    pub session: SessionId,
    pub kind: PartyKind,
    /// Its name in its role: a client's id, a service provider's entity id, a service's slug.
    pub party: String,
    /// How it knows the person: `sub`, NameID, or the ticket that named them.
    pub subject: String,
    /// How it knows the session, where that is not our own id: OpenID Connect's `sid`; SAML's
    /// SessionIndex, the latest of those it was [`GivenAssertion`]. Where each instance of a service
    /// is an application of its own: the slug of the instance.
    pub index: Option<String>,
}

impl PartySession {
    /// The party's id of the session.
    pub fn sid(&self) -> &str {
        self.index.as_deref().unwrap_or(self.session.as_str())
    }
}

/// One assertion that a service provider was given, and so a session at the party, until it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAssertion {
    /// Its SessionIndex (SAML Core section 2.7.2).
    pub index: String,
    /// When the last logout request about it was sent.
    pub asked_at: Option<Time>,
}

/// The protocol that identified the user to it, and by which it is notified of the logout: by the
/// name that the protocol has in `party_sessions` and `notices`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyKind(Cow<'static, str>);

impl PartyKind {
    pub const OIDC: Self = Self::new("oidc");
    pub const SAML: Self = Self::new("saml");
    /// One that identifies the user and supports no notification afterwards: a token in its own
    /// format, DiscourseConnect.
    pub const NO_LOGOUT: Self = Self::new("deaf");

    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// One that the store has kept, or that a form names. Whether a protocol has this name is known
    /// to the issuer alone.
    pub fn named(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
