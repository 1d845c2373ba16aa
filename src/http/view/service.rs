//! Where a service leads, and why.

use askama::Template;

use super::{Frame, InstanceOption, Moment};

/// `GET /services/{slug}`: where a service leads and why.
#[derive(Template)]
#[template(path = "service/page.html")]
pub struct ServicePage {
    pub frame: Frame,
    pub title: String,
    pub description: String,
    pub icon: String,
    /// The answer in one sentence (`verdict-…`).
    pub verdict: String,
    /// `/go/{service}`; none when it is closed or no instance fits.
    pub href: Option<String>,
    /// All rules in their order.
    pub rules: Vec<LocatorRuleRow>,
    /// How the user signs in at the application, in a sentence (`handoff-…`).
    pub handoff: String,
    /// The choice of an instance, where the service allows it.
    pub own_choice: Option<OwnChoice>,
}

/// One locator rule and its result.
pub struct LocatorRuleRow {
    pub title: String,
    pub outcome: RuleOutcome,
    /// What was found, a line each (`finding-…`).
    pub findings: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RuleOutcome {
    Matched,
    PassedOver,
    /// Whether it fits cannot be determined.
    Unanswered,
    /// An earlier rule had decided.
    NotReached,
}

/// The form by which a user chooses another instance for a week.
pub struct OwnChoice {
    /// `/services/{slug}/instance`.
    pub action: String,
    pub instances: Vec<InstanceOption>,
    pub current: Option<CurrentChoice>,
}

/// The user's current choice.
pub struct CurrentChoice {
    /// The choice as a sentence.
    pub words: String,
    /// The chosen instance.
    pub slug: String,
    pub ends: Moment,
}

impl ServicePage {
    fn heading(&self) -> String {
        self.frame
            .texts
            .with("service-title", &[("service", &self.title)])
    }

    fn open(&self) -> String {
        self.frame
            .texts
            .with("service-open", &[("service", &self.title)])
    }

    fn leads_somewhere(&self) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.outcome == RuleOutcome::Matched)
            || self.href.is_some()
    }
}

impl OwnChoice {
    fn is_current(&self, instance: &InstanceOption) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.slug == instance.slug)
    }
}
