//! A secret that one application shares with us, for applications that support no public keys. We
//! sign with it for that application alone, and accept nothing signed with it but a question whose
//! answer goes back there (DiscourseConnect): no token of ours or of others is verified with it.

use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use zeroize::Zeroizing;

/// The header of every token: HS256 (RFC 7518 section 3.2), the type that all of them expect.
const HEADER: &str = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

/// The secret, in the bytes of its text; it has no `Debug`.
pub struct SharedSecret(Zeroizing<String>);

impl SharedSecret {
    /// A secret of at least `shortest` bytes; the error never quotes it.
    pub fn of(text: Zeroizing<String>, shortest: usize) -> Result<Self, String> {
        match text.len() < shortest {
            true => Err(format!(
                "the secret is too short: it must have at least {shortest} bytes"
            )),
            false => Ok(Self(text)),
        }
    }

    /// A compact JWS over the claims (RFC 7515), by HS256.
    pub fn jwt(&self, claims: &Value) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(HEADER), encode(&claims.to_string()));
        let tag = hmac::sign(&self.key(HMAC_SHA256), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// HMAC-SHA256 of a text, in hexadecimal.
    pub fn hex(&self, text: &str) -> String {
        let tag = hmac::sign(&self.key(HMAC_SHA256), text.as_bytes());
        tag.as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whether `hex` is the HMAC of the text; compared in constant time.
    pub fn made(&self, text: &str, hex: &str) -> bool {
        let tag = from_hex(hex);
        tag.is_some_and(|tag| hmac::verify(&self.key(HMAC_SHA256), text.as_bytes(), &tag).is_ok())
    }

    /// HMAC-SHA1 of a text, base64: obsolete, but required by Looker.
    pub fn sha1(&self, text: &str) -> String {
        let key = self.key(HMAC_SHA1_FOR_LEGACY_USE_ONLY);
        STANDARD.encode(hmac::sign(&key, text.as_bytes()))
    }

    fn key(&self, algorithm: hmac::Algorithm) -> Key {
        Key::new(algorithm, self.0.as_bytes())
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SharedSecret {
        SharedSecret::of(Zeroizing::new(text.to_owned()), 1).unwrap()
    }

    /// RFC 4231 section 4.3 and RFC 2202 section 3, test case 2 of both.
    #[test]
    fn it_signs_as_the_standards_say() {
        let jefe = secret("Jefe");
        let text = "what do ya want for nothing?";
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(jefe.hex(text), hex);
        assert!(jefe.made(text, hex) && jefe.made(text, &hex.to_uppercase()));
        assert_eq!(jefe.sha1(text), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn what_is_not_the_whole_signature_is_none() {
        let jefe = secret("Jefe");
        let hex = jefe.hex("text");
        let other = secret("other").hex("text");
        for bad in ["", &hex[..62], &hex[1..], &format!("{hex}00"), &other, "é"] {
            assert!(!jefe.made("text", bad), "{bad}");
        }
        let spaced = format!("+{}", &hex[1..]);
        assert!(!jefe.made("text", &spaced), "only digits");
        assert!(!jefe.made("Text", &hex));
    }

    #[test]
    fn a_short_secret_is_refused_and_never_quoted() {
        let short = SharedSecret::of(Zeroizing::new("hunter2".to_owned()), 32);
        let fault = short.err().unwrap();
        assert!(fault.contains("at least 32 bytes") && !fault.contains("hunter2"));
    }
}
