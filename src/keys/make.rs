//! Makes the keys: a slot of a purpose is filled once, whichever replica is first, and the event
//! is written in the same transaction.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{KeyStatus, SIGNING_KEY, Seal, SealPurpose, ring::SAML};
use crate::{
    chance::Chance,
    clock::Time,
    error::{Error, Result},
    model::event::{Event, Target},
    protocol::{
        jose::{Algorithm, SigningKey},
        saml::PrivateKey,
    },
    store::{Store, StoredKey},
};

/// Creates the audit events of a key that was created and of one that was withdrawn.
pub struct AuditHooks<'a> {
    pub made: &'a (dyn Fn() -> Event + Sync),
    pub withdrawn: &'a (dyn Fn() -> Event + Sync),
}

/// How long the certificate of a SAML key is valid, from when the key starts to sign: five years.
const LIFE: Duration = Duration::from_secs(1826 * 24 * 3600);
const CLOCKS: Duration = Duration::from_secs(3600);

/// Creates missing keys.
pub(super) struct Maker<'a> {
    pub store: &'a Store,
    pub seal: &'a Seal,
    pub now: Time,
    pub chance: &'a Chance,
}

impl Maker<'_> {
    /// A key for a purpose, sealed.
    pub async fn make(&self, name: &'static str, from: Time) -> Result<StoredKey> {
        match Algorithm::parse(name) {
            Some(algorithm) => {
                let (pkcs8, key) = off_thread(move || SigningKey::generate(algorithm)).await?;
                self.sealed(name, key.kid(), &pkcs8, from)
            }
            None if name == SAML => {
                // The clocks of other systems may be behind.
                let (begins, ends) = ((self.now - CLOCKS).secs(), (from + LIFE).secs());
                let pem = off_thread(move || PrivateKey::dated(begins, ends)).await?;
                let fingerprint = saml_key(pem.as_bytes())?.certificate().fingerprint();
                self.sealed(name, &fingerprint, pem.as_bytes(), from)
            }
            None => {
                let secret = Zeroizing::new(self.chance.bytes::<32>());
                let kid = URL_SAFE_NO_PAD.encode(self.chance.bytes::<16>());
                self.sealed(name, &kid, &*secret, from)
            }
        }
    }

    fn sealed(&self, name: &str, kid: &str, secret: &[u8], from: Time) -> Result<StoredKey> {
        Ok(StoredKey {
            kid: kid.to_owned(),
            algorithm: name.to_owned(),
            sealed: self.seal.seal(&purpose(kid), secret)?,
            active_from: from,
            withdrawn_at: None,
        })
    }

    /// Stores a key in this slot of its purpose and withdraws those it replaces; the first writer
    /// wins. Returns whether it was ours.
    pub async fn keep(
        &self,
        slot: i64,
        key: &StoredKey,
        replaced: &[&KeyStatus],
        hooks: Option<&AuditHooks<'_>>,
    ) -> Result<bool> {
        let name = &key.algorithm;
        let mut tx = self.store.begin().await?;
        let slot = format!("{name}:{slot}");
        if !tx.offer_signing_key(&slot, key, self.now).await? {
            return Ok(false);
        }
        for old in replaced {
            let is_new = tx.withdraw_signing_key(&old.kid, self.now).await?;
            if let Some(hooks) = hooks.filter(|_| is_new) {
                let event = (hooks.withdrawn)().about(Target::key(&old.kid));
                tx.record(&event.with("purpose", name)).await?;
            }
        }
        if !replaced.is_empty() {
            // Other replicas reload at once, where the database notifies them.
            tx.bump_catalog().await?;
        }
        if let Some(hooks) = hooks {
            let event = (hooks.made)()
                .about(Target::key(&key.kid))
                .with("purpose", name)
                .with("signs_from", key.active_from.utc().to_string());
            tx.record(&event).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// An RSA key takes long to find: not on an async thread.
async fn off_thread<T, E>(make: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|error| Error::Internal(error.to_string()))?
        .map_err(|error| Error::Internal(format!("a key cannot be made: {error}")))
}

pub(super) fn saml_key(pem: &[u8]) -> Result<PrivateKey> {
    let wrong = |why: String| Error::Internal(format!("the SAML key: {why}"));
    let text = std::str::from_utf8(pem).map_err(|error| wrong(error.to_string()))?;
    PrivateKey::from_pem(text).map_err(|error| wrong(error.to_string()))
}

pub(super) fn purpose(kid: &str) -> SealPurpose {
    SIGNING_KEY.of(&[kid])
}
