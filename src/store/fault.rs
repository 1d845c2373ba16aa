//! The meaning of the databases' errors: unavailable for now, connection lost, still starting.

use std::io::ErrorKind;

use sqlx::{Error, migrate::MigrateError};

use crate::error::Error as Fault;

/// Whether an error means that the database is unavailable (now), rather than that it refused a
/// statement of ours.
pub(super) fn is_away(error: &Error) -> bool {
    match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::Protocol(_) => true,
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // SQLite: primary result codes BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN
            // in the low byte. PostgreSQL: class 08 (connection), 53 (resources), 57 (operator); a
            // lock that was not available; a read-only server (a standby), or one that has ended a
            // transaction in which we were idle.
            let sqlite = code.parse::<u32>().is_ok_and(|code| {
                code < 10_000 && matches!(code & 0xff, 5 | 6 | 8 | 10 | 11 | 13 | 14)
            });
            let postgres = ["08", "53", "55P03", "57", "25006", "25P03"];
            match code.len() {
                5 => postgres.iter().any(|class| code.starts_with(class)),
                _ => sqlite,
            }
        }
        _ => false,
    }
}

/// Whether an error means that the connection is no longer usable. One to a read-only server is
/// closed as well: the next may reach the primary.
pub(super) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::WorkerCrashed | Error::Protocol(_) => true,
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let classes = ["08", "57P0", "25006", "25P03"];
            code.len() == 5 && classes.iter().any(|class| code.starts_with(class))
        }
        _ => false,
    }
}

/// Whether the server may be available in a moment (57P03: it is starting up).
pub(super) fn is_starting(error: &Error) -> bool {
    match error {
        Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        Error::Database(error) => error.code().as_deref() == Some("57P03"),
        _ => false,
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if is_away(&error) {
            Fault::Away(error.to_string())
        } else {
            Fault::Internal(format!("database: {error}"))
        }
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
            MigrateError::ExecuteMigration(error, version) => match is_away(&error) {
                true => error.into(),
                false => Fault::Unfit(format!("migration {version} failed: {error}")),
            },
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
