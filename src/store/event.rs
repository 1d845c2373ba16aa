//! The audit trail.

use super::{Store, Tx, row::Columns};
use crate::{
    error::Result,
    id::{LaunchId, SessionId, UserId},
    model::event::Event,
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
