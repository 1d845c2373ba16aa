//! The items that a user permits an application: data about them, or actions in their name.

use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::clock::Time;

/// One item that is requested and granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Facts about the user, by the scope that asks for them (OpenID Connect Core 1.0
    /// section 5.4).
    Scope(String),
    /// To act at a resource in the user's name (RFC 8707).
    Resource(String),
    /// The record that the user opens (RFC 9396).
    Context,
}

/// A client as the consent page shows it: with another name or host, it is another party, and asks
/// again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentParty {
    /// The host that the answer goes to.
    pub host: String,
    pub title: String,
}

/// The items that were granted to a party, and when last.
#[derive(Clone, Debug)]
pub struct Consent {
    pub client: String,
    pub party: ConsentParty,
    /// Sorted, without repetition.
    pub items: Vec<Item>,
    pub given_at: Time,
}

impl ConsentParty {
    /// The client, with this address for the answer.
    pub fn of(client: &Client, redirect_uri: &str) -> Self {
        Self {
            host: host_of(redirect_uri),
            title: client.title.clone(),
        }
    }

    /// A consent from before the party was recorded.
    pub fn is_unknown(&self) -> bool {
        self.host.is_empty() && self.title.is_empty()
    }
}

/// The host of an address; the address itself where it has none.
pub fn host_of(address: &str) -> String {
    let url = url::Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| url.host_str());
    host.unwrap_or(address).to_owned()
}

impl Consent {
    pub fn covers(&self, asked: &[Item]) -> bool {
        asked.iter().all(|item| self.items.contains(item))
    }
}

/// Whether one of a client's consents is for this party and covers what it requests.
pub fn is_given(consents: &[Consent], party: &ConsentParty, asked: &[Item]) -> bool {
    let mut own = consents.iter().filter(|one| one.party == *party);
    own.any(|one| one.covers(asked))
}
