//! An import never lowers a security setting silently (THREATS: metadata import weakens checks):
//! the differences by which new metadata is weaker than the stored one, in words for the admin who
//! decides.

use std::fmt;

use url::Url;

use super::theirs::{Endpoint, Theirs};

/// One weaker property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weaker {
    /// None of the previous keys is left: nothing relates the new ones to the old.
    KeysReplaced,
    /// A key is gone while others stay, as at the end of a roll-over; its fingerprint.
    KeyRemoved(String),
    /// Browsers would be sent to another host.
    Moved { from: String, to: String },
    /// Browsers would be sent over plain HTTP.
    Unencrypted(String),
    /// Requests no longer have to be signed.
    RequestsUnsigned,
    /// The metadata itself is no longer signed.
    Unsigned,
    /// There is no logout any more.
    NoLogout,
}

impl Weaker {
    /// Whether it needs an admin's decision. The others are only mentioned.
    pub fn is_grave(&self) -> bool {
        !matches!(
            self,
            Self::KeyRemoved(_) | Self::RequestsUnsigned | Self::NoLogout
        )
    }
}

impl fmt::Display for Weaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeysReplaced => f.write_str("all signing keys are replaced at once"),
            Self::KeyRemoved(which) => write!(f, "the signing key {which} is gone"),
            Self::Moved { from, to } => write!(f, "an address moved from {from} to {to}"),
            Self::Unencrypted(host) => write!(f, "the address at {host} is no longer https"),
            Self::RequestsUnsigned => f.write_str("requests no longer have to be signed"),
            Self::Unsigned => f.write_str("the metadata is no longer signed"),
            Self::NoLogout => f.write_str("there is no logout any more"),
        }
    }
}

/// The properties by which `new` is weaker than `old`; empty if it may be used without a decision.
pub fn weaker(old: &Theirs, new: &Theirs) -> Vec<Weaker> {
    let mut found = Vec::new();
    let gone = old.signing.iter().filter(|key| !new.signing.contains(key));
    let gone: Vec<_> = gone
        .map(|key| Weaker::KeyRemoved(key.fingerprint()))
        .collect();
    match gone.len() == old.signing.len() {
        true => found.push(Weaker::KeysReplaced),
        false => found.extend(gone),
    }
    compare(&old.sign_on, &new.sign_on, &mut found);
    compare(&old.logout, &new.logout, &mut found);
    if old.wants_signed_requests && !new.wants_signed_requests {
        found.push(Weaker::RequestsUnsigned);
    }
    if old.is_signed && !new.is_signed {
        found.push(Weaker::Unsigned);
    }
    if !old.logout.is_empty() && new.logout.is_empty() {
        found.push(Weaker::NoLogout);
    }
    found
}

/// Every new address must be on a host that was there before, and no less encrypted.
fn compare(old: &[Endpoint], new: &[Endpoint], found: &mut Vec<Weaker>) {
    let addresses = |of: &[Endpoint]| -> Vec<Url> {
        let both = of
            .iter()
            .flat_map(|one| one.addresses().map(|address| address.url().clone()));
        both.collect()
    };
    let before = addresses(old);
    if before.is_empty() {
        return;
    }
    let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    for url in addresses(new) {
        let known: Vec<_> = before
            .iter()
            .filter(|one| host(one) == host(&url))
            .collect();
        let change = if known.is_empty() {
            Weaker::Moved {
                from: before.first().map(host).unwrap_or_default(),
                to: host(&url),
            }
        } else if url.scheme() == "http" && known.iter().all(|one| one.scheme() == "https") {
            Weaker::Unencrypted(host(&url))
        } else {
            continue;
        };
        if !found.contains(&change) {
            found.push(change);
        }
    }
}
