//! `/cas/login` (section 2.1): decided by (request, visitor) alone, so that a request that waited
//! for a sign-in passes the same checks again.

use super::{
    super::{AuthorizationReply, BrowserReply, Issuer, access},
    RegisteredAddress, is_on,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    handoff::Landing,
    id::{Artefact, Bearer, CasRequestId},
    model::{
        attempt::After,
        cas::{CasRequest, CasRequestStage, REQUEST_LIFE, ServiceTicket, TICKET_LIFE},
        session::{SignedIn, Visitor},
    },
    protocol::{cas, oauth::Params},
};

impl Issuer {
    /// An application's request; nothing without a `service`, when there is only the portal to go
    /// to.
    pub async fn cas_login(
        &self,
        params: &Params,
        visitor: &Visitor,
    ) -> Result<Option<BrowserReply>> {
        let Some(service) = params.one("service") else {
            return Ok(None);
        };
        let request = CasRequest {
            service: service.to_owned(),
            renew: is_on(params, "renew"),
            by_post: by_post(params)?,
        };
        let asked = CasRequestStage {
            at: self.clock.now(),
            waited: None,
        };
        // Section 2.1.1: renew takes precedence over gateway.
        if is_on(params, "gateway") && !request.renew {
            return self.cas_at_once(request, asked, visitor).await.map(Some);
        }
        self.cas_decide(request, asked, visitor).await.map(Some)
    }

    /// A request that waited for its person.
    pub async fn cas_resume(&self, id: &CasRequestId, visitor: &Visitor) -> Result<BrowserReply> {
        let now = self.clock.now();
        let kept = self.store.cas_request(id, &visitor.browser, now).await?;
        let (request, at) = kept.ok_or(Error::AttemptExpired)?;
        let waited = Some(id.clone());
        self.cas_decide(request, CasRequestStage { at, waited }, visitor)
            .await
    }

    /// A request that came before, in another browser or long ago.
    pub(in crate::issuer) async fn cas_anew(
        &self,
        request: CasRequest,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let asked = CasRequestStage {
            at: self.clock.now(),
            waited: None,
        };
        self.cas_decide(request, asked, visitor).await
    }

    async fn cas_decide(
        &self,
        request: CasRequest,
        asked: CasRequestStage,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let place =
            RegisteredAddress::of(&snapshot, &request.service).ok_or(Error::UnknownAddress)?;
        let proved = |who: &&SignedIn| {
            !request.renew || who.session.proved_at.is_some_and(|at| at > asked.at)
        };
        let Some(who) = visitor.signed_in.as_ref().filter(proved) else {
            return Ok(BrowserReply::SignIn {
                fresh: request.renew,
                after: self.cas_wait(&request, asked, visitor).await?,
                hint: None,
            });
        };
        place.admit(&who.user)?;
        let demand = access::required_assurance(&snapshot, place.service, who);
        if !demand.met_by(&who.session, self.clock.now()) {
            let after = self.cas_wait(&request, asked, visitor).await?;
            return Ok(BrowserReply::Confirm(after, demand));
        }
        self.cas_issue(place, request.by_post, asked, who).await
    }

    /// With `gateway` the user is asked nothing: a user who cannot have a ticket at once goes back
    /// without one.
    async fn cas_at_once(
        &self,
        request: CasRequest,
        asked: CasRequestStage,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let place =
            RegisteredAddress::of(&snapshot, &request.service).ok_or(Error::UnknownAddress)?;
        let ready = visitor.signed_in.as_ref().filter(|who| {
            let demand = access::required_assurance(&snapshot, place.service, who);
            place.admit(&who.user).is_ok() && demand.met_by(&who.session, self.clock.now())
        });
        match ready {
            Some(who) => self.cas_issue(place, request.by_post, asked, who).await,
            None => Ok(BrowserReply::Back(AuthorizationReply {
                client: place.instance.title.clone(),
                landing: Landing::Redirect(place.url),
            })),
        }
    }

    async fn cas_wait(
        &self,
        request: &CasRequest,
        asked: CasRequestStage,
        visitor: &Visitor,
    ) -> Result<After> {
        if let Some(id) = asked.waited {
            return Ok(After::Cas(id));
        }
        let write = visitor.write(self.clock.now())?;
        let (id, until) = (
            CasRequestId::new(asked.at, &self.chance),
            asked.at + REQUEST_LIFE,
        );
        let mut tx = self.store.begin().await?;
        tx.insert_cas_request(&write, &id, &visitor.browser, request, asked.at, until)
            .await?;
        tx.commit().await?;
        Ok(After::Cas(id))
    }

    /// The ticket, bound to session and address. A request that waited is answered once.
    async fn cas_issue(
        &self,
        place: RegisteredAddress<'_>,
        by_post: bool,
        asked: CasRequestStage,
        who: &SignedIn,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        let bearer = Bearer::mint(Artefact::ServiceTicket, &self.chance);
        let ticket = ticket(&bearer, &place, &asked, who, now);
        let mut tx = self.store.begin().await?;
        if let Some(id) = &asked.waited
            && !tx.take_cas_request(id, now).await?
        {
            return Err(Error::AttemptExpired);
        }
        tx.insert_service_ticket(&ticket).await?;
        tx.commit().await?;
        let landing = match by_post {
            true => Landing::post(place.url, [("ticket", bearer.as_str().to_owned())]),
            false => Landing::Redirect(cas::with_ticket(place.url, bearer.as_str())),
        };
        Ok(BrowserReply::Back(AuthorizationReply {
            landing,
            client: place.instance.title.clone(),
        }))
    }
}

fn ticket(
    bearer: &Bearer,
    place: &RegisteredAddress,
    asked: &CasRequestStage,
    who: &SignedIn,
    now: Time,
) -> ServiceTicket {
    ServiceTicket {
        hash: bearer.hash(),
        session: who.session.id.clone(),
        service: place.service.slug.clone(),
        instance: place.instance.slug.clone(),
        url: cas::bound(&place.url),
        launch: None,
        primary_at: who.session.proved_at.filter(|at| *at > asked.at),
        expires_at: now + TICKET_LIFE,
    }
}

/// How the ticket travels (section 2.1.1, `method`).
fn by_post(params: &Params) -> Result<bool> {
    match params.one("method") {
        None | Some("GET") => Ok(false),
        Some("POST") => Ok(true),
        Some(_) => Err(Error::Invalid("method is GET or POST".to_owned())),
    }
}
