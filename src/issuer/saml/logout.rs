//! Single logout with service providers (SAML 2.0 Profiles section 4.4). Logout requests to us: the
//! session ends here, all other parties are notified, and the answer says whether all were. Our own
//! requests are in `notify.rs`.

use std::time::Duration;

use super::{
    Saml,
    judge::relay_state,
    receive::{LogoutMessageIn, ReceivedMessage},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    handoff::{Landing, assertion::entity_id},
    id::{SessionId, sha256},
    model::{
        event::{Actor, EventKind, Target},
        notice::{LogoutDelivery, NoticeOutcome},
        party::PartyKind,
    },
    protocol::{
        oauth::Params,
        saml::{
            Address, SamlFault,
            binding::REDIRECT,
            logout::{Ending, LogoutRequest, Sender},
            metadata::Theirs,
        },
    },
};

/// The most a service provider's logout request waits.
const PATIENCE: Duration = Duration::from_secs(6);

/// The answer to the sender of a logout message.
pub enum SamlLogoutReply {
    /// Its answer, by the binding it takes.
    Answer(Landing),
    /// It was an answer to us, which gets none.
    Received,
}

impl Saml<'_> {
    pub(super) fn logout_address(self) -> String {
        format!("{}/saml/slo", self.0.issuer)
    }

    /// A logout message at our address, by redirect or form.
    pub async fn logout(self, params: &Params) -> Result<SamlLogoutReply> {
        let relay_state = relay_state(params)?;
        let (brought, is_answer) = ReceivedMessage::of(params)?;
        let received = self.receive(brought, is_answer, self.logout_address());
        let (issuer, message) = received.await??;
        match message {
            LogoutMessageIn::Response(answer) => {
                self.logout_answered(&issuer, &answer).await?;
                Ok(SamlLogoutReply::Received)
            }
            LogoutMessageIn::Request(request) => {
                let ending = self.carry_out(&issuer, &request).await?;
                self.reply(issuer, request.id, relay_state, ending).await
            }
        }
    }

    /// Executes a verified request, and waits a while for all other parties to be notified.
    pub(super) async fn carry_out(self, issuer: &str, request: &LogoutRequest) -> Result<Ending> {
        let sessions = self.end_sessions(issuer, request).await?;
        let subject = &request.name_id.value;
        if sessions.is_empty() && !self.0.store.is_subject_at_party(issuer, subject).await? {
            return Ok(Ending::UnknownUser);
        }
        let delivered = tokio::time::timeout(PATIENCE, self.0.logouts().deliver_due()).await;
        match matches!(delivered, Ok(Ok(()))) && self.others_notified(&sessions, issuer).await? {
            true => Ok(Ending::Whole),
            false => Ok(Ending::Partial),
        }
    }

    /// Ends the sessions a request names; its sender is not notified of them.
    async fn end_sessions(self, issuer: &str, request: &LogoutRequest) -> Result<Vec<SessionId>> {
        let now = self.0.clock.now();
        let (subject, indexes) = (&request.name_id.value, &request.sessions);
        let known = self
            .0
            .store
            .sessions_at_party(issuer, subject, indexes, now)
            .await?;
        let name = sha256(&format!("saml logout {issuer} {}", request.id));
        let mut tx = self.0.store.begin().await?;
        if !tx
            .remember_once(&name, Time::from_secs(request.until))
            .await?
        {
            return Err(Error::BadAsk("the message was used before".to_owned()));
        }
        for at in &known {
            if tx.end_session(&at.session, now).await? {
                let event = self
                    .0
                    .events
                    .by(Actor::Client(issuer.to_owned()), EventKind::SessionEnded)
                    .in_session(&at.session)
                    .about(Target::session(&at.session))
                    .with("reason", "single_logout");
                tx.record(&event).await?;
            }
            match indexes.as_slice() {
                [] => tx.end_assertions(at, None, now).await?,
                indexes => {
                    for index in indexes {
                        tx.end_assertions(at, Some(index), now).await?;
                    }
                }
            }
            // Assertions that it was given and did not name are still to be ended there.
            if !tx.has_given(at).await? {
                tx.insert_settled_notice(at, now).await?;
            }
        }
        tx.commit().await?;
        Ok(known.into_iter().map(|at| at.session).collect())
    }

    /// Whether all parties were notified, except the requester, which has ended its own sessions.
    async fn others_notified(self, sessions: &[SessionId], requester: &str) -> Result<bool> {
        for session in sessions {
            let notices = self.0.store.notices_of(session).await?;
            let is_open = |one: &LogoutDelivery| {
                let is_requester = one.at.kind == PartyKind::SAML && one.at.party == requester;
                !is_requester && one.outcome != NoticeOutcome::Confirmed
            };
            if notices.iter().any(is_open) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn reply(
        self,
        party: String,
        to: String,
        relay_state: Option<String>,
        ending: Ending,
    ) -> Result<SamlLogoutReply> {
        let provider = self.0.clone();
        self.0
            .off_thread(move || {
                provider
                    .saml()
                    .logout_reply(&party, &to, relay_state.as_deref(), ending)
            })
            .await?
    }

    fn logout_reply(
        self,
        party: &str,
        to: &str,
        relay_state: Option<&str>,
        ending: Ending,
    ) -> Result<SamlLogoutReply> {
        let snapshot = self.0.catalog.snapshot();
        let (_, _, party) = snapshot
            .service_provider(party)
            .ok_or(Error::UnknownClient)?;
        let endpoint = Theirs::endpoint(&party.metadata.logout, REDIRECT).ok_or_else(|| {
            Error::BadAsk("there is no SingleLogoutService to answer at".to_owned())
        })?;
        let at = endpoint
            .response_location
            .as_ref()
            .unwrap_or(&endpoint.location);
        let (id, issuer) = (self.fresh_id(), entity_id(&self.0.issuer));
        let answer = self.sender(&id, &issuer, Some(at)).response(to, ending);
        let wrong = |fault: SamlFault| Error::Internal(fault.to_string());
        let key = &*self.0.keys.saml()?;
        Ok(SamlLogoutReply::Answer(match endpoint.binding {
            REDIRECT => {
                let url = answer.redirect(at, relay_state, key).map_err(wrong)?;
                Landing::Redirect(url)
            }
            _ => {
                let relay = relay_state.map(|relay| ("RelayState", relay.to_owned()));
                let response = answer.post(key).map_err(wrong)?;
                let fields = [(answer.parameter(), response)].into_iter().chain(relay);
                Landing::post(at.url().clone(), fields)
            }
        }))
    }

    pub(super) fn sender<'a>(
        self,
        id: &'a str,
        issuer: &'a str,
        destination: Option<&'a Address>,
    ) -> Sender<'a> {
        Sender {
            id,
            issued_at: self.0.clock.now().secs(),
            issuer,
            destination,
        }
    }

    pub(super) fn fresh_id(self) -> String {
        let random: [u8; 16] = self.0.chance.bytes();
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("_{hex}")
    }
}
