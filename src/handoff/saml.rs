//! `saml`: identity and record in an unsolicited assertion (Profiles section 4.1.5). It works with
//! every service provider, and is weaker than a solicited one: an attacker who obtains the form
//! could post it in another browser. It is valid for two minutes at one address; where the
//! application can start its own sign-in, `request_init` is better.

use std::sync::Arc;

use super::{
    Departure, Handoff, HandoffKind, Landing,
    assertion::{About, AssertionReply, CarriedLaunch},
};
use crate::{
    id::Artefact,
    kind::Settings,
    model::{
        party::PartySession,
        service_provider::{RelayState, ServiceProvider, context_of},
    },
};

struct SamlHandoff(Arc<ServiceProvider>);

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "saml",
    about: "SAML: an unsolicited assertion, with the record in it",
    grade: 'G',
    fields: crate::model::service_provider::FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    let party = Arc::new(ServiceProvider::parse(settings)?);
    Ok(Box::new(SamlHandoff(party)))
}

impl Handoff for SamlHandoff {
    fn client(&self) -> Option<&str> {
        None
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn service_provider(&self) -> Option<&Arc<ServiceProvider>> {
        Some(&self.0)
    }

    fn warning(&self) -> Option<String> {
        self.0.format_warning()
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        self.vouch(departure).map(|(landing, _)| landing)
    }

    fn land_at(&self, departure: &Departure) -> Result<(Landing, Option<PartySession>), String> {
        let (landing, party) = self.vouch(departure)?;
        Ok((landing, Some(party)))
    }
}

impl SamlHandoff {
    fn vouch(&self, departure: &Departure) -> Result<(Landing, PartySession), String> {
        let consumer = self.0.metadata.consumer(None, None);
        let consumer = consumer.ok_or("its metadata has no AssertionConsumerService")?;
        let answer = AssertionReply {
            issuer: departure.issuer,
            party: &self.0,
            consumer,
            in_response_to: None,
            keys: departure.keys,
            chance: departure.chance,
            now: departure.now,
        };
        let about = About {
            who: departure.who,
            mail: departure.mail,
            format: self.0.name_id,
            context: context_of(departure.who),
            launch: Some(CarriedLaunch {
                id: departure.launch,
                intent: departure.intent,
                record: departure.record.map(|record| record.context),
            }),
        };
        let (response, party) = answer.vouch(&about).map_err(|fault| fault.to_string())?;
        let relay_state = self.relay_state(departure);
        let relay_state = relay_state.map(|text| ("RelayState", text));
        let fields = [("SAMLResponse", response)].into_iter().chain(relay_state);
        Ok((Landing::post(consumer.url().clone(), fields), party))
    }

    /// The deep link, if the service provider takes one of its length. A longer one is left out,
    /// and its user arrives at the front page: a service provider that is sent something else
    /// instead goes there. The record is in the attributes all the same.
    fn relay_state(&self, departure: &Departure) -> Option<String> {
        if self.0.relay_state == RelayState::Launch {
            return Some(departure.launch.to_string());
        }
        let target = departure.target.as_str();
        if target.len() <= self.0.longest_relay_state {
            return Some(target.to_owned());
        }
        tracing::warn!(
            party = self.0.entity_id(),
            bytes = target.len(),
            longest = self.0.longest_relay_state,
            "a record's address is longer than relay_state_bytes and was left out"
        );
        None
    }
}
