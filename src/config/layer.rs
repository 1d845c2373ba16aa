//! The layers: TOML tables, each overriding the one before, and the variables of the environment. A
//! name that is not in the reference is an error that lists the known ones.

use toml::{Table, Value};

use super::invalid;
use crate::error::Result;

pub(super) fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// One variable that a seed file names (`password_env`).
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(super) fn parse(text: &str, name: &str) -> Result<Table> {
    text.parse()
        .map_err(|error| invalid(format!("{name}: {}", toml_fault(text, &error))))
}

/// What is wrong with a TOML text, and on which line. The line itself is not shown, as the
/// library would: it may hold a secret, and the error goes to a log.
pub fn toml_fault(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message.to_owned(),
    }
}

/// Lays one table over another; names the reference does not know are errors that list those it
/// does.
pub(super) fn lay_over(base: &mut Table, over: Table, place: &str) -> Result<()> {
    for (section, values) in over {
        let Value::Table(values) = values else {
            return Err(invalid(format!(
                "{place}: \"{section}\" is a section, not a value"
            )));
        };
        for (key, value) in values {
            set(base, &section, &key, value, place)?;
        }
    }
    Ok(())
}

fn set(base: &mut Table, section: &str, key: &str, value: Value, place: &str) -> Result<()> {
    let sections = names(base);
    let Some(Value::Table(known)) = base.get_mut(section) else {
        let text = format!("{place}: there is no section \"{section}\"; there are {sections}");
        return Err(invalid(text));
    };
    let (key, value) = match (key.strip_suffix("_file"), &value) {
        (Some(plain), Value::String(path)) if known.contains_key(plain) => {
            (plain.to_owned(), Value::String(first_line(path)?))
        }
        _ => (key.to_owned(), value),
    };
    if !known.contains_key(&key) {
        let text = format!(
            "{place}: \"{section}\" has no \"{key}\"; it has {}",
            names(known)
        );
        return Err(invalid(text));
    }
    known.insert(key, value);
    Ok(())
}

fn names(table: &Table) -> String {
    table
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A secret kept in a file of its own.
pub fn first_line(path: &str) -> Result<String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| invalid(format!("{path}: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// `USHER_SECTION__KEY`; other `USHER_` variables are not settings.
pub(super) fn lay_variable(table: &mut Table, name: &str, text: String) -> Result<()> {
    let Some((section, key)) = name
        .strip_prefix("USHER_")
        .and_then(|rest| rest.split_once("__"))
    else {
        return Ok(());
    };
    let (section, key) = (section.to_lowercase(), key.to_lowercase());
    let known = table.get(&section).and_then(|section| section.get(&key));
    let value = match known {
        Some(Value::Integer(_)) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| invalid(format!("{name} must be a whole number, not \"{text}\"")))?,
        Some(Value::Boolean(_)) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| invalid(format!("{name} must be true or false, not \"{text}\"")))?,
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(Value::from)
                .collect(),
        ),
        _ => Value::String(text),
    };
    set(table, &section, &key, value, name)
}
