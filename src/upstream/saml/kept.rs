//! The data that is stored between sign-ins: the identity provider's last valid metadata, and our
//! own key if the admin gave none. Both are among the provider's stored documents, so that a
//! restart, and another replica, find them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use url::Url;

use super::{
    blocking, down,
    settings::{MetadataSource, OwnKeys, SamlConfig},
};
use crate::{
    blocking::Blocking,
    clock::Time,
    error::Error,
    net::Net,
    protocol::saml::{
        PrivateKey,
        metadata::{Theirs, Weaker, weaker},
        time,
    },
    upstream::{Document, Documents, Import, Imported, ProviderFailure},
};

const METADATA: &str = "metadata";
const KEY: &str = "key";

/// Intervals of fetching, whatever the document states: the shortest, the default, the longest.
const SOONEST: i64 = 15 * 60;
const USUAL: i64 = 6 * 3600;
const LATEST: i64 = 24 * 3600;

/// For reading documents that may have expired.
const ANY_TIME: Time = Time::from_millis(i64::MIN);
/// A signature by an unknown key causes a fetch of newer metadata this often at most.
const KEYS_AGAIN: Duration = Duration::from_secs(30);
/// A failed fetch is not repeated for this time.
const REST: Duration = Duration::from_secs(20);

/// The stored documents, with their last parsed content.
pub struct MetadataCache {
    pub documents: Documents,
    pub net: Net,
    pool: Blocking,
    theirs: CachedDocument<Theirs>,
    keys: CachedDocument<Vec<PrivateKey>>,
    /// When a fetch last failed, and why.
    failed: Mutex<Option<(Time, String)>>,
    /// When an unknown key last caused a fetch; held while fetching.
    looked: tokio::sync::Mutex<Option<Time>>,
}

/// A document as text, and its content.
type CachedDocument<T> = Mutex<Option<(String, Arc<T>)>>;

impl MetadataCache {
    pub fn new(documents: Documents, net: Net, pool: Blocking) -> Self {
        Self {
            documents,
            net,
            pool,
            theirs: Mutex::new(None),
            keys: Mutex::new(None),
            failed: Mutex::new(None),
            looked: tokio::sync::Mutex::default(),
        }
    }

    /// The identity provider, as long as its metadata is valid.
    pub async fn theirs(
        &self,
        config: &Arc<SamlConfig>,
        now: Time,
    ) -> Result<Arc<Theirs>, ProviderFailure> {
        if let MetadataSource::Given(theirs) = &config.source {
            return valid(theirs.clone(), now);
        }
        let last = match self.last(config).await? {
            Some((_, theirs)) => valid(theirs, now),
            None => Err(down("there is no metadata of the identity provider yet")),
        };
        match (&config.source, last) {
            (MetadataSource::Fetched(url), Err(_)) => self.fetch_for_now(config, url, now).await,
            (_, last) => last,
        }
    }

    /// Fetches because a request waits for it; not again for a while after a failure.
    async fn fetch_for_now(
        &self,
        config: &Arc<SamlConfig>,
        url: &Url,
        now: Time,
    ) -> Result<Arc<Theirs>, ProviderFailure> {
        if let Some(why) = self.failed_since(now - REST) {
            return Err(ProviderFailure::Down(why));
        }
        self.fetch(config, url, now).await.map_err(|why| {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            *failed = Some((now, why.clone()));
            ProviderFailure::Down(why)
        })
    }

    fn failed_since(&self, since: Time) -> Option<String> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = failed.as_ref().filter(|(at, _)| *at > since);
        recent.map(|(_, why)| why.clone())
    }

    /// Fetches the metadata if it is due; the previous one stays if that fails.
    pub async fn refresh(&self, config: &Arc<SamlConfig>, now: Time) -> Result<(), String> {
        let MetadataSource::Fetched(url) = &config.source else {
            return Ok(());
        };
        let last = self
            .last(config)
            .await
            .map_err(|failure| failure.to_string())?;
        if let Some((document, theirs)) = last
            && now < document.fetched_at + pause(&theirs)
        {
            return Ok(());
        }
        self.fetch(config, url, now).await.map(|_| ())
    }

    /// Metadata with other keys than `seen` has, if there is any: fetched at once, but not often,
    /// however many signatures by unknown keys arrive. It passes the usual comparison.
    pub async fn newer(
        &self,
        config: &Arc<SamlConfig>,
        seen: &Theirs,
        now: Time,
    ) -> Option<Arc<Theirs>> {
        let MetadataSource::Fetched(url) = &config.source else {
            return None;
        };
        let mut looked = self.looked.lock().await;
        let is_newer = |theirs: &Arc<Theirs>| theirs.signing != seen.signing;
        if let Ok(theirs) = self.theirs(config, now).await
            && is_newer(&theirs)
        {
            return Some(theirs); // another task was first
        }
        if looked.is_some_and(|at| now.since(at) < KEYS_AGAIN) {
            return None;
        }
        *looked = Some(now);
        match self.fetch(config, url, now).await {
            Ok(theirs) => Some(theirs).filter(is_newer),
            Err(reason) => {
                tracing::warn!(entity = config.entity_id, reason, "no newer keys");
                None
            }
        }
    }

    /// The last valid metadata, expired or not; `None` if the current settings do not accept it.
    async fn last(
        &self,
        config: &Arc<SamlConfig>,
    ) -> Result<Option<(Document, Arc<Theirs>)>, ProviderFailure> {
        let document = self.documents.get(METADATA).await.map_err(broken)?;
        let Some(document) = document else {
            return Ok(None);
        };
        if let Some(theirs) = remembered(&self.theirs, &document.body) {
            return Ok(Some((document, theirs)));
        }
        match self
            .read(config, document.body.clone().into_bytes(), ANY_TIME)
            .await
        {
            Ok(theirs) => {
                let theirs = remember(&self.theirs, &document.body, theirs);
                Ok(Some((document, theirs)))
            }
            Err(why) => {
                tracing::warn!(
                    entity = config.entity_id,
                    why,
                    "the kept metadata is of no use"
                );
                Ok(None)
            }
        }
    }

    /// Fetches, compares and stores. A change that lowers a security setting is refused unless the
    /// metadata is signed by a pinned certificate (THREATS: metadata import weakens checks).
    async fn fetch(
        &self,
        config: &Arc<SamlConfig>,
        url: &Url,
        now: Time,
    ) -> Result<Arc<Theirs>, String> {
        let body = self.download(url).await?;
        let theirs = self.read(config, body.clone(), now).await?;
        self.refuse_plain(config, &theirs).await?;
        accept(config, &self.weaker(config, &theirs).await?)?;
        let body = String::from_utf8(body).map_err(|error| error.to_string())?;
        self.keep_document(body, theirs, now).await
    }

    /// Imports metadata for an admin; a weaker one only when they confirm it.
    pub async fn import(
        &self,
        config: &Arc<SamlConfig>,
        import: &Import<'_>,
        now: Time,
    ) -> Result<Imported, String> {
        let theirs = self
            .read(config, import.text.as_bytes().to_vec(), now)
            .await?;
        self.refuse_plain(config, &theirs).await?;
        let weaker = self.weaker(config, &theirs).await?;
        let imported = Imported {
            about: about(&theirs),
            is_kept: weaker.is_empty() || import.is_confirmed,
            weaker: weaker.iter().map(Weaker::to_string).collect(),
        };
        if imported.is_kept {
            self.keep_document(import.text.to_owned(), theirs, now)
                .await?;
        }
        Ok(imported)
    }

    /// The properties by which new metadata is weaker than the stored one.
    async fn weaker(&self, config: &Arc<SamlConfig>, new: &Theirs) -> Result<Vec<Weaker>, String> {
        let last = self.last(config).await;
        let last = last.map_err(|failure| failure.to_string())?;
        Ok(last.map_or_else(Vec::new, |(_, old)| weaker(&old, new)))
    }

    async fn keep_document(
        &self,
        body: String,
        theirs: Theirs,
        now: Time,
    ) -> Result<Arc<Theirs>, String> {
        let document = Document {
            body,
            fetched_at: now,
            valid_until: theirs.valid_until.map(Time::from_secs),
        };
        let put = self.documents.put(METADATA, &document).await;
        put.map_err(|error| error.to_string())?;
        Ok(remember(&self.theirs, &document.body, theirs))
    }

    /// The current metadata, stored or not. One that would be refused is a fault: sign-ins continue
    /// to use the previous one.
    pub async fn preview(
        &self,
        config: &Arc<SamlConfig>,
        url: &Url,
    ) -> Result<Arc<Theirs>, String> {
        let body = self.download(url).await?;
        let theirs = self.read(config, body, ANY_TIME).await?;
        accept(config, &self.weaker(config, &theirs).await?)?;
        Ok(Arc::new(theirs))
    }

    async fn download(&self, url: &Url) -> Result<Vec<u8>, String> {
        let reply = self.net.get(url, ACCEPT).await;
        let reply = reply.map_err(|error| format!("the metadata cannot be fetched: {error}"))?;
        match reply.status {
            200 => Ok(reply.body),
            status => Err(format!("the metadata cannot be fetched: status {status}")),
        }
    }

    /// Our keys, the present one first. The first call creates one.
    pub async fn keys(
        &self,
        config: &SamlConfig,
        now: Time,
    ) -> Result<Arc<Vec<PrivateKey>>, ProviderFailure> {
        let previous = match &config.keys {
            OwnKeys::Given(keys) => return Ok(keys.clone()),
            OwnKeys::Kept(previous) => previous,
        };
        let document = match self.documents.get(KEY).await.map_err(broken)? {
            Some(document) => document,
            None => self.make_key(now).await?,
        };
        if let Some(keys) = remembered(&self.keys, &document.body) {
            return Ok(keys);
        }
        let texts = [
            Some(document.body.clone()),
            previous.as_ref().map(|pem| pem.to_string()),
        ];
        let keys: Result<Vec<_>, _> = texts
            .iter()
            .flatten()
            .map(|pem| PrivateKey::from_pem(pem))
            .collect();
        let keys = keys.map_err(|fault| ProviderFailure::Down(fault.to_string()))?;
        Ok(remember(&self.keys, &document.body, keys))
    }

    async fn read(
        &self,
        config: &Arc<SamlConfig>,
        body: Vec<u8>,
        now: Time,
    ) -> Result<Theirs, String> {
        let config = config.clone();
        let read = blocking(&self.pool, move || {
            let id = Some(config.entity_id.as_str());
            Theirs::read(&body, id, &config.pinned, now.secs())
        });
        let read = read.await.map_err(|failure| failure.to_string())?;
        read.map_err(|fault| fault.to_string())
    }

    /// Addresses without TLS are refused. Those stored before this check existed stay, so that a
    /// portal survives its upgrade, and are reported in the log.
    async fn refuse_plain(&self, config: &Arc<SamlConfig>, new: &Theirs) -> Result<(), String> {
        let Some(fault) = new.plain() else {
            return Ok(());
        };
        let last = self.last(config).await;
        let last = last.map_err(|failure| failure.to_string())?;
        if last.is_none_or(|(_, old)| old.plain().as_ref() != Some(&fault)) {
            return Err(fault);
        }
        tracing::warn!(
            entity = config.entity_id,
            fault,
            "users are sent there without TLS"
        );
        Ok(())
    }

    /// Of several replicas that create one at once, the last wins: so the stored one is read back.
    async fn make_key(&self, now: Time) -> Result<Document, ProviderFailure> {
        let made = blocking(&self.pool, PrivateKey::generate).await?;
        let made = made.map_err(|fault| ProviderFailure::Down(fault.to_string()))?;
        let document = Document {
            body: made.to_string(),
            fetched_at: now,
            valid_until: None,
        };
        self.documents.put(KEY, &document).await.map_err(broken)?;
        let kept = self.documents.get(KEY).await.map_err(broken)?;
        kept.ok_or_else(|| ProviderFailure::Down("our own key was not kept".to_owned()))
    }
}

const ACCEPT: &str = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9";

fn broken(error: Error) -> ProviderFailure {
    down(&error.to_string())
}

/// A summary of the metadata, in a sentence.
pub fn about(theirs: &Theirs) -> String {
    let until = match theirs.valid_until {
        Some(until) => format!("valid until {}", time::format(until)),
        None => "without an end".to_owned(),
    };
    let keys: Vec<_> = theirs.signing.iter().map(|key| key.fingerprint()).collect();
    format!(
        "metadata of {}, {until}, with the signing key {}",
        theirs.entity_id,
        keys.join(" and "),
    )
}

fn valid(theirs: Arc<Theirs>, now: Time) -> Result<Arc<Theirs>, ProviderFailure> {
    match theirs.valid_until.map(Time::from_secs) {
        Some(until) if until <= now => Err(down("the identity provider's metadata has expired")),
        _ => Ok(theirs),
    }
}

fn accept(config: &SamlConfig, found: &[Weaker]) -> Result<(), String> {
    for one in found {
        tracing::warn!(entity = config.entity_id, what = %one, "new metadata is weaker");
    }
    let grave: Vec<_> = found
        .iter()
        .filter(|one| one.is_grave())
        .map(Weaker::to_string)
        .collect();
    match grave.is_empty() || !config.pinned.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "the new metadata is not taken, because {}; if that is meant so, an admin brings it \
             and confirms",
            grave.join(", ")
        )),
    }
}

/// How long metadata is not fetched again.
fn pause(theirs: &Theirs) -> Duration {
    let seconds = theirs.cache_for.unwrap_or(USUAL).clamp(SOONEST, LATEST);
    Duration::from_secs(seconds.unsigned_abs())
}

fn remembered<T>(read: &CachedDocument<T>, body: &str) -> Option<Arc<T>> {
    let read = read.lock().unwrap_or_else(PoisonError::into_inner);
    let same = read.as_ref().filter(|(known, _)| known == body);
    same.map(|(_, value)| value.clone())
}

fn remember<T>(read: &CachedDocument<T>, body: &str, value: T) -> Arc<T> {
    let value = Arc::new(value);
    let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
    *read = Some((body.to_owned(), value.clone()));
    value
}
