//! The queue: jobs that are due, each claimed by one replica for a while, retried when it failed,
//! and kept as a dead letter when its tries are used up.
//!
//! `due_at` is when a job may be claimed. For a claimed one that is the end of its lease: a replica
//! that dies loses the claim then. A dead one has none. A claim is identified by the end of its
//! lease: a replica that has lost it settles nothing.

use std::time::Duration;

use super::{
    Store, Tx,
    row::{Columns, Row, none_of},
    statement::{Parameter, composed},
};
use crate::{clock::Time, error::Result, id::JobId};

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    /// What it waits for: an endpoint, a mail domain. Empty if it waits for nothing in particular.
    pub key: String,
    /// The id of the record it is about.
    pub payload: String,
    /// How often it was tried, this time included.
    pub tries: i64,
    lease_until: Time,
}

/// A job to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// An existing job with this id is not changed.
    pub id: &'a str,
    pub kind: &'a str,
    pub key: &'a str,
    pub payload: &'a str,
    pub due: Time,
    pub now: Time,
}

const IS_DUE: &str = "select id from jobs where kind = $1 and due_at <= $2 limit 1";

const LEASED: &str = "select key from jobs where kind = $1 and lease_until > $2";

/// Without the jobs of this many keys, bound from `$4` on.
fn due_sql(without: usize) -> String {
    format!(
        "select id, key from jobs where kind = $1 and due_at <= $2 and {}
         order by due_at limit $3",
        none_of("key", 4, without)
    )
}

/// The statements of a claim, for a test that reads the query plans: `$1` is a kind, `$2` a time,
/// `$3` a number.
pub fn claim_statements() -> [String; 3] {
    [IS_DUE.to_owned(), LEASED.to_owned(), due_sql(0)]
}

impl Store {
    /// Whether a job of the kind is due; a read, so that idle replicas do not wait for the write
    /// lock.
    pub async fn job_due(&self, kind: &str, now: Time) -> Result<bool> {
        self.exists(IS_DUE, &[&kind, &now]).await
    }
}

impl Tx {
    pub async fn insert_job(&mut self, job: &NewJob<'_>) -> Result<()> {
        self.run(
            "insert into jobs (id, kind, key, payload, due_at, tries, created_at)
             values ($1, $2, $3, $4, $5, 0, $6)
             on conflict (id) do nothing",
            &[
                &job.id,
                &job.kind,
                &job.key,
                &job.payload,
                &job.due,
                &job.now,
            ],
        )
        .await
    }

    /// The keys of the jobs of a kind that run now, on any replica: once for each job.
    pub async fn leased_keys(&mut self, kind: &str, now: Time) -> Result<Vec<String>> {
        self.all(LEASED, &[&kind, &now], |row| row.text("key"))
            .await
    }

    /// Due jobs and their keys, the longest due first, without those of these keys.
    pub async fn due_jobs(
        &mut self,
        kind: &str,
        now: Time,
        without: &[String],
        most: i64,
    ) -> Result<Vec<(JobId, String)>> {
        let mut values: Vec<&dyn Parameter> = vec![&kind, &now, &most];
        values.extend(without.iter().map(|key| key as &dyn Parameter));
        let due = composed(due_sql(without.len()), &values);
        self.open.connection().all(due, job_and_key).await
    }

    /// Claims a job that is due. The try counts as soon as it begins.
    pub async fn claim_job(
        &mut self,
        id: &JobId,
        now: Time,
        lease: Duration,
    ) -> Result<Option<Job>> {
        let until = now + lease;
        self.one(
            "update jobs set lease_until = $1, due_at = $1, tries = tries + 1
             where id = $2 and due_at <= $3
             returning id, kind, key, payload, tries, lease_until",
            &[&until, id, &now],
            job,
        )
        .await
    }

    /// The job is done and is deleted. False if the claim was lost.
    pub async fn finish_job(&mut self, job: &Job) -> Result<bool> {
        self.changes_one(
            "delete from jobs where id = $1 and lease_until = $2",
            &[&job.id, &job.lease_until],
        )
        .await
    }

    /// The job is done and due again at this time, as if for the first time. False if the claim was
    /// lost.
    pub async fn repeat_job(&mut self, job: &Job, due: Time) -> Result<bool> {
        self.changes_one(
            "update jobs set due_at = $1, lease_until = null, tries = 0, last_error = null
             where id = $2 and lease_until = $3",
            &[&due, &job.id, &job.lease_until],
        )
        .await
    }

    /// The job has failed: it is tried again when it is due, or becomes a dead letter if it is not.
    /// False if the claim was lost.
    pub async fn fail_job(
        &mut self,
        job: &Job,
        why: &str,
        due: Option<Time>,
        now: Time,
    ) -> Result<bool> {
        let dead_at = due.is_none().then_some(now);
        self.changes_one(
            "update jobs set due_at = $1, lease_until = null, last_error = $2, dead_at = $3
             where id = $4 and lease_until = $5",
            &[&due, &why, &dead_at, &job.id, &job.lease_until],
        )
        .await
    }

    /// Deletes the key of a dead letter, which may be a user's mail domain.
    pub async fn forget_job_key(&mut self, id: &JobId) -> Result<()> {
        let sql = "update jobs set key = '' where id = $1 and dead_at is not null";
        self.run(sql, &[id]).await
    }

    /// Pauses all jobs of this key: none is due before `until`.
    pub async fn rest_jobs(&mut self, kind: &str, key: &str, until: Time) -> Result<()> {
        self.run(
            "update jobs set due_at = $1 where kind = $2 and key = $3 and due_at < $1",
            &[&until, &kind, &key],
        )
        .await
    }
}

fn job_and_key(row: &Row<'_>) -> Result<(JobId, String)> {
    Ok((row.id("id")?, row.text("key")?))
}

fn job(row: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: row.id("id")?,
        kind: row.text("kind")?,
        key: row.text("key")?,
        payload: row.text("payload")?,
        tries: row.number("tries")?,
        lease_until: row.time("lease_until")?,
    })
}
