//! Pages between the click and the record.

use askama::Template;

use super::{Around, Frame, LabelledLink};
use crate::text::Texts;

/// `GET /launches/{id}`: several instances fit, the user chooses one.
#[derive(Template)]
#[template(path = "launch/choose.html")]
pub struct Choose {
    pub frame: Frame,
    /// `/launches/{id}/choice`.
    pub action: String,
    pub service: String,
    pub icon: String,
    /// The key of the record, if it is about one.
    pub record: Option<String>,
    pub instances: Vec<InstanceOption>,
}

/// One instance to choose.
pub struct InstanceOption {
    pub slug: String,
    pub title: String,
    /// Its host, so that users can see its location.
    pub host: String,
}

impl Choose {
    fn lead(&self) -> Around {
        match &self.record {
            Some(record) => Around::new(self.frame.texts, "choose-lead-record", "record", record),
            None => Around::new(self.frame.texts, "choose-lead", "service", &self.service),
        }
    }
}

/// The form that carries the hand-off to the application. It sends itself with JavaScript; the
/// button does it without. The handler widens `form-action` to the address for this page only.
#[derive(Template)]
#[template(path = "launch/hand_off.html")]
pub struct HandOff {
    pub frame: Frame,
    /// The name of the destination, as users know it; empty for a message about a sign-out.
    pub service: String,
    pub action: String,
    /// Names and values of the hidden fields.
    pub fields: Vec<(String, String)>,
}

impl HandOff {
    fn heading(&self) -> String {
        opening(self.frame.texts, &self.service)
    }
}

/// The answer to a form that continues at another site: the page goes there by itself, with a link
/// for browsers that do not.
#[derive(Template)]
#[template(path = "launch/leave.html")]
pub struct Leave {
    pub frame: Frame,
    /// As in [`HandOff`].
    pub service: String,
    pub href: String,
}

impl Leave {
    fn heading(&self) -> String {
        opening(self.frame.texts, &self.service)
    }
}

/// The heading of an intermediate page; a sign-out has no destination to name.
fn opening(texts: &Texts, service: &str) -> String {
    match service {
        "" => texts.say("hand-off-plain").to_owned(),
        service => texts.with("hand-off-title", &[("service", service)]),
    }
}

/// Shown before the user leaves for an application that no admin vouches for: it names the
/// destination, and does not continue by itself (RFC 9700 section 4.11.2).
#[derive(Template)]
#[template(path = "launch/unvouched.html")]
pub struct Unvouched {
    pub frame: Frame,
    /// The name that the application gave itself.
    pub application: String,
    pub host: String,
    pub action: String,
    pub by_form: bool,
    /// Names and values of the hidden fields.
    pub fields: Vec<(String, String)>,
}

impl Unvouched {
    fn heading(&self) -> String {
        let host = [("host", self.host.as_str())];
        self.frame.texts.with("unvouched-title", &host)
    }

    fn lead(&self) -> String {
        let words = [
            ("application", self.application.as_str()),
            ("portal", &self.frame.portal),
        ];
        self.frame.texts.with("unvouched-lead", &words)
    }

    fn onward(&self) -> String {
        let host = [("host", self.host.as_str())];
        self.frame.texts.with("unvouched-continue", &host)
    }
}

/// The application did not open the record and sent the user back: which one and why, and what
/// can be done.
#[derive(Template)]
#[template(path = "launch/turned_away.html")]
pub struct TurnedAway {
    pub frame: Frame,
    pub heading: String,
    pub advice: String,
    pub icon: String,
    /// The best first; "Back to the portal" is always added.
    pub actions: Vec<LabelledLink>,
}
