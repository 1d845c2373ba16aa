//! A remote application in its OAuth role: what it registered with us.

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
    pub disabled_at: Option<Time>,
}

/// How it proves who it is at the token endpoint.
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
