//! Opening and setting up connections.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    AnyConnection, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection,
    any::AnyConnectOptions, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use tokio::time::{interval, timeout};

use super::{
    checkpoint::Checkpointer,
    connection::{DbConnection, PATIENCE},
    dialect::Dialect,
    fault::DbError,
    sqlite::SqliteConnection,
};
use crate::error::{Error, Result};

/// How long the database may take, and how large it may become.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A statement that is not answered in this time has failed, and its connection is closed.
    pub statement: Duration,
    /// The size, in megabytes, to which a SQLite file grows; 0: no limit.
    pub megabytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            statement: Duration::from_secs(8),
            megabytes: 0,
        }
    }
}

/// Opens connections of one kind.
#[derive(Clone)]
pub(super) struct Connector {
    dialect: Dialect,
    url: Arc<str>,
    options: AnyConnectOptions,
    /// The statements that set a connection up.
    set_up: Arc<str>,
    limits: Limits,
    checkpointer: Checkpointer,
}

impl Connector {
    pub fn of(dialect: Dialect, url: &str, set_up: String, limits: &Limits) -> Result<Self> {
        let options = AnyConnectOptions::from_str(url)
            .map_err(|error| Error::Invalid(format!("the database URL: {error}")))?
            .disable_statement_logging();
        Ok(Self {
            dialect,
            url: url.into(),
            options,
            set_up: set_up.into(),
            limits: *limits,
            checkpointer: Checkpointer::default(),
        })
    }

    /// Its connections write to a SQLite file.
    pub fn with_checkpoints(self) -> Self {
        let checkpointer = Checkpointer::start(&self.url);
        Self {
            checkpointer,
            ..self
        }
    }

    pub const fn limit(&self) -> Duration {
        self.limits.statement
    }

    /// Whether an idle connection may have died unnoticed.
    pub fn asks_idle(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// Whether a transaction begins with its first statement.
    pub fn joins_statements(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    pub async fn open(&self) -> Result<DbConnection> {
        Ok(self.try_open().await?)
    }

    /// At the start of the process: waits a moment for a server that is starting, and reports any
    /// other error as it is.
    pub async fn open_at_start(&self) -> Result<DbConnection> {
        let mut ticks = interval(PATIENCE / 10);
        let mut why = Error::Away("the database did not answer".to_owned());
        let tries = async {
            loop {
                ticks.tick().await;
                match self.try_open().await {
                    Err(error) if error.is_starting() => why = error.into(),
                    done => return Ok(done?),
                }
            }
        };
        match timeout(PATIENCE, tries).await {
            Ok(done) => done,
            Err(_) => Err(why),
        }
    }

    /// For migrations, without a time limit.
    pub async fn open_for_migrations(&self) -> Result<AnyConnection> {
        let mut connection = AnyConnection::connect_with(&self.options).await?;
        connection
            .execute(AssertSqlSafe(self.set_up.to_string()))
            .await?;
        if let Some(patient) = self.dialect.patient() {
            connection.execute(patient).await?;
        }
        Ok(connection)
    }

    async fn try_open(&self) -> Result<DbConnection, DbError> {
        let patience = self.limit().min(PATIENCE);
        match timeout(patience, self.connect()).await {
            Ok(done) => done,
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    async fn connect(&self) -> Result<DbConnection, DbError> {
        if self.dialect == Dialect::Sqlite {
            let checkpointer = self.checkpointer.clone();
            let connection = SqliteConnection::open(&self.url, &self.set_up, checkpointer)?;
            return Ok(DbConnection::sqlite(connection, self.limit()));
        }
        let options = PgConnectOptions::from_str(&self.url)?.disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await?;
        connection
            .execute(AssertSqlSafe(self.set_up.to_string()))
            .await?;
        Ok(DbConnection::postgres(connection, self.limit()))
    }
}

/// The file of a SQLite database; none of one in memory, or of a server's.
pub(super) fn file_of(url: &str) -> Option<PathBuf> {
    if Dialect::of(url).ok()? != Dialect::Sqlite || url.contains("memory") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}
