//! From bytes to a verified request, or a sentence: the request is not of a known party, or not
//! from an address that may be answered.

use std::time::Duration;

use super::{ReplayKey, Saml, SamlRequest, party};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::sha256,
    model::service_provider::{CONTEXT_MFA, CONTEXT_PASSWORD, LONGEST_RELAY_STATE},
    protocol::{
        oauth::{ACR_ONE_FACTOR, ACR_TWO_FACTORS, Params},
        saml::{
            Address, SamlFault,
            asked::{AuthnAsk, Came, Comparison},
        },
    },
};

/// The maximum age of a request, and the maximum difference of clocks.
const FRESH: Duration = Duration::from_secs(300);

/// The verified content of a request.
struct VerifiedRequest {
    issuer: String,
    asked: AuthnAsk,
    consumer: Address,
}

impl Saml<'_> {
    pub(super) fn sign_on_address(self) -> String {
        format!("{}/saml/sso", self.0.issuer)
    }

    /// Reads and verifies off the async threads, once; `came` also decodes the message.
    pub(super) async fn judge(
        self,
        came: impl FnOnce() -> Result<Came, SamlFault> + Send + 'static,
        params: &Params,
    ) -> Result<(SamlRequest, ReplayKey)> {
        let provider = self.0.clone();
        let believed = self.0.off_thread(move || {
            let came = came().map_err(|fault| unreadable(&fault))?;
            provider.saml().verified(&came)
        });
        let VerifiedRequest {
            issuer,
            asked,
            consumer,
        } = believed.await??;
        let relay_state = relay_state(params)?;
        let once = ReplayKey {
            name: sha256(&format!("saml request {issuer} {}", asked.id)),
            until: Time::from_secs(asked.issued_at) + FRESH + FRESH,
        };
        let level = level(&asked);
        let is_possible = level.is_some();
        let (second_factor, context) = level.unwrap_or_default();
        let request = SamlRequest {
            party: issuer,
            id: asked.id,
            consumer,
            relay_state,
            force: asked.force,
            passive: asked.passive,
            name_id_format: asked.name_id_format,
            is_possible,
            second_factor,
            context,
        };
        Ok((request, once))
    }

    fn verified(self, came: &Came) -> Result<VerifiedRequest> {
        let bad = |fault: SamlFault| unreadable(&fault);
        let snapshot = self.0.catalog.snapshot();
        let issuer = came.claimed_issuer().map_err(bad)?;
        let party = party(&snapshot, issuer).ok_or(Error::UnknownClient)?;
        // The party is a registered one by now, so the admin is shown which.
        let bad = |fault: SamlFault| Error::BadAsk(format!("{issuer}: {fault}"));
        let metadata = &party.saml.metadata;
        let asked = came
            .read(&metadata.signing, party.saml.require_signed_requests)
            .map_err(bad)?;
        let consumer = metadata
            .consumer(asked.consumer.as_deref(), asked.consumer_index)
            .ok_or(Error::UnknownAddress)?;
        self.is_for_us_now(&asked).map_err(bad)?;
        Ok(VerifiedRequest {
            issuer: issuer.to_owned(),
            consumer: consumer.clone(),
            asked,
        })
    }

    /// Core section 3.2.1; a request is valid for minutes, whatever lifetime it states.
    fn is_for_us_now(self, asked: &AuthnAsk) -> Result<(), SamlFault> {
        let here = self.sign_on_address();
        if asked
            .destination
            .as_ref()
            .is_some_and(|there| *there != here)
        {
            return Err(SamlFault::Claim("the Destination is not this address"));
        }
        let now = self.0.clock.now();
        let issued = Time::from_secs(asked.issued_at);
        if issued > now + FRESH {
            return Err(SamlFault::Claim(
                "it is not valid yet: do the clocks agree?",
            ));
        }
        match issued + FRESH < now {
            true => Err(SamlFault::Claim("it is too old: please start again")),
            false => Ok(()),
        }
    }
}

/// Returned unchanged: it is opaque, and goes only to the registered address. Bindings section
/// 3.5.3 allows 80 bytes; many service providers send an address of their own.
pub(super) fn relay_state(params: &Params) -> Result<Option<String>> {
    match params.one("RelayState") {
        Some(long) if long.len() > LONGEST_RELAY_STATE => Err(Error::BadAsk(format!(
            "RelayState is longer than {LONGEST_RELAY_STATE} bytes"
        ))),
        relay => Ok(relay.map(str::to_owned)),
    }
}

/// The requested contexts: whether a second factor is required, and the name to answer with. `None`
/// if we can give none of them (Core section 3.3.2.2.1).
fn level(asked: &AuthnAsk) -> Option<(bool, Option<String>)> {
    if asked.contexts.is_empty() {
        return Some((false, None));
    }
    let known = asked
        .contexts
        .iter()
        .filter_map(|name| Some((strength(name)?, name)));
    let (strength, name) = known.min_by_key(|(strength, _)| *strength)?;
    match (asked.comparison, strength) {
        (Comparison::Exact, 1) => Some((false, Some(name.clone()))),
        (Comparison::Exact, _) => Some((true, Some(name.clone()))),
        (Comparison::Minimum, strength) => Some((strength > 1, None)),
        (Comparison::Better, 1) => Some((true, None)),
        (Comparison::Better, _) => None,
        (Comparison::Maximum, _) => Some((false, None)),
    }
}

fn strength(context: &str) -> Option<u8> {
    match context {
        CONTEXT_PASSWORD | ACR_ONE_FACTOR => Some(1),
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified" => Some(1),
        CONTEXT_MFA | ACR_TWO_FACTORS => Some(2),
        _ => None,
    }
}

pub(in crate::issuer) fn unreadable(fault: &SamlFault) -> Error {
    Error::BadAsk(fault.to_string())
}
