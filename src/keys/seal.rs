//! The seal on secrets at rest.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use super::{Purpose, provider_purpose};
use crate::{
    chance::Chance,
    error::{Error, Result},
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

    /// Whether it is another seal under the same key.
    pub fn is_same(&self, other: &Seal) -> Result<bool> {
        let purpose = provider_purpose("");
        let sealed = self.seal(&purpose, b"")?;
        Ok(other.unseal(&purpose, &sealed).is_ok())
    }

    /// `purpose` must be the same when it is unsealed: a sealed value moved elsewhere is void.
    pub fn seal(&self, purpose: &Purpose, secret: &[u8]) -> Result<String> {
        let nonce = self.chance.bytes::<12>();
        let mut text = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_str()),
                &mut text,
            )
            .map_err(|_| Error::Internal("sealing failed".to_owned()))?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &text].concat()))
    }

    pub fn unseal(&self, purpose: &Purpose, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
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
            .open_in_place(nonce, Aad::from(purpose.as_str()), &mut text)
            .map_err(|_| wrong())?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_for_its_purpose_and_key() {
        let chance = Chance::seeded(1);
        let seal = Seal::open(&Seal::generate(&chance), chance.clone()).unwrap();
        let [ours, another] = ["company", "uni"].map(provider_purpose);
        let sealed = seal.seal(&ours, b"hunter2").unwrap();
        assert_eq!(&*seal.unseal(&ours, &sealed).unwrap(), b"hunter2");
        assert!(seal.unseal(&another, &sealed).is_err());
        let other = Seal::open(&Seal::generate(&chance), chance).unwrap();
        assert!(other.unseal(&ours, &sealed).is_err());
        assert!(seal.unseal(&ours, "AAAA").is_err());
    }

    #[test]
    fn a_master_key_of_the_wrong_size_is_refused() {
        assert!(Seal::open("c2hvcnQ=", Chance::seeded(1)).is_err());
    }
}
