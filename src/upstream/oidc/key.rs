//! A provider's public keys, with which openidconnect validates tokens: RS256 and ES256 by our own
//! `protocol::jose` (nine times as fast, and the only verifier elsewhere in Usher), rarer
//! algorithms by openidconnect's own.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, JsonWebKeyUse, JwsSigningAlgorithm,
    SignatureVerificationError as Fault,
    core::{CoreJsonWebKey, CoreJsonWebKeyType, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm as Alg},
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::protocol::jose::{Algorithm, Jwk};

/// One public key of a provider's set, checked when it was parsed.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Key {
    published: CoreJsonWebKey,
    /// The same key for RS256 or ES256.
    ours: Option<Jwk>,
}

impl TryFrom<Map<String, Value>> for Key {
    type Error = String;

    /// Keys that prove nothing are refused: secrets, weak RSA. In a set they are skipped.
    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        for private in ["d", "k", "p", "q"] {
            if members.contains_key(private) {
                return Err("the key is not public".to_owned());
            }
        }
        let ours = ours(&members)?;
        let published = CoreJsonWebKey::deserialize(Value::Object(members));
        let published = published.map_err(|_| "the key is of no known form")?;
        Ok(Self { published, ours })
    }
}

/// RSA keys and P-256 keys must pass our own checks (size, exponent, point on the curve),
/// whatever they are used with.
fn ours(members: &Map<String, Value>) -> Result<Option<Jwk>, String> {
    let member = |name: &str| members.get(name).and_then(Value::as_str);
    let bare = match (member("kty"), member("crv")) {
        (Some("RSA"), _) => json!({"kty": "RSA", "n": modulus(members), "e": members.get("e")}),
        (Some("EC"), Some("P-256")) => {
            json!({"kty": "EC", "crv": "P-256", "x": members.get("x"), "y": members.get("y")})
        }
        (Some("EC"), Some("P-384")) | (Some("OKP"), Some("Ed25519")) => return Ok(None),
        _ => return Err("the key is of no form that can prove anything".to_owned()),
    };
    let key = Jwk::deserialize(bare).map_err(|error| error.to_string())?;
    Ok(Some(key))
}

/// Some providers publish a modulus with the leading zero byte of its DER form.
fn modulus(members: &Map<String, Value>) -> Value {
    let text = members.get("n").and_then(Value::as_str);
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    match bytes.as_deref() {
        Some([0, rest @ ..]) => URL_SAFE_NO_PAD.encode(rest).into(),
        _ => members.get("n").cloned().unwrap_or(Value::Null),
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.published.serialize(serializer)
    }
}

impl Key {
    /// Whether it can verify at least one of these.
    pub fn serves(&self, algorithms: &[Alg]) -> bool {
        let signs = self.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        signs && algorithms.iter().any(|alg| self.fits(alg))
    }

    fn fits(&self, alg: &Alg) -> bool {
        let is_typed = alg.key_type().as_ref() == Some(self.key_type());
        let is_bound = match self.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(bound) => bound == alg,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        is_typed && is_bound
    }
}

impl JsonWebKey for Key {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = Alg;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        self.published.key_id()
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        self.published.key_type()
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        self.published.key_use()
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&Alg> {
        self.published.signing_alg()
    }

    /// No shared secret verifies anything here: the allow-list has no HMAC, and this is never
    /// called.
    fn new_symmetric(key: Vec<u8>) -> Self {
        Self {
            published: CoreJsonWebKey::new_symmetric(key),
            ours: None,
        }
    }

    fn verify_signature(&self, alg: &Alg, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
        if alg.uses_shared_secret() {
            return Err(Fault::DisallowedAlg("a shared secret".to_owned()));
        }
        if !self.fits(alg) {
            return Err(Fault::InvalidKey("it is for another algorithm".to_owned()));
        }
        match (alg, &self.ours) {
            (Alg::RsaSsaPkcs1V15Sha256, Some(key)) if key.algorithm() == Algorithm::Rs256 => {
                verify(key, message, signature)
            }
            (Alg::EcdsaP256Sha256, Some(key)) if key.algorithm() == Algorithm::Es256 => {
                verify(key, message, signature)
            }
            _ => self.published.verify_signature(alg, message, signature),
        }
    }

    fn hash_bytes(&self, bytes: &[u8], alg: &Alg) -> Result<Vec<u8>, String> {
        self.published.hash_bytes(bytes, alg)
    }
}

fn verify(key: &Jwk, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    key.verifies(message, signature)
        .then_some(())
        .ok_or_else(|| Fault::CryptoError("the signature is wrong".to_owned()))
}
