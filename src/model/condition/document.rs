//! Conditions as an admin writes them, and what is wrong with them.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::{Condition, ConditionOperator};

/// A condition as an admin writes it, e.g. `{ attribute = "region", equals = "europe" }`,
/// `{ group = "sales" }`, `{ all = [ … ] }`, `{ not = { … } }`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionDocument {
    /// An attribute's name, or `context.type`, `context.key`, `context.<field>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Short for `attribute = "groups", equals = …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The slug of the provider that must say so; without it, any provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<ConditionDocument>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<ConditionDocument>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<ConditionDocument>>,
}

/// Conditions may nest this deep; deeper ones are a mistake or an attack.
const DEPTH: usize = 8;
/// A compiled pattern may take this many bytes: `\w{1,200}`, the longest key of letters in any
/// script, takes about half of it.
const PATTERN_BYTES: usize = 16 * 1024 * 1024;

/// Compiles an admin's pattern so that it must fit the whole text.
pub fn whole(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(PATTERN_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => format!(
                "the pattern \"{pattern}\" is too large: its repetitions take more than {} MB. Use \
                 smaller ones, or [A-Za-z0-9_] for \\w and [0-9] for \\d, which stand for every script",
                PATTERN_BYTES / 1024 / 1024
            ),
            _ => format!("the pattern \"{pattern}\" is not a regular expression: {}", last_line(&error)),
        })
}

/// The error without the diagram above it.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl ConditionDocument {
    /// Checks the shape: exactly one form, known operators, compilable patterns.
    pub fn build(&self) -> Result<Condition, String> {
        self.build_at(0)
    }

    fn build_at(&self, depth: usize) -> Result<Condition, String> {
        if depth > DEPTH {
            return Err(format!("conditions nest deeper than {DEPTH}"));
        }
        let each = |list: &[ConditionDocument]| -> Result<Vec<Condition>, String> {
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
            || self.from.is_some()
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
            (Some(text), None, None, None) => ConditionOperator::Equals(text.clone()),
            (None, Some(list), None, None) => ConditionOperator::In(list.clone()),
            (None, None, Some(text), None) => ConditionOperator::Contains(text.clone()),
            (None, None, None, Some(pattern)) => ConditionOperator::Matches(whole(pattern)?),
            _ => {
                return Err(format!(
                    "the test of \"{attribute}\" needs exactly one of equals, in, contains, matches"
                ));
            }
        };
        if attribute.starts_with("context.") && self.from.is_some() {
            return Err(format!(
                "\"{attribute}\" is of the record, not of the user: it has no provider (from)"
            ));
        }
        Ok(Condition::Test {
            attribute,
            from: self.from.clone(),
            operator,
        })
    }

    fn build_group(&self, group: &str) -> Result<Condition, String> {
        let alone = ConditionDocument {
            group: self.group.clone(),
            from: self.from.clone(),
            ..ConditionDocument::default()
        };
        if *self != alone {
            return Err(
                "group stands alone, or with from: it is short for attribute \"groups\" equals"
                    .into(),
            );
        }
        let operator = ConditionOperator::Equals(group.to_owned());
        Ok(Condition::Test {
            attribute: "groups".into(),
            from: self.from.clone(),
            operator,
        })
    }
}
