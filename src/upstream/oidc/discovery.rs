//! What a provider publishes about itself — its discovery document and its keys — fetched, checked,
//! stored, and fetched again: regularly, and at once when a token names an unknown key (a provider
//! may change its keys at any time). While the provider is unavailable the last valid documents are
//! used; they survive a restart in [`Documents`].
//!
//! However many users sign in, there is one fetch at a time, and a fetch that failed or was forced
//! by an unknown key is not repeated for a while: clients cannot make us flood a provider.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use openidconnect::{ClientId, core::CoreJwsSigningAlgorithm};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::{
    form::{Metadata, RelyingParty, RemoteKeys},
    settings::OidcConfig,
};
use crate::{
    clock::Time,
    model::address::web_address,
    net::Net,
    upstream::{Document, Documents},
};

/// Documents that are not older are used without a fetch.
const FRESH: Duration = Duration::from_secs(3600);
/// From this age on the worker fetches them again, so that no sign-in has to wait for it.
const DUE: Duration = Duration::from_secs(1800);
/// For how long the last documents of an unavailable provider are used.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// A failed fetch is not repeated for this time.
const AGAIN: Duration = Duration::from_secs(10);
/// An unknown key causes a fetch this often at most.
const KEYS_AGAIN: Duration = Duration::from_secs(30);

const METADATA: &str = "discovery";
const KEYS: &str = "jwks";

/// The checked documents of a provider.
pub struct DiscoveredProvider {
    pub metadata: Metadata,
    pub keys: RemoteKeys,
    /// We, as its client.
    pub client: RelyingParty,
    fetched_at: Time,
    bodies: [String; 2],
}

impl DiscoveredProvider {
    fn read(config: &OidcConfig, bodies: [String; 2], fetched_at: Time) -> Result<Self, String> {
        let metadata = read_metadata(&config.issuer, &bodies[0])?;
        let keys = read_keys(&bodies[1], &config.algorithms)?;
        Ok(Self {
            client: client(config, &metadata),
            metadata,
            keys,
            fetched_at,
            bodies,
        })
    }

    pub fn token_endpoint(&self) -> Result<&Url, String> {
        let place = self.metadata.token_endpoint();
        let place = place.ok_or("the discovery document names no token_endpoint")?;
        Ok(place.url())
    }

    fn is_fresh(&self, now: Time) -> bool {
        now.since(self.fetched_at) < FRESH
    }
}

/// One provider's documents.
pub struct Discovery {
    net: Net,
    documents: Documents,
    known: RwLock<Option<Arc<DiscoveredProvider>>>,
    /// Held while fetching; records the tries.
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    failed: Option<(Time, String)>,
    keys_at: Option<Time>,
}

impl Discovery {
    pub fn new(net: Net, documents: Documents) -> Self {
        Self {
            net,
            documents,
            known: RwLock::default(),
            tries: Mutex::default(),
        }
    }

    /// The documents, fetched if necessary. An error is a sentence for the log.
    pub async fn current(
        &self,
        config: &OidcConfig,
        now: Time,
    ) -> Result<Arc<DiscoveredProvider>, String> {
        if let Some(known) = self.held().filter(|known| known.is_fresh(now)) {
            return Ok(known);
        }
        let mut tries = self.tries.lock().await;
        let held = self.best(config, now).await;
        if let Some(known) = held.clone().filter(|known| known.is_fresh(now)) {
            return Ok(self.hold(known));
        }
        match self.try_fetch(config, now, &mut tries).await {
            Ok(known) => Ok(known),
            Err(reason) => {
                let held = held.filter(|known| now.since(known.fetched_at) < KEPT);
                let known = held.ok_or_else(|| reason.clone())?;
                tracing::warn!(issuer = %config.issuer, reason, "what it last said has to do");
                Ok(self.hold(known))
            }
        }
    }

    /// Called by the worker: fetches documents that will expire soon.
    pub async fn refresh(&self, config: &OidcConfig, now: Time) -> Result<(), String> {
        let is_due = |known: Arc<DiscoveredProvider>| now.since(known.fetched_at) >= DUE;
        if self.held().is_some_and(|known| !is_due(known)) {
            return Ok(());
        }
        let mut tries = self.tries.lock().await;
        self.fetch(config, now, &mut tries).await.map(|_| ())
    }

    /// Fetches everything once, as a test; nothing is stored.
    pub async fn examine(&self, config: &OidcConfig) -> Result<DiscoveredProvider, String> {
        self.fetch_all(config, Time::default()).await
    }

    /// Newer keys than `seen`, if the provider has any: fetched at once, but not often.
    pub async fn newer_keys(
        &self,
        config: &OidcConfig,
        seen: &Arc<DiscoveredProvider>,
        now: Time,
    ) -> Option<Arc<DiscoveredProvider>> {
        let mut tries = self.tries.lock().await;
        if let Some(known) = self.held().filter(|known| !Arc::ptr_eq(known, seen)) {
            return Some(known); // another task was first
        }
        if tries.keys_at.is_some_and(|at| now.since(at) < KEYS_AGAIN) {
            return None;
        }
        tries.keys_at = Some(now);
        let fetched = self.fetch_keys(config, seen).await;
        match fetched {
            Ok(known) => Some(self.keep_discovered(known).await),
            Err(reason) => {
                tracing::warn!(issuer = %config.issuer, reason, "no newer keys");
                None
            }
        }
    }

    fn held(&self) -> Option<Arc<DiscoveredProvider>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn hold(&self, known: Arc<DiscoveredProvider>) -> Arc<DiscoveredProvider> {
        let mut held = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *held = Some(known.clone());
        known
    }

    /// The most recent documents without a request: those in memory, or those that another replica
    /// (or an earlier process) stored in the database.
    async fn best(&self, config: &OidcConfig, now: Time) -> Option<Arc<DiscoveredProvider>> {
        let held = self.held();
        if held.as_ref().is_some_and(|known| known.is_fresh(now)) {
            return held;
        }
        let stored = self.stored(config).await;
        let both = [held, stored].into_iter().flatten();
        both.max_by_key(|known| known.fetched_at)
    }

    async fn try_fetch(
        &self,
        config: &OidcConfig,
        now: Time,
        tries: &mut Tries,
    ) -> Result<Arc<DiscoveredProvider>, String> {
        match &tries.failed {
            Some((at, why)) if now.since(*at) < AGAIN => Err(why.clone()),
            _ => self.fetch(config, now, tries).await,
        }
    }

    async fn fetch(
        &self,
        config: &OidcConfig,
        now: Time,
        tries: &mut Tries,
    ) -> Result<Arc<DiscoveredProvider>, String> {
        tries.failed = None;
        match self.fetch_all(config, now).await {
            Ok(known) => Ok(self.keep_discovered(known).await),
            Err(why) => {
                tries.failed = Some((now, why.clone()));
                Err(why)
            }
        }
    }

    async fn fetch_all(
        &self,
        config: &OidcConfig,
        now: Time,
    ) -> Result<DiscoveredProvider, String> {
        let place = format!(
            "{}/.well-known/openid-configuration",
            config.issuer.trim_end_matches('/')
        );
        let place = Url::parse(&place).map_err(|_| "the issuer is no address")?;
        let metadata = self.document(&place).await?;
        let keys_at = read_metadata(&config.issuer, &metadata)?;
        let keys = self.document(keys_at.jwks_uri().url()).await?;
        DiscoveredProvider::read(config, [metadata, keys], now)
    }

    async fn fetch_keys(
        &self,
        config: &OidcConfig,
        seen: &DiscoveredProvider,
    ) -> Result<DiscoveredProvider, String> {
        let keys = self.document(seen.metadata.jwks_uri().url()).await?;
        let bodies = [seen.bodies[0].clone(), keys];
        DiscoveredProvider::read(config, bodies, seen.fetched_at)
    }

    async fn document(&self, place: &Url) -> Result<String, String> {
        let reply = self.net.get(place, "application/json").await;
        let reply = reply.map_err(|error| error.to_string())?;
        if reply.status != 200 {
            let path = place.path();
            return Err(format!("{path} answered {}", reply.status));
        }
        String::from_utf8(reply.body).map_err(|_| "the answer is not UTF-8".to_owned())
    }

    /// Stores it here and in the database; an unavailable database does not fail a sign-in.
    async fn keep_discovered(&self, known: DiscoveredProvider) -> Arc<DiscoveredProvider> {
        for (name, body) in [METADATA, KEYS].into_iter().zip(&known.bodies) {
            let document = Document {
                body: body.clone(),
                fetched_at: known.fetched_at,
                valid_until: Some(known.fetched_at + KEPT),
            };
            if let Err(error) = self.documents.put(name, &document).await {
                tracing::warn!(%error, "a document was not kept");
            }
        }
        self.hold(Arc::new(known))
    }

    /// The last valid documents of an earlier process, checked like fetched ones.
    async fn stored(&self, config: &OidcConfig) -> Option<Arc<DiscoveredProvider>> {
        let metadata = self.documents.get(METADATA).await.ok()??;
        let keys = self.documents.get(KEYS).await.ok()??;
        let bodies = [metadata.body, keys.body];
        let known = DiscoveredProvider::read(config, bodies, metadata.fetched_at);
        known.ok().map(Arc::new)
    }
}

/// Discovery 1.0 section 4.3: the document must be of the exact issuer we asked for, byte by byte.
/// Addresses for browsers must be web addresses (THREATS: script URLs).
fn read_metadata(issuer: &str, body: &str) -> Result<Metadata, String> {
    let document: Map<String, Value> = serde_json::from_str(body)
        .map_err(|_| "the discovery document is no JSON object".to_owned())?;
    let metadata: Metadata = serde_json::from_value(used(&document)?)
        .map_err(|_| "the discovery document cannot be read".to_owned())?;
    if metadata.issuer().as_str() != issuer {
        return Err("the discovery document is of another issuer".to_owned());
    }
    let logout = &metadata.additional_metadata().end_session_endpoint;
    let shown = [
        Some(metadata.authorization_endpoint().as_str()),
        logout.as_ref().map(|endpoint| endpoint.as_str()),
    ];
    for address in shown.into_iter().flatten() {
        web_address(address).map_err(|why| format!("the discovery document: {why}"))?;
    }
    Ok(metadata)
}

/// The used members, checked one by one: faults of other members are ignored, and an error names
/// the member and not its value. An empty address is treated as missing.
fn used(document: &Map<String, Value>) -> Result<Value, String> {
    let mut used = Map::new();
    let Some(Value::String(issuer)) = document.get("issuer") else {
        return Err("the discovery document names no issuer".to_owned());
    };
    used.insert("issuer".to_owned(), issuer.as_str().into());
    for (name, is_needed) in ADDRESSES {
        match document.get(*name) {
            Some(Value::String(text)) if !text.is_empty() => {
                Url::parse(text)
                    .map_err(|_| format!("the discovery document: {name} is no address"))?;
                used.insert((*name).to_owned(), text.as_str().into());
            }
            None | Some(Value::Null | Value::String(_)) if !is_needed => {}
            None | Some(Value::Null | Value::String(_)) => {
                return Err(format!("the discovery document names no {name}"));
            }
            Some(_) => return Err(format!("the discovery document: {name} is no text")),
        }
    }
    for name in FLAGS {
        let is_set = match document.get(*name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(is_set)) => *is_set,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            Some(_) => return Err(format!("the discovery document: {name} is no truth value")),
        };
        used.insert((*name).to_owned(), is_set.into());
    }
    for name in LISTS {
        if let Some(Value::Array(words)) = document.get(*name) {
            let words = words.iter().filter(|word| word.is_string());
            used.insert((*name).to_owned(), words.cloned().collect());
        }
    }
    // Required by section 3 and not used here: we request what every provider supports.
    let algorithms = used.entry("id_token_signing_alg_values_supported");
    algorithms.or_insert_with(|| json!(["RS256"]));
    used.insert("response_types_supported".to_owned(), json!(["code"]));
    used.insert("subject_types_supported".to_owned(), json!(["public"]));
    Ok(Value::Object(used))
}

/// Addresses, and whether they are required.
const ADDRESSES: &[(&str, bool)] = &[
    ("authorization_endpoint", true),
    ("token_endpoint", true),
    ("jwks_uri", true),
    ("userinfo_endpoint", false),
    ("end_session_endpoint", false),
    ("pushed_authorization_request_endpoint", false),
];
const FLAGS: &[&str] = &[
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_supported",
];
const LISTS: &[&str] = &[
    "id_token_signing_alg_values_supported",
    "code_challenge_methods_supported",
];

fn read_keys(body: &str, algorithms: &[CoreJwsSigningAlgorithm]) -> Result<RemoteKeys, String> {
    let keys: RemoteKeys =
        serde_json::from_str(body).map_err(|error| format!("the keys: {error}"))?;
    if !keys.keys().iter().any(|key| key.serves(algorithms)) {
        return Err("the keys: none is for an algorithm that is allowed".to_owned());
    }
    Ok(keys)
}

/// The client for the authentication request; it is not used for authentication or verification.
fn client(config: &OidcConfig, metadata: &Metadata) -> RelyingParty {
    let id = ClientId::new(config.client_id.clone());
    RelyingParty::from_provider_metadata(metadata.clone(), id, None)
}
