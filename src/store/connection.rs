//! Connections, managed here and not in sqlx's pool: that one tests a connection when it is
//! returned, without a deadline, so one whose database does not respond is never returned. Ours is
//! closed as soon as a statement on it is not answered in time.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

pub(super) use super::line::DbConnection;
use super::{
    connector::Connector,
    deadline::{self, UnderWay},
    line::NextStatement,
};
use crate::error::{Error, Result};

/// How long a request waits for a connection before the user sees an error.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// A recently used connection is assumed to work; one that was idle is tested first.
const FRESH: Duration = Duration::from_secs(1);

/// A pool of connections: up to a maximum, opened when needed.
#[derive(Clone)]
pub(super) struct Connections(Arc<ConnectionPool>);

struct ConnectionPool {
    connector: Connector,
    free: Mutex<Vec<(DbConnection, Instant)>>,
    turns: Arc<Semaphore>,
}

/// A connection that is in use.
pub(super) struct PooledConnection {
    line: Option<DbConnection>,
    pool: Arc<ConnectionPool>,
    turn: Option<OwnedSemaphorePermit>,
}

/// Only `Drop` takes it out.
const STAYS: &str = "a held connection stays until it is dropped";

impl Connections {
    /// One connection is opened at once, so that a configuration error is reported as it is.
    pub async fn open(connector: Connector, most: usize) -> Result<Self> {
        let first = connector.open_at_start().await?;
        Ok(Self(Arc::new(ConnectionPool {
            connector,
            free: Mutex::new(vec![(first, Instant::now())]),
            turns: Arc::new(Semaphore::new(most)),
        })))
    }

    pub async fn acquire(&self) -> Result<PooledConnection> {
        let turn = match self.0.turns.clone().try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => self.turn().await?,
        };
        let line = match self.0.living().await {
            Some(line) => line,
            None => self.0.connector.open().await?,
        };
        Ok(PooledConnection {
            line: Some(line),
            pool: self.0.clone(),
            turn: Some(turn),
        })
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        match timeout(PATIENCE, self.0.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(Error::Away("the database is closed".to_owned())),
            Err(_) => Err(Error::Away("no connection was free in time".to_owned())),
        }
    }

    /// One that is free now, and open already, for statements that do not write.
    pub fn acquire_to_read(&self) -> Option<PooledConnection> {
        let turn = self.0.turns.clone().try_acquire_owned().ok()?;
        let (mut line, _) = self.0.free().pop()?;
        line.set_reading(true);
        Some(PooledConnection {
            line: Some(line),
            pool: self.0.clone(),
            turn: Some(turn),
        })
    }

    /// One for statements that may take longer than a request should.
    pub async fn acquire_slow(&self) -> Result<PooledConnection> {
        let mut held = self.acquire().await?;
        held.set_slow(true);
        Ok(held)
    }

    /// How connections are made here.
    pub fn connector(&self) -> &Connector {
        &self.0.connector
    }

    /// No connections are given out any more; those in use are closed when they are returned.
    pub async fn close(&self) {
        self.0.turns.close();
        let free = std::mem::take(&mut *self.0.free());
        let closing = async {
            for (line, _) in free {
                line.close().await;
            }
        };
        // Connections that do not close in time are dropped.
        let _ = timeout(PATIENCE, closing).await;
    }
}

impl ConnectionPool {
    fn free(&self) -> MutexGuard<'_, Vec<(DbConnection, Instant)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A free connection that responds. If one does not, the other idle ones are not tried.
    async fn living(&self) -> Option<DbConnection> {
        let (mut line, since) = self.free().pop()?;
        if !self.connector.asks_idle() || since.elapsed() <= FRESH {
            return Some(line);
        }
        let patience = line.limit.min(FRESH);
        match timeout(patience, line.say("select 1")).await {
            Ok(Ok(_)) => Some(line),
            _ => {
                self.free().clear();
                None
            }
        }
    }

    fn put_back(&self, mut line: DbConnection) {
        if line.was_refused() {
            // The other idle ones lead to the same unavailable server.
            self.free().clear();
        }
        if line.is_lost() || self.turns.is_closed() {
            return;
        }
        line.limit = self.connector.limit();
        line.next = NextStatement::Plain;
        line.set_slow(false);
        line.set_reading(false);
        self.free().push((line, Instant::now()));
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let (Some(mut line), turn) = (self.line.take(), self.turn.take()) else {
            return;
        };
        if !line.is_open || line.is_lost() || line.rolled_back() {
            return self.pool.put_back(line);
        }
        // What it holds is released at once, because others wait for it. Without a runtime it is
        // closed, which has the same effect.
        let pool = self.pool.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if line.say("rollback").await.is_ok() {
                    line.is_open = false;
                    pool.put_back(line);
                }
                drop(turn);
            });
        }
    }
}

impl Deref for PooledConnection {
    type Target = DbConnection;

    fn deref(&self) -> &DbConnection {
        self.line.as_ref().expect(STAYS)
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut DbConnection {
        self.line.as_mut().expect(STAYS)
    }
}

/// An open transaction.
pub(super) struct OpenTransaction {
    held: PooledConnection,
    /// The commit in progress, for a statement that commits itself.
    under_way: Option<UnderWay>,
}

impl OpenTransaction {
    /// `begin` is the dialect's statement; on SQLite it is sent with the first statement. A
    /// connection that died while idle is replaced: nothing was done on it.
    pub async fn begin(connections: &Connections, begin: &'static str) -> Result<Self> {
        let mut held = connections.acquire().await?;
        if connections.connector().joins_statements() {
            held.next = NextStatement::After(begin);
            return Ok(Self::of(held));
        }
        let mut begun = begun(&mut held, begin).await;
        if begun.is_err() && held.is_lost() {
            held = connections.acquire().await?;
            begun = self::begun(&mut held, begin).await;
        }
        begun?;
        Ok(Self::of(held))
    }

    /// A transaction of one statement, which commits itself: no more begins after the deadline of
    /// the request that this is for.
    pub async fn single(connections: &Connections) -> Result<Self> {
        let mut held = connections.acquire().await?;
        held.next = NextStatement::Alone;
        Ok(Self {
            held,
            under_way: Some(deadline::commit_begins()?),
        })
    }

    fn of(held: PooledConnection) -> Self {
        Self {
            held,
            under_way: None,
        }
    }

    pub fn connection(&mut self) -> &mut DbConnection {
        &mut self.held
    }

    /// Not after the deadline of the request that this is for.
    pub async fn commit(mut self) -> Result<()> {
        let is_done = self.under_way.is_some() || matches!(self.held.next, NextStatement::After(_));
        if is_done {
            return Ok(());
        }
        let _under_way = deadline::commit_begins()?;
        self.held.say("commit").await?;
        self.held.is_open = false;
        Ok(())
    }
}

async fn begun(line: &mut DbConnection, begin: &'static str) -> Result<()> {
    // Set before it is sent, for the case that the request is cancelled in between.
    line.is_open = true;
    line.say(begin).await?;
    Ok(())
}
