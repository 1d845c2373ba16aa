//! Conditions over what is known of a person (and the record they ask for): who may see a
//! service, and which instance is theirs. A small typed tree, no expression language: it cannot
//! loop, and every answer can be explained.
//!
//! Comparisons are exact. An attribute with several values fits when any value fits; a missing
//! attribute fits nothing. `matches` is a regular expression over the whole value, in linear time.

use regex::Regex;
use serde::{Deserialize, Serialize};

/// A condition as an admin writes it, e.g. `{ attribute = "region", equals = "europe" }`,
/// `{ group = "sales" }`, `{ all = [ … ] }`, `{ not = { … } }`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// An attribute's name, or `context.type`, `context.key`, `context.<field>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Short for `attribute = "groups", equals = …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Written>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Written>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Written>>,
}

/// A condition that can be asked.
#[derive(Clone, Debug)]
pub enum Condition {
    Test {
        attribute: String,
        operator: Operator,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// How an attribute's values are held against what is wanted.
#[derive(Clone, Debug)]
pub enum Operator {
    Equals(String),
    In(Vec<String>),
    Contains(String),
    Matches(Regex),
}

/// The facts a condition is asked about.
pub trait Facts {
    /// Values and their source.
    fn values(&self, name: &str) -> Option<(Vec<&str>, &str)>;
}

/// What one test found: enough to say it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub attribute: String,
    /// `equals`, `in`, `contains` or `matches`.
    pub operator: &'static str,
    pub wanted: String,
    /// What the person has; empty when the attribute is not known.
    pub had: Vec<String>,
    pub source: Option<String>,
    pub held: bool,
    /// It stands under a `not`: it must not hold.
    pub negated: bool,
}

/// Conditions may nest this deep; deeper ones are a mistake or an attack.
const DEPTH: usize = 8;
/// A compiled pattern may take this many bytes.
const PATTERN_BYTES: usize = 64 * 1024;

/// Compiles an admin's pattern so that it must fit the whole text.
pub fn whole(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(PATTERN_BYTES)
        .build()
        .map_err(|_| format!("the pattern \"{pattern}\" is not a regular expression we take"))
}

impl Written {
    /// Checks the shape: exactly one form, known operators, compilable patterns.
    pub fn build(&self) -> Result<Condition, String> {
        self.build_at(0)
    }

    fn build_at(&self, depth: usize) -> Result<Condition, String> {
        if depth > DEPTH {
            return Err(format!("conditions nest deeper than {DEPTH}"));
        }
        let each = |list: &[Written]| -> Result<Vec<Condition>, String> {
            if list.is_empty() {
                return Err("an empty list decides nothing: give at least one condition".into());
            }
            list.iter().map(|one| one.build_at(depth + 1)).collect()
        };
        match (&self.all, &self.any, &self.not, self.is_test()) {
            (Some(list), None, None, false) => Ok(Condition::All(each(list)?)),
            (None, Some(list), None, false) => Ok(Condition::Any(each(list)?)),
            (None, None, Some(one), false) => {
                Ok(Condition::Not(Box::new(one.build_at(depth + 1)?)))
            }
            (None, None, None, true) => self.build_test(),
            _ => Err(
                "a condition is one of: attribute with equals, in, contains or matches; \
                      group; all; any; not"
                    .into(),
            ),
        }
    }

    fn is_test(&self) -> bool {
        self.attribute.is_some()
            || self.group.is_some()
            || self.equals.is_some()
            || self.one_of.is_some()
            || self.contains.is_some()
            || self.matches.is_some()
    }

    fn build_test(&self) -> Result<Condition, String> {
        if let Some(group) = &self.group {
            return self.build_group(group);
        }
        let Some(attribute) = self.attribute.clone() else {
            return Err("a test needs the name of an attribute".into());
        };
        let operator = match (&self.equals, &self.one_of, &self.contains, &self.matches) {
            (Some(text), None, None, None) => Operator::Equals(text.clone()),
            (None, Some(list), None, None) => Operator::In(list.clone()),
            (None, None, Some(text), None) => Operator::Contains(text.clone()),
            (None, None, None, Some(pattern)) => Operator::Matches(whole(pattern)?),
            _ => {
                return Err(format!(
                    "the test of \"{attribute}\" needs exactly one of equals, in, contains, matches"
                ));
            }
        };
        Ok(Condition::Test {
            attribute,
            operator,
        })
    }

    fn build_group(&self, group: &str) -> Result<Condition, String> {
        let alone = Written {
            group: self.group.clone(),
            ..Written::default()
        };
        if *self != alone {
            return Err("group stands alone: it is short for attribute \"groups\" equals".into());
        }
        let operator = Operator::Equals(group.to_owned());
        Ok(Condition::Test {
            attribute: "groups".into(),
            operator,
        })
    }
}

impl Operator {
    fn name(&self) -> &'static str {
        match self {
            Operator::Equals(_) => "equals",
            Operator::In(_) => "in",
            Operator::Contains(_) => "contains",
            Operator::Matches(_) => "matches",
        }
    }

    fn wanted(&self) -> String {
        match self {
            Operator::Equals(text) | Operator::Contains(text) => text.clone(),
            Operator::In(list) => list.join(", "),
            Operator::Matches(pattern) => {
                let text = pattern.as_str();
                text.strip_prefix("^(?:")
                    .and_then(|t| t.strip_suffix(")$"))
                    .unwrap_or(text)
                    .into()
            }
        }
    }

    fn holds(&self, value: &str) -> bool {
        match self {
            Operator::Equals(text) => value == text,
            Operator::In(list) => list.iter().any(|one| one == value),
            Operator::Contains(text) => value.contains(text.as_str()),
            Operator::Matches(pattern) => pattern.is_match(value),
        }
    }
}

impl Condition {
    /// Whether it holds. Stops at the first test that decides; for the portal's hot paths.
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        match self {
            Condition::Test {
                attribute,
                operator,
            } => facts
                .values(attribute)
                .is_some_and(|(values, _)| values.iter().any(|value| operator.holds(value))),
            Condition::All(list) => list.iter().all(|one| one.holds(facts)),
            Condition::Any(list) => list.iter().any(|one| one.holds(facts)),
            Condition::Not(one) => !one.holds(facts),
        }
    }

    /// Whether it holds, and what every test in it found.
    pub fn explain(&self, facts: &dyn Facts) -> (bool, Vec<Finding>) {
        let mut findings = Vec::new();
        self.collect(facts, false, &mut findings);
        (self.holds(facts), findings)
    }

    fn collect(&self, facts: &dyn Facts, negated: bool, findings: &mut Vec<Finding>) {
        match self {
            Condition::Test {
                attribute,
                operator,
            } => {
                let (had, source) = match facts.values(attribute) {
                    Some((values, source)) => (values, Some(source.to_owned())),
                    None => (Vec::new(), None),
                };
                findings.push(Finding {
                    attribute: attribute.clone(),
                    operator: operator.name(),
                    wanted: operator.wanted(),
                    held: had.iter().any(|value| operator.holds(value)),
                    had: had.into_iter().map(str::to_owned).collect(),
                    source,
                    negated,
                });
            }
            Condition::All(list) | Condition::Any(list) => {
                list.iter()
                    .for_each(|one| one.collect(facts, negated, findings));
            }
            Condition::Not(one) => one.collect(facts, !negated, findings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ana;

    impl Facts for Ana {
        fn values(&self, name: &str) -> Option<(Vec<&str>, &str)> {
            match name {
                "region" => Some((vec!["europe"], "local")),
                "groups" => Some((vec!["sales", "staff"], "ldap")),
                _ => None,
            }
        }
    }

    fn written(json: &str) -> Written {
        serde_json::from_str(json).unwrap()
    }

    fn holds(json: &str) -> bool {
        written(json).build().unwrap().holds(&Ana)
    }

    #[test]
    fn every_operator_and_connective() {
        assert!(holds(r#"{"attribute":"region","equals":"europe"}"#));
        assert!(holds(r#"{"attribute":"region","in":["asia","europe"]}"#));
        assert!(holds(r#"{"attribute":"region","contains":"rop"}"#));
        assert!(holds(r#"{"attribute":"region","matches":"eu.*"}"#));
        assert!(holds(r#"{"group":"staff"}"#));
        assert!(holds(r#"{"all":[{"group":"staff"},{"group":"sales"}]}"#));
        assert!(holds(r#"{"any":[{"group":"nobody"},{"group":"sales"}]}"#));
        assert!(holds(r#"{"not":{"group":"nobody"}}"#));
        assert!(!holds(r#"{"attribute":"unknown","equals":""}"#));
    }

    #[test]
    fn a_pattern_must_fit_the_whole_value() {
        assert!(!holds(r#"{"attribute":"region","matches":"eu"}"#));
        assert!(!holds(r#"{"attribute":"region","matches":"x|eu"}"#));
    }

    #[test]
    fn wrong_shapes_are_named() {
        for (json, word) in [
            (r#"{}"#, "one of"),
            (r#"{"attribute":"a"}"#, "exactly one"),
            (
                r#"{"attribute":"a","equals":"b","contains":"c"}"#,
                "exactly one",
            ),
            (r#"{"equals":"b"}"#, "name of an attribute"),
            (r#"{"all":[]}"#, "empty list"),
            (r#"{"all":[{"group":"a"}],"any":[{"group":"a"}]}"#, "one of"),
            (r#"{"attribute":"a","matches":"("}"#, "regular expression"),
            (r#"{"group":"a","equals":"b"}"#, "alone"),
        ] {
            let error = written(json).build().unwrap_err();
            assert!(error.contains(word), "{json}: {error}");
        }
    }

    #[test]
    fn conditions_do_not_nest_without_end() {
        let mut json = r#"{"group":"a"}"#.to_owned();
        for _ in 0..20 {
            json = format!(r#"{{"not":{json}}}"#);
        }
        assert!(written(&json).build().unwrap_err().contains("nest"));
    }

    #[test]
    fn an_explanation_names_value_and_source() {
        let condition = written(r#"{"attribute":"region","equals":"americas"}"#)
            .build()
            .unwrap();
        let (held, findings) = condition.explain(&Ana);
        assert!(!held);
        assert_eq!(findings[0].had, ["europe"]);
        assert_eq!(findings[0].source.as_deref(), Some("local"));
        assert_eq!(findings[0].wanted, "americas");
    }
}
