//! The three exchanges of an OpenID Connect relying party with its provider: the authentication
//! request, the code exchange, and the sign-out. The parameters and checks are here; `sign_in`
//! decides which user is at which page.

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthorizationCode, Client, CsrfToken, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenFields, LoginHint, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use url::Url;

use crate::App;
use crate::demo::arrival::UsherClaims;
use crate::demo::provider::{IdToken, Metadata, Trouble, Vouched, chain};

type Tokens = StandardTokenResponse<
    IdTokenFields<
        UsherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type RelyingParty = Client<
    UsherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What must be remembered between the request and its answer.
pub struct Secrets {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// A finished sign-in.
pub struct SignedIn {
    pub vouched: Vouched,
    /// Kept for the sign-out, where it identifies the session to the provider.
    pub id_token: IdToken,
}

/// An authentication request waiting for its `state`.
pub struct Question {
    metadata: std::sync::Arc<Metadata>,
    nonce: Nonce,
    challenge: PkceCodeChallenge,
}

impl Question {
    /// A new nonce and PKCE verifier (RFC 7636, S256), and the request they belong to.
    pub async fn prepare(app: &App) -> Result<(Self, Secrets), Trouble> {
        let metadata = app.provider.metadata().await?;
        let nonce = Nonce::new_random();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let secrets = Secrets {
            nonce: nonce.clone(),
            verifier,
        };
        Ok((
            Self {
                metadata,
                nonce,
                challenge,
            },
            secrets,
        ))
    }

    /// Where to send the browser. `login_hint` is the initiator's and goes back verbatim.
    pub fn address(
        self,
        app: &App,
        state: String,
        login_hint: Option<String>,
    ) -> Result<Url, Trouble> {
        let client = client(app, &self.metadata)?;
        let nonce = self.nonce;
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || nonce,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scopes(app.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(self.challenge);
        if let Some(hint) = login_hint {
            request = request.set_login_hint(LoginHint::new(hint));
        }
        Ok(request.url().0)
    }
}

/// RFC 9207, section 2.4: an answer names its issuer, and it must be the one asked. A
/// provider that never announced the parameter may leave it out; a wrong one never passes.
pub async fn is_from_our_issuer(app: &App, iss: Option<&str>) -> Result<bool, Trouble> {
    match iss {
        Some(iss) => Ok(iss == app.provider.issuer.as_str()),
        None => {
            let metadata = app.provider.metadata().await?;
            let announced = metadata
                .additional_metadata()
                .authorization_response_iss_parameter_supported;
            Ok(!announced)
        }
    }
}

/// Exchanges the code by `client_secret_basic` and verifies the id_token it brings.
pub async fn redeem(app: &App, code: String, secrets: Secrets) -> Result<SignedIn, Trouble> {
    let metadata = app.provider.metadata().await?;
    let tokens: Tokens = client(app, &metadata)?
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| Trouble::Down(chain(&error)))?
        .set_pkce_verifier(secrets.verifier)
        .request_async(&app.provider.net)
        .await
        .map_err(|error| trouble(&error))?;
    let id_token = tokens
        .id_token()
        .ok_or_else(|| Trouble::Unverified("the answer holds no id_token".to_owned()))?;
    let vouched = app
        .provider
        .verify(id_token, tokens.access_token(), Some(&secrets.nonce))
        .await?;
    Ok(SignedIn {
        vouched,
        id_token: id_token.clone(),
    })
}

/// Where to send the browser to end the provider's session too (RP-Initiated Logout 1.0,
/// section 2); nothing if the provider is away or has no such endpoint.
pub async fn end_session_address(app: &App, id_token: &IdToken) -> Option<Url> {
    let metadata = app.provider.metadata().await.ok()?;
    let endpoint = metadata
        .additional_metadata()
        .end_session_endpoint
        .clone()?;
    let back = PostLogoutRedirectUrl::new(app.settings.public_url.address("/")).ok()?;
    let request = LogoutRequest::from(EndSessionUrl::from_url(endpoint))
        .set_id_token_hint(id_token)
        .set_client_id(app.settings.client_id())
        .set_post_logout_redirect_uri(back);
    Some(request.http_get_url())
}

fn client(app: &App, metadata: &Metadata) -> Result<RelyingParty, Trouble> {
    let callback = RedirectUrl::new(app.settings.public_url.address("/callback"))
        .map_err(|error| Trouble::Down(chain(&error)))?;
    let provider = &app.provider;
    let secret = Some(provider.client_secret.clone());
    Ok(
        Client::from_provider_metadata(metadata.clone(), provider.client_id.clone(), secret)
            .set_redirect_uri(callback),
    )
}

fn trouble<E: std::error::Error + 'static>(
    error: &RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(answer) => Trouble::Refused(answer.error().to_string()),
        RequestTokenError::Parse(..) => Trouble::Unverified(chain(error)),
        _ => Trouble::Down(chain(error)),
    }
}
