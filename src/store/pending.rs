//! Requests of applications that wait for their user.

use serde_json::Value;

use super::{
    Store, Tx,
    row::{Columns, bounded},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, PendingId},
    model::{
        allowance::Write,
        pending::{PendingRequest, StoredRequest},
    },
};

impl Store {
    /// A waiting request of this browser, or one that no browser has presented yet; whether it is
    /// the browser's.
    pub async fn pending_request(
        &self,
        id: &PendingId,
        browser: &BearerHash,
        now: Time,
    ) -> Result<Option<(PendingRequest, bool)>> {
        self.one(
            "select protocol, request, asked_at, fresh_since, browser_hash from pending_requests
             where id = $1 and (browser_hash = $2 or browser_hash is null) and expires_at > $3
               and consumed_at is null",
            &[id, browser, &now],
            |row| {
                let pending = PendingRequest {
                    stored: StoredRequest {
                        protocol: row.text("protocol")?,
                        request: row.json("request")?,
                    },
                    asked_at: row.time("asked_at")?,
                    fresh_since: row.maybe_time("fresh_since")?,
                };
                Ok((pending, row.maybe_text("browser_hash")?.is_some()))
            },
        )
        .await
    }
}

impl Store {
    /// A request of a protocol that no browser has presented.
    pub async fn kept_request(
        &self,
        id: &PendingId,
        protocol: &str,
        now: Time,
    ) -> Result<Option<Value>> {
        self.one(
            "select request from pending_requests
             where id = $1 and protocol = $2 and browser_hash is null and expires_at > $3",
            &[id, &protocol, &now],
            |row| row.json("request"),
        )
        .await
    }
}

impl Tx {
    /// Stores a request until `expires_at`; without a browser, for the first that presents it.
    pub async fn insert_pending_request(
        &mut self,
        _write: &Write,
        id: &PendingId,
        browser: Option<&BearerHash>,
        pending: &PendingRequest,
        expires_at: Time,
    ) -> Result<()> {
        self.run(
            "insert into pending_requests
                 (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                id,
                &pending.stored.protocol,
                &browser.map(BearerHash::as_str),
                &bounded(&pending.stored.request)?,
                &pending.asked_at,
                &pending.fresh_since,
                &expires_at,
            ],
        )
        .await
    }

    /// Binds a request that no browser has presented yet to this one; whether it is this one's now.
    pub async fn bind_pending_request(
        &mut self,
        id: &PendingId,
        browser: &BearerHash,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update pending_requests set browser_hash = $1
             where id = $2 and (browser_hash is null or browser_hash = $1)
               and consumed_at is null and expires_at > $3",
            &[browser, id, &now],
        )
        .await
    }

    /// Uses a request up, in the transaction of its answer: of two browsers with one request, one
    /// is answered.
    pub async fn take_pending_request(&mut self, id: &PendingId, now: Time) -> Result<bool> {
        self.changes_one(
            "update pending_requests set consumed_at = $1
             where id = $2 and consumed_at is null and expires_at > $1",
            &[&now, id],
        )
        .await
    }
}
