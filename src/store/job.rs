//! Background work: claimed by one replica for a while, retried when it failed.

use std::time::Duration;

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result, id::JobId};

/// A claimed piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub failures: i64,
}

impl Store {
    /// Whether anything is due; a read, so that idle replicas do not queue for the write lock.
    pub async fn job_due(&self, now: Time) -> Result<bool> {
        let row = sqlx::query(
            "select id from jobs
             where due_at <= $1 and (claimed_until is null or claimed_until <= $1) limit 1",
        )
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Makes sure the recurring job of this kind exists.
    pub async fn ensure_job(&mut self, id: &JobId, kind: &str, due: Time) -> Result<()> {
        sqlx::query(
            "insert into jobs (id, kind, due_at, failures) values ($1, $2, $3, 0)
             on conflict (kind) do nothing",
        )
        .bind(id.as_str())
        .bind(kind)
        .bind(due.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Claims one due job for `lease`; a replica that dies loses the claim when it runs out.
    pub async fn claim_job(&mut self, now: Time, lease: Duration) -> Result<Option<Job>> {
        let row = sqlx::query(
            "update jobs set claimed_until = $1
             where id = (select id from jobs
                         where due_at <= $2 and (claimed_until is null or claimed_until <= $2)
                         order by due_at limit 1)
               and due_at <= $2 and (claimed_until is null or claimed_until <= $2)
             returning id, kind, failures",
        )
        .bind((now + lease).millis())
        .bind(now.millis())
        .fetch_optional(self.open.connection())
        .await?;
        row.map(|row| {
            Ok(Job {
                id: JobId::stored(row.text("id")?),
                kind: row.text("kind")?,
                failures: row.number("failures")?,
            })
        })
        .transpose()
    }

    /// Puts a job back: due again later, with what went wrong, if anything did.
    pub async fn put_back_job(&mut self, job: &Job, due: Time, error: Option<&str>) -> Result<()> {
        let failures = if error.is_some() { job.failures + 1 } else { 0 };
        sqlx::query(
            "update jobs set due_at = $1, claimed_until = null, failures = $2, last_error = $3
             where id = $4",
        )
        .bind(due.millis())
        .bind(failures)
        .bind(error)
        .bind(job.id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
