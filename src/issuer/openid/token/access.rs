//! Access tokens: opaque ones for our own userinfo, and signed ones (RFC 9068) for a resource that
//! verifies them itself. Either has a row, under the hash of the opaque token or of the `jti`, so
//! that it can be introspected and revoked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::OpenId;
use crate::{
    clock::Time,
    error::Result,
    id::{Artefact, Bearer, BearerHash},
    model::{
        client::Client,
        session::{Session, SignedIn},
    },
    protocol::{
        jose,
        oauth::{Detail, OAuthError, Params},
    },
};

/// An access token is valid for this long.
pub(super) const ACCESS_LIFE: Duration = Duration::from_secs(300);

/// A token to be issued, before its subject is known.
pub(super) struct MintedAccess {
    /// The opaque token, or the `jti` of the signed one.
    bearer: Bearer,
    /// The resource it is for; none: our own userinfo.
    audience: Option<String>,
    /// The thumbprint of the key it is bound to (RFC 9449 section 6).
    pub key: Option<String>,
}

/// The subject of a signed token.
pub(super) struct Bearing<'a> {
    pub subject: String,
    /// The user, unless a client acts for itself.
    pub who: Option<&'a SignedIn>,
    pub scope: &'a str,
    pub act: Option<&'a ActClaim>,
    pub details: &'a [Detail],
    pub expires_at: Time,
}

/// The actor of the subject, and that actor's own actor (RFC 8693 section 4.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ActClaim {
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<ActClaim>>,
}

/// The claims of a signed access token (RFC 9068 section 2.2).
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a ActClaim>,
    /// RFC 9449 section 6.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    /// RFC 9396 section 9.1.
    #[serde(skip_serializing_if = "<[Detail]>::is_empty")]
    authorization_details: &'a [Detail],
}

/// A key that a token is bound to (RFC 7800 section 3.1).
#[derive(Clone, Copy, Serialize)]
pub(super) struct Confirmation<'a> {
    pub jkt: &'a str,
}

/// A signed token of ours that a client presented, its signature verified.
#[derive(Deserialize)]
pub(super) struct PresentedToken {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub jti: String,
    #[serde(default)]
    pub act: Option<ActClaim>,
}

impl MintedAccess {
    pub fn hash(&self) -> BearerHash {
        self.bearer.hash()
    }

    /// RFC 9449 section 5.
    pub const fn token_type(&self) -> &'static str {
        token_type(self.key.is_some())
    }
}

impl OpenId<'_> {
    pub(super) fn mint_access(self, audience: Option<String>, key: Option<String>) -> MintedAccess {
        let kind = match audience {
            Some(_) => Artefact::TokenId,
            None => Artefact::AccessToken,
        };
        MintedAccess {
            bearer: Bearer::mint(kind, &self.0.chance),
            audience,
            key,
        }
    }

    /// The token as its client gets it.
    pub(super) fn access_text(
        self,
        access: &MintedAccess,
        client: &Client,
        bearing: &Bearing,
        now: Time,
    ) -> Result<String> {
        let Some(audience) = &access.audience else {
            return Ok(access.bearer.as_str().to_owned());
        };
        let session = bearing.who.map(|who| &who.session);
        let claims = AccessClaims {
            iss: &self.0.issuer,
            sub: &bearing.subject,
            aud: audience,
            client_id: &client.id,
            exp: bearing.expires_at.secs(),
            iat: now.secs(),
            jti: access.bearer.as_str(),
            scope: bearing.scope,
            auth_time: session
                .and_then(|session| session.proved_at)
                .map(Time::secs),
            acr: session.map(Session::assurance),
            amr: session.map(|session| session.amr.split_whitespace().collect()),
            act: bearing.act,
            cnf: access.key.as_deref().map(|jkt| Confirmation { jkt }),
            authorization_details: bearing.details,
        };
        self.0
            .keys
            .sign(client.id_token_alg, Some("at+jwt"), &claims)
    }

    /// A signed access token of ours, by its explicit type (RFC 9068 section 4). Its row decides
    /// whether it is still valid.
    pub(super) fn read_signed(self, text: &str) -> Option<PresentedToken> {
        let keys = self.0.keys.jwks();
        let kind = &jose::kind::ACCESS_TOKEN;
        let token = jose::verify(text, &keys, &jose::Algorithm::ALL, kind).ok()?;
        let brought: PresentedToken = token.claims().ok()?;
        (brought.iss == *self.0.issuer).then_some(brought)
    }
}

pub(super) const fn token_type(is_bound: bool) -> &'static str {
    match is_bound {
        true => "DPoP",
        false => "Bearer",
    }
}

/// The one resource a token is requested for (RFC 8707 section 2.2): registered for the client,
/// else the one its grant is for. `covers` checks whether the grant includes it.
pub(super) fn audience(
    client: &Client,
    granted: &[String],
    params: &Params,
) -> Result<Option<String>, OAuthError> {
    let asked = params.resources();
    let chosen = match &asked[..] {
        [] if granted.len() > 1 => {
            return Err(OAuthError::target("say which of the granted resources"));
        }
        [] => granted.first().cloned(),
        [one] => Some(one.clone()),
        _ => return Err(OAuthError::target("a token is for one resource")),
    };
    let Some(resource) = chosen else {
        return Ok(None);
    };
    match client.registration.resources.contains(&resource) {
        true => Ok(Some(resource)),
        false => Err(OAuthError::target(
            "the resource is not registered for this client",
        )),
    }
}
