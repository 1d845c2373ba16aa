//! Domain module: the downstream issuer, which remote applications trust, whichever protocol they
//! use. A protocol is a folder or file with a row of `PROTOCOLS`; the requests of all protocols are
//! decided in one place.
//!
//! A context reaches an id_token only through a launch: the handle of a launch that is open, of
//! this client and of this session. Anything else is a plain sign-in, never a guess.

mod access;
pub mod cas;
mod claims;
mod client;
mod decide;
mod discourse;
mod forward_auth;
mod logout_delivery;
mod openid;
mod pending;
mod protocol;
mod receipt;
mod refusal;
mod registration;
mod saml;

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use self::protocol::Protocol;
pub use self::{
    client::ClientProof,
    discourse::Forums,
    forward_auth::{ForwardedIdentity, GatewayDecision, Gateways},
    logout_delivery::{AT_ONCE, LogoutDeliveries},
    openid::{
        ConsentQuestion, Consents, EndSessionRequest, OpenId, Presented, ProofContext, TokenReply,
    },
    protocol::{LaunchTicket, LeavingLaunch, artefacts, logout_protocols},
    receipt::{ReceiptCredentials, Receipts},
    refusal::log_refusal,
    registration::{ClientRegistration, RegistrationReply},
    saml::{Saml, SamlLogoutReply, SoapReply},
};
use crate::{
    blocking::{Blocking, Undone},
    catalog::{self, Catalog, Snapshot},
    chance::Chance,
    clock::Clock,
    error::{Error, Result},
    event::Events,
    keys::KeyRing,
    model::{client::Client, place::Permits, user::User},
    net::Net,
    protocol::oauth::OAuthError,
    store::Store,
};

/// Every downstream protocol; each has a folder or file of its own.
const PROTOCOLS: &[Protocol] = &[
    openid::PROTOCOL,
    saml::PROTOCOL,
    cas::PROTOCOL,
    discourse::PROTOCOL,
    forward_auth::PROTOCOL,
];

/// The domain module's state, and what all protocols have in common. The functions of one protocol
/// or concern are on a handle of its own, which borrows this: [`Issuer::openid`], [`Issuer::saml`],
/// [`Issuer::consents`], [`Issuer::receipts`], [`Issuer::logouts`].
#[derive(Clone)]
pub struct Issuer {
    pub store: Store,
    pub catalog: Catalog,
    pub keys: KeyRing,
    pub events: Events,
    pub net: Net,
    /// For CPU-bound work of more than a moment.
    pub blocking: Blocking,
    pub clock: Clock,
    pub chance: Chance,
    pub issuer: Arc<str>,
    /// For the parties that are notified that a session has ended.
    pub places: Permits,
    /// How long after its departure a launch's landing receipt is accepted.
    pub receipt_window: Duration,
    /// A session that is not used for this long has ended.
    pub idle: Duration,
}

/// A failure of a protocol endpoint.
#[derive(Debug)]
pub enum EndpointFault {
    /// For the remote application.
    OAuth(OAuthError),
    /// An internal error; the remote receives `server_error` or `temporarily_unavailable`.
    Own(Error),
}

impl From<OAuthError> for EndpointFault {
    fn from(error: OAuthError) -> Self {
        EndpointFault::OAuth(error)
    }
}

impl From<Error> for EndpointFault {
    fn from(error: Error) -> Self {
        EndpointFault::Own(error)
    }
}

impl EndpointFault {
    /// Whether the client's credentials and codes stay valid for another try.
    fn is_ours(&self) -> bool {
        matches!(self, EndpointFault::Own(error) if error.is_ours())
    }

    /// The error in the protocol's form; internal errors without their cause.
    pub fn to_oauth(&self) -> OAuthError {
        match self {
            EndpointFault::OAuth(error) => error.clone(),
            EndpointFault::Own(Error::Away(_) | Error::TimedOut) => {
                OAuthError::new("temporarily_unavailable", "try again in a moment")
            }
            EndpointFault::Own(Error::TooLarge) => {
                OAuthError::request("the request is too large to be kept")
            }
            EndpointFault::Own(_) => {
                OAuthError::new("server_error", "something went wrong on our side")
            }
        }
    }
}

impl Issuer {
    /// Runs CPU-bound work of more than a moment where it blocks no other request.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let done = self.blocking.run(work).await;
        done.map_err(|undone| match undone {
            Undone::Busy => Error::TimedOut,
            Undone::Interrupted => Error::Internal("the work was interrupted".to_owned()),
        })
    }

    /// The public keys for verifying our signatures.
    pub fn jwks(&self) -> Value {
        serde_json::to_value(self.keys.jwks()).unwrap_or_default()
    }
}

/// The check of everything a client requests in a user's name: at least one of the services it
/// belongs to is open, with its instance, and the user may see it. A client of no service is open
/// to all users.
fn may_enter(snapshot: &Snapshot, client: &Client, user: &User) -> bool {
    let homes = snapshot.homes(&client.id);
    let mut open = homes
        .iter()
        .map(|(service, instance)| catalog::is_open(snapshot, service, instance, user));
    user.disabled_at.is_none() && (homes.is_empty() || open.any(|is_open| is_open))
}
