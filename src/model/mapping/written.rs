//! A mapping as an admin writes it: our name on the left, where it comes from on the right.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use regex::Regex;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer,
    },
};

use super::{Mapping, MappingRule, MappingSource, Otherwise, Vocabulary, is_name};
use crate::model::condition::whole;

/// A whole mapping, e.g. `{ mail = "email", groups = { from = "roles", match = "app-(.*)" } }`.
/// `login` and `name` belong to the user, everything else is an attribute. An empty mapping uses
/// the names in common use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MappingDocument(BTreeMap<String, WrittenRule>);

/// Where one attribute comes from: a name for short, or a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WrittenRule(Table);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The provider's names; the values of all of them are used, in this order.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    from: OneOrMany,
    /// Constant values, instead of `from`.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    constant: OneOrMany,
    /// The pattern of a whole value; its first group, if it has one, is the result.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    /// Replacements of values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, String>,
    /// What is done with a value that `values` does not list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otherwise: Option<Otherwise>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lower: bool,
}

/// One text or several.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
struct OneOrMany(Vec<String>);

impl OneOrMany {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A mapping may have this many rules, and a rule this many names and values.
const RULES: usize = 128;
const ENTRIES: usize = 1000;

impl MappingDocument {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks every rule. Attributes without a rule are kept under their usual name when
    /// `keeps_rest`.
    pub fn build(&self, vocabulary: Vocabulary, keeps_rest: bool) -> Result<Mapping, String> {
        if self.0.len() > RULES {
            return Err(format!("a mapping has at most {RULES} rules"));
        }
        let rules = self.0.iter().map(|(target, rule)| {
            let built = rule.0.build(target);
            built.map_err(|fault| format!("map, \"{target}\": {fault}"))
        });
        Ok(Mapping {
            rules: rules.collect::<Result<_, _>>()?,
            vocabulary,
            keeps_rest,
            prefix: None,
        })
    }
}

impl Table {
    fn build(&self, target: &str) -> Result<MappingRule, String> {
        if !is_name(target) {
            return Err(
                "an attribute's name has 1 to 128 characters, no white space, and does \
                        not begin with context."
                    .to_owned(),
            );
        }
        let source = match (self.from.is_empty(), self.constant.is_empty()) {
            (false, true) => MappingSource::Attributes(self.from.0.clone()),
            (true, false) => MappingSource::Constant(self.constant.0.clone()),
            _ => return Err("give either from or constant".to_owned()),
        };
        if self
            .from
            .0
            .len()
            .max(self.constant.0.len())
            .max(self.values.len())
            > ENTRIES
        {
            return Err(format!("at most {ENTRIES} entries"));
        }
        let changes = self.pattern.is_some() || !self.values.is_empty() || self.lower;
        if changes && !self.constant.is_empty() {
            return Err("a constant stands alone".to_owned());
        }
        if self.otherwise.is_some() && self.values.is_empty() {
            return Err("otherwise goes with values".to_owned());
        }
        Ok(MappingRule {
            target: target.to_owned(),
            source,
            pattern: self.pattern.as_deref().map(pattern).transpose()?,
            values: self.values.clone(),
            otherwise: self.otherwise.unwrap_or_default(),
            lower: self.lower,
        })
    }
}

/// The pattern as it is written, for the findings, and compiled.
fn pattern(written: &str) -> Result<(String, Regex), String> {
    let compiled = whole(written)?;
    // The whole match counts as one group.
    if compiled.captures_len() > 2 {
        return Err(format!(
            "the pattern \"{written}\" has more than one group ( )"
        ));
    }
    Ok((written.to_owned(), compiled))
}

/// Reads either a text or a table, keeping the names of misspelt keys, which serde's own `untagged`
/// would lose.
struct TextOr<T>(PhantomData<T>);

impl<'de> Visitor<'de> for TextOr<WrittenRule> {
    type Value = WrittenRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute, or a table")
    }

    fn visit_str<E>(self, name: &str) -> Result<WrittenRule, E> {
        Ok(WrittenRule(Table {
            from: OneOrMany(vec![name.to_owned()]),
            ..Table::default()
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WrittenRule, A::Error> {
        Table::deserialize(MapAccessDeserializer::new(map)).map(WrittenRule)
    }
}

impl<'de> Visitor<'de> for TextOr<OneOrMany> {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMany, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for WrittenRule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOr::<WrittenRule>(PhantomData))
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOr::<OneOrMany>(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<MappingDocument, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn fault(json: &str) -> String {
        let written = match read(json) {
            Ok(written) => written,
            Err(error) => return error,
        };
        written.build(Vocabulary::Oidc, false).unwrap_err()
    }

    #[test]
    fn wrong_rules_are_named() {
        let long = format!(r#"{{"{}":"x"}}"#, "n".repeat(200));
        for (json, word) in [
            (r#"{"a":{"form":"b"}}"#, "unknown field `form`"),
            (r#"{"a":{}}"#, "either from or constant"),
            (
                r#"{"a":{"from":"b","constant":"c"}}"#,
                "either from or constant",
            ),
            (r#"{"a":{"from":"b","match":"("}}"#, "regular expression"),
            (
                r#"{"a":{"from":"b","match":"(a)(b)"}}"#,
                "more than one group",
            ),
            (
                r#"{"a":{"from":"b","match":"(?:a{900}){900}"}}"#,
                "is too large",
            ),
            (r#"{"a":{"constant":"c","lower":true}}"#, "stands alone"),
            (
                r#"{"a":{"from":"b","otherwise":"keep"}}"#,
                "goes with values",
            ),
            (
                r#"{"a":{"from":"b","otherwise":"maybe"}}"#,
                "unknown variant",
            ),
            (r#"{"context.key":"b"}"#, "context."),
            (r#"{"a b":"b"}"#, "white space"),
            (&long, "128"),
            (r#"{"a":3}"#, "the name of an attribute, or a table"),
        ] {
            let fault = fault(json);
            assert!(fault.contains(word), "{json}: {fault}");
        }
    }

    #[test]
    fn what_is_written_survives_the_database() {
        let json = r#"{"mail":"email","groups":{"from":["roles","groups"],"match":"^app-(.*)$"},
            "department":{"from":"d","values":{"10":"sales"},"otherwise":"keep","lower":true},
            "region":{"constant":"europe"}}"#;
        let written = read(json).unwrap();
        let again = read(&serde_json::to_string(&written).unwrap()).unwrap();
        assert_eq!(written, again);
    }

    #[test]
    fn it_reads_the_same_from_toml() {
        let text = "mail = \"email\"\ngroups = { from = [\"roles\"], match = \"app-(.*)\" }\n";
        let written: MappingDocument = toml::from_str(text).unwrap();
        let json = r#"{"mail":"email","groups":{"from":["roles"],"match":"app-(.*)"}}"#;
        assert_eq!(written, read(json).unwrap());
        let error = toml::from_str::<MappingDocument>("mail = { form = \"x\" }\n").unwrap_err();
        assert!(error.to_string().contains("`form`"), "{error}");
    }
}
