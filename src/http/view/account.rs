//! A user's own account.

use askama::Template;

use super::{Frame, Moment};

/// `GET /account`.
#[derive(Template)]
#[template(path = "account/page.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub name: String,
    pub login: String,
    /// What has just been done here, in a sentence.
    pub done: Option<String>,
    /// The session of the request comes first.
    pub sessions: Vec<SessionRow>,
    pub identities: Vec<LinkedIdentity>,
    /// Ways to sign in that could be linked.
    pub linkable: Vec<Linkable>,
    /// How many second factors there are, in a sentence.
    pub factors: String,
    /// There is a password here to change.
    pub password: bool,
    pub facts: Vec<Fact>,
    /// The latest lines.
    pub lines: Vec<HistoryLine>,
}

/// One place where the user is signed in.
pub struct SessionRow {
    pub icon: &'static str,
    /// "Firefox on Windows".
    pub device: String,
    /// The device's own description, where we do not recognise it.
    pub raw: Option<String>,
    /// The session that shows this page.
    pub present: bool,
    /// A network address, and of what kind it is.
    pub place: String,
    pub since: Moment,
    /// The provider by which the user signed in.
    pub by: String,
    /// The strength of the sign-in.
    pub strength: String,
    pub seen: Moment,
    /// Where the button that ends it posts.
    pub action: String,
}

/// One way the user signs in.
pub struct LinkedIdentity {
    pub title: String,
    /// The provider's own name of the user, shortened.
    pub subject: String,
    pub linked: Moment,
    /// `None`: not used yet.
    pub used: Option<Moment>,
    /// The page that removes it; `None` for the last one, which cannot be removed.
    pub href: Option<String>,
}

pub struct Linkable {
    pub title: String,
    pub action: String,
}

/// A fact Usher stores about the user.
pub struct Fact {
    pub name: String,
    pub values: Vec<String>,
    /// Why not all of it is known, and what helps.
    pub gap: Option<String>,
    /// "from Company account".
    pub source: String,
}

/// Something that happened.
pub struct HistoryLine {
    pub icon: &'static str,
    /// Something the user may want to look at.
    pub notable: bool,
    pub words: String,
    /// Device and place, where they are known.
    pub place: String,
    pub at: Moment,
}

/// `GET /account/history`.
#[derive(Template)]
#[template(path = "account/history.html")]
pub struct HistoryPage {
    pub frame: Frame,
    pub lines: Vec<HistoryLine>,
    /// The next page, and the first one where this is not it.
    pub older: Option<String>,
    pub newest: Option<&'static str>,
}

/// `GET /account/links/{provider}`: about to link another way to sign in.
#[derive(Template)]
#[template(path = "account/link.html")]
pub struct LinkPage {
    pub frame: Frame,
    pub title: String,
    pub action: String,
}

impl LinkPage {
    fn heading(&self) -> String {
        let variables = [("provider", self.title.as_str())];
        self.frame.texts.with("link-title", &variables)
    }
}

/// `GET /account/identities/{identity}`: asks for confirmation before a way to sign in is removed.
#[derive(Template)]
#[template(path = "account/unlink.html")]
pub struct Unlink {
    pub frame: Frame,
    pub title: String,
    pub subject: String,
    pub action: String,
    /// The present session was opened with it.
    pub present: bool,
}

impl Unlink {
    fn heading(&self) -> String {
        let variables = [("provider", self.title.as_str())];
        self.frame.texts.with("unlink-title", &variables)
    }
}

impl AccountPage {
    fn signed_in_as(&self) -> String {
        let variables = [("login", self.login.as_str())];
        self.frame.texts.with("account-login", &variables)
    }

    fn has_others(&self) -> bool {
        self.sessions.len() > 1
    }
}

impl SessionRow {
    /// The accessible label of its button.
    fn ends(&self, frame: &Frame) -> String {
        let variables = [("device", self.device.as_str())];
        frame.texts.with("session-end-named", &variables)
    }
}

impl LinkedIdentity {
    fn removes(&self, frame: &Frame) -> String {
        let variables = [("provider", self.title.as_str())];
        frame.texts.with("identity-remove-named", &variables)
    }
}
