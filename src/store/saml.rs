//! Requests of service providers, and the sessions they know people by.

use super::{
    Store, Tx,
    launch::launch,
    row::{Columns, bounded},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, SamlRequestId, SessionId},
    model::{allowance::Write, launch::Launch, service_provider::SamlRequest},
};

impl Store {
    /// The one launch of this session that is on its way to this instance by asking it to ask us.
    /// Of several, which is meant cannot be known: then none is.
    pub async fn only_departed(
        &self,
        session: &SessionId,
        (service, instance, method): (&str, &str, &str),
        since: Time,
    ) -> Result<Option<Launch>> {
        let rows = sqlx::query(
            "select * from launches where session_id = $1 and service = $2 and instance = $3
                 and method = $4 and stage = 'departed' and departed_at > $5 limit 2",
        )
        .bind(session.as_str())
        .bind(service)
        .bind(instance)
        .bind(method)
        .bind(since.millis())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        match rows.as_slice() {
            [row] => launch(row).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether a service provider received a user by this name, in a session that is still on
    /// record.
    pub async fn is_subject_at_party(&self, party: &str, subject: &str) -> Result<bool> {
        let row = sqlx::query(
            "select 1 from party_sessions where kind = 'saml' and party = $1 and subject = $2
             limit 1",
        )
        .bind(party)
        .bind(subject)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    pub async fn insert_saml_request(
        &mut self,
        _write: &Write,
        id: &SamlRequestId,
        browser: Option<&BearerHash>,
        request: &SamlRequest,
        fresh_since: Option<Time>,
        expires_at: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into saml_requests (id, browser_hash, request, fresh_since, expires_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_str())
        .bind(browser.map(BearerHash::as_str))
        .bind(bounded(request)?)
        .bind(fresh_since.map(Time::millis))
        .bind(expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// A waiting request, for the browser that brought it; the first one to, if it came by form.
    pub async fn saml_request(
        &mut self,
        id: &SamlRequestId,
        browser: &BearerHash,
        now: Time,
    ) -> Result<Option<(SamlRequest, Option<Time>)>> {
        let row = sqlx::query(
            "update saml_requests set browser_hash = $1
             where id = $2 and (browser_hash is null or browser_hash = $1)
               and consumed_at is null and expires_at > $3
             returning request, fresh_since",
        )
        .bind(browser.as_str())
        .bind(id.as_str())
        .bind(now.millis())
        .fetch_optional(self.open.connection())
        .await?;
        row.map(|row| Ok((row.json("request")?, row.maybe_time("fresh_since")?)))
            .transpose()
    }

    pub async fn take_saml_request(&mut self, id: &SamlRequestId, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "update saml_requests set consumed_at = $1
             where id = $2 and consumed_at is null and expires_at > $1",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
