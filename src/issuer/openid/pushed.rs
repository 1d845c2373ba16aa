//! Pushed authorization requests (RFC 9126): a client sends its request itself, authenticates, and
//! sends the browser with a reference to it. No parameter is in an address, and no intermediary can
//! change one.

use std::time::Duration;

use serde::Serialize;

use super::{
    super::{ClientProof, EndpointFault},
    OpenId,
    asked::read,
};
use crate::{
    catalog::Snapshot,
    error::{Error, Result},
    id::{Artefact, Bearer, BearerHash},
    model::{allowance::Write, client::Client},
    protocol::oauth::{AuthorizationRequest, OAuthError, Params},
};

/// From the push to the browser's arrival (section 2.2: 5 to 600 seconds).
const LIFE: Duration = Duration::from_secs(60);
/// Section 2.2.
const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// The answer of section 2.2.
#[derive(Serialize)]
pub struct PushedReply {
    request_uri: String,
    expires_in: u64,
}

impl OpenId<'_> {
    /// Stores a client's request. It is checked completely now, so that an error is reported to the
    /// developer and not to the user.
    pub async fn push(
        self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<PushedReply, EndpointFault> {
        let snapshot = self.0.catalog.snapshot();
        let proof = ClientProof::read(authorization, params)?;
        let client = self.0.prove(&snapshot, &proof).await?;
        let request = self.read_pushed(&snapshot, client, params).await?;
        let uri = Bearer::mint(Artefact::PushedRequest, &self.0.chance);
        let until = self.0.clock.now() + LIFE;
        let mut tx = self.0.store.begin_single().await?;
        tx.insert_pushed_request(&Write::proved(), &uri.hash(), &request, until)
            .await?;
        tx.commit().await?;
        Ok(PushedReply {
            request_uri: format!("{URN}{}", uri.as_str()),
            expires_in: LIFE.as_secs(),
        })
    }

    /// The request behind a `request_uri` of ours that was not used, and its hash; `None` if it
    /// does not have the form of one of ours. Addresses are never fetched (THREATS: SSRF).
    pub(super) async fn pushed(
        self,
        client: &Client,
        params: &Params,
    ) -> Result<Option<(BearerHash, AuthorizationRequest)>> {
        let named = params
            .one("request_uri")
            .and_then(|uri| uri.strip_prefix(URN));
        let Some(named) = named else { return Ok(None) };
        let uri = Bearer::parse(Artefact::PushedRequest, named).ok_or_else(gone)?;
        let (uri, now) = (uri.hash(), self.0.clock.now());
        let request = self.0.store.pushed_request(&uri, &client.id, now).await?;
        // The registration may have changed meanwhile.
        let request =
            request.filter(|request| client.redirect_uris.contains(&request.redirect_uri));
        let request = request.ok_or_else(gone)?;
        Ok(Some((uri, request)))
    }
}

impl OpenId<'_> {
    async fn read_pushed(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
    ) -> Result<AuthorizationRequest, EndpointFault> {
        let said = params.one("client_id");
        if said.is_some_and(|said| said != client.id) {
            return Err(OAuthError::request("client_id is another client's").into());
        }
        if params.one("request_uri").is_some() {
            return Err(
                OAuthError::request("push the parameters themselves, not a request_uri").into(),
            );
        }
        let params = self.opened(client, params).await?;
        let address = params.one("redirect_uri").unwrap_or_default();
        if !client.redirect_uris.iter().any(|known| known == address) {
            return Err(
                OAuthError::request("redirect_uri is not registered for this client").into(),
            );
        }
        Ok(read(snapshot, client, &params)?)
    }
}

/// Shown to the user whose browser presented an unknown reference.
pub(in crate::issuer) fn gone() -> Error {
    let why = "the request_uri is unknown, was used before, or is older than a minute";
    Error::BadAsk(why.to_owned())
}
