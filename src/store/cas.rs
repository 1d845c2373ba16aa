//! CAS: service tickets.

use sqlx::any::AnyRow;

use super::{Tx, row::Columns};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, LaunchId, SessionId},
    model::cas::ServiceTicket,
};

impl Tx {
    /// Single use is this one guarded update: the first request with the ticket uses it up,
    /// whatever its other parameters.
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
