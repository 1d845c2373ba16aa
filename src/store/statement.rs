//! Running statements: each is its SQL, the values of its parameters, and a function that reads its
//! rows. [`Store`] reads from the pool, [`Tx`] runs in its transaction.

use sqlx::{
    Any, AssertSqlSafe,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use super::{Store, Tx, connection::DbConnection};
use crate::{clock::Time, error::Result, id::StoredText};

type Statement = Query<'static, Any, AnyArguments>;

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

fn statement(sql: Sql, values: Parameters<'_>) -> Statement {
    let statement: Statement = sqlx::query(sql);
    values.iter().fold(statement, |to, value| value.bind(to))
}

impl DbConnection {
    /// How many rows a statement changed.
    async fn changed(&mut self, sql: Sql, values: Parameters<'_>) -> Result<u64> {
        let done = statement(sql, values).execute(self).await?;
        Ok(done.rows_affected())
    }

    /// The first row, if there is one.
    async fn row(&mut self, sql: Sql, values: Parameters<'_>) -> Result<Option<AnyRow>> {
        Ok(statement(sql, values).fetch_optional(self).await?)
    }

    async fn rows(&mut self, sql: Sql, values: Parameters<'_>) -> Result<Vec<AnyRow>> {
        Ok(statement(sql, values).fetch_all(self).await?)
    }

    /// The one row of a statement that always has one.
    pub(super) async fn only(&mut self, sql: Sql, values: Parameters<'_>) -> Result<AnyRow> {
        Ok(statement(sql, values).fetch_one(self).await?)
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        let row = self.row(sql, values).await?;
        row.as_ref().map(read).transpose()
    }

    /// The value of each row.
    async fn all<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        let rows = self.rows(sql, values).await?;
        rows.iter().map(read).collect()
    }
}

impl Store {
    /// The first row, if there is one.
    pub(super) async fn row(&self, sql: Sql, values: Parameters<'_>) -> Result<Option<AnyRow>> {
        self.read.acquire().await?.row(sql, values).await
    }

    pub(super) async fn rows(&self, sql: Sql, values: Parameters<'_>) -> Result<Vec<AnyRow>> {
        self.read.acquire().await?.rows(sql, values).await
    }

    /// Whether there is a row.
    pub(super) async fn exists(&self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        Ok(self.row(sql, values).await?.is_some())
    }

    /// The one row of a statement that always has one.
    pub(super) async fn only(&self, sql: Sql, values: Parameters<'_>) -> Result<AnyRow> {
        self.read.acquire().await?.only(sql, values).await
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        self.read.acquire().await?.one(sql, values, read).await
    }

    /// The value of each row.
    pub(super) async fn all<T>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        self.read.acquire().await?.all(sql, values, read).await
    }
}

impl Tx {
    /// Prevents all other transactions from writing to these tables until this one ends.
    pub(super) async fn hold(&mut self, tables: &[&str]) -> Result<()> {
        if let Some(sql) = self.dialect.hold(tables) {
            let statement = sqlx::query(AssertSqlSafe(sql));
            statement.execute(self.open.connection()).await?;
        }
        Ok(())
    }

    pub(super) async fn run(&mut self, sql: Sql, values: Parameters<'_>) -> Result<()> {
        self.changed(sql, values).await?;
        Ok(())
    }

    /// How many rows a statement changed.
    pub(super) async fn changed(&mut self, sql: Sql, values: Parameters<'_>) -> Result<u64> {
        self.open.connection().changed(sql, values).await
    }

    /// Whether a statement changed exactly one row.
    pub(super) async fn changes_one(&mut self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        Ok(self.changed(sql, values).await? == 1)
    }

    /// The first row, if there is one; of a statement that changes rows, those it returns.
    pub(super) async fn row(&mut self, sql: Sql, values: Parameters<'_>) -> Result<Option<AnyRow>> {
        self.open.connection().row(sql, values).await
    }

    pub(super) async fn rows(&mut self, sql: Sql, values: Parameters<'_>) -> Result<Vec<AnyRow>> {
        self.open.connection().rows(sql, values).await
    }

    /// Whether there is a row.
    pub(super) async fn exists(&mut self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        Ok(self.row(sql, values).await?.is_some())
    }

    /// The one row of a statement that always has one.
    pub(super) async fn only(&mut self, sql: Sql, values: Parameters<'_>) -> Result<AnyRow> {
        self.open.connection().only(sql, values).await
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        self.open.connection().one(sql, values, read).await
    }

    /// The value of each row.
    pub(super) async fn all<T>(
        &mut self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        self.open.connection().all(sql, values, read).await
    }
}
