//! The few places where SQLite and PostgreSQL differ: opening, beginning, being told of changes,
//! and what "away" looks like. Everything else is one text.

use std::{str::FromStr, time::Duration};

use sqlx::{
    AnyConnection, AnyPool, ConnectOptions, Connection, Executor,
    any::{AnyConnectOptions, AnyPoolOptions},
    postgres::PgListener,
};

use super::connection::{Connections, PATIENCE};
use crate::error::{Error, Result};

const READERS: usize = 4;

async fn sqlite(options: &AnyConnectOptions) -> Result<AnyConnection> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(PRAGMAS).await?;
    Ok(connection)
}

/// A connection that has just been used is taken as living; one that lay idle is asked first, so
/// that a restarted server is not met by requests.
async fn postgres(options: AnyConnectOptions) -> Result<AnyPool> {
    let pool = AnyPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(LOCK_TIMEOUT).await.map(drop) })
        });
    Ok(pool.connect_with(options).await?)
}

const FRESH: Duration = Duration::from_secs(1);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// The channel replicas are told on.
const CHANNEL: &str = "usher_catalog";

/// WAL lets readers go on while one writes; NORMAL is safe with it (a power cut may lose the last
/// transactions, never the file). A log that has grown is cut back once it is written home.
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = normal; \
     pragma journal_size_limit = 67108864; \
     pragma busy_timeout = 2500; pragma foreign_keys = on; pragma temp_store = memory;";

/// As long as SQLite waits for a lock; then the person is told instead of kept.
const LOCK_TIMEOUT: &str = "set lock_timeout = '2500ms'";

impl Dialect {
    pub fn of(url: &str) -> Result<Self> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(Error::Invalid(
                "the database URL must begin with sqlite: or postgres:".to_owned(),
            )),
        }
    }

    /// Readers and writers. SQLite takes one writer at a time, so it gets one connection: waiting
    /// for it is a queue here instead of "database is locked" there.
    pub(super) async fn open(self, url: &str) -> Result<(Connections, Connections)> {
        let options = AnyConnectOptions::from_str(url)
            .map_err(|error| Error::Invalid(format!("the database URL: {error}")))?
            .disable_statement_logging();
        match self {
            Self::Sqlite => {
                let write = Connections::shelf(vec![sqlite(&options).await?]);
                let mut readers = Vec::new();
                for _ in 0..READERS {
                    readers.push(sqlite(&options).await?);
                }
                Ok((Connections::shelf(readers), write))
            }
            Self::Postgres => {
                let pool = Connections::Pool(postgres(options).await?);
                Ok((pool.clone(), pool))
            }
        }
    }

    /// What tells the other replicas of a change, inside the transaction that makes it.
    pub(super) const fn announce(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select pg_notify('usher_catalog', '')"),
        }
    }

    /// What keeps others from writing to these tables until the transaction ends. SQLite's
    /// writers do anyway.
    pub(super) fn hold(self, tables: &[&str]) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(format!(
                "lock table {} in share row exclusive mode",
                tables.join(", ")
            )),
        }
    }

    pub(super) async fn changes(self, url: &str) -> Changes {
        let listener = match self {
            Self::Sqlite => None,
            Self::Postgres => PgListener::connect(url).await.ok(),
        };
        let mut changes = Changes(listener);
        if let Some(listener) = &mut changes.0
            && listener.listen(CHANNEL).await.is_err()
        {
            changes.0 = None;
        }
        changes
    }
}

/// A wait for the next change. Without a listener it never ends: the caller polls as well.
pub struct Changes(Option<PgListener>);

impl Changes {
    pub async fn next(&mut self) {
        match &mut self.0 {
            Some(listener) => {
                if listener.recv().await.is_err() {
                    self.0 = None;
                }
            }
            None => std::future::pending().await,
        }
    }
}

/// Whether an error means that the database does not answer (now), as against refusing a
/// statement of ours.
pub(super) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // SQLite: primary result codes BUSY, LOCKED, IOERR, CORRUPT, FULL, CANTOPEN in the low
            // byte. PostgreSQL: class 08 (connection), 53 (resources), 57
            // (operator); and a lock that was not to be had.
            let sqlite = code.parse::<u32>().is_ok_and(|code| {
                code < 10_000 && matches!(code & 0xff, 5 | 6 | 8 | 10 | 11 | 13 | 14)
            });
            let postgres = code.len() == 5
                && ["08", "53", "55P03", "57"]
                    .iter()
                    .any(|class| code.starts_with(class));
            if code.len() == 5 { postgres } else { sqlite }
        }
        _ => false,
    }
}
