//! Statements on SQLite, run on the thread of the caller: they take microseconds, a tenth of what it
//! costs to hand one over to another thread (docs/decisions/0017). What may take longer is announced
//! to the runtime ([`SqliteConnection::is_slow`]), and no statement runs longer than its time.

use std::{
    cell::RefCell,
    collections::HashMap,
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use sqlx::sqlite::SqliteConnectOptions;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    time::{Instant, sleep},
};

use super::{
    checkpoint::Checkpointer,
    fault::DbError,
    row::{ColumnNames, Row, SqliteRow},
    statement::{Statement, Value},
};
use crate::error::{Error, Result};

/// How long a lock of another process is waited for; then the user gets an error.
const LOCK_PATIENCE: Duration = Duration::from_millis(2500);
/// The first pause before a locked database is tried again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// Prepared statements that a connection keeps: more than there are.
const PREPARED: usize = 1000;
/// Steps of SQLite's virtual machine between two looks at the clock: about a millisecond.
const STEPS: i32 = 20_000;

/// A connection to a file.
pub(super) struct SqliteConnection {
    connection: Connection,
    time_limit: TimeLimit,
    /// Told of every transaction that was committed.
    checkpointer: Checkpointer,
    /// The next statements may take long: other tasks of this thread are moved to another one.
    pub is_slow: bool,
    /// Statements that write are refused.
    pub is_reading: bool,
    /// The columns of statements whose text is a constant, by its address and length.
    columns: RefCell<HashMap<(usize, usize), Arc<ColumnNames>>>,
}

impl std::fmt::Debug for SqliteConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteConnection")
    }
}

impl SqliteConnection {
    /// Opens the file of a URL (`sqlite:FILE`, `?mode=rwc` to create a missing one, `?mode=ro` to
    /// read only) and sets the connection up.
    pub fn open(url: &str, set_up: &str, checkpointer: Checkpointer) -> Result<Self, DbError> {
        let options = SqliteConnectOptions::from_str(url)?;
        let connection = opened(options.get_filename(), mode(url))?;
        connection.execute_batch(set_up)?;
        // A lock is waited for without occupying the thread.
        connection.busy_timeout(Duration::ZERO)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let time_limit = TimeLimit::default();
        let limit = time_limit.clone();
        connection.progress_handler(STEPS, Some(move || limit.is_over()))?;
        Ok(Self {
            connection,
            time_limit,
            checkpointer,
            is_slow: false,
            is_reading: false,
            columns: RefCell::default(),
        })
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Ends an open transaction without its effects.
    pub fn roll_back(&mut self) {
        if self.is_in_transaction() {
            self.time_limit.begin(LOCK_PATIENCE);
            let _ = self.connection.execute_batch("rollback");
        }
    }

    /// Runs a statement without parameters, or several.
    pub async fn batch(&mut self, sql: &str, limit: Duration) -> Result<()> {
        let run = |line: &mut Self| match sql.contains(';') {
            true => Ok(line.connection.execute_batch(sql)?),
            false => Ok(line
                .connection
                .prepare_cached(sql)?
                .raw_execute()
                .map(drop)?),
        };
        let done = self.unlocked(limit, run).await;
        self.note_commit();
        done
    }

    /// Runs a statement to its end, and passes each of its rows to `read`. Returns how many rows it
    /// changed.
    pub async fn run(
        &mut self,
        statement: &Statement<'_>,
        limit: Duration,
        read: &mut (dyn FnMut(&Row<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        let run = |line: &mut Self| match line.is_slow {
            true => off_worker(|| line.step(statement, &mut *read)),
            false => line.step(statement, &mut *read),
        };
        let changed = self.unlocked(limit, run).await?;
        if changed > 0 {
            self.note_commit();
        }
        Ok(changed)
    }

    fn note_commit(&self) {
        if self.connection.is_autocommit() {
            self.checkpointer.note_commit();
        }
    }

    /// Tries again while another process holds the lock of the file. A statement that finds it
    /// locked has done nothing.
    async fn unlocked<T>(
        &mut self,
        limit: Duration,
        mut run: impl FnMut(&mut Self) -> Result<T, StepError> + Send,
    ) -> Result<T> {
        let until = Instant::now() + LOCK_PATIENCE.min(limit);
        let mut pause = FIRST_PAUSE;
        loop {
            self.time_limit.begin(limit);
            match run(self) {
                Ok(done) => return Ok(done),
                Err(StepError::Reading(error)) => return Err(error),
                Err(StepError::Database(error)) if error.is_interrupted() => return Err(late()),
                Err(StepError::Database(error)) if !error.is_locked() => return Err(error.into()),
                Err(StepError::Database(error)) if Instant::now() >= until => {
                    return Err(error.into());
                }
                Err(StepError::Database(_)) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn step(
        &self,
        statement: &Statement<'_>,
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64, StepError> {
        if statement.is_kept() {
            let mut prepared = self.connection.prepare_cached(statement.sql())?;
            return self.step_prepared(&mut prepared, statement, read);
        }
        let mut prepared = self.connection.prepare(statement.sql())?;
        self.step_prepared(&mut prepared, statement, read)
    }

    fn step_prepared(
        &self,
        prepared: &mut rusqlite::Statement<'_>,
        statement: &Statement<'_>,
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64, StepError> {
        let only_reads = prepared.readonly();
        if self.is_reading && !only_reads {
            return Err(StepError::Reading(Error::Internal(format!(
                "a statement writes outside a transaction: {}",
                statement.sql()
            ))));
        }
        bind(prepared, statement)?;
        let columns = self.columns(prepared, statement);
        step_all(prepared, &columns, read)?;
        Ok(match only_reads {
            true => 0,
            false => self.connection.changes(),
        })
    }

    fn columns(
        &self,
        prepared: &rusqlite::Statement<'_>,
        statement: &Statement<'_>,
    ) -> Arc<ColumnNames> {
        let Some(sql) = statement.constant() else {
            return Arc::new(ColumnNames::of(prepared));
        };
        let key = (sql.as_ptr().addr(), sql.len());
        let mut all = self.columns.borrow_mut();
        let known = all.get(&key);
        // A migration by another process may have changed what `*` stands for.
        let known = known.filter(|known| known.count() == prepared.column_count());
        if let Some(known) = known {
            return known.clone();
        }
        let columns = Arc::new(ColumnNames::of(prepared));
        all.insert(key, columns.clone());
        columns
    }
}

/// Why a statement failed: the database, or our reading of a row.
enum StepError {
    Database(DbError),
    Reading(Error),
}

impl From<rusqlite::Error> for StepError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Binds by the numbers of the parameters (`$2`), which SQLite takes for names.
fn bind(
    prepared: &mut rusqlite::Statement<'_>,
    statement: &Statement<'_>,
) -> Result<(), StepError> {
    for index in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(index).unwrap_or_default();
        let number: Option<usize> = name.get(1..).and_then(|number| number.parse().ok());
        let value = number.and_then(|number| statement.value(number));
        let value = value.ok_or_else(|| {
            rusqlite::Error::InvalidParameterName(format!("{name} of {}", statement.sql()))
        })?;
        match value {
            Value::Text(text) => prepared.raw_bind_parameter(index, &*text)?,
            Value::Number(number) => prepared.raw_bind_parameter(index, number)?,
            Value::NoText | Value::NoNumber => {
                prepared.raw_bind_parameter(index, rusqlite::types::Null)?;
            }
        }
    }
    Ok(())
}

/// To the end, even if a row cannot be read: only the end shows whether the statement succeeded.
fn step_all(
    prepared: &mut rusqlite::Statement<'_>,
    columns: &ColumnNames,
    read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<(), StepError> {
    let mut rows = prepared.raw_query();
    let mut outcome: Option<Result<()>> = None;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                if outcome.as_ref().is_none_or(Result::is_ok) {
                    outcome = Some(read(&Row::Sqlite(SqliteRow::of(row, columns))));
                }
            }
            Ok(None) => return outcome.unwrap_or(Ok(())).map_err(StepError::Reading),
            // Not again, once rows were passed on.
            Err(error) if outcome.is_some() => return Err(StepError::Reading(broken_off(error))),
            Err(error) => return Err(error.into()),
        }
    }
}

fn broken_off(error: rusqlite::Error) -> Error {
    let error = DbError::from(error);
    match error.is_interrupted() {
        true => late(),
        false => error.into(),
    }
}

/// Lets other threads take over the tasks that wait for this one.
fn off_worker<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// A connection of the file of a URL that is not set up.
pub(super) fn plain(url: &str) -> Result<Connection, DbError> {
    let options = SqliteConnectOptions::from_str(url)?;
    opened(options.get_filename(), "rw")
}

fn opened(file: &Path, mode: &str) -> Result<Connection, DbError> {
    let access = match mode {
        "rwc" => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        "ro" => OpenFlags::SQLITE_OPEN_READ_ONLY,
        _ => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    // Each connection is used by one task at a time: it needs no lock of its own.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(file, flags)?)
}

/// The value of `mode` in a URL.
fn mode(url: &str) -> &str {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut parts = query.split('&');
    parts
        .find_map(|part| part.strip_prefix("mode="))
        .unwrap_or("rw")
}

/// When the statement that runs is interrupted; shared with SQLite's handler.
#[derive(Clone)]
struct TimeLimit {
    start: Instant,
    /// Milliseconds after the start.
    end: Arc<AtomicU64>,
}

impl Default for TimeLimit {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            end: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }
}

impl TimeLimit {
    fn begin(&self, limit: Duration) {
        let end = millis(self.start.elapsed() + limit);
        self.end.store(end, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        millis(self.start.elapsed()) >= self.end.load(Ordering::Relaxed)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A statement was not answered in its time.
pub(super) fn late() -> Error {
    Error::Away("the database did not answer a statement in time".to_owned())
}
