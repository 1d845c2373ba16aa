//! Signed tokens of a provider, parsed as strictly as `protocol::jose` parses ours, with the
//! provider's keys and the algorithms it may use (RFC 7515, RFC 8725). The caller checks their
//! claims.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{JsonWebKey, core::CoreJwsSigningAlgorithm as Alg};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};
use thiserror::Error;

use super::{form::RemoteKeys, key::Key};
use crate::clock::Time;

/// A token with some thousand groups; no legitimate one is longer.
const LONGEST: usize = 256 * 1024;
/// How many keys one token is verified with.
const MOST_TRIED: usize = 8;

/// Why a token was refused. Quotes nothing of it.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// A newer key may verify it.
    #[error("{0}")]
    Key(String),
    #[error("{0}")]
    Wrong(String),
}

/// A token whose signature is valid.
pub struct Signed<'k, T> {
    pub claims: T,
    pub key: &'k Key,
    pub algorithm: Alg,
}

/// Members that could name a key (`jwk`, `jku`, `x5c`, `x5u`) are not read.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The claims of a token that is signed by one of these keys, by one of these algorithms, and whose
/// type is one of these (in lower case), or missing.
pub fn verify<'k, T: DeserializeOwned>(
    token: &str,
    keys: &'k RemoteKeys,
    algorithms: &[Alg],
    types: &[&str],
) -> Result<Signed<'k, T>, TokenFault> {
    if token.len() > LONGEST {
        return Err(wrong("it is longer than any token"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or_else(shape)?;
    let (head, payload) = signed
        .split_once('.')
        .filter(|(_, payload)| !payload.contains('.'))
        .ok_or_else(shape)?;
    let head: Head = object(&decode(head)?).ok_or_else(|| wrong("its header is none"))?;
    let algorithm = head.accept(algorithms, types)?;
    let signature = decode(signature)?;
    let payload = decode(payload)?;
    let key = signer(&head, &algorithm, keys, signed.as_bytes(), &signature);
    let key =
        key.ok_or_else(|| TokenFault::Key("no key of the provider signed the token".to_owned()))?;
    let claims = object(&payload);
    Ok(Signed {
        claims: claims.ok_or_else(|| wrong("its claims are not what they should be"))?,
        key,
        algorithm,
    })
}

fn wrong(why: &str) -> TokenFault {
    TokenFault::Wrong(format!("the token is refused: {why}"))
}

fn shape() -> TokenFault {
    wrong("it is not a compact token")
}

impl Head {
    fn accept(&self, algorithms: &[Alg], types: &[&str]) -> Result<Alg, TokenFault> {
        let named = serde_json::Value::from(self.alg.as_str());
        let algorithm = Alg::deserialize(named).ok();
        let algorithm = algorithm
            .filter(|algorithm| algorithms.contains(algorithm))
            .ok_or_else(|| wrong("its algorithm (alg) is not among the setting's algorithms"))?;
        if self.crit || self.b64 {
            return Err(wrong("it demands unsupported extensions (crit)"));
        }
        if self.cty.is_some() {
            return Err(wrong("what it holds is unsupported (cty)"));
        }
        if let Some(typ) = &self.typ {
            let typ = typ.to_ascii_lowercase();
            let short = typ.strip_prefix("application/").unwrap_or(&typ);
            if !types.contains(&short) {
                return Err(wrong("its type is unsupported here (typ)"));
            }
        }
        Ok(algorithm)
    }
}

fn signer<'k>(
    head: &Head,
    alg: &Alg,
    keys: &'k RemoteKeys,
    message: &[u8],
    signature: &[u8],
) -> Option<&'k Key> {
    let named = keys.keys().iter().filter(|key| {
        let kid = key.key_id().map(|kid| kid.as_str());
        head.kid.is_none() || head.kid.as_deref() == kid
    });
    named
        .filter(|key| key.serves(std::slice::from_ref(alg)))
        .take(MOST_TRIED)
        .find(|key| key.verify_signature(alg, message, signature).is_ok())
}

/// Without padding and stray bits, so that one value has one text.
fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part);
    bytes.map_err(|_| wrong("it is not base64url"))
}

/// Whether it could be a compact token (RFC 7515 section 7.1): three parts in base64url.
pub fn is_shaped(text: &str) -> bool {
    let parts = text.split('.').map(decode);
    parts.clone().count() == 3 && parts.into_iter().all(|part| part.is_ok())
}

/// From a JSON object and nothing else: serde would also fill a struct from an array.
pub fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(json).ok())?
}

/// A NumericDate (RFC 7519 section 2); the cast saturates.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
pub fn time(seconds: f64) -> Time {
    Time::from_millis((seconds * 1000.0) as i64)
}
