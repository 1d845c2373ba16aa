//! Sends mails. The key is the domain a mail goes to, where that is known: a domain whose own
//! servers hang makes our server wait for them.

use std::time::Duration;

use crate::{
    error::Result,
    queue::{JobKind, Retry},
    store::Store,
};

/// Tried for half a day.
pub const MAIL: JobKind = JobKind {
    name: "mail",
    every: None,
    // Longer than the server may take (`mail.timeout_seconds` is 300 at most).
    lease: Duration::from_secs(600),
    at_once: 16,
    retry: Retry::Doubling {
        first: Duration::from_secs(30),
        longest: Duration::from_secs(3600),
        most_tries: Some(20),
    },
    feed: Some(|store, _| Box::pin(feed(store))),
    places: |app| app.directory.mails.places(),
    run: |app, job| Box::pin(async move { app.directory.run_mail(job).await }),
};

/// Mails that a replica of the previous version has queued.
async fn feed(store: Store) -> Result<()> {
    if !store.has_unscheduled_mails().await? {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.schedule_mails().await?;
    tx.commit().await
}
