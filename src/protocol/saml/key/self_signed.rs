//! Self-signed certificates, RFC 5280 section 4.1, in DER: for a key without one, always the same,
//! so that every replica publishes the same metadata; for a new key, with its dates, stored with
//! it.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};

use crate::protocol::saml::{SamlFault, time};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const UTF8: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// For a key without one. Its dates are not checked (see `certificate.rs`), but they are required,
/// and must not change.
pub fn certificate(pair: &KeyPair) -> Result<Vec<u8>, SamlFault> {
    let dates = [
        tlv(UTC_TIME, &[b"200101000000Z"]),
        tlv(UTC_TIME, &[b"491231235959Z"]),
    ];
    between(pair, dates)
}

/// Times are seconds since 1970.
pub fn dated(pair: &KeyPair, from: i64, until: i64) -> Result<Vec<u8>, SamlFault> {
    between(pair, [from, until].map(moment))
}

/// Section 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from then on.
fn moment(seconds: i64) -> Vec<u8> {
    let text = time::format(seconds);
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    match digits.as_str() {
        text if text < "2050" => tlv(UTC_TIME, &[format!("{}Z", &text[2..])]),
        text => tlv(GENERALIZED_TIME, &[format!("{text}Z")]),
    }
}

fn between(pair: &KeyPair, dates: [Vec<u8>; 2]) -> Result<Vec<u8>, SamlFault> {
    let broken = |_| SamlFault::Signature("our own key does not sign");
    let public: PublicKeyX509Der = pair.public_key().as_der().map_err(broken)?;
    let algorithm = tlv(SEQUENCE, &[tlv(OID, &[SHA256_WITH_RSA]), tlv(NULL, &[b""])]);
    let name = tlv(
        SEQUENCE,
        &[tlv(OID, &[COMMON_NAME]), tlv(UTF8, &[b"usher"])],
    );
    let name = tlv(SEQUENCE, &[tlv(SET, &[name])]);
    let validity = tlv(SEQUENCE, &dates);
    let tbs_certificate = tlv(
        SEQUENCE,
        &[
            tlv(VERSION, &[tlv(INTEGER, &[[2]])]),
            serial(public.as_ref()),
            algorithm.clone(),
            name.clone(),
            validity,
            name,
            public.as_ref().to_vec(),
        ],
    );
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        &tbs_certificate,
        &mut signature,
    )
    .map_err(broken)?;
    let signature = tlv(BITS, &[[0].as_slice(), &signature]);
    Ok(tlv(SEQUENCE, &[tbs_certificate, algorithm, signature]))
}

/// Positive, and derived from this key.
fn serial(public: &[u8]) -> Vec<u8> {
    let digest = digest::digest(&digest::SHA256, public);
    let mut number = [0; 16];
    number.copy_from_slice(&digest.as_ref()[..16]);
    number[0] = number[0] & 0x7f | 0x40;
    tlv(INTEGER, &[number])
}

fn tlv(tag: u8, parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut out = vec![tag];
    let bytes = length.to_be_bytes();
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if length > 127 {
        // At most eight digits: the cast is exact.
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    } else {
        out.push(length as u8);
    }
    parts
        .iter()
        .for_each(|part| out.extend_from_slice(part.as_ref()));
    out
}
