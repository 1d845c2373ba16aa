//! Reading columns: the portable types, and their conversions.

use serde::de::DeserializeOwned;
use sqlx::{Row, any::AnyRow};

use crate::{
    clock::Time,
    error::{Error, Result},
    id::StoredText,
};

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

impl Columns for AnyRow {
    fn str<'r>(&'r self, name: &str) -> Result<&'r str> {
        Ok(self.try_get(name)?)
    }

    fn maybe_str<'r>(&'r self, name: &str) -> Result<Option<&'r str>> {
        Ok(self.try_get(name)?)
    }

    fn number(&self, name: &str) -> Result<i64> {
        Ok(self.try_get(name)?)
    }

    fn maybe_time(&self, name: &str) -> Result<Option<Time>> {
        Ok(self.try_get::<Option<i64>, _>(name)?.map(Time::from_millis))
    }
}
