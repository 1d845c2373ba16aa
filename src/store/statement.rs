//! Running statements: each is its SQL, the values of its parameters, and a function that reads its
//! rows. [`Store`] reads from the pool, [`Tx`] runs in its transaction.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::{Arguments, AssertSqlSafe, Postgres, postgres::PgArguments, query::Query};

use super::{
    Store, Tx,
    connection::PooledConnection,
    dialect::Dialect,
    line::DbConnection,
    row::{Row, json},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::StoredText,
};

/// The text of a statement: a constant, never composed from a request.
type Sql = &'static str;

/// The values of its parameters, `$1` first.
type Parameters<'a> = &'a [&'a dyn Parameter];

/// Reads a value from a row.
type ReadRow<T> = fn(&Row<'_>) -> Result<T>;

/// A value that a parameter can have. The databases share two types, texts and numbers; a null has
/// one of them as well.
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    NoText,
    NoNumber,
}

/// What can be bound to a parameter.
pub(super) trait Parameter: Sync {
    fn value(&self) -> Value<'_>;

    /// The null of this type.
    fn null() -> Value<'static>
    where
        Self: Sized;
}

impl Parameter for &str {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }

    fn null() -> Value<'static> {
        Value::NoText
    }
}

impl Parameter for String {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }

    fn null() -> Value<'static> {
        Value::NoText
    }
}

impl Parameter for i64 {
    fn value(&self) -> Value<'_> {
        Value::Number(*self)
    }

    fn null() -> Value<'static> {
        Value::NoNumber
    }
}

/// 0 or 1.
impl Parameter for bool {
    fn value(&self) -> Value<'_> {
        Value::Number(i64::from(*self))
    }

    fn null() -> Value<'static> {
        Value::NoNumber
    }
}

/// Milliseconds.
impl Parameter for Time {
    fn value(&self) -> Value<'_> {
        Value::Number(self.millis())
    }

    fn null() -> Value<'static> {
        Value::NoNumber
    }
}

/// Ids and hashes.
impl<T: StoredText + Sync> Parameter for T {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self.text()))
    }

    fn null() -> Value<'static> {
        Value::NoText
    }
}

/// A value that is stored as JSON. It is serialised when it is bound, so the text is not copied.
pub(super) struct Json<'a, T>(pub &'a T);

impl<T: Serialize + Sync> Parameter for Json<'_, T> {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(json(self.0)))
    }

    fn null() -> Value<'static> {
        Value::NoText
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn value(&self) -> Value<'_> {
        match self {
            Some(value) => value.value(),
            None => T::null(),
        }
    }

    fn null() -> Value<'static> {
        T::null()
    }
}

/// A statement with its parameters.
pub(super) struct Statement<'a> {
    sql: Cow<'static, str>,
    values: Parameters<'a>,
    /// Its text will come again: it is worth keeping prepared.
    is_kept: bool,
}

/// A statement with its parameters.
pub(super) const fn statement(sql: Sql, values: Parameters<'_>) -> Statement<'_> {
    Statement {
        sql: Cow::Borrowed(sql),
        values,
        is_kept: true,
    }
}

/// A statement whose text is composed at run time, also of constants only.
pub(super) const fn composed(sql: String, values: Parameters<'_>) -> Statement<'_> {
    Statement {
        sql: Cow::Owned(sql),
        values,
        is_kept: true,
    }
}

impl Statement<'_> {
    /// The same; its text will not come again.
    pub fn once(self) -> Self {
        Self {
            is_kept: false,
            ..self
        }
    }

    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The text, unless it is composed.
    pub const fn constant(&self) -> Option<&'static str> {
        match self.sql {
            Cow::Borrowed(sql) => Some(sql),
            Cow::Owned(_) => None,
        }
    }

    pub const fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// The value of the parameter `$number`.
    pub fn value(&self, number: usize) -> Option<Value<'_>> {
        let value = self.values.get(number.checked_sub(1)?)?;
        Some(value.value())
    }

    /// The same for PostgreSQL.
    ///
    /// # Errors
    /// A value that is too long for its message.
    pub fn query(&self) -> Result<Query<'static, Postgres, PgArguments>, sqlx::Error> {
        let mut arguments = PgArguments::default();
        arguments.reserve(self.values.len(), 0);
        for value in self.values {
            let added = match value.value() {
                Value::Text(text) => arguments.add(&*text),
                Value::Number(number) => arguments.add(number),
                Value::NoText => arguments.add(None::<&str>),
                Value::NoNumber => arguments.add(None::<i64>),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        let query = match &self.sql {
            Cow::Borrowed(sql) => sqlx::query_with(*sql, arguments),
            Cow::Owned(sql) => sqlx::query_with(AssertSqlSafe(sql.clone()), arguments),
        };
        Ok(query.persistent(self.is_kept))
    }
}

impl DbConnection {
    /// How many rows a statement changed.
    pub(super) async fn changed(&mut self, statement: Statement<'_>) -> Result<u64> {
        self.run(statement, &mut |_| Ok(())).await
    }

    /// Whether there is a row.
    pub(super) async fn exists(&mut self, statement: Statement<'_>) -> Result<bool> {
        let mut found = false;
        let mut see = |_: &Row<'_>| {
            found = true;
            Ok(())
        };
        self.run(statement, &mut see).await?;
        Ok(found)
    }

    /// The value of the only row, of a statement that always has one.
    pub(super) async fn only<T: Send>(
        &mut self,
        statement: Statement<'_>,
        read: ReadRow<T>,
    ) -> Result<T> {
        let found = self.one(statement, read).await?;
        found.ok_or_else(|| Error::Internal("database: there is no row".to_owned()))
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T: Send>(
        &mut self,
        statement: Statement<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        let mut keep = |row: &Row<'_>| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        };
        self.run(statement, &mut keep).await?;
        Ok(found)
    }

    /// The value of each row.
    pub(super) async fn all<T: Send>(
        &mut self,
        statement: Statement<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut keep = |row: &Row<'_>| {
            found.push(read(row)?);
            Ok(())
        };
        self.run(statement, &mut keep).await?;
        Ok(found)
    }
}

impl Store {
    /// A connection to read from. SQLite's writer is preferred while it is free: the others have to
    /// read the pages again that it has written.
    pub(super) async fn reader(&self) -> Result<PooledConnection> {
        if self.dialect == Dialect::Sqlite
            && let Some(writer) = self.write.acquire_to_read()
        {
            return Ok(writer);
        }
        self.read.acquire().await
    }

    /// Whether there is a row.
    pub(super) async fn exists(&self, sql: Sql, values: Parameters<'_>) -> Result<bool> {
        self.reader().await?.exists(statement(sql, values)).await
    }

    /// The value of the only row, of a statement that always has one.
    pub(super) async fn only<T: Send>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<T> {
        self.reader()
            .await?
            .only(statement(sql, values), read)
            .await
    }

    /// The value of the first row, if there is one.
    pub(super) async fn one<T: Send>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Option<T>> {
        self.reader().await?.one(statement(sql, values), read).await
    }

    /// The value of each row.
    pub(super) async fn all<T: Send>(
        &self,
        sql: Sql,
        values: Parameters<'_>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>> {
        self.reader().await?.all(statement(sql, values), read).await
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
    pub(super) async fn only<T: Send>(
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
    pub(super) async fn one<T: Send>(
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
    pub(super) async fn all<T: Send>(
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
