//! The few differences between SQLite and PostgreSQL: opening, beginning, notification of changes.
//! Their error codes are in `fault.rs`; everything else is shared.

use std::{num::NonZero, time::Duration};

use super::{
    changes::Changes,
    connection::Connections,
    connector::{Connector, Limits},
};
use crate::error::{Error, Result};

/// The fewest connections that read from a SQLite file; more, where there are more processors.
const READERS: usize = 4;
/// Connections to PostgreSQL.
const MOST: usize = 16;
/// How long a statement of an admin's, or of the background's, may take.
pub(super) const LONG: Duration = Duration::from_secs(120);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// WAL lets readers continue during a write; NORMAL is safe with it (a power cut may lose the last
/// transactions, never the file). Checkpoints are made in the background; by the writer only where
/// the log has grown to 32 MB nevertheless. A log that has grown is truncated after a checkpoint.
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = normal; \
     pragma journal_size_limit = 67108864; pragma wal_autocheckpoint = 8000; \
     pragma busy_timeout = 2500; pragma foreign_keys = on; pragma temp_store = memory;";

/// Pages of SQLite's to a megabyte.
const PAGES: u64 = 256;

/// A lock is waited for as long as by SQLite; then the user gets an error instead of waiting. And
/// an idle connection is closed on the server's side too, with the locks it holds.
const SESSION: &str = "set lock_timeout = '2500ms'; \
     set idle_in_transaction_session_timeout = '30s'; set tcp_keepalives_idle = 30; \
     set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3; set tcp_user_timeout = '30s';";

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
    /// for it is a queue here instead of "database is locked" there. Its readers cannot write.
    pub(super) async fn open(
        self,
        url: &str,
        limits: &Limits,
    ) -> Result<(Connections, Connections)> {
        match self {
            Self::Sqlite => {
                let pages = match limits.megabytes {
                    0 => String::new(),
                    most => format!(" pragma max_page_count = {};", most.saturating_mul(PAGES)),
                };
                let writes = format!("{PRAGMAS}{pages}");
                let writer = Connector::of(self, url, writes, limits)?.with_checkpoints();
                let reads = format!("{PRAGMAS} pragma query_only = on;");
                let reader = Connector::of(self, url, reads, limits)?;
                let write = Connections::open(writer, 1).await?;
                let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
                let readers = READERS.max(processors);
                Ok((Connections::open(reader, readers).await?, write))
            }
            Self::Postgres => {
                // The server's timeout is a little shorter than ours, so that the connection stays
                // usable.
                let limit = limits.statement.as_millis() * 7 / 8;
                let set_up = format!("{SESSION} set statement_timeout = '{limit}ms';");
                let all =
                    Connections::open(Connector::of(self, url, set_up, limits)?, MOST).await?;
                Ok((all.clone(), all))
            }
        }
    }

    /// SQLite takes the write lock at the start: upgrading a reader fails under load.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Gives a transaction the time of [`LONG`].
    pub(super) const fn take_time(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "set local statement_timeout = '110s'; \
                 set local idle_in_transaction_session_timeout = '110s';",
            ),
        }
    }

    /// Removes the time limit of a connection, for migrations.
    pub(super) const fn patient(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "set statement_timeout = 0; set lock_timeout = '60s'; \
                 set idle_in_transaction_session_timeout = 0;",
            ),
        }
    }

    /// Queries the database's time, in milliseconds. SQLite's clock is ours.
    pub(super) const fn clock(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as its_time",
            ),
        }
    }

    /// Notifies the other replicas of a change, inside the transaction that makes it.
    pub(super) const fn announce(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select pg_notify('usher_catalog', '')"),
        }
    }

    /// Prevents other writes to these tables until the transaction ends. SQLite has only one writer
    /// anyway.
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
        match self {
            Self::Sqlite => Changes::none(),
            Self::Postgres => Changes::of(url).await,
        }
    }
}
