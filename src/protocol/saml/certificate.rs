//! Certificates in SAML: containers of a key that an admin pinned or metadata lists. No chain is
//! built and an expired one is a warning, not an error (Metadata Interoperability Profile section
//! 2.6.1).

use aws_lc_rs::{
    digest,
    rsa::{OaepPublicEncryptingKey, PublicEncryptingKey},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{pem::Pem, prelude::FromDer, public_key::PublicKey, x509::SubjectPublicKeyInfo};

use super::SamlFault;

/// A certificate with a sufficiently strong key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: Vec<u8>,
    not_after: i64,
    allows_sha1: bool,
}

/// RSA with SHA-1, which is broken against an attacker who can choose what is signed.
pub(super) const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

/// Algorithms a signature may have, by the names of XML Signature 1.1 section 6.4; there is nothing
/// symmetric, and SHA-1 only by a certificate that [allows](Certificate::allowing_sha1) it.
pub const ALGORITHMS: &[(&str, &dyn VerificationAlgorithm)] = &[
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        &RSA_PKCS1_2048_8192_SHA256,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        &RSA_PKCS1_2048_8192_SHA384,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        &RSA_PKCS1_2048_8192_SHA512,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        &ECDSA_P256_SHA256_FIXED,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        &ECDSA_P384_SHA384_FIXED,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        &ECDSA_P521_SHA512_FIXED,
    ),
];

const NO_CERTIFICATE: &str = "a certificate cannot be read";

impl Certificate {
    pub fn from_der(der: &[u8]) -> Result<Self, SamlFault> {
        let unread = || SamlFault::Metadata(NO_CERTIFICATE.to_owned());
        let (rest, parsed) =
            x509_parser::certificate::X509Certificate::from_der(der).map_err(|_| unread())?;
        if !rest.is_empty() {
            return Err(unread());
        }
        Ok(Self {
            key: strong_key(parsed.public_key())?,
            not_after: parsed.validity().not_after.timestamp(),
            der: der.to_vec(),
            allows_sha1: false,
        })
    }

    /// The first certificate of a PEM text.
    pub fn from_pem(pem: &str) -> Result<Self, SamlFault> {
        let found = Pem::iter_from_buffer(pem.as_bytes())
            .flatten()
            .find(|block| block.label == "CERTIFICATE");
        let found =
            found.ok_or_else(|| SamlFault::Metadata("there is no certificate in PEM".into()))?;
        Self::from_der(&found.contents)
    }

    /// As `ds:X509Certificate` holds it.
    pub fn from_base64(text: &str) -> Result<Self, SamlFault> {
        let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(dense);
        Self::from_der(&der.map_err(|_| SamlFault::Metadata(NO_CERTIFICATE.to_owned()))?)
    }

    /// The RSA key in it, to encrypt for the holder of the private key.
    pub(super) fn rsa(&self) -> Option<OaepPublicEncryptingKey> {
        let (_, parsed) = x509_parser::certificate::X509Certificate::from_der(&self.der).ok()?;
        let spki = parsed.public_key();
        let PublicKey::RSA(_) = spki.parsed().ok()? else {
            return None;
        };
        let key = PublicEncryptingKey::from_der(spki.raw).ok()?;
        OaepPublicEncryptingKey::new(key).ok()
    }

    /// The same, accepting RSA-SHA1 signatures, because an admin allowed them for this party.
    #[must_use]
    pub fn allowing_sha1(self) -> Self {
        Self {
            allows_sha1: true,
            ..self
        }
    }

    pub(super) fn allows_sha1(&self) -> bool {
        self.allows_sha1
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// SHA-256 of the certificate, as admins compare it.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.der);
        let hex: Vec<_> = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        hex.join(":")
    }

    /// Its last second, since 1970.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Verifies a detached signature by this certificate's key; false for an algorithm that is not
    /// listed.
    pub fn verifies(&self, algorithm: &str, data: &[u8], signature: &[u8]) -> bool {
        let legacy: &dyn VerificationAlgorithm = &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
        let listed = ALGORITHMS.iter().find(|(uri, _)| *uri == algorithm);
        let legacy = (self.allows_sha1 && algorithm == RSA_SHA1).then_some(legacy);
        let found = listed.map(|(_, algorithm)| *algorithm).or(legacy);
        found.is_some_and(|algorithm| {
            let key = UnparsedPublicKey::new(algorithm, &self.key);
            key.verify(data, signature).is_ok()
        })
    }
}

/// RSA from 2048 bits, or a curve of NIST's.
fn strong_key(info: &SubjectPublicKeyInfo) -> Result<Vec<u8>, SamlFault> {
    let weak = |what: &str| {
        Err(SamlFault::Metadata(format!(
            "a certificate's key is {what}"
        )))
    };
    match info.parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < 2048 => weak("RSA of less than 2048 bits"),
        Ok(PublicKey::RSA(_)) => Ok(info.subject_public_key.data.to_vec()),
        Ok(PublicKey::EC(point)) if point.key_size() >= 256 => {
            Ok(info.subject_public_key.data.to_vec())
        }
        _ => weak("neither RSA nor of an elliptic curve"),
    }
}
