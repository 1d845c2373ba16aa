//! Moving what was committed from SQLite's write-ahead log into its file
//! (<https://www.sqlite.org/wal.html>, "Checkpointing"): in a thread of its own, because it waits for
//! the disk. Readers and the writer continue meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rusqlite::Connection;

use super::{fault::DbError, sqlite::plain};

/// Commits between two checkpoints.
const EVERY: u32 = 250;

/// Begins checkpoints. The thread ends with the last of its clones. The default does nothing, for
/// connections that only read.
#[derive(Clone, Default)]
pub(super) struct Checkpointer(Option<Arc<CheckpointSignal>>);

struct CheckpointSignal {
    commits: AtomicU32,
    due: SyncSender<()>,
}

impl Checkpointer {
    /// Starts the thread, for the file of a URL. Without it, the writer makes the checkpoints itself,
    /// when the log has grown.
    pub fn start(url: &str) -> Self {
        let (due, wait) = sync_channel(1);
        let thread = thread::Builder::new().name("checkpoint".to_owned());
        let url = url.to_owned();
        let started = thread.spawn(move || checkpoints(&url, &wait));
        let signal = CheckpointSignal {
            commits: AtomicU32::new(0),
            due,
        };
        Self(started.ok().map(|_| Arc::new(signal)))
    }

    pub fn note_commit(&self) {
        let Some(signal) = &self.0 else { return };
        let commits = signal.commits.fetch_add(1, Ordering::Relaxed);
        if commits % EVERY == EVERY - 1 {
            // One that is due already is enough.
            let _ = signal.due.try_send(());
        }
    }
}

fn checkpoints(url: &str, due: &Receiver<()>) {
    let mut connection = None;
    while due.recv().is_ok() {
        if let Err(error) = checkpoint(url, &mut connection) {
            // The writer meets the same failure, and reports it.
            tracing::debug!(%error, "a checkpoint of the database failed");
        }
    }
}

/// PASSIVE waits for no reader and no writer.
fn checkpoint(url: &str, connection: &mut Option<Connection>) -> Result<(), DbError> {
    let open = match connection.take() {
        Some(open) => open,
        None => plain(url)?,
    };
    let open = connection.insert(open);
    open.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?;
    Ok(())
}
