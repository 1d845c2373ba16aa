//! The meaning of the databases' errors: unavailable for now, connection lost, still starting.

use std::io::ErrorKind;

use sqlx::migrate::MigrateError;

use crate::error::Error as Fault;

/// An error of a database: SQLite is called directly, PostgreSQL through sqlx, and so are the
/// migrations of both.
#[derive(Debug)]
pub(super) enum DbError {
    Sqlite(rusqlite::Error),
    Sqlx(sqlx::Error),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::Sqlx(error) => error.fmt(f),
        }
    }
}

impl DbError {
    /// The result code of SQLite, without its extension (<https://www.sqlite.org/rescode.html>).
    fn sqlite_code(&self) -> Option<i32> {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => {
                Some(error.extended_code & 0xff)
            }
            Self::Sqlite(_) => None,
            Self::Sqlx(sqlx::Error::Database(error)) => {
                // Those of PostgreSQL have five characters.
                let code = error.code().filter(|code| code.len() < 5)?;
                Some(code.parse::<i32>().ok()? & 0xff)
            }
            Self::Sqlx(_) => None,
        }
    }

    /// Whether another connection holds the lock of SQLite's file: BUSY, LOCKED.
    pub fn is_locked(&self) -> bool {
        matches!(self.sqlite_code(), Some(5 | 6))
    }

    /// Whether a statement of SQLite's was interrupted, because its time was over: INTERRUPT.
    pub fn is_interrupted(&self) -> bool {
        self.sqlite_code() == Some(9)
    }

    /// Whether it means that the database is unavailable (now), rather than that it refused a
    /// statement of ours.
    fn is_away(&self) -> bool {
        // BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN.
        if let Some(code) = self.sqlite_code() {
            return matches!(code, 5 | 6 | 8 | 10 | 11 | 13 | 14);
        }
        match self {
            Self::Sqlite(_) => false,
            Self::Sqlx(error) => is_away(error),
        }
    }

    /// Whether the server may be available in a moment (57P03: it is starting up).
    pub fn is_starting(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Io(error)) => error.kind() == ErrorKind::ConnectionRefused,
            Self::Sqlx(sqlx::Error::Database(error)) => error.code().as_deref() == Some("57P03"),
            _ => false,
        }
    }
}

/// PostgreSQL: class 08 (connection), 53 (resources), 57 (operator); a lock that was not available;
/// a read-only server (a standby), or one that has ended a transaction in which we were idle.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => {
            has_class(error.code(), &["08", "53", "55P03", "57", "25006", "25P03"])
        }
        _ => false,
    }
}

/// Whether an error means that the connection is no longer usable. One to a read-only server is
/// closed as well: the next may reach the primary.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => has_class(error.code(), &["08", "57P0", "25006", "25P03"]),
        _ => false,
    }
}

/// Whether an SQLSTATE code begins with one of these.
fn has_class(code: Option<std::borrow::Cow<'_, str>>, classes: &[&str]) -> bool {
    let code = code.unwrap_or_default();
    code.len() == 5 && classes.iter().any(|class| code.starts_with(class))
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        if error.is_away() {
            Fault::Away(error.to_string())
        } else {
            Fault::Internal(format!("database: {error}"))
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<MigrateError> for Fault {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => newer(version),
            MigrateError::VersionMismatch(version) => Fault::Unfit(format!(
                "migration {version} of this database is not the one this Usher knows: was it made \
                 by a build of your own?"
            )),
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, version) => {
                let error = DbError::from(error);
                match error.is_away() {
                    true => error.into(),
                    false => Fault::Unfit(format!("migration {version} failed: {error}")),
                }
            }
            other => Fault::Internal(format!("migrations: {other}")),
        }
    }
}

/// The database knows a migration that we do not.
pub(super) fn newer(version: i64) -> Fault {
    Fault::Unfit(format!(
        "this database was written by a newer Usher (migration {version}). Start that version; there \
         is no way back but a backup from before the upgrade"
    ))
}
