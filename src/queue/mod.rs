//! Background work: one queue of jobs for everything that happens after a request. Each replica
//! runs one worker: it loads the changes of other replicas, and for each kind of job claims due
//! jobs, runs and settles them.
//!
//! - A kind is one file in `job/` and its row in [`JOBS`]. It has any number of jobs; a recurring
//!   kind (`every`) has one, with the kind's name as its id, which is put back after each run.
//! - `key` makes a kind fair: at most [`PER_PARTY`] jobs of one key run at once in a process, a key
//!   without running jobs is served first, and a key that does not answer rests ([`Permits`]).
//! - A claim is a lease. The claim of a replica that dies is another's when the lease ends.
//! - A job that has failed is due again after a pause ([`Retry`]). One whose tries are used up is a
//!   dead letter: it stays, with its last error, until the sweep takes it.
//!
//! Mails and logout notices are records of their own, which pages, `rekey` and the sweep read: the
//! content, and the outcome. Only the job, whose payload is the record's id, determines when it is
//! tried. A run therefore settles its job itself, in the transaction that writes the record, so
//! that both are consistent. If the record were the job's payload, it would have to outlive its job
//! to be shown, and a job would contain sealed text for one kind only.
//!
//! [`PER_PARTY`]: crate::model::place::PER_PARTY

pub mod job;
mod retry;
mod run;

use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

pub use self::{
    job::{JOBS, LOGOUT, MAIL},
    retry::Retry,
    run::JobQueue,
};
use crate::{
    app::App,
    clock::Time,
    error::{Error, Result},
    model::place::Permits,
    store::{Job, NewJob, Store},
};

/// How often a replica polls, where the database does not notify it.
const POLL: Duration = Duration::from_secs(2);
/// The most time that one round of following takes.
const ROUND: Duration = Duration::from_secs(30);
/// The most time for the due jobs of one kind: the rest is claimed in the next turn.
const TURN: Duration = Duration::from_secs(300);
/// Clocks this far apart are warned about, in milliseconds.
const WARN_SKEW: i64 = 5_000;

/// Creates jobs for pending work, before they are claimed.
pub type Feed = fn(Store, Time) -> BoxFuture<'static, Result<()>>;

/// A kind of job.
pub struct JobKind {
    pub name: &'static str,
    /// Of a recurring kind: how long after the start it is first due.
    pub every: Option<Duration>,
    /// Another replica may claim the job after this.
    pub lease: Duration,
    /// The most that run at once in this process.
    pub at_once: usize,
    pub retry: Retry,
    /// Queues what other statements have left to be queued, before each claim.
    pub feed: Option<Feed>,
    /// The permits of this process; `None` where the kind is disabled.
    pub places: fn(&App) -> Option<Permits>,
    pub run: fn(App, Job) -> BoxFuture<'static, Result<JobEnd>>,
}

/// The result of a run. An error is a failure that the queue settles: the job is put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// Settled by the run, without a request to what the key names.
    Settled,
    /// The same; what the key names has answered, whatever the answer.
    Answered,
    /// The same, as failed: it did not answer in time, and may be paused.
    Late,
    /// The same, as failed: what all jobs of the kind need is unavailable, so no more are claimed
    /// in this turn.
    Away,
    /// A recurring job is due again after this.
    Repeat(Duration),
}

impl JobKind {
    /// When a failed job is due again; `None` if its tries are used up.
    pub fn due_again(&self, job: &Job, now: Time) -> Option<Time> {
        self.retry.pause(job.tries).map(|pause| now + pause)
    }

    /// Whether the try before this one was the last: its lease ended before it was settled.
    pub fn is_exhausted(&self, job: &Job) -> bool {
        self.retry.pause(job.tries - 1).is_none()
    }
}

/// Creates missing recurring jobs; at start.
pub async fn prepare(app: &App) -> Result<()> {
    let now = app.parts.clock.now();
    let mut tx = app.store.begin().await?;
    for kind in JOBS {
        let Some(every) = kind.every else { continue };
        let job = NewJob {
            id: kind.name,
            kind: kind.name,
            key: "",
            payload: "",
            due: now + every,
            now,
        };
        tx.insert_job(&job).await?;
    }
    tx.commit().await
}

/// Runs until it is dropped, or the master key has been changed: then this process cannot decrypt
/// any more, and must not write. A kind that takes long does not delay the others.
pub async fn run(app: App) -> Error {
    tokio::select! {
        error = rounds(&app) => error,
        _ = join_all(JOBS.iter().map(|kind| turns(&app, kind))) => {
            Error::Internal("background work has ended".to_owned())
        }
    }
}

async fn rounds(app: &App) -> Error {
    let mut changes = app.store.changes().await;
    let mut ticks = ticks();
    loop {
        tokio::select! {
            () = changes.next() => {}
            _ = ticks.tick() => {}
        }
        match limited(ROUND, follow(app)).await {
            Ok(()) => {}
            Err(error @ (Error::MasterKey(_) | Error::Unfit(_))) => return error,
            Err(error) => tracing::warn!(%error, "background work failed; trying again"),
        }
        if changes.is_disconnected() {
            changes = app.store.changes().await;
        }
    }
}

async fn turns(app: &App, kind: &'static JobKind) {
    let mut ticks = ticks();
    loop {
        ticks.tick().await;
        if let Err(error) = limited(TURN, turn(app, kind)).await {
            tracing::warn!(job = kind.name, %error, "jobs were not run; trying again");
        }
    }
}

fn ticks() -> Interval {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn limited(limit: Duration, work: impl Future<Output = Result<()>>) -> Result<()> {
    match timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(Error::TimedOut),
    }
}

/// Follows once, then runs every due recurring job.
pub async fn round(app: &App) -> Result<()> {
    follow(app).await?;
    for kind in JOBS.iter().filter(|kind| kind.every.is_some()) {
        turn(app, kind).await?;
    }
    Ok(())
}

/// Runs every job of this kind that is due.
pub async fn run_due(app: &App, name: &str) -> Result<()> {
    match JOBS.iter().find(|kind| kind.name == name) {
        Some(kind) => turn(app, kind).await,
        None => Err(Error::Internal(format!("no job is called \"{name}\""))),
    }
}

async fn turn(app: &App, kind: &'static JobKind) -> Result<()> {
    let Some(places) = (kind.places)(app) else {
        return Ok(());
    };
    let queue = JobQueue {
        kind,
        store: &app.store,
        clock: &app.parts.clock,
        places: &places,
    };
    queue.run_due(|job| (kind.run)(app.clone(), job)).await
}

/// Loads the keys, without which nothing else works, and the catalogue; and checks whether we can
/// write.
pub async fn follow(app: &App) -> Result<()> {
    // First, because reads and writes on a deleted file fail in various ways.
    app.store.check_file()?;
    app.issuer.keys.refresh(&app.store).await?;
    app.catalog.refresh().await?;
    let now = app.parts.clock.now();
    let before = app.store.pulse.skew();
    app.store.beat(now).await?;
    app.store.pulse.good(now);
    let skew = app.store.pulse.skew();
    if skew.abs() > WARN_SKEW && before.abs() <= WARN_SKEW {
        tracing::warn!(
            ahead_ms = skew,
            "this machine's clock is not the database's: codes and tickets live for seconds, so \
             run NTP on both"
        );
    }
    Ok(())
}
