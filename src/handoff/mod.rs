//! Parts: how a user lands. A hand-off method is one file and one row of [`KINDS`].
//!
//! A part is given a [`Departure`] (the nouns it acts on) and says how the browser gets there. It
//! never sees the store: handles and codes are minted and kept by the launch module.

pub mod assertion;
mod cas;
mod code;
pub mod discourse;
pub mod form_jwt;
mod forward_auth;
mod jwt;
mod link;
mod oidc;
pub mod request_init;
mod saml;
pub mod secret;
pub mod strength;

use url::Url;

pub use self::{
    cas::Cas,
    discourse::Discourse,
    forward_auth::{
        DOOR, ForwardAuth, ForwardRelease as GateRelease, ForwardUsername as GateName,
        NAME as GATEWAY,
    },
};
pub use crate::model::landing::Landing;
use crate::{
    chance::Chance,
    clock::Time,
    id::{Artefact, Bearer, LaunchId},
    keys::KeyRing,
    kind::{Kind, Settings},
    model::{
        client::Client,
        context::{Context, ContextType},
        party::PartySession,
        service_provider,
        session::SignedIn,
        user::MailStanding,
    },
};

/// One act of leaving.
pub struct Departure<'a> {
    pub issuer: &'a str,
    pub launch: &'a LaunchId,
    pub intent: &'a str,
    /// Where the instance lives.
    pub base: &'a Url,
    /// The deep link into the record, inside the instance.
    pub target: &'a Url,
    pub record: Option<Record<'a>>,
    /// The client the remote acts as, if the method names one.
    pub client: Option<&'a Client>,
    /// The handle or code minted for this launch, if the method asks for one.
    pub bearer: Option<&'a Bearer>,
    /// The person, and the session they leave from.
    pub who: &'a SignedIn,
    /// What is known of their mail address.
    pub mail: MailStanding,
    pub keys: &'a KeyRing,
    pub now: Time,
    pub chance: &'a Chance,
}

/// The record a launch opens, and what is known of its kind.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub context: &'a Context,
    pub kind: &'a ContextType,
}

/// A method of handing over identity and context.
pub trait Handoff: Send + Sync {
    /// The id of the client the remote acts as.
    fn client(&self) -> Option<&str>;

    /// The kind of one-time artefact a launch by this method carries.
    fn artefact(&self) -> Option<Artefact>;

    /// Whether the application has a session of its own from then on that Usher cannot end: then
    /// the user is informed of it at sign-out.
    fn has_no_logout(&self) -> bool {
        false
    }

    /// What will go wrong at the application although the settings can be used; a sentence for the
    /// admin.
    fn warning(&self) -> Option<String> {
        None
    }

    /// The landing; an error is a sentence for the admin.
    fn land(&self, departure: &Departure) -> Result<Landing, String>;

    /// The same, and how the application knows user and session from then on, where it learns both
    /// at once.
    fn land_at(&self, departure: &Departure) -> Result<(Landing, Option<PartySession>), String> {
        Ok((self.land(departure)?, None))
    }
}

type OpenHandoff = fn(&Settings) -> Result<Box<dyn Handoff>, String>;

/// Every method there is.
pub const KINDS: &[Kind<OpenHandoff>] = &[
    Kind {
        name: "oidc",
        about: "OpenID Connect third-party-initiated login; the context is in the id_token",
        fields: oidc::FIELDS,
        open: oidc::open,
    },
    Kind {
        name: "code",
        about: "a one-time code by form post, redeemed at the token endpoint",
        fields: code::FIELDS,
        open: code::open,
    },
    Kind {
        name: request_init::NAME,
        about: "SAML: the application starts its own sign-in; the record is in the assertion",
        fields: service_provider::FIELDS,
        open: request_init::open,
    },
    Kind {
        name: "form_jwt",
        about: "a signed JWT by form post, for applications that call nobody back",
        fields: form_jwt::FIELDS,
        open: form_jwt::open,
    },
    Kind {
        name: "saml",
        about: "SAML: an assertion that nobody asked for, with the record in it",
        fields: service_provider::FIELDS,
        open: saml::open,
    },
    Kind {
        name: "cas",
        about: "a CAS 3.0 service ticket in the address; the context is in the attributes",
        fields: cas::FIELDS,
        open: cas::open,
    },
    Kind {
        name: forward_auth::NAME,
        about: "a page behind nginx, Traefik or Caddy; who it is stands in headers, one of them signed",
        fields: forward_auth::FIELDS,
        open: forward_auth::open,
    },
    Kind {
        name: "link",
        about: "a plain deep link; the application does its own single sign-on",
        fields: link::FIELDS,
        open: link::open,
    },
    // The last two are there because applications want them so.
    Kind {
        name: discourse::NAME,
        about: "DiscourseConnect: the forum asks who somebody is, and shares a secret with us",
        fields: discourse::FIELDS,
        open: discourse::open,
    },
    Kind {
        name: "jwt",
        about: "a signed token in the shape its application dictates, by form or in an address",
        fields: jwt::FIELDS,
        open: jwt::open,
    },
];

/// Opens the method of this name with an instance's settings.
pub fn open(name: &str, settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    (crate::kind::find(KINDS, name)?.open)(settings)
}
