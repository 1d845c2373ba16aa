//! Requests to upstream providers, and the last valid documents of each provider.

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::Result,
    id::{AttemptId, BearerHash},
    model::allowance::Write,
};

/// One request to a provider; `state` (or RelayState) is its name.
#[derive(Clone, Debug)]
pub struct UpstreamRequest {
    pub state: BearerHash,
    pub attempt: AttemptId,
    pub provider: String,
    pub browser: BearerHash,
    pub sealed_memory: String,
    pub created_at: Time,
    pub expires_at: Time,
    pub consumed_at: Option<Time>,
}

/// A document as it was fetched, sealed.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    pub sealed_body: String,
    pub fetched_at: Time,
    pub valid_until: Option<Time>,
}

/// A stored document, and its age.
#[derive(Clone, Debug)]
pub struct KeptDocument {
    pub name: String,
    pub fetched_at: Time,
    pub valid_until: Option<Time>,
}

impl Store {
    pub async fn trip(&self, state: &BearerHash) -> Result<Option<UpstreamRequest>> {
        self.one(
            "select state_hash, attempt, provider, browser_hash, sealed_memory, created_at,
                    expires_at, consumed_at
             from upstream_requests where state_hash = $1",
            &[state],
            upstream_request,
        )
        .await
    }

    pub async fn document(&self, provider: &str, name: &str) -> Result<Option<StoredDocument>> {
        self.one(
            "select sealed_body, fetched_at, valid_until from documents
             where provider = $1 and name = $2",
            &[&provider, &name],
            |row| {
                Ok(StoredDocument {
                    sealed_body: row.text("sealed_body")?,
                    fetched_at: row.time("fetched_at")?,
                    valid_until: row.maybe_time("valid_until")?,
                })
            },
        )
        .await
    }

    /// The stored documents of a provider, without their texts.
    pub async fn documents_of(&self, provider: &str) -> Result<Vec<KeptDocument>> {
        self.all(
            "select name, fetched_at, valid_until from documents where provider = $1
             order by name",
            &[&provider],
            |row| {
                Ok(KeptDocument {
                    name: row.text("name")?,
                    fetched_at: row.time("fetched_at")?,
                    valid_until: row.maybe_time("valid_until")?,
                })
            },
        )
        .await
    }
}

fn upstream_request(row: &Row<'_>) -> Result<UpstreamRequest> {
    Ok(UpstreamRequest {
        state: row.id("state_hash")?,
        attempt: row.id("attempt")?,
        provider: row.text("provider")?,
        browser: row.id("browser_hash")?,
        sealed_memory: row.text("sealed_memory")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        consumed_at: row.maybe_time("consumed_at")?,
    })
}

impl Tx {
    /// Stores an upstream request. The attempt keeps whether the session is to be remembered.
    pub async fn insert_upstream_request(
        &mut self,
        _write: &Write,
        trip: &UpstreamRequest,
    ) -> Result<()> {
        self.run(
            "insert into upstream_requests (state_hash, attempt, provider, browser_hash, sealed_memory,
                 created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &trip.state,
                &trip.attempt,
                &trip.provider,
                &trip.browser,
                &trip.sealed_memory,
                &trip.created_at,
                &trip.expires_at,
            ],
        )
        .await
    }

    /// Uses an upstream request up; whether this call was the one that did.
    pub async fn take_upstream_request(&mut self, state: &BearerHash, now: Time) -> Result<bool> {
        self.changes_one(
            "update upstream_requests set consumed_at = $1
             where state_hash = $2 and consumed_at is null and expires_at > $1",
            &[&now, state],
        )
        .await
    }

    pub async fn put_document(
        &mut self,
        provider: &str,
        name: &str,
        document: &StoredDocument,
    ) -> Result<()> {
        self.run(
            "insert into documents (provider, name, sealed_body, fetched_at, valid_until)
             values ($1, $2, $3, $4, $5)
             on conflict (provider, name) do update set sealed_body = excluded.sealed_body,
                 fetched_at = excluded.fetched_at, valid_until = excluded.valid_until",
            &[
                &provider,
                &name,
                &document.sealed_body,
                &document.fetched_at,
                &document.valid_until,
            ],
        )
        .await
    }
}
