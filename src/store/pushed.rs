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
        let row = sqlx::query(
            "select request from pushed_requests
             where uri_hash = $1 and client = $2 and consumed_at is null and expires_at > $3",
        )
        .bind(uri.as_str())
        .bind(client)
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        row.map(|row| row.json("request")).transpose()
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
        sqlx::query(
            "insert into pushed_requests (uri_hash, client, request, expires_at)
             values ($1, $2, $3, $4)",
        )
        .bind(uri.as_str())
        .bind(&request.client)
        .bind(bounded(request)?)
        .bind(expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Uses a `request_uri` up, in the transaction of its answer: single use is this one guarded
    /// update.
    pub async fn take_pushed_request(&mut self, uri: &BearerHash, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "update pushed_requests set consumed_at = $1
             where uri_hash = $2 and consumed_at is null and expires_at > $1",
        )
        .bind(now.millis())
        .bind(uri.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
