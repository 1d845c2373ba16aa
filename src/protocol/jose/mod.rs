//! JOSE, as far as Usher needs it: signed tokens (RFC 7515), keys (RFC 7517, RFC 7518), claims (RFC
//! 7519), with the practices of RFC 8725: an explicit list of algorithms, an explicit kind of token
//! ([`kind`]), keys only from the caller, one canonical text for every token.
//!
//! The provider signs id_tokens here (once per launch, the hot path), the token endpoint checks
//! client assertions, sign-in checks the tokens of upstream providers. Pure: bytes and `now` in,
//! bytes and results out. Not supported: fetching a key set, remembering a `jti`, encryption, HMAC,
//! `none`, and a key from the token that it should verify (`jwk`, `jku`, `x5c`, `x5u`).
//!
//! An ECDSA signature has a second valid form, (r, n-s), so the text of a token does not identify
//! it: single use is remembered by `jti`, never by a hash of the token.

mod jwk;
mod jws;
mod jwt;
pub mod kind;
mod signing_key;

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::jwk::{Jwk, JwkSet};
pub use self::jws::{Header, VerifiedToken, verify, verify_possession};
pub use self::jwt::Validation;
pub use self::kind::TokenKind;
pub use self::signing_key::SigningKey;

/// The algorithm of a signature (RFC 7518 section 3.1). The key's type determines it: a P-256 key
/// signs ES256, an RSA key RS256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    Es256,
    Rs256,
}

impl Algorithm {
    /// Every algorithm Usher signs with and accepts, for discovery documents and allow-lists.
    pub const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The registered name, exactly as written: names are case-sensitive (RFC 7515 section 4.1.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a token, a key or a signature was refused. Names what failed and quotes nothing of the
/// token, so that it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JoseError {
    #[error("the token is longer than {} bytes", jws::LONGEST)]
    TooLong,
    #[error("not a compact JWS: it takes three parts with two dots")]
    Shape,
    #[error("the token's {0} is not canonical base64url")]
    Base64(&'static str),
    #[error("the token's header is not a JSON object with unique, well-typed members")]
    Header,
    #[error("the token is unsigned (alg \"none\")")]
    Unsigned,
    #[error("the token is signed with a shared secret (HMAC), which is never accepted")]
    Symmetric,
    #[error("the token's algorithm is not one of ES256 and RS256")]
    UnknownAlgorithm,
    #[error("the token's algorithm, {0}, is not allowed here")]
    NotAllowed(Algorithm),
    #[error("the token demands extensions (crit) that are not understood")]
    Critical,
    #[error("the token's payload may be unencoded (b64), which is not accepted")]
    Unencoded,
    #[error("no key with the token's kid, or of its algorithm, is known")]
    NoKey,
    #[error("the key with the token's kid is of another type than its algorithm")]
    KeyMismatch,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token is of another kind (typ)")]
    Type,
    #[error("the token is of another kind: it has the claim {0}")]
    Foreign(&'static str),
    #[error("the token's claims are not a JSON object of the expected form")]
    Claims,
    #[error("the token has no {0}")]
    Missing(&'static str),
    #[error("the token's issuer (iss) is not the expected one")]
    Issuer,
    #[error("the token is for another audience (aud)")]
    Audience,
    #[error("the token has expired (exp)")]
    Expired,
    #[error("the token is not valid yet (nbf)")]
    NotYet,
    #[error("the token was issued in the future (iat); check both clocks")]
    FromTheFuture,
    #[error("the key is not usable: {0}")]
    Key(&'static str),
    #[error("the signature could not be made")]
    Signing,
}

/// The `at_hash` claim: the left half of the hash of an access token (OIDC Core 1.0 section
/// 3.1.3.6). Both algorithms hash with SHA-256; the parameter makes the caller name which.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => &digest::SHA256,
    };
    let sum = digest::digest(hash, access_token.as_bytes());
    encode(&sum.as_ref()[..sum.as_ref().len() / 2])
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Strict: no padding, no stray bits at the end, no white space, so that one value has one text
/// (RFC 7515 section 2).
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_known_by_their_exact_names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
            assert_eq!(
                serde_json::to_string(&algorithm).unwrap(),
                format!("\"{algorithm}\"")
            );
        }
        for other in ["es256", "none", "None", "HS256", "PS256", "RS256 ", ""] {
            assert_eq!(Algorithm::parse(other), None, "{other}");
        }
    }

    #[test]
    fn at_hash_is_the_left_half_of_the_hash() {
        // OIDC Core 1.0 appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn one_value_has_one_text() {
        assert_eq!(decode("YWI"), Some(b"ab".to_vec()));
        for other in ["YWI=", "YWJ", "YW I", "YWI\n", "Y", "Y+/_"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
    }
}
