//! Deletes expired data, and data that is older than its retention.

use std::time::Duration;

use super::{RECURRING, RECURRING_LEASE, one_place};
use crate::{
    app::App,
    error::Result,
    queue::{JobEnd, JobKind},
    store::Before,
};

const EVERY: Duration = Duration::from_secs(600);
/// The pause where a run did not finish.
const SOON: Duration = Duration::from_secs(2);
const DAY: Duration = Duration::from_secs(24 * 3600);

pub const SWEEP: JobKind = JobKind {
    name: "sweep",
    every: Some(EVERY),
    lease: RECURRING_LEASE,
    at_once: 1,
    retry: RECURRING,
    feed: None,
    places: one_place,
    run: |app, _| Box::pin(run(app)),
};

async fn run(app: App) -> Result<JobEnd> {
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
    Ok(JobEnd::Repeat(if swept.is_partial { SOON } else { EVERY }))
}
