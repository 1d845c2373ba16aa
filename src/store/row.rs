//! Reading columns: the portable types, and their conversions.

use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use sqlx::{Row as _, postgres::PgRow};

use super::fault::DbError;
use crate::{
    clock::Time,
    error::{Error, Result},
    id::StoredText,
};

/// A row of a result.
pub(super) enum Row<'r> {
    Sqlite(SqliteRow<'r>),
    Postgres(&'r PgRow),
}

/// A row of SQLite's, with the names of its columns.
pub(super) struct SqliteRow<'r> {
    row: &'r rusqlite::Row<'r>,
    names: &'r ColumnNames,
}

/// The names of a statement's columns, in their order. SQLite tells them one at a time, each by a
/// search of its own.
#[derive(Debug)]
pub(super) struct ColumnNames(Box<[Box<str>]>);

impl ColumnNames {
    pub fn of(statement: &rusqlite::Statement<'_>) -> Self {
        Self(
            statement
                .column_names()
                .into_iter()
                .map(Box::from)
                .collect(),
        )
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl<'r> SqliteRow<'r> {
    pub const fn of(row: &'r rusqlite::Row<'r>, names: &'r ColumnNames) -> Self {
        Self { row, names }
    }

    fn value(&self, name: &str) -> Result<ValueRef<'r>> {
        let place = self.names.0.iter().position(|one| **one == *name);
        let place = place.ok_or_else(|| unexpected(name))?;
        Ok(self.row.get_ref(place).map_err(DbError::from)?)
    }
}

/// Typed access to a row's columns by name.
pub(super) trait Columns {
    fn str<'r>(&'r self, name: &str) -> Result<&'r str>;
    fn maybe_str<'r>(&'r self, name: &str) -> Result<Option<&'r str>>;
    fn number(&self, name: &str) -> Result<i64>;
    fn maybe_time(&self, name: &str) -> Result<Option<Time>>;

    fn text(&self, name: &str) -> Result<String> {
        self.str(name).map(str::to_owned)
    }

    fn maybe_text(&self, name: &str) -> Result<Option<String>> {
        Ok(self.maybe_str(name)?.map(str::to_owned))
    }

    fn id<T: StoredText>(&self, name: &str) -> Result<T> {
        self.text(name).map(T::from_text)
    }

    fn maybe_id<T: StoredText>(&self, name: &str) -> Result<Option<T>> {
        Ok(self.maybe_text(name)?.map(T::from_text))
    }

    fn time(&self, name: &str) -> Result<Time> {
        self.number(name).map(Time::from_millis)
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        parse(name, self.str(name)?)
    }

    fn maybe_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        self.maybe_str(name)?
            .map(|text| parse(name, text))
            .transpose()
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::Internal(format!("column {name} holds unreadable JSON: {error}")))
}

/// `$from, …`, `count` placeholders.
pub(super) fn placeholders(from: usize, count: usize) -> String {
    let each: Vec<String> = (from..from + count).map(|n| format!("${n}")).collect();
    each.join(", ")
}

/// A condition: the column is none of `count` values, bound from `$from` on.
pub(super) fn none_of(column: &str, from: usize, count: usize) -> String {
    match count {
        0 => "1 = 1".to_owned(),
        _ => format!("{column} not in ({})", placeholders(from, count)),
    }
}

/// JSON for a text column of data from clients; an error if it is too long to be stored.
pub(super) fn bounded(value: &impl serde::Serialize) -> Result<String> {
    let text = json(value);
    match text.len() > MOST_KEPT {
        true => Err(Error::TooLarge),
        false => Ok(text),
    }
}

/// How many bytes of a request are stored while it waits: an address of 8 kB, sealed. A longer
/// request cannot be answered.
const MOST_KEPT: usize = 12 * 1024;

/// JSON for a text column. Our own types serialise; if one did not, the row would have null.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

impl Columns for Row<'_> {
    fn str<'r>(&'r self, name: &str) -> Result<&'r str> {
        self.maybe_str(name)?.ok_or_else(|| unexpected(name))
    }

    fn maybe_str<'r>(&'r self, name: &str) -> Result<Option<&'r str>> {
        match self {
            Self::Sqlite(row) => match row.value(name)? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => Ok(Some(text)),
                    Err(_) => Err(unexpected(name)),
                },
                _ => Err(unexpected(name)),
            },
            Self::Postgres(row) => Ok(row.try_get(name)?),
        }
    }

    fn number(&self, name: &str) -> Result<i64> {
        self.maybe_number(name)?.ok_or_else(|| unexpected(name))
    }

    fn maybe_time(&self, name: &str) -> Result<Option<Time>> {
        Ok(self.maybe_number(name)?.map(Time::from_millis))
    }
}

impl Row<'_> {
    fn maybe_number(&self, name: &str) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => match row.value(name)? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(number) => Ok(Some(number)),
                _ => Err(unexpected(name)),
            },
            Self::Postgres(row) => match row.try_get(name) {
                // A computed column may be an integer of four bytes.
                Err(sqlx::Error::ColumnDecode { .. }) => {
                    Ok(row.try_get::<Option<i32>, _>(name)?.map(i64::from))
                }
                number => Ok(number?),
            },
        }
    }

    /// The texts of the first columns, without the last.
    pub fn texts_but_last(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(row) => {
                let names = (0..row.names.count() - 1).map(|at| row.row.get(at));
                let names: Result<_, rusqlite::Error> = names.collect();
                Ok(names.map_err(DbError::from)?)
            }
            Self::Postgres(row) => {
                let names = (0..row.len() - 1).map(|at| row.try_get(at));
                Ok(names.collect::<Result<_, sqlx::Error>>()?)
            }
        }
    }
}

fn unexpected(name: &str) -> Error {
    Error::Internal(format!("database: column {name} has no value of its type"))
}
