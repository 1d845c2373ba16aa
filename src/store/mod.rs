//! The cellar: all SQL, one file per aggregate. Rooms call its methods; nothing above it knows
//! that there is SQL, and nothing in it knows why it is asked.
//!
//! One text serves SQLite and PostgreSQL (docs/decisions/0001). Reads go to a pool; writes happen
//! in a [`Tx`], of which SQLite has one at a time. No network is touched while a `Tx` is open.

use std::sync::Arc;

use sqlx::migrate::Migrator;

use self::connection::{Connections, Open};
use crate::error::{Error, Result};

mod account;
mod admin;
mod assertion;
mod assurance;
mod attempt;
mod backup;
mod cas;
mod catalog;
mod certificate;
mod choice;
mod connection;
mod consent;
mod device;
mod dialect;
mod discourse;
mod event;
mod factor;
mod gate;
mod grant;
mod job;
mod kept;
mod key;
mod launch;
mod link;
mod mail;
mod notice;
mod own;
mod party;
mod provider;
mod pushed;
mod receipt;
mod registration;
mod row;
mod saml;
mod sealed;
mod session;
mod sweep;
mod token;
mod trail;
mod trip;
mod user;
mod username;

pub use account::{Account, Holder, Stranger};
pub use assurance::AssuranceRow;
pub use backup::{copy_database, database_file};
pub use catalog::{
    CatalogRows, ClientRow, FieldRow, InstanceRow, LinkRow, RuleRow, ServiceRow, TypeRow,
};
pub use dialect::{Changes, Dialect};
pub use factor::{StoredCeremony, StoredFactor};
pub use grant::{Arrival, Redemption};
pub use job::Job;
pub use key::StoredKey;
pub use launch::{Fate, Recent};
pub use mail::{MOST_TRIES, Waiting};
pub use notice::NoticeLine;
pub use provider::ProviderRow;
pub use sealed::{SealedColumn, SealedValue};
pub use sweep::{Before, Swept, sweep_statements};
pub use token::{AccessToken, RefreshToken, Refreshable, Turn};
pub use trail::{Counts, TrailFilter, TrailLine, TrailPlace};
pub use trip::{KeptDocument, StoredDocument, Trip};
pub use user::LocalAccount;
pub use username::{Renamed, SharedLogin};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The database.
#[derive(Clone)]
pub struct Store {
    dialect: Dialect,
    url: Arc<str>,
    read: Connections,
    write: Connections,
}

/// A write transaction: all of it happens, or (when dropped) none.
pub struct Tx {
    dialect: Dialect,
    open: Open,
}

impl Store {
    /// Opens the pools; `url` is `sqlite:` or `postgres:`. Creates a SQLite file that is missing.
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let (read, write) = dialect.open(url).await?;
        Ok(Self {
            dialect,
            url: url.into(),
            read,
            write,
        })
    }

    /// Brings the schema up to date; safe when several replicas start at once on PostgreSQL.
    pub async fn migrate(&self) -> Result<()> {
        MIGRATIONS
            .run(&mut *self.write.acquire().await?)
            .await
            .map_err(|error| Error::Away(error.to_string()))?;
        self.settle_usernames().await
    }

    /// Migrations that this binary has and the database has not: their descriptions.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        let applied: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations")
            .fetch_all(&mut *self.read.acquire().await?)
            .await
            .unwrap_or_default();
        Ok(MIGRATIONS
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .map(|migration| migration.description.to_string())
            .collect())
    }

    /// Starts a write transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let open = Open::begin(&self.write).await?;
        Ok(Tx {
            dialect: self.dialect,
            open,
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("select 1")
            .execute(&mut *self.read.acquire().await?)
            .await?;
        Ok(())
    }

    /// Told at once of other replicas' changes, where the database can tell.
    pub async fn changes(&self) -> Changes {
        self.dialect.changes(&self.url).await
    }

    pub async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
    }
}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        self.open.commit().await
    }

    /// Ends a transaction that has taken a one-time artefact. With an answer, or a refusal that
    /// whoever brought it has earned, the artefact is used up; with a fault of ours (`is_ours`)
    /// nothing has happened, and it is good for another try.
    pub async fn settle<T, E: From<Error>>(
        self,
        outcome: Result<T, E>,
        is_ours: impl Fn(&E) -> bool,
    ) -> Result<T, E> {
        if outcome.as_ref().is_err_and(is_ours) {
            return outcome;
        }
        self.commit().await?;
        outcome
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if dialect::is_away(&error) {
            Error::Away(error.to_string())
        } else {
            Error::Internal(format!("database: {error}"))
        }
    }
}
