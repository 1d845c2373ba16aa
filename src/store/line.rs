//! A connection on which every statement has a deadline, and is read completely: only the end shows
//! whether it succeeded.

use std::time::Duration;

use futures_util::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, AnyConnection, AssertSqlSafe, Connection, Describe, Either, Execute, Executor,
    any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
};

use super::fault::is_lost;

type RowOrResult = Either<AnyQueryResult, AnyRow>;

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

    async fn whole<'q, E: 'q + Execute<'q, Any>>(
        &mut self,
        mut statement: E,
    ) -> Result<Vec<RowOrResult>, sqlx::Error> {
        match self.next {
            NextStatement::Plain => self.sent(statement).await,
            NextStatement::After(first) => {
                let arguments = statement.take_arguments();
                let arguments = arguments.map_err(sqlx::Error::Encode)?;
                let text = format!("{first}; {}", statement.sql().as_str());
                // Set before it is sent, for the case that the request is cancelled in between.
                (self.next, self.is_open) = (NextStatement::Plain, true);
                let mut steps = self.sent((AssertSqlSafe(text), arguments)).await?;
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

    async fn sent<'q, E: 'q + Execute<'q, Any>>(
        &mut self,
        statement: E,
    ) -> Result<Vec<RowOrResult>, sqlx::Error> {
        self.is_waiting = true;
        let steps = self.connection.fetch_many(statement).try_collect();
        let answer = tokio::time::timeout(self.limit, steps).await;
        let answer = answer.unwrap_or_else(|_| Err(late()));
        self.is_waiting = false;
        self.is_lost |= answer.as_ref().is_err_and(is_lost);
        answer
    }
}

fn late() -> sqlx::Error {
    let kind = std::io::ErrorKind::TimedOut;
    std::io::Error::new(kind, "the database did not answer a statement in time").into()
}

impl<'c> Executor<'c> for &'c mut DbConnection {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        statement: E,
    ) -> BoxStream<'e, Result<RowOrResult, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        stream::once(self.whole(statement))
            .map_ok(|steps| stream::iter(steps.into_iter().map(Ok)))
            .try_flatten()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        statement: E,
    ) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        async move {
            let steps = self.whole(statement).await?;
            Ok(steps.into_iter().find_map(Either::right))
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: sqlx::SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: sqlx::SqlStr) -> BoxFuture<'e, Result<Describe<Any>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.connection.describe(sql)
    }
}
