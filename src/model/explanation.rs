//! Where a service leads a user, and why: the answer of the locator rules.

use crate::model::condition::{ConditionFinding, Truth};

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// Exactly one.
    One(String),
    /// The user chooses among these.
    Several(Vec<String>),
    /// The rule that matched names instances that are all closed; the first of them.
    Closed(String),
    /// No rule matched.
    Nowhere,
    /// Whether the next rule matches is not known; those after it are not evaluated.
    Unknown,
}

/// Why this is the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub by: By,
    /// Rules in their order, up to and with the one that matched.
    pub considered: Vec<Considered>,
}

/// What determined the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The user's own choice, for a while.
    Override,
    /// The rule of this title.
    Rule(String),
    /// There is one instance and no rule.
    Only,
    /// The rule of this title, which cannot be answered.
    Unanswered(String),
    Nothing,
}

/// One rule and its results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    pub title: String,
    pub matched: Truth,
    /// A rule without a condition always matches.
    pub unconditional: bool,
    pub findings: Vec<ConditionFinding>,
}
