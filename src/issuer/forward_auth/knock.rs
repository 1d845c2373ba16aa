//! The way from a gateway to our sign-in and back: the page the user asked for, in a seal that only
//! we can make. A long address does not fit into an address of ours (gateways and servers give it
//! some 4 kB); it is kept for a while, and the seal names it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{super::Issuer, place::ForwardAuthInstance};
use crate::{
    catalog::Snapshot,
    error::{Error, Result},
    id::KnockId,
    model::{
        allowance::{ClientNetwork, Write},
        attempt::LocalPath,
    },
    protocol::gateway::Requested,
};

/// A user who was sent to sign in may take this long, and still comes to their page.
const KNOCK_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A long address is kept this long.
const KEPT_LIFE: Duration = Duration::from_secs(2 * 3600);
/// The purpose the return state is sealed for.
const KNOCK: &str = "gateway knock";

/// A user on the way to a page: the seal's content.
#[derive(Serialize, Deserialize)]
struct ReturnState {
    instance: String,
    target: String,
    /// The row of the target, where that is too long for an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<KnockId>,
    until: i64,
}

/// Where a return state leads.
pub(super) struct ReturnTarget<'a> {
    pub gate: ForwardAuthInstance<'a>,
    /// Path and query at the instance's host.
    pub target: String,
}

impl Issuer {
    /// The sign-in address for a user whom the gateway of this service refused. A long address is
    /// kept, which counts as an anonymous write; for a network that has written too much none is
    /// kept, and the user returns to the instance's front page.
    /// too much none is, and the way leads to the instance's front page.
    pub async fn gate_door(
        &self,
        service: &str,
        asked: &Requested,
        asker: &ClientNetwork,
    ) -> Result<Url> {
        let snapshot = self.catalog.snapshot();
        let gate = ForwardAuthInstance::of(&snapshot, service, asked)?;
        let mut knock = ReturnState {
            instance: gate.instance.slug.clone(),
            target: asked.target.clone(),
            kept: None,
            until: (self.clock.now() + KNOCK_LIFE).secs(),
        };
        if let Some(url) = self.door(&gate, &knock)? {
            return Ok(url);
        }
        if let Ok(write) = asker.write(self.clock.now()) {
            knock.kept = Some(self.keep_target(&write, &asked.target).await?);
        }
        "/".clone_into(&mut knock.target);
        let url = self.door(&gate, &knock)?;
        url.ok_or_else(|| Error::Internal("the way in is too long".to_owned()))
    }

    /// The sign-in address, if a user who must sign in first can be brought back to it.
    fn door(&self, gate: &ForwardAuthInstance<'_>, knock: &ReturnState) -> Result<Option<Url>> {
        let text = serde_json::to_vec(knock).map_err(|error| Error::Internal(error.to_string()))?;
        let path = door_path(&gate.service.slug, &self.keys.purpose(KNOCK).seal(&text)?);
        if LocalPath::of(&path).as_str() != path {
            return Ok(None);
        }
        let url = Url::parse(&format!("{}{path}", self.issuer));
        url.map(Some)
            .map_err(|_| Error::Internal("the issuer is no address".to_owned()))
    }

    async fn keep_target(&self, write: &Write, target: &str) -> Result<KnockId> {
        let now = self.clock.now();
        let id = KnockId::new(now, &self.chance);
        let mut tx = self.store.begin().await?;
        tx.insert_knock(write, &id, target, now + KEPT_LIFE).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What a sign-in address leads to. Too late for the page is not too late for the instance.
    pub(super) async fn knocked<'a>(
        &self,
        snapshot: &'a Snapshot,
        service: &str,
        sealed: &str,
    ) -> Result<ReturnTarget<'a>> {
        let now = self.clock.now();
        let knock = self.keys.purpose(KNOCK).open(sealed);
        let knock = knock.and_then(|text| serde_json::from_slice::<ReturnState>(&text).ok());
        let knock = knock.ok_or_else(|| Error::Invalid("the way in".to_owned()))?;
        let gate = ForwardAuthInstance::named(snapshot, service, &knock.instance)?;
        let target = match &knock.kept {
            _ if now.secs() >= knock.until => None,
            Some(id) => self.store.knock(id, now).await?,
            None => Some(knock.target),
        };
        Ok(ReturnTarget {
            gate,
            target: target.unwrap_or_else(|| "/".to_owned()),
        })
    }
}

/// The sign-in path of a service, with a seal.
pub(super) fn door_path(service: &str, sealed: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("at", sealed)
        .finish();
    format!("/forward-auth/{service}/enter?{query}")
}
