//! An address from metadata, as it was registered. A URL has many spellings (`:443`, the case of a
//! host) that a parser unifies; other parties compare text. So the registered text is kept,
//! compared and sent unchanged, and only the browser is sent to the parsed one.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

use super::SamlFault;
use crate::protocol::loopback::is_loopback;

/// An http or https address with a host and without a user name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    url: Url,
}

impl Address {
    /// A browser is sent there, or posts a form there: http or https, no script scheme (THREATS:
    /// script URLs).
    pub fn parse(text: &str) -> Result<Self, SamlFault> {
        let bad = || SamlFault::Metadata("an address is not an http or https URL".to_owned());
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| bad())?;
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            return Err(bad());
        }
        // A parser skips these where a comparison does not.
        let is_odd = text.contains(|c: char| c.is_whitespace() || c.is_control());
        let text = if is_odd { url.as_str() } else { text };
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// As it was registered: the value of `Destination` and `Recipient`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether a message names this address: by its registered text, or by that of its URL.
    pub fn is_named(&self, text: &str) -> bool {
        self.text == text || self.url.as_str() == text
    }

    /// Whether the connection uses TLS, or stays on this machine.
    pub fn is_private(&self) -> bool {
        self.url.scheme() == "https" || is_loopback(&self.url)
    }
}

impl Deref for Address {
    type Target = Url;

    fn deref(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

/// The warning for an admin about addresses without TLS: the first of them.
pub fn plain<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Option<String> {
    let mut all = addresses.into_iter();
    let plain = all.find(|one| !one.is_private())?;
    Some(format!(
        "metadata: the address \"{plain}\" must begin with https:// (http:// on loopback only)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_spelling_is_kept_and_both_spellings_are_known() {
        let address = Address::parse("https://HR.example.org:443/saml/acs").unwrap();
        assert_eq!(address.as_str(), "https://HR.example.org:443/saml/acs");
        assert_eq!(address.url().as_str(), "https://hr.example.org/saml/acs");
        assert!(address.is_named("https://HR.example.org:443/saml/acs"));
        assert!(address.is_named("https://hr.example.org/saml/acs"));
        assert!(!address.is_named("https://hr.example.org/saml/acs/"));
        let text = serde_json::to_string(&address).unwrap();
        assert_eq!(serde_json::from_str::<Address>(&text).unwrap(), address);
    }

    #[test]
    fn only_loopback_needs_no_tls() {
        for (text, is_private) in [
            ("https://sp.example/acs", true),
            ("http://127.0.0.54:1/acs", true),
            ("http://[::1]/acs", true),
            ("http://localhost/acs", true),
            ("http://sp.example/acs", false),
            ("http://10.1.2.3/acs", false),
            ("http://localhost.example/acs", false),
        ] {
            assert_eq!(
                Address::parse(text).unwrap().is_private(),
                is_private,
                "{text}"
            );
        }
    }
}
