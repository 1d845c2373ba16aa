//! What a user lets an application know of them, or do in their name.

use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::clock::Time;

/// One thing that is asked for and given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Facts about the user, by the scope that asks for them (OpenID Connect Core 1.0
    /// section 5.4).
    Scope(String),
    /// To act at a resource in the user's name (RFC 8707).
    Resource(String),
    /// To know the record that the user opens (RFC 9396).
    Context,
}

/// A client as a user is shown it: under another name, or answering elsewhere, it is another,
/// and asks anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentParty {
    /// The host that the answer goes to.
    pub host: String,
    pub title: String,
}

/// What was given to whom, and when last.
#[derive(Clone, Debug)]
pub struct Consent {
    pub client: String,
    pub asker: ConsentParty,
    /// Sorted, without repetition.
    pub items: Vec<Item>,
    pub given_at: Time,
}

impl ConsentParty {
    /// The client, asking for an answer at this address.
    pub fn of(client: &Client, redirect_uri: &str) -> Self {
        Self {
            host: host_of(redirect_uri),
            title: client.title.clone(),
        }
    }

    /// Of a consent from before it was noted.
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

/// Whether one of a client's consents is for this very asker and covers what it asks.
pub fn is_given(consents: &[Consent], asker: &ConsentParty, asked: &[Item]) -> bool {
    let mut own = consents.iter().filter(|one| one.asker == *asker);
    own.any(|one| one.covers(asked))
}
