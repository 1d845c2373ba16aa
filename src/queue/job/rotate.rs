//! Creates the next signing key of each purpose in time, and warns of certificates that end.

use std::time::Duration;

use super::{RECURRING, RECURRING_LEASE, one_place};
use crate::{
    app::App,
    error::Result,
    queue::{JobEnd, JobKind},
};

const EVERY: Duration = Duration::from_secs(3600);

pub const ROTATE: JobKind = JobKind {
    name: "rotate-keys",
    every: Some(EVERY),
    lease: RECURRING_LEASE,
    at_once: 1,
    retry: RECURRING,
    feed: None,
    places: one_place,
    run: |app, _| Box::pin(run(app)),
};

async fn run(app: App) -> Result<JobEnd> {
    app.warn_of_certificates();
    for purpose in app.rotate_keys().await? {
        tracing::info!(
            purpose,
            "a new key is published; it signs when the time has come"
        );
    }
    Ok(JobEnd::Repeat(EVERY))
}
