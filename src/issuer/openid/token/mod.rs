//! The token endpoint (RFC 6749 section 3.2): one file per grant type, and the endpoints for issued
//! tokens.

mod access;
mod alive;
mod code;
mod credentials;
mod exchange;
mod introspect;
mod refresh;
mod revoke;

use serde::Serialize;

use super::{OpenId, ProofContext};
use crate::{
    issuer::{ClientProof, EndpointFault},
    model::{
        client::{Client, GrantType},
        context::CarriedContext,
    },
    protocol::oauth::{Detail, LAUNCH_CODE_GRANT, OAuthError, Params, TOKEN_EXCHANGE},
};

/// A successful answer (RFC 6749 section 5.1; OpenID Connect Core 1.0 section 3.1.3.3). A launch
/// code's redemption has the launch beside the token as well, for clients that parse no JWT.
#[derive(Serialize)]
pub struct TokenReply {
    access_token: String,
    token_type: &'static str,
    /// RFC 8693 section 2.2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
    /// What was granted, where context was asked for (RFC 9396 section 7).
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_details: Option<Vec<Detail>>,
    #[serde(flatten)]
    launch: Option<LaunchExtension>,
}

#[derive(Serialize)]
struct LaunchExtension {
    launch_id: String,
    intent: String,
    target_link_uri: String,
    return_uri: String,
    ctx: Vec<CarriedContext>,
}

impl OpenId<'_> {
    /// Answers a client with a grant of any type.
    pub async fn token(
        self,
        authorization: Option<&str>,
        dpop: Option<&str>,
        params: &Params,
    ) -> Result<TokenReply, EndpointFault> {
        let snapshot = self.0.catalog.snapshot();
        let proof = ClientProof::read(authorization, params)?;
        let client = self.0.prove(&snapshot, &proof).await?;
        let key = self.key_of(client, dpop).await?;
        match params.one("grant_type") {
            Some("authorization_code") => self.by_code(&snapshot, client, params, key).await,
            Some(LAUNCH_CODE_GRANT) => self.by_launch_code(&snapshot, client, params, key).await,
            Some("refresh_token") => {
                registered(client, GrantType::RefreshToken)?;
                self.refresh(&snapshot, client, params, key).await
            }
            Some("client_credentials") => {
                registered(client, GrantType::ClientCredentials)?;
                self.by_credentials(client, params, key).await
            }
            Some(TOKEN_EXCHANGE) => {
                registered(client, GrantType::TokenExchange)?;
                self.exchange(&snapshot, client, params, key).await
            }
            Some(_) => {
                let error = OAuthError::new("unsupported_grant_type", "see the discovery document");
                Err(error.into())
            }
            None => Err(OAuthError::request("grant_type is missing").into()),
        }
    }

    /// The key that this client's tokens are to be bound to, if it proves one (RFC 9449 section 5).
    async fn key_of(
        self,
        client: &Client,
        dpop: Option<&str>,
    ) -> Result<Option<String>, EndpointFault> {
        let occasion = ProofContext {
            method: "POST",
            path: "/oidc/token",
            proof: dpop,
        };
        let key = self.possession(&occasion, None).await?;
        if key.is_none() && client.registration.dpop_bound_access_tokens {
            let why = "this client's tokens are bound to a key: send a DPoP proof";
            return Err(OAuthError::new("invalid_dpop_proof", why).into());
        }
        Ok(key)
    }
}

/// RFC 6749 section 5.2: a client uses the grants it registered for.
fn registered(client: &Client, grant: GrantType) -> Result<(), OAuthError> {
    if client.may(grant) {
        return Ok(());
    }
    Err(OAuthError::new(
        "unauthorized_client",
        "this client is not registered for this grant",
    ))
}
