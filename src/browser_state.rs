//! The small state of one browser between two pages: the result of a form, for the page that the
//! browser is redirected to. tower-sessions carries it; the session of a user who is signed in is a
//! row of its own (docs/decisions/0002).
//!
//! A state is sealed at rest and valid for a minute. Its cookie is a random id of 128 bits, of
//! which the database has a hash.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tower_sessions::{
    Session,
    session::{Id, Record},
    session_store::{self, SessionStore},
};

use crate::{
    chance::Chance,
    clock::Clock,
    error::{Error, Result},
    id::sha256,
    keys::{BROWSER_STATE, Seal, SealPurpose},
    model::allowance::Write,
    store::Store,
};

/// How long a state waits for its page.
pub const STATE_LIFE: Duration = Duration::from_secs(60);

/// The states of all browsers.
#[derive(Clone)]
pub struct BrowserStates {
    pub store: Store,
    pub seal: Seal,
    pub clock: Clock,
    pub chance: Chance,
}

/// The state of the browser behind one request. Nothing is read before it is asked for.
#[derive(Clone, Debug)]
pub struct BrowserState(Session);

impl BrowserStates {
    /// `cookie`: what the request brought; anything but an id of ours is none.
    pub fn of(&self, cookie: Option<&str>) -> BrowserState {
        let id = cookie.and_then(|text| text.parse::<Id>().ok());
        BrowserState(Session::new(id, Arc::new(self.clone()), None))
    }

    /// The key of a row, and what its value is sealed for.
    fn place(id: &Id) -> (String, SealPurpose) {
        let key = sha256(&format!("browser state {id}"));
        let purpose = BROWSER_STATE.of(&[&key]);
        (key, purpose)
    }

    async fn put(&self, record: &Record) -> Result<()> {
        let text = serde_json::to_vec(record)
            .map_err(|error| Error::Internal(format!("a browser's state: {error}")))?;
        let (key, purpose) = Self::place(&record.id);
        let sealed = self.seal.seal(&purpose, &text)?;
        let expires_at = self.clock.now() + STATE_LIFE;
        let mut tx = self.store.begin_single().await?;
        // Counted before: `BrowserState::put` takes the right to write.
        tx.put_browser_state(&Write::proved(), &key, &sealed, expires_at)
            .await?;
        tx.commit().await
    }

    async fn get(&self, id: &Id) -> Result<Option<Record>> {
        let (key, purpose) = Self::place(id);
        let Some(sealed) = self.store.browser_state(&key, self.clock.now()).await? else {
            return Ok(None);
        };
        let text = self.seal.unseal(&purpose, &sealed)?;
        Ok(serde_json::from_slice(&text).ok())
    }

    async fn remove(&self, id: &Id) -> Result<()> {
        let mut tx = self.store.begin_single().await?;
        tx.delete_browser_state(&Self::place(id).0).await?;
        tx.commit().await
    }
}

impl BrowserState {
    /// The cookie that leads to this state; none if there is nothing in it.
    pub fn cookie(&self) -> Option<String> {
        self.0.id().map(|id| id.to_string())
    }

    /// Keeps a value until it is taken, in place of what was kept before.
    ///
    /// # Errors
    /// [`Error::Away`] where the database does not answer.
    pub async fn put(&self, _: &Write, value: serde_json::Value) -> Result<()> {
        self.0.insert_value(VALUE, value).await.map_err(away)?;
        self.0.save().await.map_err(away)
    }

    /// The value, if `fits`; it is deleted by this.
    ///
    /// # Errors
    /// [`Error::Away`] where the database does not answer.
    pub async fn take(
        &self,
        fits: impl FnOnce(&serde_json::Value) -> bool + Send,
    ) -> Result<Option<serde_json::Value>> {
        if self.0.id().is_none() {
            return Ok(None);
        }
        let value = self.0.get_value(VALUE).await.map_err(away)?;
        let Some(value) = value.filter(fits) else {
            return Ok(None);
        };
        self.0.flush().await.map_err(away)?;
        Ok(Some(value))
    }
}

const VALUE: &str = "answer";

/// Only the store behind the session can fail.
fn away(error: tower_sessions::session::Error) -> Error {
    Error::Away(error.to_string())
}

#[async_trait]
impl SessionStore for BrowserStates {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        record.id = Id(i128::from_le_bytes(self.chance.bytes::<16>()));
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.put(record).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.get(id).await.map_err(backend)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.remove(id).await.map_err(backend)
    }
}

fn backend(error: Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl fmt::Debug for BrowserStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserStates")
    }
}
