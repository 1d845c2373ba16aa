//! The last valid discovery document, keys or metadata of one provider, stored sealed in the
//! database: a provider works after a restart even if its host is unavailable.

use crate::{
    clock::Time,
    error::Result,
    keys::{DOCUMENT, Seal, SealPurpose},
    store::{Store, StoredDocument},
};

/// The stored documents of one provider.
#[derive(Clone)]
pub struct Documents {
    store: Store,
    seal: Seal,
    provider: String,
}

/// A document as it was last fetched.
#[derive(Clone, Debug)]
pub struct Document {
    pub body: String,
    pub fetched_at: Time,
    pub valid_until: Option<Time>,
}

impl Documents {
    pub fn new(store: Store, seal: Seal, provider: &str) -> Self {
        Self {
            store,
            seal,
            provider: provider.to_owned(),
        }
    }

    pub async fn get(&self, name: &str) -> Result<Option<Document>> {
        let Some(stored) = self.store.document(&self.provider, name).await? else {
            return Ok(None);
        };
        let body = self.seal.unseal(&self.purpose(name), &stored.sealed_body)?;
        Ok(Some(Document {
            body: String::from_utf8_lossy(&body).into_owned(),
            fetched_at: stored.fetched_at,
            valid_until: stored.valid_until,
        }))
    }

    pub async fn put(&self, name: &str, document: &Document) -> Result<()> {
        let sealed = StoredDocument {
            sealed_body: self
                .seal
                .seal(&self.purpose(name), document.body.as_bytes())?,
            fetched_at: document.fetched_at,
            valid_until: document.valid_until,
        };
        let mut tx = self.store.begin_single().await?;
        tx.put_document(&self.provider, name, &sealed).await?;
        tx.commit().await
    }

    fn purpose(&self, name: &str) -> SealPurpose {
        DOCUMENT.of(&[&self.provider, name])
    }
}
