//! Storage: all SQL, one file per aggregate. Domain modules call its methods; the modules above are
//! independent of SQL, and this one is independent of its callers.
//!
//! The same SQL is used for SQLite and PostgreSQL (docs/decisions/0001). Reads use a pool; writes
//! happen in a [`Tx`], of which SQLite has one at a time. No network request is made while a `Tx`
//! is open.

use std::{path::PathBuf, sync::Arc};

use sqlx::{Connection, migrate::Migrator};

use self::{
    connection::{Connections, OpenTransaction},
    file::FileIdentity,
    row::Columns,
    statement::statement,
    sweep::Sweep,
};
use crate::error::{Error, Result};

mod account;
mod admin;
mod assertion;
mod assurance;
mod attempt;
mod backup;
mod browser_state;
pub mod cas;
mod catalog;
mod certificate;
mod changes;
mod checkpoint;
mod choice;
mod connection;
mod connector;
mod consent;
mod deadline;
mod device;
mod dialect;
mod event;
mod factor;
mod fault;
mod file;
mod forward_auth;
mod grant;
mod heartbeat;
mod job;
mod kept;
mod key;
mod launch;
mod line;
mod link;
mod mail;
mod notice;
mod own;
mod party;
mod pending;
mod provider;
mod pushed;
mod receipt;
mod registration;
mod row;
mod saml;
mod sealed;
mod session;
mod sqlite;
mod statement;
mod sweep;
mod token;
mod trail;
mod upstream_request;
mod user;
mod username;

pub use account::{Account, AccountHolder, OtherProviderUser};
pub use assurance::AssuranceRow;
pub use attempt::SHARDS;
pub use backup::{copy_database, database_file};
pub use catalog::{
    CatalogRows, ClientRow, FieldRow, InstanceRow, LinkRow, RuleRow, ServiceRow, TypeRow,
};
pub use changes::Changes;
pub use connector::Limits;
pub use deadline::Deadline;
pub use dialect::Dialect;
pub use factor::{StoredCeremony, StoredFactor};
pub use grant::{RedeemedGrant, Redemption};
pub use heartbeat::Heartbeat;
pub use job::{Job, NewJob, claim_statements};
pub use key::StoredKey;
pub use launch::{Fate, RecentRecord};
pub use notice::NoticeLine;
pub use provider::ProviderRow;
pub use sealed::{SealedColumn, SealedValue};
pub use sweep::{Before, Swept, sweep_statements};
pub use token::{AccessToken, GrantChange, RefreshToken, Refreshable};
pub use trail::{Counts, TrailFilter, TrailLine, TrailPlace};
pub use upstream_request::{KeptDocument, StoredDocument, UpstreamRequest};
pub use user::LocalAccount;
pub use username::{Renamed, SharedLogin};

/// The tables that a downstream protocol has of its own.
struct ProtocolTables {
    /// What is deleted from them, and when.
    sweeps: &'static [Sweep],
    /// The name of its [`PartyKind`](crate::model::party::PartyKind), if each instance of a service
    /// is a separate application.
    by_instance: Option<&'static str>,
}

/// Of the protocols that have any.
const PROTOCOLS: &[ProtocolTables] = &[cas::TABLES, forward_auth::TABLES];

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The database.
#[derive(Clone)]
pub struct Store {
    dialect: Dialect,
    url: Arc<str>,
    read: Connections,
    write: Connections,
    /// The SQLite file that was opened.
    file: Option<FileIdentity>,
    pub pulse: Heartbeat,
}

/// A write transaction: committed completely, or (when dropped) rolled back.
pub struct Tx {
    dialect: Dialect,
    open: OpenTransaction,
}

impl Store {
    /// Opens the database; `url` is `sqlite:` or `postgres:`. Creates a SQLite file that is
    /// missing.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_within(url, &Limits::default()).await
    }

    /// The same, with other limits.
    pub async fn open_within(url: &str, limits: &Limits) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let (read, write) = dialect.open(url, limits).await?;
        Ok(Self {
            dialect,
            url: url.into(),
            read,
            write,
            file: FileIdentity::of(url),
            pulse: Heartbeat::default(),
        })
    }

    /// The SQLite file that opening this database would create.
    pub fn missing_file(url: &str) -> Option<PathBuf> {
        connector::file_of(url).filter(|path| !path.exists())
    }

    /// Brings the schema up to date; safe when several replicas start at once on PostgreSQL.
    pub async fn migrate(&self) -> Result<()> {
        let mut connection = self.write.connector().open_for_migrations().await?;
        MIGRATIONS.run(&mut connection).await?;
        connection.close().await?;
        self.settle_usernames().await
    }

    /// Migrations that this binary has and the database has not: their descriptions. An error if
    /// the database has some that this binary has not.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        let applied = statement("select version from _sqlx_migrations", &[]);
        let mut line = self.read.acquire().await?;
        let applied = match line.all(applied, |row| row.number("version")).await {
            Err(error @ Error::Away(_)) => return Err(error),
            // A database that was never migrated has no such table.
            applied => applied.unwrap_or_default(),
        };
        let is_known = |version: &i64| MIGRATIONS.iter().any(|one| one.version == *version);
        if let Some(version) = applied.iter().filter(|version| !is_known(version)).max() {
            return Err(fault::newer(*version));
        }
        Ok(MIGRATIONS
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .map(|migration| migration.description.to_string())
            .collect())
    }

    /// Starts a write transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let open = OpenTransaction::begin(&self.write, self.dialect.begin()).await?;
        Ok(Tx {
            dialect: self.dialect,
            open,
        })
    }

    /// Starts one of a single statement, which is atomic by itself: it is committed when its method
    /// returns, and [`Tx::commit`] only ends the transaction. A second statement is an error.
    pub async fn begin_single(&self) -> Result<Tx> {
        Ok(Tx {
            dialect: self.dialect,
            open: OpenTransaction::single(&self.write).await?,
        })
    }

    /// Starts one whose statements may take minutes: for admins and background work, never for
    /// requests.
    pub async fn begin_long(&self) -> Result<Tx> {
        let mut tx = self.begin().await?;
        let line = tx.open.connection();
        line.limit = dialect::LONG;
        line.set_slow(true);
        if let Some(sql) = self.dialect.take_time() {
            line.say(sql).await?;
        }
        Ok(tx)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.exists("select 1", &[]).await?;
        Ok(())
    }

    /// Notifications of other replicas' changes, where the database supports them.
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

    /// Ends a transaction that has used up a one-time artefact. With an answer, or a refusal that
    /// the client caused, the artefact is used up; with an internal error (`is_ours`) the
    /// transaction is rolled back, and it can be tried again.
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
