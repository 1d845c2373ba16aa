//! Attempts, authorization requests, and the count of failures.

use super::{
    Store, Tx,
    connection::DbConnection,
    row::{Columns, Row},
    statement::{Json, Parameter, statement},
};
use crate::{
    clock::Time,
    error::Result,
    id::{AttemptId, UserId},
    model::{
        allowance::Write,
        attempt::{After, Attempt, AttemptPurpose},
    },
};

/// How many rows share a count that many transactions increment at once, so that they do not wait
/// for the same row.
pub const SHARDS: usize = 8;

async fn among(line: &mut DbConnection, rows: &[String; SHARDS], now: Time) -> Result<(i64, Time)> {
    let sql = "select cast(coalesce(sum(failures), 0) as bigint) as failures,
             cast(coalesce(max(until_at), 0) as bigint) as until_at
         from throttles where until_at > $1 and name in ($2, $3, $4, $5, $6, $7, $8, $9)";
    let [a, b, c, d, e, f, g, h] = rows;
    let values: [&dyn Parameter; 1 + SHARDS] = [&now, a, b, c, d, e, f, g, h];
    line.only(statement(sql, &values), counted).await
}

/// Failures, and until when they count.
fn counted(row: &Row<'_>) -> Result<(i64, Time)> {
    Ok((row.number("failures")?, row.time("until_at")?))
}

impl Store {
    pub async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>> {
        let sql = "select id, browser_hash, after_text, hint, purpose, user_id, demand, provider,
                 sealed_vouched, remember_at, expires_at, consumed_at
             from attempts where id = $1";
        Ok(self.one(sql, &[id], attempt).await?.flatten())
    }

    /// Failures counted under a name in its current window, and the window's end.
    pub async fn failures(&self, name: &str, now: Time) -> Result<(i64, Time)> {
        let sql = "select failures, until_at from throttles where name = $1";
        let found = self.one(sql, &[&name], counted).await?;
        Ok(found.filter(|(_, until)| *until > now).unwrap_or((0, now)))
    }

    /// The same of a count in several rows: their sum, and the last end.
    pub async fn failures_among(&self, rows: &[String; SHARDS], now: Time) -> Result<(i64, Time)> {
        among(&mut *self.reader().await?, rows, now).await
    }
}

impl Tx {
    pub async fn insert_attempt(&mut self, _write: &Write, attempt: &Attempt) -> Result<()> {
        self.run(
            "insert into attempts (id, browser_hash, after_text, hint, purpose, user_id, demand,
                 provider, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &attempt.id,
                &attempt.browser,
                &attempt.after.to_text(),
                &attempt.hint,
                &attempt.purpose.as_str(),
                &attempt.purpose.user().map(UserId::as_str),
                &Json(&attempt.demand),
                &attempt.provider,
                &attempt.expires_at,
            ],
        )
        .await
    }

    /// Uses the attempt up; whether this call was the one that did.
    pub async fn take_attempt(&mut self, id: &AttemptId, now: Time) -> Result<bool> {
        self.changes_one(
            "update attempts set consumed_at = $1
             where id = $2 and consumed_at is null and expires_at > $1",
            &[&now, id],
        )
        .await
    }

    /// The user wants to stay signed in, or not.
    pub async fn remember_attempt(&mut self, id: &AttemptId, at: Option<Time>) -> Result<()> {
        self.run(
            "update attempts set remember_at = $1 where id = $2",
            &[&at, id],
        )
        .await
    }

    /// A provider has vouched, and a second factor is awaited; whether the attempt was still open.
    pub async fn hold_attempt(
        &mut self,
        id: &AttemptId,
        user: &UserId,
        sealed: &str,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update attempts set user_id = $1, sealed_vouched = $2
             where id = $3 and consumed_at is null and expires_at > $4",
            &[user, &sealed, id, &now],
        )
        .await
    }

    /// Counts one more failure under a name; a window that has ended starts again. Returns the
    /// count.
    pub async fn count_failure(&mut self, name: &str, now: Time, until: Time) -> Result<i64> {
        let sql = "insert into throttles (name, failures, until_at) values ($1, 1, $2)
             on conflict (name) do update set
                 failures = case when throttles.until_at > $3 then throttles.failures + 1 else 1 end,
                 until_at = case when throttles.until_at > $3 then throttles.until_at else $2 end
             returning failures";
        let values: &[&dyn Parameter] = &[&name, &until, &now];
        self.only(sql, values, |row| row.number("failures")).await
    }

    /// The sum of a count in several rows, this transaction's included.
    pub async fn failures_among(
        &mut self,
        rows: &[String; SHARDS],
        now: Time,
    ) -> Result<(i64, Time)> {
        among(self.open.connection(), rows, now).await
    }

    /// Uncounts one failure.
    pub async fn uncount_failure(&mut self, name: &str) -> Result<()> {
        self.run(
            "update throttles set failures = failures - 1 where name = $1 and failures > 0",
            &[&name],
        )
        .await
    }

    pub async fn forgive_failures(&mut self, name: &str) -> Result<()> {
        self.run("delete from throttles where name = $1", &[&name])
            .await
    }
}

/// `None` if its purpose is not known to this version.
fn attempt(row: &Row<'_>) -> Result<Option<Attempt>> {
    let user: Option<UserId> = row.maybe_id("user_id")?;
    let Some(purpose) = AttemptPurpose::from_stored(row.str("purpose")?, user.clone()) else {
        return Ok(None);
    };
    Ok(Some(Attempt {
        id: row.id("id")?,
        purpose,
        demand: row.json("demand")?,
        provider: row.maybe_text("provider")?,
        vouched: user.zip(row.maybe_text("sealed_vouched")?),
        remember: row.maybe_time("remember_at")?.is_some(),
        browser: row.id("browser_hash")?,
        after: After::from_text(row.str("after_text")?),
        hint: row.maybe_text("hint")?,
        expires_at: row.time("expires_at")?,
        consumed_at: row.maybe_time("consumed_at")?,
        return_to: None,
    }))
}
