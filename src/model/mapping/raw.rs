//! What a provider said of a person, in the provider's own names, before any rule.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Claims nest this deep at most; what lies deeper is left out.
const DEPTH: usize = 4;
/// More attributes than this are not read.
const ATTRIBUTES: usize = 1000;

/// One attribute as it came. SAML gives a second, readable name (`FriendlyName`, SAML Core 2.0
/// section 2.7.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAttribute {
    pub name: String,
    pub alias: Option<String>,
    pub values: Vec<String>,
}

impl RawAttribute {
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.alias.as_deref() == Some(name)
    }
}

/// All of them, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAttributes(Vec<RawAttribute>);

impl RawAttributes {
    pub fn new(list: Vec<RawAttribute>) -> Self {
        Self(list)
    }

    /// Claims (OpenID Connect Core 1.0 section 5.1) as attributes: a list becomes several values,
    /// an object several attributes with a dot between the names (`realm_access.roles`), numbers
    /// and truth values their text. What has no text, like a list of objects, is left out.
    pub fn from_claims(claims: &Map<String, Value>) -> Self {
        let mut list = Vec::new();
        for (name, value) in claims {
            flatten(name, value, 1, &mut list);
        }
        Self(list)
    }

    /// What an admin pastes to try a mapping: claims as JSON, or attributes a line each, with the
    /// second name in brackets: `urn:oid:… (mail) = ana@example.org`. A name that is repeated has
    /// several values.
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
            raw.add(name.trim(), alias.trim(), value.trim());
        }
        Ok(raw)
    }

    fn add(&mut self, name: &str, alias: &str, value: &str) {
        if let Some(known) = self.0.iter_mut().find(|one| one.name == name) {
            known.values.push(value.to_owned());
        } else if self.0.len() < ATTRIBUTES {
            self.0.push(RawAttribute {
                name: name.to_owned(),
                alias: (!alias.is_empty()).then(|| alias.to_owned()),
                values: vec![value.to_owned()],
            });
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &RawAttribute> {
        self.0.iter()
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|one| one.is_named(name))?;
        found.values.first().map(String::as_str)
    }
}

impl From<&BTreeMap<String, Vec<String>>> for RawAttributes {
    fn from(map: &BTreeMap<String, Vec<String>>) -> Self {
        let one = |(name, values): (&String, &Vec<String>)| RawAttribute {
            name: name.clone(),
            alias: None,
            values: values.clone(),
        };
        Self(map.iter().map(one).collect())
    }
}

fn flatten(name: &str, value: &Value, depth: usize, list: &mut Vec<RawAttribute>) {
    if list.len() >= ATTRIBUTES {
        return;
    }
    let values = match value {
        Value::Object(inner) if depth < DEPTH => {
            for (key, value) in inner {
                flatten(&format!("{name}.{key}"), value, depth + 1, list);
            }
            return;
        }
        Value::Array(values) => values.iter().filter_map(text).collect(),
        single => text(single).into_iter().collect::<Vec<_>>(),
    };
    if !values.is_empty() {
        list.push(RawAttribute {
            name: name.to_owned(),
            alias: None,
            values,
        });
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
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
        assert_eq!(raw.iter().count(), 0);
    }
}
