//! A connection on which every statement has a deadline, and is read completely: only the end shows
//! whether it succeeded.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{
    Any, AnyConnection, AssertSqlSafe, Connection, Either, Execute, Executor,
    any::{AnyArguments, AnyQueryResult, AnyRow},
    query::Query,
};
use tokio::time::{error::Elapsed, timeout};

use super::fault::is_lost;

/// A statement with its parameters.
pub(super) type Statement = Query<'static, Any, AnyArguments>;

/// A row, or the result of a statement.
type RowOrResult = Either<AnyQueryResult, AnyRow>;

type Answer = Result<Vec<RowOrResult>, sqlx::Error>;

/// A connection for statements.
#[derive(Debug)]
pub(super) struct DbConnection {
    connection: AnyConnection,
    /// How long a statement may take.
    pub limit: Duration,
    /// A transaction was begun and not ended.
    pub is_open: bool,
    /// How the next statement is sent.
    pub next: NextStatement,
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
    /// After this statement, in one message, which saves a round trip to SQLite's thread.
    After(&'static str),
    /// As a whole transaction: outside of one, a statement commits itself (SQLite, "Transaction
    /// Control"; PostgreSQL, "Transactions").
    Alone,
    /// Not at all: the transaction had one statement.
    Nothing,
}

impl DbConnection {
    pub fn new(connection: AnyConnection, limit: Duration) -> Self {
        Self {
            connection,
            limit,
            is_open: false,
            next: NextStatement::Plain,
            is_waiting: false,
            is_lost: false,
        }
    }

    /// Whether it is no longer usable: the answer to a statement did not come in time, or was not
    /// waited for, or the database has disconnected.
    pub fn is_lost(&self) -> bool {
        self.is_lost || self.is_waiting
    }

    /// Whether the database itself has reported that it is lost.
    pub fn was_refused(&self) -> bool {
        self.is_lost
    }

    pub async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }

    /// Runs a statement to its end: its rows, and its result.
    pub async fn whole(&mut self, statement: Statement) -> Answer {
        match self.next {
            NextStatement::Plain => self.sent(statement).await,
            NextStatement::After(first) => {
                let statement = behind(first, statement)?;
                // Set before it is sent, for the case that the request is cancelled in between.
                (self.next, self.is_open) = (NextStatement::Plain, true);
                let mut steps = self.sent(statement).await?;
                // The result of the first statement.
                steps.remove(0);
                Ok(steps)
            }
            NextStatement::Alone => {
                self.next = NextStatement::Nothing;
                self.sent(statement).await
            }
            NextStatement::Nothing => {
                let words = "a second statement in a transaction of one";
                Err(sqlx::Error::Protocol(words.to_owned()))
            }
        }
    }

    /// Sends a statement without parameters: the end of a transaction, or a setting.
    pub async fn say(&mut self, words: &'static str) -> Result<(), sqlx::Error> {
        self.is_waiting = true;
        let steps = self
            .connection
            .fetch_many(words)
            .try_collect::<Vec<RowOrResult>>();
        let answer = timeout(self.limit, steps).await;
        self.answered(answer).map(drop)
    }

    async fn sent(&mut self, statement: Statement) -> Answer {
        self.is_waiting = true;
        let steps = self
            .connection
            .fetch_many(statement)
            .try_collect::<Vec<RowOrResult>>();
        let answer = timeout(self.limit, steps).await;
        self.answered(answer)
    }

    fn answered(&mut self, answer: Result<Answer, Elapsed>) -> Answer {
        let answer = answer.unwrap_or_else(|_| Err(late()));
        self.is_waiting = false;
        self.is_lost |= answer.as_ref().is_err_and(is_lost);
        answer
    }
}

/// A statement that follows another one, in one message.
fn behind(first: &str, mut statement: Statement) -> Result<Statement, sqlx::Error> {
    let arguments = <Statement as Execute<'static, Any>>::take_arguments(&mut statement);
    let arguments = arguments.map_err(sqlx::Error::Encode)?.unwrap_or_default();
    let is_kept = <Statement as Execute<'static, Any>>::persistent(&statement);
    let sql = <Statement as Execute<'static, Any>>::sql(statement);
    let text = AssertSqlSafe(format!("{first}; {}", sql.as_str()));
    let statement: Statement = sqlx::query_with(text, arguments);
    Ok(statement.persistent(is_kept))
}

fn late() -> sqlx::Error {
    let kind = std::io::ErrorKind::TimedOut;
    std::io::Error::new(kind, "the database did not answer a statement in time").into()
}
