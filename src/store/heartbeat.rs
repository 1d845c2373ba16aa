//! Whether this replica can do its work: when it last read the changes of others and wrote
//! successfully, how far its clock differs from the database's, and whether it is about to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result};

/// How often a write is tried.
const EVERY: Duration = Duration::from_secs(10);
/// More than a page, so that a database that cannot grow is detected.
const BALLAST: usize = 6000;

/// The state that probes report; shared by all users of the store.
#[derive(Clone, Default)]
pub struct Heartbeat(Arc<Beats>);

#[derive(Default)]
struct Beats {
    good_at: AtomicI64,
    written_at: AtomicI64,
    skew: AtomicI64,
    is_stopping: AtomicBool,
}

impl Heartbeat {
    /// Everything was read, and written where that was due.
    pub fn good(&self, now: Time) {
        self.0.good_at.store(now.millis(), Ordering::Relaxed);
    }

    /// When that was last the case.
    pub fn good_at(&self) -> Time {
        Time::from_millis(self.0.good_at.load(Ordering::Relaxed))
    }

    /// How many milliseconds our clock is ahead of the database's; behind it, if negative.
    pub fn skew(&self) -> i64 {
        self.0.skew.load(Ordering::Relaxed)
    }

    /// The process is about to stop: no new work should be sent to it.
    pub fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    pub fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::Relaxed)
    }
}

impl Store {
    /// Whether the database is still the file that was opened.
    ///
    /// # Errors
    /// [`Error::Unfit`](crate::error::Error::Unfit) with a sentence, where it has vanished or was replaced.
    pub fn check_file(&self) -> Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// Proves that the database is the one that was opened and accepts writes, and compares clocks.
    /// Writes every ten seconds at most.
    pub async fn beat(&self, now: Time) -> Result<()> {
        let beats = &self.pulse.0;
        let written = Time::from_millis(beats.written_at.load(Ordering::Relaxed));
        if now < written + EVERY && now >= written {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.beat(now).await?;
        tx.commit().await?;
        if let Some(there) = self.clock().await? {
            let skew = now.millis() - there.millis();
            beats.skew.store(skew, Ordering::Relaxed);
        }
        beats.written_at.store(now.millis(), Ordering::Relaxed);
        Ok(())
    }

    /// The database's time, where it runs on a clock of its own.
    async fn clock(&self) -> Result<Option<Time>> {
        match self.dialect.clock() {
            Some(sql) => self.one(sql, &[], |row| row.time("its_time")).await,
            None => Ok(None),
        }
    }
}

impl Tx {
    /// Written and deleted again: it needs disk space that the database may not have.
    async fn beat(&mut self, now: Time) -> Result<()> {
        self.run(
            "insert into heartbeats (name, at, ballast) values ('worker', $1, '')
             on conflict (name) do update set at = excluded.at",
            &[&now],
        )
        .await?;
        self.run(
            "insert into heartbeats (name, at, ballast) values ('room', $1, $2)
             on conflict (name) do nothing",
            &[&now, &"x".repeat(BALLAST)],
        )
        .await?;
        self.run("delete from heartbeats where name = 'room'", &[])
            .await
    }
}
