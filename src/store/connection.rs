//! Connections. PostgreSQL's come from sqlx's pool. SQLite's few are kept here: the pool asks each
//! connection whether it lives whenever it is given back, and with SQLite, whose every call is a
//! hand-over to another thread, that costs as much as the statement it was for.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction, pool::PoolConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// How long a request waits for a connection before the person is told.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// What a statement is sent on.
pub(super) type Line = AnyConnection;

/// Where connections come from.
#[derive(Clone)]
pub(super) enum Connections {
    Pool(AnyPool),
    Shelf(Arc<Shelf>),
}

/// A fixed number of connections.
pub(super) struct Shelf {
    free: Mutex<Vec<Kept>>,
    turns: Arc<Semaphore>,
}

struct Kept {
    connection: AnyConnection,
    /// A transaction was left open: it is rolled back before anything else.
    dirty: bool,
}

/// A connection that is somebody's for now.
pub(super) enum Held {
    Pool(PoolConnection<Any>),
    Shelf(FromShelf),
}

pub(super) struct FromShelf {
    kept: Option<Kept>,
    shelf: Arc<Shelf>,
    _turn: OwnedSemaphorePermit,
}

impl Connections {
    pub fn shelf(connections: Vec<AnyConnection>) -> Self {
        let turns = Arc::new(Semaphore::new(connections.len()));
        let kept = |connection| Kept {
            connection,
            dirty: false,
        };
        let free = Mutex::new(connections.into_iter().map(kept).collect());
        Self::Shelf(Arc::new(Shelf { free, turns }))
    }

    pub async fn acquire(&self) -> Result<Held> {
        match self {
            Self::Pool(pool) => Ok(Held::Pool(pool.acquire().await?)),
            Self::Shelf(shelf) => shelf.clone().take().await.map(Held::Shelf),
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Pool(pool) => pool.close().await,
            Self::Shelf(shelf) => shelf.close().await,
        }
    }
}

impl Shelf {
    async fn take(self: Arc<Self>) -> Result<FromShelf> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = match turn {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) => return Err(Error::Away("the database is closed".to_owned())),
            Err(_) => return Err(Error::Away("no connection was free in time".to_owned())),
        };
        let kept = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut kept = kept.ok_or_else(|| Error::Away("the database is closed".to_owned()))?;
        if kept.dirty {
            // It fails where the transaction ended by itself, which is as well.
            let _ = kept.connection.execute("rollback").await;
            kept.dirty = false;
        }
        Ok(FromShelf {
            kept: Some(kept),
            shelf: self,
            _turn: turn,
        })
    }

    /// No new takers; those that are out are closed when they come back.
    async fn close(&self) {
        self.turns.close();
        let free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        for kept in free {
            let _ = kept.connection.close().await;
        }
    }
}

impl Drop for FromShelf {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take()
            && !self.shelf.turns.is_closed()
        {
            self.shelf
                .free
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(kept);
        }
    }
}

impl Deref for Held {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Held::Pool(connection) => connection,
            Held::Shelf(held) => &held.kept.as_ref().expect(STAYS).connection,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Held::Pool(connection) => connection,
            Held::Shelf(held) => &mut held.kept.as_mut().expect(STAYS).connection,
        }
    }
}

/// Only `Drop` takes it out.
const STAYS: &str = "a held connection stays until it is dropped";

/// An open transaction.
pub(super) enum Open {
    Pool(Transaction<'static, Any>),
    Shelf(FromShelf),
}

impl Open {
    /// SQLite takes the write lock at the start: upgrading a reader fails under load.
    pub async fn begin(connections: &Connections) -> Result<Self> {
        match connections {
            Connections::Pool(pool) => Ok(Self::Pool(pool.begin().await?)),
            Connections::Shelf(shelf) => {
                let mut held = shelf.clone().take().await?;
                let kept = held.kept.as_mut().expect(STAYS);
                // Until it is committed; a request that goes away leaves it so.
                kept.dirty = true;
                kept.connection.execute("begin immediate").await?;
                Ok(Self::Shelf(held))
            }
        }
    }

    pub fn connection(&mut self) -> &mut AnyConnection {
        match self {
            Self::Pool(transaction) => transaction,
            Self::Shelf(held) => &mut held.kept.as_mut().expect(STAYS).connection,
        }
    }

    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Pool(transaction) => Ok(transaction.commit().await?),
            Self::Shelf(mut held) => {
                let kept = held.kept.as_mut().expect(STAYS);
                let done = kept.connection.execute("commit").await;
                if done.is_err() {
                    // What it holds is let go of now, not when the next one comes. It may have ended
                    // by itself, which is as well.
                    let _ = kept.connection.execute("rollback").await;
                }
                kept.dirty = false;
                Ok(done.map(drop)?)
            }
        }
    }
}
