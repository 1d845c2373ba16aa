//! Running statements: each is its SQL, the values of its parameters, and a function that reads its
//! rows. [`Store`] reads from the pool, [`Tx`] runs in its transaction.

use serde::Serialize;
use sqlx::{
    Arguments, AssertSqlSafe, Either,
    any::{AnyArguments, AnyQueryResult, AnyRow},
};

use super::{
    Store, Tx,
    line::{DbConnection, Statement},
    row::json,
};
use crate::{clock::Time, error::Result, id::StoredText};

/// The text of a statement: a constant, never composed from a request.
type Sql = &'static str;

/// The values of its parameters, `$1` first.
type Parameters<'a> = &'a [&'a dyn Parameter];

/// Reads a value from a row.
type ReadRow<T> = fn(&AnyRow) -> Result<T>;

/// A value that a parameter can have. The databases share two types, texts and numbers; each value
/// is bound as one of them, and a null as the null of its type.
pub(super) trait Parameter: Sync {
    /// Binds it to the next parameter.
    fn bind(&self, statement: Statement) -> Statement;

    /// Binds a null of this type to the next parameter.
    fn bind_null(statement: Statement) -> Statement
    where
        Self: Sized;
}

impl Parameter for &str {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(*self)
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<String>)
    }
}

impl Parameter for String {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(self.as_str())
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<String>)
    }
}

impl Parameter for i64 {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(*self)
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<i64>)
    }
}

/// 0 or 1.
impl Parameter for bool {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(i64::from(*self))
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<i64>)
    }
}

/// Milliseconds.
impl Parameter for Time {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(self.millis())
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<i64>)
    }
}

/// Ids and hashes.
impl<T: StoredText + Sync> Parameter for T {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(self.text())
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<String>)
    }
}

/// A value that is stored as JSON. It is serialised when it is bound, so the text is not copied.
pub(super) struct Json<'a, T>(pub &'a T);

impl<T: Serialize + Sync> Parameter for Json<'_, T> {
    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(json(self.0))
    }

    fn bind_null(statement: Statement) -> Statement {
        statement.bind(None::<String>)
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn bind(&self, statement: Statement) -> Statement {
        match self {
            Some(value) => value.bind(statement),
            None => T::bind_null(statement),
        }
    }

    fn bind_null(statement: Statement) -> Statement {
        T::bind_null(statement)
    }
}

/// A statement with its parameters.
pub(super) fn statement(sql: Sql, values: Parameters<'_>) -> Statement {
    bound(sqlx::query_with(sql, room_for(values)), values)
}

/// A statement whose text is composed at run time, also of constants only.
pub(super) fn composed(sql: String, values: Parameters<'_>) -> Statement {
    bound(
        sqlx::query_with(AssertSqlSafe(sql), room_for(values)),
        values,
    )
}

fn bound(statement: Statement, values: Parameters<'_>) -> Statement {
    values.iter().fold(statement, |to, value| value.bind(to))
}

fn room_for(values: Parameters<'_>) -> AnyArguments {
    let mut arguments = AnyArguments::default();
    arguments.reserve(values.len(), 0);
    arguments
}

impl DbConnection {
    /// How many rows a statement changed.
    pub(super) async fn changed(&mut self, statement: Statement) -> Result<u64> {
        let steps = self.whole(statement).await?;
        let done = steps.iter().filter_map(|step| step.as_ref().left());
        Ok(done.map(AnyQueryResult::rows_affected).sum())
    }

    /// Whether there is a row.
    pub(super) async fn exists(&mut self, statement: Statement) -> Result<bool> {
        Ok(self.whole(statement).await?.iter().any(Either::is_right))
    }

    /// The value of the only row, of a statement that always has one.
    pub(super) async fn only<T>(&mut self, statement: Statement, read: ReadRow<T>) -> Result<T> {
        let found = self.one(statement, read).await?;
        Ok(found.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T>(
        &mut self,
        statement: Statement,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        let steps = self.whole(statement).await?;
        let row = steps.iter().find_map(|step| step.as_ref().right());
        row.map(read).transpose()
    }

    /// The value of each row.
    pub(super) async fn all<T>(
        &mut self,
        statement: Statement,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        let steps = self.whole(statement).await?;
        let rows = steps.iter().filter_map(|step| step.as_ref().right());
        rows.map(read).collect()
    }
}

impl Store {
    /// Whether there is a row.
    pub(super) async fn exists(&self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        self.read
            .acquire()
            .await?
            .exists(statement(sql, values))
            .await
    }

    /// The value of the only row, of a statement that always has one.
    pub(super) async fn only<T>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<T> {
        self.read
            .acquire()
            .await?
            .only(statement(sql, values), read)
            .await
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        self.read
            .acquire()
            .await?
            .one(statement(sql, values), read)
            .await
    }

    /// The value of each row.
    pub(super) async fn all<T>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        self.read
            .acquire()
            .await?
            .all(statement(sql, values), read)
            .await
    }
}

impl Tx {
    /// Prevents all other transactions from writing to these tables until this one ends.
    pub(super) async fn hold(&mut self, tables: &[&str]) -> Result<()> {
        if let Some(sql) = self.dialect.hold(tables) {
            self.open.connection().changed(composed(sql, &[])).await?;
        }
        Ok(())
    }

    pub(super) async fn run(&mut self, sql: Sql, values: Parameters<'_>) -> Result<()> {
        self.changed(sql, values).await?;
        Ok(())
    }

    /// How many rows a statement changed.
    pub(super) async fn changed(&mut self, sql: Sql, values: Parameters<'_>) -> Result<u64> {
        self.open.connection().changed(statement(sql, values)).await
    }

    /// Whether a statement changed exactly one row.
    pub(super) async fn changes_one(&mut self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        Ok(self.changed(sql, values).await? == 1)
    }

    /// Whether there is a row.
    pub(super) async fn exists(&mut self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        self.open.connection().exists(statement(sql, values)).await
    }

    /// The value of the only row, of a statement that always has one.
    pub(super) async fn only<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<T> {
        self.open
            .connection()
            .only(statement(sql, values), read)
            .await
    }

    /// The value of the first row, if there is one; a statement that changes rows returns them with
    /// `returning`.
    pub(super) async fn one<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        self.open
            .connection()
            .one(statement(sql, values), read)
            .await
    }

    /// The value of each row.
    pub(super) async fn all<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        self.open
            .connection()
            .all(statement(sql, values), read)
            .await
    }
}
