//! Single logout of one provider, in both directions (Profiles section 4.4).

use std::sync::Arc;

use url::Url;

use super::{SamlProvider, blocking, vouch::Secret};
use crate::{
    blocking::Blocking,
    clock::Time,
    model::service_provider::LONGEST_RELAY_STATE,
    protocol::{
        oauth::Params,
        saml::{
            Address, PrivateKey, SamlFault,
            binding::{Message, POST, REDIRECT, Redirected},
            logout::{
                Ending, LogoutRequest, LogoutResponse, MessageSource, Outgoing, Peer, Sender,
            },
            metadata::{Endpoint, Theirs},
        },
    },
    upstream::{LogoutMessage, OneTimeName, ProviderFailure, ProviderStep, Upstream, UpstreamWish},
};

/// A message to be sent from a thread that may block.
struct Sending {
    outgoing: Outgoing,
    binding: &'static str,
    address: Url,
    relay_state: Option<String>,
    keys: Arc<Vec<PrivateKey>>,
}

impl SamlProvider {
    /// The request to the identity provider to end the session there; `None` when it has no such
    /// address.
    pub(super) async fn ask_to_end(
        &self,
        upstream: &Upstream,
        wish: &UpstreamWish<'_>,
    ) -> Result<Option<ProviderStep>, ProviderFailure> {
        let secret = upstream
            .secret
            .as_deref()
            .map(serde_json::from_str::<Secret>);
        let Some(Ok(secret)) = secret else {
            return Ok(None);
        };
        let theirs = self.kept.theirs(&self.config, wish.now).await?;
        let Some(endpoint) = Theirs::endpoint(&theirs.logout, self.config.request_binding) else {
            return Ok(None);
        };
        let id = self.new_id();
        let sender = self.sender(&id, &endpoint.location, wish.now);
        let sending = Sending {
            outgoing: sender.request(&secret.name_id, secret.session.as_deref()),
            binding: endpoint.binding,
            address: endpoint.location.url().clone(),
            relay_state: Some(wish.state.to_owned()),
            keys: self.kept.keys(&self.config, wish.now).await?,
        };
        sending.step(&self.pool).await.map(Some)
    }

    /// Handles a request of theirs, or the answer to ours. As with responses, an unknown key causes
    /// a fetch of newer metadata.
    pub(super) async fn receive(
        &self,
        params: &Params,
        now: Time,
    ) -> Result<LogoutMessage, ProviderFailure> {
        let mut theirs = self.kept.theirs(&self.config, now).await?;
        let keys = self.kept.keys(&self.config, now).await?;
        let mut received = self.listen(params, &theirs, &keys, now).await?;
        if let Err(fault) = &received
            && fault.wants_newer_keys()
            && let Some(newer) = self.kept.newer(&self.config, &theirs, now).await
        {
            theirs = newer;
            received = self.listen(params, &theirs, &keys, now).await?;
        }
        let received =
            received.map_err(|fault| ProviderFailure::InvalidMessage(fault.to_string()))?;
        let binding = if params.raw().is_some() {
            REDIRECT
        } else {
            POST
        };
        let Some(request) = received else {
            return Ok(LogoutMessage::Answered);
        };
        let relay_state = params.one("RelayState");
        if relay_state.is_some_and(|text| text.len() > LONGEST_RELAY_STATE) {
            let why = format!("RelayState is longer than {LONGEST_RELAY_STATE} bytes");
            return Err(ProviderFailure::InvalidMessage(why));
        }
        let answer = self
            .answer(&request, &theirs, binding, relay_state, keys, now)
            .await?;
        Ok(ended(&self.config.entity_id, request, answer))
    }

    /// A request, or `None` for the answer to ours.
    async fn listen(
        &self,
        params: &Params,
        theirs: &Arc<Theirs>,
        keys: &Arc<Vec<PrivateKey>>,
        now: Time,
    ) -> Result<Result<Option<LogoutRequest>, SamlFault>, ProviderFailure> {
        let (message, posted) = match (params.one("SAMLRequest"), params.one("SAMLResponse")) {
            (Some(text), None) => (Message::Request, text.to_owned()),
            (None, Some(text)) => (Message::Response, text.to_owned()),
            _ => {
                return Err(ProviderFailure::InvalidMessage(
                    "there is not exactly one message".to_owned(),
                ));
            }
        };
        let raw = params.raw().map(str::to_owned);
        let (config, here, known, own) = (
            self.config.clone(),
            self.urls.logout(),
            theirs.clone(),
            keys.clone(),
        );
        blocking(&self.pool, move || {
            let peer = Peer {
                issuer: &config.entity_id,
                certificates: &known.signing,
                destination: &here,
                keys: &own,
                allow_cbc: config.allow_cbc,
                now: now.secs(),
                skew: config.skew_seconds(),
            };
            let carried = match raw {
                Some(query) => MessageSource::Redirect(Redirected::read(&query)?),
                None => MessageSource::Post(&posted),
            };
            match message {
                Message::Request => LogoutRequest::receive(&carried, &peer).map(Some),
                Message::Response => LogoutResponse::receive(&carried, &peer).map(|_| None),
            }
        })
        .await
    }

    /// Goes back by the binding of the request, if the provider supports it.
    async fn answer(
        &self,
        request: &LogoutRequest,
        theirs: &Theirs,
        binding: &str,
        relay_state: Option<&str>,
        keys: Arc<Vec<PrivateKey>>,
        now: Time,
    ) -> Result<Option<ProviderStep>, ProviderFailure> {
        let Some(endpoint) = Theirs::endpoint(&theirs.logout, binding) else {
            return Ok(None);
        };
        let address = back(endpoint);
        let id = self.new_id();
        let sending = Sending {
            outgoing: self
                .sender(&id, address, now)
                .response(&request.id, Ending::Whole),
            binding: endpoint.binding,
            address: address.url().clone(),
            relay_state: relay_state.map(str::to_owned),
            keys,
        };
        sending.step(&self.pool).await.map(Some)
    }

    fn sender<'a>(&'a self, id: &'a str, destination: &'a Address, now: Time) -> Sender<'a> {
        Sender {
            id,
            issued_at: now.secs(),
            issuer: &self.config.own_entity_id,
            destination: Some(destination),
        }
    }
}

fn back(endpoint: &Endpoint) -> &Address {
    endpoint
        .response_location
        .as_ref()
        .unwrap_or(&endpoint.location)
}

/// A single session if one is named; all of the user's if none is, or several are.
fn ended(entity: &str, request: LogoutRequest, answer: Option<ProviderStep>) -> LogoutMessage {
    let session = match request.sessions.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    LogoutMessage::Ended {
        subject: Some(request.name_id.value),
        session,
        once: vec![OneTimeName {
            name: format!("saml {entity} {}", request.id),
            until: Time::from_secs(request.until),
        }],
        answer,
    }
}

impl Sending {
    async fn step(self, pool: &Blocking) -> Result<ProviderStep, ProviderFailure> {
        let made = blocking(pool, move || self.signed()).await;
        made?.map_err(ProviderFailure::Down)
    }

    fn signed(self) -> Result<ProviderStep, String> {
        let key = self.keys.first().ok_or("there is no key of our own")?;
        let (outgoing, relay_state) = (&self.outgoing, self.relay_state.as_deref());
        if self.binding == REDIRECT {
            let url = outgoing.redirect(&self.address, relay_state, key);
            return url
                .map(ProviderStep::Redirect)
                .map_err(|fault| fault.to_string());
        }
        let message = outgoing.post(key).map_err(|fault| fault.to_string())?;
        let relay_state = relay_state.map(|state| ("RelayState", state.to_owned()));
        let fields = [(outgoing.parameter(), message)]
            .into_iter()
            .chain(relay_state);
        Ok(ProviderStep::Post {
            action: self.address,
            fields: fields.collect(),
        })
    }
}
