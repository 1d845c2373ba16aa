//! Pages on errors.

use askama::Template;

use super::{Frame, LabelledLink};

/// The page for everything that went wrong; `as_problem()` is the part that htmx gets.
#[derive(Template)]
#[template(path = "error/problem.html")]
pub struct ProblemView {
    pub frame: Frame,
    pub status: u16,
    pub headline: String,
    pub advice: String,
    /// What to do next, the best first; "Back to the portal" is always added, as the last one.
    pub actions: Vec<LabelledLink>,
    /// "Back to the portal" comes first instead: the other actions help few.
    pub is_portal_first: bool,
    pub request_id: String,
}

impl ProblemView {
    /// The problem with this name in the catalogue: `problem-{name}` is the headline and
    /// `problem-{name}-advice` is what to do. Both have the same variables.
    pub fn named(frame: Frame, status: u16, name: &str, variables: &[(&str, &str)]) -> Self {
        let headline = frame.texts.with(&format!("problem-{name}"), variables);
        let advice = frame
            .texts
            .with(&format!("problem-{name}-advice"), variables);
        Self {
            frame,
            status,
            headline,
            advice,
            actions: Vec::new(),
            is_portal_first: false,
            request_id: String::new(),
        }
    }

    /// Adds something the user can do.
    pub fn offer(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.actions.push(LabelledLink {
            label: label.into(),
            href: href.into(),
        });
        self
    }

    /// Puts "Back to the portal" before the other actions.
    pub fn portal_first(mut self) -> Self {
        self.is_portal_first = true;
        self
    }

    fn request(&self) -> Option<String> {
        let id = [("id", self.request_id.as_str())];
        (!self.request_id.is_empty()).then(|| self.frame.texts.with("problem-request", &id))
    }

    /// The fault is ours or a remote's, not the user's.
    fn is_ours(&self) -> bool {
        self.status >= 500
    }
}

/// The same for htmx: it replaces the requested part of the page.
#[derive(Template)]
#[template(path = "error/fragment.html")]
pub struct Fragment(ProblemView);

impl ProblemView {
    pub fn into_fragment(self) -> Fragment {
        Fragment(self)
    }
}
