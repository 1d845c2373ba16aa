//! Decrypting an `EncryptedAssertion` (Core section 2.3.4; XML Encryption 1.1). The result is not
//! verified: encryption is no signature, and `verify.rs` starts again with it.
//!
//! AES-GCM with RSA-OAEP. AES-CBC only where an admin allows it (its padding reveals too much); RSA
//! 1.5 never. Every failure past the algorithms is the same fault: no oracle.

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{self, DecryptingKey, DecryptionContext, UnboundCipherKey},
    iv::FixedLength,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
        OaepAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{PrivateKey, SamlFault, ns, xml::Element};

const CLOSED: SamlFault = SamlFault::Encryption("it is not for our key, or not what was sent");
const MISSHAPEN: SamlFault = SamlFault::Encryption("it is not shaped as it must be");

/// The decrypted bytes, with whichever of our keys it was encrypted for.
pub fn open(
    encrypted: &Element,
    keys: &[PrivateKey],
    allow_cbc: bool,
) -> Result<Zeroizing<Vec<u8>>, SamlFault> {
    let data = encrypted
        .only(ns::XENC, "EncryptedData")?
        .ok_or(MISSHAPEN)?;
    let how = Cipher::read(data, allow_cbc)?;
    let sealed = cipher_value(data)?;
    let mut refused = CLOSED;
    for wrapped in wrapped_keys(encrypted, data)? {
        let oaep = match oaep(wrapped) {
            Ok(oaep) => oaep,
            Err(fault) => {
                refused = fault;
                continue;
            }
        };
        let wrapped = cipher_value(wrapped)?;
        let opened = keys
            .iter()
            .filter_map(|key| key.open(oaep, &wrapped))
            .find_map(|content_key| how.open(&content_key, &sealed));
        if let Some(plain) = opened {
            return Ok(plain);
        }
    }
    Err(refused)
}

/// Keys are inside the data's `KeyInfo` or beside the data; references are not followed.
fn wrapped_keys<'a>(
    encrypted: &'a Element,
    data: &'a Element,
) -> Result<Vec<&'a Element>, SamlFault> {
    const MOST: usize = 8;
    let inside = data.only(ns::DSIG, "KeyInfo")?;
    let inside = inside
        .into_iter()
        .flat_map(|info| info.all(ns::XENC, "EncryptedKey"));
    let keys: Vec<_> = inside
        .chain(encrypted.all(ns::XENC, "EncryptedKey"))
        .collect();
    match keys.len() {
        1..=MOST => Ok(keys),
        _ => Err(MISSHAPEN),
    }
}

/// `CipherReference` is not supported, because it would make us fetch an address.
fn cipher_value(of: &Element) -> Result<Vec<u8>, SamlFault> {
    let data = of.only(ns::XENC, "CipherData")?.ok_or(MISSHAPEN)?;
    let value = data.only(ns::XENC, "CipherValue")?.ok_or(MISSHAPEN)?;
    let text = value.text()?;
    let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(dense).map_err(|_| MISSHAPEN)
}

fn method(of: &Element) -> Result<&Element, SamlFault> {
    of.only(ns::XENC, "EncryptionMethod")?.ok_or(MISSHAPEN)
}

fn algorithm(of: &Element) -> &str {
    of.attribute("Algorithm").unwrap_or_default()
}

/// XML Encryption 1.1 section 5.5.2. The mask's digest is the message's, or SHA-1 under the old
/// name; OAEP with SHA-1 is not affected by collisions.
fn oaep(wrapped: &Element) -> Result<&'static OaepAlgorithm, SamlFault> {
    let method = method(wrapped)?;
    let digest = method.only(ns::DSIG, "DigestMethod")?.map_or("", algorithm);
    let mask = method.only(ns::XENC11, "MGF")?.map_or("", algorithm);
    if method.only(ns::XENC, "OAEPparams")?.is_some() {
        return Err(SamlFault::Encryption(
            "OAEP with parameters is not supported",
        ));
    }
    const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    let mask = mask
        .strip_prefix("http://www.w3.org/2009/xmlenc11#mgf1")
        .unwrap_or(mask);
    match (algorithm(method), digest, mask) {
        ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "" | SHA1, "" | "sha1")
        | ("http://www.w3.org/2009/xmlenc11#rsa-oaep", "" | SHA1, "" | "sha1") => {
            Ok(&OAEP_SHA1_MGF1SHA1)
        }
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", SHA256, "sha256") => {
            Ok(&OAEP_SHA256_MGF1SHA256)
        }
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", SHA384, "sha384") => {
            Ok(&OAEP_SHA384_MGF1SHA384)
        }
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", SHA512, "sha512") => {
            Ok(&OAEP_SHA512_MGF1SHA512)
        }
        ("http://www.w3.org/2001/04/xmlenc#rsa-1_5", ..) => {
            Err(SamlFault::Encryption("its key is encrypted by RSA 1.5"))
        }
        _ => Err(SamlFault::Encryption(
            "its key is encrypted in a way that is not supported",
        )),
    }
}

enum Cipher {
    Gcm(&'static aead::Algorithm),
    Cbc(&'static cipher::Algorithm),
}

impl Cipher {
    fn read(data: &Element, allow_cbc: bool) -> Result<Self, SamlFault> {
        match algorithm(method(data)?) {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Ok(Self::Gcm(&aead::AES_128_GCM)),
            "http://www.w3.org/2009/xmlenc11#aes192-gcm" => Ok(Self::Gcm(&aead::AES_192_GCM)),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Ok(Self::Gcm(&aead::AES_256_GCM)),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" if allow_cbc => {
                Ok(Self::Cbc(&cipher::AES_128))
            }
            "http://www.w3.org/2001/04/xmlenc#aes192-cbc" if allow_cbc => {
                Ok(Self::Cbc(&cipher::AES_192))
            }
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" if allow_cbc => {
                Ok(Self::Cbc(&cipher::AES_256))
            }
            other if other.ends_with("-cbc") => Err(SamlFault::Encryption(
                "it is encrypted by CBC, which is not allowed",
            )),
            _ => Err(SamlFault::Encryption(
                "it is encrypted in a way that is not supported",
            )),
        }
    }

    fn open(&self, key: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Gcm(algorithm) => open_gcm(algorithm, key, sealed),
            Self::Cbc(algorithm) => open_cbc(algorithm, key, sealed),
        }
    }
}

/// XML Encryption 1.1 section 5.2.4: 96 bits of nonce, the text, 128 bits of tag.
fn open_gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let (nonce, text) = sealed.split_at_checked(12)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let length = key
        .open_in_place(nonce, Aad::empty(), &mut text)
        .ok()?
        .len();
    text.truncate(length);
    Some(text)
}

/// Sections 5.2.2 and 5.2: 128 bits of vector, and padding whose last byte is its length.
fn open_cbc(
    algorithm: &'static cipher::Algorithm,
    key: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let (vector, text) = sealed.split_at_checked(16)?;
    let vector = FixedLength::from(<&[u8; 16]>::try_from(vector).ok()?);
    let mut text = Zeroizing::new(text.to_vec());
    key.decrypt(&mut text, DecryptionContext::Iv128(vector))
        .ok()?;
    let padding = usize::from(*text.last()?);
    let length = text.len().checked_sub(padding)?;
    (1..=16).contains(&padding).then(|| text.truncate(length))?;
    Some(text)
}
