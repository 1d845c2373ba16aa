//! A signed-in browser, and the visitor a request comes from.

use crate::{
    clock::Time,
    id::{BearerHash, SessionId, UserId},
    model::{
        allowance::{ClientNetwork, Exhausted, Write},
        user::User,
    },
    protocol::oauth::{ACR_ONE_FACTOR, ACR_TWO_FACTORS},
};

/// A signed-in browser. Its id is public (the `sid` of our tokens); the cookie is another secret.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// Slug of the identity provider that vouched.
    pub provider: String,
    /// Authentication method references, RFC 8176, with blanks between.
    pub amr: String,
    /// The authentication context as the provider named it.
    pub acr: Option<String>,
    /// When a second factor was last proved, here or upstream; [`UNKNOWN_TIME`] if the time is not known.
    pub factor_at: Option<Time>,
    /// "Keep me signed in": the session outlives the browser window and does not end by idleness.
    pub remembered_at: Option<Time>,
    pub created_at: Time,
    /// When they signed in here.
    pub authenticated_at: Time,
    /// When the user last authenticated, if the provider reported it: `auth_time` of the id_token.
    /// An unknown time does not satisfy a requirement for a recent proof.
    pub proved_at: Option<Time>,
    pub seen_at: Time,
    pub expires_at: Time,
}

/// A second factor that was proved upstream at a time the provider did not report: it counts, and
/// is older than any requirement.
pub const UNKNOWN_TIME: Time = Time::from_millis(0);

impl Session {
    /// Whether the user is known to have authenticated at that time or later.
    pub fn proved_since(&self, since: Time) -> bool {
        self.proved_at.is_some_and(|at| at >= since)
    }

    /// The authentication context class: whether a second factor was proved.
    pub fn assurance(&self) -> &'static str {
        match self.factor_at {
            Some(_) => ACR_TWO_FACTORS,
            None => ACR_ONE_FACTOR,
        }
    }
}

/// A living session and its user, read together: the right to act as them.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Session,
    pub user: User,
}

/// The sender of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The stored form of the browser cookie; attempts and tickets without a user are bound to it.
    pub browser: BearerHash,
    /// The stored form of the cookie of a trusted device.
    pub trusted: Option<BearerHash>,
    pub signed_in: Option<SignedIn>,
    /// The network address, for limits and the audit trail.
    pub address: String,
    /// The same address, for counting.
    pub client: ClientNetwork,
    /// Shows that a user signed in with this browser before (the device cookie).
    pub device: Option<String>,
    pub user_agent: String,
}

impl Visitor {
    /// The right to insert rows for this request: unlimited for a signed-in user, counted for
    /// others.
    pub fn write(&self, now: Time) -> Result<Write, Exhausted> {
        match self.signed_in {
            Some(_) => Ok(Write::proved()),
            None => self.client.write(now),
        }
    }

    pub fn user_id(&self) -> Option<&UserId> {
        self.signed_in.as_ref().map(|s| &s.user.id)
    }
}
