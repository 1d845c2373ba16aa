//! The SAML identity provider (SAML 2.0 Profiles section 4.1): metadata, the question, the answer.
//! Small checks in order, decided by (request, visitor) alone, as at the authorization endpoint: a
//! request that waited for a sign-in passes the same ones again.
//!
//! A record reaches an assertion only through a launch: the one launch of this session that is on
//! its way to this very instance. No handle can travel through a service provider that was never
//! changed; so of several launches none is taken, and the person arrives without a record rather
//! than in the wrong one.

mod hear;
mod judge;
mod logout;
mod soap;
mod tell;

use std::time::Duration;

pub use self::{logout::SamlLogoutReply, soap::SoapReply};
use super::{
    Issuer,
    authorize::{AuthorizationReply, BrowserReply},
};
use crate::{
    catalog::{self, Snapshot, locate::RuleInput as Facts},
    clock::Time,
    error::{Error, Result},
    handoff::{
        Landing,
        assertion::{About, AssertionReply, CarriedLaunch, entity_id},
        request_init,
    },
    id::{SamlRequestId, sha256},
    model::{
        allowance::{ClientNetwork, Write},
        assurance::{AssuranceOccasion, Demand, demanded},
        attempt::After,
        launch::{HANDLE_LIFE, Launch, Stage},
        service::{Instance, Service},
        service_provider::{SamlRequest, ServiceProvider, context_of},
        session::{SignedIn, Visitor},
    },
    protocol::{
        oauth::Params,
        saml::{
            Address, SamlFault, asked::Came, metadata::our_idp::OurIdp, response::StatusRefusal,
        },
    },
    store::Tx,
};

/// A request waits this long for its person to sign in.
const REQUEST_LIFE: Duration = Duration::from_secs(1800);
/// That a request was answered is remembered for longer than a sign-in's address carries it.
const ANSWERED: Duration = Duration::from_secs(25 * 3600);

/// A service provider with the service it belongs to: whatever closes the one closes the other.
struct SamlParty<'a> {
    service: &'a Service,
    instance: &'a Instance,
    saml: &'a ServiceProvider,
}

/// What a request is remembered by until it is too old to be brought again.
struct ReplayKey {
    name: String,
    until: Time,
}

/// Where in its life a request is.
enum SamlRequestOrigin {
    New(ReplayKey),
    Waited {
        id: SamlRequestId,
        fresh_since: Option<Time>,
    },
}

impl Issuer {
    /// Whether any service speaks SAML: where none does, its endpoints are closed.
    pub fn speaks_saml(&self) -> bool {
        self.catalog.snapshot().has_service_providers()
    }

    /// Our metadata, signed.
    pub async fn saml_metadata(&self) -> Result<String> {
        let provider = self.clone();
        self.off_thread(move || {
            let (key, others) = (provider.keys.saml()?, provider.keys.other_saml());
            let others: Vec<_> = others.iter().map(|key| &**key).collect();
            let ours = OurIdp {
                entity_id: &entity_id(&provider.issuer),
                sign_on: &provider.saml_sign_on_address(),
                logout: &provider.saml_logout_address(),
                logout_by_soap: &provider.saml_soap_address(),
                key: &key,
                others: &others,
            };
            ours.write()
                .map_err(|fault| Error::Internal(fault.to_string()))
        })
        .await?
    }

    /// A request that a browser brought by redirect, with its cookies.
    pub async fn saml_by_redirect(
        &self,
        params: &Params,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        // Whatever becomes of it, its id is kept; and nothing is read for who has asked too often.
        let _write = visitor.write(self.clock.now())?;
        let query = params.raw().unwrap_or_default().to_owned();
        let judged = self.judge(move || Came::by_redirect(&query), params);
        let (request, once) = judged.await?;
        self.saml_decide(request, SamlRequestOrigin::New(once), visitor)
            .await
    }

    /// A request that came by a form of another site, without cookies: it is kept, and goes on at
    /// our own address.
    pub async fn saml_by_form(
        &self,
        params: &Params,
        asker: &ClientNetwork,
    ) -> Result<SamlRequestId> {
        let message = params
            .one("SAMLRequest")
            .ok_or_else(|| Error::BadAsk("there is no SAMLRequest".to_owned()))?
            .to_owned();
        let write = asker.write(self.clock.now())?;
        let judged = self.judge(move || Came::by_form(&message), params);
        let (request, once) = judged.await?;
        let fresh_since = self.force_since(&request);
        self.keep_request(&write, &request, &once, None, fresh_since)
            .await
    }

    /// A request that waited.
    pub async fn saml_resume(&self, id: &SamlRequestId, visitor: &Visitor) -> Result<BrowserReply> {
        let mut tx = self.store.begin().await?;
        let kept = tx
            .saml_request(id, &visitor.browser, self.clock.now())
            .await?;
        tx.commit().await?;
        let (request, fresh_since) = kept.ok_or(Error::AttemptExpired)?;
        let origin = SamlRequestOrigin::Waited {
            id: id.clone(),
            fresh_since,
        };
        self.saml_decide(request, origin, visitor).await
    }

    /// A request that was judged before, in another browser or long ago.
    pub(super) async fn saml_anew(
        &self,
        request: SamlRequest,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        // It was seen when it came; this is another wait for it.
        let wait = SamlRequestId::new(now, &self.chance);
        let once = ReplayKey {
            name: sha256(&format!("saml anew {wait}")),
            until: now + judge::FRESH,
        };
        self.saml_decide(request, SamlRequestOrigin::New(once), visitor)
            .await
    }

    async fn saml_decide(
        &self,
        request: SamlRequest,
        origin: SamlRequestOrigin,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let party = party(&snapshot, &request.party).ok_or(Error::UnknownClient)?;
        if !request.is_possible {
            return self
                .saml_refuse(&party, &request, &origin, StatusRefusal::NO_CONTEXT)
                .await;
        }
        let format = party.saml.format_for(request.name_id_format.as_deref());
        if format.is_none() {
            return self
                .saml_refuse(&party, &request, &origin, StatusRefusal::NAME_ID)
                .await;
        }
        let fresh_since = match &origin {
            SamlRequestOrigin::New(_) => self.force_since(&request),
            SamlRequestOrigin::Waited { fresh_since, .. } => *fresh_since,
        };
        let fresh =
            |who: &&SignedIn| fresh_since.is_none_or(|since| who.session.proved_since(since));
        let Some(who) = visitor.signed_in.as_ref().filter(fresh) else {
            if request.passive {
                return self
                    .saml_refuse(&party, &request, &origin, StatusRefusal::NO_PASSIVE)
                    .await;
            }
            let after = self
                .saml_wait(&request, origin, fresh_since, visitor)
                .await?;
            return Ok(BrowserReply::SignIn {
                after,
                hint: None,
                fresh: fresh_since.is_some(),
            });
        };
        if !party.admits(who) {
            return self
                .saml_refuse(&party, &request, &origin, StatusRefusal::DENIED)
                .await;
        }
        let demand = self.saml_demand(&snapshot, &party, &request, who);
        if !demand.met_by(&who.session, self.clock.now()) {
            if request.passive {
                return self
                    .saml_refuse(&party, &request, &origin, StatusRefusal::NO_CONTEXT)
                    .await;
            }
            let after = self
                .saml_wait(&request, origin, fresh_since, visitor)
                .await?;
            return Ok(BrowserReply::Confirm(after, demand));
        }
        self.saml_answer(&party, &request, origin, who).await
    }

    /// `ForceAuthn`: the person must have proved themselves after the request came.
    fn force_since(&self, request: &SamlRequest) -> Option<Time> {
        let now = self.clock.now();
        request.force.then(|| now + Duration::from_millis(1))
    }

    /// By the rules of the service, as a launch would be judged, and by the request's own word.
    fn saml_demand(
        &self,
        snapshot: &Snapshot,
        party: &SamlParty,
        request: &SamlRequest,
        who: &SignedIn,
    ) -> Demand {
        let facts = Facts {
            user: &who.user,
            context: None,
        };
        let occasion = AssuranceOccasion::Entry {
            service: &party.service.slug,
        };
        demanded(&snapshot.assurance, &facts, occasion).and(Demand {
            second_factor: request.second_factor,
            max_age: None,
        })
    }

    async fn saml_wait(
        &self,
        request: &SamlRequest,
        origin: SamlRequestOrigin,
        fresh_since: Option<Time>,
        visitor: &Visitor,
    ) -> Result<After> {
        let id = match origin {
            SamlRequestOrigin::Waited { id, .. } => id,
            SamlRequestOrigin::New(once) => {
                let write = visitor.write(self.clock.now())?;
                self.keep_request(&write, request, &once, Some(visitor), fresh_since)
                    .await?
            }
        };
        Ok(After::Assert(id))
    }

    async fn keep_request(
        &self,
        write: &Write,
        request: &SamlRequest,
        once: &ReplayKey,
        visitor: Option<&Visitor>,
        fresh_since: Option<Time>,
    ) -> Result<SamlRequestId> {
        let now = self.clock.now();
        let id = SamlRequestId::new(now, &self.chance);
        let browser = visitor.map(|visitor| &visitor.browser);
        let mut tx = self.store.begin().await?;
        unseen(&mut tx, once).await?;
        tx.insert_saml_request(
            write,
            &id,
            browser,
            request,
            fresh_since,
            now + REQUEST_LIFE,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The assertion: signed off the async threads, then written down with the launch it lands and
    /// the party that knows the session from now on, in one transaction.
    async fn saml_answer(
        &self,
        party: &SamlParty<'_>,
        request: &SamlRequest,
        origin: SamlRequestOrigin,
        who: &SignedIn,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        let launch = self.launch_for(party, who, now).await?;
        let format = party.saml.format_for(request.name_id_format.as_deref());
        let context = request.context.clone();
        let (provider, saml) = (self.clone(), party.saml.clone());
        let (request_id, consumer) = (request.id.clone(), request.consumer.clone());
        let (someone, carried) = (who.clone(), launch.clone());
        let mail = self.catalog.snapshot().mail(&someone.user);
        let made = self.off_thread(move || {
            let answer = provider.to_party(&saml, &consumer, &request_id, now);
            let departed = carried.as_ref().and_then(|launch| match &launch.stage {
                Stage::Departed { departure, .. } => Some(departure),
                _ => None,
            });
            answer.vouch(&About {
                who: &someone,
                mail,
                format: format.unwrap_or(saml.name_id),
                context: context.as_deref().unwrap_or(context_of(&someone)),
                launch: carried
                    .as_ref()
                    .zip(departed)
                    .map(|(launch, departed)| CarriedLaunch {
                        id: &launch.id,
                        intent: &launch.ask.intent,
                        record: departed.context.as_ref(),
                    }),
            })
        });
        let made = made.await?;
        let Ok((response, at)) = made else {
            // The user has no name in this format: the one thing that can be missing is a mail
            // address.
            return self
                .saml_refuse(party, request, &origin, StatusRefusal::NAME_ID)
                .await;
        };
        let mut tx = self.store.begin().await?;
        used_up(&mut tx, &origin, now).await?;
        // A request may come back by the address of its sign-in; it is answered once all the same.
        let answered = ReplayKey {
            name: sha256(&format!("saml answer {} {}", request.party, request.id)),
            until: now + ANSWERED,
        };
        unseen(&mut tx, &answered).await?;
        tx.note_party_session(&at, now).await?;
        if let Some(launch) = &launch
            && !tx.land_launch(&launch.id, now).await?
        {
            // Another request was first; this one knows nothing of it.
            return Err(Error::AttemptExpired);
        }
        tx.commit().await?;
        Ok(back(party, request, response))
    }

    async fn launch_for(
        &self,
        party: &SamlParty<'_>,
        who: &SignedIn,
        now: Time,
    ) -> Result<Option<Launch>> {
        let place = (
            party.service.slug.as_str(),
            party.instance.slug.as_str(),
            request_init::NAME,
        );
        self.store
            .only_departed(&who.session.id, place, now - HANDLE_LIFE)
            .await
    }

    /// A signed no, to where the answer would have gone. One request, one answer.
    async fn saml_refuse(
        &self,
        party: &SamlParty<'_>,
        request: &SamlRequest,
        origin: &SamlRequestOrigin,
        why: StatusRefusal,
    ) -> Result<BrowserReply> {
        let now = self.clock.now();
        tracing::warn!(
            party = request.party,
            service = party.service.slug,
            status = why.inner,
            why = why.words(),
            "a service provider was answered with a no"
        );
        let (provider, saml) = (self.clone(), party.saml.clone());
        let (id, consumer) = (request.id.clone(), request.consumer.clone());
        let made =
            self.off_thread(move || provider.to_party(&saml, &consumer, &id, now).refuse(why));
        let made = made.await?;
        let response = made.map_err(|fault| Error::Internal(fault.to_string()))?;
        if let SamlRequestOrigin::New(once) = origin {
            let mut tx = self.store.begin().await?;
            unseen(&mut tx, once).await?;
            tx.commit().await?;
        }
        Ok(back(party, request, response))
    }

    fn to_party<'a>(
        &'a self,
        party: &'a ServiceProvider,
        consumer: &'a Address,
        request: &'a str,
        now: Time,
    ) -> AssertionReply<'a> {
        AssertionReply {
            issuer: &self.issuer,
            party,
            consumer,
            in_response_to: Some(request),
            keys: &self.keys,
            chance: &self.chance,
            now,
        }
    }
}

impl SamlParty<'_> {
    /// Open, and this person may see it.
    fn admits(&self, who: &SignedIn) -> bool {
        who.user.disabled_at.is_none()
            && self.service.disabled_at.is_none()
            && self.instance.disabled_at.is_none()
            && catalog::may_see(self.service, &who.user)
    }
}

/// One request, one answer (THREATS: replay): remembered in the transaction that keeps the answer.
async fn used_up(tx: &mut Tx, origin: &SamlRequestOrigin, now: Time) -> Result<()> {
    match origin {
        SamlRequestOrigin::New(once) => unseen(tx, once).await,
        SamlRequestOrigin::Waited { id, .. } if tx.take_saml_request(id, now).await? => Ok(()),
        SamlRequestOrigin::Waited { .. } => Err(Error::AttemptExpired),
    }
}

async fn unseen(tx: &mut Tx, once: &ReplayKey) -> Result<()> {
    match tx.remember_once(&once.name, once.until).await? {
        true => Ok(()),
        false => Err(judge::unreadable(&SamlFault::Claim(
            "it was answered before: please start again at the application",
        ))),
    }
}

fn party<'a>(snapshot: &'a Snapshot, entity: &str) -> Option<SamlParty<'a>> {
    let (service, instance, saml) = snapshot.service_provider(entity)?;
    Some(SamlParty {
        service,
        instance,
        saml,
    })
}

fn back(party: &SamlParty, request: &SamlRequest, response: String) -> BrowserReply {
    let relay = request.relay_state.clone();
    let relay = relay.map(|relay| ("RelayState", relay));
    BrowserReply::Back(AuthorizationReply {
        landing: Landing::post(
            request.consumer.url().clone(),
            [("SAMLResponse", response)].into_iter().chain(relay),
        ),
        client: party.instance.title.clone(),
    })
}
