//! What an identity provider vouches for.

use std::collections::{BTreeMap, BTreeSet};

/// One user as one provider knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The provider's own lasting id of the user; with the provider's slug, what we match by.
    pub subject: String,
    /// The name they sign in with, as the provider spells it; of several the first.
    pub login: String,
    /// The others, where the provider knows the user by several.
    pub other_logins: Vec<String>,
    pub name: String,
    /// Normalised names (`mail`, `groups`, `department`, `region` …) to values.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Names of attributes that have values which did not arrive; `*` where there were more
    /// attributes than are read.
    pub incomplete: BTreeSet<String>,
}
