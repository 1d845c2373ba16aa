//! Single logout machine to machine (SAML 2.0 Profiles section 4.4.3.1, Bindings section 3.2): a
//! service provider posts its signed request, and has the answer in the same exchange. No browser
//! is here: whoever only a browser can tell is not told, and the answer says so.

use super::super::Provider;
use crate::{
    error::{Error, Result},
    handoff::assertion::entity_id,
    protocol::saml::logout::{Carried, LogoutRequest, soap},
};

/// What goes back, in its envelope.
pub enum Spoken {
    /// A signed answer.
    Answer(String),
    /// Why a request is not listened to: nobody we know signed it, or it is old.
    Refused(String),
    /// Why what came is no request.
    Unreadable(String),
}

impl Provider {
    pub(super) fn saml_soap_address(&self) -> String {
        format!("{}/saml/slo/soap", self.issuer)
    }

    /// A logout request in its envelope.
    pub async fn saml_logout_by_soap(&self, envelope: &[u8]) -> Result<Spoken> {
        let carried = Carried::Soap(envelope);
        let issuer = match carried.claimed_issuer() {
            Ok(issuer) => issuer,
            Err(fault) => return Ok(Spoken::Unreadable(soap::fault(&fault.to_string()))),
        };
        match self.spoken_to(&issuer, &carried).await {
            Err(why @ (Error::BadAsk(_) | Error::UnknownClient)) => {
                tracing::warn!(%why, "a logout by SOAP was refused");
                Ok(Spoken::Refused(soap::fault(&why.to_string())))
            }
            answer => answer.map(Spoken::Answer),
        }
    }

    async fn spoken_to(&self, issuer: &str, carried: &Carried<'_>) -> Result<String> {
        let snapshot = self.catalog.snapshot();
        let (_, _, party) = snapshot
            .service_provider(issuer)
            .ok_or(Error::UnknownClient)?;
        let here = self.saml_soap_address();
        let request = LogoutRequest::receive(carried, &self.peer(party, &here))
            .map_err(|fault| Error::BadAsk(fault.to_string()))?;
        let ending = self.saml_asked(issuer, &request).await?;
        let (id, we) = (self.saml_id(), entity_id(&self.issuer));
        let answer = self.sender(&id, &we, None).response(&request.id, ending);
        let signed = answer.signed(&*self.keys.saml()?);
        let signed = signed.map_err(|fault| Error::Internal(fault.to_string()))?;
        Ok(soap::envelope(&signed))
    }
}
