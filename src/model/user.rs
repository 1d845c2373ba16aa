//! The user: an internal id, and what we know of them with the source of each fact.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::condition::KnownAttribute;
use crate::{clock::Time, id::UserId};

/// A user known to Usher.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    /// The name they sign in with, as the provider that last vouched for them spells it. Two
    /// providers may use the same name for different users: it is never sent to applications.
    pub login: String,
    /// The name that applications receive: no two users have the same, whatever their providers
    /// call them. See [`super::username`].
    pub username: String,
    pub name: String,
    pub attributes: Attributes,
    /// Since when the user is known to receive what is sent to their mail address.
    pub mail_verified_at: Option<Time>,
    pub disabled_at: Option<Time>,
    /// Since when they may administer the portal.
    pub admin_at: Option<Time>,
}

/// What is known of a user's mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStanding {
    /// The user has verified it, or a provider is trusted for its domain.
    Verified,
    /// Its provider is from before there were scopes: applications that identify users by their
    /// address receive it as before.
    Kept,
    /// From a trusted provider that has no scopes.
    Own,
    /// From another provider, with a domain outside its scopes.
    Foreign,
}

impl MailStanding {
    pub fn is_verified(self) -> bool {
        self == MailStanding::Verified
    }

    /// Whether an application may identify the user by it.
    pub fn may_be_key(self) -> bool {
        matches!(self, MailStanding::Verified | MailStanding::Kept)
    }

    /// Whether it may be sent in a format that cannot express its standing.
    pub fn may_be_sent_plainly(self) -> bool {
        self != MailStanding::Foreign
    }
}

/// A normalised fact: its values and their source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub values: Vec<String>,
    /// The slug of the identity provider it came from.
    pub source: String,
    /// Some values did not arrive: a value that is not here may nevertheless exist.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_incomplete: bool,
    /// The provider has not verified it (a mail address).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unverified: bool,
    /// The values of the user's other providers, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<Attribute>,
}

/// The current statements of one source about a user.
#[derive(Clone, Debug, Default)]
pub struct SourceAttributes {
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Names of attributes of which values are missing, whether others are there or not.
    pub incomplete: BTreeSet<String>,
    /// There were more attributes than are read: any attribute that is not here may have been among
    /// them.
    pub is_cut: bool,
    /// The mail address is not verified, according to the provider.
    pub is_mail_unverified: bool,
}

/// All facts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, Attribute>);

/// The attribute for which every source counts, not only the latest.
pub const GROUPS: &str = "groups";
/// Marks a source that sent more than is stored. No attribute has this name.
pub const EVERYTHING: &str = "*";

impl Attribute {
    /// The values of each source, the latest first.
    pub fn statements(&self) -> impl Iterator<Item = &Attribute> {
        std::iter::once(self).chain(&self.others)
    }

    /// The same without the values of `source`; `None` if no other source has any.
    fn without(mut self, source: &str) -> Option<Self> {
        let mut all = std::mem::take(&mut self.others);
        all.insert(0, self);
        all.retain(|one| one.source != source);
        let mut all = all.into_iter();
        let mut first = all.next()?;
        first.others = all.collect();
        Some(first)
    }

    /// The same with newer values before all others.
    fn after(older: Option<Self>, mut newer: Self) -> Self {
        if let Some(mut older) = older {
            newer.others = std::mem::take(&mut older.others);
            newer.others.insert(0, older);
        }
        newer
    }
}

impl Attributes {
    /// Stores the current statements of `source`, and deletes its earlier ones. Those of other
    /// sources stay: for groups they count as well, for other attributes when their source is
    /// requested.
    pub fn take_over(&mut self, source: &str, received: &SourceAttributes) {
        let before = std::mem::take(&mut self.0);
        let kept = before
            .into_iter()
            .filter_map(|(name, attribute)| Some((name, attribute.without(source)?)));
        self.0 = kept.collect();
        let cut = received.is_cut.then(|| EVERYTHING.to_owned());
        let names = received
            .attributes
            .keys()
            .chain(&received.incomplete)
            .chain(&cut);
        let names: BTreeSet<&String> = names.collect();
        for name in names {
            let fresh = Attribute {
                values: received.attributes.get(name).cloned().unwrap_or_default(),
                source: source.to_owned(),
                is_incomplete: received.incomplete.contains(name) || name == EVERYTHING,
                is_unverified: received.is_mail_unverified && name == "mail",
                others: Vec::new(),
            };
            let older = self.0.remove(name);
            self.0.insert(name.clone(), Attribute::after(older, fresh));
        }
    }

    /// The same for a source that sends everything it has.
    pub fn refresh(&mut self, source: &str, facts: &BTreeMap<String, Vec<String>>) {
        let received = SourceAttributes {
            attributes: facts.clone(),
            ..SourceAttributes::default()
        };
        self.take_over(source, &received);
    }

    /// The latest values.
    pub fn named(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.values.first().map(String::as_str)
    }

    /// What is known of an attribute; from one source only, if it is named. A group matches by that
    /// source's own name as well as by the one that it is stored under, with the source as prefix.
    pub fn known(&self, name: &str, from: Option<&str>) -> KnownAttribute<'_> {
        let counts = |one: &&Attribute| from.is_none_or(|from| one.source == from);
        let statements = self.0.get(name).into_iter().flat_map(Attribute::statements);
        let one = from.is_none() && name != GROUPS;
        let most = if one { 1 } else { usize::MAX };
        let mut known = KnownAttribute::default();
        for said in statements.filter(counts).take(most) {
            known.source = known.source.or(Some(&said.source));
            known.is_incomplete |= said.is_incomplete;
            for value in &said.values {
                known.values.push(value);
                if let (GROUPS, Some(from)) = (name, from) {
                    known.values.extend(own_word(from, value));
                }
            }
        }
        known.is_incomplete |= self.is_cut(name, from);
        known
    }

    /// Whether a source may have sent more of it than is stored: it sent too much, or something
    /// nested deeper than is read (`a.b` of `a`).
    fn is_cut(&self, name: &str, from: Option<&str>) -> bool {
        let counts = |one: &&Attribute| from.is_none_or(|from| one.source == from);
        let said = |source: &str| {
            let all = self.0.get(name).into_iter().flat_map(Attribute::statements);
            all.filter(|one| one.source == source).count() > 0
        };
        let outer = name.match_indices('.').map(|(at, _)| &name[..at]);
        let outer = outer.chain(std::iter::once(EVERYTHING));
        outer
            .filter_map(|outer| self.0.get(outer))
            .flat_map(Attribute::statements)
            .filter(counts)
            .any(|one| one.is_incomplete && !said(&one.source))
    }

    /// The values of an attribute that may be released: all of them. An incomplete list would be
    /// misunderstood, so none of it is released.
    pub fn known_values(&self, name: &str) -> Option<Vec<&str>> {
        let mut known = self.known(name, None);
        let mut seen = BTreeSet::new();
        known.values.retain(|value| seen.insert(*value));
        (known.source.is_some() && !known.is_incomplete).then_some(known.values)
    }

    /// All groups, for release; `None` if the list is not complete.
    pub fn groups(&self) -> Option<Vec<&str>> {
        match self.known(GROUPS, None).is_incomplete {
            true => None,
            false => Some(self.known_values(GROUPS).unwrap_or_default()),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0
            .iter()
            .map(|(name, attribute)| (name.as_str(), attribute))
            .filter(|(name, _)| *name != EVERYTHING)
    }
}

/// A group's name at its own provider, from the one it is stored under (`clinic:admins`).
fn own_word<'a>(source: &str, group: &'a str) -> Option<&'a str> {
    group.strip_prefix(source)?.strip_prefix(':')
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

    fn source_attributes(attributes: &[(&str, &str)], incomplete: &[&str]) -> SourceAttributes {
        SourceAttributes {
            attributes: facts(attributes),
            incomplete: incomplete.iter().map(|name| (*name).to_owned()).collect(),
            ..SourceAttributes::default()
        }
    }

    #[test]
    fn another_providers_word_does_not_make_ours_forgotten() {
        let mut attributes = Attributes::default();
        attributes.refresh(
            "company",
            &facts(&[("groups", "suspended"), ("region", "a")]),
        );
        attributes.refresh("clinic", &facts(&[("groups", "clinic:x"), ("region", "b")]));
        assert_eq!(
            attributes.known("groups", None).values,
            ["clinic:x", "suspended"]
        );
        assert_eq!(
            attributes.known("groups", Some("company")).values,
            ["suspended"]
        );
        assert_eq!(
            attributes.known("groups", Some("clinic")).values,
            ["clinic:x", "x"]
        );
        assert_eq!(
            attributes.known("groups", Some("hr")),
            KnownAttribute::default()
        );
        assert_eq!(attributes.known("region", None).values, ["b"]);
        assert_eq!(attributes.known("region", Some("company")).values, ["a"]);
        attributes.refresh("clinic", &facts(&[]));
        assert_eq!(attributes.first("region"), Some("a"));
        assert_eq!(attributes.groups().unwrap(), ["suspended"]);
    }

    #[test]
    fn part_of_a_list_is_known_to_be_there_and_is_not_released() {
        let mut attributes = Attributes::default();
        attributes.take_over(
            "company",
            &source_attributes(&[("roles", "reader")], &["roles", "groups"]),
        );
        let roles = attributes.known("roles", None);
        assert!(roles.is_incomplete && roles.values == ["reader"]);
        assert!(attributes.known("groups", None).is_incomplete);
        assert_eq!(
            (attributes.known_values("roles"), attributes.groups()),
            (None, None)
        );
        assert!(!attributes.known("region", None).is_incomplete);
        assert_eq!(Attributes::default().groups(), Some(Vec::new()));
    }

    #[test]
    fn of_what_lies_deeper_than_is_read_nothing_is_known() {
        let mut attributes = Attributes::default();
        attributes.take_over("idp", &source_attributes(&[("a.b", "x")], &["c.d"]));
        assert!(attributes.known("c.d.e.f", None).is_incomplete);
        assert!(!attributes.known("a.b.c", None).is_incomplete);
        let cut = SourceAttributes {
            is_cut: true,
            ..source_attributes(&[("region", "a")], &[])
        };
        attributes.take_over("idp", &cut);
        assert!(attributes.known("department", None).is_incomplete);
        assert!(attributes.known("department", Some("idp")).is_incomplete);
        assert!(!attributes.known("department", Some("hr")).is_incomplete);
        assert!(!attributes.known("region", None).is_incomplete);
        assert_eq!(attributes.iter().count(), 1);
    }

    #[test]
    fn what_was_kept_before_still_reads() {
        let json = r#"{"groups":{"values":["a"],"source":"ldap"}}"#;
        let attributes: Attributes = serde_json::from_str(json).unwrap();
        assert_eq!(attributes.groups().unwrap(), ["a"]);
        assert_eq!(serde_json::to_string(&attributes).unwrap(), json);
    }
}
