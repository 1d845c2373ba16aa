//! The directory's servers as one: tried in order from the one that answered last. Searches share
//! a few connections bound as the service account ([`Pool`]); a user's password is tried on a
//! fresh connection that is never searched on.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::Semaphore;

use super::{
    pool::Pool,
    search::{LdapSearch, SearchResult},
    server::{BindOutcome, BoundSession, DirectoryServer},
    settings::LdapConfig,
    verdict::is_servers_trouble,
    words::refusal,
};
use crate::clock::{Clock, Time};

/// Binds at once for each search connection: they take longer, a handshake each.
const BINDS: usize = 4;
/// If no server could be reached, none is tried again for this time, so that other sign-ins do not
/// wait.
const AGAIN: Duration = Duration::from_secs(10);

/// All servers of one directory.
pub struct Servers {
    list: Vec<DirectoryServer>,
    last_good: AtomicUsize,
    pool: Pool,
    /// Limits handshakes when many users sign in at once.
    binds: Semaphore,
    /// How often one of them has answered.
    answers: AtomicUsize,
    /// When none could be reached, and why.
    down: Mutex<Option<(Time, String)>>,
    clock: Clock,
}

impl Servers {
    pub fn new(config: &LdapConfig, clock: &Clock) -> Self {
        let list = config
            .servers
            .iter()
            .map(|url| DirectoryServer::new(url, config))
            .collect();
        Self {
            list,
            last_good: AtomicUsize::new(0),
            pool: Pool::new(config.pool, clock.clone()),
            binds: Semaphore::new(config.pool.size * BINDS),
            answers: AtomicUsize::new(0),
            down: Mutex::default(),
            clock: clock.clone(),
        }
    }

    pub fn all(&self) -> &[DirectoryServer] {
        &self.list
    }

    /// Closes search connections that are not needed.
    pub fn reap(&self) {
        self.pool.reap();
    }

    /// Searches as the service account. The error names every server tried and why it failed.
    pub async fn search(&self, query: &LdapSearch<'_>) -> Result<SearchResult, String> {
        let _turn = self.pool.turn().await?;
        self.are_up()?;
        if let Some(session) = self.pool.take() {
            let server = &self.list[session.place];
            match server.search(&session, query).await {
                Ok(found) => {
                    self.answered(session.place);
                    self.pool.put(session);
                    return Ok(found);
                }
                Err(why) => self.give_up(&session, &why),
            }
        }
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            let session = match server.session(place).await {
                Ok(session) => session,
                Err(why) => {
                    failures.add(server, &why);
                    continue;
                }
            };
            match server.search(&session, query).await {
                Ok(found) => {
                    self.answered(place);
                    self.pool.put(session);
                    return Ok(found);
                }
                Err(why) => failures.add_reached(server, &why),
            }
        }
        Err(self.failed(failures))
    }

    /// Checks a password. The result is the directory's decision, never an error of a server.
    pub async fn bind_as(&self, dn: &str, password: &str) -> Result<BindOutcome, String> {
        let turn = self.binds.acquire().await;
        let _turn = turn.map_err(|_| "no more passwords are tried".to_owned())?;
        self.are_up()?;
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            match server.bind_as(place, dn, password).await {
                Ok(bound) if is_servers_trouble(&bound.result) => {
                    failures.add_reached(server, &refusal(&bound.result));
                }
                Ok(bound) => {
                    self.answered(place);
                    return Ok(bound);
                }
                Err(why) => failures.add(server, &why),
            }
        }
        Err(self.failed(failures))
    }

    /// How often one of them has answered, to be compared later.
    pub fn answers(&self) -> usize {
        self.answers.load(Relaxed)
    }

    /// A deadline has passed, for this reason. If no server has responded since `answers`, they are
    /// considered down; else only this one request took long, and others are made as before.
    pub fn were_silent_since(&self, answers: usize, why: &str) {
        if self.answers() == answers {
            self.set_down(Some(why.to_owned()));
        }
    }

    fn answered(&self, place: usize) {
        self.last_good.store(place, Relaxed);
        self.answers.fetch_add(1, Relaxed);
        self.set_down(None);
    }

    /// If a server was reached and refused the request, the directory is up: one request must not
    /// cause others to fail.
    fn failed(&self, failures: Failures) -> String {
        let (why, reached) = (failures.all.join("; "), failures.has_reached_one);
        if !reached {
            self.set_down(Some(why.clone()));
        }
        why
    }

    fn set_down(&self, why: Option<String>) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        *down = why.map(|why| (self.clock.now(), why));
    }

    fn are_up(&self) -> Result<(), String> {
        let down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        match &*down {
            Some((at, why)) if self.clock.now().since(*at) < AGAIN => Err(why.clone()),
            _ => Ok(()),
        }
    }

    fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, count) = (self.last_good.load(Relaxed), self.list.len());
        (0..count).map(move |step| (first + step) % count)
    }

    /// Starts with the next server from now on.
    fn give_up(&self, session: &BoundSession, why: &str) {
        let server = &self.list[session.place];
        tracing::warn!(ldap.server = %server.url, reason = why, "a search connection is given up");
        self.pool.give_up(session.place);
        let next = (session.place + 1) % self.list.len();
        // Of several searches that fail at once, one suffices to advance by one server.
        let _ = self
            .last_good
            .compare_exchange(session.place, next, Relaxed, Relaxed);
    }
}

/// Servers that failed before one responded.
#[derive(Default)]
struct Failures {
    all: Vec<String>,
    /// A server answered, and refused the request.
    has_reached_one: bool,
}

impl Failures {
    fn add(&mut self, server: &DirectoryServer, why: &str) {
        tracing::warn!(ldap.server = %server.url, reason = why, "a directory server is of no use");
        self.all.push(format!("{}: {why}", server.url));
    }

    fn add_reached(&mut self, server: &DirectoryServer, why: &str) {
        self.add(server, why);
        self.has_reached_one = true;
    }
}
