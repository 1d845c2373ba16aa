//! The address of our sign-in for a user at a gateway, and the return: the requested page, in a
//! seal that only we can make. A long address does not fit into an address of ours (gateways and
//! servers limit those to some 4 kB); it is stored as a pending request, and the seal names it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    super::{
        decide::AppRequest,
        pending::{Arrival, Pending},
    },
    Gateways,
    place::ForwardAuthInstance,
};
use crate::{
    error::{Error, Result},
    id::PendingId,
    model::{
        allowance::{ClientNetwork, Write},
        attempt::LocalPath,
        forward_auth::GatewayRequest,
    },
    protocol::gateway::Requested,
};

/// A user who was sent to sign in may take this long, and is still returned to the page.
const RETURN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A long address is kept this long.
const KEPT_LIFE: Duration = Duration::from_secs(2 * 3600);
/// The purpose the return state is sealed for. It is part of addresses in use.
const PURPOSE: &str = "gateway knock";

/// A user on the way to a page: the seal's content.
#[derive(Serialize, Deserialize)]
pub(super) struct ReturnState {
    /// Empty in a seal of the previous release.
    #[serde(default)]
    service: String,
    pub instance: String,
    /// Path and query at the instance's host.
    target: String,
    /// The row of the target, where that is too long for an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<PendingId>,
    until: i64,
}

impl Gateways<'_> {
    /// The sign-in address for a user whom the gateway of this service refused. A long address is
    /// kept, which counts as an anonymous write; for a network that has written too much none is
    /// kept, and the user returns to the instance's front page.
    pub async fn sign_in_address(
        self,
        service: &str,
        asked: &Requested,
        client: &ClientNetwork,
    ) -> Result<Url> {
        let snapshot = self.0.catalog.snapshot();
        let gate = ForwardAuthInstance::of(&snapshot, service, asked)?;
        let now = self.0.clock.now();
        let mut state = ReturnState {
            service: gate.service.slug.clone(),
            instance: gate.instance.slug.clone(),
            target: asked.target.clone(),
            kept: None,
            until: (now + RETURN_LIFE).secs(),
        };
        if let Some(url) = self.address_of(&state)? {
            return Ok(url);
        }
        if let Ok(write) = client.write(now) {
            state.kept = self.kept(&write, &state).await?;
        }
        "/".clone_into(&mut state.target);
        let url = self.address_of(&state)?;
        url.ok_or_else(|| Error::Internal("the way in is too long".to_owned()))
    }

    /// Keeps a target, unless it is too long for that as well.
    async fn kept(self, write: &Write, state: &ReturnState) -> Result<Option<PendingId>> {
        let request = GatewayRequest {
            service: state.service.clone(),
            at: self.seal(state)?,
        };
        let pending = Pending::new(request, Arrival::New, self.0.clock.now());
        match self.0.keep_pending(write, &pending, None, KEPT_LIFE).await {
            Err(Error::TooLarge) => Ok(None),
            kept => kept.map(Some),
        }
    }

    fn seal(self, state: &ReturnState) -> Result<String> {
        let text = serde_json::to_vec(state).map_err(|error| Error::Internal(error.to_string()))?;
        self.0.keys.purpose(PURPOSE).seal(&text)
    }

    /// The sign-in address, if a user who must sign in first can be brought back to it.
    fn address_of(self, state: &ReturnState) -> Result<Option<Url>> {
        let path = sign_in_path(&state.service, &self.seal(state)?);
        if LocalPath::of(&path).as_str() != path {
            return Ok(None);
        }
        let url = Url::parse(&format!("{}{path}", self.0.issuer));
        url.map(Some)
            .map_err(|_| Error::Internal("the issuer is no address".to_owned()))
    }

    fn open(self, sealed: &str) -> Option<ReturnState> {
        let text = self.0.keys.purpose(PURPOSE).open(sealed)?;
        serde_json::from_slice(&text).ok()
    }

    /// The destination of a request; of this service only.
    pub(super) fn state_of(self, request: &GatewayRequest) -> Result<ReturnState> {
        let state = self.open(&request.at);
        let is_here =
            |state: &ReturnState| state.service.is_empty() || state.service == request.service;
        let state = state.filter(is_here);
        state.ok_or_else(|| Error::Invalid("the way in".to_owned()))
    }

    /// Path and query of the page. If these have expired, the user comes to the front page of the
    /// instance.
    pub(super) async fn target_of(self, state: ReturnState) -> Result<String> {
        let now = self.0.clock.now();
        if now.secs() >= state.until {
            return Ok("/".to_owned());
        }
        let Some(id) = &state.kept else {
            return Ok(state.target);
        };
        let kept = self.0.store.kept_request(id, GatewayRequest::NAME, now);
        let target = kept.await?.and_then(|kept| self.target_in(&kept));
        Ok(target.unwrap_or(state.target))
    }

    /// The target in a row; in a row of the previous release it is not sealed.
    fn target_in(self, kept: &Value) -> Option<String> {
        let text = |name| kept.get(name).and_then(Value::as_str);
        match text("at") {
            Some(sealed) => self.open(sealed).map(|state| state.target),
            None => text("target").map(str::to_owned),
        }
    }
}

/// The sign-in path of a service, with a seal.
fn sign_in_path(service: &str, sealed: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("at", sealed)
        .finish();
    format!("/forward-auth/{service}/enter?{query}")
}
