//! The audit trail.

use super::{
    Store, Tx,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    error::Result,
    id::{EventId, UserId},
    model::{
        account::HistoryEntry,
        event::{Actor, Event, EventFacts, EventKind, Target, facts_of},
    },
};

/// The columns of `events` and `audit` that [`facts`] reads; sessions and users have none of these
/// names.
macro_rules! fact_columns {
    () => {
        "kind, detail, actor_kind, actor, target_kind, target, data"
    };
}
pub(super) use fact_columns;

impl Tx {
    /// Writes an event, in the transaction of what it reports, so that both are consistent. This is
    /// the only way to write one: subscribers of events are to be queued here.
    pub async fn record(&mut self, event: &Event) -> Result<()> {
        let target = event.target.as_ref();
        let data = (!event.data.is_empty()).then_some(Json(&event.data));
        self.run(
            "insert into events (id, at, kind, user_id, session_id, launch_id, service, address,
                 actor_kind, actor, target_kind, target, data)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            &[
                &event.id,
                &event.at,
                &event.kind.as_str(),
                &event.user,
                &event.session,
                &event.launch,
                &event.service,
                &event.address,
                &event.actor.kind(),
                &event.actor.id(),
                &target.map(|target| target.kind.as_str()),
                &target.map(|target| target.id.as_str()),
                &data,
            ],
        )
        .await
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
        self.all(
            concat!(
                "select e.id, e.at, e.session_id, e.address, e.service, s.user_agent, ",
                fact_columns!(),
                " from events e
                     left join sessions s on s.id = e.session_id and s.user_id = e.user_id
                 where e.user_id = $1 and e.id < $2 and e.kind not like 'launch.%'
                   and e.kind not like 'logout.%'
                 order by e.id desc limit $3"
            ),
            &[
                user,
                &before.map_or(NEWEST, EventId::as_str),
                &i64::try_from(most).unwrap_or(i64::MAX),
            ],
            line,
        )
        .await
    }

    /// The newest events with name and facts, newest first.
    pub async fn recent_events(&self, most: i64) -> Result<Vec<(String, EventFacts)>> {
        self.all(
            concat!(
                "select ",
                fact_columns!(),
                " from audit order by at desc, kind limit $1"
            ),
            &[&most],
            |row| Ok((kind(row)?, facts(row)?)),
        )
        .await
    }
}

/// Sorts after every id, because those continue in hexadecimal.
const NEWEST: &str = "evt_g";

/// The current name of a row's kind; an unknown one keeps its name.
pub(super) fn kind(row: &Row<'_>) -> Result<String> {
    let name = row.str("kind")?;
    let kind = EventKind::named(name);
    Ok(kind.map_or(name, |kind| kind.as_str()).to_owned())
}

/// The facts of a row, from the columns of this release or the one text of an earlier one.
pub(super) fn facts(row: &Row<'_>) -> Result<EventFacts> {
    let kind = EventKind::named(row.str("kind")?);
    let mut facts = match row.maybe_str("detail")? {
        Some(detail) => facts_of(kind, detail),
        None => EventFacts {
            actor: None,
            target: target(row)?,
            data: row.maybe_json("data")?.unwrap_or_default(),
        },
    };
    if let Some(kind) = row.maybe_str("actor_kind")? {
        facts.actor = Actor::stored(kind, row.maybe_text("actor")?);
    }
    Ok(facts)
}

fn target(row: &Row<'_>) -> Result<Option<Target>> {
    let kind = row.maybe_text("target_kind")?;
    let id = row.maybe_text("target")?;
    Ok(kind.zip(id).map(|(kind, id)| Target { kind, id }))
}

fn line(row: &Row<'_>) -> Result<HistoryEntry> {
    Ok(HistoryEntry {
        id: row.id("id")?,
        at: row.time("at")?,
        kind: kind(row)?,
        session: row.maybe_id("session_id")?,
        address: row.maybe_text("address")?,
        service: row.maybe_text("service")?,
        facts: facts(row)?,
        user_agent: row.maybe_text("user_agent")?,
    })
}
