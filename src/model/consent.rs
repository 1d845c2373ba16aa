//! What a person lets an application know of them, or do in their name.

use serde::{Deserialize, Serialize};

use crate::clock::Time;

/// One thing that is asked for and given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Facts about the person, by the scope that asks for them (OpenID Connect Core 1.0
    /// section 5.4).
    Scope(String),
    /// To act at a resource in the person's name (RFC 8707).
    Resource(String),
    /// To know the record that the person opens (RFC 9396).
    Context,
}

/// What was given, and when last.
#[derive(Clone, Debug)]
pub struct Consent {
    pub client: String,
    /// Sorted, without repetition.
    pub items: Vec<Item>,
    pub given_at: Time,
}

impl Consent {
    pub fn covers(&self, asked: &[Item]) -> bool {
        asked.iter().all(|item| self.items.contains(item))
    }
}
