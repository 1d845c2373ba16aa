//! Single logout, server to server (SAML 2.0 Profiles section 4.4.3.1, Bindings section 3.2): a
//! service provider posts its signed request, and receives the answer in the same exchange. No
//! browser is involved: a party that only a browser can notify is not notified, and the answer says
//! so.

use super::{
    Saml,
    receive::{LogoutMessageIn, MessageFault, ReceivedMessage},
};
use crate::{
    error::{Error, Result},
    handoff::assertion::entity_id,
    protocol::saml::{
        SamlFault,
        logout::{Ending, LogoutRequest, soap},
    },
};

/// The answer, in its envelope.
pub enum SoapReply {
    /// A signed answer.
    Answer(String),
    /// Why a request is refused: not signed by a known party, or old.
    Refused(String),
    /// Why the message cannot be parsed.
    Unreadable(String),
}

impl Saml<'_> {
    pub(super) fn soap_address(self) -> String {
        format!("{}/saml/slo/soap", self.0.issuer)
    }

    /// A logout request in its envelope.
    pub async fn logout_by_soap(self, envelope: Vec<u8>) -> Result<SoapReply> {
        let here = self.soap_address();
        let received = self
            .receive(ReceivedMessage::Soap(envelope), false, here)
            .await?;
        let answered = match received {
            Ok((issuer, LogoutMessageIn::Request(request))) => {
                self.answer_request(&issuer, &request).await
            }
            Ok((_, LogoutMessageIn::Response(_))) => {
                Err(Error::BadAsk("it is no request".to_owned()))
            }
            Err(MessageFault::Unreadable(fault)) => return Ok(unreadable(&fault)),
            Err(MessageFault::Refused(error)) => Err(error),
        };
        match answered {
            Err(why @ (Error::BadAsk(_) | Error::UnknownClient)) => {
                tracing::warn!(%why, "a logout by SOAP was refused");
                Ok(SoapReply::Refused(soap::fault(&why.to_string())))
            }
            answer => answer.map(SoapReply::Answer),
        }
    }

    async fn answer_request(self, issuer: &str, request: &LogoutRequest) -> Result<String> {
        let ending = self.carry_out(issuer, request).await?;
        let (provider, to) = (self.0.clone(), request.id.clone());
        self.0
            .off_thread(move || provider.saml().envelope(&to, ending))
            .await?
    }

    fn envelope(self, to: &str, ending: Ending) -> Result<String> {
        let (id, we) = (self.fresh_id(), entity_id(&self.0.issuer));
        let answer = self.sender(&id, &we, None).response(to, ending);
        let signed = answer.signed(&*self.0.keys.saml()?);
        let signed = signed.map_err(|fault| Error::Internal(fault.to_string()))?;
        Ok(soap::envelope(&signed))
    }
}

fn unreadable(fault: &SamlFault) -> SoapReply {
    tracing::warn!(why = %fault, "a logout by SOAP cannot be read");
    SoapReply::Unreadable(soap::fault(&fault.to_string()))
}
