//! Kinds of tokens, distinguished by `typ` and by claims (RFC 8725 sections 3.11 and 3.12): the one
//! list of the kinds that are verified here. One key may sign several kinds, so a signature alone
//! does not show a token's purpose.

use serde_json::{Map, Value};

use super::{Header, JoseError};

/// The kind that a caller of [`verify`](super::verify) accepts; there is no default.
#[derive(Clone, Copy, Debug)]
pub struct TokenKind {
    /// The accepted values of `typ`, without `application/`.
    pub typed: &'static [&'static str],
    /// Whether `typ` may be missing, as many libraries omit it.
    pub untyped: bool,
    /// Required claims.
    pub has: &'static [&'static str],
    /// Claims that only tokens of other kinds have.
    pub lacks: &'static [&'static str],
}

/// Authenticates a client (RFC 7523 section 3). Its key signs request objects as well, which are
/// sent in addresses, and proofs of possession.
pub const CLIENT_ASSERTION: TokenKind = TokenKind {
    typed: &["client-authentication+jwt", "JWT"],
    untyped: true,
    has: &["iss", "sub", "aud", "exp", "jti"],
    lacks: &[
        "client_id",
        "response_type",
        "redirect_uri",
        "request",
        "request_uri",
        "events",
        "nonce",
        "htm",
        "htu",
        "ath",
        "auth_time",
        "sid",
    ],
};

/// A client's signed authorization request (RFC 9101). Section 4: `sub` identifies a client
/// assertion, and must not be in it.
pub const REQUEST_OBJECT: TokenKind = TokenKind {
    typed: &["oauth-authz-req+jwt", "JWT"],
    untyped: true,
    has: &["iss", "aud", "exp", "client_id"],
    lacks: &["sub", "events", "htm", "htu", "ath", "auth_time"],
};

/// An id_token of ours that comes back as a hint (OpenID Connect Core 1.0 section 3.1.2.1).
pub const ID_TOKEN: TokenKind = TokenKind {
    typed: &["JWT"],
    untyped: false,
    has: &["iss", "sub", "aud", "exp", "iat", "sid"],
    lacks: &["events", "htm", "htu", "client_id", "scope", "jti"],
};

/// A signed access token of ours (RFC 9068 section 2).
pub const ACCESS_TOKEN: TokenKind = TokenKind {
    typed: &["at+jwt"],
    untyped: false,
    has: &["iss", "sub", "aud", "exp", "client_id", "jti"],
    lacks: &["events", "htm", "htu", "nonce"],
};

/// A proof that a client holds a key (RFC 9449 section 4.2).
pub const POSSESSION: TokenKind = TokenKind {
    typed: &["dpop+jwt"],
    untyped: false,
    has: &["jti", "htm", "htu", "iat"],
    lacks: &["events", "iss", "sub", "aud", "client_id", "response_type"],
};

impl TokenKind {
    pub(super) fn check(
        &self,
        header: &Header,
        claims: &Map<String, Value>,
    ) -> Result<(), JoseError> {
        let typed = self.typed.iter().any(|kind| header.is_typed(kind));
        if !(typed || self.untyped && header.typ.is_none()) {
            return Err(JoseError::Type);
        }
        let mut foreign = self.lacks.iter();
        if let Some(name) = foreign.find(|name| claims.contains_key(**name)) {
            return Err(JoseError::Foreign(name));
        }
        let mut own = self.has.iter();
        let missing = own.find(|name| claims.get(**name).is_none_or(Value::is_null));
        missing.map_or(Ok(()), |name| Err(JoseError::Missing(name)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Algorithm, JwkSet, SigningKey, verify};
    use super::*;

    const KINDS: [TokenKind; 5] = [
        CLIENT_ASSERTION,
        REQUEST_OBJECT,
        ID_TOKEN,
        ACCESS_TOKEN,
        POSSESSION,
    ];

    /// The claims of an ordinary token of each kind.
    fn ordinary() -> [Value; 5] {
        let all = json!({ "iss": "c", "aud": "us", "exp": 1, "iat": 1 });
        let with = |more: Value| {
            let mut claims = all.clone();
            let members = claims.as_object_mut().unwrap();
            members.extend(more.as_object().unwrap().clone());
            claims
        };
        [
            with(json!({ "sub": "c", "jti": "1" })),
            with(json!({ "client_id": "c", "response_type": "code", "jti": "1" })),
            with(json!({ "sub": "ana", "auth_time": 1, "nonce": "n", "sid": "s" })),
            with(json!({ "sub": "ana", "client_id": "c", "jti": "1", "scope": "openid" })),
            json!({ "jti": "1", "htm": "POST", "htu": "https://us/", "iat": 1 }),
        ]
    }

    fn outcome(typ: Option<&str>, claims: &Value, kind: &TokenKind) -> Result<(), JoseError> {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign(typ, claims).unwrap();
        let keys = JwkSet::new(vec![key.public_jwk().clone()]);
        verify(&token, &keys, &Algorithm::ALL, kind).map(|_| ())
    }

    /// Also if `typ` is missing, or has the value of the other kind.
    #[test]
    fn no_kind_passes_for_another_by_the_same_key() {
        for (of, claims) in ordinary().iter().enumerate() {
            for (at, kind) in KINDS.iter().enumerate() {
                let types = kind.typed.iter().map(|typ| Some(*typ)).chain([None]);
                for typ in types {
                    let taken = outcome(typ, claims, kind).is_ok();
                    let right = of == at && (typ.is_some() || kind.untyped);
                    assert_eq!(taken, right, "{claims} typed {typ:?} at {kind:?}");
                }
            }
        }
    }

    #[test]
    fn a_type_that_is_not_named_is_refused() {
        let [assertion, ..] = ordinary();
        for typ in ["at+jwt", "oauth-authz-req+jwt", "dpop+jwt", "", "x"] {
            let refused = outcome(Some(typ), &assertion, &CLIENT_ASSERTION);
            assert_eq!(refused, Err(JoseError::Type), "{typ}");
        }
        let mut claims = assertion;
        claims["nonce"] = Value::Null;
        let refused = outcome(None, &claims, &CLIENT_ASSERTION);
        assert_eq!(refused, Err(JoseError::Foreign("nonce")), "there, if empty");
    }
}
