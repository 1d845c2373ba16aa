//! The result of a rule: which values came from which attribute, or why none did.

use std::{collections::HashSet, fmt};

use super::RawAttribute;

/// The result of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingFinding {
    /// Our name.
    pub target: String,
    /// The attributes it read, in this order; empty for a constant.
    pub seen: Vec<Seen>,
    /// The pattern of its values.
    pub pattern: Option<String>,
    /// The values that were used.
    pub values: Vec<String>,
    pub dropped: Vec<Dropped>,
    /// Why not all values are known, if they are not.
    pub gap: Option<Gap>,
}

/// Why values that the provider has are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It sent a pointer to a list instead of the list (OpenID Connect Core 1.0 section 5.6.2), or
    /// less than the list.
    Elsewhere,
    /// There are more values than are kept.
    TooMany,
    /// A value is longer than any that is kept.
    TooLong,
}

impl Gap {
    /// The machine word, also the end of its text's key.
    pub fn word(self) -> &'static str {
        match self {
            Gap::Elsewhere => "elsewhere",
            Gap::TooMany => "too-many",
            Gap::TooLong => "too-long",
        }
    }
}

/// One of the provider's attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    /// How many values it had; none when the attribute was not there.
    pub values: Option<usize>,
    /// How many of them fit.
    pub fit: usize,
}

/// A value that was not used; its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub value: String,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It does not match `match`.
    Pattern,
    /// `values` does not list it.
    Unlisted,
    /// It is blank, or has control characters.
    Blank,
    TooLong,
    /// There are enough values already: one for a login or a name.
    Spare,
}

impl Why {
    /// The machine word, also the end of its text's key.
    pub fn word(self) -> &'static str {
        match self {
            Why::Pattern => "pattern",
            Why::Unlisted => "unlisted",
            Why::Blank => "blank",
            Why::TooLong => "too-long",
            Why::Spare => "spare",
        }
    }
}

/// A result that is being collected.
pub(super) struct Takings {
    finding: MappingFinding,
    seen: HashSet<String>,
    limit: usize,
}

/// The length and the number of dropped values that are shown.
const SHOWN_CHARS: usize = 80;
const SHOWN: usize = 50;

impl Takings {
    pub fn new(target: &str, pattern: Option<&String>, limit: usize) -> Self {
        Self {
            finding: MappingFinding {
                target: target.to_owned(),
                pattern: pattern.cloned(),
                ..MappingFinding::default()
            },
            seen: HashSet::new(),
            limit,
        }
    }

    pub fn constant(&mut self, values: &[String]) {
        self.finding.values = values.iter().take(self.limit).cloned().collect();
    }

    /// Uses the values of an attribute that fit, each once.
    pub fn look(
        &mut self,
        name: &str,
        found: &[&RawAttribute],
        change: impl Fn(&str) -> Result<String, Why>,
    ) {
        let mut seen = Seen {
            name: name.to_owned(),
            values: None,
            fit: 0,
        };
        if found.iter().any(|one| one.is_incomplete) {
            self.finding.gap = Some(Gap::Elsewhere);
        }
        for value in found.iter().flat_map(|one| &one.values) {
            match change(value) {
                Ok(becomes) => {
                    seen.fit += 1;
                    self.keep(becomes);
                }
                Err(why) => self.drop(value, why),
            }
        }
        if !found.is_empty() {
            seen.values = Some(found.iter().map(|one| one.values.len()).sum());
        }
        self.finding.seen.push(seen);
    }

    /// An attribute that the rule reads is there, in a form that has no values.
    pub fn miss(&mut self) {
        self.finding.gap = self.finding.gap.or(Some(Gap::Elsewhere));
    }

    fn keep(&mut self, value: String) {
        if !self.seen.insert(value.clone()) {
            return;
        }
        if self.finding.values.len() < self.limit {
            self.finding.values.push(value);
            return;
        }
        self.drop(&value, Why::Spare);
        if self.limit > 1 {
            self.finding.gap = Some(Gap::TooMany);
        }
    }

    fn drop(&mut self, value: &str, why: Why) {
        // A value that cannot be read is not the same as a missing one.
        let is_unread = why == Why::TooLong || (why == Why::Blank && !value.trim().is_empty());
        if is_unread && self.limit > 1 {
            self.finding.gap = self.finding.gap.or(Some(Gap::TooLong));
        }
        if self.finding.dropped.len() < SHOWN {
            let value = value.chars().take(SHOWN_CHARS).collect();
            self.finding.dropped.push(Dropped { value, why });
        }
    }

    /// No part of a list that is too long is kept, because its order means nothing.
    pub fn finding(mut self) -> MappingFinding {
        if self.finding.gap == Some(Gap::TooMany) {
            self.finding.values.clear();
        }
        self.finding
    }
}

/// For the command line and the log; pages have texts in the user's language.
impl fmt::Display for MappingFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.target)?;
        if self.seen.is_empty() {
            f.write_str("fixed value")?;
        }
        for (index, seen) in self.seen.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            match (seen.values, &self.pattern) {
                (None, _) => write!(f, "{comma}{} is missing", seen.name)?,
                (Some(1), None) => write!(f, "{comma}{} has 1 value", seen.name)?,
                (Some(count), None) => write!(f, "{comma}{} has {count} values", seen.name)?,
                (Some(count), Some(pattern)) => write!(
                    f,
                    "{comma}{} has {count}, {} matching {pattern}",
                    seen.name, seen.fit
                )?,
            }
        }
        match self.values.as_slice() {
            [] if self.seen.iter().all(|seen| seen.values.is_none()) => {}
            [] => f.write_str("; no value")?,
            values => write!(f, "; result: {}", values.join(", "))?,
        }
        match self.gap {
            None => Ok(()),
            Some(Gap::Elsewhere) => f.write_str(
                "; NOT ALL KNOWN: the provider sent a pointer instead of the whole list. Let it \
                 send only the groups that are assigned to this application, or application roles",
            ),
            Some(Gap::TooMany) => write!(
                f,
                "; NOT KNOWN: more than {} values. Let the provider send only the groups that are \
                 assigned to this application, or application roles",
                super::VALUES
            ),
            Some(Gap::TooLong) => write!(
                f,
                "; NOT ALL KNOWN: a value is longer than {} characters",
                super::VALUE_CHARS
            ),
        }
    }
}
