//! The way from a gateway to our sign-in and back: the page the user asked for, in a seal that only
//! we can make. A long address does not fit into an address of ours (gateways and servers give it
//! some 4 kB); it is kept as a request that waits for its user, and the seal names it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    super::pending::{Arrival, Pending},
    Gateways,
    place::ForwardAuthInstance,
};
use crate::{
    error::{Error, Result},
    id::PendingId,
    model::{allowance::ClientNetwork, attempt::LocalPath, forward_auth::GatewayRequest},
    protocol::gateway::Requested,
};

/// A user who was sent to sign in may take this long, and still comes to their page.
const RETURN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A long address is kept this long.
const KEPT_LIFE: Duration = Duration::from_secs(2 * 3600);
/// The purpose the return state is sealed for. It is part of addresses that are under way.
const PURPOSE: &str = "gateway knock";

/// A user on the way to a page: the seal's content.
#[derive(Serialize, Deserialize)]
struct ReturnState {
    instance: String,
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
        asker: &ClientNetwork,
    ) -> Result<Url> {
        let snapshot = self.0.catalog.snapshot();
        let gate = ForwardAuthInstance::of(&snapshot, service, asked)?;
        let now = self.0.clock.now();
        let mut state = ReturnState {
            instance: gate.instance.slug.clone(),
            target: asked.target.clone(),
            kept: None,
            until: (now + RETURN_LIFE).secs(),
        };
        if let Some(url) = self.return_address(&gate, &state)? {
            return Ok(url);
        }
        if let Ok(write) = asker.write(now) {
            let request = GatewayRequest {
                service: gate.service.slug.clone(),
                instance: gate.instance.slug.clone(),
                target: asked.target.clone(),
                kept: None,
            };
            let pending = Pending::new(request, Arrival::New, now);
            let kept = self.0.keep_pending(&write, &pending, None, KEPT_LIFE);
            state.kept = Some(kept.await?);
        }
        "/".clone_into(&mut state.target);
        let url = self.return_address(&gate, &state)?;
        url.ok_or_else(|| Error::Internal("the way in is too long".to_owned()))
    }

    /// The sign-in address, if a user who must sign in first can be brought back to it.
    fn return_address(
        self,
        gate: &ForwardAuthInstance<'_>,
        state: &ReturnState,
    ) -> Result<Option<Url>> {
        let text = serde_json::to_vec(state).map_err(|error| Error::Internal(error.to_string()))?;
        let path = sign_in_path(
            &gate.service.slug,
            &self.0.keys.purpose(PURPOSE).seal(&text)?,
        );
        if LocalPath::of(&path).as_str() != path {
            return Ok(None);
        }
        let url = Url::parse(&format!("{}{path}", self.0.issuer));
        url.map(Some)
            .map_err(|_| Error::Internal("the issuer is no address".to_owned()))
    }

    /// The request that a sign-in address stands for. Too late for the page is not too late for the
    /// instance: the user comes to its front page.
    pub(super) fn returned(self, service: &str, sealed: &str) -> Result<GatewayRequest> {
        let state = self.0.keys.purpose(PURPOSE).open(sealed);
        let state = state.and_then(|text| serde_json::from_slice::<ReturnState>(&text).ok());
        let state = state.ok_or_else(|| Error::Invalid("the way in".to_owned()))?;
        let is_late = self.0.clock.now().secs() >= state.until;
        Ok(GatewayRequest {
            service: service.to_owned(),
            instance: state.instance,
            target: match is_late {
                true => "/".to_owned(),
                false => state.target,
            },
            kept: state.kept.filter(|_| !is_late),
        })
    }

    /// Path and query of the page that a request is for.
    pub(super) async fn target_of(self, request: &GatewayRequest) -> Result<String> {
        let Some(id) = &request.kept else {
            return Ok(request.target.clone());
        };
        let kept = self.0.store.kept_request(id, self.0.clock.now()).await?;
        let kept = kept.and_then(|kept| serde_json::from_value::<GatewayRequest>(kept).ok());
        Ok(kept.map_or_else(|| request.target.clone(), |kept| kept.target))
    }
}

/// The sign-in path of a service, with a seal.
fn sign_in_path(service: &str, sealed: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("at", sealed)
        .finish();
    format!("/forward-auth/{service}/enter?{query}")
}
