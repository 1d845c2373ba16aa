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

/// Where a sign-in leads: an enum of our own ids and pages, never an address from outside
/// (THREATS: `next` open redirect).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    Launch(LaunchId),
    Authorize(AuthorizationId),
    /// A page of ours.
    Page(LocalPath),
}

impl After {
    pub fn to_text(&self) -> String {
        match self {
            After::Launch(id) => id.to_string(),
            After::Authorize(id) => id.to_string(),
            After::Page(path) => path.0.clone(),
        }
    }

    /// What `to_text` wrote; anything else means the portal page.
    pub fn from_text(text: &str) -> Self {
        LaunchId::parse(text)
            .map(After::Launch)
            .or_else(|| AuthorizationId::parse(text).map(After::Authorize))
            .unwrap_or_else(|| After::Page(LocalPath::of(text)))
    }
}

/// A path on this host, query included. It can only lead to ourselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

/// Longer ones are no page of ours.
const LONGEST: usize = 1000;

impl LocalPath {
    pub fn portal() -> Self {
        Self("/".to_owned())
    }

    /// The path, if browsers read it as one; else the portal page. `//host` and `/\host` are
    /// addresses of other hosts to them, and so are both with white space in between.
    pub fn of(text: &str) -> Self {
        let other_host = text.starts_with("//") || text.contains('\\');
        let odd = text.len() > LONGEST || text.contains(|c: char| c.is_control() || c == ' ');
        if text.starts_with('/') && !other_host && !odd {
            Self(text.to_owned())
        } else {
            Self::portal()
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_only_to_ourselves() {
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil",
            "",
            "x",
        ] {
            assert_eq!(LocalPath::of(bad).as_str(), "/", "{bad:?}");
        }
        assert_eq!(
            LocalPath::of("/open?type=case&key=1").as_str(),
            "/open?type=case&key=1"
        );
    }

    #[test]
    fn what_follows_a_sign_in_survives_as_text() {
        for text in ["/services/crm", "/", "lau_01a1fcf12dcb736385f9cbbf643d04f9"] {
            assert_eq!(After::from_text(text).to_text(), text);
        }
        assert_eq!(After::from_text("https://evil.example").to_text(), "/");
    }
}
