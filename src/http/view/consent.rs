//! Pages on consent.

use askama::Template;

use super::{Frame, Moment};

/// The question, on the way to an application.
#[derive(Template)]
#[template(path = "consent/ask.html")]
pub struct ConsentPage {
    pub frame: Frame,
    pub action: String,
    /// The id of the user who is asked.
    pub asked: String,
    pub client: String,
    /// The host that receives the answer, if the application registered itself.
    pub unvouched_host: Option<String>,
    pub person: String,
    pub login: String,
    /// What it requests now.
    pub new: Vec<String>,
    /// What it was allowed before.
    pub known: Vec<String>,
}

impl ConsentPage {
    fn heading(&self) -> String {
        let variables = [("application", self.client.as_str())];
        self.frame.texts.with("consent-title", &variables)
    }

    fn signed_in_as(&self) -> String {
        let variables = [("name", self.person.as_str()), ("login", &self.login)];
        self.frame.texts.with("consent-as", &variables)
    }

    fn registered(&self, host: &str) -> String {
        let variables = [("application", self.client.as_str()), ("host", host)];
        self.frame.texts.with("consent-registered", &variables)
    }
}

/// What was allowed, on the account page.
#[derive(Template)]
#[template(path = "consent/list.html")]
pub struct Applications {
    pub frame: Frame,
    pub applications: Vec<Allowed>,
    /// The application whose access has just been removed.
    pub withdrawn: Option<String>,
}

impl Applications {
    fn done(&self) -> Option<String> {
        let application = self.withdrawn.as_deref()?;
        let variables = [("application", application)];
        Some(self.frame.texts.with("applications-done", &variables))
    }
}

pub struct Allowed {
    pub title: String,
    pub client: String,
    pub since: Moment,
    pub items: Vec<String>,
}

impl Allowed {
    fn withdraws(&self, frame: &Frame) -> String {
        let variables = [("application", self.title.as_str())];
        frame.texts.with("applications-withdraw-one", &variables)
    }
}
