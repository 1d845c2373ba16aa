//! Second factors: proving one, setting one up, managing those of the user.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Frame, LabelledLink};

/// Why the last try did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactorTrouble {
    Wrong,
    Throttled {
        seconds: u64,
    },
    /// This key may have been cloned.
    Cloned,
    /// This passkey belongs to an account already.
    Taken,
    Disabled,
    /// Any other failure that is not the user's mistake.
    Refused,
}

impl FactorTrouble {
    /// The text of the trouble; `wrong` is the key of the method's own text.
    fn words(self, frame: &Frame, wrong: &'static str) -> String {
        let key = match self {
            FactorTrouble::Throttled { seconds } => {
                return super::throttled(frame.texts, seconds);
            }
            FactorTrouble::Wrong => wrong,
            FactorTrouble::Cloned => "factor-cloned",
            FactorTrouble::Taken => "factor-taken",
            FactorTrouble::Disabled => "trouble-disabled",
            FactorTrouble::Refused => "trouble-refused",
        };
        frame.say(key).to_owned()
    }
}

/// The change that a user has just made to their factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactorNotice {
    Added,
    Renamed,
    Removed,
    DevicesForgotten,
}

impl FactorNotice {
    fn words(self, frame: &Frame) -> &str {
        frame.say(match self {
            FactorNotice::Added => "factor-done-added",
            FactorNotice::Renamed => "factor-done-renamed",
            FactorNotice::Removed => "factor-done-removed",
            FactorNotice::DevicesForgotten => "factor-done-devices",
        })
    }
}

/// A form that an authenticator fills in.
pub struct PasskeyForm {
    /// Where the answer goes.
    pub action: String,
    /// Where the challenge comes from.
    pub challenge: String,
    /// `get`, or `create` for a new one.
    pub kind: &'static str,
    pub label: String,
    /// A new one gets a name.
    pub named: bool,
    /// "Trust this device for 30 days", where that is offered.
    pub trust: Option<String>,
}

/// The field of a code.
pub struct CodeField {
    pub label: String,
    /// The code has digits only.
    pub digits: bool,
}

/// `GET /sign-in/{attempt}/factor`.
#[derive(Template)]
#[template(path = "factor/prove.html")]
pub struct ProveFactor {
    pub frame: Frame,
    /// What it is for: "Confirm to open patient 12 in Lab".
    pub purpose: Option<String>,
    /// The page's address is a secret link: it has no form that leads back by the referrer.
    pub by_link: bool,
    pub action: String,
    /// The name of the method.
    pub way: &'static str,
    /// The instructions.
    pub lead: String,
    /// The key of the text for a wrong code or response.
    pub wrong: &'static str,
    /// The field for a code; without it, an authenticator fills in the form of a passkey.
    pub code: Option<CodeField>,
    pub passkey: PasskeyForm,
    pub others: Vec<LabelledLink>,
    /// "Trust this device for 30 days", where that is offered.
    pub trust: Option<String>,
    pub trouble: Option<FactorTrouble>,
}

impl ProveFactor {
    fn trouble(&self) -> Option<String> {
        self.trouble
            .map(|trouble| trouble.words(&self.frame, self.wrong))
    }

    fn wrong(&self) -> bool {
        self.trouble == Some(FactorTrouble::Wrong)
    }
}

/// The page at the same address for a user who has no second factor yet.
#[derive(Template)]
#[template(path = "factor/offer.html")]
pub struct OfferFactor {
    pub frame: Frame,
    pub purpose: Option<String>,
    pub setup: FactorSetup,
}

/// The factors that a user may set up.
pub struct FactorSetup {
    pub choices: Vec<FactorChoice>,
    /// Why other methods are not offered.
    pub hints: Vec<String>,
}

/// One of these factors.
pub struct FactorChoice {
    pub title: String,
    pub about: String,
    pub icon: &'static str,
    pub href: String,
    /// Set-up starts with a form that is posted, not with a page.
    pub by_form: bool,
}

/// Setting up an authenticator app.
#[derive(Template)]
#[template(path = "factor/app.html")]
pub struct NewAppPage {
    pub frame: Frame,
    pub action: String,
    pub back: String,
    /// The key as a QR code: an image in a `data:` address.
    pub picture: String,
    /// The key in groups of four.
    pub key: String,
    pub trouble: Option<FactorTrouble>,
}

impl NewAppPage {
    fn trouble(&self) -> Option<String> {
        self.trouble
            .map(|trouble| trouble.words(&self.frame, "factor-wrong-app"))
    }

    fn wrong(&self) -> bool {
        self.trouble == Some(FactorTrouble::Wrong)
    }
}

/// Creating a passkey.
#[derive(Template)]
#[template(path = "factor/passkey.html")]
pub struct NewPasskey {
    pub frame: Frame,
    pub passkey: PasskeyForm,
    pub back: String,
    pub trouble: Option<FactorTrouble>,
}

impl NewPasskey {
    fn trouble(&self) -> Option<String> {
        self.trouble
            .map(|trouble| trouble.words(&self.frame, "factor-wrong-passkey"))
    }
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "factor/codes.html")]
pub struct RecoveryCodes {
    pub frame: Frame,
    pub codes: Vec<String>,
    /// The sign-in name of their owner, the address of the portal, and when they were created: for
    /// the file that keeps them.
    pub login: String,
    pub address: String,
    pub created: String,
    pub onward: String,
    pub done: Option<FactorNotice>,
}

impl RecoveryCodes {
    /// The first lines of the file that keeps the codes.
    fn about(&self) -> String {
        let texts = self.frame.texts;
        let portal = [
            ("portal", &*self.frame.portal),
            ("address", self.address.as_str()),
        ];
        let lines = [
            texts.say("codes-file-title").to_owned(),
            texts.with("codes-file-portal", &portal),
            texts.with("codes-file-account", &[("login", &self.login)]),
            texts.with("codes-file-created", &[("time", &self.created)]),
        ];
        lines.join("\n")
    }

    fn done(&self) -> Option<&str> {
        self.done.map(|done| done.words(&self.frame))
    }
}

/// A factor of the user in the list.
pub struct OwnFactor {
    pub title: String,
    /// The name of its method.
    pub kind: String,
    pub icon: &'static str,
    /// "2 hours ago"; `None` if it was never used.
    pub used: Option<String>,
    pub href: String,
}

/// `GET /account/factors`.
#[derive(Template)]
#[template(path = "factor/list.html")]
pub struct OwnFactorsPage {
    pub frame: Frame,
    pub factors: Vec<OwnFactor>,
    pub codes_left: i64,
    pub base: String,
    pub setup: FactorSetup,
    /// When they are required, in a sentence.
    pub lead: &'static str,
    pub devices: Vec<TrustedDeviceRow>,
    pub done: Option<FactorNotice>,
}

/// A device on which the second factor is not required.
pub struct TrustedDeviceRow {
    /// "Firefox on Windows".
    pub name: String,
    /// "Expires in 30 days".
    pub expires: String,
}

impl OwnFactorsPage {
    fn done(&self) -> Option<&str> {
        self.done.map(|done| done.words(&self.frame))
    }

    fn about(&self, factor: &OwnFactor) -> String {
        let used = match &factor.used {
            Some(when) => self.frame.texts.with("factor-used", &[("when", when)]),
            None => self.frame.say("factor-never-used").to_owned(),
        };
        format!("{} · {used}", factor.kind)
    }

    fn change(&self, factor: &OwnFactor) -> String {
        self.frame
            .texts
            .with("factor-change-which", &[("name", &factor.title)])
    }

    fn codes(&self) -> String {
        let count = self.codes_left.to_string();
        self.frame.texts.with("codes-left", &[("count", &count)])
    }
}

/// `GET /account/factors/{factor}`: its name, and removing it.
#[derive(Template)]
#[template(path = "factor/change.html")]
pub struct ChangeFactor {
    pub frame: Frame,
    pub title: String,
    pub action: String,
    pub back: String,
    /// It is the only one.
    pub last: bool,
}
