//! Keys: the master key that seals secrets at rest, and the signing keys that it seals.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    chance::Chance,
    clock::Clock,
    error::{Error, Result},
    protocol::jose::{Algorithm, Jwk, JwkSet, SigningKey},
    store::{Store, StoredKey},
};

/// Seals secrets at rest: AES-256-GCM under the master key, bound to what they are for.
#[derive(Clone)]
pub struct Seal {
    key: Arc<LessSafeKey>,
    chance: Chance,
}

impl Seal {
    /// `master`: 32 bytes as standard base64 (padding or not).
    pub fn open(master: &str, chance: Chance) -> Result<Self> {
        let bytes = STANDARD_NO_PAD
            .decode(master.trim().trim_end_matches('='))
            .map(Zeroizing::new);
        let key = bytes
            .ok()
            .and_then(|bytes| UnboundKey::new(&AES_256_GCM, &bytes).ok());
        let key = key.ok_or_else(|| {
            Error::Invalid(
                "the master key must be 32 bytes, base64; `openssl rand -base64 32` \
                            makes one"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            key: Arc::new(LessSafeKey::new(key)),
            chance,
        })
    }

    /// A fresh master key, as [`Seal::open`] reads it.
    pub fn generate(chance: &Chance) -> Zeroizing<String> {
        Zeroizing::new(STANDARD_NO_PAD.encode(chance.bytes::<32>()))
    }

    /// `purpose` must be the same when it is unsealed: a sealed value moved elsewhere is void.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String> {
        let nonce = self.chance.bytes::<12>();
        let mut text = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose),
                &mut text,
            )
            .map_err(|_| Error::Internal("sealing failed".to_owned()))?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &text].concat()))
    }

    pub fn unseal(&self, purpose: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        let wrong = || {
            Error::Internal(format!(
                "{purpose} cannot be unsealed: it was sealed under another master key, or changed"
            ))
        };
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_at_checked(12).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .key
            .open_in_place(nonce, Aad::from(purpose), &mut text)
            .map_err(|_| wrong())?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

/// What an identity provider's settings are sealed for.
pub fn provider_purpose(slug: &str) -> String {
    format!("provider {slug}")
}

/// The keys we sign with, one per algorithm, made at first start.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<HashMap<&'static str, SigningKey>>,
    jwks: Arc<JwkSet>,
}

impl KeyRing {
    /// Reads the keys, and makes those that are missing.
    pub async fn open(store: &Store, seal: &Seal, clock: &Clock) -> Result<Self> {
        for algorithm in Algorithm::ALL {
            let stored = store.signing_keys().await?;
            if !stored.iter().any(|key| key.algorithm == algorithm.as_str()) {
                make(store, seal, clock, algorithm).await?;
            }
        }
        let mut keys = HashMap::new();
        for stored in store.signing_keys().await? {
            let Some(algorithm) = Algorithm::parse(&stored.algorithm) else {
                continue;
            };
            let pkcs8 = seal.unseal(&purpose(&stored.kid), &stored.sealed)?;
            let key = SigningKey::from_pkcs8(algorithm, &pkcs8).map_err(broken)?;
            keys.entry(algorithm.as_str()).or_insert(key);
        }
        let public: Vec<Jwk> = keys.values().map(|key| key.public_jwk().clone()).collect();
        Ok(Self {
            keys: Arc::new(keys),
            jwks: Arc::new(JwkSet::new(public)),
        })
    }

    /// A compact JWS over the claims (RFC 7515).
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: Option<&str>,
        claims: &impl Serialize,
    ) -> Result<String> {
        let key = self.keys.get(algorithm.as_str());
        let key = key.ok_or_else(|| Error::Internal("no key for the algorithm".to_owned()))?;
        key.sign(typ, claims).map_err(broken)
    }

    /// The public halves (RFC 7517).
    pub fn jwks(&self) -> &JwkSet {
        &self.jwks
    }
}

async fn make(store: &Store, seal: &Seal, clock: &Clock, algorithm: Algorithm) -> Result<()> {
    // An RSA key takes long to find: not on an async thread.
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    let (pkcs8, key) = made
        .map_err(|error| Error::Internal(error.to_string()))?
        .map_err(broken)?;
    let stored = StoredKey {
        kid: key.kid().to_owned(),
        algorithm: algorithm.as_str().to_owned(),
        sealed: seal.seal(&purpose(key.kid()), &pkcs8)?,
    };
    let mut tx = store.begin().await?;
    tx.offer_signing_key(&format!("{}:1", algorithm.as_str()), &stored, clock.now())
        .await?;
    tx.commit().await
}

fn purpose(kid: &str) -> String {
    format!("signing key {kid}")
}

fn broken(error: crate::protocol::jose::JoseError) -> Error {
    Error::Internal(format!("signing key: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_for_its_purpose_and_key() {
        let chance = Chance::seeded(1);
        let seal = Seal::open(&Seal::generate(&chance), chance.clone()).unwrap();
        let sealed = seal.seal("bind password", b"hunter2").unwrap();
        assert_eq!(&*seal.unseal("bind password", &sealed).unwrap(), b"hunter2");
        assert!(seal.unseal("another", &sealed).is_err());
        let other = Seal::open(&Seal::generate(&chance), chance).unwrap();
        assert!(other.unseal("bind password", &sealed).is_err());
        assert!(seal.unseal("bind password", "AAAA").is_err());
    }

    #[test]
    fn a_master_key_of_the_wrong_size_is_refused() {
        assert!(Seal::open("c2hvcnQ=", Chance::seeded(1)).is_err());
    }
}
