//! The DiscourseConnect provider: a forum asks who the user is. An answer goes to the registered
//! address of the instance whose secret signed the question, and nowhere else.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Issuer, access,
    decide::{AppRequest, Denial},
    pending::{Arrival, Pending},
    protocol::Protocol,
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Refusal, Result},
    handoff::{
        Discourse, Landing,
        discourse::{DiscourseQuestion, NAME},
    },
    id::sha256,
    model::{
        assurance::Demand,
        launch::{HANDLE_LIFE, Launch},
        next::{Leaving, Next},
        party::{PartyKind, PartySession},
        service::{Instance, Service},
        session::{SignedIn, Visitor},
    },
    protocol::oauth::Params,
    store::Tx,
};

/// The protocol's row. Forums do not support logout notifications.
pub(super) const PROTOCOL: Protocol = Protocol::of::<DiscourseRequest>();

/// An answered nonce is stored for longer than a sign-in's address is valid.
const ANSWERED: Duration = Duration::from_secs(25 * 3600);

/// A request with a valid signature. Where the answer goes is decided by the catalogue at that
/// time.
#[derive(Serialize, Deserialize)]
struct DiscourseRequest {
    service: String,
    instance: String,
    nonce: String,
}

/// The forum that asks.
pub(super) struct Forum<'a> {
    service: &'a Service,
    instance: &'a Instance,
    settings: &'a Discourse,
}

/// The forums that ask who a user is.
#[derive(Clone, Copy)]
pub struct Forums<'a>(&'a Issuer);

impl Issuer {
    pub fn forums(&self) -> Forums<'_> {
        Forums(self)
    }
}

impl Forums<'_> {
    /// A forum's request, brought by the browser of the user it asks about.
    pub async fn answer(self, service: &str, params: &Params, visitor: &Visitor) -> Result<Next> {
        let request = read(&self.0.catalog.snapshot(), service, params)?;
        let pending = Pending::new(request, Arrival::New, self.0.clock.now());
        self.0.decide(pending, visitor).await
    }
}

/// The signature is checked first: nothing of an unsigned question is read.
fn read(snapshot: &Snapshot, service: &str, params: &Params) -> Result<DiscourseRequest> {
    let forums = forums(snapshot, service)?;
    let (sso, sig) = params
        .one("sso")
        .zip(params.one("sig"))
        .ok_or_else(|| Error::BadAsk("send sso and sig, each once".to_owned()))?;
    let mut asking: Vec<_> = forums
        .into_iter()
        .filter(|forum| forum.settings.is_signed_by(sso, sig))
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
    Ok(DiscourseRequest {
        service: forum.service.slug.clone(),
        instance: forum.instance.slug.clone(),
        nonce: question.nonce,
    })
}

/// The instances of a service that is a forum, without those whose settings cannot be opened: their
/// secret is not known, so their requests cannot be verified.
fn forums<'a>(snapshot: &'a Snapshot, service: &str) -> Result<Vec<Forum<'a>>> {
    let service = snapshot.service(service);
    let service = service
        .filter(|service| service.handoff == NAME)
        .ok_or(Error::UnknownClient)?;
    let mut broken = None;
    let mut forums = Vec::new();
    for instance in &service.instances {
        match snapshot.parts.method::<Discourse>(instance) {
            Ok(settings) => forums.push(Forum {
                service,
                instance,
                settings,
            }),
            Err(fault) => broken = Some(fault),
        }
    }
    match broken.filter(|_| forums.is_empty()) {
        Some(fault) => Err(Error::Internal(fault.to_owned())),
        None => Ok(forums),
    }
}

/// A signed answer, and the launch that it lands.
pub(super) struct ForumAnswer {
    url: Url,
    launch: Option<Launch>,
    party: PartySession,
}

impl AppRequest for DiscourseRequest {
    const NAME: &'static str = "discourse";
    type Party<'a> = Forum<'a>;
    type Answer = ForumAnswer;

    fn party<'a>(&self, _: &Issuer, snapshot: &'a Snapshot) -> Result<Forum<'a>> {
        let mut forums = forums(snapshot, &self.service)?.into_iter();
        let forum = forums.find(|forum| forum.instance.slug == self.instance);
        forum.ok_or(Error::UnknownClient)
    }

    fn check_access(
        &self,
        _: &Issuer,
        _: &Snapshot,
        forum: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial> {
        access::check_access(forum.service, forum.instance, &who.user).map_err(Denial::NoAccess)
    }

    fn demand(&self, snapshot: &Snapshot, forum: &Self::Party<'_>, who: &SignedIn) -> Demand {
        access::required_assurance(snapshot, forum.service, who)
    }

    async fn prepare(
        &self,
        issuer: &Issuer,
        snapshot: &Snapshot,
        forum: &Self::Party<'_>,
        _: Time,
        who: &SignedIn,
    ) -> Result<Result<ForumAnswer, Denial>> {
        let verified = snapshot.mail(&who.user).is_verified();
        let base = &forum.instance.base_url;
        let user = (&issuer.keys, &who.user);
        let url = forum.settings.answer(base, &self.nonce, user, verified);
        let url = url.map_err(|detail| Refusal::Misconfigured {
            service: forum.service.title.clone(),
            detail,
        })?;
        let (service, instance) = (&forum.service.slug, &forum.instance.slug);
        let since = issuer.clock.now() - HANDLE_LIFE;
        let place = (service.as_str(), instance.as_str(), NAME);
        let launch = issuer.store.only_departed(&who.session.id, place, since);
        Ok(Ok(ForumAnswer {
            url,
            launch: launch.await?,
            party: PartySession {
                session: who.session.id.clone(),
                kind: PartyKind::NO_LOGOUT,
                party: service.clone(),
                subject: instance.clone(),
                index: None,
            },
        }))
    }

    /// Once: the nonce and the launch are taken in the transaction of the answer. If several
    /// launches are in progress, it is unknown which one is meant, and none is landed; each request
    /// of a forum keeps its own topic in any case.
    async fn keep(
        &self,
        issuer: &Issuer,
        tx: &mut Tx,
        forum: &Self::Party<'_>,
        answer: ForumAnswer,
    ) -> Result<Leaving> {
        let now = issuer.clock.now();
        let name = format!("discourse {} {}", self.instance, self.nonce);
        if !tx.remember_once(&sha256(&name), now + ANSWERED).await? {
            return Err(Error::BadAsk(
                "it was answered before: please start again at the application".to_owned(),
            ));
        }
        tx.note_party_session(&answer.party, now).await?;
        if let Some(launch) = &answer.launch {
            // Another request may have landed it meanwhile; this one is still answered.
            tx.land_launch(&launch.id, now).await?;
        }
        Ok(Leaving {
            landing: Landing::Redirect(answer.url),
            title: forum.instance.title.clone(),
            is_vouched: true,
        })
    }

    /// DiscourseConnect has no refusal.
    async fn refuse(&self, _: &Issuer, _: &Self::Party<'_>, denial: Denial) -> Result<Leaving> {
        Err(access::denied(denial))
    }
}
