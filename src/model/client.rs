//! A remote application in its OAuth role: its registration.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    protocol::jose::{Algorithm, JwkSet},
};

/// A registered client (RFC 6749 section 2; OpenID Connect Registration 1.0 section 2).
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub title: String,
    pub auth: ClientAuth,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub initiate_login_uri: Option<String>,
    pub id_token_alg: Algorithm,
    pub registration: Registration,
    pub disabled_at: Option<Time>,
}

/// The prefix of the ids of clients that registered themselves; no seed's has it.
pub const REGISTERED: &str = "dyn-";

/// How it authenticates at the token endpoint.
#[derive(Clone, Debug)]
pub enum ClientAuth {
    /// `client_secret_basic` or `client_secret_post`: SHA-256 of a secret of high entropy.
    Secret { hash: String },
    /// `private_key_jwt` (RFC 7523) with these public keys.
    Keys(JwkSet),
}

/// The names of the two, as the store and the seed write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    #[default]
    ClientSecret,
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Keys go with the method that uses them, and with no other.
    pub fn check_keys(self, has_keys: bool) -> Result<(), String> {
        match (self, has_keys) {
            (AuthMethod::PrivateKeyJwt, false) => {
                Err("private_key_jwt needs its public keys (jwks)".to_owned())
            }
            (AuthMethod::ClientSecret, true) => {
                Err("jwks goes with private_key_jwt, not with a secret".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Further properties a client may register. The defaults are the strictest: no grant but the
/// code's, no scope beyond a sign-in, no logout notification (RFC 7591 section 2; OpenID Connect
/// Back-Channel and Front-Channel Logout 1.0, section 2 each).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Beyond `authorization_code` and the launch code's, which every client has.
    pub grant_types: Vec<GrantType>,
    /// Resource servers (RFC 8707) it may request tokens for, by their absolute URI.
    pub resources: Vec<String>,
    /// Resources it serves itself: it may introspect (RFC 7662) and exchange tokens for them.
    pub serves: Vec<String>,
    /// Scopes beyond OpenID Connect's that it may ask for.
    pub scopes: Vec<String>,
    /// Besides `code`, which every client has (RFC 7591 section 2).
    pub response_types: Vec<ResponseKind>,
    /// Types of RFC 9396 that it may ask for.
    pub authorization_details_types: Vec<String>,
    /// Requests that it did not push first are refused (RFC 9126 section 6).
    pub require_pushed_authorization_requests: bool,
    /// Requests that it did not sign are refused (RFC 9101 section 10.5).
    pub require_signed_request_object: bool,
    /// Tokens are only issued to it if they are bound to a key of its own (RFC 9449 section 5.2).
    pub dpop_bound_access_tokens: bool,
    pub consent: ConsentRule,
    pub subject_type: SubjectType,
    /// Clients of one sector receive the same pairwise subject for a user (Core 1.0 section 8.1);
    /// by default the sector is the host of its first redirect address.
    pub sector: Option<String>,
    pub backchannel_logout_uri: Option<String>,
    pub frontchannel_logout_uri: Option<String>,
}

/// A grant that a client must be registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantType {
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// RFC 8693.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

/// An additional response type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseKind {
    IdToken,
}

/// Whether users are asked before a client receives their data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentRule {
    /// The organisation trusts it, because an admin registered it so.
    #[default]
    Trusted,
    /// Each user is asked once, and again when it requests more.
    Ask,
}

/// The kind of subject that a client receives (Core 1.0 section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    #[default]
    Public,
    Pairwise,
}

impl Client {
    /// The sector of its pairwise subjects: the registered one, or the host of its first redirect
    /// address (Core 1.0 section 8.1), or itself.
    pub fn sector(&self) -> &str {
        let host = || {
            let address = self.redirect_uris.first()?;
            let after = address.split_once("://")?.1;
            after.split(['/', '?', '#', ':']).next()
        };
        let named = self.registration.sector.as_deref();
        named.or_else(host).unwrap_or(&self.id)
    }

    /// Whether its users are asked before it receives their data.
    pub fn asks(&self) -> bool {
        self.registration.consent == ConsentRule::Ask
    }

    /// Whether an admin has named it: the name of one that registered itself is unverified.
    pub fn is_vouched_for(&self) -> bool {
        !self.id.starts_with(REGISTERED)
    }

    /// Whether it is registered for this grant.
    pub fn may(&self, grant: GrantType) -> bool {
        self.registration.grant_types.contains(&grant)
    }
}
