//! Changing the password during a sign-in.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Frame, SignInNotice};

/// Why the password is not changed yet.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordTrouble {
    /// The old one is right, and must be changed before anything else.
    Due,
    /// Name or old password; which one is not revealed.
    Wrong,
    /// The two entries of the new one differ.
    Differ,
    /// The new one equals the old one.
    Same,
    /// The provider refuses the new one as too weak.
    Weak,
    /// The old one is too recent to be changed.
    TooYoung,
    /// It cannot be changed here.
    Fixed,
    /// A failure of any sign-in.
    Other(SignInNotice),
}

/// `GET /sign-in/{attempt}/password`.
#[derive(Template)]
#[template(path = "sign_in/password.html")]
pub struct NewPasswordPage {
    pub frame: Frame,
    /// Where the form goes: `/sign-in/{attempt}/password`.
    pub action: String,
    /// The sign-in form.
    pub back: String,
    pub provider: String,
    pub provider_title: String,
    /// The name typed before; never a password.
    pub name: String,
    /// "Keep me signed in", as it was ticked before.
    pub remember: bool,
    pub trouble: Option<PasswordTrouble>,
}

impl NewPasswordPage {
    fn trouble(&self) -> Option<String> {
        let texts = self.frame.texts;
        let key = match self.trouble? {
            PasswordTrouble::Due => "change-due",
            PasswordTrouble::Wrong => "trouble-wrong",
            PasswordTrouble::Differ => "change-differ",
            PasswordTrouble::Same => "change-same",
            PasswordTrouble::Weak => "change-weak",
            PasswordTrouble::TooYoung => "change-too-young",
            PasswordTrouble::Fixed => "change-fixed",
            PasswordTrouble::Other(trouble) => {
                return Some(trouble.words(texts, &self.provider_title));
            }
        };
        Some(texts.say(key).to_owned())
    }

    fn lead(&self) -> String {
        let variables = [("provider", self.provider_title.as_str())];
        self.frame.texts.with("change-lead", &variables)
    }

    /// It is not their mistake: the password must be changed.
    fn due(&self) -> bool {
        self.trouble == Some(PasswordTrouble::Due)
    }

    fn old_is_wrong(&self) -> bool {
        self.trouble == Some(PasswordTrouble::Wrong)
    }

    fn new_is_wrong(&self) -> bool {
        let of_the_new = [
            PasswordTrouble::Differ,
            PasswordTrouble::Same,
            PasswordTrouble::Weak,
        ];
        self.trouble
            .is_some_and(|trouble| of_the_new.contains(&trouble))
    }
}
