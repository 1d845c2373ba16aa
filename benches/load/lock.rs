//! Whether statements wait for one another's locks. PostgreSQL is asked again and again while the
//! scenarios run; SQLite has one writer, and no such list.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::{sync::oneshot, time::sleep};

use crate::{
    Result,
    database::{Kind, text},
    report,
};

/// The sampling interval. A shorter wait may be missed; many of them would not.
const EVERY: Duration = Duration::from_millis(20);

/// The waiting statements of this moment, with the kind of lock.
const WAITING: &str = "select wait_event || ' in ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 80), count(*) \
     from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' \
     group by 1";
/// Locks that were requested and not granted; the same from the other side.
const NOT_GRANTED: &str = "select count(*) from pg_locks where not granted";
const DEADLOCKS: &str = "select deadlocks from pg_stat_database where datname = current_database()";

/// Samples while something is done, and returns the result.
pub struct Watch {
    /// None where there is nothing to look at.
    url: Option<String>,
}

#[derive(Default)]
struct Seen {
    samples: u64,
    /// Samples in which a statement waited.
    waits: u64,
    most_at_once: i64,
    by_kind: BTreeMap<String, i64>,
    not_granted: i64,
    deadlocks: i64,
}

impl Watch {
    pub fn of(kind: Kind, url: &str) -> Self {
        let url = (kind == Kind::Postgres).then(|| url.to_owned());
        Self { url }
    }

    /// Prints, after the lines of `work`, which statements waited for which.
    pub async fn during(&self, work: impl Future<Output = ()>) -> Result<()> {
        let Some(url) = &self.url else {
            work.await;
            return Ok(());
        };
        let connection = PgConnection::connect(url).await.map_err(text)?;
        let (stop, stopped) = oneshot::channel();
        let looking = tokio::spawn(look(connection, stopped));
        work.await;
        // It ends by itself where it could not look any more; then it says why.
        let _ = stop.send(());
        let seen = looking.await.map_err(|error| error.to_string())??;
        report::fact("lock waits in the lines above", &seen.samples());
        Ok(())
    }
}

async fn look(mut connection: PgConnection, mut stopped: oneshot::Receiver<()>) -> Result<Seen> {
    let mut seen = Seen::default();
    let before = deadlocks(&mut connection).await?;
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            () = sleep(EVERY) => seen.add(&mut connection).await.map_err(text)?,
        }
    }
    seen.deadlocks = deadlocks(&mut connection).await? - before;
    connection.close().await.map_err(text)?;
    Ok(seen)
}

async fn deadlocks(connection: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar::<_, i64>(DEADLOCKS);
    count.fetch_one(connection).await.map_err(text)
}

impl Seen {
    async fn add(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let mut at_once = 0;
        for row in sqlx::query(WAITING).fetch_all(&mut *connection).await? {
            let (kind, count): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            *self.by_kind.entry(kind).or_default() += count;
            at_once += count;
        }
        let waiting = sqlx::query_scalar::<_, i64>(NOT_GRANTED).fetch_one(&mut *connection);
        self.not_granted += waiting.await?;
        self.samples += 1;
        self.waits += u64::from(at_once > 0);
        self.most_at_once = self.most_at_once.max(at_once);
        Ok(())
    }

    fn samples(&self) -> String {
        let Self {
            samples,
            waits,
            most_at_once,
            not_granted,
            deadlocks,
            ..
        } = self;
        let most = self.by_kind.iter().max_by_key(|(_, count)| **count);
        let most = most.map(|(kind, count)| format!(", most often {kind} ({count})"));
        let most = most.unwrap_or_default();
        format!(
            "{waits} of {samples} samples saw one, {most_at_once} at once at most{most}; \
             {not_granted} locks not granted, {deadlocks} deadlocks"
        )
    }
}
