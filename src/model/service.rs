//! The catalogue's nouns: services, their instances, the rules that choose among them and the
//! deep links into them.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    clock::Time, kind::Settings, model::condition::Condition, protocol::uri_template::UriTemplate,
};

/// A remote application as users know it.
#[derive(Clone, Debug)]
pub struct Service {
    pub slug: String,
    pub title: String,
    pub description: String,
    pub icon: String,
    pub category: String,
    /// Name of the hand-off method (a row of `handoff::KINDS`).
    pub handoff: String,
    /// Who may see it; `None` means every signed-in user.
    pub audience: Option<Condition>,
    /// Whether users may override where it leads them.
    pub choice: ChoicePolicy,
    pub disabled_at: Option<Time>,
    pub instances: Vec<Instance>,
    /// Ordered: the first that matches wins.
    pub rules: Vec<LocatorRule>,
    pub links: Vec<Link>,
}

/// Whether a user may choose an instance against the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChoicePolicy {
    Allowed,
    Fixed,
}

/// An instance that a user chose instead of the one that the rules select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenInstance {
    pub slug: String,
    /// When the choice expires; from then on the rules decide again.
    pub until: Time,
}

/// One deployment of a service.
#[derive(Clone, Debug)]
pub struct Instance {
    pub slug: String,
    pub title: String,
    /// Its address, as it was written; the path is a prefix of every deep link.
    pub base_url: String,
    /// The same, parsed.
    pub base: Url,
    /// The settings of the hand-off, without its secrets.
    pub settings: Settings,
    /// The secrets among the settings, sealed for this instance of this service.
    pub sealed_settings: Option<String>,
    pub disabled_at: Option<Time>,
}

/// A locator rule: its condition, and the instances it names. Several: the user chooses.
#[derive(Clone, Debug)]
pub struct LocatorRule {
    pub title: String,
    /// `None` means it always matches: a default.
    pub when: Option<Condition>,
    pub instances: Vec<String>,
}

/// How one type of record is opened with one intent. `kind` and `intent` are empty together for
/// the service's front page.
#[derive(Clone, Debug)]
pub struct Link {
    pub kind: String,
    pub intent: String,
    /// RFC 6570, relative to the instance's base URL.
    pub template: UriTemplate,
    /// A link inside the link: expanded first, inserted as `{inner}`.
    pub inner: Option<UriTemplate>,
    /// Who may use this intent; `None` means every user who sees the service.
    pub audience: Option<Condition>,
}

/// The intent of a link that names none.
pub const VIEW: &str = "view";

impl Instance {
    /// The client in its OAuth role, if its settings name one.
    pub fn client(&self) -> Option<&str> {
        self.settings.get("client").and_then(|value| value.as_str())
    }
}

impl Service {
    pub fn instance(&self, slug: &str) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.slug == slug)
    }

    pub fn link(&self, kind: &str, intent: &str) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| link.kind == kind && link.intent == intent)
    }

    pub fn opens(&self, kind: &str) -> bool {
        self.links.iter().any(|link| link.kind == kind)
    }
}
