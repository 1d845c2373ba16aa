//! Attribute mapping: from a provider's data about a user, with its own names, to our attributes.
//! Declarative, the same for every provider, and with an explanation: the preview "this assertion
//! gives these attributes" and the admission are one function.
//!
//! It decides nothing about the user's identity, which is the subject; no rule changes that.

mod finding;
mod known;
mod raw;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::{Deserialize, Serialize};

use self::finding::Takings;
pub use self::{
    finding::{Dropped, Gap, MappingFinding, Seen, Why},
    known::Vocabulary,
    raw::{RawAttribute, RawAttributes},
    written::MappingDocument,
};
use super::user::{EVERYTHING, GROUPS, SourceAttributes};

/// Longer values are not kept: no name, address or group is that long. An attribute that had one is
/// incomplete.
pub const VALUE_CHARS: usize = 1024;
/// An attribute with more values than this is not known.
pub const VALUES: usize = 5_000;
/// If a user has more attributes than this that no rule uses, not all are known.
const REST: usize = 2_000;
const NAME_CHARS: usize = 128;
/// Targets that belong to the user and have one value.
const SINGLE: &[&str] = &["login", "name"];

/// A mapping that can be applied.
#[derive(Clone, Debug)]
pub struct Mapping {
    rules: Vec<MappingRule>,
    vocabulary: Vocabulary,
    keeps_rest: bool,
    /// The prefix, with a colon, of groups that the provider names itself; `None` where its groups
    /// are the portal's own.
    prefix: Option<String>,
}

#[derive(Clone, Debug)]
struct MappingRule {
    target: String,
    source: MappingSource,
    pattern: Option<(String, Regex)>,
    values: BTreeMap<String, String>,
    otherwise: Otherwise,
    lower: bool,
}

#[derive(Clone, Debug)]
enum MappingSource {
    Attributes(Vec<String>),
    Constant(Vec<String>),
}

/// What is done with a value that a rule's `values` does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Otherwise {
    /// An unlisted value must not be used under another system's name.
    #[default]
    Drop,
    Keep,
}

/// The result of a mapping, with its explanation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    pub login: Option<String>,
    pub name: Option<String>,
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Names of attributes of which values are missing.
    pub incomplete: BTreeSet<String>,
    /// There were more attributes than are kept.
    pub is_cut: bool,
    /// The mail address is not verified, according to the provider.
    pub is_mail_unverified: bool,
    pub findings: Vec<MappingFinding>,
    /// The provider's attributes that were not used.
    pub unused: Vec<String>,
}

impl Mapping {
    /// Distinguishes the provider's own groups from the portal's: `prefix:group`. What the admin
    /// writes (a constant, or a value out of `values`) stays as it is written.
    pub fn set_prefix(&mut self, prefix: Option<String>) {
        self.prefix = prefix;
    }

    pub fn apply(&self, raw: &RawAttributes) -> Mapped {
        let mut mapped = Mapped {
            is_cut: raw.is_cut(),
            is_mail_unverified: self.vocabulary == Vocabulary::Oidc && raw.mail_is_unverified(),
            ..Mapped::default()
        };
        let mut used = BTreeSet::new();
        for rule in &self.rules {
            self.take(rule, raw, &mut mapped, &mut used);
        }
        for rule in self.usual(raw) {
            self.take(&rule, raw, &mut mapped, &mut used);
        }
        if self.keeps_rest {
            let mut rest = self.rest(raw, &used);
            mapped.is_cut |= rest.len() > REST;
            rest.truncate(REST);
            for rule in rest {
                self.take(&rule, raw, &mut mapped, &mut used);
            }
        }
        let unused = raw.iter().filter(|one| !used.contains(one.name.as_str()));
        mapped.unused = unused.map(|one| one.name.clone()).collect();
        mapped
    }

    fn writes(&self, target: &str) -> bool {
        self.rules.iter().any(|rule| rule.target == target)
    }

    /// The usual names, where no rule sets them. A user always needs a name, so login and name are
    /// mapped even when only written rules count.
    fn usual(&self, raw: &RawAttributes) -> Vec<MappingRule> {
        let wanted = self.vocabulary.known().iter().filter(|(target, _)| {
            !self.writes(target) && (self.keeps_rest || SINGLE.contains(target))
        });
        let rules = wanted.map(|(target, names)| {
            let there = names.iter().filter(|name| {
                let is_there = raw.iter().any(|one| one.is_named(name)) || raw.is_object(name);
                is_there && !self.is_unverified(target, name, raw)
            });
            MappingRule::plain(target, there.map(|name| (*name).to_owned()).collect())
        });
        rules.filter(MappingRule::has_sources).collect()
    }

    /// A mail address that its own provider has not verified may belong to another user, and
    /// applications may identify users by it. Only an explicit rule uses it (OpenID Connect Core
    /// 1.0 section 5.7).
    fn is_unverified(&self, target: &str, name: &str, raw: &RawAttributes) -> bool {
        self.vocabulary == Vocabulary::Oidc
            && name == "email"
            && ["mail", "login"].contains(&target)
            && raw.mail_is_unverified()
    }

    fn take<'a>(
        &self,
        rule: &MappingRule,
        raw: &'a RawAttributes,
        mapped: &mut Mapped,
        used: &mut BTreeSet<&'a str>,
    ) {
        let is_groups = rule.target == GROUPS;
        let mut finding = rule.read(raw, used, self.prefix.as_deref().filter(|_| is_groups));
        if is_groups && raw.groups_are_elsewhere() && !rule.is_constant() {
            finding.gap = Some(Gap::Elsewhere);
        }
        mapped.keep(rule, finding);
    }

    fn rest(&self, raw: &RawAttributes, used: &BTreeSet<&str>) -> Vec<MappingRule> {
        let known = |one: &RawAttribute| {
            let usual = self.vocabulary.known().iter();
            usual
                .flat_map(|(_, names)| *names)
                .any(|name| one.is_named(name))
        };
        let free = raw.iter().filter(|one| {
            let target = one.alias.as_deref().unwrap_or(&one.name);
            !used.contains(one.name.as_str())
                && !known(one)
                && !self.vocabulary.is_of_the_message(&one.name)
                && !self.writes(target)
                && is_name(target)
        });
        let rules = free.map(|one| {
            let target = one.alias.as_deref().unwrap_or(&one.name);
            MappingRule::plain(target, vec![one.name.clone()])
        });
        rules.take(REST + 1).collect()
    }
}

impl Mapped {
    fn keep(&mut self, rule: &MappingRule, finding: MappingFinding) {
        let first = finding.values.first().cloned();
        match rule.target.as_str() {
            "login" => self.login = first,
            "name" => self.name = first,
            target => {
                if !finding.values.is_empty() {
                    self.attributes
                        .insert(target.to_owned(), finding.values.clone());
                }
                if finding.gap.is_some() {
                    self.incomplete.insert(target.to_owned());
                }
            }
        }
        self.findings.push(finding);
    }

    /// The attributes that are used.
    pub fn source_attributes(&self) -> SourceAttributes {
        SourceAttributes {
            attributes: self.attributes.clone(),
            incomplete: self.incomplete.clone(),
            is_cut: self.is_cut,
            is_mail_unverified: self.is_mail_unverified,
        }
    }
}

impl MappingRule {
    fn plain(target: &str, from: Vec<String>) -> Self {
        Self {
            target: target.to_owned(),
            source: MappingSource::Attributes(from),
            pattern: None,
            values: BTreeMap::new(),
            otherwise: Otherwise::Keep,
            lower: false,
        }
    }

    fn has_sources(&self) -> bool {
        matches!(&self.source, MappingSource::Attributes(names) if !names.is_empty())
    }

    fn is_constant(&self) -> bool {
        matches!(self.source, MappingSource::Constant(_))
    }

    fn read<'a>(
        &self,
        raw: &'a RawAttributes,
        used: &mut BTreeSet<&'a str>,
        prefix: Option<&str>,
    ) -> MappingFinding {
        let limit = if SINGLE.contains(&self.target.as_str()) {
            1
        } else {
            VALUES
        };
        let mut takings = Takings::new(
            &self.target,
            self.pattern.as_ref().map(|(text, _)| text),
            limit,
        );
        match &self.source {
            MappingSource::Constant(values) => takings.constant(values),
            MappingSource::Attributes(names) => {
                for name in names {
                    let found: Vec<_> = raw.iter().filter(|one| one.is_named(name)).collect();
                    used.extend(found.iter().map(|one| one.name.as_str()));
                    takings.look(name, &found, |value| self.change(value, prefix));
                    if raw.is_object(name) {
                        takings.miss();
                    }
                }
            }
        }
        takings.finding()
    }

    /// Converts one value: pattern, replacement, case, and the prefix unless the admin wrote the
    /// value.
    fn change(&self, value: &str, prefix: Option<&str>) -> Result<String, Why> {
        let value = value.trim();
        if value.chars().count() > VALUE_CHARS {
            return Err(Why::TooLong);
        }
        let value = match &self.pattern {
            None => value,
            Some((_, pattern)) => {
                let fit = pattern.captures(value).ok_or(Why::Pattern)?;
                fit.get(1).or(fit.get(0)).map_or("", |part| part.as_str())
            }
        };
        let listed = self.values.get(value);
        let value = match listed {
            Some(becomes) => becomes,
            None if self.values.is_empty() || self.otherwise == Otherwise::Keep => value,
            None => return Err(Why::Unlisted),
        };
        if value.trim().is_empty() || value.contains(char::is_control) {
            return Err(Why::Blank);
        }
        let value = match self.lower {
            true => value.to_lowercase(),
            false => value.to_owned(),
        };
        Ok(match prefix.filter(|_| listed.is_none()) {
            Some(prefix) => format!("{prefix}:{value}"),
            None => value,
        })
    }
}

/// Whether this is a valid name of an attribute. `context.` is how conditions refer to the record.
fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS).contains(&text.chars().count())
        && !text.starts_with("context.")
        && text != EVERYTHING
        && !text.contains(|c: char| c.is_control() || c.is_whitespace())
}
