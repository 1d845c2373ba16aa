//! The DiscourseConnect provider: a forum asks who the user is. Decided by (request, visitor)
//! alone, so that a request that waited for a sign-in passes the same checks again. An answer goes
//! to the registered address of the instance whose secret signed the question, and nowhere else.

use std::time::Duration;

use super::{
    Issuer, access,
    authorize::{AuthorizationReply, BrowserReply},
};
use crate::{
    catalog::Snapshot,
    error::{Error, Refusal, Result},
    handoff::{
        Discourse, Landing,
        discourse::{DiscourseQuestion, NAME},
        secret,
    },
    id::{DiscourseRequestId, sha256},
    model::{
        attempt::After,
        discourse::{DiscourseRequest, REQUEST_LIFE},
        launch::HANDLE_LIFE,
        party::{PartyKind, PartySession},
        service::{Instance, Service},
        session::{SignedIn, Visitor},
    },
    protocol::oauth::Params,
};

/// That a nonce was answered is remembered for longer than a sign-in's address carries it.
const ANSWERED: Duration = Duration::from_secs(25 * 3600);

/// The forum that asks.
struct Forum<'a> {
    service: &'a Service,
    instance: &'a Instance,
    settings: Discourse,
}

impl Issuer {
    /// A forum's request, brought by the browser of the person it asks about.
    pub async fn discourse(
        &self,
        service: &str,
        params: &Params,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let (request, forum) = self.discourse_read(&snapshot, service, params)?;
        self.discourse_decide(&snapshot, (request, forum), None, visitor)
            .await
    }

    /// A request that waited for its person.
    pub async fn discourse_resume(
        &self,
        id: &DiscourseRequestId,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        let kept = self.store.discourse_request(id, &visitor.browser, now);
        let request = kept.await?.ok_or(Error::AttemptExpired)?;
        self.discourse_again(request, Some(id), visitor).await
    }

    /// A request that was read before, in another browser or long ago.
    pub(super) async fn discourse_anew(
        &self,
        request: DiscourseRequest,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        self.discourse_again(request, None, visitor).await
    }

    async fn discourse_again(
        &self,
        request: DiscourseRequest,
        waited: Option<&DiscourseRequestId>,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let forums = self.forums(&snapshot, &request.service)?;
        let mut forums = forums.into_iter();
        let forum = forums.find(|forum| forum.instance.slug == request.instance);
        let forum = forum.ok_or(Error::UnknownClient)?;
        self.discourse_decide(&snapshot, (request, forum), waited, visitor)
            .await
    }

    /// The signature first: of an unsigned question, nothing is read.
    fn discourse_read<'a>(
        &self,
        snapshot: &'a Snapshot,
        service: &str,
        params: &Params,
    ) -> Result<(DiscourseRequest, Forum<'a>)> {
        let forums = self.forums(snapshot, service)?;
        let (sso, sig) = params
            .one("sso")
            .zip(params.one("sig"))
            .ok_or_else(|| Error::BadAsk("send sso and sig, each once".to_owned()))?;
        let mut asking: Vec<_> = forums
            .into_iter()
            .filter(|forum| forum.settings.asked(sso, sig))
            .collect();
        if asking.is_empty() {
            return Err(Error::BadAsk(
                "sig is not the signature of sso by the secret registered here".to_owned(),
            ));
        }
        let question = DiscourseQuestion::read(sso).map_err(Error::BadAsk)?;
        let asked = asking.iter().position(|forum| {
            forum.settings.returns_to(&forum.instance.base_url) == question.return_sso_url
        });
        let forum = asking.swap_remove(asked.ok_or(Error::UnknownAddress)?);
        let request = DiscourseRequest {
            service: forum.service.slug.clone(),
            instance: forum.instance.slug.clone(),
            nonce: question.nonce,
        };
        Ok((request, forum))
    }

    /// The instances of a service that is a forum.
    fn forums<'a>(&self, snapshot: &'a Snapshot, service: &str) -> Result<Vec<Forum<'a>>> {
        let service = snapshot.service(service);
        let service = service
            .filter(|service| service.handoff == NAME)
            .ok_or(Error::UnknownClient)?;
        let forum = |instance| {
            let settings = secret::whole(self.keys.seal(), service, instance)?;
            Ok(Forum {
                service,
                instance,
                settings: Discourse::of(&settings).map_err(Error::Internal)?,
            })
        };
        service.instances.iter().map(forum).collect()
    }

    async fn discourse_decide(
        &self,
        snapshot: &Snapshot,
        (request, forum): (DiscourseRequest, Forum<'_>),
        waited: Option<&DiscourseRequestId>,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let Some(who) = &visitor.signed_in else {
            return Ok(BrowserReply::SignIn {
                fresh: false,
                after: self.discourse_wait(&request, waited, visitor).await?,
                hint: None,
            });
        };
        access::check_access(forum.service, forum.instance, &who.user)?;
        let demand = access::required_assurance(snapshot, forum.service, who);
        if !demand.met_by(&who.session, self.clock.now()) {
            let after = self.discourse_wait(&request, waited, visitor).await?;
            return Ok(BrowserReply::Confirm(after, demand));
        }
        self.discourse_answer(snapshot, (&request, &forum), waited, who)
            .await
    }

    async fn discourse_wait(
        &self,
        request: &DiscourseRequest,
        waited: Option<&DiscourseRequestId>,
        visitor: &Visitor,
    ) -> Result<After> {
        if let Some(id) = waited {
            return Ok(After::Discourse(id.clone()));
        }
        let now = self.clock.now();
        let write = visitor.write(now)?;
        let id = DiscourseRequestId::new(now, &self.chance);
        let mut tx = self.store.begin().await?;
        tx.insert_discourse_request(&write, &id, &visitor.browser, request, now + REQUEST_LIFE)
            .await?;
        tx.commit().await?;
        Ok(After::Discourse(id))
    }

    /// Signed, once: the nonce, the row it waited on and the launch it lands are taken in one
    /// transaction. Of several launches under way none is meant for sure, and none is landed; each
    /// forum request keeps its own topic all the same.
    async fn discourse_answer(
        &self,
        snapshot: &Snapshot,
        (request, forum): (&DiscourseRequest, &Forum<'_>),
        waited: Option<&DiscourseRequestId>,
        who: &SignedIn,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        let verified = snapshot.mail(&who.user).is_verified();
        let base = &forum.instance.base_url;
        let person = (&self.keys, &who.user);
        let answer = forum
            .settings
            .answer(base, &request.nonce, person, verified);
        let answer = answer.map_err(|detail| Refusal::Misconfigured {
            service: forum.service.title.clone(),
            detail,
        })?;
        let place = (
            forum.service.slug.as_str(),
            forum.instance.slug.as_str(),
            NAME,
        );
        let launch = self
            .store
            .only_departed(&who.session.id, place, now - HANDLE_LIFE)
            .await?;
        let name = format!("discourse {} {}", request.instance, request.nonce);
        let mut tx = self.store.begin().await?;
        if let Some(id) = waited
            && !tx.take_discourse_request(id, now).await?
        {
            return Err(Error::AttemptExpired);
        }
        if !tx.remember_once(&sha256(&name), now + ANSWERED).await? {
            return Err(Error::BadAsk(
                "it was answered before: please start again at the application".to_owned(),
            ));
        }
        let party = PartySession {
            session: who.session.id.clone(),
            kind: PartyKind::Deaf,
            party: forum.service.slug.clone(),
            subject: forum.instance.slug.clone(),
            index: None,
        };
        tx.note_party_session(&party, now).await?;
        if let Some(launch) = &launch {
            // Another request may have landed it meanwhile; this one is answered all the same.
            tx.land_launch(&launch.id, now).await?;
        }
        tx.commit().await?;
        Ok(BrowserReply::Back(AuthorizationReply {
            landing: Landing::Redirect(answer),
            client: forum.instance.title.clone(),
        }))
    }
}
