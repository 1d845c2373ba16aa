//! Authentication of clients at the token endpoint: `client_secret_basic`, `client_secret_post`
//! (RFC 6749 section 2.3.1) or `private_key_jwt` (RFC 7523 section 2.2, OpenID Connect Core 1.0
//! section 9).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::{EndpointFault, Issuer, refusal};
use crate::{
    catalog::Snapshot,
    clock::Time,
    id::{same_secret, sha256},
    model::client::{Client, ClientAuth},
    protocol::{
        jose::{self, JoseError, JwkSet, Validation},
        oauth::{JWT_BEARER, OAuthError, Params},
    },
};

/// A client's credentials.
pub enum ClientProof {
    Secret { id: String, secret: String },
    Assertion { id: Option<String>, jwt: String },
}

impl ClientProof {
    /// The client id it claims.
    pub fn client(&self) -> Option<&str> {
        match self {
            ClientProof::Secret { id, .. } => Some(id),
            ClientProof::Assertion { id, .. } => id.as_deref(),
        }
    }
}

/// Clocks may be this far apart, in seconds.
const LEEWAY: i64 = 30;
/// An assertion valid for longer than this was not made for this request (RFC 7523 section 3);
/// Authlib makes them valid for an hour. It is accepted once in any case.
const ASSERTION_LIFE: i64 = 3600;

impl ClientProof {
    /// Reads exactly one method from header and form (RFC 6749 section 2.3: never two).
    pub fn read(authorization: Option<&str>, params: &Params) -> Result<Self, OAuthError> {
        let basic = authorization.map(basic).transpose()?;
        let id = params.one("client_id").map(str::to_owned);
        let secret = params.one("client_secret").map(str::to_owned);
        let assertion = params.one("client_assertion").map(str::to_owned);
        match (basic, secret, assertion) {
            (Some((user, secret)), None, None) => match id {
                Some(id) if id != user => Err(OAuthError::client()),
                _ => Ok(ClientProof::Secret { id: user, secret }),
            },
            (None, Some(secret), None) => {
                let id = id.ok_or_else(OAuthError::client)?;
                Ok(ClientProof::Secret { id, secret })
            }
            (None, None, Some(jwt)) => {
                if params.one("client_assertion_type") != Some(JWT_BEARER) {
                    return Err(OAuthError::request(
                        "client_assertion_type is not jwt-bearer",
                    ));
                }
                Ok(ClientProof::Assertion { id, jwt })
            }
            (None, None, None) => Err(OAuthError::client()),
            _ => Err(OAuthError::request(
                "authenticate the client in one way, not in several",
            )),
        }
    }
}

/// Both halves are form-encoded inside the base64 (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Result<(String, String), OAuthError> {
    let decode = || {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, secret) = text.split_once(':')?;
        Some((form_decode(user), form_decode(secret)))
    };
    decode().ok_or_else(OAuthError::client)
}

fn form_decode(text: &str) -> String {
    let pair = format!("x={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[derive(Deserialize)]
struct Assertion {
    sub: String,
    jti: String,
    exp: i64,
}

impl Issuer {
    /// The authenticated client; disabled ones do not exist.
    pub(super) async fn prove<'a>(
        &self,
        snapshot: &'a Snapshot,
        proof: &ClientProof,
    ) -> Result<&'a Client, EndpointFault> {
        match proof {
            ClientProof::Secret { id, secret } => {
                let client = snapshot.client(id);
                let known = match client.map(|client| &client.auth) {
                    Some(ClientAuth::Secret { hash }) => hash.as_str(),
                    _ => "",
                };
                let fits = same_secret(&sha256(secret), known);
                if client.is_none() || !fits {
                    refusal::log_unproven(id, unfit(snapshot, id));
                }
                Ok(client.filter(|_| fits).ok_or_else(OAuthError::client)?)
            }
            ClientProof::Assertion { id, jwt } => {
                self.prove_by_key(snapshot, id.as_deref(), jwt).await
            }
        }
    }

    async fn prove_by_key<'a>(
        &self,
        snapshot: &'a Snapshot,
        id: Option<&str>,
        jwt: &str,
    ) -> Result<&'a Client, EndpointFault> {
        let id = id.map(str::to_owned).or_else(|| claimed_issuer(jwt));
        let id = id.unwrap_or_default();
        let unproven = |why: &str| {
            refusal::log_unproven(&id, why);
            OAuthError::client()
        };
        let client = snapshot.client(&id);
        let client = client.ok_or_else(|| unproven(unfit(snapshot, &id)))?;
        let ClientAuth::Keys(keys) = &client.auth else {
            return Err(unproven("it sent an assertion, and is registered with a secret").into());
        };
        let assertion = self.read_assertion(client, keys, jwt);
        let assertion = assertion.map_err(|why| unproven(&format!("its assertion: {why}")))?;
        match self.is_first(client, &assertion.jti, assertion.exp).await? {
            true => Ok(client),
            false => Err(unproven("its assertion was used before (jti)").into()),
        }
    }

    /// Uses up the id of a token that a client signed, of whichever kind: a token that was accepted
    /// for one purpose is not accepted for another. Returns whether it is the first use.
    pub(super) async fn is_first(
        &self,
        client: &Client,
        jti: &str,
        exp: i64,
    ) -> Result<bool, EndpointFault> {
        let until = Time::from_secs(exp.saturating_add(LEEWAY));
        let name = sha256(&format!("jti {} {jti}", client.id));
        let mut tx = self.store.begin_single().await?;
        let first = tx.remember_once(&name, until).await?;
        tx.commit().await?;
        Ok(first)
    }

    fn read_assertion(
        &self,
        client: &Client,
        keys: &JwkSet,
        jwt: &str,
    ) -> Result<Assertion, String> {
        let wrong = |error: JoseError| error.to_string();
        let kind = &jose::kind::CLIENT_ASSERTION;
        let token = jose::verify(jwt, keys, &jose::Algorithm::ALL, kind).map_err(wrong)?;
        // RFC 9126 section 2 accepts each of them, and the issuer, which clients should name.
        let endpoints = ["token", "par", "introspect", "revoke"]
            .map(|name| format!("{}/oidc/{name}", self.issuer));
        let now = self.clock.now().secs();
        let mut audience = vec![&*self.issuer];
        audience.extend(endpoints.iter().map(String::as_str));
        Validation {
            issuer: &client.id,
            audience: &audience,
            now,
            leeway: LEEWAY,
        }
        .check(&token)
        .map_err(wrong)?;
        let assertion: Assertion = token.claims().map_err(wrong)?;
        match () {
            () if assertion.sub != client.id => Err("sub is not the client's id".to_owned()),
            () if assertion.jti.is_empty() => Err("jti is empty".to_owned()),
            () if assertion.exp > now + ASSERTION_LIFE + LEEWAY => {
                Err("exp is more than an hour away".to_owned())
            }
            () => Ok(assertion),
        }
    }
}

/// Why a client with this id is not authenticated; only for the log.
fn unfit(snapshot: &Snapshot, id: &str) -> &'static str {
    match (snapshot.client(id), snapshot.registered(id)) {
        (None, None) => "there is no client with this id",
        (None, Some(_)) => "the client is disabled",
        (Some(client), _) => match client.auth {
            ClientAuth::Secret { .. } => "its secret is wrong",
            ClientAuth::Keys(_) => "it sent a secret, and is registered with keys",
        },
    }
}

/// The `iss` an assertion claims, unverified: only to find whose keys to verify it with.
fn claimed_issuer(jwt: &str) -> Option<String> {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = jwt.split('.').nth(1)?;
    let claims: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}
