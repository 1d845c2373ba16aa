//! CAS: service tickets.

use sqlx::any::AnyRow;

use super::{Tx, row::Columns};
use crate::{clock::Time, error::Result, id::BearerHash, model::cas::ServiceTicket};

impl Tx {
    /// Single use is this one guarded update: the first request that brings the ticket uses it up,
    /// whatever else it brought.
    pub async fn take_service_ticket(
        &mut self,
        ticket: &BearerHash,
        now: Time,
    ) -> Result<Option<ServiceTicket>> {
        self.one(
            "update service_tickets set consumed_at = $1
             where ticket_hash = $2 and consumed_at is null and expires_at > $1
             returning ticket_hash, session_id, service, instance, url, launch_id, primary_at,
                 expires_at",
            &[&now, ticket],
            service_ticket,
        )
        .await
    }

    pub async fn insert_service_ticket(&mut self, ticket: &ServiceTicket) -> Result<()> {
        self.run(
            "insert into service_tickets (ticket_hash, session_id, service, instance, url,
                 launch_id, primary_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &ticket.hash,
                &ticket.session,
                &ticket.service,
                &ticket.instance,
                &ticket.url,
                &ticket.launch,
                &ticket.primary_at,
                &ticket.expires_at,
            ],
        )
        .await
    }
}

fn service_ticket(row: &AnyRow) -> Result<ServiceTicket> {
    Ok(ServiceTicket {
        hash: row.id("ticket_hash")?,
        session: row.id("session_id")?,
        service: row.text("service")?,
        instance: row.text("instance")?,
        url: row.text("url")?,
        launch: row.maybe_id("launch_id")?,
        primary_at: row.maybe_time("primary_at")?,
        expires_at: row.time("expires_at")?,
    })
}
