//! CAS: requests that wait, and service tickets.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, bounded},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, CasRequestId, LaunchId, SessionId},
    model::{
        allowance::Write,
        cas::{CasRequest, ServiceTicket},
    },
};

impl Store {
    /// A request that waits for the person of this browser, and when it was made.
    pub async fn cas_request(
        &self,
        id: &CasRequestId,
        browser: &BearerHash,
        now: Time,
    ) -> Result<Option<(CasRequest, Time)>> {
        let row = sqlx::query(
            "select request, asked_at from cas_requests
             where id = $1 and browser_hash = $2 and expires_at > $3 and consumed_at is null",
        )
        .bind(id.as_str())
        .bind(browser.as_str())
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.json("request")?, row.time("asked_at")?)))
    }
}

impl Tx {
    /// Single use is this one guarded update: the first request that brings the ticket uses it up,
    /// whatever else it brought.
    pub async fn take_service_ticket(
        &mut self,
        ticket: &BearerHash,
        now: Time,
    ) -> Result<Option<ServiceTicket>> {
        sqlx::query(
            "update service_tickets set consumed_at = $1
             where ticket_hash = $2 and consumed_at is null and expires_at > $1
             returning ticket_hash, session_id, service, instance, url, launch_id, primary_at,
                 expires_at",
        )
        .bind(now.millis())
        .bind(ticket.as_str())
        .fetch_optional(self.open.connection())
        .await?
        .map(|row| service_ticket(&row))
        .transpose()
    }

    pub async fn insert_cas_request(
        &mut self,
        _write: &Write,
        id: &CasRequestId,
        browser: &BearerHash,
        request: &CasRequest,
        asked_at: Time,
        expires_at: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into cas_requests (id, browser_hash, request, asked_at, expires_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_str())
        .bind(browser.as_str())
        .bind(bounded(request)?)
        .bind(asked_at.millis())
        .bind(expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    pub async fn take_cas_request(&mut self, id: &CasRequestId, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "update cas_requests set consumed_at = $1
             where id = $2 and consumed_at is null and expires_at > $1",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn insert_service_ticket(&mut self, ticket: &ServiceTicket) -> Result<()> {
        sqlx::query(
            "insert into service_tickets (ticket_hash, session_id, service, instance, url,
                 launch_id, primary_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(ticket.hash.as_str())
        .bind(ticket.session.as_str())
        .bind(&ticket.service)
        .bind(&ticket.instance)
        .bind(&ticket.url)
        .bind(ticket.launch.as_ref().map(LaunchId::as_str))
        .bind(ticket.primary_at.map(Time::millis))
        .bind(ticket.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}

fn service_ticket(row: &AnyRow) -> Result<ServiceTicket> {
    Ok(ServiceTicket {
        hash: BearerHash::stored(row.text("ticket_hash")?),
        session: SessionId::stored(row.text("session_id")?),
        service: row.text("service")?,
        instance: row.text("instance")?,
        url: row.text("url")?,
        launch: row.maybe_text("launch_id")?.map(LaunchId::stored),
        primary_at: row.maybe_time("primary_at")?,
        expires_at: row.time("expires_at")?,
    })
}
