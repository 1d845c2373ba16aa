//! Signed tokens that openidconnect has no type for, read as strictly as `protocol::jose` reads
//! ours, with the provider's keys and the algorithms it may use (RFC 7515, RFC 8725).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{JsonWebKey, core::CoreJwsSigningAlgorithm as Alg};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};
use thiserror::Error;

use super::form::Keys;

/// No honest token is longer.
const LONGEST: usize = 16 * 1024;
/// How many keys one token is held against.
const MOST_TRIED: usize = 8;

/// Why a token was refused. Quotes nothing of it.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Perhaps for want of a newer key.
    #[error("{0}")]
    Key(String),
    #[error("{0}")]
    Wrong(&'static str),
}

const SHAPE: Fault = Fault::Wrong("it is not a compact token");

/// Members that could name a key (`jwk`, `jku`, `x5c`, `x5u`) are read by nobody.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The claims of a token that is signed by one of these keys, by one of these algorithms, and
/// that says it is of one of these types (in lower case), or nothing about its type.
pub fn verify<T: DeserializeOwned>(
    token: &str,
    keys: &Keys,
    algorithms: &[Alg],
    types: &[&str],
) -> Result<T, Fault> {
    if token.len() > LONGEST {
        return Err(Fault::Wrong("it is longer than any token"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(SHAPE)?;
    let (head, payload) = signed
        .split_once('.')
        .filter(|(_, payload)| !payload.contains('.'))
        .ok_or(SHAPE)?;
    let head: Head = object(&decode(head)?).ok_or(Fault::Wrong("its header is none"))?;
    let algorithm = head.accept(algorithms, types)?;
    let signature = decode(signature)?;
    let payload = decode(payload)?;
    if !is_signed(&head, &algorithm, keys, signed.as_bytes(), &signature) {
        return Err(Fault::Key("no key of the provider signed it".to_owned()));
    }
    object(&payload).ok_or(Fault::Wrong("its claims are not what they should be"))
}

/// The keys that a token is held against, by whichever reader: a token that names none (`kid`) is
/// good by any that signed it, so that a provider with several keys that names none is read alike
/// everywhere. Where none did, all of them.
pub fn fitting(token: &str, keys: &Keys, algorithms: &[Alg]) -> Keys {
    let signer = || -> Option<Keys> {
        let (signed, signature) = token.rsplit_once('.')?;
        let head: Head = object(&decode(signed.split_once('.')?.0).ok()?)?;
        let named = serde_json::Value::from(head.alg.as_str());
        let alg = Alg::deserialize(named).ok()?;
        let is_open = head.kid.is_none() && algorithms.contains(&alg);
        let signature = decode(signature).ok()?;
        let mut candidates = keys.keys().iter().filter(|_| is_open).take(MOST_TRIED);
        let signer = candidates.find(|key| {
            key.serves(std::slice::from_ref(&alg))
                && key
                    .verify_signature(&alg, signed.as_bytes(), &signature)
                    .is_ok()
        });
        Some(Keys::new(vec![signer?.clone()]))
    };
    signer().unwrap_or_else(|| keys.clone())
}

impl Head {
    fn accept(&self, algorithms: &[Alg], types: &[&str]) -> Result<Alg, Fault> {
        let named = serde_json::Value::from(self.alg.as_str());
        let algorithm = Alg::deserialize(named).ok();
        let algorithm = algorithm
            .filter(|algorithm| algorithms.contains(algorithm))
            .ok_or(Fault::Wrong("its algorithm is not allowed"))?;
        if self.crit || self.b64 {
            return Err(Fault::Wrong("it demands extensions"));
        }
        if let Some(typ) = &self.typ {
            let typ = typ.to_ascii_lowercase();
            let short = typ.strip_prefix("application/").unwrap_or(&typ);
            if !types.contains(&short) {
                return Err(Fault::Wrong("it is a token of another kind (typ)"));
            }
        }
        Ok(algorithm)
    }
}

fn is_signed(head: &Head, alg: &Alg, keys: &Keys, message: &[u8], signature: &[u8]) -> bool {
    let named = keys.keys().iter().filter(|key| {
        let kid = key.key_id().map(|kid| kid.as_str());
        head.kid.is_none() || head.kid.as_deref() == kid
    });
    named
        .filter(|key| key.serves(std::slice::from_ref(alg)))
        .take(MOST_TRIED)
        .any(|key| key.verify_signature(alg, message, signature).is_ok())
}

/// Without padding and stray bits: one value has one text.
fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part);
    bytes.map_err(|_| Fault::Wrong("it is not base64url"))
}

/// From a JSON object and nothing else: serde would also fill a struct from an array.
fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(json).ok())?
}
