//! Signing in and out.

use askama::Template;

use super::{Around, Frame, Link};

/// Why the last try to sign in did not work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Name or password; nobody learns which.
    Wrong,
    Throttled {
        seconds: u64,
    },
    /// The provider does not answer.
    Down,
    /// The provider sent the person back with a no.
    Denied,
    /// What the provider sent does not hold.
    Invalid,
    /// A proof of just now was wanted, and the provider's is old.
    Stale,
    /// Somebody else than the person who was to confirm.
    AnotherPerson,
    /// What was to be linked is somebody else's way in.
    LinkedElsewhere,
    /// Whoever began to link is no longer signed in here, or that was long ago.
    LinkVoid,
    /// The provider knows the person and says no.
    Refused,
    /// The password is right and too old.
    Expired,
    Disabled,
    /// A passkey that is nobody's, or did not hold.
    PasskeyUnknown,
    /// The provider has not vouched for too long for a passkey to stand alone.
    VouchAgain,
    /// There may be two of this key.
    Cloned,
    /// Our own queue is full.
    Busy,
}

/// `GET /sign-in/{attempt}`.
#[derive(Template)]
#[template(path = "sign_in/form.html")]
pub struct SignIn {
    pub frame: Frame,
    /// Where the form goes: `/sign-in/{attempt}`.
    pub action: String,
    /// The slug of the provider the form is for.
    pub provider: String,
    /// The provider's own invitation: "Sign in with your company account".
    pub provider_title: String,
    /// The name typed before; never the password.
    pub name: String,
    pub trouble: Option<Trouble>,
    /// Somebody signed in is asked to prove it again; and for what ("C-1042 in CRM").
    pub confirms: bool,
    pub confirmed_for: Option<String>,
    /// For a provider that asks by itself: where the button leads.
    pub away: Option<String>,
    /// "Keep me signed in", where it is offered: whether it is ticked.
    pub remember: Option<bool>,
    /// Where the person goes next ("C-1042 in CRM"), once it is known that they may know.
    pub onward: Option<String>,
    /// It becomes another way into the account of the person of this name.
    pub linking: Option<String>,
    pub others: Vec<Link>,
    /// Whether passkeys work at this address.
    pub passkeys: bool,
}

impl SignIn {
    fn trouble(&self) -> Option<String> {
        let texts = self.frame.texts;
        let key = match self.trouble? {
            Trouble::Wrong => texts.say("trouble-wrong"),
            Trouble::Throttled { seconds } => {
                return Some(texts.with("trouble-throttled", &[("count", &seconds.to_string())]));
            }
            Trouble::Down if self.others.is_empty() => return Some(self.told("trouble-down")),
            Trouble::Down => return Some(self.told("trouble-down-other-way")),
            Trouble::Denied => return Some(self.told("trouble-denied")),
            Trouble::Invalid => return Some(self.told("trouble-invalid")),
            Trouble::Stale => return Some(self.told("trouble-stale")),
            Trouble::PasskeyUnknown => texts.say("passkey-unknown"),
            Trouble::VouchAgain => texts.say("passkey-again"),
            Trouble::Cloned => texts.say("factor-cloned"),
            Trouble::AnotherPerson => texts.say("trouble-another-person"),
            Trouble::LinkedElsewhere => texts.say("trouble-linked-elsewhere"),
            Trouble::LinkVoid => texts.say("trouble-link-void"),
            Trouble::Refused => texts.say("trouble-refused"),
            Trouble::Expired => texts.say("trouble-expired"),
            Trouble::Disabled => texts.say("trouble-disabled"),
            Trouble::Busy => texts.say("trouble-busy"),
        };
        Some(key.to_owned())
    }

    fn heading(&self) -> String {
        let texts = self.frame.texts;
        match &self.confirmed_for {
            Some(target) => texts.with("confirm-title", &[("target", target)]),
            None if self.confirms => texts.say("confirm-title-plain").to_owned(),
            None if self.provider_title.is_empty() => texts.say("sign-in-title").to_owned(),
            None => self.provider_title.clone(),
        }
    }

    /// A sentence that says whose fault it is.
    fn told(&self, key: &'static str) -> String {
        self.frame
            .texts
            .with(key, &[("provider", &self.provider_title)])
    }

    fn onward(&self) -> Option<Around> {
        let target = self.onward.as_ref()?;
        Some(Around::new(
            self.frame.texts,
            "sign-in-onward",
            "target",
            target,
        ))
    }

    fn linking(&self) -> Option<String> {
        let name = self.linking.as_ref()?;
        let variables = [("name", name.as_str())];
        Some(self.frame.texts.with("sign-in-linking", &variables))
    }

    /// Only what was typed is in doubt: the fields are marked when they were wrong.
    fn wrong(&self) -> bool {
        self.trouble == Some(Trouble::Wrong)
    }
}

/// `POST /upstream/{provider}/acs`: the provider's form once more, from a page of ours.
#[derive(Template)]
#[template(path = "sign_in/repost.html")]
pub struct Repost {
    pub frame: Frame,
    pub provider: String,
    pub action: String,
    pub fields: Vec<(&'static str, String)>,
    /// We sent the person there: the form goes on by itself. Else they say so.
    pub asked: bool,
}

impl Repost {
    fn lead(&self) -> String {
        let key = if self.asked {
            "repost-lead"
        } else {
            "repost-unasked"
        };
        self.frame.texts.with(key, &[("provider", &self.provider)])
    }
}

/// `GET /sign-out`: asks, because a link must not sign anybody out.
#[derive(Template)]
#[template(path = "sign_in/out.html")]
pub struct SignOut {
    pub frame: Frame,
    /// Where "yes" is posted.
    pub action: String,
}

/// After `POST /sign-out`.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOut {
    pub frame: Frame,
}

/// Someone came back to a sign-in page after it did its work.
#[derive(Template)]
#[template(path = "sign_in/already.html")]
pub struct AlreadySignedIn {
    pub frame: Frame,
    /// Where they had been taken ("C-1042 in CRM"), with the link that goes there again.
    pub again: Option<Link>,
}

impl AlreadySignedIn {
    fn again(&self, link: &Link) -> String {
        self.frame
            .texts
            .with("already-again", &[("target", &link.label)])
    }
}
