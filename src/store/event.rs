//! The audit trail.

use sqlx::any::AnyRow;

use super::{Store, Tx, row::Columns};
use crate::{
    error::Result,
    id::{EventId, LaunchId, SessionId, UserId},
    model::{account::HistoryEntry, event::Event},
};

impl Tx {
    /// Written in the transaction of what it tells of: neither is ever without the other.
    pub async fn insert_event(&mut self, event: &Event) -> Result<()> {
        sqlx::query(
            "insert into events (id, at, kind, user_id, session_id, launch_id, service, address,
                 detail)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(event.id.as_str())
        .bind(event.at.millis())
        .bind(event.kind.as_str())
        .bind(event.user.as_ref().map(UserId::as_str))
        .bind(event.session.as_ref().map(SessionId::as_str))
        .bind(event.launch.as_ref().map(LaunchId::as_str))
        .bind(event.service.as_deref())
        .bind(event.address.as_deref())
        .bind(event.detail.as_deref())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// What happened around a person's account, newest first, before a line of it. Launches are
    /// not part of it; they have a list of their own. Ids of events sort by time.
    pub async fn events_of(
        &self,
        user: &UserId,
        before: Option<&EventId>,
        most: usize,
    ) -> Result<Vec<HistoryEntry>> {
        let rows = sqlx::query(
            "select e.id, e.at, e.kind, e.session_id, e.address, e.service, e.detail, s.user_agent
             from events e left join sessions s on s.id = e.session_id and s.user_id = e.user_id
             where e.user_id = $1 and e.id < $2 and e.kind not like 'launch.%' and e.kind not like 'logout.%'
             order by e.id desc limit $3",
        )
        .bind(user.as_str())
        .bind(before.map_or(NEWEST, EventId::as_str))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(line).collect()
    }

    /// The newest events as (name, detail), newest first.
    pub async fn recent_events(&self, most: i64) -> Result<Vec<(String, Option<String>)>> {
        let rows = sqlx::query("select kind, detail from audit order by at desc, kind limit $1")
            .bind(most)
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter()
            .map(|row| Ok((row.text("kind")?, row.maybe_text("detail")?)))
            .collect()
    }
}

/// Comes after every id: they go on in hexadecimal.
const NEWEST: &str = "evt_g";

fn line(row: &AnyRow) -> Result<HistoryEntry> {
    Ok(HistoryEntry {
        id: EventId::stored(row.text("id")?),
        at: row.time("at")?,
        kind: row.text("kind")?,
        session: row.maybe_text("session_id")?.map(SessionId::stored),
        address: row.maybe_text("address")?,
        service: row.maybe_text("service")?,
        detail: row.maybe_text("detail")?,
        user_agent: row.maybe_text("user_agent")?,
    })
}
