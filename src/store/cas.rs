//! CAS 3.0: service tickets, and the names of its services among the parties of a session.

use super::{
    ProtocolTables, Tx,
    row::{Columns, Row},
    sweep::expiring,
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, LaunchId, SessionId},
};

/// The kind of its parties: services, each instance of which is a separate application.
pub const PARTY: &str = "cas";

pub(super) const TABLES: ProtocolTables = ProtocolTables {
    sweeps: &[expiring("service_tickets", "ticket_hash")],
    by_instance: Some(PARTY),
};

/// A service ticket as it is kept.
#[derive(Clone, Debug)]
pub struct ServiceTicket {
    pub hash: BearerHash,
    pub session: SessionId,
    /// Slugs of the service and instance it was issued for.
    pub service: String,
    pub instance: String,
    /// The exact address it was issued for, without a fragment, which browsers do not send.
    pub url: String,
    pub launch: Option<LaunchId>,
    /// When the user authenticated for this ticket; `None` if by single sign-on. Checked by `renew`
    /// at validation (section 2.5.1).
    pub primary_at: Option<Time>,
    pub expires_at: Time,
}

impl Tx {
    /// Single use is this one guarded update: the first request with the ticket uses it up,
    /// whatever its other parameters.
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

fn service_ticket(row: &Row<'_>) -> Result<ServiceTicket> {
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
