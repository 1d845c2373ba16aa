//! Signing in and out.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Around, Frame, LabelledLink};
use crate::text::Texts;

/// Why the last try to sign in did not work. Some have other names while they are stored: a
/// replica of the previous version reads them too.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInNotice {
    /// Name or password; which one is not revealed.
    Wrong,
    Throttled {
        seconds: u64,
    },
    /// The provider does not answer.
    Down,
    /// The provider sent the user back with a refusal.
    Denied,
    /// The provider's response is not valid.
    Invalid,
    /// What the browser brought back from the provider is not valid.
    #[serde(rename = "Unbelieved")]
    InvalidMessage,
    /// A recent proof is required, and the provider's is old.
    Stale,
    /// The provider did not report the time of its last sign-in, and no factor of ours can replace
    /// it.
    #[serde(rename = "Untold")]
    UnknownProofTime,
    /// Not the user who has to confirm.
    #[serde(rename = "AnotherPerson")]
    AnotherUser,
    /// The identity to be linked belongs to another account.
    LinkedElsewhere,
    /// The user who began to link is no longer signed in here, or their proof is too old.
    LinkVoid,
    /// The provider knows the user and refuses them.
    Refused,
    /// The admin admits only some of the provider's users.
    NotAllowed,
    /// Whether the admin's rule admits them is unknown: the provider did not send enough.
    NotKnown,
    /// The user is unknown, and the provider does not create users.
    Unknown,
    /// The password is right and too old.
    Expired,
    /// The account has expired.
    AccountExpired,
    /// The account may not be used at this time of day.
    NotNow,
    Disabled,
    /// A passkey that is unknown, or did not verify.
    PasskeyUnknown,
    /// The provider has not vouched for the user recently enough for a passkey alone.
    VouchAgain,
    /// This key may have been cloned.
    Cloned,
    /// Our own queue is full.
    Busy,
}

impl SignInNotice {
    /// The text, which says whether the user or the provider has to act.
    pub fn words(self, texts: &Texts, provider_title: &str) -> String {
        let say = |key| texts.with(key, &[("provider", provider_title)]);
        let key = match self {
            SignInNotice::Wrong => "trouble-wrong",
            SignInNotice::Throttled { seconds } => {
                return super::throttled(texts, seconds);
            }
            SignInNotice::Down => return say("trouble-down"),
            SignInNotice::Denied => return say("trouble-denied"),
            SignInNotice::Invalid | SignInNotice::InvalidMessage => return say("trouble-invalid"),
            SignInNotice::Stale => return say("trouble-stale"),
            SignInNotice::UnknownProofTime => return say("trouble-untold"),
            SignInNotice::PasskeyUnknown => "passkey-unknown",
            SignInNotice::VouchAgain => "passkey-again",
            SignInNotice::Cloned => "factor-cloned",
            SignInNotice::AnotherUser => "trouble-another-person",
            SignInNotice::LinkedElsewhere => "trouble-linked-elsewhere",
            SignInNotice::LinkVoid => "trouble-link-void",
            SignInNotice::Refused => "trouble-refused",
            SignInNotice::NotAllowed => return say("trouble-not-allowed"),
            SignInNotice::NotKnown => return say("trouble-not-known"),
            SignInNotice::Unknown => return say("trouble-unknown"),
            SignInNotice::Expired => "trouble-expired",
            SignInNotice::AccountExpired => "trouble-account-expired",
            SignInNotice::NotNow => "trouble-not-now",
            SignInNotice::Disabled => "trouble-disabled",
            SignInNotice::Busy => "trouble-busy",
        };
        texts.say(key).to_owned()
    }
}

/// `GET /sign-in/{attempt}`.
#[derive(Template)]
#[template(path = "sign_in/form.html")]
pub struct SignInPage {
    pub frame: Frame,
    /// Where the form goes: `/sign-in/{attempt}`.
    pub action: String,
    /// The slug of the provider the form is for.
    pub provider: String,
    /// The provider's own invitation: "Sign in with your company account".
    pub provider_title: String,
    /// The name typed before; never the password.
    pub name: String,
    pub trouble: Option<SignInNotice>,
    pub notice: Option<SignInReason>,
    /// A signed-in user is asked to authenticate again; and the purpose ("C-1042 in CRM").
    pub confirms: bool,
    pub confirmed_for: Option<String>,
    /// For a provider with its own sign-in page: where the button leads.
    pub away: Option<String>,
    /// "Keep me signed in", where it is offered: whether it is ticked.
    pub remember: Option<bool>,
    /// Where a user goes who forgot the password, if mails can be sent.
    pub forgot: String,
    /// Where the user goes next ("C-1042 in CRM"), once it is certain that they may see it.
    pub onward: Option<String>,
    /// The name of the user to whose account the identity will be linked.
    pub linking: Option<String>,
    pub others: Vec<LabelledLink>,
    /// Where a password can be changed, if the provider can do that.
    pub change: Option<String>,
    /// The address of the home realm discovery page, if it offers a choice.
    pub elsewhere: Option<String>,
    /// Whether passkeys work at this address.
    pub passkeys: bool,
}

/// Why a user is asked to sign in without having requested it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInReason {
    SessionEnded,
    PageExpired,
}

impl SignInReason {
    /// As the address of the page spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            SignInReason::SessionEnded => "session-ended",
            SignInReason::PageExpired => "page-expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [SignInReason::SessionEnded, SignInReason::PageExpired]
            .into_iter()
            .find(|notice| notice.as_str() == text)
    }

    fn words(self, texts: &Texts) -> &str {
        texts.say(match self {
            SignInReason::SessionEnded => "notice-session-ended",
            SignInReason::PageExpired => "notice-page-expired",
        })
    }
}

/// `GET /continue/{form}`: a form that was sent after its session had ended.
#[derive(Template)]
#[template(path = "sign_in/kept.html")]
pub struct KeptFormPage {
    pub frame: Frame,
    /// Where the form was to go.
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// The page it was on.
    pub back: String,
}

impl SignInPage {
    fn notice(&self) -> Option<&str> {
        let notice = self.notice?;
        Some(notice.words(self.frame.texts))
    }

    fn trouble(&self) -> Option<String> {
        let trouble = self.trouble?;
        let words = trouble.words(self.frame.texts, &self.provider_title);
        if trouble != SignInNotice::Down || self.others.is_empty() {
            return Some(words);
        }
        let variables = [("provider", self.provider_title.as_str())];
        Some(self.frame.texts.with("trouble-down-other-way", &variables))
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

    /// The fields are marked only when their values may be wrong.
    fn wrong(&self) -> bool {
        self.trouble == Some(SignInNotice::Wrong)
    }
}

/// `GET /sign-in/{attempt}/who`: one field, and the providers.
#[derive(Template)]
#[template(path = "sign_in/who.html")]
pub struct WhoAreYou {
    pub frame: Frame,
    pub action: String,
    /// What was typed before.
    pub who: String,
    /// The typed text leads to no provider.
    pub lost: bool,
    pub notice: Option<SignInReason>,
    /// "Keep me signed in", where it is offered: whether it is ticked.
    pub remember: Option<bool>,
    pub choices: Vec<LabelledLink>,
}

impl WhoAreYou {
    fn notice(&self) -> Option<&str> {
        let notice = self.notice?;
        Some(notice.words(self.frame.texts))
    }

    fn trouble(&self) -> &str {
        let key = if self.who.is_empty() {
            "realm-nothing"
        } else {
            "realm-lost"
        };
        self.frame.texts.say(key)
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
    /// We sent the user there: the form is sent by itself. Otherwise they confirm it.
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

/// `GET /sign-out`: asks for confirmation, because a link must not sign a user out.
#[derive(Template)]
#[template(path = "sign_in/out.html")]
pub struct SignOut {
    pub frame: Frame,
    /// Where the confirmation is posted.
    pub action: String,
    /// The user wants to go on as another one.
    pub is_switch: bool,
}

/// A user came back to a sign-in page after the sign-in was complete.
#[derive(Template)]
#[template(path = "sign_in/already.html")]
pub struct AlreadySignedIn {
    pub frame: Frame,
    /// Their destination ("C-1042 in CRM"), with a link to it.
    pub again: Option<LabelledLink>,
}

impl AlreadySignedIn {
    fn again(&self, link: &LabelledLink) -> String {
        self.frame
            .texts
            .with("already-again", &[("target", &link.label)])
    }
}
