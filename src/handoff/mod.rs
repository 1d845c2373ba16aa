//! Parts: how a user lands. A hand-off method is one file and one row of [`KINDS`].
//!
//! A part is given a [`Departure`] (the nouns it acts on) and returns how the browser gets there.
//! It never sees the store: handles and codes are created and stored by the launch module.

pub mod assertion;
pub mod cas;
mod code;
pub mod discourse;
mod form_jwt;
mod forward_auth;
mod jwt;
mod link;
mod oidc;
pub mod request_init;
mod saml;
pub mod secret;
pub mod strength;

use std::{any::Any, sync::Arc};

use url::Url;

pub use self::{
    discourse::Discourse,
    forward_auth::{
        ENTRY_PATH, ForwardAuth, ForwardRelease, ForwardUsername, NAME as GATEWAY,
        TICKET as GATEWAY_TICKET,
    },
};
pub use crate::model::landing::Landing;
use crate::{
    chance::Chance,
    clock::Time,
    id::{Artefact, Bearer, LaunchId},
    keys::KeyRing,
    kind::{Field, Row, Settings},
    model::{
        client::Client,
        context::{Context, ContextType},
        party::PartySession,
        service_provider::ServiceProvider,
        session::SignedIn,
        user::MailStanding,
    },
};

/// The explicit type of the token (RFC 8725 section 3.11): it is not accepted as any other.
const TOKEN_TYPE: &str = "usher-handoff+jwt";

/// One departure of a user to an application.
pub struct Departure<'a> {
    pub issuer: &'a str,
    pub launch: &'a LaunchId,
    pub intent: &'a str,
    /// The base address of the instance.
    pub base: &'a Url,
    /// The deep link into the record, inside the instance.
    pub target: &'a Url,
    pub record: Option<Record<'a>>,
    /// The client the remote acts as, if the method names one.
    pub client: Option<&'a Client>,
    /// The handle or code minted for this launch, if the method asks for one.
    pub bearer: Option<&'a Bearer>,
    /// The user, and the session they leave from.
    pub who: &'a SignedIn,
    /// What is known of their mail address.
    pub mail: MailStanding,
    pub keys: &'a KeyRing,
    pub now: Time,
    pub chance: &'a Chance,
}

/// The record a launch opens, and its record type.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub context: &'a Context,
    pub kind: &'a ContextType,
}

/// A method of handing over identity and context, opened with the settings of an instance. It is
/// [`Any`] because the protocol of a method reads its settings as well.
pub trait Handoff: Any + Send + Sync {
    /// The id of the client the remote acts as.
    fn client(&self) -> Option<&str>;

    /// The kind of one-time artefact a launch by this method carries.
    fn artefact(&self) -> Option<Artefact>;

    /// The instance as a service provider, if it uses SAML.
    fn service_provider(&self) -> Option<&Arc<ServiceProvider>> {
        None
    }

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

    /// As `land`, with the names by which the application knows user and session from then on,
    /// where it receives both at once.
    fn land_at(&self, departure: &Departure) -> Result<(Landing, Option<PartySession>), String> {
        Ok((self.land(departure)?, None))
    }
}

/// A method of handing over: one file with a row.
pub struct HandoffKind {
    pub name: &'static str,
    /// One line, for the admin.
    pub about: &'static str,
    /// The letter of its [`strength::Strength`].
    pub grade: char,
    pub fields: &'static [Field],
    pub open: fn(&Settings) -> Result<Box<dyn Handoff>, String>,
}

impl Row for HandoffKind {
    fn name(&self) -> &'static str {
        self.name
    }
}

/// Every method there is. The last two are there because their applications require them.
pub const KINDS: &[HandoffKind] = &[
    oidc::KIND,
    code::KIND,
    request_init::KIND,
    form_jwt::KIND,
    saml::KIND,
    cas::KIND,
    forward_auth::KIND,
    link::KIND,
    discourse::KIND,
    jwt::KIND,
];

/// Opens the method of this name with an instance's settings.
pub fn open(name: &str, settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    (crate::kind::find(KINDS, name)?.open)(settings)
}
