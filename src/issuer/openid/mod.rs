//! The OpenID provider (OpenID Connect Core 1.0, RFC 6749): one file per endpoint, and the checks
//! that several of them share: the request of a client, the coverage of a grant, the possession of
//! a key, the consent of a user.

mod answer;
mod asked;
mod authorize;
mod backchannel;
mod consent;
mod covers;
mod dpop;
mod end_session;
mod frontchannel;
mod pushed;
mod token;
mod userinfo;

use serde_json::Value;

pub(super) use self::pushed::gone;
pub use self::{
    consent::{ConsentQuestion, Consents},
    dpop::{Presented, ProofContext},
    end_session::EndSessionRequest,
    token::TokenReply,
};
use super::{
    Issuer, claims,
    protocol::{LogoutNotice, Protocol},
};
use crate::protocol::oauth::{self, AuthorizationRequest};

/// The protocol's row.
pub(super) const PROTOCOL: Protocol = Protocol {
    logout: Some(LogoutNotice {
        kind: "oidc",
        title: "protocol-oidc",
        deliver: backchannel::deliver,
        frames: Some(frontchannel::frames),
    }),
    ..Protocol::of::<AuthorizationRequest>()
};

/// The endpoints of the OpenID provider.
#[derive(Clone, Copy)]
pub struct OpenId<'a>(&'a Issuer);

impl Issuer {
    pub fn openid(&self) -> OpenId<'_> {
        OpenId(self)
    }
}

impl OpenId<'_> {
    /// The discovery document (OpenID Connect Discovery 1.0 section 4, RFC 8414).
    pub fn discovery(self) -> Value {
        oauth::discovery(&self.0.issuer, claims::names())
    }
}
