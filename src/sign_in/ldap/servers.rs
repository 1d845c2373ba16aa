//! The directory's servers as one: tried in order from the one that answered last. Searches share
//! a few connections bound as the service account ([`Pool`]); a person's password is tried on a
//! fresh connection that is never searched on.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::sync::Semaphore;

use super::{
    pool::Pool,
    search::{Found, Query},
    server::{Bound, Server, Session},
    settings::Config,
};
use crate::clock::Clock;

/// Binds at once for each search connection: they take longer, a handshake each.
const BINDS: usize = 4;

/// All servers of one directory.
pub struct Servers {
    list: Vec<Server>,
    last_good: AtomicUsize,
    pool: Pool,
    /// So that a crowd of people is no flood of handshakes.
    binds: Semaphore,
}

impl Servers {
    pub fn new(config: &Config, clock: &Clock) -> Self {
        let list = config
            .servers
            .iter()
            .map(|url| Server::new(url, config))
            .collect();
        Self {
            list,
            last_good: AtomicUsize::new(0),
            pool: Pool::new(config.pool, clock.clone()),
            binds: Semaphore::new(config.pool.size * BINDS),
        }
    }

    pub fn all(&self) -> &[Server] {
        &self.list
    }

    /// Closes search connections that nobody needs.
    pub fn reap(&self) {
        self.pool.reap();
    }

    /// Searches as the service account. The error names every server tried and why it failed.
    pub async fn search(&self, query: &Query<'_>) -> Result<Found, String> {
        let _turn = self.pool.turn().await?;
        if let Some(session) = self.pool.take() {
            let server = &self.list[session.place];
            match server.search(&session, query).await {
                Ok(found) => {
                    self.pool.put(session);
                    return Ok(found);
                }
                Err(why) => self.give_up(&session, &why),
            }
        }
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            match search_anew(server, place, query).await {
                Ok((session, found)) => {
                    self.last_good.store(place, Relaxed);
                    self.pool.put(session);
                    return Ok(found);
                }
                Err(why) => failures.add(server, &why),
            }
        }
        Err(failures.into())
    }

    /// Tries a password. The answer is a directory's word on it, never one on its own troubles.
    pub async fn bind_as(&self, dn: &str, password: &str) -> Result<Bound, String> {
        let turn = self.binds.acquire().await;
        let _turn = turn.map_err(|_| "no more passwords are tried".to_owned())?;
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            match server.bind_as(place, dn, password).await {
                Ok(bound) => {
                    self.last_good.store(place, Relaxed);
                    return Ok(bound);
                }
                Err(why) => failures.add(server, &why),
            }
        }
        Err(failures.into())
    }

    fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, count) = (self.last_good.load(Relaxed), self.list.len());
        (0..count).map(move |step| (first + step) % count)
    }

    /// Begins with the next server from now on.
    fn give_up(&self, session: &Session, why: &str) {
        let server = &self.list[session.place];
        tracing::warn!(ldap.server = %server.url, reason = why, "a search connection is given up");
        self.pool.give_up(session.place);
        let next = (session.place + 1) % self.list.len();
        // Of several searches that fail at once, one is enough to go on by one server.
        let _ = self
            .last_good
            .compare_exchange(session.place, next, Relaxed, Relaxed);
    }
}

async fn search_anew(
    server: &Server,
    place: usize,
    query: &Query<'_>,
) -> Result<(Session, Found), String> {
    let session = server.session(place).await?;
    let found = server.search(&session, query).await?;
    Ok((session, found))
}

/// Servers that failed on the way to one that answers.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    fn add(&mut self, server: &Server, why: &str) {
        tracing::warn!(ldap.server = %server.url, reason = why, "a directory server is of no use");
        self.0.push(format!("{}: {why}", server.url));
    }
}

impl From<Failures> for String {
    fn from(failures: Failures) -> Self {
        failures.0.join("; ")
    }
}
