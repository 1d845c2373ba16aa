//! Demonstrating proof of possession (RFC 9449): a client proves with each request that it holds a
//! key, and its tokens are valid with that key only, also for token exchange: a stolen token
//! without the key is useless.

use serde::Deserialize;
use url::Url;

use super::{super::EndpointFault, OpenId};
use crate::{
    clock::Time,
    id::sha256,
    protocol::{jose, oauth::OAuthError},
};

/// A proof is made for one request: this is its maximum age or skew, in seconds.
const WINDOW: i64 = 60;
const LONGEST_JTI: usize = 256;

/// A request, as a proof describes it.
#[derive(Clone, Copy)]
pub struct ProofContext<'a> {
    pub method: &'a str,
    /// Below the issuer, e.g. `/oidc/token`.
    pub path: &'a str,
    /// The proof that came with it, if one did.
    pub proof: Option<&'a str>,
}

/// An access token, as it was presented.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    pub token: &'a str,
    /// By the scheme `DPoP`, not `Bearer` (RFC 9449 section 7.1).
    pub bound: bool,
    pub occasion: ProofContext<'a>,
}

#[derive(Deserialize)]
struct ProofClaims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

impl OpenId<'_> {
    /// The thumbprint (RFC 7638) of the proof's key, if there is a proof. With a token, the proof
    /// must be for that token (RFC 9449 section 4.3).
    pub(super) async fn possession(
        self,
        occasion: &ProofContext<'_>,
        token: Option<&str>,
    ) -> Result<Option<String>, EndpointFault> {
        let Some(proof) = occasion.proof else {
            return Ok(None);
        };
        let wrong = |why: &str| OAuthError::new("invalid_dpop_proof", why);
        let read = jose::verify_possession(proof, &jose::Algorithm::ALL, &jose::kind::POSSESSION);
        let (verified, key) = read.map_err(|error| wrong(&error.to_string()))?;
        let claims: ProofClaims = verified
            .claims()
            .map_err(|_| wrong("jti, htm, htu and iat are needed"))?;
        let now = self.0.clock.now();
        self.check_proof(&claims, occasion, now).map_err(wrong)?;
        if claims.ath.as_deref() != token.map(sha256).as_deref() {
            return Err(wrong("ath is not of the token that came with it").into());
        }
        let thumbprint = key.thumbprint();
        let name = sha256(&format!("dpop {thumbprint} {}", claims.jti));
        let mut tx = self.0.store.begin_single().await?;
        let until = Time::from_secs(claims.iat + 2 * WINDOW);
        let first = tx.remember_once(&name, until).await?;
        tx.commit().await?;
        if !first {
            return Err(wrong("it was used before").into());
        }
        Ok(Some(thumbprint))
    }

    fn check_proof(
        self,
        claims: &ProofClaims,
        occasion: &ProofContext,
        now: Time,
    ) -> Result<(), &'static str> {
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
            return Err("jti is empty or too long");
        }
        if claims.htm != occasion.method {
            return Err("htm is not the method of the request");
        }
        let own = Url::parse(&format!("{}{}", self.0.issuer, occasion.path)).ok();
        if own.is_none() || own != without_query(&claims.htu) {
            return Err("htu is not the address of the request");
        }
        if claims.iat.saturating_sub(now.secs()).unsigned_abs() > WINDOW.unsigned_abs() {
            return Err("iat is not now; check both clocks");
        }
        Ok(())
    }

    /// Whether a token may be used like this: a bound one only with a proof by its key, and not
    /// with the scheme of another kind (RFC 9449 section 7.1).
    pub(super) async fn check_holder(
        self,
        presented: &Presented<'_>,
        key: Option<&str>,
    ) -> Result<(), EndpointFault> {
        let void = |why: &str| EndpointFault::OAuth(OAuthError::new("invalid_token", why));
        match (key, presented.bound) {
            (None, false) => Ok(()),
            (None, true) => Err(void("the access token is not bound to a key")),
            (Some(_), false) => Err(void("the access token is bound to a key: prove it")),
            (Some(key), true) => {
                let shown = self
                    .possession(&presented.occasion, Some(presented.token))
                    .await?;
                match shown {
                    Some(shown) if shown == key => Ok(()),
                    Some(_) => Err(void("the access token is bound to another key")),
                    None => Err(void("the proof is missing")),
                }
            }
        }
    }
}

/// RFC 9449 section 4.3: the address without query and fragment.
fn without_query(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
