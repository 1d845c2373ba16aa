//! The connections that searches share: a few, bound as the service account, each used by one
//! search at a time. One at a time, because a directory keeps the place of a paged search with the
//! connection (RFC 2696 section 3) and some keep only one.
//!
//! A search cut short by a deadline is dropped with its connection, so a late answer reaches no
//! other search. Users' own binds never use these connections: one that was bound as a user and is
//! searched on by mistake would show what that user may see.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{server::BoundSession, settings::PoolSettings};
use crate::clock::{Clock, Time};

pub struct Pool {
    settings: PoolSettings,
    clock: Clock,
    /// As many searches at once; the others wait in the order they came.
    turns: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    session: BoundSession,
    since: Time,
}

impl Pool {
    pub fn new(settings: PoolSettings, clock: Clock) -> Self {
        Self {
            settings,
            clock,
            turns: Semaphore::new(settings.size),
            idle: Mutex::default(),
        }
    }

    /// Waits for a permit, which is released when dropped.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, String> {
        let turn = self.turns.acquire().await;
        turn.map_err(|_| "no more searches are made".to_owned())
    }

    /// The connection used last, so that superfluous ones become old.
    pub fn take(&self) -> Option<BoundSession> {
        let mut idle = self.fresh();
        idle.pop().map(|idle| idle.session)
    }

    pub fn put(&self, session: BoundSession) {
        let since = self.clock.now();
        self.fresh().push(Idle { session, since });
    }

    /// The server at this place has failed; the other connections to it are dropped too. One failed
    /// search is enough evidence.
    pub fn give_up(&self, place: usize) {
        self.fresh().retain(|idle| idle.session.place != place);
    }

    /// Closes connections that have not been used for long.
    pub fn reap(&self) {
        drop(self.fresh());
    }

    /// Connections that are neither too old nor closed by their server, which is no failure of the
    /// server.
    fn fresh(&self) -> MutexGuard<'_, Vec<Idle>> {
        let now = self.clock.now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain_mut(|idle| {
            now.since(idle.since) < self.settings.idle && !idle.session.ldap.is_closed()
        });
        idle
    }
}
