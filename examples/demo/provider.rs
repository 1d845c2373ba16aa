//! The portal as an OpenID provider: its discovery document, its keys, and the verification of
//! every id_token before a claim is used (OpenID Connect Core 1.0, section 3.1.3.7). Everything is
//! fetched when it is first needed, so the application starts before the portal does and recovers
//! when the portal returns.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGenderClaim,
    CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::http::{Request, header};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata,
    ClaimsVerificationError, ClientId, ClientSecret, DiscoveryError, IdTokenVerifier, IssuerUrl,
    JsonWebKeySet, Nonce, NonceVerifier, ProviderMetadata, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::arrival::{Launch, UsherClaims};
use super::net::{self, Net};
use super::settings::Settings;

/// How long the discovery document is used before it is read again.
const METADATA_LIFE: Duration = Duration::from_secs(3600);

/// Keys are fetched again for an unknown key no more often than this.
const KEYS_PAUSE: Duration = Duration::from_secs(10);

/// The algorithms accepted, whatever a token's header or a document may propose
/// (RFC 8725, section 3.1).
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
];

pub type Metadata = ProviderMetadata<
    Extensions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub type IdToken = openidconnect::IdToken<
    UsherClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Claims = openidconnect::IdTokenClaims<UsherClaims, CoreGenderClaim>;

/// Members of the discovery document that OpenID Connect Discovery itself does not define.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Extensions {
    /// RP-Initiated Logout 1.0, section 2.1.
    pub end_session_endpoint: Option<Url>,
    /// RFC 9207, section 3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extensions {}
impl AdditionalClaims for UsherClaims {}

/// Why the portal could not be reached, or its answer is not valid.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("the provider does not answer: {0}")]
    Down(String),
    /// An OAuth error code (RFC 6749, section 5.2).
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("not verified: {0}")]
    Unverified(String),
}

/// Who signed in, as the portal vouches for them.
#[derive(Clone)]
pub struct User {
    /// Stable and unique at this issuer; the only thing to store or compare.
    pub sub: String,
    /// For display only.
    pub name: String,
}

/// What a verified id_token says.
pub struct Vouched {
    pub person: User,
    pub launch: Option<Launch>,
    /// The session at the portal that this sign-in belongs to.
    pub sid: Option<String>,
}

pub struct Provider {
    pub issuer: IssuerUrl,
    pub client_id: ClientId,
    pub client_secret: ClientSecret,
    pub net: Net,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    since: Instant,
}

impl Provider {
    pub fn open(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id(),
            client_secret: settings.client_secret()?,
            net: Net::open().map_err(|error| error.to_string())?,
            known: Mutex::default(),
        })
    }

    /// The origin whose pages may post a hand-off here.
    pub fn origin(&self) -> String {
        self.issuer.url().origin().ascii_serialization()
    }

    /// The discovery document with the keys, from memory or from the portal.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Trouble> {
        let known = self.known();
        match known {
            Some(known) if known.since.elapsed() < METADATA_LIFE => Ok(known.metadata),
            // Too old but the portal is away: an old document beats none.
            Some(known) => Ok(self.discover().await.unwrap_or(known.metadata)),
            None => self.discover().await,
        }
    }

    /// Verifies signature, issuer, audience, expiry, nonce and at_hash. A hand-off has no
    /// nonce, and a token that carries one belongs to another flow: `None` refuses it.
    pub async fn verify(
        &self,
        id_token: &IdToken,
        access_token: &AccessToken,
        nonce: Option<&Nonce>,
    ) -> Result<Vouched, Trouble> {
        let mut metadata = self.metadata().await?;
        let mut outcome = self.claims(&metadata, id_token, access_token, nonce);
        if matches!(outcome, Err(ref error) if is_unknown_key(error)) {
            // The portal may have changed its keys since. This cannot be provoked from
            // outside: tokens come from the token endpoint only.
            metadata = self.refetch_keys(&metadata).await?;
            outcome = self.claims(&metadata, id_token, access_token, nonce);
        }
        let claims = outcome.map_err(|error| Trouble::Unverified(chain(&error)))?;
        let UsherClaims { launch, sid } = claims.additional_claims().clone();
        Ok(Vouched {
            person: self.person(&metadata, claims, access_token).await,
            launch,
            sid,
        })
    }

    fn claims<'t>(
        &self,
        metadata: &Metadata,
        id_token: &'t IdToken,
        access_token: &AccessToken,
        nonce: Option<&Nonce>,
    ) -> Result<&'t Claims, ClaimsVerificationError> {
        let verifier = IdTokenVerifier::new_confidential_client(
            self.client_id.clone(),
            self.client_secret.clone(),
            self.issuer.clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS);
        let claims =
            id_token.claims(&verifier, |given: Option<&Nonce>| same_nonce(nonce, given))?;
        check_access_token(id_token, &verifier, claims, access_token)?;
        Ok(claims)
    }

    /// The name from the id_token, or from userinfo where the provider keeps it there.
    async fn person(&self, metadata: &Metadata, claims: &Claims, token: &AccessToken) -> User {
        let sub = claims.subject().to_string();
        let name = match name_in(claims) {
            Some(name) => Some(name),
            None => self.name_from_userinfo(metadata, &sub, token).await,
        };
        User {
            name: name.unwrap_or_else(|| sub.clone()),
            sub,
        }
    }

    /// Userinfo (OpenID Connect Core 1.0, section 5.3); an answer about another `sub` is dropped.
    async fn name_from_userinfo(
        &self,
        metadata: &Metadata,
        sub: &str,
        token: &AccessToken,
    ) -> Option<String> {
        #[derive(Deserialize)]
        struct UserInfo {
            sub: String,
            name: Option<String>,
            preferred_username: Option<String>,
        }
        let request = Request::get(metadata.userinfo_endpoint()?.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", token.secret()))
            .body(Vec::new())
            .ok()?;
        let answer = self.net.send(request).await.ok()?;
        let info: UserInfo = serde_json::from_slice(answer.body()).ok()?;
        (info.sub == sub).then_some(info.name.or(info.preferred_username))?
    }

    /// The document with keys fetched just now, for a token that any client may have sent; the same
    /// one if that was done a moment ago.
    pub async fn newer_keys(&self, metadata: &Arc<Metadata>) -> Result<Arc<Metadata>, Trouble> {
        let known = self.known();
        if known.is_some_and(|known| known.since.elapsed() < KEYS_PAUSE) {
            return Ok(Arc::clone(metadata));
        }
        self.refetch_keys(metadata).await
    }

    async fn discover(&self) -> Result<Arc<Metadata>, Trouble> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.net)
            .await
            .map_err(|error| down(&error))?;
        Ok(self.remember(metadata))
    }

    async fn refetch_keys(&self, metadata: &Metadata) -> Result<Arc<Metadata>, Trouble> {
        let keys = JsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.net)
            .await
            .map_err(|error| down(&error))?;
        Ok(self.remember(metadata.clone().set_jwks(keys)))
    }

    fn remember(&self, metadata: Metadata) -> Arc<Metadata> {
        let metadata = Arc::new(metadata);
        let known = Known {
            metadata: Arc::clone(&metadata),
            since: Instant::now(),
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        metadata
    }

    fn known(&self) -> Option<Known> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// `at_hash` ties the access token to the id_token (OpenID Connect Core 1.0, section 3.1.3.8).
fn check_access_token(
    id_token: &IdToken,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
    claims: &Claims,
    access_token: &AccessToken,
) -> Result<(), ClaimsVerificationError> {
    let Some(expected) = claims.access_token_hash() else {
        return Ok(());
    };
    let algorithm = id_token
        .signing_alg()
        .map_err(ClaimsVerificationError::SignatureVerification)?;
    let key = id_token
        .signing_key(verifier)
        .map_err(ClaimsVerificationError::SignatureVerification)?;
    let actual = AccessTokenHash::from_token(access_token, algorithm, key)
        .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
    if actual == *expected {
        Ok(())
    } else {
        Err(ClaimsVerificationError::Other(
            "at_hash names another access token".to_owned(),
        ))
    }
}

fn same_nonce(expected: Option<&Nonce>, given: Option<&Nonce>) -> Result<(), String> {
    match (expected, given) {
        (Some(expected), given) => expected.verify(given),
        (None, None) => Ok(()),
        (None, Some(_)) => Err("a hand-off has no nonce".to_owned()),
    }
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)
    )
}

fn name_in(claims: &Claims) -> Option<String> {
    let name = claims
        .name()
        .and_then(|names| names.get(None))
        .map(|name| name.to_string());
    name.or_else(|| claims.preferred_username().map(|name| name.to_string()))
}

fn down(error: &DiscoveryError<net::Failure>) -> Trouble {
    Trouble::Down(chain(error))
}

/// An error with its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
