//! A connection on which every statement has a deadline, and is read completely: only the end shows
//! whether it succeeded.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{
    Connection, Either, Executor, PgConnection,
    postgres::{PgQueryResult, PgRow},
};
use tokio::time::{error::Elapsed, timeout};

use super::{
    fault::is_lost,
    row::Row,
    sqlite::{SqliteConnection, late},
    statement::Statement,
};
use crate::error::{Error, Result};

/// A row, or the result of a statement.
type RowOrResult = Either<PgQueryResult, PgRow>;

/// A connection for statements.
#[derive(Debug)]
pub(super) struct DbConnection {
    link: Link,
    /// How long a statement may take.
    pub limit: Duration,
    /// A transaction was begun and not ended.
    pub is_open: bool,
    /// How the next statement is sent.
    pub next: NextStatement,
}

#[derive(Debug)]
enum Link {
    Sqlite(Box<SqliteConnection>),
    Postgres(PostgresConnection),
}

#[derive(Debug)]
struct PostgresConnection {
    connection: PgConnection,
    /// A statement was sent and has not been answered.
    is_waiting: bool,
    is_lost: bool,
}

/// How a statement is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NextStatement {
    /// Alone.
    #[default]
    Plain,
    /// After this statement, which begins the transaction.
    After(&'static str),
    /// As a whole transaction: outside of one, a statement commits itself (SQLite, "Transaction
    /// Control"; PostgreSQL, "Transactions").
    Alone,
    /// Not at all: the transaction had one statement.
    Nothing,
}

impl DbConnection {
    pub fn sqlite(connection: SqliteConnection, limit: Duration) -> Self {
        Self::new(Link::Sqlite(Box::new(connection)), limit)
    }

    pub fn postgres(connection: PgConnection, limit: Duration) -> Self {
        let connection = PostgresConnection {
            connection,
            is_waiting: false,
            is_lost: false,
        };
        Self::new(Link::Postgres(connection), limit)
    }

    fn new(link: Link, limit: Duration) -> Self {
        Self {
            link,
            limit,
            is_open: false,
            next: NextStatement::Plain,
        }
    }

    /// Whether it is no longer usable: the answer to a statement did not come in time, or was not
    /// waited for, or the database has disconnected.
    pub fn is_lost(&self) -> bool {
        match &self.link {
            Link::Sqlite(_) => false,
            Link::Postgres(postgres) => postgres.is_lost || postgres.is_waiting,
        }
    }

    /// Whether the database itself has reported that it is lost.
    pub fn was_refused(&self) -> bool {
        match &self.link {
            Link::Sqlite(_) => false,
            Link::Postgres(postgres) => postgres.is_lost,
        }
    }

    /// Whether the next statements may take long.
    pub fn set_slow(&mut self, is_slow: bool) {
        if let Link::Sqlite(sqlite) = &mut self.link {
            sqlite.is_slow = is_slow;
        }
    }

    /// Whether statements that write are refused.
    pub fn set_reading(&mut self, is_reading: bool) {
        if let Link::Sqlite(sqlite) = &mut self.link {
            sqlite.is_reading = is_reading;
        }
    }

    pub async fn close(self) {
        if let Link::Postgres(postgres) = self.link {
            let _ = postgres.connection.close().await;
        }
    }

    /// Runs a statement to its end, and passes each of its rows to `read`. Returns how many rows it
    /// changed.
    pub async fn run(
        &mut self,
        statement: Statement<'_>,
        read: &mut (dyn FnMut(&Row<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        match self.next {
            NextStatement::Plain => {}
            NextStatement::After(first) => {
                // Set before it is sent, for the case that the request is cancelled in between.
                (self.next, self.is_open) = (NextStatement::Plain, true);
                self.say(first).await?;
            }
            NextStatement::Alone => self.next = NextStatement::Nothing,
            NextStatement::Nothing => {
                let words = "a second statement in a transaction of one";
                return Err(Error::Internal(words.to_owned()));
            }
        }
        match &mut self.link {
            Link::Sqlite(sqlite) if self.is_open && !sqlite.is_in_transaction() => Err(ended()),
            Link::Sqlite(sqlite) => sqlite.run(&statement, self.limit, read).await,
            Link::Postgres(postgres) => postgres.run(&statement, self.limit, read).await,
        }
    }

    /// Sends a statement without parameters: the beginning or end of a transaction, or a setting.
    pub async fn say(&mut self, words: &'static str) -> Result<()> {
        match &mut self.link {
            Link::Sqlite(sqlite) => sqlite.batch(words, self.limit).await,
            Link::Postgres(postgres) => postgres.say(words, self.limit).await,
        }
    }

    /// Ends a transaction without its effects, at once where that needs no waiting. Returns whether
    /// it has ended.
    pub fn rolled_back(&mut self) -> bool {
        let Link::Sqlite(sqlite) = &mut self.link else {
            return false;
        };
        sqlite.roll_back();
        self.is_open = sqlite.is_in_transaction();
        !self.is_open
    }
}

impl PostgresConnection {
    async fn run(
        &mut self,
        statement: &Statement<'_>,
        limit: Duration,
        read: &mut (dyn FnMut(&Row<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        let query = statement.query()?;
        self.is_waiting = true;
        let steps = self.connection.fetch_many(query);
        let answer = timeout(limit, steps.try_collect::<Vec<RowOrResult>>()).await;
        let mut changed = 0;
        for step in self.answered(answer)? {
            match step {
                Either::Left(done) => changed += done.rows_affected(),
                Either::Right(row) => read(&Row::Postgres(&row))?,
            }
        }
        Ok(changed)
    }

    async fn say(&mut self, words: &'static str, limit: Duration) -> Result<()> {
        self.is_waiting = true;
        let steps = self.connection.fetch_many(words);
        let answer = timeout(limit, steps.try_collect::<Vec<RowOrResult>>()).await;
        self.answered(answer).map(drop)
    }

    fn answered<T>(&mut self, answer: Result<Result<T, sqlx::Error>, Elapsed>) -> Result<T> {
        self.is_waiting = false;
        let Ok(answer) = answer else {
            self.is_lost = true;
            return Err(late());
        };
        self.is_lost |= answer.as_ref().is_err_and(is_lost);
        Ok(answer?)
    }
}

/// SQLite ends a transaction by itself after some errors (a full disk, an interrupted statement):
/// what follows must not be committed alone.
fn ended() -> Error {
    Error::Away("the database has ended the transaction".to_owned())
}
