//! Background work. Each replica runs one: it follows the catalogue, and claims jobs that are due,
//! runs each once, and puts a failed one back for later.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::{
    app::App,
    error::{Error, Result},
    id::JobId,
    store::{Before, Job},
};

/// How often a replica polls, where the database does not notify it.
const LOOK: Duration = Duration::from_secs(2);
/// A round of following takes no longer.
const ROUND: Duration = Duration::from_secs(30);
/// Clocks this far apart are warned about, in milliseconds.
const WARN_SKEW: i64 = 5_000;
/// A claimed job is another replica's again after this.
const LEASE: Duration = Duration::from_secs(300);
/// The recurring jobs, and how long each rests.
const RECURRING: &[(&str, Duration)] = &[
    ("sweep", Duration::from_secs(600)),
    ("refresh-providers", Duration::from_secs(900)),
    ("rotate-keys", Duration::from_secs(3600)),
];
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Runs until it is dropped, or the master key has been changed: then this process can decrypt
/// nothing any more, and must write nothing. A slow mail server delays mails only.
pub async fn run(app: App) -> Error {
    tokio::select! {
        error = rounds(&app) => error,
        () = jobs(&app) => ended(),
        () = posts(&app) => ended(),
        () = notices(&app) => ended(),
    }
}

fn ended() -> Error {
    Error::Internal("background work has ended".to_owned())
}

async fn posts(app: &App) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = limited(LEASE, post(app)).await {
            tracing::warn!(%error, "mails were not sent; trying again");
        }
    }
}

/// Notifies the applications that are to learn that a session has ended.
async fn notices(app: &App) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = limited(LEASE, app.issuer.tell()).await {
            tracing::warn!(%error, "logouts were not told; trying again");
        }
    }
}

/// Sends every mail that is due.
pub async fn post(app: &App) -> Result<()> {
    app.directory.run_errands().await
}

async fn rounds(app: &App) -> Error {
    let mut changes = app.store.changes().await;
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
        if changes.is_deaf() {
            changes = app.store.changes().await;
        }
    }
}

/// Work that takes jobs, beside the rounds: one that takes long delays no round.
async fn jobs(app: &App) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = limited(LEASE, work(app)).await {
            tracing::warn!(%error, "a job could not be taken; trying again");
        }
    }
}

async fn limited(limit: Duration, work: impl Future<Output = Result<()>>) -> Result<()> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(Error::TimedOut),
    }
}

/// Looks once: what others have changed, then every job that is due.
pub async fn round(app: &App) -> Result<()> {
    follow(app).await?;
    work(app).await
}

/// The keys, without which nothing else works; the catalogue; and whether we can write.
pub async fn follow(app: &App) -> Result<()> {
    // First: what is read or written on a file that is gone fails in its own way.
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

async fn work(app: &App) -> Result<()> {
    if !app.store.job_due(app.parts.clock.now()).await? {
        return Ok(());
    }
    while let Some(job) = claim(app).await? {
        run_one(app, &job).await?;
    }
    Ok(())
}

/// Makes sure that the recurring jobs exist; at start.
pub async fn prepare(app: &App) -> Result<()> {
    let now = app.parts.clock.now();
    let mut tx = app.store.begin().await?;
    for (kind, pause) in RECURRING {
        tx.ensure_job(&JobId::new(now, &app.parts.chance), kind, now + *pause)
            .await?;
    }
    tx.commit().await
}

async fn claim(app: &App) -> Result<Option<Job>> {
    let mut tx = app.store.begin().await?;
    let job = tx.claim_job(app.parts.clock.now(), LEASE).await?;
    tx.commit().await?;
    Ok(job)
}

async fn run_one(app: &App, job: &Job) -> Result<()> {
    let outcome = match job.kind.as_str() {
        "sweep" => sweep(app).await,
        "refresh-providers" => app.sign_ins.refresh().await.map(|()| rest(&job.kind)),
        "rotate-keys" => rotate_keys(app).await.map(|()| rest(&job.kind)),
        other => Err(Error::Internal(format!("no job is called \"{other}\""))),
    };
    let now = app.parts.clock.now();
    let (due, error) = match outcome {
        Ok(rest) => (now + rest, None),
        Err(error) => (now + pause(job.failures), Some(error.to_string())),
    };
    if let Some(error) = &error {
        tracing::warn!(job = %job.kind, error, "a job failed");
    }
    let mut tx = app.store.begin().await?;
    tx.put_back_job(job, due, error.as_deref()).await?;
    tx.commit().await
}

fn rest(kind: &str) -> Duration {
    let job = RECURRING.iter().find(|(known, _)| *known == kind);
    job.map_or(Duration::from_secs(3600), |(_, rest)| *rest)
}

/// Longer after each failure, an hour at most.
fn pause(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 8)).unwrap_or(0);
    Duration::from_secs((15 << doublings).min(3600))
}

async fn rotate_keys(app: &App) -> Result<()> {
    app.warn_of_certificates();
    for purpose in app.rotate_keys().await? {
        tracing::info!(
            purpose,
            "a new key is published; it signs when the time has come"
        );
    }
    Ok(())
}

/// How long it rests until the next run: not at all when there is more than one run's work.
async fn sweep(app: &App) -> Result<Duration> {
    let now = app.parts.clock.now();
    let keep = &app.parts.config.retention;
    let days = |days: u64| now - DAY * u32::try_from(days).unwrap_or(u32::MAX);
    let before = Before {
        now,
        records: days(keep.launch_days),
        trail: days(keep.event_days),
    };
    let swept = app.store.sweep(&before).await?;
    tracing::debug!(gone = swept.rows, "swept");
    Ok(if swept.is_partial {
        LOOK
    } else {
        rest("sweep")
    })
}
