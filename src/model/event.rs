//! Audit events: what happened, who caused it, and what it was done to.

mod kind;
mod old;
mod word;

use std::collections::BTreeMap;

pub use self::{
    kind::{EventKind, KindRow, NOUNS, TARGETS},
    old::facts_of,
    word::{DATA, LAUNCH_REASONS, PASSWORD_LINKS, REASONS, RESULTS, WordRow, word_key},
};
use crate::{
    clock::Time,
    id::{EventId, FactorId, LaunchId, RegistrationTokenId, SessionId, UserId},
};

/// Ids and machine-readable words with details of an event, by name. A value is compared or shown,
/// and never parsed.
pub type EventData = BTreeMap<String, String>;

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in user, or one whose proof has just been accepted.
    User(UserId),
    /// A command that was run on the server.
    Command,
    /// A remote application, by its client id or entity id.
    Client(String),
    /// An identity provider, by its slug.
    Provider(String),
    /// The background work of the portal.
    Worker,
    /// A visitor who is not signed in.
    Anonymous,
}

impl Actor {
    /// The stable name of the kind of actor.
    pub const fn kind(&self) -> &'static str {
        match self {
            Actor::User(_) => "user",
            Actor::Command => "command",
            Actor::Client(_) => "client",
            Actor::Provider(_) => "identity_provider",
            Actor::Worker => "worker",
            Actor::Anonymous => "anonymous",
        }
    }

    pub fn id(&self) -> Option<&str> {
        match self {
            Actor::User(id) => Some(id.as_str()),
            Actor::Client(id) | Actor::Provider(id) => Some(id),
            Actor::Command | Actor::Worker | Actor::Anonymous => None,
        }
    }

    /// Parses the columns; `None` if they are invalid.
    pub fn stored(kind: &str, id: Option<String>) -> Option<Self> {
        match kind {
            "user" => id.map(UserId::stored).map(Actor::User),
            "command" => Some(Actor::Command),
            "client" => id.map(Actor::Client),
            "identity_provider" => id.map(Actor::Provider),
            "worker" => Some(Actor::Worker),
            "anonymous" => Some(Actor::Anonymous),
            _ => None,
        }
    }
}

/// What an event was done to: a noun, and the slug or id of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub kind: String,
    pub id: String,
}

impl Target {
    pub const APPLICATION: &'static str = "application";
    pub const CLIENT: &'static str = "client";
    pub const FACTOR: &'static str = "factor";
    pub const INSTANCE: &'static str = "instance";
    pub const KEY: &'static str = "key";
    pub const PROVIDER: &'static str = "identity_provider";
    pub const REGISTRATION_TOKEN: &'static str = "registration_token";
    pub const SERVICE_PROVIDER: &'static str = "service_provider";
    pub const SESSION: &'static str = "session";

    pub fn of(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_owned(),
        }
    }

    /// An application that is notified of logouts: a client, a service provider, a service.
    pub fn application(party: &str) -> Self {
        Self::of(Self::APPLICATION, party)
    }

    pub fn client(id: &str) -> Self {
        Self::of(Self::CLIENT, id)
    }

    pub fn factor(id: &FactorId) -> Self {
        Self::of(Self::FACTOR, id.as_str())
    }

    pub fn instance(slug: &str) -> Self {
        Self::of(Self::INSTANCE, slug)
    }

    pub fn key(id: &str) -> Self {
        Self::of(Self::KEY, id)
    }

    /// An identity provider, by its slug; or the passkeys, by the name that is used in its place.
    pub fn provider(slug: &str) -> Self {
        Self::of(Self::PROVIDER, slug)
    }

    pub fn registration_token(id: &RegistrationTokenId) -> Self {
        Self::of(Self::REGISTRATION_TOKEN, id.as_str())
    }

    pub fn service_provider(entity: &str) -> Self {
        Self::of(Self::SERVICE_PROVIDER, entity)
    }

    pub fn session(id: &SessionId) -> Self {
        Self::of(Self::SESSION, id.as_str())
    }
}

/// An event. It holds ids and words of our own, never names or secrets.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub at: Time,
    pub kind: EventKind,
    pub actor: Actor,
    pub target: Option<Target>,
    /// The user in whose history it is shown.
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub launch: Option<LaunchId>,
    pub service: Option<String>,
    /// The network address of the request.
    pub address: Option<String>,
    pub data: EventData,
}

impl Event {
    /// The target.
    pub fn about(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Adds an id or a machine-readable word.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the user in whose history it is shown, if that is known.
    pub fn of_user(mut self, user: Option<&UserId>) -> Self {
        self.user = user.cloned();
        self
    }

    pub fn in_session(mut self, session: &SessionId) -> Self {
        self.session = Some(session.clone());
        self
    }

    pub fn of_launch(mut self, launch: &LaunchId) -> Self {
        self.launch = Some(launch.clone());
        self
    }

    pub fn at_service(mut self, slug: &str) -> Self {
        self.service = Some(slug.to_owned());
        self
    }

    pub fn at_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }
}

/// The details of a stored event, whichever release wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFacts {
    /// `None` in rows of earlier releases that do not say it.
    pub actor: Option<Actor>,
    pub target: Option<Target>,
    pub data: EventData,
}

impl EventFacts {
    /// A value of the data; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.data.get(name).map_or("", String::as_str)
    }

    /// The id of the target, if it is of this kind.
    pub fn target(&self, kind: &str) -> Option<&str> {
        let target = self.target.as_ref().filter(|target| target.kind == kind);
        target.map(|target| target.id.as_str())
    }

    /// The slug of the identity provider that it is about, or that caused it.
    pub fn provider(&self) -> Option<&str> {
        let actor = match &self.actor {
            Some(Actor::Provider(slug)) => Some(slug.as_str()),
            _ => None,
        };
        self.target(Target::PROVIDER).or(actor)
    }
}
