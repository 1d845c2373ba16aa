//! Notifies applications that a session has ended. The key is the application: its protocol and its
//! name in it.

use std::time::Duration;

use crate::{
    clock::Time,
    error::Result,
    queue::{JobKind, Retry},
    store::Store,
};

/// The pauses between the tries; after the last one the job has failed.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(1800),
    Duration::from_secs(7200),
];

pub const LOGOUT: JobKind = JobKind {
    name: "logout",
    every: None,
    lease: Duration::from_secs(60),
    at_once: 128,
    retry: Retry::Pauses(&PAUSES),
    feed: Some(|store, now| Box::pin(feed(store, now))),
    places: |app| Some(app.issuer.places.clone()),
    run: |app, job| Box::pin(async move { app.issuer.logouts().deliver(job).await }),
};

/// Any statement may end a session, so its notices are written before the next claim.
async fn feed(store: Store, now: Time) -> Result<()> {
    if !store.has_unscheduled_notices().await? {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.schedule_notices(now).await?;
    tx.commit().await
}
