//! Tickets to pages behind a gateway, and the users who were admitted.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::Columns,
    session::{SessionColumns, signed_in},
    statement::Json,
};
use crate::{
    clock::Time,
    error::Result,
    id::BearerHash,
    model::forward_auth::{ForwardAuthEntry, ForwardAuthTicket, ForwardTarget},
};

/// The session's columns beside those of the session at the gateway.
const BESIDE: SessionColumns = SessionColumns {
    id: "session",
    user: "person",
    created_at: "session_created_at",
};

impl Store {
    /// Who is behind this cookie, if their session lives: the one read of every request through a
    /// gateway.
    pub async fn forward_auth_entry(
        &self,
        token: &BearerHash,
        now: Time,
        idle_since: Time,
    ) -> Result<Option<ForwardAuthEntry>> {
        self.one(
            "select s.id as session, s.user_id as person, s.provider, s.amr, s.acr, s.factor_at,
                    s.remembered_at, s.created_at as session_created_at, s.authenticated_at, s.proved_at,
                    s.seen_at, s.expires_at, u.login, u.username, u.name, u.attributes,
                    u.mail_verified_at, u.disabled_at, u.admin_at, g.service, g.instance, g.path,
                    g.launch_id, g.told
             from forward_auth_sessions g join sessions s on s.id = g.session_id
                 join users u on u.id = s.user_id
             where g.token_hash = $1 and s.ended_at is null and s.expires_at > $2
               and (s.seen_at > $3 or s.remembered_at is not null) and u.disabled_at is null",
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
            "update forward_auth_tickets set consumed_at = $1
             where ticket_hash = $2 and consumed_at is null and expires_at > $1
             returning ticket_hash, session_id, service, instance, path, launch_id, expires_at",
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

    /// Lets the bearer of `token` in, for as long as the ticket's session lives.
    pub async fn insert_forward_auth_session(
        &mut self,
        token: &BearerHash,
        ticket: &ForwardAuthTicket,
        told: Option<&serde_json::Value>,
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
                &told.map(Json),
                &now,
            ],
        )
        .await
    }
}

fn entry(row: &AnyRow) -> Result<ForwardAuthEntry> {
    Ok(ForwardAuthEntry {
        who: signed_in(row, &BESIDE)?,
        place: place(row)?,
        told: row.maybe_json("told")?,
    })
}

fn forward_auth_ticket(row: &AnyRow) -> Result<ForwardAuthTicket> {
    Ok(ForwardAuthTicket {
        hash: row.id("ticket_hash")?,
        session: row.id("session_id")?,
        place: place(row)?,
        expires_at: row.time("expires_at")?,
    })
}

fn place(row: &AnyRow) -> Result<ForwardTarget> {
    Ok(ForwardTarget {
        service: row.text("service")?,
        instance: row.text("instance")?,
        path: row.text("path")?,
        launch: row.maybe_id("launch_id")?,
    })
}
