//! Tickets to pages behind a gateway, and the users who were admitted.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, json},
    session::{SessionColumns, signed_in},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, LaunchId, SessionId},
    model::forward_auth::{ForwardAuthEntry, ForwardAuthTicket, ForwardTarget},
};

/// The session's columns, beside those of the session at the gateway.
const BESIDE: SessionColumns = SessionColumns {
    id: "session",
    user: "person",
    created_at: "session_created_at",
};

impl Store {
    /// The user of this cookie, if their session lives: the one read of every request through a
    /// gateway.
    pub async fn forward_auth_entry(
        &self,
        token: &BearerHash,
        now: Time,
        idle_since: Time,
    ) -> Result<Option<ForwardAuthEntry>> {
        let row = sqlx::query(
            "select s.id as session, s.user_id as person, s.provider, s.amr, s.acr, s.factor_at,
                    s.remembered_at, s.created_at as session_created_at, s.authenticated_at, s.proved_at,
                    s.seen_at, s.expires_at, u.login, u.username, u.name, u.attributes,
                    u.mail_verified_at, u.disabled_at, u.admin_at, g.service, g.instance, g.path,
                    g.launch_id, g.told
             from forward_auth_sessions g join sessions s on s.id = g.session_id
                 join users u on u.id = s.user_id
             where g.token_hash = $1 and s.ended_at is null and s.expires_at > $2
               and (s.seen_at > $3 or s.remembered_at is not null) and u.disabled_at is null",
        )
        .bind(token.as_str())
        .bind(now.millis())
        .bind(idle_since.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        row.map(|row| {
            Ok(ForwardAuthEntry {
                who: signed_in(&row, &BESIDE)?,
                place: place(&row)?,
                told: row.maybe_json("told")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Single use is this one guarded update.
    pub async fn take_forward_auth_ticket(
        &mut self,
        ticket: &BearerHash,
        now: Time,
    ) -> Result<Option<ForwardAuthTicket>> {
        let row = sqlx::query(
            "update forward_auth_tickets set consumed_at = $1
             where ticket_hash = $2 and consumed_at is null and expires_at > $1
             returning ticket_hash, session_id, service, instance, path, launch_id, expires_at",
        )
        .bind(now.millis())
        .bind(ticket.as_str())
        .fetch_optional(self.open.connection())
        .await?;
        row.map(|row| {
            Ok(ForwardAuthTicket {
                hash: BearerHash::stored(row.text("ticket_hash")?),
                session: SessionId::stored(row.text("session_id")?),
                place: place(&row)?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
    }

    pub async fn insert_forward_auth_ticket(&mut self, ticket: &ForwardAuthTicket) -> Result<()> {
        sqlx::query(
            "insert into forward_auth_tickets (ticket_hash, session_id, service, instance, path, launch_id,
                 expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(ticket.hash.as_str())
        .bind(ticket.session.as_str())
        .bind(&ticket.place.service)
        .bind(&ticket.place.instance)
        .bind(&ticket.place.path)
        .bind(ticket.place.launch.as_ref().map(LaunchId::as_str))
        .bind(ticket.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Admits the bearer of `token`, for as long as the ticket's session lives.
    pub async fn insert_forward_auth_session(
        &mut self,
        token: &BearerHash,
        ticket: &ForwardAuthTicket,
        told: Option<&serde_json::Value>,
        now: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into forward_auth_sessions (token_hash, session_id, service, instance, path, launch_id,
                 told, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token.as_str())
        .bind(ticket.session.as_str())
        .bind(&ticket.place.service)
        .bind(&ticket.place.instance)
        .bind(&ticket.place.path)
        .bind(ticket.place.launch.as_ref().map(LaunchId::as_str))
        .bind(told.map(json))
        .bind(now.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}

fn place(row: &AnyRow) -> Result<ForwardTarget> {
    Ok(ForwardTarget {
        service: row.text("service")?,
        instance: row.text("instance")?,
        path: row.text("path")?,
        launch: row.maybe_text("launch_id")?.map(LaunchId::stored),
    })
}
