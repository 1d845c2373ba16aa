//! Registration by token: the tokens with which applications may register themselves, and the
//! records of those that did.

use crate::{clock::Time, id::RegistrationTokenId};

/// An initial access token (RFC 7591 section 1.2), as its admin sees it.
#[derive(Clone, Debug)]
pub struct RegistrationToken {
    pub id: RegistrationTokenId,
    /// What it was created for, in the admin's words.
    pub title: String,
    /// How many clients it may register, and how many it has.
    pub uses: u32,
    pub used: u32,
    pub made_at: Time,
    pub expires_at: Time,
    pub revoked_at: Option<Time>,
}

/// The origin of a registered client.
#[derive(Clone, Debug)]
pub struct Provenance {
    pub issued_at: Time,
    /// By which token.
    pub by: RegistrationTokenId,
    /// `token_endpoint_auth_method`, as it was registered.
    pub auth_method: String,
}

/// A registered client, as an admin sees it.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    pub id: String,
    pub title: String,
    pub provenance: Provenance,
    pub disabled_at: Option<Time>,
}

impl RegistrationToken {
    /// Why it permits no more registrations, as a word.
    pub fn spent(&self, now: Time) -> Option<&'static str> {
        match () {
            () if self.revoked_at.is_some() => Some("revoked"),
            () if self.expires_at <= now => Some("expired"),
            () if self.used >= self.uses => Some("used up"),
            () => None,
        }
    }
}
