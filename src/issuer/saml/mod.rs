//! The SAML identity provider (SAML 2.0 Profiles section 4.1): metadata, the request, the answer. A
//! record reaches an assertion only through a launch: the one launch of this session that is on its
//! way to this instance. An unchanged service provider cannot return a handle; so if there are
//! several launches, none is taken, and the user arrives without a record rather than in the wrong
//! one.

mod judge;
mod logout;
mod notify;
mod receive;
mod soap;

use std::{sync::Arc, time::Duration};

pub(in crate::issuer) use self::judge::unreadable;
pub use self::{logout::SamlLogoutReply, soap::SoapReply};
use super::{
    Issuer, access,
    decide::{AppRequest, Denial},
    pending::{Arrival, Pending, ReplayKey},
    protocol::{LogoutNotice, Protocol},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    handoff::{
        Landing,
        assertion::{About, AssertionReply, CarriedLaunch, entity_id},
        request_init,
    },
    id::{PendingId, sha256},
    model::{
        allowance::ClientNetwork,
        assurance::Demand,
        launch::{HANDLE_LIFE, Launch, Stage},
        next::{Leaving, Next},
        party::PartySession,
        pending::REQUEST_LIFE,
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

/// The protocol's row.
pub(super) const PROTOCOL: Protocol = Protocol {
    logout: Some(LogoutNotice {
        kind: "saml",
        title: "protocol-saml",
        deliver: notify::deliver,
        frames: Some(notify::frames),
    }),
    ..Protocol::of::<SamlRequest>()
};

/// An answered request is stored for longer than a sign-in's address is valid.
const ANSWERED: Duration = Duration::from_secs(25 * 3600);

/// A service provider with the service it belongs to: closing either closes both.
pub(in crate::issuer) struct SamlParty<'a> {
    service: &'a Service,
    instance: &'a Instance,
    saml: &'a Arc<ServiceProvider>,
}

/// A signed response, the names by which the service provider knows user and session from then on,
/// and the launch that it lands.
pub(in crate::issuer) struct SamlAnswer {
    response: String,
    session: PartySession,
    launch: Option<Launch>,
}

/// The SAML identity provider's endpoints, and how service providers are notified of logouts.
#[derive(Clone, Copy)]
pub struct Saml<'a>(&'a Issuer);

impl Issuer {
    pub fn saml(&self) -> Saml<'_> {
        Saml(self)
    }
}

impl<'a> Saml<'a> {
    /// Whether any service uses SAML: if none does, its endpoints are closed.
    pub fn is_in_use(self) -> bool {
        self.0.catalog.snapshot().has_service_providers()
    }

    /// Our metadata, signed.
    pub async fn metadata(self) -> Result<String> {
        let provider = self.0.clone();
        self.0
            .off_thread(move || {
                let (key, others) = (provider.keys.saml()?, provider.keys.other_saml());
                let others: Vec<_> = others.iter().map(|key| &**key).collect();
                let ours = OurIdp {
                    entity_id: &entity_id(&provider.issuer),
                    sign_on: &provider.saml().sign_on_address(),
                    logout: &provider.saml().logout_address(),
                    logout_by_soap: &provider.saml().soap_address(),
                    key: &key,
                    others: &others,
                };
                ours.write()
                    .map_err(|fault| Error::Internal(fault.to_string()))
            })
            .await?
    }

    /// A request that a browser brought by redirect, with its cookies.
    pub async fn by_redirect(self, params: &Params, visitor: &Visitor) -> Result<Next> {
        // Its id is stored in any case; and nothing is read for a client over its limit.
        let _write = visitor.write(self.0.clock.now())?;
        let query = params.raw().unwrap_or_default().to_owned();
        let judged = self.judge(move || Came::by_redirect(&query), params);
        let (request, once) = judged.await?;
        let pending = Pending::new(request, Arrival::Once(once), self.0.clock.now());
        self.0.decide(pending, visitor).await
    }

    /// A request that came by a form of another site, without cookies: it is stored, and continues
    /// at our own address.
    pub async fn by_form(self, params: &Params, client: &ClientNetwork) -> Result<PendingId> {
        let message = params
            .one("SAMLRequest")
            .ok_or_else(|| Error::BadAsk("there is no SAMLRequest".to_owned()))?
            .to_owned();
        let write = client.write(self.0.clock.now())?;
        let judged = self.judge(move || Came::by_form(&message), params);
        let (request, once) = judged.await?;
        let pending = Pending::new(request, Arrival::Once(once), self.0.clock.now());
        self.0
            .keep_pending(&write, &pending, None, REQUEST_LIFE)
            .await
    }

    /// The assertion, signed off the async threads. The outer error is internal; the inner one
    /// means that the user has no name in the format: only a mail address can be missing.
    async fn sign_response(
        self,
        party: &SamlParty<'_>,
        request: &SamlRequest,
        who: &SignedIn,
        launch: Option<&Launch>,
    ) -> Result<Result<(String, PartySession), SamlFault>> {
        let now = self.0.clock.now();
        let format = party.saml.format_for(request.name_id_format.as_deref());
        let context = request.context.clone();
        let (issuer, saml) = (self.0.clone(), party.saml.clone());
        let (request_id, consumer) = (request.id.clone(), request.consumer.clone());
        let (who, carried) = (who.clone(), launch.cloned());
        let mail = self.0.catalog.snapshot().mail(&who.user);
        self.0
            .off_thread(move || {
                let answer = issuer.saml().to_party(&saml, &consumer, &request_id, now);
                let departed = carried.as_ref().and_then(|launch| match &launch.stage {
                    Stage::Departed { departure, .. } => Some(departure),
                    _ => None,
                });
                answer.vouch(&About {
                    who: &who,
                    mail,
                    format: format.unwrap_or(saml.name_id),
                    context: context.as_deref().unwrap_or(context_of(&who)),
                    launch: carried.as_ref().zip(departed).map(|(launch, departed)| {
                        CarriedLaunch {
                            id: &launch.id,
                            intent: &launch.ask.intent,
                            record: departed.context.as_ref(),
                        }
                    }),
                })
            })
            .await
    }

    async fn launch_for(
        self,
        party: &SamlParty<'_>,
        who: &SignedIn,
        now: Time,
    ) -> Result<Option<Launch>> {
        let place = (
            party.service.slug.as_str(),
            party.instance.slug.as_str(),
            request_init::NAME,
        );
        self.0
            .store
            .only_departed(&who.session.id, place, now - HANDLE_LIFE)
            .await
    }

    fn to_party(
        self,
        party: &'a ServiceProvider,
        consumer: &'a Address,
        request: &'a str,
        now: Time,
    ) -> AssertionReply<'a> {
        AssertionReply {
            issuer: &self.0.issuer,
            party,
            consumer,
            in_response_to: Some(request),
            keys: &self.0.keys,
            chance: &self.0.chance,
            now,
        }
    }
}

impl AppRequest for SamlRequest {
    const NAME: &'static str = "saml";
    type Party<'a> = SamlParty<'a>;
    type Answer = SamlAnswer;

    fn party<'a>(&self, _: &Issuer, snapshot: &'a Snapshot) -> Result<SamlParty<'a>> {
        party(snapshot, &self.party).ok_or(Error::UnknownClient)
    }

    fn check(&self, party: &Self::Party<'_>) -> Result<(), Denial> {
        if !self.is_possible {
            return Err(Denial::NoContext);
        }
        let format = party.saml.format_for(self.name_id_format.as_deref());
        format.map(drop).ok_or(Denial::NoName)
    }

    /// `ForceAuthn`: the user must have proved who they are after the request came.
    fn fresh_since(&self, asked_at: Time) -> Option<Time> {
        self.force.then(|| asked_at + Duration::from_millis(1))
    }

    fn is_passive(&self) -> bool {
        self.passive
    }

    fn check_access(
        &self,
        _: &Issuer,
        _: &Snapshot,
        party: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial> {
        access::check_access(party.service, party.instance, &who.user).map_err(Denial::NoAccess)
    }

    /// By the rules of the service, as for a launch, and by the request itself.
    fn demand(&self, snapshot: &Snapshot, party: &Self::Party<'_>, who: &SignedIn) -> Demand {
        access::required_assurance(snapshot, party.service, who).and(Demand {
            second_factor: self.second_factor,
            max_age: None,
        })
    }

    async fn prepare(
        &self,
        issuer: &Issuer,
        _: &Snapshot,
        party: &Self::Party<'_>,
        _: Time,
        who: &SignedIn,
    ) -> Result<Result<SamlAnswer, Denial>> {
        let launch = issuer
            .saml()
            .launch_for(party, who, issuer.clock.now())
            .await?;
        let signed = issuer
            .saml()
            .sign_response(party, self, who, launch.as_ref());
        Ok(match signed.await? {
            Ok((response, session)) => Ok(SamlAnswer {
                response,
                session,
                launch,
            }),
            Err(_) => Err(Denial::NoName),
        })
    }

    /// With the answer: the launch it lands, and the party that knows the session from now on.
    async fn keep(
        &self,
        issuer: &Issuer,
        tx: &mut Tx,
        party: &Self::Party<'_>,
        answer: SamlAnswer,
    ) -> Result<Leaving> {
        let now = issuer.clock.now();
        // A request may come back by the address of its sign-in; it is still answered once.
        let answered = ReplayKey {
            name: sha256(&format!("saml answer {} {}", self.party, self.id)),
            until: now + ANSWERED,
        };
        answered.remember(tx).await?;
        tx.note_party_session(&answer.session, now).await?;
        if let Some(launch) = &answer.launch
            && !tx.land_launch(&launch.id, now).await?
        {
            // Another request has landed the launch; this one has to start again without it.
            return Err(Error::AttemptExpired);
        }
        Ok(back(party, self, answer.response))
    }

    /// A signed refusal, sent to where the answer would have gone.
    async fn refuse(
        &self,
        issuer: &Issuer,
        party: &Self::Party<'_>,
        denial: Denial,
    ) -> Result<Leaving> {
        let now = issuer.clock.now();
        let why = in_words(&denial);
        tracing::warn!(
            party = self.party,
            service = party.service.slug,
            status = why.inner,
            why = why.words(),
            "a service provider was answered with a refusal"
        );
        let (signer, saml) = (issuer.clone(), party.saml.clone());
        let (id, consumer) = (self.id.clone(), self.consumer.clone());
        let made = issuer.off_thread(move || {
            signer
                .saml()
                .to_party(&saml, &consumer, &id, now)
                .refuse(why)
        });
        let response = made.await?;
        let response = response.map_err(|fault| Error::Internal(fault.to_string()))?;
        Ok(back(party, self, response))
    }
}

/// Core section 3.2.2.2.
fn in_words(denial: &Denial) -> StatusRefusal {
    match denial {
        Denial::NotSignedIn => StatusRefusal::NO_PASSIVE,
        Denial::MoreProof | Denial::NoContext => StatusRefusal::NO_CONTEXT,
        Denial::NoName => StatusRefusal::NAME_ID,
        Denial::NoAccess(_) | Denial::NoConsent | Denial::OtherUser(_) => StatusRefusal::DENIED,
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

fn back(party: &SamlParty, request: &SamlRequest, response: String) -> Leaving {
    let relay = request.relay_state.clone();
    let relay = relay.map(|relay| ("RelayState", relay));
    Leaving {
        landing: Landing::post(
            request.consumer.url().clone(),
            [("SAMLResponse", response)].into_iter().chain(relay),
        ),
        title: party.instance.title.clone(),
        is_vouched: true,
    }
}
