//! A user's identity at an identity provider.

use std::collections::{BTreeMap, BTreeSet};

/// One user as one provider knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The permanent id of the user at the provider; unique together with the provider's slug.
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
