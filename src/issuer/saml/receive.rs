//! Receiving a logout message: parsed and verified once, off the async threads.

use super::Saml;
use crate::{
    error::{Error, Result},
    model::service_provider::ServiceProvider,
    protocol::{
        oauth::Params,
        saml::{
            SamlFault,
            binding::Redirected,
            logout::{LogoutRequest, LogoutResponse, MessageSource, Peer},
        },
    },
};

/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// The message as it was received.
pub(super) enum ReceivedMessage {
    /// The text of a query.
    Redirect(String),
    Form(String),
    Soap(Vec<u8>),
}

/// The content of a verified message.
pub(super) enum LogoutMessageIn {
    Request(LogoutRequest),
    Response(LogoutResponse),
}

/// Why a message is refused.
pub(super) enum MessageFault {
    /// It cannot be parsed.
    Unreadable(SamlFault),
    /// Not signed by a known party, or not for us, or old.
    Refused(Error),
}

impl From<MessageFault> for Error {
    fn from(unheard: MessageFault) -> Self {
        match unheard {
            MessageFault::Unreadable(fault) => Error::BadAsk(fault.to_string()),
            MessageFault::Refused(error) => error,
        }
    }
}

impl ReceivedMessage {
    /// A message that a browser sent by redirect or form, and whether it is an answer.
    pub(super) fn of(params: &Params) -> Result<(Self, bool)> {
        let (request, response) = (params.one("SAMLRequest"), params.one("SAMLResponse"));
        let text = request.or(response).ok_or_else(|| {
            let missing = SamlFault::Shape("there is no SAML message");
            Error::BadAsk(missing.to_string())
        })?;
        let is_signed_beside = params.one("SigAlg").is_some() || params.one("Signature").is_some();
        let brought = match params.raw().filter(|_| is_signed_beside) {
            Some(query) => ReceivedMessage::Redirect(query.to_owned()),
            None => ReceivedMessage::Form(text.to_owned()),
        };
        Ok((brought, response.is_some()))
    }

    fn carried(&self) -> Result<MessageSource<'_>, SamlFault> {
        Ok(match self {
            ReceivedMessage::Redirect(query) => MessageSource::Redirect(Redirected::read(query)?),
            ReceivedMessage::Form(message) => MessageSource::Post(message),
            ReceivedMessage::Soap(envelope) => MessageSource::Soap(envelope),
        })
    }
}

impl Saml<'_> {
    /// The sender, and the content.
    pub(super) async fn receive(
        self,
        brought: ReceivedMessage,
        is_answer: bool,
        here: String,
    ) -> Result<Result<(String, LogoutMessageIn), MessageFault>> {
        let provider = self.0.clone();
        self.0
            .off_thread(move || provider.saml().verify_logout(&brought, is_answer, &here))
            .await
    }

    fn verify_logout(
        self,
        brought: &ReceivedMessage,
        is_answer: bool,
        here: &str,
    ) -> Result<(String, LogoutMessageIn), MessageFault> {
        let carried = brought.carried().map_err(MessageFault::Unreadable)?;
        let opened = carried.open().map_err(MessageFault::Unreadable)?;
        let issuer = opened.claimed_issuer().map_err(MessageFault::Unreadable)?;
        let snapshot = self.0.catalog.snapshot();
        let (_, _, party) = snapshot
            .service_provider(issuer)
            .ok_or(MessageFault::Refused(Error::UnknownClient))?;
        let peer = self.peer(party, here);
        let message = match is_answer {
            true => LogoutResponse::read(&opened, &peer).map(LogoutMessageIn::Response),
            false => LogoutRequest::of(&opened, &peer).map(LogoutMessageIn::Request),
        };
        // The party is a registered one by now, so the admin is shown which.
        let refused =
            |fault: SamlFault| MessageFault::Refused(Error::BadAsk(format!("{issuer}: {fault}")));
        Ok((issuer.to_owned(), message.map_err(refused)?))
    }

    fn peer<'a>(self, party: &'a ServiceProvider, here: &'a str) -> Peer<'a> {
        Peer {
            issuer: party.entity_id(),
            certificates: &party.metadata.signing,
            destination: here,
            keys: &[],
            allow_cbc: false,
            now: self.0.clock.now().secs(),
            skew: SKEW,
        }
    }
}
