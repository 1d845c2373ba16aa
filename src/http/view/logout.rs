//! Which applications were notified that a session has ended.

use askama::Template;

use super::{Frame, Moment, ShownMoment};

/// One remote application and the state of its notification.
pub struct NotifiedApplication {
    pub title: String,
    /// "has signed you out", "could not be reached; we will try again".
    pub words: String,
    pub icon: &'static str,
    pub outcome: &'static str,
}

/// After `POST /sign-out`.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOut {
    pub frame: Frame,
    pub parties: Vec<NotifiedApplication>,
    /// Addresses that only this browser can notify.
    pub frames: Vec<String>,
    /// There may be more to show soon: the page refreshes by itself, or offers to.
    pub more: bool,
    /// Some applications can be notified by a page in the browser only, and this is a fragment of
    /// one.
    pub only_browser: bool,
    /// An application signs out on a page of its own: the browser goes there.
    pub next: bool,
    /// For a user who goes on as another one: the sign-in that leads there.
    pub onward: Option<String>,
}

/// `GET /account/logouts`.
#[derive(Template)]
#[template(path = "account/logouts.html")]
pub struct Logouts {
    pub frame: Frame,
    pub sessions: Vec<EndedSession>,
}

pub struct EndedSession {
    pub at: Moment,
    pub parties: Vec<NotifiedApplication>,
}

/// `GET /admin/logouts`.
#[derive(Template)]
#[template(path = "admin/logouts.html")]
pub struct AdminLogouts {
    pub frame: Frame,
    pub lines: Vec<AdminLogout>,
}

pub struct AdminLogout {
    pub at: ShownMoment,
    pub who: String,
    pub title: String,
    pub words: String,
    pub error: String,
    pub tries: i64,
    pub has_failed: bool,
    pub session: String,
    pub kind: String,
    pub party: String,
    /// "Notify CRM again", the accessible label of the row's button.
    pub again: String,
}
