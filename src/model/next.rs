//! What a browser does next. A launch, a request of an application and a sign-in are decided in
//! different places; each results in one of these, which is answered in one place (`http/next.rs`).

use super::{
    assurance::Demand,
    attempt::{After, LocalPath},
    landing::Landing,
};
use crate::id::{LaunchId, PendingId};

/// The next step.
#[derive(Debug)]
pub enum Next {
    SignIn(SignInNeed),
    /// The signed-in user must prove more, or again, before this goes on.
    Confirm(After, Demand),
    /// Several instances: the user says which.
    Choose(Choosing),
    /// The signed-in user is asked whether the client may have what it requests.
    Consent(PendingId),
    /// To an application.
    Leave(Leaving),
    /// A page of ours.
    Page(LocalPath),
}

/// A user must sign in first.
#[derive(Debug)]
pub struct SignInNeed {
    pub after: After,
    /// A name to fill in.
    pub hint: Option<String>,
    /// A recent proof is required, whatever sessions there are, here and upstream.
    pub fresh: bool,
}

impl SignInNeed {
    /// Any session is sufficient.
    pub fn of(after: After) -> Self {
        Self {
            after,
            hint: None,
            fresh: false,
        }
    }
}

/// On the way to an application.
#[derive(Debug)]
pub struct Leaving {
    pub landing: Landing,
    /// The application's title, for a page in between.
    pub title: String,
    /// The browser goes there at once. Otherwise no admin vouches for the address and the user has
    /// given no consent: it goes there when the user confirms (RFC 9700 section 4.11.2).
    pub is_vouched: bool,
}

/// Several instances to choose from.
#[derive(Debug)]
pub struct Choosing {
    pub launch: LaunchId,
    pub service: String,
    pub icon: String,
    pub options: Vec<InstanceChoice>,
    pub key: Option<String>,
}

/// One of the instances.
#[derive(Debug)]
pub struct InstanceChoice {
    pub slug: String,
    pub title: String,
    pub base_url: String,
}
