//! A provider's data about a user, with the provider's own names, before any rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::model::{
    identity::Identity,
    user::{EVERYTHING, GROUPS},
};

/// The maximum depth of claims; deeper ones are left out.
const DEPTH: usize = 4;
/// The most attributes that are read; then it is known that there were more.
const ATTRIBUTES: usize = 5_000;
/// Distributed claims: names of claims that are available elsewhere, and where (OpenID Connect Core
/// 1.0 section 5.6.2). Entra sends a user's groups so once there are more than 200.
const POINTERS: [&str; 2] = ["_claim_names", "_claim_sources"];
/// Entra's shorter form of the same, where a token is sent in an address.
const HAS_GROUPS: &str = "hasgroups";
/// The same in SAML: an attribute whose value is an address where the groups can be requested.
const GROUPS_LINK: &str = "/claims/groups.link";
/// The name of the claim that would have had the groups.
const GROUPS_CLAIM: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

/// One attribute as it came. SAML gives a second, readable name (`FriendlyName`, SAML Core 2.0
/// section 2.7.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAttribute {
    pub name: String,
    pub alias: Option<String>,
    pub values: Vec<String>,
    /// The provider has values that it did not send, or that cannot be read.
    pub is_incomplete: bool,
}

impl RawAttribute {
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.alias.as_deref() == Some(name)
    }
}

/// All of them, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAttributes {
    list: Vec<RawAttribute>,
    is_cut: bool,
}

impl RawAttributes {
    pub fn new(list: Vec<RawAttribute>) -> Self {
        let mut raw = Self {
            list,
            is_cut: false,
        };
        raw.settle();
        raw
    }

    /// Claims (OpenID Connect Core 1.0 section 5.1) as attributes: a list becomes several values,
    /// an object several attributes with a dot between the names (`realm_access.roles`), numbers
    /// and truth values their text. What has no text, like a list of objects or a value that is too
    /// deep, has no values and is incomplete. A pointer to claims elsewhere is no attribute: the
    /// claims it points to are incomplete, without values.
    pub fn from_claims(claims: &Map<String, Value>) -> Self {
        let mut raw = Self::default();
        for (name, value) in claims {
            if !POINTERS.contains(&name.as_str()) {
                raw.flatten(name, value, 1);
            }
        }
        let elsewhere = claims.get(POINTERS[0]).and_then(Value::as_object);
        for name in elsewhere.into_iter().flat_map(Map::keys) {
            raw.miss(name, None);
        }
        raw.settle();
        raw
    }

    /// The parts that a provider passes on: values, and the names of attributes with missing
    /// values.
    pub fn into_parts(self) -> (BTreeMap<String, Vec<String>>, BTreeSet<String>) {
        let missing = self.list.iter().filter(|one| one.is_incomplete);
        let mut incomplete: BTreeSet<_> = missing.map(|one| one.name.clone()).collect();
        if self.is_cut {
            incomplete.insert(EVERYTHING.to_owned());
        }
        let there = self.list.into_iter().filter(|one| !one.values.is_empty());
        let attributes = there.map(|one| (one.name, one.values)).collect();
        (attributes, incomplete)
    }

    /// Notes that values of an attribute are missing.
    pub fn miss(&mut self, name: &str, alias: Option<&str>) {
        if let Some(known) = self.list.iter_mut().find(|one| one.name == name) {
            known.is_incomplete = true;
            return;
        }
        self.list.push(RawAttribute {
            name: name.to_owned(),
            alias: alias.map(str::to_owned),
            values: Vec::new(),
            is_incomplete: true,
        });
    }

    /// Reads the vendors' notations for groups that are not sent.
    fn settle(&mut self) {
        let there = self.list.len();
        self.list.retain(|one| {
            let names = [Some(&one.name), one.alias.as_ref()];
            let mut names = names.into_iter().flatten();
            !names.any(|name| name.ends_with(GROUPS_LINK))
        });
        if self.list.len() < there {
            self.miss(GROUPS_CLAIM, Some(GROUPS));
        }
        let hidden = self.first(HAS_GROUPS) == Some("true");
        self.list.retain(|one| one.name != HAS_GROUPS);
        if hidden && self.first(GROUPS).is_none() {
            self.miss(GROUPS, None);
        }
    }

    /// Whether there were more than are read.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether a claim of this name is an object rather than a list of values.
    pub fn is_object(&self, name: &str) -> bool {
        let inside = |one: &RawAttribute| {
            let rest = one.name.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        self.list.iter().any(inside) && !self.list.iter().any(|one| one.is_named(name))
    }

    /// Whether groups are missing, whichever attribute they would have been in.
    pub fn groups_are_elsewhere(&self) -> bool {
        let missing = |one: &RawAttribute| one.is_incomplete && one.values.is_empty();
        self.list
            .iter()
            .any(|one| missing(one) && one.is_named(GROUPS))
    }

    /// Whether the provider has not verified the mail address: it says so, or has any value but
    /// true.
    pub fn mail_is_unverified(&self) -> bool {
        self.first("email_verified")
            .is_some_and(|said| said != "true")
    }

    /// Parses the text that an admin pastes to test a mapping: claims as JSON, or one attribute per
    /// line, with the second name in brackets: `urn:oid:… (mail) = ana@example.org`. A repeated
    /// name has several values.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('{') {
            let claims = serde_json::from_str(text).map_err(|error| error.to_string())?;
            return Ok(Self::from_claims(&claims));
        }
        let mut raw = Self::default();
        let lines = text.lines().zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let (names, value) = line.split_once('=').ok_or_else(|| {
                format!("line {number} is not like: name = value, or name (second name) = value")
            })?;
            let (name, alias) = match names.trim().strip_suffix(')') {
                Some(names) => names.split_once('(').unwrap_or((names, "")),
                None => (names, ""),
            };
            let name = name.trim();
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '<') {
                return Err(format!(
                    "line {number}: \"{name}\" is no name of an attribute"
                ));
            }
            raw.add(name, alias.trim(), value.trim());
        }
        raw.settle();
        Ok(raw)
    }

    fn add(&mut self, name: &str, alias: &str, value: &str) {
        if let Some(known) = self.list.iter_mut().find(|one| one.name == name) {
            known.values.push(value.to_owned());
            return;
        }
        self.push(RawAttribute {
            name: name.to_owned(),
            alias: (!alias.is_empty()).then(|| alias.to_owned()),
            values: vec![value.to_owned()],
            is_incomplete: false,
        });
    }

    fn push(&mut self, one: RawAttribute) {
        match self.list.len() < ATTRIBUTES {
            true => self.list.push(one),
            false => self.is_cut = true,
        }
    }

    fn flatten(&mut self, name: &str, value: &Value, depth: usize) {
        let (values, is_incomplete) = match value {
            Value::Object(inner) if depth < DEPTH => {
                for (key, value) in inner {
                    self.flatten(&format!("{name}.{key}"), value, depth + 1);
                }
                return;
            }
            Value::Array(values) => {
                let unread = values.iter().any(|one| one.is_array() || one.is_object());
                (values.iter().filter_map(text).collect(), unread)
            }
            single => (
                text(single).into_iter().collect::<Vec<_>>(),
                single.is_object(),
            ),
        };
        if !values.is_empty() || is_incomplete {
            self.push(RawAttribute {
                name: name.to_owned(),
                alias: None,
                values,
                is_incomplete,
            });
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &RawAttribute> {
        self.list.iter()
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|one| one.is_named(name))?;
        found.values.first().map(String::as_str)
    }
}

/// There is no conversion from the values alone, because the names of incomplete attributes must
/// not be lost before the rules.
impl From<&Identity> for RawAttributes {
    fn from(identity: &Identity) -> Self {
        let one = |(name, values): (&String, &Vec<String>)| RawAttribute {
            name: name.clone(),
            values: values.clone(),
            ..RawAttribute::default()
        };
        let mut raw = Self::new(identity.attributes.iter().map(one).collect());
        for name in &identity.incomplete {
            match name.as_str() {
                EVERYTHING => raw.is_cut = true,
                name => raw.miss(name, None),
            }
        }
        raw
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_become_attributes_with_dots_for_what_is_inside() {
        let claims = json!({
            "email": "ana@example.org", "level": 3, "email_verified": true, "gone": null,
            "realm_access": { "roles": ["app-sales", "offline"] },
            "odd": [{ "a": 1 }],
        });
        let raw = RawAttributes::from_claims(claims.as_object().unwrap());
        assert_eq!(raw.first("email"), Some("ana@example.org"));
        assert_eq!(raw.first("level"), Some("3"));
        assert_eq!(raw.first("email_verified"), Some("true"));
        assert_eq!(raw.first("realm_access.roles"), Some("app-sales"));
        assert_eq!(raw.first("gone"), None);
        assert_eq!(raw.first("odd"), None);
        let odd = raw.iter().find(|one| one.name == "odd").unwrap();
        assert!(odd.is_incomplete, "there was something");
    }

    #[test]
    fn a_pointer_to_groups_is_no_attribute_and_the_groups_are_missing() {
        let claims = json!({
            "_claim_names": { "groups": "src1" },
            "_claim_sources": { "src1": { "endpoint": "https://graph.windows.net/x" } },
            "sub": "1",
        });
        let raw = RawAttributes::from_claims(claims.as_object().unwrap());
        let names: Vec<_> = raw
            .iter()
            .map(|one| (one.name.as_str(), one.is_incomplete))
            .collect();
        assert_eq!(names, [("sub", false), ("groups", true)]);
        assert!(raw.groups_are_elsewhere());
        let raw = RawAttributes::parse(
            "http://schemas.microsoft.com/claims/groups.link = https://graph.windows.net/x",
        );
        let raw = raw.unwrap();
        assert!(raw.groups_are_elsewhere() && raw.iter().count() == 1);
        let short = json!({ "hasgroups": true });
        let raw = RawAttributes::from_claims(short.as_object().unwrap());
        assert!(raw.groups_are_elsewhere() && raw.first("hasgroups").is_none());
        let all = json!({ "groups": ["a"], "hasgroups": true });
        let raw = RawAttributes::from_claims(all.as_object().unwrap());
        assert!(!raw.groups_are_elsewhere());
    }

    #[test]
    fn attributes_are_pasted_a_line_each() {
        let text = "urn:oid:1.3 (mail) = ana@example.org\n\n isMemberOf = a=b \nisMemberOf=c\n";
        let raw = RawAttributes::parse(text).unwrap();
        assert_eq!(raw.first("mail"), Some("ana@example.org"));
        assert_eq!(raw.first("urn:oid:1.3"), Some("ana@example.org"));
        let groups: Vec<_> = raw
            .iter()
            .filter(|one| one.is_named("isMemberOf"))
            .collect();
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].values, ["a=b", "c"]);
        let error = RawAttributes::parse("mail = x\nnonsense").unwrap_err();
        assert!(error.contains("line 2"), "{error}");
        assert!(RawAttributes::parse("{\"a\":").is_err());
        assert_eq!(
            RawAttributes::parse("{\"a\":\"b\"}").unwrap().first("a"),
            Some("b")
        );
    }

    #[test]
    fn claims_that_nest_without_end_are_cut() {
        let mut deep = json!("x");
        for _ in 0..50 {
            deep = json!({ "a": deep });
        }
        let raw = RawAttributes::from_claims(json!({ "a": deep }).as_object().unwrap());
        let cut: Vec<_> = raw.iter().collect();
        assert_eq!(cut.len(), 1);
        assert!(cut[0].is_incomplete && cut[0].values.is_empty());
    }
}
