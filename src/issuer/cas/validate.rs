//! Validation of service tickets (sections 2.4 to 2.6 and 2.8), in one transaction. The first
//! guarded update uses the ticket up, whatever is found wrong afterwards; the state of what it is
//! bound to is then the current one, not that at issue. An internal error leaves the ticket valid.

use super::{
    Cas, RegisteredAddress, is_on,
    wire::{self, CasFailure, CasValidation, Success},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Error,
    handoff::cas::SERVICE_TICKET,
    id::Bearer,
    model::{
        launch::{Departed, Launch, Stage},
        party::{PartyKind, PartySession},
        session::SignedIn,
    },
    protocol::{oauth::Params, saml::time},
    store::{
        Tx,
        cas::{PARTY, ServiceTicket},
    },
};

/// The parameters of a validation.
struct ValidationRequest<'a> {
    service: &'a str,
    ticket: Bearer,
    renew: bool,
    for_proxy: bool,
}

impl<'a> ValidationRequest<'a> {
    fn read(params: &'a Params) -> Result<Self, CasFailure> {
        let (service, ticket) = params
            .one("service")
            .zip(params.one("ticket"))
            .ok_or(CasFailure::REQUEST)?;
        if !ticket.starts_with(SERVICE_TICKET.prefix()) {
            return Err(CasFailure::TICKET_SPEC);
        }
        Ok(Self {
            service,
            ticket: Bearer::parse(SERVICE_TICKET, ticket).ok_or(CasFailure::TICKET)?,
            renew: is_on(params, "renew"),
            for_proxy: params.one("pgtUrl").is_some(),
        })
    }
}

impl Cas<'_> {
    /// Returns the user of a ticket, once.
    pub async fn validate(self, params: &Params) -> CasValidation {
        let asks = ValidationRequest::read(params)?;
        let mut tx = self.0.store.begin().await?;
        let outcome = self.judged(&mut tx, &asks).await;
        let is_ours = |failure: &CasFailure| *failure == CasFailure::INTERNAL;
        tx.settle(outcome, is_ours).await
    }

    async fn judged(self, tx: &mut Tx, asks: &ValidationRequest<'_>) -> CasValidation {
        let now = self.0.clock.now();
        let taken = tx.take_service_ticket(&asks.ticket.hash(), now).await?;
        let ticket = taken.ok_or(CasFailure::TICKET)?;
        let snapshot = self.0.catalog.snapshot();
        let place = RegisteredAddress::of(&snapshot, asks.service)
            .filter(|place| wire::bound(&place.url) == ticket.url)
            .ok_or(CasFailure::SERVICE)?;
        if asks.for_proxy {
            return Err(CasFailure::PROXY_CALLBACK);
        }
        if asks.renew && ticket.primary_at.is_none() {
            return Err(CasFailure::TICKET);
        }
        let who = tx.session_by_id(&ticket.session, now).await?;
        let who = who.ok_or(CasFailure::TICKET)?;
        let moved = place.service.slug != ticket.service || place.instance.slug != ticket.instance;
        if moved || place.check_access(&who.user).is_err() {
            return Err(CasFailure::UNAUTHORIZED);
        }
        let settings = place.settings()?;
        let launch = match &ticket.launch {
            Some(id) => tx.launch(id).await?,
            None => None,
        };
        note(tx, &ticket, &asks.ticket, now).await?;
        let mut attributes = settings.attributes(&who.user, snapshot.mail(&who.user));
        attributes.extend(of_sign_in(&ticket, &who));
        attributes.extend(
            launch
                .iter()
                .flat_map(|launch| of_launch(launch, &snapshot)),
        );
        Ok(Success {
            user: settings.user(&who.user),
            attributes: wire::spelt_twice(attributes),
        })
    }
}

/// The application knows the user from now on by the text of the ticket, which the logout
/// notification will name (section 2.3.3). A used ticket cannot be validated again.
async fn note(
    tx: &mut Tx,
    ticket: &ServiceTicket,
    bearer: &Bearer,
    now: Time,
) -> Result<(), Error> {
    let party = PartySession {
        session: ticket.session.clone(),
        kind: PartyKind::new(PARTY),
        party: ticket.service.clone(),
        subject: bearer.as_str().to_owned(),
        index: Some(ticket.instance.clone()),
    };
    tx.note_party_session(&party, now).await?;
    if let Some(launch) = &ticket.launch {
        tx.land_launch(launch, now).await?;
    }
    Ok(())
}

type ReleasedAttribute = (String, Vec<String>);

fn one(name: &str, value: impl Into<String>) -> ReleasedAttribute {
    (name.to_owned(), vec![value.into()])
}

/// Section 2.5.7: the attributes of the sign-in that every CAS 3.0 server returns.
fn of_sign_in(ticket: &ServiceTicket, who: &SignedIn) -> Vec<ReleasedAttribute> {
    let at = who.session.proved_at.map(Time::secs);
    let is_new = ticket.primary_at.is_some();
    let remembered = who.session.remembered_at.is_some();
    let date = at.map(|at| one("authenticationDate", time::format(at)));
    let others = [
        one("isFromNewLogin", is_new.to_string()),
        one(
            "longTermAuthenticationRequestTokenUsed",
            (remembered && !is_new).to_string(),
        ),
    ];
    date.into_iter().chain(others).collect()
}

/// The launch and its record. XML names have no colons, so the record's system is a value.
fn of_launch(launch: &Launch, snapshot: &Snapshot) -> Vec<ReleasedAttribute> {
    let Stage::Departed { departure, .. } = &launch.stage else {
        return Vec::new();
    };
    let mut attributes = vec![
        one("launch_id", launch.id.as_str()),
        one("launch_intent", launch.ask.intent.as_str()),
    ];
    attributes.extend(of_record(departure, snapshot));
    attributes
}

fn of_record(departure: &Departed, snapshot: &Snapshot) -> Vec<ReleasedAttribute> {
    let Some(context) = &departure.context else {
        return Vec::new();
    };
    let system = snapshot.context_type(&context.kind).map_or_else(
        || format!("urn:usher:context:{}", context.kind),
        |kind| kind.system.clone(),
    );
    let fields = context.fields.iter();
    let fields = fields.map(|(name, value)| one(&format!("context_field_{name}"), value));
    [
        one("context_type", context.kind.as_str()),
        one("context_system", system),
        one("context_id", context.key.as_str()),
    ]
    .into_iter()
    .chain(fields)
    .collect()
}

impl From<Error> for CasFailure {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "a ticket could not be validated");
        CasFailure::INTERNAL
    }
}
