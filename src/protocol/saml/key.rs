//! Our own key pair: it signs our messages and decrypts messages for us. RSA only, because
//! encryption needs it and every identity provider can verify it.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use super::{Certificate, SamlFault};

mod self_signed;

/// The algorithm of our signatures.
pub const SIGNATURE_ALGORITHM: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// A private key with its certificate, which the other party has.
pub struct PrivateKey {
    pair: KeyPair,
    opener: OaepPrivateDecryptingKey,
    certificate: Certificate,
}

impl PrivateKey {
    /// From PEM: a private key in PKCS#8 or PKCS#1, and the certificate if there is one. Without
    /// one, a self-signed certificate is created, always the same one.
    pub fn from_pem(pem: &str) -> Result<Self, SamlFault> {
        let bad = |why: &str| SamlFault::Metadata(format!("the private key {why}"));
        let blocks: Vec<Pem> = Pem::iter_from_buffer(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| bad("is not PEM"))?;
        let private = blocks
            .iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or_else(|| bad("is missing"))?;
        let pair = match private.label.as_str() {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&private.contents),
            "RSA PRIVATE KEY" => KeyPair::from_der(&private.contents),
            _ => return Err(bad("is encrypted or not RSA")),
        };
        let pair = pair.map_err(|_| bad("is not RSA of at least 2048 bits"))?;
        let certificate = blocks.iter().find(|block| block.label == "CERTIFICATE");
        let certificate = match certificate {
            Some(block) => Certificate::from_der(&block.contents)?,
            None => Certificate::from_der(&self_signed::certificate(&pair)?)?,
        };
        Self::new(pair, certificate)
    }

    /// A new key's PEM, to be stored: the input of [`PrivateKey::from_pem`].
    pub fn generate() -> Result<Zeroizing<String>, SamlFault> {
        Ok(fresh()?.1)
    }

    /// The same with a certificate of its own, valid between these times, in seconds since 1970.
    pub fn dated(from: i64, until: i64) -> Result<Zeroizing<String>, SamlFault> {
        let (pair, mut pem) = fresh()?;
        block(
            &mut pem,
            "CERTIFICATE",
            &self_signed::dated(&pair, from, until)?,
        );
        Ok(pem)
    }

    fn new(pair: KeyPair, certificate: Certificate) -> Result<Self, SamlFault> {
        let broken = || SamlFault::Metadata("the private key cannot be used".to_owned());
        let pkcs8: Pkcs8V1Der = pair.as_der().map_err(|_| broken())?;
        let opener = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).map_err(|_| broken())?;
        let opener = OaepPrivateDecryptingKey::new(opener).map_err(|_| broken())?;
        let key = Self {
            pair,
            opener,
            certificate,
        };
        let proof = key.sign(b"usher")?;
        if !key
            .certificate
            .verifies(SIGNATURE_ALGORITHM, b"usher", &proof)
        {
            let why = "the certificate is not that of the private key";
            return Err(SamlFault::Metadata(why.to_owned()));
        }
        Ok(key)
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A detached signature, [`SIGNATURE_ALGORITHM`].
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SamlFault> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                data,
                &mut signature,
            )
            .map_err(|_| SamlFault::Signature("our own key does not sign"))?;
        Ok(signature)
    }

    /// [`PrivateKey::sign`] in base64.
    pub fn sign_base64(&self, data: &[u8]) -> Result<String, SamlFault> {
        Ok(STANDARD.encode(self.sign(data)?))
    }

    /// Decrypts what was encrypted for us by RSA-OAEP.
    pub(super) fn open(
        &self,
        how: &'static OaepAlgorithm,
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut room = Zeroizing::new(vec![0; self.opener.min_output_size()]);
        let opened = self.opener.decrypt(how, sealed, &mut room, None).ok()?;
        Some(Zeroizing::new(opened.to_vec()))
    }
}

/// A new key, and its PEM.
fn fresh() -> Result<(KeyPair, Zeroizing<String>), SamlFault> {
    let broken = |_| SamlFault::Metadata("a key cannot be made".to_owned());
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(broken)?;
    let pkcs8: Pkcs8V1Der = pair.as_der().map_err(broken)?;
    let mut pem = Zeroizing::new(String::new());
    block(&mut pem, "PRIVATE KEY", pkcs8.as_ref());
    Ok((pair, pem))
}

/// One block of PEM (RFC 7468 section 2).
fn block(pem: &mut String, label: &str, der: &[u8]) {
    let text = Zeroizing::new(STANDARD.encode(der));
    pem.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.certificate.fingerprint();
        f.debug_struct("PrivateKey")
            .field("certificate", &fingerprint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_certificate_has_real_dates_and_stays_the_same() {
        let from = 1_795_000_000;
        for until in [1_952_000_000, 2_600_000_000] {
            let pem = PrivateKey::dated(from, until).unwrap();
            let [first, second] = [&pem, &pem].map(|pem| PrivateKey::from_pem(pem).unwrap());
            assert_eq!(first.certificate(), second.certificate());
            assert_eq!(first.certificate().not_after(), until);
        }
    }

    /// Keys of existing portals: the certificate that service providers have must not change.
    #[test]
    fn a_key_that_was_kept_without_a_certificate_keeps_the_one_it_had() {
        let pem = PrivateKey::generate().unwrap();
        let key = PrivateKey::from_pem(&pem).unwrap();
        let again = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!(key.certificate(), again.certificate());
        assert_eq!(
            key.certificate().not_after(),
            2_524_607_999,
            "the end of 2049"
        );
    }
}
