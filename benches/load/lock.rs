//! Whether statements wait for one another's locks. PostgreSQL is asked again and again while the
//! scenarios run; SQLite has one writer, and no such list.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

use crate::{
    Result,
    database::{Kind, text},
};

/// Asked so often. A wait that is shorter may go unseen; many of them would not.
const EVERY: Duration = Duration::from_millis(20);

/// Who waits at this moment, and for what kind of lock.
const WAITING: &str = "select wait_event, count(*) from pg_stat_activity \
     where datname = current_database() and wait_event_type = 'Lock' group by wait_event";
/// Locks asked for and not yet given; the same from the other side.
const NOT_GRANTED: &str = "select count(*) from pg_locks where not granted";
const DEADLOCKS: &str = "select deadlocks from pg_stat_database where datname = current_database()";

/// Somebody who looks, until told to stop.
pub struct Watch {
    stop: oneshot::Sender<()>,
    looking: JoinHandle<Result<Seen>>,
}

#[derive(Default)]
struct Seen {
    samples: u64,
    /// Samples in which somebody waited.
    waits: u64,
    most_at_once: i64,
    by_kind: BTreeMap<String, i64>,
    not_granted: i64,
    deadlocks: i64,
}

impl Watch {
    pub async fn of(kind: Kind, url: &str) -> Result<Option<Self>> {
        if kind == Kind::Sqlite {
            return Ok(None);
        }
        let connection = PgConnection::connect(url).await.map_err(text)?;
        let (stop, stopped) = oneshot::channel();
        let looking = tokio::spawn(look(connection, stopped));
        Ok(Some(Self { stop, looking }))
    }

    /// What was seen, in words.
    pub async fn end(self) -> Result<String> {
        // It ends by itself where it could not look any more; then it says why.
        let _ = self.stop.send(());
        let seen = self.looking.await.map_err(|error| error.to_string())??;
        Ok(seen.told())
    }
}

async fn look(mut connection: PgConnection, mut stopped: oneshot::Receiver<()>) -> Result<Seen> {
    let mut seen = Seen::default();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            () = sleep(EVERY) => seen.add(&mut connection).await.map_err(text)?,
        }
    }
    let deadlocks = sqlx::query_scalar::<_, i64>(DEADLOCKS).fetch_one(&mut connection);
    seen.deadlocks = deadlocks.await.map_err(text)?;
    connection.close().await.map_err(text)?;
    Ok(seen)
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

    fn told(&self) -> String {
        let Self {
            samples,
            waits,
            most_at_once,
            not_granted,
            deadlocks,
            ..
        } = self;
        let kinds: Vec<String> = self
            .by_kind
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        let kinds = match kinds.is_empty() {
            true => String::new(),
            false => format!(" ({})", kinds.join(", ")),
        };
        format!(
            "{waits} of {samples} samples saw one, {most_at_once} at once at most{kinds}; \
             {not_granted} locks not granted, {deadlocks} deadlocks"
        )
    }
}
