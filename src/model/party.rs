//! Sessions at the relying parties: the applications that a user has used in a session of ours, so
//! that each can be notified when it ends.

use serde::{Deserialize, Serialize};

use crate::{clock::Time, id::SessionId};

/// One remote application that knows a user by one session of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartySession {
    pub session: SessionId,
    pub kind: PartyKind,
    /// Its name in its role: a client's id, a service provider's entity id, a CAS service's slug.
    pub party: String,
    /// Its id of the user: `sub`, NameID, or the CAS ticket that named them.
    pub subject: String,
    /// Its id of the session, where that is not our own id: OpenID Connect's `sid`; SAML's
    /// SessionIndex, the latest of those it was [`GivenAssertion`].
    pub index: Option<String>,
}

impl PartySession {
    /// The party's id of the session.
    pub fn sid(&self) -> &str {
        self.index.as_deref().unwrap_or(self.session.as_str())
    }

    /// The key of the party in a queue: a party that hangs delays only itself. The instances of a
    /// CAS service are separate applications.
    pub fn line(&self) -> String {
        let (kind, party) = (self.kind.as_str(), &self.party);
        match (self.kind, &self.index) {
            (PartyKind::Cas, Some(instance)) => format!("{kind} {party} {instance}"),
            _ => format!("{kind} {party}"),
        }
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

/// The protocol that identified the user to it, and by which it is notified of the logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartyKind {
    Oidc,
    Saml,
    Cas,
    /// A page behind a gateway: it asks about each request.
    Gateway,
    /// One that identifies the user and supports no notification afterwards: a token in its own
    /// format, DiscourseConnect.
    NoLogout,
}

impl PartyKind {
    pub const ALL: [PartyKind; 5] = [
        PartyKind::Oidc,
        PartyKind::Saml,
        PartyKind::Cas,
        PartyKind::Gateway,
        PartyKind::NoLogout,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            PartyKind::Oidc => "oidc",
            PartyKind::Saml => "saml",
            PartyKind::Cas => "cas",
            PartyKind::Gateway => "gate",
            PartyKind::NoLogout => "deaf",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
