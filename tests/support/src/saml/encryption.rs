//! Encrypted assertions, right and wrong.

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey,
        Pkcs1PublicEncryptingKey, PublicEncryptingKey,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::certificate;

pub const GCM_256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
pub const GCM_128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
pub const CBC_256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
pub const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
pub const OAEP_11: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
pub const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";

/// `EncryptedAssertion` around any text, for the holder of a key of `tests/saml/`.
pub fn encrypted(plain: &str, holder: &str, cipher: &str, transport: &str) -> String {
    let key = [7; 32];
    let key = &key[..if cipher == GCM_128 { 16 } else { 32 }];
    let sealed = match cipher {
        CBC_256 => seal_cbc(key, plain.as_bytes()),
        _ => seal_gcm(key, plain.as_bytes()),
    };
    let wrapped = wrap(key, holder, transport);
    let inside = match transport {
        OAEP_11 => {
            "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
             <xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" \
             Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>"
        }
        _ => "",
    };
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
         <xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod \
         Algorithm=\"{cipher}\"></xenc:EncryptionMethod><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey><xenc:EncryptionMethod \
         Algorithm=\"{transport}\">{inside}</xenc:EncryptionMethod><xenc:CipherData>\
         <xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
         <xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedData></saml:EncryptedAssertion>",
        STANDARD.encode(wrapped),
        STANDARD.encode(sealed),
    )
}

fn wrap(key: &[u8], holder: &str, transport: &str) -> Vec<u8> {
    let certificate = certificate(holder);
    let (_, parsed) = X509Certificate::from_der(certificate.der()).expect("a certificate");
    let public = PublicEncryptingKey::from_der(parsed.public_key().raw).expect("an RSA key");
    let mut out = vec![0; public.key_size_bytes()];
    let algorithm = match transport {
        RSA_1_5 => {
            let public = Pkcs1PublicEncryptingKey::new(public).expect("a key");
            return public.encrypt(key, &mut out).expect("encrypted").to_vec();
        }
        OAEP_11 => &OAEP_SHA256_MGF1SHA256,
        _ => &OAEP_SHA1_MGF1SHA1,
    };
    let public = OaepPublicEncryptingKey::new(public).expect("a key");
    let sealed = public.encrypt(algorithm, key, &mut out, None);
    sealed.expect("encrypted").to_vec()
}

fn seal_gcm(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let algorithm = match key.len() {
        16 => &aead::AES_128_GCM,
        _ => &aead::AES_256_GCM,
    };
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).expect("a key"));
    let nonce = [9; 12];
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::from(&nonce), Aad::empty(), &mut text)
        .expect("sealed");
    [nonce.to_vec(), text].concat()
}

fn seal_cbc(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let key = UnboundCipherKey::new(&cipher::AES_256, key).expect("a key");
    let key = EncryptingKey::cbc(key).expect("a key");
    let padding = 16 - plain.len() % 16;
    let mut text = plain.to_vec();
    text.extend(std::iter::repeat_n(0, padding - 1));
    text.push(u8::try_from(padding).expect("at most 16"));
    let vector = [5; 16];
    let context = EncryptionContext::Iv128(FixedLength::from(&vector));
    key.less_safe_encrypt(&mut text, context)
        .expect("encrypted");
    [vector.to_vec(), text].concat()
}
