//! Tickets to pages behind a gateway, and the users who were admitted.

use super::{
    ProtocolTables, Store, Tx,
    row::{Columns, Row},
    session::{signed_in, signed_in_columns},
    statement::Json,
    sweep::expiring,
};
use crate::{
    clock::Time,
    error::Result,
    id::BearerHash,
    model::forward_auth::{ForwardAuthEntry, ForwardAuthTicket, ForwardTarget},
};

/// The columns that [`place`] reads, of tickets and of sessions at a gateway.
macro_rules! place_columns {
    () => {
        "service, instance, path, launch_id"
    };
}

pub(super) const TABLES: ProtocolTables = ProtocolTables {
    sweeps: &[expiring("forward_auth_tickets", "ticket_hash")],
    by_instance: None,
};

impl Store {
    /// The user of this cookie, if their session is active: the one read of every request through a
    /// gateway.
    pub async fn forward_auth_entry(
        &self,
        token: &BearerHash,
        now: Time,
        idle_since: Time,
    ) -> Result<Option<ForwardAuthEntry>> {
        self.one(
            concat!(
                "select ",
                signed_in_columns!(),
                ", ",
                place_columns!(),
                ", g.told
                 from forward_auth_sessions g join sessions on sessions.id = g.session_id
                     join users on users.id = sessions.user_id
                 where g.token_hash = $1 and sessions.ended_at is null
                   and sessions.expires_at > $2
                   and (sessions.seen_at > $3 or sessions.remembered_at is not null)
                   and users.disabled_at is null"
            ),
            &[token, &now, &idle_since],
            entry,
        )
        .await
    }
}

impl Tx {
    /// Single use is this one guarded update.
    pub async fn take_forward_auth_ticket(
        &mut self,
        ticket: &BearerHash,
        now: Time,
    ) -> Result<Option<ForwardAuthTicket>> {
        self.one(
            concat!(
                "update forward_auth_tickets set consumed_at = $1
                 where ticket_hash = $2 and consumed_at is null and expires_at > $1
                 returning ticket_hash, session_id, expires_at, ",
                place_columns!()
            ),
            &[&now, ticket],
            forward_auth_ticket,
        )
        .await
    }

    pub async fn insert_forward_auth_ticket(&mut self, ticket: &ForwardAuthTicket) -> Result<()> {
        self.run(
            "insert into forward_auth_tickets (ticket_hash, session_id, service, instance, path, launch_id,
                 expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &ticket.hash,
                &ticket.session,
                &ticket.place.service,
                &ticket.place.instance,
                &ticket.place.path,
                &ticket.place.launch,
                &ticket.expires_at,
            ],
        )
        .await
    }

    /// Admits the bearer of `token`, for as long as the ticket's session is active.
    pub async fn insert_forward_auth_session(
        &mut self,
        token: &BearerHash,
        ticket: &ForwardAuthTicket,
        launch_data: Option<&serde_json::Value>,
        now: Time,
    ) -> Result<()> {
        self.run(
            "insert into forward_auth_sessions (token_hash, session_id, service, instance, path, launch_id,
                 told, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                token,
                &ticket.session,
                &ticket.place.service,
                &ticket.place.instance,
                &ticket.place.path,
                &ticket.place.launch,
                &launch_data.map(Json),
                &now,
            ],
        )
        .await
    }
}

fn entry(row: &Row<'_>) -> Result<ForwardAuthEntry> {
    Ok(ForwardAuthEntry {
        who: signed_in(row)?,
        place: place(row)?,
        launch_data: row.maybe_json("told")?,
    })
}

fn forward_auth_ticket(row: &Row<'_>) -> Result<ForwardAuthTicket> {
    Ok(ForwardAuthTicket {
        hash: row.id("ticket_hash")?,
        session: row.id("session_id")?,
        place: place(row)?,
        expires_at: row.time("expires_at")?,
    })
}

fn place(row: &Row<'_>) -> Result<ForwardTarget> {
    Ok(ForwardTarget {
        service: row.text("service")?,
        instance: row.text("instance")?,
        path: row.text("path")?,
        launch: row.maybe_id("launch_id")?,
    })
}
