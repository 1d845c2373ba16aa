//! The keys of a provider under test, of every kind, and what an attacker signs with.

use aws_lc_rs::{
    digest, hmac, rand,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RSA_PSS_SHA384, RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// One key, its name, and the algorithm it signs by.
pub struct Key {
    pub kid: String,
    pub alg: &'static str,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub fn new(kid: &str, alg: &'static str) -> Self {
        let ecdsa = |kind| Pair::Ecdsa(EcdsaKeyPair::generate(kind).expect("a key"));
        let pair = match alg {
            "ES256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "EdDSA" => Pair::Ed(Ed25519KeyPair::generate().expect("a key")),
            _ => Pair::Rsa(Box::new(
                RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
            )),
        };
        Self {
            kid: kid.to_owned(),
            alg,
            pair,
        }
    }

    /// As it is published (RFC 7517).
    pub fn public(&self) -> Value {
        let mut key = match &self.pair {
            Pair::Ecdsa(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
            }
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let n = public.modulus().big_endian_without_leading_zero();
                let e = public.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "n": encode(n), "e": encode(e)})
            }
            Pair::Ed(pair) => {
                let x = pair.public_key().as_ref();
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(x)})
            }
        };
        key["kid"] = self.kid.as_str().into();
        key["use"] = "sig".into();
        key
    }

    pub fn header(&self) -> Value {
        json!({"alg": self.alg, "kid": self.kid, "typ": "JWT"})
    }

    /// A token of this key's with any header.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = parts(header, claims);
        format!("{signed}.{}", encode(self.sign(signed.as_bytes())))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = rand::SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => pair.sign(&rng, message).expect("signed").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match self.alg {
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &rng, message, &mut signature)
                    .expect("signed");
                signature
            }
        }
    }

    /// Left half of the algorithm's hash (OpenID Connect Core 1.0 section 3.1.3.6).
    pub fn at_hash(&self, access_token: &str) -> String {
        let hash = match self.alg {
            "ES384" | "PS384" => &digest::SHA384,
            "RS512" | "EdDSA" => &digest::SHA512,
            _ => &digest::SHA256,
        };
        let sum = digest::digest(hash, access_token.as_bytes());
        encode(&sum.as_ref()[..sum.as_ref().len() / 2])
    }
}

/// A token without a signature (RFC 7519 section 6).
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", parts(&json!({"alg": "none"}), claims))
}

/// A token "signed" with a public value.
pub fn by_hmac(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = parts(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", encode(tag))
}

fn parts(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    )
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
