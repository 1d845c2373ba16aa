//! `request_init`: SAML's third-party-initiated login (OASIS Service Provider Request Initiation).
//! The browser goes to the address where the application starts a sign-in, with our entity id and
//! the record's address; its request comes back to us and is answered with the record in it.

use std::sync::Arc;

use url::Url;

use super::{Departure, Handoff, HandoffKind, Landing, assertion::entity_id};
use crate::{id::Artefact, kind::Settings, model::service_provider::ServiceProvider};

/// The name of the method in stored launches.
pub const NAME: &str = "request_init";

struct RequestInit {
    party: Arc<ServiceProvider>,
    initiator: Url,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: NAME,
    about: "SAML: the application starts its own sign-in; the record is in the assertion",
    grade: 'D',
    fields: crate::model::service_provider::FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    let party = ServiceProvider::parse(settings)?;
    let initiator = party
        .initiator
        .as_deref()
        .ok_or("the setting \"initiator\" is missing: the address that starts a sign-in there")?;
    let initiator = Url::parse(initiator).map_err(|error| error.to_string())?;
    Ok(Box::new(RequestInit {
        party: Arc::new(party),
        initiator,
    }))
}

impl Handoff for RequestInit {
    fn client(&self) -> Option<&str> {
        None
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn service_provider(&self) -> Option<&Arc<ServiceProvider>> {
        Some(&self.party)
    }

    fn warning(&self) -> Option<String> {
        self.party.format_warning()
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let mut url = self.initiator.clone();
        let mut query = url.query_pairs_mut();
        if !self.party.entity_parameter.is_empty() {
            query.append_pair(&self.party.entity_parameter, &entity_id(departure.issuer));
        }
        query.append_pair(&self.party.target_parameter, departure.target.as_str());
        drop(query);
        Ok(Landing::Redirect(url))
    }
}
