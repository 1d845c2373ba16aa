//! Background work: claimed by one replica for a while, retried when it failed, and the sweep of
//! what has expired.

use std::time::Duration;

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result, id::JobId, model::launch::TICKET_LIFE};

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

    /// Forgets what has expired: artefacts at once; the records of launches, and sessions, after
    /// `records`; the audit trail after `trail`.
    pub async fn sweep(&mut self, now: Time, records: Time, trail: Time) -> Result<u64> {
        let unused = now - TICKET_LIFE;
        let mut gone = 0;
        for (sql, before) in [
            ("delete from attempts where expires_at < $1", now),
            ("delete from authorizations where expires_at < $1", now),
            ("delete from saml_requests where expires_at < $1", now),
            ("delete from throttles where until_at < $1", now),
            ("delete from trips where expires_at < $1", now),
            ("delete from ceremonies where expires_at < $1", now),
            ("delete from trusted_devices where expires_at < $1", now),
            ("delete from replays where expires_at < $1", now),
            ("delete from cas_requests where expires_at < $1", now),
            ("delete from discourse_requests where expires_at < $1", now),
            ("delete from service_tickets where expires_at < $1", now),
            ("delete from gate_tickets where expires_at < $1", now),
            ("delete from gate_knocks where expires_at < $1", now),
            ("delete from kept_forms where expires_at < $1", now),
            (
                "delete from gate_sessions where not exists (select 1 from sessions s
                     where s.id = gate_sessions.session_id and s.ended_at is null
                       and s.expires_at >= $1)",
                now,
            ),
            ("delete from overrides where expires_at < $1", now),
            // Not those that are landing at this moment.
            (SETTLE, now - LANDING),
            ("delete from pushed_requests where expires_at < $1", now),
            ("delete from refresh_tokens where expires_at < $1", now),
            ("delete from access_tokens where expires_at < $1", now),
            (FORGET_GRANTS, now),
            (
                "delete from launches where stage = 'requested' and created_at < $1",
                unused,
            ),
            (FORGET_RECORDS, records),
            ("delete from notices where created_at < $1", records),
            (
                "delete from party_sessions where not exists (select 1 from sessions s
                     where s.id = party_sessions.session_id and s.expires_at >= $1)",
                records,
            ),
            (
                "delete from saml_assertions where not exists (select 1 from sessions s
                     where s.id = saml_assertions.session_id and s.expires_at >= $1)",
                records,
            ),
            ("delete from receipts where at < $1", records),
            ("delete from sessions where expires_at < $1", records),
            ("delete from one_time_links where expires_at < $1", records),
            (
                "delete from mails where sent_at is not null and sent_at < $1",
                records,
            ),
            (
                "delete from registration_tokens where expires_at < $1",
                trail,
            ),
            ("delete from launches where created_at < $1", trail),
            ("delete from events where at < $1", trail),
        ] {
            let done = sqlx::query(sql)
                .bind(before.millis())
                .execute(self.open.connection())
                .await?;
            gone += done.rows_affected();
        }
        Ok(gone)
    }
}

/// From the redemption of a grant to the answer.
const LANDING: Duration = Duration::from_secs(60);

/// A launch whose grant was redeemed has landed; its row says so before the grant is forgotten.
const SETTLE: &str = "update launches set stage = 'landed', landed_at =
        (select g.redeemed_at from grants g where g.launch_id = launches.id)
    where stage = 'departed' and exists
        (select 1 from grants g where g.launch_id = launches.id and g.redeemed_at < $1)";

/// The grant of a launch whose handle still lives stays: it is what makes the handle work once. So
/// does one that tokens still hang on, and one whose client is to hear when the session ends.
const FORGET_GRANTS: &str = "delete from grants
    where expires_at < $1 and coalesce(access_expires_at, 0) < $1 and not exists
        (select 1 from launches l where l.id = grants.launch_id and l.handle_expires_at >= $1)
      and not exists (select 1 from sessions s where s.id = grants.session_id
          and s.told_at is null and (s.expires_at >= $1 or s.ended_at is not null))
      and not exists (select 1 from refresh_tokens r where r.grant_id = grants.id)
      and not exists (select 1 from access_tokens a where a.grant_id = grants.id)";

/// The trail keeps who went where, not which record it was.
const FORGET_RECORDS: &str = "update launches set record_key = null, fields = '{}', target = null,
        context = null
    where created_at < $1 and record_key is not null";
