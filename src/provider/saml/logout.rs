//! Single logout with service providers (SAML 2.0 Profiles section 4.4). One asks us: its session
//! ends here, everybody else hears of it, and it is told honestly whether all have. We ask them: by
//! SOAP where they take it, else through the browser, whose frame brings their answer back here.

use std::time::Duration;

use url::Url;

use super::super::{Provider, notice::Telling};
use crate::{
    clock::Time,
    error::{Error, Result},
    handoff::{
        Landing,
        assertion::{entity_id, transient_sector},
    },
    id::{SessionId, sha256},
    model::{
        event::{Event, EventKind},
        notice::{Notice, Outcome},
        party::{PartyKind, PartySession},
        service_provider::{NameFormat, ServiceProvider},
    },
    net::Request,
    protocol::{
        oauth::Params,
        saml::{
            Fault, NameId,
            binding::{REDIRECT, Redirected},
            logout::{Carried, Ending, LogoutRequest, LogoutResponse, Peer, Sender, soap},
            metadata::{Endpoint, Theirs},
        },
    },
};

/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;
/// What somebody else's logout waits for, at most.
const PATIENCE: Duration = Duration::from_secs(6);

/// What the sender of a logout message gets.
pub enum Goodbye {
    /// Its answer, by the binding it takes.
    Answer(Landing),
    /// It answered us; there is nothing to say to that.
    Heard,
}

impl Provider {
    pub(super) fn saml_logout_address(&self) -> String {
        format!("{}/saml/slo", self.issuer)
    }

    /// A logout message at our address, by redirect or form.
    pub async fn saml_logout(&self, params: &Params) -> Result<Goodbye> {
        let refused = |fault: Fault| Error::BadAsk(fault.to_string());
        let carried = carried(params).map_err(refused)?;
        let issuer = carried.claimed_issuer().map_err(refused)?;
        let snapshot = self.catalog.snapshot();
        let (_, _, party) = snapshot
            .service_provider(&issuer)
            .ok_or(Error::UnknownClient)?;
        let here = self.saml_logout_address();
        let peer = self.peer(party, &here);
        if params.one("SAMLResponse").is_some() {
            let answer = LogoutResponse::receive(&carried, &peer).map_err(refused)?;
            self.saml_answered(&issuer, &answer).await?;
            return Ok(Goodbye::Heard);
        }
        let request = LogoutRequest::receive(&carried, &peer).map_err(refused)?;
        let ending = self.saml_asked(&issuer, &request).await?;
        self.saml_reply(party, &request.id, params.one("RelayState"), ending)
    }

    pub(super) fn peer<'a>(&self, party: &'a ServiceProvider, here: &'a str) -> Peer<'a> {
        Peer {
            issuer: party.entity_id(),
            certificates: &party.metadata.signing,
            destination: here,
            keys: &[],
            allow_cbc: false,
            now: self.clock.now().secs(),
            skew: SKEW,
        }
    }

    /// Does what a believed request asks for, and waits a while for everybody else to be told.
    pub(super) async fn saml_asked(&self, issuer: &str, request: &LogoutRequest) -> Result<Ending> {
        let sessions = self.saml_ended(issuer, request).await?;
        let subject = &request.name_id.value;
        if sessions.is_empty() && !self.store.is_subject_at_party(issuer, subject).await? {
            return Ok(Ending::Nobody);
        }
        let told = tokio::time::timeout(PATIENCE, self.tell()).await;
        match matches!(told, Ok(Ok(()))) && self.all_told(&sessions).await? {
            true => Ok(Ending::Whole),
            false => Ok(Ending::Partial),
        }
    }

    /// Ends the sessions a request names; its sender needs no telling.
    async fn saml_ended(&self, issuer: &str, request: &LogoutRequest) -> Result<Vec<SessionId>> {
        let now = self.clock.now();
        let (subject, indexes) = (&request.name_id.value, &request.sessions);
        let known = self
            .store
            .sessions_at_party(issuer, subject, indexes, now)
            .await?;
        let name = sha256(&format!("saml logout {issuer} {}", request.id));
        let mut tx = self.store.begin().await?;
        if !tx
            .remember_once(&name, Time::from_secs(request.until))
            .await?
        {
            return Err(Error::BadAsk("the message was used before".to_owned()));
        }
        for at in &known {
            if tx.end_session(&at.session, now).await? {
                let event = Event {
                    session: Some(at.session.clone()),
                    detail: Some(format!("{issuer}: single logout")),
                    ..self.events.bare(EventKind::SessionEnded)
                };
                tx.insert_event(&event).await?;
            }
            tx.insert_settled_notice(at, now).await?;
        }
        tx.commit().await?;
        Ok(known.into_iter().map(|at| at.session).collect())
    }

    async fn all_told(&self, sessions: &[SessionId]) -> Result<bool> {
        for session in sessions {
            let notices = self.store.notices_of(session).await?;
            if notices.iter().any(|one| one.outcome != Outcome::Confirmed) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn saml_reply(
        &self,
        party: &ServiceProvider,
        to: &str,
        relay_state: Option<&str>,
        ending: Ending,
    ) -> Result<Goodbye> {
        let endpoint = Theirs::endpoint(&party.metadata.logout, REDIRECT).ok_or_else(|| {
            Error::BadAsk("there is no SingleLogoutService to answer at".to_owned())
        })?;
        let at = endpoint
            .response_location
            .as_ref()
            .unwrap_or(&endpoint.location);
        let (id, issuer) = (self.saml_id(), entity_id(&self.issuer));
        let answer = self.sender(&id, &issuer, Some(at)).response(to, ending);
        let wrong = |fault: Fault| Error::Internal(fault.to_string());
        let key = &*self.keys.saml()?;
        Ok(Goodbye::Answer(match endpoint.binding {
            REDIRECT => {
                let url = answer.redirect(at, relay_state, key).map_err(wrong)?;
                Landing::Redirect(url)
            }
            _ => {
                let relay = relay_state.map(|relay| ("RelayState", relay.to_owned()));
                let response = answer.post(key).map_err(wrong)?;
                let fields = [(answer.parameter(), response)].into_iter().chain(relay);
                Landing::post(at.clone(), fields)
            }
        }))
    }

    /// A service provider's word on a request that its frame in the browser brought it.
    async fn saml_answered(&self, issuer: &str, answer: &LogoutResponse) -> Result<()> {
        let asked = self.store.asked_notices(PartyKind::Saml, issuer).await?;
        let meant = |notice: &&Notice| {
            answer.in_response_to.as_deref() == Some(request_id(&notice.at).as_str())
        };
        let Some(notice) = asked.iter().find(meant) else {
            return Ok(());
        };
        let told = match answer.is_complete {
            true => Telling::Confirmed,
            false => Telling::Partly,
        };
        self.settle(notice, told).await
    }

    /// Tells a service provider by SOAP; where it takes none, only the browser can.
    pub(in crate::provider) async fn tell_saml(&self, notice: &Notice) -> Telling {
        let snapshot = self.catalog.snapshot();
        let Some((_, _, party)) = snapshot.service_provider(&notice.at.party) else {
            return Telling::Impossible;
        };
        let Some(url) = &party.metadata.logout_by_soap else {
            return match party.metadata.logout.is_empty() {
                true => Telling::Impossible,
                false => Telling::Browser,
            };
        };
        let message = match self.saml_request_for(party, notice, url) {
            Ok(message) => message,
            Err(fault) => return Telling::Failed(fault.to_string()),
        };
        let request = Request {
            body: message.into_bytes(),
            ..Request::form(url, [])
        };
        let request = Request {
            headers: vec![
                (
                    "content-type".to_owned(),
                    "text/xml; charset=utf-8".to_owned(),
                ),
                (
                    "soapaction".to_owned(),
                    "http://www.oasis-open.org/committees/security".to_owned(),
                ),
            ],
            ..request
        };
        match self.net.send(request).await {
            Ok(reply) if reply.status == 200 => {
                let keys = &party.metadata.signing;
                match soap::answer(&reply.body, &notice.at.party, keys, &request_id(&notice.at)) {
                    Ok(true) => Telling::Confirmed,
                    Ok(false) => Telling::Partly,
                    Err(fault) => Telling::Failed(fault.to_string()),
                }
            }
            Ok(reply) => Telling::Failed(format!("it answered {}", reply.status)),
            Err(error) => error.into(),
        }
    }

    fn saml_request_for(
        &self,
        party: &ServiceProvider,
        notice: &Notice,
        url: &Url,
    ) -> Result<String, Fault> {
        let (id, issuer) = (request_id(&notice.at), entity_id(&self.issuer));
        let key = self
            .keys
            .saml()
            .map_err(|_| Fault::Signature("there is no key"))?;
        let sender = self.sender(&id, &issuer, Some(url));
        let request = sender.request(&self.name_id(party, notice), notice.at.index.as_deref());
        Ok(soap::envelope(&request.signed(&key)?))
    }

    /// The address of a frame that asks a service provider in the person's browser.
    pub(in crate::provider) fn saml_frame(&self, notice: &Notice) -> Option<Url> {
        let snapshot = self.catalog.snapshot();
        let (_, _, party) = snapshot.service_provider(&notice.at.party)?;
        let redirects = |one: &&Endpoint| one.binding == REDIRECT;
        let url = &party.metadata.logout.iter().find(redirects)?.location;
        let (id, issuer) = (request_id(&notice.at), entity_id(&self.issuer));
        let sender = self.sender(&id, &issuer, Some(url));
        let request = sender.request(&self.name_id(party, notice), notice.at.index.as_deref());
        request.redirect(url, None, &*self.keys.saml().ok()?).ok()
    }

    pub(super) fn sender<'a>(
        &self,
        id: &'a str,
        issuer: &'a str,
        destination: Option<&'a Url>,
    ) -> Sender<'a> {
        Sender {
            id,
            issued_at: self.clock.now().secs(),
            issuer,
            destination,
        }
    }

    /// As the party was told it (Core section 3.7.1: the same NameID): a request may have asked for
    /// another format than the party's usual one.
    fn name_id(&self, party: &ServiceProvider, notice: &Notice) -> NameId {
        let at = &notice.at;
        let is = |sector: &str| at.subject == self.keys.pairwise(sector, &notice.user);
        let format = match party.name_id {
            _ if is(&at.party) => NameFormat::Persistent,
            _ if is(&transient_sector(&at.party, &at.session)) => NameFormat::Transient,
            usual => usual,
        };
        let qualified = format == NameFormat::Persistent;
        NameId {
            value: at.subject.clone(),
            format: Some(format.uri().to_owned()),
            name_qualifier: qualified.then(|| entity_id(&self.issuer)),
            sp_name_qualifier: qualified.then(|| at.party.clone()),
        }
    }

    pub(super) fn saml_id(&self) -> String {
        let random: [u8; 16] = self.chance.bytes();
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("_{hex}")
    }
}

/// The id of our logout request for a session at a party: what its answer will name.
fn request_id(at: &PartySession) -> String {
    let text = format!("{}\n{}\n{}", at.session, at.party, at.subject);
    format!("_{}", sha256(&text))
}

fn carried(params: &Params) -> Result<Carried<'_>, Fault> {
    if params.one("SigAlg").is_some() || params.one("Signature").is_some() {
        return Ok(Carried::Redirect(Redirected::read(
            params.raw().unwrap_or_default(),
        )?));
    }
    let message = params.one("SAMLRequest").or(params.one("SAMLResponse"));
    message
        .map(Carried::Post)
        .ok_or(Fault::Shape("there is no SAML message"))
}
