//! The secret of an authenticator app in the format of such apps: base32 (RFC 4648 section 6), and
//! the `otpauth` key URI of their QR codes.

use std::fmt::Write;

use url::form_urlencoded::byte_serialize;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 without padding, which apps do not accept.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        for digit in 0..(group.len() * 8).div_ceil(5) {
            let at = (bits >> (35 - 5 * digit)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(at).unwrap_or(0)]));
        }
    }
    text
}

/// `otpauth://totp/Issuer:account?secret=…&issuer=Issuer`, for SHA-1, six digits and thirty
/// seconds, the defaults of all apps. A colon ends the issuer, so it is removed from both names.
pub fn key_uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account) = (encoded(issuer), encoded(account));
    let mut uri = format!("otpauth://totp/{issuer}:{account}?secret=");
    let _ = write!(uri, "{}&issuer={issuer}", base32(secret));
    uri
}

fn encoded(name: &str) -> String {
    let name = name.replace(':', " ");
    byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_as_in_rfc_4648_section_10() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_uri() {
        assert_eq!(
            key_uri("Acme: & Co", "ana?secret=x@b#c", b"foobar"),
            "otpauth://totp/Acme%20%20%26%20Co:ana%3Fsecret%3Dx%40b%23c?secret=MZXW6YTBOI&issuer=Acme%20%20%26%20Co"
        );
    }
}
