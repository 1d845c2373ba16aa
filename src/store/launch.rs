//! Launches: the tickets.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, json},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, LaunchId, SessionId, UserId},
    model::launch::{Ask, Departed, Holder, Launch, Stage},
};

/// A record somebody opened lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub service: String,
    pub kind: String,
    pub key: String,
    pub at: Time,
}

const COLUMNS: &str = "id, stage, service, intent, kind, record_key, fields, browser_hash, user_id,
    session_id, instance, method, client, target, context, handle_hash, handle_expires_at, reason,
    created_at, departed_at";

impl Store {
    pub async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from launches where id = $1"));
        sqlx::query(sql)
            .bind(id.as_str())
            .fetch_optional(&self.read)
            .await?
            .map(|row| launch(&row))
            .transpose()
    }

    /// A person's latest departures into records, newest first, with repetitions.
    pub async fn recent_launches(&self, user: &UserId, most: i64) -> Result<Vec<Recent>> {
        let rows = sqlx::query(
            "select service, kind, record_key, departed_at from launches
             where user_id = $1 and kind is not null and departed_at is not null
             order by id desc limit $2",
        )
        .bind(user.as_str())
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(recent).collect()
    }
}

impl Tx {
    pub async fn insert_launch(&mut self, launch: &Launch) -> Result<()> {
        let columns = Flat::of(launch);
        sqlx::query(
            "insert into launches (id, stage, service, intent, kind, record_key, fields,
                 browser_hash, user_id, session_id, instance, method, client, target, context,
                 handle_hash, handle_expires_at, reason, created_at, departed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19, $20)",
        )
        .bind(launch.id.as_str())
        .bind(launch.stage.as_str())
        .bind(&launch.ask.service)
        .bind(&launch.ask.intent)
        .bind(launch.ask.record.as_ref().map(|(kind, _)| kind.as_str()))
        .bind(launch.ask.record.as_ref().map(|(_, key)| key.as_str()))
        .bind(json(&launch.ask.fields))
        .bind(columns.browser)
        .bind(columns.user)
        .bind(columns.session)
        .bind(columns.departed.map(|d| d.instance.as_str()))
        .bind(columns.departed.map(|d| d.method.as_str()))
        .bind(columns.departed.and_then(|d| d.client.as_deref()))
        .bind(columns.departed.map(|d| d.target.as_str()))
        .bind(columns.departed.and_then(|d| d.context.as_ref()).map(json))
        .bind(
            columns
                .departed
                .and_then(|d| d.handle.as_ref())
                .map(BearerHash::as_str),
        )
        .bind(
            columns
                .departed
                .and_then(|d| d.handle_expires_at)
                .map(Time::millis),
        )
        .bind(columns.reason)
        .bind(launch.created_at.millis())
        .bind(columns.departed.map(|d| d.at.millis()))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Writes a ticket's next stage, if nobody else moved it on from `from` meanwhile.
    pub async fn move_launch(&mut self, launch: &Launch, from: &str) -> Result<bool> {
        let columns = Flat::of(launch);
        let done = sqlx::query(
            "update launches set stage = $1, browser_hash = $2, user_id = $3, session_id = $4,
                 instance = $5, method = $6, client = $7, target = $8, context = $9,
                 handle_hash = $10, handle_expires_at = $11, reason = $12, departed_at = $13
             where id = $14 and stage = $15",
        )
        .bind(launch.stage.as_str())
        .bind(columns.browser)
        .bind(columns.user)
        .bind(columns.session)
        .bind(columns.departed.map(|d| d.instance.as_str()))
        .bind(columns.departed.map(|d| d.method.as_str()))
        .bind(columns.departed.and_then(|d| d.client.as_deref()))
        .bind(columns.departed.map(|d| d.target.as_str()))
        .bind(columns.departed.and_then(|d| d.context.as_ref()).map(json))
        .bind(
            columns
                .departed
                .and_then(|d| d.handle.as_ref())
                .map(BearerHash::as_str),
        )
        .bind(
            columns
                .departed
                .and_then(|d| d.handle_expires_at)
                .map(Time::millis),
        )
        .bind(columns.reason)
        .bind(columns.departed.map(|d| d.at.millis()))
        .bind(launch.id.as_str())
        .bind(from)
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses a handle up. It counts once, for the client and the session it was made for.
    pub async fn take_handle(
        &mut self,
        handle: &BearerHash,
        client: &str,
        session: &SessionId,
        now: Time,
    ) -> Result<Option<LaunchId>> {
        let row = sqlx::query(
            "update launches set handle_used_at = $1
             where handle_hash = $2 and client = $3 and session_id = $4 and stage = 'departed'
               and handle_used_at is null and handle_expires_at > $1
             returning id",
        )
        .bind(now.millis())
        .bind(handle.as_str())
        .bind(client)
        .bind(session.as_str())
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.text("id").map(LaunchId::stored))
            .transpose()
    }

    /// The remote came for identity and context: the launch has landed. Returns what it carried.
    pub async fn land_launch(&mut self, id: &LaunchId, now: Time) -> Result<Option<Launch>> {
        let row = sqlx::query(
            "update launches set stage = 'landed', landed_at = $1
             where id = $2 and stage = 'departed'
             returning id, 'departed' as stage, service, intent, kind, record_key, fields,
                 browser_hash, user_id, session_id, instance, method, client, target, context,
                 handle_hash, handle_expires_at, reason, created_at, departed_at",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| launch(&row)).transpose()
    }
}

/// The columns a stage fills.
struct Flat<'a> {
    browser: Option<&'a str>,
    user: Option<&'a str>,
    session: Option<&'a str>,
    departed: Option<&'a Departed>,
    reason: Option<&'a str>,
}

impl<'a> Flat<'a> {
    fn of(launch: &'a Launch) -> Self {
        let (mut browser, mut departed, mut refusal) = (None, None, None);
        match &launch.stage {
            Stage::Requested { browser: hash } => browser = Some(hash.as_str()),
            Stage::Departed { departure, .. } => departed = Some(departure),
            Stage::Refused { reason, .. } => refusal = Some(reason.as_str()),
            Stage::Claimed { .. } | Stage::Landed { .. } => {}
        }
        let holder = launch.holder();
        Self {
            browser,
            user: holder.map(|h| h.user.as_str()),
            session: holder.map(|h| h.session.as_str()),
            departed,
            reason: refusal,
        }
    }
}

fn launch(row: &AnyRow) -> Result<Launch> {
    let kind = row.maybe_text("kind")?;
    let key = row.maybe_text("record_key")?;
    let ask = Ask {
        service: row.text("service")?,
        record: kind.zip(key),
        intent: row.text("intent")?,
        fields: row.json("fields")?,
    };
    Ok(Launch {
        id: LaunchId::stored(row.text("id")?),
        ask,
        stage: stage(row)?,
        created_at: row.time("created_at")?,
    })
}

fn stage(row: &AnyRow) -> Result<Stage> {
    let holder = row
        .maybe_text("user_id")?
        .zip(row.maybe_text("session_id")?)
        .map(|(user, session)| Holder {
            user: UserId::stored(user),
            session: SessionId::stored(session),
        });
    let stage = row.text("stage")?;
    match (stage.as_str(), holder) {
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
        }),
        _ => Err(Error::Internal(format!(
            "a launch stands at \"{stage}\" without a holder"
        ))),
    }
}

fn departed(row: &AnyRow) -> Result<Departed> {
    Ok(Departed {
        at: row.maybe_time("departed_at")?.unwrap_or_default(),
        instance: row.maybe_text("instance")?.unwrap_or_default(),
        method: row.maybe_text("method")?.unwrap_or_default(),
        client: row.maybe_text("client")?,
        target: row.maybe_text("target")?.unwrap_or_default(),
        context: row.maybe_json("context")?,
        handle: row.maybe_text("handle_hash")?.map(BearerHash::stored),
        handle_expires_at: row.maybe_time("handle_expires_at")?,
    })
}

fn recent(row: &AnyRow) -> Result<Recent> {
    Ok(Recent {
        service: row.text("service")?,
        kind: row.text("kind")?,
        key: row.text("record_key")?,
        at: row.time("departed_at")?,
    })
}
