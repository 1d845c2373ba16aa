//! Our own private keys and the tokens they sign (RFC 7515 section 5.1). Created by the key store,
//! used by the provider; the private key leaves this file only as PKCS#8 for the store.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Algorithm, JoseError, Jwk, encode};

/// A private key of our own and its public properties.
pub struct SigningKey {
    pair: KeyPair,
    public: Jwk,
    kid: String,
    /// The encoded headers without `typ` and with `JWT`, made once because they never change.
    bare_header: String,
    jwt_header: String,
}

impl SigningKey {
    /// A new key and its PKCS#8 form, which the key store seals and stores.
    pub fn generate(algorithm: Algorithm) -> Result<(Zeroizing<Vec<u8>>, Self), JoseError> {
        let pkcs8 = match algorithm {
            Algorithm::Es256 => generate_p256()?,
            Algorithm::Rs256 => generate_rsa()?,
        };
        let key = Self::from_pkcs8(algorithm, &pkcs8)?;
        Ok((pkcs8, key))
    }

    /// From PKCS#8 DER (RFC 5208), P-256 for ES256, RSA of 2048 bits or more for RS256.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, JoseError> {
        let pair = KeyPair::from_pkcs8(algorithm, pkcs8)?;
        let public = pair.public()?;
        let kid = public.thumbprint();
        Ok(Self {
            bare_header: header(algorithm, &kid, None)?,
            jwt_header: header(algorithm, &kid, Some("JWT"))?,
            public: public.named(&kid),
            pair,
            kid,
        })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The key's `kid` in headers and key sets: its thumbprint (RFC 7638), so that two keys never
    /// share one.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key.
    pub fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    /// A compact token over the claims. The hot path: one per launch.
    pub fn sign(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, JoseError> {
        let payload = serde_json::to_vec(claims).map_err(|_| JoseError::Claims)?;
        let header = self.header(typ)?;
        let mut token = String::with_capacity(self.token_length(&header, &payload));
        token.push_str(&header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }

    fn header(&self, typ: Option<&str>) -> Result<Cow<'_, str>, JoseError> {
        match typ {
            None => Ok(Cow::Borrowed(&self.bare_header)),
            Some("JWT") => Ok(Cow::Borrowed(&self.jwt_header)),
            other => header(self.algorithm(), &self.kid, other).map(Cow::Owned),
        }
    }

    /// Space for all three parts, so that the token is allocated once.
    fn token_length(&self, header: &str, payload: &[u8]) -> usize {
        header.len() + (payload.len() + self.pair.signature_length()).div_ceil(3) * 4 + 6
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

enum KeyPair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl KeyPair {
    fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, JoseError> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                .map(Self::P256)
                .map_err(|_| JoseError::Key("not a P-256 private key in PKCS#8")),
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(pkcs8)
                .map(Self::Rsa)
                .map_err(|_| JoseError::Key("not an RSA private key in PKCS#8")),
        }
    }

    fn public(&self) -> Result<Jwk, JoseError> {
        match self {
            Self::P256(pair) => match pair.public_key().as_ref() {
                [4, point @ ..] if point.len() == 64 => Jwk::p256(&point[..32], &point[32..]),
                _ => Err(JoseError::Key("its public point is not uncompressed")),
            },
            Self::Rsa(pair) => {
                let public = pair.public_key();
                Jwk::rsa(
                    public.modulus().big_endian_without_leading_zero(),
                    public.exponent().big_endian_without_leading_zero(),
                )
            }
        }
    }

    fn signature_length(&self) -> usize {
        match self {
            Self::P256(_) => 64,
            Self::Rsa(pair) => pair.public_modulus_len(),
        }
    }

    /// Encoded: r and s side by side for ES256 (RFC 7518 section 3.4), PKCS#1 v1.5 for RS256
    /// (section 3.3).
    fn sign(&self, message: &[u8]) -> Result<String, JoseError> {
        let digest = digest::digest(&digest::SHA256, message);
        match self {
            Self::P256(pair) => pair.sign_digest(&digest).map(encode),
            Self::Rsa(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut bytes)
                    .map(|()| encode(bytes))
            }
        }
        .map_err(|_| JoseError::Signing)
    }
}

fn generate_p256() -> Result<Zeroizing<Vec<u8>>, JoseError> {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .and_then(|pair| pair.to_pkcs8v1())
        .map(|der| Zeroizing::new(der.as_ref().to_vec()))
        .map_err(|_| JoseError::Key("it could not be generated"))
}

fn generate_rsa() -> Result<Zeroizing<Vec<u8>>, JoseError> {
    RsaKeyPair::generate(KeySize::Rsa2048)
        .and_then(|pair| pair.as_der())
        .map(|der| Zeroizing::new(der.as_ref().to_vec()))
        .map_err(|_| JoseError::Key("it could not be generated"))
}

fn header(algorithm: Algorithm, kid: &str, typ: Option<&str>) -> Result<String, JoseError> {
    #[derive(Serialize)]
    struct SigningKeyMembers<'a> {
        alg: &'static str,
        kid: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        typ: Option<&'a str>,
    }
    let alg = algorithm.as_str();
    serde_json::to_vec(&SigningKeyMembers { alg, kid, typ })
        .map(encode)
        .map_err(|_| JoseError::Header)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{JwkSet, TokenKind, decode, verify};
    use super::*;

    const JWT: TokenKind = TokenKind {
        typed: &["JWT"],
        untyped: false,
        has: &["sub"],
        lacks: &[],
    };

    fn header_of(token: &str) -> Value {
        let (header, _) = token.split_once('.').unwrap();
        serde_json::from_slice(&decode(header).unwrap()).unwrap()
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        for algorithm in Algorithm::ALL {
            let (_, key) = SigningKey::generate(algorithm).unwrap();
            let claims = json!({"sub": "usr_1", "name": "Zoë"});
            let token = key.sign(Some("JWT"), &claims).unwrap();
            let keys = JwkSet::new(vec![key.public_jwk().clone()]);
            let verified = verify(&token, &keys, &[algorithm], &JWT).unwrap();
            assert_eq!(verified.claims::<Value>().unwrap(), claims);
            assert_eq!(verified.header.kid.as_deref(), Some(key.kid()));
            assert_eq!(verified.header.alg, algorithm);
        }
    }

    #[test]
    fn the_header_names_algorithm_key_and_type() {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        for typ in [None, Some("JWT"), Some("logout+jwt"), Some("\"}")] {
            let token = key.sign(typ, &json!({})).unwrap();
            let mut expected = json!({"alg": "ES256", "kid": key.kid()});
            if let Some(typ) = typ {
                expected["typ"] = typ.into();
            }
            assert_eq!(header_of(&token), expected);
        }
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        for algorithm in Algorithm::ALL {
            let (pkcs8, key) = SigningKey::generate(algorithm).unwrap();
            let again = SigningKey::from_pkcs8(algorithm, &pkcs8).unwrap();
            assert_eq!(again.kid(), key.kid());
            assert_eq!(again.public_jwk(), key.public_jwk());
            assert_eq!(key.kid(), key.public_jwk().thumbprint());
        }
    }

    #[test]
    fn a_key_of_the_other_kind_is_refused() {
        let (es256, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        for (algorithm, pkcs8) in [
            (Algorithm::Rs256, es256.as_slice()),
            (Algorithm::Es256, b"not DER".as_slice()),
            (Algorithm::Rs256, b""),
        ] {
            let refused = SigningKey::from_pkcs8(algorithm, pkcs8);
            assert!(matches!(refused, Err(JoseError::Key(_))));
        }
    }

    #[test]
    fn a_key_does_not_print_itself() {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        let printed = format!("{key:?}");
        assert!(
            printed.contains(key.kid()) && printed.len() < 120,
            "{printed}"
        );
    }

    #[test]
    fn a_token_is_allocated_once() {
        let (_, key) = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign(Some("JWT"), &json!({"sub": "x"})).unwrap();
        assert!(token.capacity() - token.len() <= 8);
    }
}
