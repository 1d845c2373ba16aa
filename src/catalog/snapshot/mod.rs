//! The configuration by admins, checked and ready: an immutable snapshot that a request takes once.

mod assurance;
mod build;
mod client;
mod record_type;
mod service;

use std::{collections::HashMap, sync::Arc};

pub(super) use self::build::{at, keep};
pub use self::client::checked_client;
use super::{
    parts::Parts,
    provider_policy::{ProviderPolicies, Word},
};
use crate::{
    model::{
        admission::Admission,
        assurance::AssuranceRule,
        client::Client,
        context::ContextType,
        routing::Candidate,
        service::{Instance, Service},
        service_provider::ServiceProvider,
        user::{MailStanding, User},
        username::GivenName,
    },
    store::ProviderRow,
};

/// The catalogue at one version.
pub struct Snapshot {
    pub version: i64,
    /// In the admin's order.
    pub services: Vec<Service>,
    pub types: Vec<ContextType>,
    pub providers: Vec<ProviderRow>,
    /// How much assurance is required, of which users, and for what.
    pub assurance: Vec<AssuranceRule>,
    /// Hand-offs and providers, ready to be used.
    pub parts: Parts,
    gates: ProviderPolicies,
    clients: HashMap<String, Client>,
    /// Client id to (service, instance), all that name it: where a client belongs.
    homes: HashMap<String, Vec<(usize, String)>>,
    /// Service providers by entity id, with where they belong, likewise.
    parties: HashMap<String, (usize, String, Arc<ServiceProvider>)>,
}

/// Everything that is wrong with a catalogue, in sentences that say where.
pub type Faults = Vec<String>;

impl Snapshot {
    pub fn service(&self, slug: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.slug == slug)
    }

    pub fn context_type(&self, slug: &str) -> Option<&ContextType> {
        self.types.iter().find(|kind| kind.slug == slug)
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients
            .get(id)
            .filter(|client| client.disabled_at.is_none())
    }

    /// A client, disabled or not.
    pub fn registered(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    /// Which of a provider's users are admitted, and with which role.
    pub fn admission(&self, provider: &str) -> Option<&Admission> {
        self.gates.admission(provider)
    }

    /// How far a provider's statements are trusted.
    pub fn word(&self, provider: &str) -> Option<&Word> {
        self.gates.word(provider)
    }

    /// The name that a provider gives a user.
    pub fn naming<'a>(&self, provider: &'a str, login: &'a str) -> GivenName<'a> {
        self.gates.naming(provider, login)
    }

    /// What is known of a user's mail address.
    pub fn mail(&self, user: &User) -> MailStanding {
        self.gates.mail(user)
    }

    /// The providers a user could be sent to, in the admin's order.
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        self.gates.candidates(&self.providers)
    }

    /// The services and instances that a client belongs to, in the admin's order: those that name
    /// it, even if their hand-off cannot be opened. A client that belongs to none is open to all
    /// users.
    pub fn homes(&self, client: &str) -> Vec<(&Service, &Instance)> {
        let named = self.homes.get(client).into_iter().flatten();
        let found = named.filter_map(|(index, slug)| {
            let service = self.services.get(*index)?;
            Some((service, service.instance(slug)?))
        });
        found.collect()
    }

    /// The service providers, by entity id, with the instance each is; in no order.
    pub fn service_providers(&self) -> impl Iterator<Item = (&str, &Instance)> {
        self.parties
            .iter()
            .filter_map(|(entity, (index, slug, _))| {
                let service = self.services.get(*index)?;
                Some((entity.as_str(), service.instance(slug)?))
            })
    }

    /// Whether any service uses SAML.
    pub fn has_service_providers(&self) -> bool {
        !self.parties.is_empty()
    }

    /// What is wrong with the addresses of service providers, for the author of the catalogue:
    /// users' data would travel in the clear. Rows written before this check existed still load.
    pub fn plain_addresses(&self) -> Faults {
        let all = self.parties.values();
        let faults = all.filter_map(|(_, slug, party)| {
            let fault = party.metadata.plain()?;
            Some(format!("instance \"{slug}\": {fault}"))
        });
        faults.collect()
    }

    /// A service provider by its entity id, with where it belongs.
    pub fn service_provider(
        &self,
        entity: &str,
    ) -> Option<(&Service, &Instance, &Arc<ServiceProvider>)> {
        let (index, slug, party) = self.parties.get(entity)?;
        let service = self.services.get(*index)?;
        Some((service, service.instance(slug)?, party))
    }
}

/// A name that may stand in a link.
pub fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
