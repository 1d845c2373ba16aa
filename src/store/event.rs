//! The audit trail.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, json},
};
use crate::{
    error::Result,
    id::{EventId, LaunchId, SessionId, UserId},
    model::{
        account::HistoryEntry,
        event::{Actor, Event, EventFacts, EventKind, Target, facts_of},
    },
};

impl Tx {
    /// Writes an event, in the transaction of what it reports, so that both are consistent. This is
    /// the only way to write one: subscribers of events are to be queued here.
    pub async fn record(&mut self, event: &Event) -> Result<()> {
        let target = event.target.as_ref();
        let data = (!event.data.is_empty()).then(|| json(&event.data));
        sqlx::query(
            "insert into events (id, at, kind, user_id, session_id, launch_id, service, address,
                 actor_kind, actor, target_kind, target, data)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(event.id.as_str())
        .bind(event.at.millis())
        .bind(event.kind.as_str())
        .bind(event.user.as_ref().map(UserId::as_str))
        .bind(event.session.as_ref().map(SessionId::as_str))
        .bind(event.launch.as_ref().map(LaunchId::as_str))
        .bind(event.service.as_deref())
        .bind(event.address.as_deref())
        .bind(event.actor.kind())
        .bind(event.actor.id())
        .bind(target.map(|target| target.kind.as_str()))
        .bind(target.map(|target| target.id.as_str()))
        .bind(data.as_deref())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// The history of a user's account, newest first, before a given line. Launches are not part of
    /// it; they have a list of their own. Ids of events sort by time.
    pub async fn events_of(
        &self,
        user: &UserId,
        before: Option<&EventId>,
        most: usize,
    ) -> Result<Vec<HistoryEntry>> {
        let rows = sqlx::query(
            "select e.id, e.at, e.kind, e.session_id, e.address, e.service, e.detail, e.actor_kind,
                    e.actor, e.target_kind, e.target, e.data, s.user_agent
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

    /// The newest events with name and facts, newest first.
    pub async fn recent_events(&self, most: i64) -> Result<Vec<(String, EventFacts)>> {
        let rows = sqlx::query(
            "select kind, detail, actor_kind, actor, target_kind, target, data
             from audit order by at desc, kind limit $1",
        )
        .bind(most)
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter()
            .map(|row| Ok((kind(row)?, facts(row)?)))
            .collect()
    }
}

/// Sorts after every id, because those continue in hexadecimal.
const NEWEST: &str = "evt_g";

/// The current name of a row's kind; an unknown one keeps its name.
pub(super) fn kind(row: &AnyRow) -> Result<String> {
    let name = row.text("kind")?;
    let kind = EventKind::named(&name);
    Ok(kind.map_or(name, |kind| kind.as_str().to_owned()))
}

/// The facts of a row, from the columns of this release or the one text of an earlier one.
pub(super) fn facts(row: &AnyRow) -> Result<EventFacts> {
    let kind = EventKind::named(&row.text("kind")?);
    let mut facts = match row.maybe_text("detail")? {
        Some(detail) => facts_of(kind, &detail),
        None => EventFacts {
            actor: None,
            target: target(row)?,
            data: row.maybe_json("data")?.unwrap_or_default(),
        },
    };
    if let Some(kind) = row.maybe_text("actor_kind")? {
        facts.actor = Actor::stored(&kind, row.maybe_text("actor")?);
    }
    Ok(facts)
}

fn target(row: &AnyRow) -> Result<Option<Target>> {
    let kind = row.maybe_text("target_kind")?;
    let id = row.maybe_text("target")?;
    Ok(kind.zip(id).map(|(kind, id)| Target { kind, id }))
}

fn line(row: &AnyRow) -> Result<HistoryEntry> {
    Ok(HistoryEntry {
        id: EventId::stored(row.text("id")?),
        at: row.time("at")?,
        kind: kind(row)?,
        session: row.maybe_text("session_id")?.map(SessionId::stored),
        address: row.maybe_text("address")?,
        service: row.maybe_text("service")?,
        facts: facts(row)?,
        user_agent: row.maybe_text("user_agent")?,
    })
}
