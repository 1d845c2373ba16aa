//! Pushed authorization requests.

use super::{
    Store, Tx,
    row::{Columns, bounded},
};
use crate::{
    clock::Time, error::Result, id::BearerHash, model::allowance::Write,
    protocol::oauth::AuthorizationRequest,
};

impl Store {
    /// The client's request behind a `request_uri` that was not used.
    pub async fn pushed_request(
        &self,
        uri: &BearerHash,
        client: &str,
        now: Time,
    ) -> Result<Option<AuthorizationRequest>> {
        self.one(
            "select request from pushed_requests
             where uri_hash = $1 and client = $2 and consumed_at is null and expires_at > $3",
            &[uri, &client, &now],
            |row| row.json("request"),
        )
        .await
    }
}

impl Tx {
    pub async fn insert_pushed_request(
        &mut self,
        _write: &Write,
        uri: &BearerHash,
        request: &AuthorizationRequest,
        expires_at: Time,
    ) -> Result<()> {
        self.run(
            "insert into pushed_requests (uri_hash, client, request, expires_at)
             values ($1, $2, $3, $4)",
            &[uri, &request.client, &bounded(request)?, &expires_at],
        )
        .await
    }

    /// Uses a `request_uri` up, in the transaction of its answer: single use is this one guarded
    /// update.
    pub async fn take_pushed_request(&mut self, uri: &BearerHash, now: Time) -> Result<bool> {
        self.changes_one(
            "update pushed_requests set consumed_at = $1
             where uri_hash = $2 and consumed_at is null and expires_at > $1",
            &[&now, uri],
        )
        .await
    }
}
