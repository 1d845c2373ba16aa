//! `/cas/login` (section 2.1): an application's request for a ticket.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    super::{
        Issuer, access,
        decide::{AppRequest, Denial},
        pending::{Arrival, Pending},
    },
    Cas, RegisteredAddress, TICKET_LIFE, is_on, wire,
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    handoff::{Landing, cas::SERVICE_TICKET},
    id::Bearer,
    model::{
        assurance::Demand,
        next::{Leaving, Next},
        session::{SignedIn, Visitor},
    },
    protocol::oauth::Params,
    store::{Tx, cas::ServiceTicket},
};

/// An application's request (section 2.1.1), checked when it comes and again after a sign-in.
#[derive(Serialize, Deserialize)]
pub(super) struct CasRequest {
    /// Where the user is to be sent, as it was written; always held against the catalogue.
    service: String,
    /// The user must prove who they are for this request.
    renew: bool,
    /// The ticket goes there by a form instead of the address.
    by_post: bool,
    /// The user must not be asked: such a request never waits.
    #[serde(skip)]
    gateway: bool,
}

impl Cas<'_> {
    /// An application's request; nothing without a `service`, when there is only the portal to go
    /// to.
    pub async fn login(self, params: &Params, visitor: &Visitor) -> Result<Option<Next>> {
        let Some(service) = params.one("service") else {
            return Ok(None);
        };
        let renew = is_on(params, "renew");
        let request = CasRequest {
            service: service.to_owned(),
            renew,
            by_post: by_post(params)?,
            // Section 2.1.1: renew takes precedence over gateway.
            gateway: is_on(params, "gateway") && !renew,
        };
        let pending = Pending::new(request, Arrival::New, self.0.clock.now());
        self.0.decide(pending, visitor).await.map(Some)
    }
}

impl AppRequest for CasRequest {
    const NAME: &'static str = "cas";
    type Party<'a> = RegisteredAddress<'a>;
    /// The ticket, and its stored row.
    type Answer = (Bearer, ServiceTicket);

    fn party<'a>(&self, _: &Issuer, snapshot: &'a Snapshot) -> Result<RegisteredAddress<'a>> {
        RegisteredAddress::of(snapshot, &self.service).ok_or(Error::UnknownAddress)
    }

    fn fresh_since(&self, asked_at: Time) -> Option<Time> {
        self.renew.then(|| asked_at + Duration::from_millis(1))
    }

    /// With `gateway` the user must not be asked.
    fn is_passive(&self) -> bool {
        self.gateway
    }

    fn check_access(
        &self,
        _: &Issuer,
        _: &Snapshot,
        place: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial> {
        place
            .check_access(&who.user)
            .and_then(|()| place.settings().map(|_| ()))
            .map_err(Denial::NoAccess)
    }

    fn demand(&self, snapshot: &Snapshot, place: &Self::Party<'_>, who: &SignedIn) -> Demand {
        access::required_assurance(snapshot, place.service, who)
    }

    /// The ticket, bound to session and address.
    async fn prepare(
        &self,
        issuer: &Issuer,
        _: &Snapshot,
        place: &Self::Party<'_>,
        asked_at: Time,
        who: &SignedIn,
    ) -> Result<Result<Self::Answer, Denial>> {
        let bearer = Bearer::mint(SERVICE_TICKET, &issuer.chance);
        let ticket = ServiceTicket {
            hash: bearer.hash(),
            session: who.session.id.clone(),
            service: place.service.slug.clone(),
            instance: place.instance.slug.clone(),
            url: wire::bound(&place.url),
            launch: None,
            primary_at: who.session.proved_at.filter(|at| *at > asked_at),
            expires_at: issuer.clock.now() + TICKET_LIFE,
        };
        Ok(Ok((bearer, ticket)))
    }

    async fn keep(
        &self,
        _: &Issuer,
        tx: &mut Tx,
        place: &Self::Party<'_>,
        (bearer, ticket): Self::Answer,
    ) -> Result<Leaving> {
        tx.insert_service_ticket(&ticket).await?;
        let url = place.url.clone();
        let landing = match self.by_post {
            true => Landing::post(url, [("ticket", bearer.as_str().to_owned())]),
            false => Landing::Redirect(wire::with_ticket(url, bearer.as_str())),
        };
        Ok(leaving(place, landing))
    }

    /// With `gateway`, a user who cannot have a ticket at once goes back without one.
    async fn refuse(&self, _: &Issuer, place: &Self::Party<'_>, denial: Denial) -> Result<Leaving> {
        match self.gateway {
            true => Ok(leaving(place, Landing::Redirect(place.url.clone()))),
            false => Err(access::denied(denial)),
        }
    }
}

fn leaving(place: &RegisteredAddress<'_>, landing: Landing) -> Leaving {
    Leaving {
        landing,
        title: place.instance.title.clone(),
        is_vouched: true,
    }
}

/// Whether the ticket is sent by a form (section 2.1.1, `method`).
fn by_post(params: &Params) -> Result<bool> {
    match params.one("method") {
        None | Some("GET") => Ok(false),
        Some("POST") => Ok(true),
        Some(_) => Err(Error::Invalid("method is GET or POST".to_owned())),
    }
}
