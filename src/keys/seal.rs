//! The seal on secrets at rest.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use super::{SealPurpose, provider_purpose};
use crate::{
    chance::Chance,
    error::{Error, Result},
};

/// Seals secrets at rest: AES-256-GCM, bound to their purpose. Each kind of purpose has a key of
/// its own, derived from the master key (HKDF, RFC 5869): nonces are random, and however many
/// values anonymous requests have sealed, no other key is weakened.
#[derive(Clone)]
pub struct Seal {
    master: Arc<Master>,
    chance: Chance,
}

struct Master {
    /// What derived keys are expanded from.
    root: hkdf::Prk,
    /// The master key itself was used for sealing once: it still opens values from then, and seals
    /// none any more.
    old: LessSafeKey,
}

/// The domain of the derivation: the same master key used by another program yields other keys.
const DOMAIN: &[u8] = b"usher seal v1";

/// Seals and opens one kind of value that is not stored: it comes back to us through clients, in an
/// address or a form. See [`Seal::purpose`].
pub struct PurposeSeal<'a> {
    seal: &'a Seal,
    purpose: SealPurpose,
}

impl Seal {
    /// `master`: 32 bytes as standard base64 (padding or not).
    pub fn open(master: &str, chance: Chance) -> Result<Self> {
        let wrong = || {
            Error::Invalid(
                "the master key must be 32 bytes, base64; `openssl rand -base64 32` \
                            creates one"
                    .to_owned(),
            )
        };
        let bytes = STANDARD_NO_PAD.decode(master.trim().trim_end_matches('='));
        let bytes = bytes.map(Zeroizing::new).map_err(|_| wrong())?;
        let old = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| wrong())?;
        let master = Master {
            root: hkdf::Salt::new(hkdf::HKDF_SHA256, DOMAIN).extract(&bytes),
            old: LessSafeKey::new(old),
        };
        Ok(Self {
            master: Arc::new(master),
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

    /// The seal for values that pass through clients and have no row: `word` names what they are,
    /// and the key of another word does not open them.
    pub fn purpose(&self, word: &'static str) -> PurposeSeal<'_> {
        PurposeSeal {
            seal: self,
            purpose: SealPurpose::passing(word),
        }
    }

    /// `purpose` must be the same when it is unsealed: a sealed value moved elsewhere is void.
    pub fn seal(&self, purpose: &SealPurpose, secret: &[u8]) -> Result<String> {
        Ok(STANDARD_NO_PAD.encode(self.sealed(purpose, secret)?))
    }

    /// Opens a value that is sealed for this purpose, also one that the master key itself sealed
    /// for it before purposes had keys of their own.
    pub fn unseal(&self, purpose: &SealPurpose, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = STANDARD_NO_PAD.decode(sealed);
        let opened = bytes.ok().and_then(|bytes| self.opened(purpose, &bytes));
        opened.ok_or_else(|| {
            Error::Internal(format!(
                "{purpose} cannot be decrypted: it was encrypted with another master key, or changed"
            ))
        })
    }

    /// The nonce (12 bytes), the ciphertext and its tag (16 bytes).
    fn sealed(&self, purpose: &SealPurpose, secret: &[u8]) -> Result<Vec<u8>> {
        let failed = || Error::Internal("sealing failed".to_owned());
        let nonce = self.chance.bytes::<12>();
        let key = self.derived(purpose).ok_or_else(failed)?;
        let mut text = secret.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_str()),
            &mut text,
        )
        .map_err(|_| failed())?;
        Ok([&nonce[..], &text].concat())
    }

    fn opened(&self, purpose: &SealPurpose, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.derived(purpose)?;
        open_with(&key, purpose, sealed).or_else(|| open_with(&self.master.old, purpose, sealed))
    }

    /// The key of this kind of purpose (RFC 5869 section 2.3, `info` is the kind).
    fn derived(&self, purpose: &SealPurpose) -> Option<LessSafeKey> {
        let info = [purpose.kind().as_bytes()];
        let key = self.master.root.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(key)))
    }
}

impl PurposeSeal<'_> {
    /// base64url without padding: it needs no escaping in an address.
    pub fn seal(&self, text: &[u8]) -> Result<String> {
        let sealed = self.seal.sealed(&self.purpose, text)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// `None` if it was not sealed by us for this purpose. Both alphabets of base64 are read.
    pub fn open(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = sealed.replace('+', "-").replace('/', "_");
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.seal.opened(&self.purpose, &bytes)
    }
}

fn open_with(
    key: &LessSafeKey,
    purpose: &SealPurpose,
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, text) = sealed.split_at_checked(12)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let aad = Aad::from(purpose.as_str());
    let length = key.open_in_place(nonce, aad, &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(number: u64) -> Seal {
        let chance = Chance::seeded(number);
        Seal::open(&Seal::generate(&chance), chance).unwrap()
    }

    #[test]
    fn a_sealed_secret_opens_only_for_its_purpose_and_key() {
        let seal = fresh(1);
        let [ours, another] = ["company", "uni"].map(provider_purpose);
        let sealed = seal.seal(&ours, b"hunter2").unwrap();
        assert_eq!(&*seal.unseal(&ours, &sealed).unwrap(), b"hunter2");
        assert!(seal.unseal(&another, &sealed).is_err());
        assert!(fresh(2).unseal(&ours, &sealed).is_err());
        assert!(seal.unseal(&ours, "AAAA").is_err());
    }

    #[test]
    fn what_the_master_key_itself_sealed_stays_readable() {
        let seal = fresh(1);
        let ours = provider_purpose("company");
        let nonce = seal.chance.bytes::<12>();
        let mut text = b"hunter2".to_vec();
        let aad = Aad::from(ours.as_str());
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = &mut text;
        let done = seal
            .master
            .old
            .seal_in_place_append_tag(unique, aad, sealed);
        done.unwrap();
        let old = STANDARD_NO_PAD.encode([&nonce[..], &text].concat());
        assert_eq!(&*seal.unseal(&ours, &old).unwrap(), b"hunter2");
        assert!(seal.unseal(&provider_purpose("uni"), &old).is_err());
    }

    #[test]
    fn the_key_of_what_anonymous_requests_have_sealed_opens_nothing_else() {
        let seal = fresh(1);
        let [one, another] = ["gateway knock", "destination"].map(SealPurpose::passing);
        let key = seal.derived(&one).unwrap();
        let sealed = seal.sealed(&one, b"/reports").unwrap();
        assert_eq!(&*open_with(&key, &one, &sealed).unwrap(), b"/reports");
        assert!(open_with(&seal.master.old, &one, &sealed).is_none());
        // Even if the purpose were not bound to the value, the key differs.
        let moved = seal.sealed(&another, b"/reports").unwrap();
        assert!(open_with(&key, &another, &moved).is_none());
    }

    #[test]
    fn what_passes_through_other_hands_needs_no_escaping_and_opens_for_its_word_alone() {
        let seal = fresh(1);
        let gateway = seal.purpose("gateway knock");
        let sealed = gateway.seal(&[0xff; 64]).unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        assert!(sealed.chars().all(is_plain), "{sealed}");
        assert_eq!(&*gateway.open(&sealed).unwrap(), &[0xff; 64]);
        assert!(seal.purpose("destination").open(&sealed).is_none());
        assert!(gateway.open(&sealed[1..]).is_none());
        assert!(gateway.open("").is_none());
    }

    #[test]
    fn a_master_key_of_the_wrong_size_is_refused() {
        assert!(Seal::open("c2hvcnQ=", Chance::seeded(1)).is_err());
    }
}
