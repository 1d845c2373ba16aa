//! Fetches the documents of the identity providers before they expire: discovery, keys, metadata.

use std::time::Duration;

use super::{RECURRING, RECURRING_LEASE, one_place};
use crate::{
    app::App,
    error::Result,
    queue::{JobEnd, JobKind},
};

const EVERY: Duration = Duration::from_secs(900);

pub const REFRESH: JobKind = JobKind {
    name: "refresh-providers",
    every: Some(EVERY),
    lease: RECURRING_LEASE,
    at_once: 1,
    retry: RECURRING,
    feed: None,
    places: one_place,
    run: |app, _| Box::pin(run(app)),
};

async fn run(app: App) -> Result<JobEnd> {
    app.sign_ins.providers().refresh().await?;
    Ok(JobEnd::Repeat(EVERY))
}
