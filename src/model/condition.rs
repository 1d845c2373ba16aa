//! Conditions on what is known of a user (and the requested record): who may see a service, and
//! which instance is theirs. A small typed tree, no expression language: it cannot loop, and every
//! answer can be explained.
//!
//! Comparisons are exact. An attribute with several values matches when any value matches; a
//! missing attribute matches nothing. `matches` is a regular expression over the whole value, in
//! linear time.
//!
//! Not known is different from missing. If not all values of an attribute arrived (a provider's
//! list was too long, or only a pointer to it was sent), only the values that are there can be
//! tested, so an answer is one of three ([`Truth`]), and the negation of an unknown answer is
//! unknown as well. The caller decides what that means: for visibility and access it is a no
//! ([`Condition::holds`]), for required proofs it is a yes ([`Condition::may_hold`]).

mod document;

use regex::Regex;

pub use self::document::{ConditionDocument, whole};

/// A condition that can be evaluated.
#[derive(Clone, Debug)]
pub enum Condition {
    Test {
        attribute: String,
        /// Only this source counts.
        from: Option<String>,
        operator: ConditionOperator,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// How an attribute's values are compared.
#[derive(Clone, Debug)]
pub enum ConditionOperator {
    Equals(String),
    In(Vec<String>),
    Contains(String),
    Matches(Regex),
}

/// The facts a condition is evaluated on.
pub trait Facts {
    /// What is known of an attribute; of one source only, if it is named.
    fn known(&self, name: &str, from: Option<&str>) -> KnownAttribute<'_>;
}

/// What is known of an attribute. The default is a missing attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAttribute<'a> {
    pub values: Vec<&'a str>,
    /// The source: the slug of a provider, or `link`.
    pub source: Option<&'a str>,
    /// The provider did not send all values: some may be missing here, or all of them.
    pub is_incomplete: bool,
}

/// An answer. Ordered: a conjunction has the least of its answers, a disjunction the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    No,
    Unknown,
    Yes,
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

/// The result of one test, with everything its text needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionFinding {
    pub attribute: String,
    /// `equals`, `in`, `contains` or `matches`.
    pub operator: &'static str,
    pub wanted: String,
    /// The only source that counts, if the condition names one.
    pub from: Option<String>,
    /// What the user has; empty when the attribute is not there.
    pub had: Vec<String>,
    pub source: Option<String>,
    pub answer: Truth,
    /// It is inside a `not`: it must not hold.
    pub negated: bool,
}

impl ConditionOperator {
    fn name(&self) -> &'static str {
        match self {
            ConditionOperator::Equals(_) => "equals",
            ConditionOperator::In(_) => "in",
            ConditionOperator::Contains(_) => "contains",
            ConditionOperator::Matches(_) => "matches",
        }
    }

    fn wanted(&self) -> String {
        match self {
            ConditionOperator::Equals(text) | ConditionOperator::Contains(text) => text.clone(),
            ConditionOperator::In(list) => list.join(", "),
            ConditionOperator::Matches(pattern) => {
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
            ConditionOperator::Equals(text) => value == text,
            ConditionOperator::In(list) => list.iter().any(|one| one == value),
            ConditionOperator::Contains(text) => value.contains(text.as_str()),
            ConditionOperator::Matches(pattern) => pattern.is_match(value),
        }
    }

    /// A value that is there decides; if none matches, the answer is unknown where some are
    /// missing.
    fn answer(&self, known: &KnownAttribute) -> Truth {
        match known.values.iter().any(|value| self.holds(value)) {
            true => Truth::Yes,
            false if known.is_incomplete => Truth::Unknown,
            false => Truth::No,
        }
    }
}

impl Condition {
    /// Whether it is known to hold: unknown is a no. For visibility, access and use.
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        self.answer(facts) == Truth::Yes
    }

    /// Whether it is not known to fail: unknown is a yes. For required proofs.
    pub fn may_hold(&self, facts: &dyn Facts) -> bool {
        self.answer(facts) != Truth::No
    }

    /// The answer. Stops at the first test that decides; for the portal's hot paths.
    pub fn answer(&self, facts: &dyn Facts) -> Truth {
        match self {
            Condition::Test {
                attribute,
                from,
                operator,
            } => operator.answer(&facts.known(attribute, from.as_deref())),
            Condition::All(list) => {
                let mut all = Truth::Yes;
                for one in list {
                    all = all.min(one.answer(facts));
                    if all == Truth::No {
                        break;
                    }
                }
                all
            }
            Condition::Any(list) => {
                let mut any = Truth::No;
                for one in list {
                    any = any.max(one.answer(facts));
                    if any == Truth::Yes {
                        break;
                    }
                }
                any
            }
            Condition::Not(one) => !one.answer(facts),
        }
    }

    /// The answer, and the results of all its tests.
    pub fn explain(&self, facts: &dyn Facts) -> (Truth, Vec<ConditionFinding>) {
        let mut findings = Vec::new();
        self.collect(facts, false, &mut findings);
        (self.answer(facts), findings)
    }

    /// The sources it names.
    pub fn sources(&self) -> Vec<&str> {
        match self {
            Condition::Test { from, .. } => from.as_deref().into_iter().collect(),
            Condition::All(list) | Condition::Any(list) => {
                list.iter().flat_map(Condition::sources).collect()
            }
            Condition::Not(one) => one.sources(),
        }
    }

    fn collect(&self, facts: &dyn Facts, negated: bool, findings: &mut Vec<ConditionFinding>) {
        match self {
            Condition::Test {
                attribute,
                from,
                operator,
            } => {
                let known = facts.known(attribute, from.as_deref());
                findings.push(ConditionFinding {
                    attribute: attribute.clone(),
                    operator: operator.name(),
                    wanted: operator.wanted(),
                    from: from.clone(),
                    answer: operator.answer(&known),
                    had: known.values.into_iter().map(str::to_owned).collect(),
                    source: known.source.map(str::to_owned),
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
        fn known(&self, name: &str, from: Option<&str>) -> KnownAttribute<'_> {
            let (values, source) = match name {
                "region" => (vec!["europe"], "local"),
                "groups" => (vec!["sales", "staff"], "ldap"),
                "roles" => (vec!["reader"], "idp"),
                _ => return KnownAttribute::default(),
            };
            if from.is_some_and(|from| from != source) {
                return KnownAttribute::default();
            }
            KnownAttribute {
                values,
                source: Some(source),
                is_incomplete: name == "roles",
            }
        }
    }

    fn written(json: &str) -> ConditionDocument {
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
    fn of_a_list_that_is_not_complete_only_what_is_there_is_known() {
        let answer = |json: &str| written(json).build().unwrap().answer(&Ana);
        let (there, missing) = (
            r#"{"attribute":"roles","equals":"reader"}"#,
            r#"{"attribute":"roles","equals":"suspended"}"#,
        );
        let not = |json: &str| format!(r#"{{"not":{json}}}"#);
        let both = |a: &str, b: &str| format!(r#"{{"all":[{a},{b}]}}"#);
        let one = |a: &str, b: &str| format!(r#"{{"any":[{a},{b}]}}"#);
        let (yes, no) = (r#"{"group":"staff"}"#, r#"{"group":"nobody"}"#);
        for (json, wanted) in [
            (there.to_owned(), Truth::Yes),
            (not(there), Truth::No),
            (missing.to_owned(), Truth::Unknown),
            (not(missing), Truth::Unknown),
            (not(&not(missing)), Truth::Unknown),
            (both(missing, yes), Truth::Unknown),
            (both(missing, no), Truth::No),
            (one(missing, yes), Truth::Yes),
            (one(missing, no), Truth::Unknown),
        ] {
            assert_eq!(answer(&json), wanted, "{json}");
        }
        let condition = written(&not(missing)).build().unwrap();
        assert!(!condition.holds(&Ana) && condition.may_hold(&Ana));
    }

    #[test]
    fn a_condition_may_name_who_must_say_so() {
        assert!(holds(r#"{"group":"staff","from":"ldap"}"#));
        assert!(!holds(r#"{"group":"staff","from":"clinic"}"#));
        assert!(holds(
            r#"{"attribute":"region","equals":"europe","from":"local"}"#
        ));
        let condition =
            written(r#"{"any":[{"group":"a","from":"x"},{"not":{"group":"b","from":"y"}}]}"#);
        assert_eq!(condition.build().unwrap().sources(), ["x", "y"]);
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
            (r#"{"from":"a"}"#, "name of an attribute"),
            (
                r#"{"attribute":"context.key","equals":"a","from":"b"}"#,
                "of the record",
            ),
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
        let (answer, findings) = condition.explain(&Ana);
        assert_eq!(answer, Truth::No);
        assert_eq!(findings[0].had, ["europe"]);
        assert_eq!(findings[0].source.as_deref(), Some("local"));
        assert_eq!(findings[0].wanted, "americas");
    }
}
