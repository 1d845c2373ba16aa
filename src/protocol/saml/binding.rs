//! How messages travel: HTTP-POST (Bindings section 3.5) and HTTP-Redirect (section 3.4), there and
//! back. A redirect's signature stands beside the message, not in it.

use std::io::Read;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::DeflateDecoder, read::DeflateEncoder};
use url::Url;

use super::{Certificate, Fault, LONGEST_MESSAGE, PrivateKey, key::SIGNATURE_ALGORITHM};

/// The names of the bindings, as metadata has them.
pub const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// Which way a message goes; its parameter's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    Request,
    Response,
}

impl Message {
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message for a form's hidden field.
pub fn to_post(xml: &str) -> String {
    STANDARD.encode(xml)
}

/// A posted message's bytes; line breaks in it are others' habit.
pub fn from_post(text: &str) -> Result<Vec<u8>, Fault> {
    let bad = Fault::Shape("the message is not base64");
    if text.len() > 2 * LONGEST_MESSAGE {
        return Err(Fault::Xml("it is too large"));
    }
    let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(dense).map_err(|_| bad)
}

/// The address that carries a message, signed if there is a key.
pub fn to_redirect(
    endpoint: &Url,
    message: Message,
    xml: &str,
    relay_state: Option<&str>,
    key: Option<&PrivateKey>,
) -> Result<Url, Fault> {
    let mut deflated = Vec::new();
    DeflateEncoder::new(xml.as_bytes(), Compression::default())
        .read_to_end(&mut deflated)
        .map_err(|_| Fault::Shape("the message cannot be packed"))?;
    let sent = Redirected {
        message,
        value: &STANDARD.encode(deflated),
        relay_state,
        algorithm: key.map_or("", |_| SIGNATURE_ALGORITHM),
        signature: "",
    };
    let mut query = sent.octets(Hex::Upper);
    if let Some(key) = key {
        let signature = key.sign_base64(query.as_bytes())?;
        query = format!("{query}&Signature={}", encoded(&signature, Hex::Upper));
    }
    let mut url = endpoint.clone();
    let query = match endpoint.query() {
        Some(own) if !own.is_empty() => format!("{own}&{query}"),
        _ => query,
    };
    url.set_query(Some(&query));
    Ok(url)
}

/// A message that came by redirect, its parameters decoded; those that are missing are empty.
pub struct Redirected<'a> {
    pub message: Message,
    pub value: &'a str,
    pub relay_state: Option<&'a str>,
    pub algorithm: &'a str,
    pub signature: &'a str,
}

impl Redirected<'_> {
    /// The message's bytes, if one of the keys signed it together with its RelayState.
    ///
    /// What was signed is the query as its sender wrote it, which nobody kept; the ways in which
    /// senders write it are few, and all of them say the same, so each is tried.
    pub fn open(&self, certificates: &[Certificate]) -> Result<Vec<u8>, Fault> {
        if self.signature.is_empty() {
            return Err(Fault::Unsigned("the message came without a signature"));
        }
        let signature = from_post(self.signature)?;
        let made = |certificate: &Certificate| {
            let hold =
                |hex| certificate.verifies(self.algorithm, self.octets(hex).as_bytes(), &signature);
            hold(Hex::Upper) || hold(Hex::Lower)
        };
        if !certificates.iter().any(made) {
            return Err(Fault::Signature("no key we know made it for this"));
        }
        inflated(&from_post(self.value)?)
    }

    /// Section 3.4.4.1: message, RelayState, SigAlg, in this order.
    fn octets(&self, hex: Hex) -> String {
        let mut octets = format!("{}={}", self.message.parameter(), encoded(self.value, hex));
        if let Some(relay_state) = self.relay_state {
            octets += &format!("&RelayState={}", encoded(relay_state, hex));
        }
        if !self.algorithm.is_empty() {
            octets += &format!("&SigAlg={}", encoded(self.algorithm, hex));
        }
        octets
    }
}

fn inflated(deflated: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let most = LONGEST_MESSAGE as u64 + 1;
    DeflateDecoder::new(deflated)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|_| Fault::Shape("the message cannot be unpacked"))?;
    match bytes.len() > LONGEST_MESSAGE {
        true => Err(Fault::Xml("it is too large")),
        false => Ok(bytes),
    }
}

/// Which letters percent-encoding uses; .NET's are small.
#[derive(Clone, Copy)]
enum Hex {
    Upper,
    Lower,
}

fn encoded(text: &str, hex: Hex) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match (byte, hex) {
            (b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~', _) => {
                out.push(char::from(byte));
            }
            (_, Hex::Upper) => out += &format!("%{byte:02X}"),
            (_, Hex::Lower) => out += &format!("%{byte:02x}"),
        }
    }
    out
}
