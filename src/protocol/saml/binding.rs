//! Bindings: HTTP-POST (Bindings section 3.5) and HTTP-Redirect (section 3.4), for sending and
//! receiving. A redirect's signature is a parameter beside the message, not in it.

use std::io::Read;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::DeflateDecoder, read::DeflateEncoder};
use url::{Url, form_urlencoded};

use super::{Certificate, LONGEST_MESSAGE, PrivateKey, SamlFault, key::SIGNATURE_ALGORITHM};

/// The names of the bindings, as metadata has them.
pub const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
pub const SOAP: &str = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";

/// The kind of a message; determines its parameter's name.
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

/// A posted message's bytes; some senders insert line breaks.
pub fn from_post(text: &str) -> Result<Vec<u8>, SamlFault> {
    let bad = SamlFault::Shape("the message is not base64");
    if text.len() > 2 * LONGEST_MESSAGE {
        return Err(SamlFault::Xml("it is too large"));
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
) -> Result<Url, SamlFault> {
    let mut deflated = Vec::new();
    DeflateEncoder::new(xml.as_bytes(), Compression::default())
        .read_to_end(&mut deflated)
        .map_err(|_| SamlFault::Shape("the message cannot be packed"))?;
    let mut query = format!(
        "{}={}",
        message.parameter(),
        encoded(&STANDARD.encode(deflated))
    );
    if let Some(relay_state) = relay_state {
        query += &format!("&RelayState={}", encoded(relay_state));
    }
    if let Some(key) = key {
        query += &format!("&SigAlg={}", encoded(SIGNATURE_ALGORITHM));
        let signature = key.sign_base64(query.as_bytes())?;
        query += &format!("&Signature={}", encoded(&signature));
    }
    let mut url = endpoint.clone();
    let query = match endpoint.query() {
        Some(own) if !own.is_empty() => format!("{own}&{query}"),
        _ => query,
    };
    url.set_query(Some(&query));
    Ok(url)
}

/// A message that came by redirect.
pub struct Redirected {
    pub message: Message,
    value: String,
    algorithm: String,
    signature: String,
    /// The signed text, as its sender wrote it.
    octets: String,
}

impl Redirected {
    /// Parses the exact text of a query in which no name is repeated.
    pub fn read(query: &str) -> Result<Self, SamlFault> {
        let of = |name: &str| {
            query.split('&').find_map(|pair| {
                let (known, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
                let raw = pair.split_once('=').map_or("", |(_, raw)| raw);
                (known == name).then(|| (value.into_owned(), raw))
            })
        };
        if of("SAMLEncoding").is_some_and(|(value, _)| !value.ends_with(":DEFLATE")) {
            return Err(SamlFault::Shape(
                "the message is packed in a way that is not supported",
            ));
        }
        let message = match (of("SAMLRequest"), of("SAMLResponse")) {
            (Some(_), None) => Message::Request,
            (None, Some(_)) => Message::Response,
            _ => return Err(SamlFault::Shape("there is not exactly one message")),
        };
        // Bindings section 3.4.4.1: message, RelayState, SigAlg, in this order.
        let names = [message.parameter(), "RelayState", "SigAlg"];
        let signed = names
            .iter()
            .filter_map(|name| Some(format!("{name}={}", of(name)?.1)));
        let value = |name: &str| of(name).map(|(value, _)| value).unwrap_or_default();
        Ok(Self {
            message,
            value: value(message.parameter()),
            algorithm: value("SigAlg"),
            signature: value("Signature"),
            octets: signed.collect::<Vec<_>>().join("&"),
        })
    }

    /// Whether it claims to be signed.
    pub fn is_signed(&self) -> bool {
        !self.signature.is_empty()
    }

    /// The message's bytes, unverified: for finding the issuer and its keys.
    pub fn unverified(&self) -> Result<Vec<u8>, SamlFault> {
        inflated(&from_post(&self.value)?)
    }

    /// The message's bytes, if one of the keys signed it together with its RelayState.
    pub fn open(&self, certificates: &[Certificate]) -> Result<Vec<u8>, SamlFault> {
        self.is_signed_by(certificates)?;
        self.unverified()
    }

    /// Whether one of the keys signed the message together with its RelayState.
    pub fn is_signed_by(&self, certificates: &[Certificate]) -> Result<(), SamlFault> {
        if self.signature.is_empty() {
            return Err(SamlFault::Unsigned("the message came without a signature"));
        }
        let signature = from_post(&self.signature)?;
        let octets = self.octets.as_bytes();
        let mut keys = certificates.iter();
        match keys.any(|key| key.verifies(&self.algorithm, octets, &signature)) {
            true => Ok(()),
            false => Err(SamlFault::Signature(super::NO_KEY)),
        }
    }
}

fn inflated(deflated: &[u8]) -> Result<Vec<u8>, SamlFault> {
    let mut bytes = Vec::new();
    let most = LONGEST_MESSAGE as u64 + 1;
    DeflateDecoder::new(deflated)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|_| SamlFault::Shape("the message cannot be unpacked"))?;
    match bytes.len() > LONGEST_MESSAGE {
        true => Err(SamlFault::Xml("it is too large")),
        false => Ok(bytes),
    }
}

/// RFC 3986 section 2.3: all but unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}
