//! The person: an internal id, and what we know of them with the source of each fact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{clock::Time, id::UserId};

/// A person known to Usher.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    /// The name they sign in with, as the provider that last vouched for them spells it.
    pub login: String,
    pub name: String,
    pub attributes: Attributes,
    pub disabled_at: Option<Time>,
    /// Since when they may administer the portal.
    pub admin_at: Option<Time>,
}

/// A normalised fact: its values and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub values: Vec<String>,
    /// The slug of the identity provider it came from.
    pub source: String,
}

/// All facts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, Attribute>);

impl Attributes {
    /// Takes over everything `source` says now, and forgets what it said before and no longer
    /// says; what other sources said stays unless this one says it too.
    pub fn refresh(&mut self, source: &str, facts: &BTreeMap<String, Vec<String>>) {
        self.0.retain(|_, attribute| attribute.source != source);
        for (name, values) in facts {
            let attribute = Attribute {
                values: values.clone(),
                source: source.to_owned(),
            };
            self.0.insert(name.clone(), attribute);
        }
    }

    pub fn named(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.values.first().map(String::as_str)
    }

    pub fn groups(&self) -> &[String] {
        self.0
            .get("groups")
            .map_or(&[], |attribute| attribute.values.as_slice())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0
            .iter()
            .map(|(name, attribute)| (name.as_str(), attribute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(pairs: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
        pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), vec![(*v).to_owned()]))
            .collect()
    }

    #[test]
    fn a_refresh_forgets_what_its_source_no_longer_says() {
        let mut attributes = Attributes::default();
        attributes.refresh(
            "ldap",
            &facts(&[("region", "europe"), ("department", "sales")]),
        );
        attributes.refresh("hr", &facts(&[("grade", "7")]));
        attributes.refresh("ldap", &facts(&[("region", "americas")]));
        assert_eq!(attributes.first("region"), Some("americas"));
        assert_eq!(attributes.first("department"), None);
        assert_eq!(
            attributes.named("grade").map(|a| a.source.as_str()),
            Some("hr")
        );
    }
}
