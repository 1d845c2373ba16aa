//! The pages a user sees: one struct per page, filled by a handler and rendered by its template.
//!
//! A view contains texts and shapes only. It takes finished strings, booleans and addresses,
//! decides nothing about rights or places, and depends on no domain module. What is not in a view
//! is not on the page. Parts that are rendered alone for an htmx request are blocks of the same
//! template and have their own method (`page.as_results()`).

mod account;
mod admin;
mod consent;
mod factor;
mod launch;
mod logout;
mod moment;
mod portal;
mod problem;
mod record;
mod recovery;
mod service;
mod sign_in;
mod sign_in_password;

use std::sync::Arc;

pub use account::{
    AccountPage, Fact, HistoryLine, HistoryPage, LinkPage, Linkable, LinkedIdentity, SessionRow,
    Unlink,
};
pub use admin::{
    AdminDetail, AdminDocument, AdminEvent, AdminEvents, AdminHome, AdminInstance, AdminKey,
    AdminKeyPurpose, AdminKeys, AdminName, AdminNoun, AdminParty, AdminPreview, AdminPreviewRow,
    AdminProvider, AdminProviderCard, AdminProviders, AdminService, AdminServices, AdminSetting,
    CheckResult, ShownMoment,
};
pub use consent::{Allowed, Applications, ConsentPage};
pub use factor::{
    ChangeFactor, CodeField, FactorChoice, FactorNotice, FactorSetup, FactorTrouble, NewAppPage,
    NewPasskey, OfferFactor, OwnFactor, OwnFactorsPage, PasskeyForm, ProveFactor, RecoveryCodes,
    TrustedDeviceRow,
};
pub use launch::{Choose, HandOff, InstanceOption, Leave, TurnedAway, Unvouched};
pub use logout::{
    AdminLogout, AdminLogouts, EndedSession, Logouts, NotifiedApplication, SignedOut,
};
pub use moment::Moment;
pub use portal::{Category, PortalPage, RecentRow, Tile};
pub use problem::ProblemView;
pub use record::{OpenRecord, OpenerRow, RecordForm, RecordType, Results};
pub use recovery::{
    ChangeTrouble, FirstAdminFormFault, LinkPassword, MailVerified, OwnPassword, PasswordDone,
    Recover, RecoveryDone, RecoverySent, UnopenedLink, VerifyMail, WeakPassword, Welcome,
};
pub use service::{CurrentChoice, LocatorRuleRow, OwnChoice, RuleOutcome, ServicePage};
pub use sign_in::{
    AlreadySignedIn, KeptFormPage, Repost, SignInNotice, SignInPage, SignInReason, SignOut,
    WhoAreYou,
};
pub use sign_in_password::{NewPasswordPage, PasswordTrouble};

use crate::{
    model::condition::{ConditionFinding, Truth},
    text::{Language, Texts},
};

/// The icons of `static/icons.svg` that a service or a context type may use.
pub const ICONS: [&str; 16] = [
    "people", "person", "ticket", "book", "chart", "folder", "file", "box", "calendar", "mail",
    "card", "heart", "wrench", "building", "globe", "chat",
];

/// The addresses of the assets, from the manifest of the build (`/assets/app-….css`).
pub struct Assets {
    pub css: String,
    pub js: String,
    /// The sprite of all icons.
    pub icons: String,
    /// The icon of the browser tab.
    pub icon: String,
}

/// What every page has around its content.
#[derive(Clone)]
pub struct Frame {
    pub texts: &'static Texts,
    pub assets: &'static Assets,
    /// The name of this portal.
    pub portal: Arc<str>,
    /// The name of the signed-in user.
    pub user_name: Option<String>,
    /// Whether they are an admin: their menu has an additional item.
    pub is_admin: bool,
    pub help_desk: Arc<HelpDesk>,
}

/// The user support contacts; what is not configured is empty.
#[derive(Debug, Default)]
pub struct HelpDesk {
    pub name: String,
    pub mail: String,
    pub phone: String,
    pub link: String,
}

impl HelpDesk {
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.mail, &self.phone, &self.link]
            .iter()
            .all(|text| text.is_empty())
    }

    /// The phone number as an address (RFC 3966): without separators between the digits.
    fn call(&self) -> String {
        let number = self.phone.chars();
        let number = number.filter(|c| c.is_ascii_digit() || *c == '+');
        format!("tel:{}", number.collect::<String>())
    }
}

impl Frame {
    pub fn say(&self, key: &'static str) -> &str {
        self.texts.say(key)
    }

    fn languages(&self) -> [Language; 2] {
        Language::ALL
    }

    fn is_in(&self, language: &Language) -> bool {
        self.texts.language() == *language
    }

    /// The address of an icon in the sprite; an unknown name shows a folder.
    fn icon(&self, name: &str) -> String {
        let name = if ICONS.contains(&name) {
            name
        } else {
            "folder"
        };
        self.glyph(name)
    }

    /// The address of an icon that pages themselves use.
    fn glyph(&self, name: &str) -> String {
        format!("{}#{name}", self.assets.icons)
    }
}

/// The parts of a sentence before and after a highlighted part.
pub struct Around {
    before: String,
    part: String,
    after: String,
}

impl Around {
    fn new(texts: &Texts, key: &str, variable: &str, part: &str) -> Self {
        let (before, after) = texts.around(key, variable);
        Self {
            before,
            part: part.to_owned(),
            after,
        }
    }
}

/// A link with its label.
pub struct LabelledLink {
    pub label: String,
    pub href: String,
}

/// Where a tile or a record leads.
pub enum TileDestination {
    /// To this instance.
    Ready(String),
    /// To one of several; the user chooses.
    Choose,
    /// Not available now, with the reason in words.
    Closed(String),
}

/// Where a launch goes, in words: "C-1042 in CRM", or "CRM".
pub fn destination(texts: &Texts, service: &str, record: Option<&str>) -> String {
    match record {
        Some(record) => texts.with("destination", &[("record", record), ("service", service)]),
        None => service.to_owned(),
    }
}

/// How long ago something was, in words.
pub fn ago(texts: &Texts, seconds: u64) -> String {
    match seconds {
        0..60 => texts.say("when-now").to_owned(),
        60..3_600 => texts.with("when-minutes", &[("count", &(seconds / 60).to_string())]),
        3_600..86_400 => texts.with("when-hours", &[("count", &(seconds / 3_600).to_string())]),
        _ => texts.with("when-days", &[("count", &(seconds / 86_400).to_string())]),
    }
}

/// How far ahead something is, in words, rounded up: in minutes, hours or days.
pub fn ahead(texts: &Texts, seconds: u64) -> String {
    match seconds {
        0..=3_600 => texts.with(
            "when-future-minutes",
            &[("count", &seconds.div_ceil(60).max(1).to_string())],
        ),
        3_601..86_400 => texts.with(
            "when-future-hours",
            &[("count", &seconds.div_ceil(3_600).max(1).to_string())],
        ),
        _ => texts.with(
            "when-future-days",
            &[("count", &seconds.div_ceil(86_400).to_string())],
        ),
    }
}

/// When to try again after too many attempts, in words.
pub fn throttled(texts: &Texts, seconds: u64) -> String {
    texts.with("trouble-throttled", &[("when", &ahead(texts, seconds))])
}

/// What one test of a rule found, in words; `source` is a text such as `source-local`.
pub fn finding(texts: &Texts, found: &ConditionFinding, source: &str) -> String {
    let value = found.had.join(", ");
    let variables = [
        ("attribute", found.attribute.as_str()),
        ("value", value.as_str()),
        ("source", source),
        ("wanted", found.wanted.as_str()),
    ];
    let key = match found.operator {
        _ if found.answer == Truth::Unknown => "finding-unknown",
        _ if found.had.is_empty() => "finding-missing",
        "in" => "finding-in",
        "contains" => "finding-contains",
        "matches" => "finding-matches",
        _ => "finding-equals",
    };
    texts.with(key, &variables)
}

/// The label of an intent; one that is not in the catalogue is shown by its name.
pub fn intent(texts: &Texts, name: &str) -> String {
    match name {
        "view" => texts.say("intent-view").to_owned(),
        "edit" => texts.say("intent-edit").to_owned(),
        "create" => texts.say("intent-create").to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPRITE: &str = include_str!("../../static/icons.svg");

    #[test]
    fn every_icon_is_drawn() {
        for icon in ICONS {
            assert!(SPRITE.contains(&format!("id=\"{icon}\"")), "{icon}");
        }
    }

    #[test]
    fn a_finding_says_what_was_known_and_what_was_wanted() {
        let texts = Texts::of(Language::En);
        let source = texts.say("source-local");
        let found = |operator, had: &[&str], answer| ConditionFinding {
            attribute: "region".into(),
            operator,
            wanted: "americas".into(),
            from: None,
            had: had.iter().map(|one| (*one).to_owned()).collect(),
            source: None,
            answer,
            negated: false,
        };
        let said =
            |operator, had: &[&str], answer| finding(texts, &found(operator, had, answer), source);
        assert_eq!(
            said("equals", &["europe"], Truth::No),
            "region is “europe” (from your local account); condition: “americas”"
        );
        assert_eq!(
            said("in", &[], Truth::No),
            "region has no value; condition: “americas”"
        );
        assert!(said("equals", &["asia"], Truth::Unknown).contains("incomplete"));
    }

    #[test]
    fn times_are_shown_in_words() {
        let texts = Texts::of(Language::En);
        let shown = [0, 90, 7_200, 86_400, 200_000].map(|seconds| ago(texts, seconds));
        assert_eq!(
            shown,
            [
                "just now",
                "1 minute ago",
                "2 hours ago",
                "yesterday",
                "2 days ago"
            ]
        );
        let shown = [10, 86_399, 86_400, 500_000].map(|seconds| ahead(texts, seconds));
        assert_eq!(
            shown,
            ["in 1 minute", "in 24 hours", "tomorrow", "in 6 days"]
        );
    }
}
