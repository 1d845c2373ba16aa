//! The claims of every token (RFC 7519 section 4.1): issuer, audience, and times. Called right
//! after [`super::verify`]; further required claims of a particular kind of token (`nonce`, `jti`,
//! `events`) are checked where that kind is handled.

use serde::Deserialize;
use serde_json::Number;

use super::{JoseError, VerifiedToken};

/// The requirements for a token. Times are seconds since 1970, as in the claims.
#[derive(Clone, Copy, Debug)]
pub struct Validation<'a> {
    /// Compared byte by byte (OIDC Core 1.0 section 3.1.3.7).
    pub issuer: &'a str,
    /// Our names; the token must be for at least one of them.
    pub audience: &'a [&'a str],
    pub now: i64,
    /// How far two clocks may be apart, in seconds.
    pub leeway: i64,
}

impl Validation<'_> {
    /// `iss`, `aud` and `exp` must be there and right; `nbf` and `iat` must be right if there.
    pub fn check(&self, token: &VerifiedToken) -> Result<(), JoseError> {
        let claims: RegisteredClaims = token.claims()?;
        self.check_parties(&claims)?;
        self.check_times(&claims)
    }

    fn check_parties(&self, claims: &RegisteredClaims) -> Result<(), JoseError> {
        let issuer = claims.iss.as_ref().ok_or(JoseError::Missing("iss"))?;
        if issuer != self.issuer {
            return Err(JoseError::Issuer);
        }
        let audience = claims.aud.as_ref().ok_or(JoseError::Missing("aud"))?;
        if !self.audience.iter().any(|name| audience.contains(name)) {
            return Err(JoseError::Audience);
        }
        Ok(())
    }

    fn check_times(&self, claims: &RegisteredClaims) -> Result<(), JoseError> {
        let latest = self.now.saturating_add(self.leeway);
        let expiry = claims.exp.as_ref().ok_or(JoseError::Missing("exp"))?;
        if seconds(expiry).saturating_add(self.leeway) <= self.now {
            return Err(JoseError::Expired);
        }
        if claims.nbf.as_ref().is_some_and(|nbf| seconds(nbf) > latest) {
            return Err(JoseError::NotYet);
        }
        if claims.iat.as_ref().is_some_and(|iat| seconds(iat) > latest) {
            return Err(JoseError::FromTheFuture);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct RegisteredClaims {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<Number>,
    nbf: Option<Number>,
    iat: Option<Number>,
}

/// One name or several (RFC 7519 section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(only) => only == name,
            Self::Several(all) => all.iter().any(|one| one == name),
        }
    }
}

/// A NumericDate may have a fraction and any size (RFC 7519 section 2); the cast saturates.
fn seconds(date: &Number) -> i64 {
    date.as_i64()
        .unwrap_or_else(|| date.as_f64().map_or(0, |float| float.floor() as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Algorithm, JwkSet, SigningKey, TokenKind, verify};
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const ANY: TokenKind = TokenKind {
        typed: &[],
        untyped: true,
        has: &[],
        lacks: &[],
    };

    fn signed(claims: &Value) -> VerifiedToken {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign(None, claims).unwrap();
        let keys = JwkSet::new(vec![key.public_jwk().clone()]);
        verify(&token, &keys, &Algorithm::ALL, &ANY).unwrap()
    }

    fn check(change: Value) -> Result<(), JoseError> {
        let mut claims = json!({"iss": "https://i", "aud": "us", "exp": NOW + 60, "iat": NOW});
        let members = claims.as_object_mut().unwrap();
        members.extend(change.as_object().unwrap().clone());
        let expected = Validation {
            issuer: "https://i",
            audience: &["us", "https://us/token"],
            now: NOW,
            leeway: 5,
        };
        expected.check(&signed(&claims))
    }

    #[test]
    fn a_token_for_us_is_accepted() {
        for change in [
            json!({}),
            json!({"aud": ["them", "https://us/token"]}),
            json!({"iat": null}),
            json!({"nbf": NOW, "exp": NOW as f64 + 0.5}),
            json!({"exp": u64::MAX}),
            json!({"exp": 1e300}),
        ] {
            assert_eq!(check(change.clone()), Ok(()), "{change}");
        }
    }

    #[test]
    fn each_wrong_claim_is_named() {
        for (change, error) in [
            (json!({"iss": "https://i/"}), JoseError::Issuer),
            (json!({"iss": null}), JoseError::Missing("iss")),
            (json!({"aud": "them"}), JoseError::Audience),
            (json!({"aud": []}), JoseError::Audience),
            (json!({"aud": "us "}), JoseError::Audience),
            (json!({"aud": null}), JoseError::Missing("aud")),
            (json!({"aud": {"us": 1}}), JoseError::Claims),
            (json!({"exp": null}), JoseError::Missing("exp")),
            (json!({"exp": "1900000000"}), JoseError::Claims),
            (json!({"exp": -1e300}), JoseError::Expired),
            (json!({"nbf": NOW + 6}), JoseError::NotYet),
            (json!({"iat": NOW + 6}), JoseError::FromTheFuture),
        ] {
            assert_eq!(check(change.clone()), Err(error), "{change}");
        }
    }

    #[test]
    fn the_leeway_is_exact() {
        assert_eq!(check(json!({"exp": NOW - 4})), Ok(()));
        assert_eq!(check(json!({"exp": NOW - 5})), Err(JoseError::Expired));
        assert_eq!(check(json!({"nbf": NOW + 5})), Ok(()));
        assert_eq!(check(json!({"iat": NOW + 5})), Ok(()));
    }

    #[test]
    fn claims_that_are_no_object_are_refused() {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        let keys = JwkSet::new(vec![key.public_jwk().clone()]);
        for claims in [json!([]), json!("iss"), json!(7)] {
            let token = key.sign(None, &claims).unwrap();
            let verified = verify(&token, &keys, &Algorithm::ALL, &ANY);
            assert!(verified.is_err(), "{claims}");
        }
    }
}
