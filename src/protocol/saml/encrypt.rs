//! Encrypting an assertion for a service provider (Core section 2.3.4): AES-256-GCM, its key by
//! RSA-OAEP. Never CBC, whose padding reveals too much; never RSA 1.5.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rsa::OAEP_SHA1_MGF1SHA1,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Certificate, SamlFault, ns, xml::Element};

/// Fresh randomness for one encryption: a content key and a nonce.
pub struct EncryptionSecrets {
    pub key: [u8; 32],
    pub nonce: [u8; 12],
}

/// The element with `xml`, encrypted for the holder of the certificate's key.
pub(super) fn encrypted(
    xml: &str,
    to: &Certificate,
    once: &EncryptionSecrets,
) -> Result<Element, SamlFault> {
    let broken = || SamlFault::Encryption("it cannot be encrypted for this key");
    let cipher = UnboundKey::new(&AES_256_GCM, &once.key).map_err(|_| broken())?;
    let mut text = xml.as_bytes().to_vec();
    LessSafeKey::new(cipher)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(once.nonce),
            Aad::empty(),
            &mut text,
        )
        .map_err(|_| broken())?;
    let rsa = to.rsa().ok_or_else(broken)?;
    let mut room = vec![0; rsa.ciphertext_size()];
    let wrapped = rsa
        .encrypt(&OAEP_SHA1_MGF1SHA1, &once.key, &mut room, None)
        .map_err(|_| broken())?;
    let wrapped = STANDARD.encode(wrapped);
    let sealed = STANDARD.encode([&once.nonce[..], &text].concat());
    let digest = Element::new(ns::DSIG, "ds:DigestMethod")
        .with("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1");
    let key = xenc("EncryptedKey")
        .child(method("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p").child(digest))
        .child(value(&wrapped));
    let data = xenc("EncryptedData")
        .with("Type", "http://www.w3.org/2001/04/xmlenc#Element")
        .child(method("http://www.w3.org/2009/xmlenc11#aes256-gcm"))
        .child(Element::new(ns::DSIG, "ds:KeyInfo").child(key))
        .child(value(&sealed));
    Ok(Element::new(ns::ASSERTION, "saml:EncryptedAssertion").child(data))
}

fn xenc(name: &str) -> Element {
    Element::new(ns::XENC, &format!("xenc:{name}"))
}

fn method(algorithm: &str) -> Element {
    xenc("EncryptionMethod").with("Algorithm", algorithm)
}

fn value(base64: &str) -> Element {
    xenc("CipherData").child(xenc("CipherValue").containing(base64))
}
