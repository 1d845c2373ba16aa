//! Claims jobs of one kind, runs them concurrently, and settles them.

use std::{collections::HashMap, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::{JobEnd, JobKind};
use crate::{
    clock::{Clock, Time},
    error::Result,
    id::JobId,
    model::place::{Permit, Permits},
    store::{Job, Store, Tx},
};

/// How often new jobs are claimed while others run.
const LOOK: Duration = Duration::from_secs(1);
/// Due jobs that one claim chooses from.
const CHOICE: i64 = 256;

/// The jobs of one kind.
pub struct JobQueue<'a> {
    pub kind: &'static JobKind,
    pub store: &'a Store,
    pub clock: &'a Clock,
    pub places: &'a Permits,
}

/// A running job, and its permit until it is settled.
struct RunningJob {
    kind: &'static JobKind,
    store: Store,
    clock: Clock,
    job: Job,
    place: Permit,
}

impl JobQueue<'_> {
    /// Runs due jobs until there are none, or what all of them need is unavailable. Whenever a
    /// permit is free, the next job is claimed; this may run several times at once.
    pub async fn run_due<F>(&self, run: impl Fn(Job) -> F) -> Result<()>
    where
        F: Future<Output = Result<JobEnd>> + Send + 'static,
    {
        let mut running = JoinSet::new();
        let mut goes_on = Ok(true);
        loop {
            if matches!(goes_on, Ok(true))
                && let Err(error) = self.start_due(&mut running, &run).await
            {
                goes_on = Err(error);
            }
            match timeout(LOOK, running.join_next()).await {
                Ok(None) => return goes_on.map(drop),
                Ok(Some(Ok(JobEnd::Away))) => goes_on = goes_on.and(Ok(false)),
                Ok(Some(Err(error))) => {
                    tracing::error!(job = self.kind.name, %error, "a job was cut short");
                }
                Ok(Some(Ok(_))) | Err(_) => {}
            }
        }
    }

    async fn start_due<F>(
        &self,
        running: &mut JoinSet<JobEnd>,
        run: &impl Fn(Job) -> F,
    ) -> Result<()>
    where
        F: Future<Output = Result<JobEnd>> + Send + 'static,
    {
        loop {
            let claimed = self.claim().await?;
            if claimed.is_empty() {
                return Ok(());
            }
            for (job, place) in claimed {
                let work = run(job.clone());
                let one = RunningJob {
                    kind: self.kind,
                    store: self.store.clone(),
                    clock: self.clock.clone(),
                    job,
                    place,
                };
                running.spawn(async move { one.end(work.await).await });
            }
        }
    }

    /// The next due jobs with a permit. Nothing is written unless one is due.
    async fn claim(&self) -> Result<Vec<(Job, Permit)>> {
        let now = self.clock.now();
        let (free, closed) = self.places.free(now);
        if free == 0 {
            return Ok(Vec::new());
        }
        if let Some(feed) = self.kind.feed {
            feed(self.store.clone(), now).await?;
        }
        if !self.store.job_due(self.kind.name, now).await? {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        let mut tx = self.store.begin().await?;
        let next = self.next(&mut tx, &closed, now).await?.into_iter();
        let mut next: Vec<_> = next
            .filter_map(|(id, key)| Some((id, self.places.take(&key, now)?)))
            .collect();
        // In the same order on all replicas, because locking rows in different orders causes
        // deadlocks.
        next.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (id, place) in next {
            let job = tx.claim_job(&id, now, self.kind.lease).await?;
            claimed.extend(job.map(|job| (job, place)));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Jobs that are due, of keys that are not `closed`; of the least busy keys first.
    async fn next(
        &self,
        tx: &mut Tx,
        closed: &[String],
        now: Time,
    ) -> Result<Vec<(JobId, String)>> {
        let mut running: HashMap<String, usize> = HashMap::new();
        for key in tx.leased_keys(self.kind.name, now).await? {
            *running.entry(key).or_default() += 1;
        }
        let due = tx.due_jobs(self.kind.name, now, closed, CHOICE).await?;
        Ok(in_turn(due, running))
    }
}

/// Keys take turns: first the longest due job of each key without a running job, then the first of
/// those with one and the second of the others, and so on. Leases only determine the order: one of
/// a replica that has died must not exclude its key.
fn in_turn(due: Vec<(JobId, String)>, mut running: HashMap<String, usize>) -> Vec<(JobId, String)> {
    let mut turns = Vec::new();
    for (id, key) in due {
        let turn = running.entry(key.clone()).or_default();
        turns.push((*turn, (id, key)));
        *turn += 1;
    }
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, job)| job).collect()
}

impl RunningJob {
    /// Settles the result of a run. If that fails, the job is claimed again when its lease ends.
    async fn end(self, ran: Result<JobEnd>) -> JobEnd {
        let (end, settled) = match ran {
            Ok(end) => (end, self.settle(end).await),
            Err(error) => (JobEnd::Settled, self.put_back(error.to_string()).await),
        };
        if let Err(error) = settled {
            // Without its id, which may contain an application's name for a user.
            tracing::warn!(job = self.kind.name, %error, "a job was not settled");
        }
        end
    }

    async fn settle(&self, end: JobEnd) -> Result<()> {
        let now = self.clock.now();
        match end {
            JobEnd::Settled => Ok(()),
            JobEnd::Answered | JobEnd::Away => {
                self.place.answered();
                Ok(())
            }
            JobEnd::Late => self.rest(self.place.timed_out(now)).await,
            JobEnd::Repeat(pause) => {
                let mut tx = self.store.begin_single().await?;
                tx.repeat_job(&self.job, now + pause).await?;
                tx.commit().await
            }
        }
    }

    /// Pauses the key that does not answer.
    async fn rest(&self, until: Option<Time>) -> Result<()> {
        let Some(until) = until else { return Ok(()) };
        tracing::warn!(job = self.kind.name, until = %until.utc(),
            "a recipient of jobs does not answer: its jobs are paused");
        let mut tx = self.store.begin_single().await?;
        tx.rest_jobs(self.kind.name, &self.job.key, until).await?;
        tx.commit().await
    }

    /// Never as a dead letter: the run decides what the record says then.
    async fn put_back(&self, why: String) -> Result<()> {
        tracing::warn!(
            job = self.kind.name,
            tries = self.job.tries,
            why,
            "a job failed"
        );
        let now = self.clock.now();
        let due = self.kind.due_again(&self.job, now);
        let due = due.unwrap_or(now + self.kind.lease);
        let mut tx = self.store.begin_single().await?;
        tx.fail_job(&self.job, &why, Some(due), now).await?;
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::place::PER_PARTY;

    fn job(name: &str) -> (JobId, String) {
        let key = name.trim_end_matches(char::is_numeric);
        (JobId::stored(name.to_owned()), key.to_owned())
    }

    #[test]
    fn keys_take_turns_and_the_least_served_comes_first() {
        let due = ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1"].map(job);
        let running = HashMap::from([("b".to_owned(), 1), ("c".to_owned(), PER_PARTY)]);
        let turns = in_turn(due.into(), running);
        let names: Vec<_> = turns.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(names, ["a1", "a2", "b1", "a3", "b2", "a4", "a5", "c1"]);
    }
}
