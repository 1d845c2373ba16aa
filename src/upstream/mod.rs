//! Parts: the identity providers that vouch for users. The trait each kind implements, the types it
//! exchanges with [`crate::sign_in`], and the table of kinds. Password kinds answer at once; the
//! others redirect the browser ([`ProviderStep`]) and read the response it brings back
//! ([`ProviderResponse::Message`]).

mod documents;
pub mod ldap;
mod local;
mod oidc;
pub mod saml;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

pub use self::documents::{Document, Documents};
use crate::{
    blocking::Blocking,
    chance::Chance,
    clock::{Clock, Time},
    directory::Passwords,
    kind::{BoxFuture, Kind, Settings},
    model::{allowance::ClientNetwork, identity::Identity, mapping::RawAttributes},
    net::Net,
    protocol::oauth::Params,
};

/// Every kind of provider.
pub const KINDS: &[Kind<OpenProviderKind>] = &[
    Kind {
        name: "local",
        about: "accounts kept by Usher itself",
        fields: local::FIELDS,
        open: local::open,
    },
    Kind {
        name: "ldap",
        about: "a directory: search, then bind",
        fields: ldap::FIELDS,
        open: |settings, tools| ldap::open(settings, &tools.clock, tools.patience),
    },
    Kind {
        name: "oidc",
        about: "an OpenID provider, by the authorization code flow",
        fields: oidc::FIELDS,
        open: oidc::open,
    },
    Kind {
        name: "saml",
        about: "a SAML 2.0 identity provider: we are its service provider",
        fields: saml::FIELDS,
        open: saml::open,
    },
];

/// Reads pasted text; `None` if it is in no format of the kind.
type ReadPasted = fn(&str) -> Option<Result<RawAttributes, String>>;

/// The kinds that have a format of their own.
const PASTED: &[ReadPasted] = &[saml::read_pasted];

/// Parses a pasted response of a provider, for testing a mapping: in the format of a kind, or
/// claims as JSON, or lines. An error is a sentence.
pub fn read_pasted(text: &str) -> Result<RawAttributes, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let read = PASTED.iter().find_map(|read| read(text));
    read.unwrap_or_else(|| RawAttributes::parse(text))
}

/// What a user typed.
pub struct Credentials {
    pub name: String,
    pub password: Zeroizing<String>,
}

/// A response of a provider, through the browser.
pub enum ProviderResponse {
    Password(Credentials),
    /// The query or form with which it came back: an authorization response, a SAML response.
    Message(Params),
}

/// The next step with a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderStep {
    /// A name and a password.
    Ask,
    Redirect(Url),
    Post {
        action: Url,
        fields: Vec<(&'static str, String)>,
    },
}

/// How the responses of a provider arrive. Each address accepts those of its own kind only: a
/// response that belongs in a form is not accepted in a link (THREATS: login CSRF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// A name and a password are typed here: there is no response through the browser.
    Typed,
    /// In the query of a redirect (RFC 6749 section 4.1.2).
    Query,
    /// In a form that is posted (SAML Bindings section 3.5).
    Form,
}

/// How users use a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderForm {
    /// By a name and a password typed here.
    Password,
    /// By a redirect to it.
    Away,
}

/// The data that a provider needs when the browser is back: nonce, verifier, request id. It is
/// stored on our side, sealed.
pub type Memory = Value;

/// The requirements for an upstream request.
pub struct UpstreamWish<'a> {
    /// The request's name, opaque, 46 characters: `state` (RFC 6749) or RelayState (at most 80
    /// bytes, SAML Bindings 3.4.3).
    pub state: &'a str,
    pub hint: Option<&'a str>,
    /// The provider must ask the user again, whatever session it has.
    pub fresh: bool,
    /// The provider should require a second factor, if it supports that.
    pub second_factor: bool,
    /// BCP 47, for the provider's pages.
    pub language: &'static str,
    pub now: Time,
}

/// An upstream request that can start.
pub struct Began {
    pub step: ProviderStep,
    pub memory: Memory,
}

/// A browser that is back, or credentials.
pub struct UpstreamArrival<'a> {
    pub answer: &'a ProviderResponse,
    /// The memory in [`Began`]; `None` for an unsolicited message (IdP-initiated).
    pub memory: Option<&'a Memory>,
    /// The client it comes from, as far as the address shows.
    pub client: &'a ClientNetwork,
    pub entries: &'a dyn Entries,
    pub now: Time,
}

/// The identity and proof that a provider vouches for.
#[derive(Debug)]
pub struct Vouched {
    /// Attributes under the provider's own names; admission maps them.
    pub identity: Identity,
    /// The authentication context in the provider's terms.
    pub acr: Option<String>,
    /// RFC 8176 values.
    pub amr: Vec<String>,
    /// When the user authenticated there, if the provider reports it; else it is unknown.
    pub proved_at: Option<Time>,
    /// A second factor was proved there, by the admin's list of values.
    pub strong: bool,
    /// The data for a logout.
    pub upstream: Option<Upstream>,
    /// Names that must not be used twice (assertion ids), and until when.
    pub once: Vec<OneTimeName>,
}

impl Vouched {
    /// As proved by a password, typed just now.
    pub fn by_password(identity: Identity, now: Time) -> Self {
        Self {
            identity,
            acr: None,
            amr: vec!["pwd".to_owned()],
            proved_at: Some(now),
            strong: false,
            upstream: None,
            once: Vec::new(),
        }
    }
}

/// How a provider names the user's session there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    pub subject: String,
    pub session: Option<String>,
    /// Data that only the same provider can read again (an id_token, a NameID); sealed at rest.
    pub secret: Option<String>,
}

/// A one-time name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeName {
    pub name: String,
    pub until: Time,
}

/// Why a provider did not vouch for a user.
#[derive(Debug, PartialEq, Eq)]
pub enum ProviderFailure {
    /// Name or password; which one is not revealed.
    Wrong,
    /// The password is right and must be changed, and the provider supports that.
    Expired,
    /// The provider knows the user and refuses them; a machine-readable word.
    Refused(&'static str),
    /// The provider sent the browser back with a refusal; its text, for the log.
    Denied(String),
    /// The response that the browser brought is not valid; for the log. It need not come from the
    /// provider.
    InvalidMessage(String),
    /// The provider's own response to us is not valid; for the log.
    Invalid(String),
    /// The provider does not respond as it should; for the log.
    Down(String),
    /// Overloaded at the moment.
    Busy,
    /// Too many tries at the entry that was found.
    Throttled { span: Duration, first: bool },
}

/// Counts tries at the entry that a typed name was resolved to.
pub trait Entries: Send + Sync {
    /// Call it before a password is tried; `entry` is a permanent name of it. Unknown names are
    /// counted as well: they must not take less time.
    fn count<'a>(&'a self, entry: &'a str) -> BoxFuture<'a, Result<(), ProviderFailure>>;
}

impl ProviderFailure {
    /// In words, for a log or the provider itself.
    pub fn words(&self) -> String {
        let words = match self {
            ProviderFailure::Wrong => "the name or the password is wrong",
            ProviderFailure::Expired => "the password must be changed",
            ProviderFailure::Refused(word) => word,
            ProviderFailure::Denied(words)
            | ProviderFailure::InvalidMessage(words)
            | ProviderFailure::Invalid(words)
            | ProviderFailure::Down(words) => words,
            ProviderFailure::Busy => "there is too much to do just now",
            ProviderFailure::Throttled { .. } => "there were too many tries",
        };
        words.to_owned()
    }
}

impl std::fmt::Display for ProviderFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words())
    }
}

/// A new password is too weak.
pub const WEAK_PASSWORD: &str = "weak-password";
/// The old password is too recent to be changed.
pub const PASSWORD_TOO_YOUNG: &str = "password-too-young";
/// The password of this user, or of any, may not be changed this way.
pub const PASSWORD_FIXED: &str = "password-fixed";
/// Why a new password is refused though the old one was right.
pub const NEW_PASSWORD_REFUSED: [&str; 3] = [WEAK_PASSWORD, PASSWORD_TOO_YOUNG, PASSWORD_FIXED];

/// A logout message from a provider, verified.
#[derive(Debug)]
pub enum LogoutMessage {
    /// These sessions of the provider have ended: one by its name, or all of a subject's.
    Ended {
        subject: Option<String>,
        session: Option<String>,
        once: Vec<OneTimeName>,
        /// The answer that the browser takes back, if it brought the message.
        answer: Option<ProviderStep>,
    },
    /// The answer to a logout of ours.
    Answered,
}

/// An upstream source of authentication. A kind is one file (or folder) and one row of
/// [`KINDS`].
pub trait IdentityProvider: Send + Sync {
    fn answers(&self) -> Answers;

    fn asks(&self) -> ProviderForm {
        match self.answers() {
            Answers::Typed => ProviderForm::Password,
            Answers::Query | Answers::Form => ProviderForm::Away,
        }
    }

    /// Starts an upstream request. Password kinds have nothing to start.
    fn begin<'a>(
        &'a self,
        _wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Result<Began, ProviderFailure>> {
        let began = Began {
            step: ProviderStep::Ask,
            memory: Value::Null,
        };
        Box::pin(async { Ok(began) })
    }

    fn complete<'a>(
        &'a self,
        arrival: &'a UpstreamArrival<'a>,
    ) -> BoxFuture<'a, Result<Vouched, ProviderFailure>>;

    /// The key for counting a typed name in the limiter, where several spellings are one account.
    fn counted_as<'t>(&self, typed: &'t str) -> &'t str {
        typed
    }

    /// Whether users may change their passwords here.
    fn changes_passwords(&self) -> bool {
        false
    }

    /// Changes a password, proved by the old one. A new one that is refused is
    /// [`ProviderFailure::Refused`] with one of [`NEW_PASSWORD_REFUSED`].
    fn change_password<'a>(
        &'a self,
        _old: &'a Credentials,
        _new: &'a str,
        _entries: &'a dyn Entries,
    ) -> BoxFuture<'a, Result<(), ProviderFailure>> {
        Box::pin(async { Err(ProviderFailure::Refused("unsupported")) })
    }

    /// Where the browser goes to end the session there, too; `None` when there is no such place.
    fn sign_out<'a>(
        &'a self,
        _upstream: &'a Upstream,
        _wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Option<ProviderStep>> {
        Box::pin(async { None })
    }

    /// Reads a logout message (OpenID Connect Back-Channel Logout 1.0, SAML Profiles 4.4).
    fn logout<'a>(
        &'a self,
        _message: &'a Params,
        _now: Time,
    ) -> BoxFuture<'a, Result<LogoutMessage, ProviderFailure>> {
        Box::pin(async { Err(ProviderFailure::Refused("unsupported")) })
    }

    /// Our own addresses that the other side must know, with their names there.
    fn addresses(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Settings that are refused when an admin writes them, though an existing provider with them
    /// is still opened: a sentence.
    fn refused_when_written(&self) -> Option<String> {
        None
    }

    /// Whether it uses metadata that an admin can import.
    fn imports(&self) -> bool {
        false
    }

    /// Imports metadata, unless it requires less than the metadata before and the admin has not
    /// confirmed that (THREATS: metadata import weakens checks). An error is a sentence.
    fn import<'a>(
        &'a self,
        _import: &'a Import<'a>,
        _now: Time,
    ) -> BoxFuture<'a, Result<Imported, String>> {
        Box::pin(async { Err("this kind of provider takes no metadata".to_owned()) })
    }

    /// Our own metadata for this provider, where the protocol has metadata (SAML).
    fn metadata<'a>(&'a self, _now: Time) -> BoxFuture<'a, Option<Result<String, String>>> {
        Box::pin(async { None })
    }

    /// Fetches due documents: discovery, keys, metadata. Called by the worker regularly.
    fn refresh<'a>(&'a self, _now: Time) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    /// Opens its connections once and describes in plain words what is wrong (`usher check`).
    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>>;
}

/// Metadata that an admin imports.
pub struct Import<'a> {
    pub text: &'a str,
    /// The admin has read by what it is weaker, and confirms it.
    pub is_confirmed: bool,
}

/// The result of an import.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// A summary, in a sentence.
    pub about: String,
    /// What it requires less than the metadata before, in sentences.
    pub weaker: Vec<String>,
    /// It is used from now on.
    pub is_kept: bool,
}

/// What a kind depends on.
pub struct Tools {
    pub passwords: Passwords,
    pub net: Net,
    pub blocking: Blocking,
    pub documents: Documents,
    pub chance: Chance,
    pub clock: Clock,
    pub urls: Urls,
    /// How long one step of a sign-in may take in total: less than the request may, so that the
    /// error can name what did not respond.
    pub patience: Duration,
}

/// Opens a provider from its settings; an error is a sentence for the admin.
pub type OpenProviderKind = fn(&Settings, &Tools) -> Result<Box<dyn IdentityProvider>, String>;

/// Our own addresses for one provider. Each has its own, so that one's response cannot be taken for
/// another's (mix-up, RFC 9700 section 4.4).
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
    portal: String,
}

impl Urls {
    pub fn new(public_url: &str, slug: &str) -> Self {
        Self {
            base: format!("{public_url}/upstream/{slug}"),
            portal: public_url.to_owned(),
        }
    }

    /// OpenID Connect's redirect_uri.
    pub fn callback(&self) -> String {
        format!("{}/callback", self.base)
    }

    /// SAML's assertion consumer service.
    pub fn acs(&self) -> String {
        format!("{}/acs", self.base)
    }

    pub fn metadata(&self) -> String {
        format!("{}/metadata", self.base)
    }

    /// Back-channel logout, and SAML's single logout service.
    pub fn logout(&self) -> String {
        format!("{}/logout", self.base)
    }

    /// Where users arrive when both sides have signed them out.
    pub fn signed_out(&self) -> String {
        format!("{}/signed-out", self.portal)
    }
}

/// An upstream request may take this long.
pub const UPSTREAM_REQUEST_LIFE: Duration = Duration::from_secs(900);
