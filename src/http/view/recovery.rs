//! Passwords outside a sign-in: forgotten, chosen by a link, changed; and the first admin.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::Frame;

/// Why a new password is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WeakPassword {
    Short(usize),
    Long,
    Personal,
    Guessable,
}

fn weak_words(frame: &Frame, weak: WeakPassword) -> String {
    let texts = frame.texts;
    match weak {
        WeakPassword::Short(shortest) => {
            texts.with("password-short", &[("count", &shortest.to_string())])
        }
        WeakPassword::Long => texts.say("password-long").to_owned(),
        WeakPassword::Personal => texts.say("password-personal").to_owned(),
        WeakPassword::Guessable => texts.say("password-guessable").to_owned(),
    }
}

fn rule(frame: &Frame, shortest: usize) -> String {
    let count = shortest.to_string();
    frame.texts.with("password-rule", &[("count", &count)])
}

fn waiting(frame: &Frame, seconds: u64) -> String {
    super::throttled(frame.texts, seconds)
}

/// `GET /recover`.
#[derive(Template)]
#[template(path = "recovery/ask.html")]
pub struct Recover {
    pub frame: Frame,
    /// Whether mails can be sent at all.
    pub by_mail: bool,
    pub who: String,
    /// The sign-in that is interrupted for this; empty if there is none.
    pub attempt: String,
    /// Too many tries: so many seconds.
    pub wait: Option<u64>,
}

impl Recover {
    fn trouble(&self) -> Option<String> {
        self.wait.map(|seconds| waiting(&self.frame, seconds))
    }
}

/// `GET /recover/sent`: does not reveal whether there is such a user.
#[derive(Template)]
#[template(path = "recovery/sent.html")]
pub struct RecoverySent {
    pub frame: Frame,
}

/// The first page of a link: a button, so that programs which follow links change nothing.
#[derive(Template)]
#[template(path = "recovery/link.html")]
pub struct UnopenedLink {
    pub frame: Frame,
    /// The account was created for them by an admin.
    pub invited: bool,
    pub action: String,
}

/// A link's page for a new password.
#[derive(Template)]
#[template(path = "recovery/password.html")]
pub struct LinkPassword {
    pub frame: Frame,
    pub action: String,
    pub shortest: usize,
    pub weak: Option<WeakPassword>,
}

impl LinkPassword {
    fn trouble(&self) -> Option<String> {
        self.weak.map(|weak| weak_words(&self.frame, weak))
    }

    fn rule(&self) -> String {
        rule(&self.frame, self.shortest)
    }
}

/// `GET /recover/done`.
#[derive(Template)]
#[template(path = "recovery/done.html")]
pub struct RecoveryDone {
    pub frame: Frame,
    /// The address of the sign-in they continue with.
    pub onward: String,
}

/// What is wrong with the form of the first admin.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstAdminFormFault {
    Login,
    Taken,
    Name,
    Mail,
    Password(WeakPassword),
}

/// `GET /welcome/{link}`.
#[derive(Template)]
#[template(path = "recovery/welcome.html")]
pub struct Welcome {
    pub frame: Frame,
    pub action: String,
    pub login: String,
    pub name: String,
    pub mail: String,
    pub shortest: usize,
    pub fault: Option<FirstAdminFormFault>,
}

impl Welcome {
    fn trouble(&self) -> Option<String> {
        let texts = self.frame.texts;
        let words = match self.fault? {
            FirstAdminFormFault::Login => texts.say("welcome-login-odd"),
            FirstAdminFormFault::Taken => texts.say("welcome-login-taken"),
            FirstAdminFormFault::Name => texts.say("welcome-name-odd"),
            FirstAdminFormFault::Mail => texts.say("welcome-mail-odd"),
            FirstAdminFormFault::Password(weak) => return Some(weak_words(&self.frame, weak)),
        };
        Some(words.to_owned())
    }

    fn rule(&self) -> String {
        rule(&self.frame, self.shortest)
    }

    fn title(&self) -> String {
        let portal = [("portal", &*self.frame.portal)];
        self.frame.texts.with("welcome-title", &portal)
    }

    fn wrong_login(&self) -> bool {
        matches!(
            self.fault,
            Some(FirstAdminFormFault::Login | FirstAdminFormFault::Taken)
        )
    }

    fn wrong_name(&self) -> bool {
        self.fault == Some(FirstAdminFormFault::Name)
    }

    fn wrong_mail(&self) -> bool {
        self.fault == Some(FirstAdminFormFault::Mail)
    }

    fn wrong_password(&self) -> bool {
        matches!(self.fault, Some(FirstAdminFormFault::Password(_)))
    }
}

/// Why a password was not changed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeTrouble {
    Wrong,
    Same,
    Weak(WeakPassword),
    Throttled(u64),
    Busy,
}

/// The change that was made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PasswordDone {
    Changed,
    Sent,
}

/// `GET /account/password`.
#[derive(Template)]
#[template(path = "recovery/own.html")]
pub struct OwnPassword {
    pub frame: Frame,
    pub login: String,
    pub shortest: usize,
    pub done: Option<PasswordDone>,
    pub trouble: Option<ChangeTrouble>,
    /// The mail address for recovery, and whether it is verified.
    pub mail: Option<(String, bool)>,
}

impl OwnPassword {
    fn trouble(&self) -> Option<String> {
        let texts = self.frame.texts;
        let words = match self.trouble? {
            ChangeTrouble::Wrong => texts.say("own-password-wrong"),
            ChangeTrouble::Same => texts.say("own-password-same"),
            ChangeTrouble::Busy => texts.say("trouble-busy"),
            ChangeTrouble::Weak(weak) => return Some(weak_words(&self.frame, weak)),
            ChangeTrouble::Throttled(seconds) => return Some(waiting(&self.frame, seconds)),
        };
        Some(words.to_owned())
    }

    fn done_text(&self) -> Option<&str> {
        let texts = self.frame.texts;
        Some(match self.done? {
            PasswordDone::Changed => texts.say("own-password-changed"),
            PasswordDone::Sent => texts.say("own-mail-sent"),
        })
    }

    fn rule(&self) -> String {
        rule(&self.frame, self.shortest)
    }

    fn mail_words(&self, mail: &str, known: &bool) -> String {
        let key = if *known {
            "own-mail-known"
        } else {
            "own-mail-unknown"
        };
        self.frame.texts.with(key, &[("mail", mail)])
    }

    fn wrong_current(&self) -> bool {
        self.trouble == Some(ChangeTrouble::Wrong)
    }

    fn wrong_new(&self) -> bool {
        matches!(
            self.trouble,
            Some(ChangeTrouble::Weak(_) | ChangeTrouble::Same)
        )
    }
}

/// `GET /mail/{link}`.
#[derive(Template)]
#[template(path = "recovery/mail.html")]
pub struct VerifyMail {
    pub frame: Frame,
    pub action: String,
    pub mail: String,
}

impl VerifyMail {
    fn lead(&self) -> String {
        self.frame
            .texts
            .with("verify-mail-lead", &[("mail", &self.mail)])
    }
}

/// After `POST /mail/{link}`.
#[derive(Template)]
#[template(path = "recovery/mail_verified.html")]
pub struct MailVerified {
    pub frame: Frame,
}
