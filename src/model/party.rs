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
    /// Its id of the user: `sub`, NameID, or the ticket that named them.
    pub subject: String,
    /// Its id of the session, where that is not our own id: OpenID Connect's `sid`; SAML's
    /// SessionIndex, the latest of those it was [`GivenAssertion`]. Where each instance of a
    /// service is a separate application: the slug of the instance.
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

/// The protocol that identified the user to it, and by which it is notified of the logout; by its
/// name in `party_sessions` and `notices`.
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

    /// A name that was read from the store or from a form. Only the issuer can check whether a
    /// protocol has this name.
    pub fn named(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
