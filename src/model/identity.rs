//! What an identity provider vouches for.

use std::collections::BTreeMap;

/// One person as one provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider's own lasting id of the person; with the provider's slug, what we match by.
    pub subject: String,
    /// The name they typed, as the provider spells it.
    pub login: String,
    pub name: String,
    /// Normalised names (`mail`, `groups`, `department`, `region` …) to values.
    pub attributes: BTreeMap<String, Vec<String>>,
}
