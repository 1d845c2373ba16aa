//! One try at signing in: bound to a browser, kept across wrong passwords, reloads and tabs.

use crate::{
    clock::Time,
    id::{AttemptId, AuthorizationId, BearerHash, LaunchId},
};

/// A try at signing in, and what comes after it.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub browser: BearerHash,
    pub after: After,
    /// A name to fill in, from a `login_hint`.
    pub hint: Option<String>,
    pub expires_at: Time,
    pub consumed_at: Option<Time>,
}

/// Where a sign-in leads: an enum of our own ids, never an address from outside
/// (THREATS: `next` open redirect).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    Launch(LaunchId),
    Authorize(AuthorizationId),
    Portal,
}

impl After {
    pub fn to_text(&self) -> String {
        match self {
            After::Launch(id) => id.to_string(),
            After::Authorize(id) => id.to_string(),
            After::Portal => "portal".into(),
        }
    }

    /// What `to_text` wrote; anything else means the portal page.
    pub fn from_text(text: &str) -> Self {
        LaunchId::parse(text)
            .map(After::Launch)
            .or_else(|| AuthorizationId::parse(text).map(After::Authorize))
            .unwrap_or(After::Portal)
    }
}
