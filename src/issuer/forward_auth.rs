//! Forward authentication: a gateway asks about each request to a page that has no sign-in of its
//! own. An admitted user is known by a cookie of the page's host, bound to a session of ours; it is
//! checked at each request, so that signing out closes the page at once. The page receives the
//! user's identity in headers, and in a signed one, because any client that reaches the page
//! without the gateway can write plain headers.
//!
//! No address is taken from a request: a user who must sign in first is brought back to the
//! instance's registered origin, with the path in a seal that only we can make.

mod assertion;
mod launch;
mod place;
mod return_state;

use std::time::Duration;

use url::Url;

pub use self::assertion::ForwardedIdentity;
use self::place::{ForwardAuthInstance, stands_at};
use super::{
    Issuer, access,
    claims::LaunchClaims,
    decide::{AppRequest, Denial},
    logout_delivery::DeliveryResult,
    pending::{Arrival, Pending},
    protocol::{LogoutNotice, Protocol, TicketKind},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    handoff::{ENTRY_PATH, GATEWAY_TICKET, Landing},
    id::{Alphabet, Artefact, Bearer, ProtocolArtefact, SessionId},
    kind::BoxFuture,
    model::{
        assurance::Demand,
        forward_auth::{
            ForwardAuthEntry, ForwardAuthTicket, ForwardTarget, GatewayRequest, TICKET_LIFE,
        },
        next::{Leaving, Next},
        notice::LogoutDelivery,
        party::{PartyKind, PartySession},
        session::{SignedIn, Visitor},
    },
    protocol::gateway::Requested,
    store::Tx,
};

/// The kind of parties for pages behind a gateway.
const PARTY: &str = "gate";

/// The session cookie at the host of a page behind a gateway.
const SESSION: Artefact = Artefact::Protocol(&ProtocolArtefact {
    prefix: "gs_",
    alphabet: Alphabet::Base64Url,
});

/// The protocol's row.
pub(super) const PROTOCOL: Protocol = Protocol {
    artefacts: &[GATEWAY_TICKET, SESSION],
    ticket: Some(TicketKind {
        artefact: GATEWAY_TICKET,
        make: launch::ticket,
    }),
    logout: Some(LogoutNotice {
        kind: PARTY,
        title: "protocol-forward-auth",
        deliver,
        frames: None,
    }),
    ..Protocol::of::<GatewayRequest>()
};

/// A gateway asks us about each request, so it needs no notification.
fn deliver<'a>(_: &'a Issuer, _: &'a LogoutDelivery) -> BoxFuture<'a, DeliveryResult> {
    Box::pin(async { DeliveryResult::Confirmed })
}

/// `seen_at` is written at most this often.
const TOUCH: Duration = Duration::from_secs(300);

/// The decision for the gateway.
#[derive(Debug)]
pub enum GatewayDecision {
    /// Allow the request, with these headers; an empty one removes what the client sent.
    Pass(Box<ForwardedIdentity>),
    /// Send the user to sign in ([`Gateways::sign_in_address`]), if the request is one of a user's.
    SignIn,
    /// This user may not use the page.
    Deny,
}

/// The gateways that ask about requests.
#[derive(Clone, Copy)]
pub struct Gateways<'a>(&'a Issuer);

impl Issuer {
    pub fn gateways(&self) -> Gateways<'_> {
        Gateways(self)
    }
}

impl Gateways<'_> {
    /// One request through a gateway; `cookie` is what the page's host keeps in the browser.
    pub async fn check(
        self,
        service: &str,
        asked: &Requested,
        cookie: Option<&str>,
    ) -> Result<GatewayDecision> {
        let snapshot = self.0.catalog.snapshot();
        let gate = ForwardAuthInstance::of(&snapshot, service, asked)?;
        let found = match cookie.and_then(|text| Bearer::parse(SESSION, text)) {
            Some(token) => self.entry(&gate, &token).await?,
            None => None,
        };
        let is_public = gate.settings.public.iter().any(|path| asked.is_below(path));
        // Public pages are open to admitted users as well, whatever their permissions.
        let otherwise = |verdict| match is_public && gate.is_open() {
            true => GatewayDecision::Pass(Box::default()),
            false => verdict,
        };
        let Some(found) = found else {
            return Ok(otherwise(GatewayDecision::SignIn));
        };
        if access::check_access(gate.service, gate.instance, &found.who.user).is_err() {
            return Ok(otherwise(GatewayDecision::Deny));
        }
        let demand = access::required_assurance(&snapshot, gate.service, &found.who);
        if !demand.met_by(&found.who.session, self.0.clock.now()) {
            return Ok(otherwise(GatewayDecision::SignIn));
        }
        let identity = self.identity(&gate, &found, asked)?;
        Ok(GatewayDecision::Pass(Box::new(identity)))
    }

    async fn entry(
        self,
        gate: &ForwardAuthInstance<'_>,
        token: &Bearer,
    ) -> Result<Option<ForwardAuthEntry>> {
        let now = self.0.clock.now();
        let idle_since = now - self.0.idle;
        let found = self
            .0
            .store
            .forward_auth_entry(&token.hash(), now, idle_since)
            .await?;
        // A cookie of one instance is not valid at another, though they share a host.
        let found = found.filter(|found| {
            found.place.service == gate.service.slug && found.place.instance == gate.instance.slug
        });
        if let Some(ForwardAuthEntry { who, .. }) = &found
            && now.since(who.session.seen_at) >= TOUCH
        {
            // A page that only reads must not fail because this cannot be written.
            if let Err(error) = self.touch(&who.session.id, now).await {
                tracing::debug!(%error, "a session was not touched");
            }
        }
        Ok(found)
    }

    async fn touch(self, session: &SessionId, now: Time) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.touch_session(session, now).await?;
        tx.commit().await
    }

    /// A user whom a gateway has sent to us: redirected back with a ticket, once they are signed in.
    pub async fn return_user(self, service: &str, sealed: &str, visitor: &Visitor) -> Result<Next> {
        let request = GatewayRequest {
            service: service.to_owned(),
            at: sealed.to_owned(),
        };
        let pending = Pending::new(request, Arrival::New, self.0.clock.now());
        self.0.decide(pending, visitor).await
    }

    /// Redeems a ticket at the page's own host: it is used up whatever is found wrong with it,
    /// unless the error is internal. Returns the cookie for that host, and the user's address
    /// there.
    pub async fn redeem(
        self,
        service: &str,
        asked: &Requested,
        ticket: &str,
    ) -> Result<(Bearer, Url)> {
        let ticket = Bearer::parse(GATEWAY_TICKET, ticket).ok_or_else(gone)?;
        let mut tx = self.0.store.begin().await?;
        let outcome = self.redeemed_entry(&mut tx, service, asked, &ticket).await;
        tx.settle(outcome, Error::is_ours).await
    }

    async fn redeemed_entry(
        self,
        tx: &mut Tx,
        service: &str,
        asked: &Requested,
        ticket: &Bearer,
    ) -> Result<(Bearer, Url)> {
        let now = self.0.clock.now();
        let ticket = tx.take_forward_auth_ticket(&ticket.hash(), now).await?;
        let ticket = ticket.ok_or_else(gone)?;
        let snapshot = self.0.catalog.snapshot();
        // The gateway of an outer service receives the tickets of those nested in it.
        let is_here = stands_at(&snapshot, service, &asked.origin)?;
        let gate =
            ForwardAuthInstance::named(&snapshot, &ticket.place.service, &ticket.place.instance)?;
        if !is_here || !gate.is_at(&asked.origin) {
            return Err(gone());
        }
        let who = tx.session_by_id(&ticket.session, now).await?;
        let who = who.ok_or_else(gone)?;
        access::check_access(gate.service, gate.instance, &who.user)?;
        let launch = match &ticket.place.launch {
            Some(id) => tx.launch(id).await?,
            None => None,
        };
        let carried =
            launch.and_then(|launch| LaunchClaims::of(&self.0.issuer, &launch, &snapshot));
        let launch_data = carried.and_then(|carried| serde_json::to_value(carried).ok());
        let token = Bearer::mint(SESSION, &self.0.chance);
        let party = PartySession {
            session: ticket.session.clone(),
            kind: PartyKind::new(PARTY),
            party: gate.service.slug.clone(),
            subject: gate.instance.slug.clone(),
            index: None,
        };
        tx.insert_forward_auth_session(&token.hash(), &ticket, launch_data.as_ref(), now)
            .await?;
        tx.note_party_session(&party, now).await?;
        if let Some(launch) = &ticket.place.launch {
            tx.land_launch(launch, now).await?;
        }
        let (place, url) = (ticket.place.clone(), gate.address(&ticket.place.path)?);
        self.warn_of_omissions(
            &gate,
            &ForwardAuthEntry {
                who,
                place,
                launch_data,
            },
            asked,
        )?;
        Ok((token, url))
    }
}

impl AppRequest for GatewayRequest {
    const NAME: &'static str = "forward_auth";
    type Party<'a> = ForwardAuthInstance<'a>;
    /// The ticket, and its stored row.
    type Answer = (Bearer, ForwardAuthTicket);
    /// A reload leads to the page again, with a ticket of its own.
    const IS_ANSWERED_ONCE: bool = false;

    fn party<'a>(
        &self,
        issuer: &Issuer,
        snapshot: &'a Snapshot,
    ) -> Result<ForwardAuthInstance<'a>> {
        let state = issuer.gateways().state_of(self)?;
        ForwardAuthInstance::named(snapshot, &self.service, &state.instance)
    }

    fn check_access(
        &self,
        _: &Issuer,
        _: &Snapshot,
        gate: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial> {
        access::check_access(gate.service, gate.instance, &who.user).map_err(Denial::NoAccess)
    }

    fn demand(&self, snapshot: &Snapshot, gate: &Self::Party<'_>, who: &SignedIn) -> Demand {
        access::required_assurance(snapshot, gate.service, who)
    }

    async fn prepare(
        &self,
        issuer: &Issuer,
        _: &Snapshot,
        _: &Self::Party<'_>,
        _: Time,
        who: &SignedIn,
    ) -> Result<Result<Self::Answer, Denial>> {
        let bearer = Bearer::mint(GATEWAY_TICKET, &issuer.chance);
        let state = issuer.gateways().state_of(self)?;
        let ticket = ForwardAuthTicket {
            hash: bearer.hash(),
            session: who.session.id.clone(),
            place: ForwardTarget {
                service: self.service.clone(),
                instance: state.instance.clone(),
                path: issuer.gateways().target_of(state).await?,
                launch: None,
            },
            expires_at: issuer.clock.now() + TICKET_LIFE,
        };
        Ok(Ok((bearer, ticket)))
    }

    async fn keep(
        &self,
        _: &Issuer,
        tx: &mut Tx,
        gate: &Self::Party<'_>,
        (bearer, ticket): Self::Answer,
    ) -> Result<Leaving> {
        tx.insert_forward_auth_ticket(&ticket).await?;
        Ok(Leaving {
            landing: Landing::post(
                gate.address(ENTRY_PATH)?,
                [("ticket", bearer.as_str().to_owned())],
            ),
            title: gate.instance.title.clone(),
            is_vouched: true,
        })
    }

    /// A gateway has no refusal for a user who was sent to us.
    async fn refuse(&self, _: &Issuer, _: &Self::Party<'_>, denial: Denial) -> Result<Leaving> {
        Err(access::denied(denial))
    }
}

fn gone() -> Error {
    Error::BadAsk("the ticket is unknown, was used, or is too old".to_owned())
}
