//! Launches: the tickets.

use super::{
    Store, Tx,
    connection::DbConnection,
    row::{Columns, Row},
    statement::{Json, statement},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, LaunchId, UserId},
    model::{
        context::Context,
        launch::{Ask, Departed, Launch, LaunchHolder, Stage},
        receipt::Reason,
    },
};

/// The columns of `launches` that [`launch`] reads.
macro_rules! launch_columns {
    () => {
        "launches.id as launches_id, launches.stage, launches.service, launches.intent,
         launches.kind, launches.record_key, launches.fields, launches.browser_hash,
         launches.user_id as launches_user_id, launches.session_id as launches_session_id,
         launches.instance, launches.method, launches.client as launches_client, launches.target,
         launches.context, launches.handle_hash, launches.handle_expires_at, launches.reason,
         launches.address, launches.created_at as launches_created_at, launches.departed_at,
         launches.refused_at"
    };
}
pub(super) use launch_columns;

/// A record the user opened lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRecord {
    pub service: String,
    pub kind: String,
    pub key: String,
    pub at: Time,
    pub fate: Fate,
}

/// The outcome of a launch, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The user was sent; more is not known.
    Sent,
    /// The application has fetched identity and context.
    Arrived,
    /// The application reports that the user has reached the record.
    Confirmed,
    /// The application reports why it did not open the record.
    Refused(Reason),
}

impl Store {
    pub async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>> {
        by_id(&mut *self.reader().await?, id).await
    }

    /// A user's latest departures to records, newest first, with repetitions. The limit is a
    /// literal: as an argument, it would make SQLite prepare the statement each time.
    pub async fn recent_launches(&self, user: &UserId) -> Result<Vec<RecentRecord>> {
        self.all(
            "select l.service, l.kind, l.record_key, l.departed_at, r.outcome, r.reason,
                    coalesce(l.landed_at, g.redeemed_at) as landed_at
             from launches l left join grants g on g.launch_id = l.id
                 left join receipts r on r.launch_id = l.id
             where l.user_id = $1 and l.record_key is not null and l.departed_at is not null
             order by l.id desc limit 20",
            &[user],
            recent,
        )
        .await
    }
}

impl Tx {
    /// As [`Store::launch`], in a transaction.
    pub async fn launch(&mut self, id: &LaunchId) -> Result<Option<Launch>> {
        by_id(self.open.connection(), id).await
    }

    pub async fn insert_launch(&mut self, launch: &Launch) -> Result<()> {
        let flat = Flat::of(launch);
        self.run(
            "insert into launches (id, stage, service, intent, kind, record_key, fields,
                 browser_hash, user_id, session_id, instance, method, client, target, context,
                 handle_hash, handle_expires_at, reason, address, created_at, departed_at, refused_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19, $20, $21, $22)",
            &[
                &launch.id,
                &launch.stage.as_str(),
                &launch.ask.service,
                &launch.ask.intent,
                &launch.ask.record.as_ref().map(|(kind, _)| kind.as_str()),
                &launch.ask.record.as_ref().map(|(_, key)| key.as_str()),
                &Json(&launch.ask.fields),
                &flat.browser,
                &flat.user,
                &flat.session,
                &flat.departed.map(|d| d.instance.as_str()),
                &flat.departed.map(|d| d.method.as_str()),
                &flat.departed.and_then(|d| d.client.as_deref()),
                &flat.departed.map(|d| d.target.as_str()),
                &flat.context(),
                &flat.handle(),
                &flat.handle_expires_at(),
                &flat.reason,
                &launch.address,
                &launch.created_at,
                &flat.departed.map(|d| d.at),
                &flat.refused_at,
            ],
        )
        .await
    }

    /// Writes a ticket's next stage, if no other request changed it from `from` meanwhile.
    pub async fn move_launch(&mut self, launch: &Launch, from: &str) -> Result<bool> {
        let flat = Flat::of(launch);
        self.changes_one(
            "update launches set stage = $1, browser_hash = $2, user_id = $3, session_id = $4,
                 instance = $5, method = $6, client = $7, target = $8, context = $9,
                 handle_hash = $10, handle_expires_at = $11, reason = $12, departed_at = $13,
                 refused_at = $14
             where id = $15 and stage = $16",
            &[
                &launch.stage.as_str(),
                &flat.browser,
                &flat.user,
                &flat.session,
                &flat.departed.map(|d| d.instance.as_str()),
                &flat.departed.map(|d| d.method.as_str()),
                &flat.departed.and_then(|d| d.client.as_deref()),
                &flat.departed.map(|d| d.target.as_str()),
                &flat.context(),
                &flat.handle(),
                &flat.handle_expires_at(),
                &flat.reason,
                &flat.departed.map(|d| d.at),
                &flat.refused_at,
                &launch.id,
                &from,
            ],
        )
        .await
    }

    /// A launch that its application has received; once.
    pub async fn land_launch(&mut self, id: &LaunchId, now: Time) -> Result<bool> {
        self.changes_one(
            "update launches set stage = 'landed', landed_at = $1
             where id = $2 and stage = 'departed'",
            &[&now, id],
        )
        .await
    }
}

async fn by_id(line: &mut DbConnection, id: &LaunchId) -> Result<Option<Launch>> {
    let sql = concat!(
        "select ",
        launch_columns!(),
        " from launches where launches.id = $1"
    );
    line.one(statement(sql, &[id]), launch).await
}

/// The columns of a stage.
struct Flat<'a> {
    browser: Option<&'a str>,
    user: Option<&'a str>,
    session: Option<&'a str>,
    departed: Option<&'a Departed>,
    reason: Option<&'a str>,
    refused_at: Option<Time>,
}

impl<'a> Flat<'a> {
    fn of(launch: &'a Launch) -> Self {
        let holder = launch.holder();
        let mut flat = Self {
            browser: None,
            user: holder.map(|h| h.user.as_str()),
            session: holder.map(|h| h.session.as_str()),
            departed: None,
            reason: None,
            refused_at: None,
        };
        match &launch.stage {
            Stage::Requested { browser } => flat.browser = Some(browser.as_str()),
            Stage::Departed { departure, .. } => flat.departed = Some(departure),
            Stage::Refused { reason, at, .. } => {
                flat.reason = Some(reason);
                flat.refused_at = Some(*at);
            }
            Stage::Claimed { .. } | Stage::Landed { .. } => {}
        }
        flat
    }

    fn context(&self) -> Option<Json<'a, Context>> {
        self.departed?.context.as_ref().map(Json)
    }

    fn handle(&self) -> Option<&'a str> {
        self.departed?.handle.as_ref().map(BearerHash::as_str)
    }

    fn handle_expires_at(&self) -> Option<Time> {
        self.departed?.handle_expires_at
    }
}

pub(super) fn launch(row: &Row<'_>) -> Result<Launch> {
    let kind = row.maybe_text("kind")?;
    let key = row.maybe_text("record_key")?;
    let ask = Ask {
        service: row.text("service")?,
        record: kind.zip(key),
        intent: row.text("intent")?,
        fields: row.json("fields")?,
    };
    Ok(Launch {
        id: row.id("launches_id")?,
        ask,
        stage: stage(row)?,
        created_at: row.time("launches_created_at")?,
        address: row.maybe_text("address")?.unwrap_or_default(),
    })
}

fn stage(row: &Row<'_>) -> Result<Stage> {
    let holder = row
        .maybe_id("launches_user_id")?
        .zip(row.maybe_id("launches_session_id")?)
        .map(|(user, session)| LaunchHolder { user, session });
    let stage = row.str("stage")?;
    match (stage, holder) {
        ("requested", _) => {
            let browser = BearerHash::stored(row.maybe_text("browser_hash")?.unwrap_or_default());
            Ok(Stage::Requested { browser })
        }
        ("claimed", Some(holder)) => Ok(Stage::Claimed { holder }),
        ("departed", Some(holder)) => Ok(Stage::Departed {
            holder,
            departure: departed(row)?,
        }),
        ("landed", Some(holder)) => Ok(Stage::Landed { holder }),
        ("refused", holder) => Ok(Stage::Refused {
            holder,
            reason: row.maybe_text("reason")?.unwrap_or_default(),
            at: row.maybe_time("refused_at")?.unwrap_or_default(),
        }),
        _ => Err(Error::Internal(format!(
            "a launch stands at \"{stage}\" without a holder"
        ))),
    }
}

fn departed(row: &Row<'_>) -> Result<Departed> {
    Ok(Departed {
        at: row.maybe_time("departed_at")?.unwrap_or_default(),
        instance: row.maybe_text("instance")?.unwrap_or_default(),
        method: row.maybe_text("method")?.unwrap_or_default(),
        client: row.maybe_text("launches_client")?,
        target: row.maybe_text("target")?.unwrap_or_default(),
        context: row.maybe_json("context")?,
        handle: row.maybe_id("handle_hash")?,
        handle_expires_at: row.maybe_time("handle_expires_at")?,
    })
}

fn recent(row: &Row<'_>) -> Result<RecentRecord> {
    Ok(RecentRecord {
        service: row.text("service")?,
        kind: row.text("kind")?,
        key: row.text("record_key")?,
        at: row.time("departed_at")?,
        fate: fate(row)?,
    })
}

fn fate(row: &Row<'_>) -> Result<Fate> {
    let reason = row.maybe_str("reason")?.and_then(Reason::parse);
    let arrived = row.maybe_time("landed_at")?.is_some();
    Ok(match (row.maybe_str("outcome")?, reason) {
        (None, _) if arrived => Fate::Arrived,
        (None, _) => Fate::Sent,
        (Some(_), Some(reason)) => Fate::Refused(reason),
        (Some(_), None) => Fate::Confirmed,
    })
}
