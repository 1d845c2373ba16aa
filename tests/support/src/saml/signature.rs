//! Signatures, right and wrong. The texts of [`super::Says`] are canonical XML as they are written
//! (attributes in order, nothing self-closed, namespaces where they are used), so hashing the text
//! is hashing its canonical form.

use aws_lc_rs::{
    digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256},
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
        RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::pem;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
pub const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
pub const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
pub const DIGEST_SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub const DIGEST_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

/// A signing key.
pub struct Signer {
    name: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

/// How a signature is put together; [`Template::default`] is right.
#[derive(Clone)]
pub struct Template {
    pub canonicalization: String,
    pub algorithm: String,
    pub digest: String,
    pub transforms: Vec<String>,
    /// Inserted after the right reference.
    pub more_references: String,
    /// Instead of `#` and the id of what is signed.
    pub uri: Option<String>,
    /// Instead of the digest of what is signed.
    pub digest_value: Option<String>,
    /// Inserted after the SignatureValue: KeyInfo, Object.
    pub after: String,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            canonicalization: EXC_C14N.to_owned(),
            algorithm: RSA_SHA256.to_owned(),
            digest: DIGEST_SHA256.to_owned(),
            transforms: vec![transform(ENVELOPED, ""), transform(EXC_C14N, "")],
            more_references: String::new(),
            uri: None,
            digest_value: None,
            after: String::new(),
        }
    }
}

pub fn transform(algorithm: &str, inside: &str) -> String {
    format!("<ds:Transform Algorithm=\"{algorithm}\">{inside}</ds:Transform>")
}

pub fn reference(uri: &str, transforms: &[String], digest: &str, value: &str) -> String {
    format!(
        "<ds:Reference URI=\"{uri}\"><ds:Transforms>{}</ds:Transforms><ds:DigestMethod \
         Algorithm=\"{digest}\"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue>\
         </ds:Reference>",
        transforms.concat()
    )
}

/// The digest of a text, as `DigestValue` has it.
pub fn digest_of(algorithm: &str, text: &str) -> String {
    let algorithm = match algorithm {
        DIGEST_SHA1 => &SHA1_FOR_LEGACY_USE_ONLY,
        "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
        _ => &SHA256,
    };
    STANDARD.encode(digest::digest(algorithm, text.as_bytes()))
}

impl Signer {
    pub fn of(name: &'static str) -> Self {
        let block = pem(name).split("-----").nth(2).expect("a PEM block");
        let dense: String = block.split_whitespace().collect();
        let der = STANDARD.decode(dense).expect("base64");
        let pair = match RsaKeyPair::from_pkcs8(&der) {
            Ok(pair) => Pair::Rsa(Box::new(pair)),
            Err(_) => Pair::P256(Box::new(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
                    .expect("a key of P-256"),
            )),
        };
        Self { name, pair }
    }

    /// The certificate in base64, as `X509Certificate` has it.
    pub fn certificate(&self) -> String {
        super::certificate(self.name).to_base64()
    }

    fn template(&self) -> Template {
        let algorithm = match self.pair {
            Pair::Rsa(_) => RSA_SHA256,
            Pair::P256(_) => ECDSA_SHA256,
        };
        Template {
            algorithm: algorithm.to_owned(),
            ..Template::default()
        }
    }

    /// The document with a right signature, after its first issuer.
    pub fn sign(&self, xml: &str, id: &str) -> String {
        self.sign_by(xml, id, &self.template())
    }

    pub fn sign_by(&self, xml: &str, id: &str, template: &Template) -> String {
        enveloped(xml, &self.signature(xml, id, template))
    }

    /// A `ds:Signature` over this text.
    pub fn signature(&self, xml: &str, id: &str, template: &Template) -> String {
        let digest = digest_of(&template.digest, xml);
        let value = template.digest_value.clone().unwrap_or(digest);
        let uri = template.uri.clone().unwrap_or_else(|| format!("#{id}"));
        let inside = format!(
            "<ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{}{}",
            template.canonicalization,
            template.algorithm,
            reference(&uri, &template.transforms, &template.digest, &value),
            template.more_references,
        );
        let canonical = format!("<ds:SignedInfo xmlns:ds=\"{DSIG}\">{inside}</ds:SignedInfo>");
        let value = STANDARD.encode(self.value(&template.algorithm, canonical.as_bytes()));
        format!(
            "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>{inside}</ds:SignedInfo>\
             <ds:SignatureValue>{value}</ds:SignatureValue>{}</ds:Signature>",
            template.after
        )
    }

    /// A detached signature, as redirects have it.
    pub fn value(&self, algorithm: &str, data: &[u8]) -> Vec<u8> {
        if algorithm == HMAC_SHA256 {
            // The confusion: a public value is used as the shared secret.
            let secret = super::certificate(self.name);
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.der());
            return hmac::sign(&key, data).as_ref().to_vec();
        }
        let random = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => pair
                .sign(&random, data)
                .expect("it signs")
                .as_ref()
                .to_vec(),
            Pair::Rsa(pair) => {
                let how = match algorithm {
                    RSA_SHA512 => &RSA_PKCS1_SHA512,
                    "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => {
                        return sha1_signature(self.name, data);
                    }
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut value = vec![0; pair.public_modulus_len()];
                pair.sign(how, &random, data, &mut value).expect("it signs");
                value
            }
        }
    }
}

/// No library signs with SHA-1 any more; the openssl program does.
fn sha1_signature(name: &str, data: &[u8]) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (key, text) = (dir.path().join("key.pem"), dir.path().join("data"));
    std::fs::write(&key, pem(name)).expect("it is written");
    std::fs::write(&text, data).expect("it is written");
    let output = std::process::Command::new("openssl")
        .args(["dgst", "-sha1", "-sign"])
        .args([&key, &text])
        .output()
        .expect("openssl runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The signature in its place.
pub fn enveloped(xml: &str, signature: &str) -> String {
    xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

/// The first signature of a document, and the document without it.
pub fn cut(xml: &str) -> (String, String) {
    let start = xml.find("<ds:Signature ").expect("a signature");
    let length = xml[start..].find("</ds:Signature>").expect("its end") + "</ds:Signature>".len();
    let signature = xml[start..start + length].to_owned();
    (signature.clone(), xml.replacen(&signature, "", 1))
}
