//! Pushed authorization requests.

use super::{
    Store,
    row::{Columns, json},
};
use crate::{clock::Time, error::Result, id::BearerHash, protocol::oauth::AuthorizationRequest};

impl Store {
    pub async fn insert_pushed_request(
        &self,
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
        .bind(json(request))
        .bind(expires_at.millis())
        .execute(&mut *self.write.acquire().await?)
        .await?;
        Ok(())
    }

    /// The client's request behind a `request_uri`: single use is this one guarded update.
    pub async fn take_pushed_request(
        &self,
        uri: &BearerHash,
        client: &str,
        now: Time,
    ) -> Result<Option<AuthorizationRequest>> {
        let row = sqlx::query(
            "update pushed_requests set consumed_at = $1
             where uri_hash = $2 and client = $3 and consumed_at is null and expires_at > $1
             returning request",
        )
        .bind(now.millis())
        .bind(uri.as_str())
        .bind(client)
        .fetch_optional(&mut *self.write.acquire().await?)
        .await?;
        row.map(|row| row.json("request")).transpose()
    }
}
