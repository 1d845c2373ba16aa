//! One try at signing in: bound to a browser, kept across wrong passwords, reloads and tabs.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{AttemptId, BearerHash, LaunchId, PendingId, UserId},
};

/// A try at signing in, and what comes after it.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub browser: BearerHash,
    pub after: After,
    /// A name to fill in, from a `login_hint`.
    pub hint: Option<String>,
    pub purpose: AttemptPurpose,
    pub demand: SignInDemand,
    /// The provider a link named.
    pub provider: Option<String>,
    /// A provider's proof, sealed, while a second factor is awaited; and its user.
    pub vouched: Option<(UserId, String)>,
    /// "Keep me signed in."
    pub remember: bool,
    pub expires_at: Time,
    pub consumed_at: Option<Time>,
    /// The destination, sealed, as its address carries it. It is in no row.
    pub return_to: Option<String>,
}

impl Attempt {
    /// Its page, with the destination that it carries: `/sign-in/{id}.{sealed}`.
    pub fn path(&self) -> String {
        match &self.return_to {
            Some(sealed) => format!("/sign-in/{}.{sealed}", self.id),
            None => format!("/sign-in/{}", self.id),
        }
    }

    /// The part of its address after `/sign-in/`: the id, and what it carries.
    pub fn read_segment(segment: &str) -> (Option<AttemptId>, Option<&str>) {
        match segment.split_once('.') {
            Some((id, sealed)) => (AttemptId::parse(id), Some(sealed).filter(|text| fits(text))),
            None => (AttemptId::parse(segment), None),
        }
    }
}

/// base64url, of a length that we make.
fn fits(sealed: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    sealed.len() <= 8 * 1024 && sealed.bytes().all(plain)
}

/// The purpose of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptPurpose {
    SignIn,
    /// A signed-in user proves more, or again.
    Confirm(UserId),
    /// A signed-in user adds another way to sign in.
    Link(UserId),
}

impl AttemptPurpose {
    pub const fn as_str(&self) -> &'static str {
        match self {
            AttemptPurpose::SignIn => "sign-in",
            AttemptPurpose::Confirm(_) => "confirm",
            AttemptPurpose::Link(_) => "link",
        }
    }

    /// The user whose attempt it must be.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            AttemptPurpose::SignIn => None,
            AttemptPurpose::Confirm(user) | AttemptPurpose::Link(user) => Some(user),
        }
    }

    /// Parses the values of `as_str` and `user`; anything else is no attempt.
    pub fn from_stored(text: &str, user: Option<UserId>) -> Option<Self> {
        match (text, user) {
            ("sign-in", _) => Some(AttemptPurpose::SignIn),
            ("confirm", Some(user)) => Some(AttemptPurpose::Confirm(user)),
            ("link", Some(user)) => Some(AttemptPurpose::Link(user)),
            _ => None,
        }
    }
}

/// The requirements of this sign-in beyond a vouched identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInDemand {
    /// A recent proof: a provider's existing session is not enough.
    #[serde(default)]
    pub fresh: bool,
    #[serde(default)]
    pub second_factor: bool,
}

/// Where a sign-in leads: an enum of our own ids and pages, never an address from outside
/// (THREATS: `next` open redirect).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    Launch(LaunchId),
    /// A request of an application that waits for its user.
    Request(PendingId),
    /// A page of ours.
    Page(LocalPath),
}

impl After {
    pub fn to_text(&self) -> String {
        match self {
            After::Launch(id) => id.to_string(),
            After::Request(id) => id.to_string(),
            After::Page(path) => path.0.clone(),
        }
    }

    /// Parses the value of `to_text`; anything else means the portal page.
    pub fn from_text(text: &str) -> Self {
        LaunchId::parse(text)
            .map(After::Launch)
            .or_else(|| PendingId::parse(text).map(After::Request))
            .unwrap_or_else(|| After::Page(LocalPath::of(text)))
    }
}

/// A path on this host, query included. It cannot lead to another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

/// No page of ours has a longer address.
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

    /// It is a launch, and those end at remote applications.
    pub fn may_lead_away(&self) -> bool {
        ["/go/", "/launches/"]
            .iter()
            .any(|place| self.0.starts_with(place))
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
