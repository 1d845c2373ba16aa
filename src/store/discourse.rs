//! DiscourseConnect: requests that wait.

use super::{
    Store, Tx,
    row::{Columns, bounded},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, DiscourseRequestId},
    model::{allowance::Write, discourse::DiscourseRequest},
};

impl Store {
    /// A request that waits for the person of this browser.
    pub async fn discourse_request(
        &self,
        id: &DiscourseRequestId,
        browser: &BearerHash,
        now: Time,
    ) -> Result<Option<DiscourseRequest>> {
        let row = sqlx::query(
            "select request from discourse_requests
             where id = $1 and browser_hash = $2 and expires_at > $3 and consumed_at is null",
        )
        .bind(id.as_str())
        .bind(browser.as_str())
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        row.map(|row| row.json("request")).transpose()
    }
}

impl Tx {
    pub async fn insert_discourse_request(
        &mut self,
        _write: &Write,
        id: &DiscourseRequestId,
        browser: &BearerHash,
        request: &DiscourseRequest,
        expires_at: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into discourse_requests (id, browser_hash, request, expires_at)
             values ($1, $2, $3, $4)",
        )
        .bind(id.as_str())
        .bind(browser.as_str())
        .bind(bounded(request)?)
        .bind(expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    pub async fn take_discourse_request(
        &mut self,
        id: &DiscourseRequestId,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update discourse_requests set consumed_at = $1
             where id = $2 and consumed_at is null and expires_at > $1",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
