//! The directory's servers as one: tried in order from the one that answered last. Searches share
//! one idle connection, bound as the service account, because LDAP carries many at once (RFC 4511
//! section 3.1). A person's password is tried on a fresh connection that is never searched on.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapResult, Scope, SearchEntry, SearchOptions, StdStream,
};
use tokio::{net::TcpStream, time::timeout};
use url::Url;

use super::{
    settings::{Account, Config},
    words::{is_servers_trouble, refusal, trouble},
};

/// All servers of one directory.
pub struct Servers {
    list: Vec<Server>,
    last_good: AtomicUsize,
    idle: Mutex<Option<Session>>,
}

/// One of them, with what it takes to talk to it.
pub struct Server {
    pub url: Url,
    connection: LdapConnSettings,
    account: Option<Account>,
    connect_timeout: Duration,
    operation_timeout: Duration,
}

/// A connection bound as the service account.
#[derive(Clone)]
pub struct Session {
    ldap: Ldap,
    /// Its server's place in the list.
    place: usize,
}

/// A search to make.
pub struct Query<'a> {
    pub base: &'a str,
    pub scope: Scope,
    pub filter: String,
    pub attributes: Vec<&'a str>,
    /// The most entries to send; 0 is as many as the server likes.
    pub limit: i32,
}

/// What a search found.
pub struct Found {
    pub entries: Vec<SearchEntry>,
    /// Whether there was nothing beyond the limit.
    pub is_complete: bool,
}

impl Servers {
    pub fn new(config: &Config) -> Self {
        let list = config
            .servers
            .iter()
            .map(|url| Server::new(url, config))
            .collect();
        Self {
            list,
            last_good: AtomicUsize::new(0),
            idle: Mutex::new(None),
        }
    }

    pub fn all(&self) -> &[Server] {
        &self.list
    }

    /// Searches as the service account. The error names every server tried and why it failed.
    pub async fn search(&self, query: &Query<'_>) -> Result<Found, String> {
        if let Some(session) = self.idle_session() {
            let server = &self.list[session.place];
            match server.search(&session, query).await {
                Ok(found) => return Ok(found),
                Err(why) => self.give_up(&session, &why),
            }
        }
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            match server.search_anew(place, query).await {
                Ok((session, found)) => {
                    self.last_good.store(place, Relaxed);
                    self.keep(session);
                    return Ok(found);
                }
                Err(why) => failures.add(server, &why),
            }
        }
        Err(failures.into())
    }

    /// Tries a password. The answer is a directory's word on it, never one on its own troubles.
    pub async fn bind_as(&self, dn: &str, password: &str) -> Result<LdapResult, String> {
        let mut failures = Failures::default();
        for place in self.order() {
            let server = &self.list[place];
            match server.bind_as(dn, password).await {
                Ok(result) => {
                    self.last_good.store(place, Relaxed);
                    return Ok(result);
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

    fn idle_session(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A server that ended the connection while it was idle did nothing wrong.
        if idle
            .as_mut()
            .is_some_and(|session| session.ldap.is_closed())
        {
            *idle = None;
        }
        idle.clone()
    }

    fn keep(&self, session: Session) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    /// Drops the idle connection, and begins with the next server from now on.
    fn give_up(&self, session: &Session, why: &str) {
        let server = &self.list[session.place];
        tracing::warn!(ldap.server = %server.url, reason = why, "a search connection is given up");
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.last_good
            .store((session.place + 1) % self.list.len(), Relaxed);
    }
}

impl Server {
    fn new(url: &Url, config: &Config) -> Self {
        let mut connection = LdapConnSettings::new().set_starttls(config.start_tls);
        if let Some(tls) = &config.tls {
            connection = connection.set_config(tls.clone());
        }
        Self {
            url: url.clone(),
            connection,
            account: config.account.clone(),
            connect_timeout: config.connect_timeout,
            operation_timeout: config.operation_timeout,
        }
    }

    /// A new connection on which nobody is bound; encrypted if it is to be, or an error.
    async fn connect(&self) -> Result<Ldap, String> {
        let late = |_| late(self.connect_timeout);
        let connected = timeout(self.connect_timeout, self.connect_at_leisure()).await;
        let (connection, ldap) = connected
            .map_err(late)?
            .map_err(|error| self.trouble(&error))?;
        // It ends when the last handle is dropped; what broke it shows in the operation it broke.
        tokio::spawn(connection.drive());
        Ok(ldap)
    }

    /// The socket is ours, because ldap3 leaves Nagle's algorithm on: the bind after a handshake
    /// would wait 40 ms for an acknowledgement that the server delays.
    async fn connect_at_leisure(&self) -> ldap3::result::Result<(LdapConnAsync, Ldap)> {
        let host = self.url.host_str().unwrap_or_default();
        let standard_port = if self.url.scheme() == "ldaps" {
            636
        } else {
            389
        };
        let port = self.url.port().unwrap_or(standard_port);
        let stream = TcpStream::connect(format!("{host}:{port}")).await?;
        stream.set_nodelay(true)?;
        let stream = StdStream::Tcp(stream.into_std()?);
        let settings = self.connection.clone().set_std_stream(stream);
        LdapConnAsync::from_url_with_settings(settings, &self.url).await
    }

    /// A new connection for searching.
    pub async fn session(&self, place: usize) -> Result<Session, String> {
        let mut ldap = self.connect().await?;
        if let Some(Account { dn, password }) = &self.account {
            let result = self.operation(ldap.simple_bind(dn, password)).await?;
            if result.rc != 0 {
                return Err(format!("bind_dn cannot sign in: {}", refusal(&result)));
            }
        }
        Ok(Session { ldap, place })
    }

    pub async fn search(&self, session: &Session, query: &Query<'_>) -> Result<Found, String> {
        let mut ldap = session.ldap.clone();
        ldap.with_search_options(SearchOptions::new().sizelimit(query.limit));
        let Query {
            base,
            scope,
            filter,
            attributes,
            ..
        } = query;
        let result = self
            .operation(ldap.search(base, *scope, filter, attributes))
            .await?;
        match result.1.rc {
            0 | 4 => Ok(Found {
                entries: result.0.into_iter().map(SearchEntry::construct).collect(),
                is_complete: result.1.rc == 0,
            }),
            _ => Err(format!("cannot search \"{base}\": {}", refusal(&result.1))),
        }
    }

    async fn search_anew(
        &self,
        place: usize,
        query: &Query<'_>,
    ) -> Result<(Session, Found), String> {
        let session = self.session(place).await?;
        let found = self.search(&session, query).await?;
        Ok((session, found))
    }

    async fn bind_as(&self, dn: &str, password: &str) -> Result<LdapResult, String> {
        let mut ldap = self.connect().await?;
        let result = self.operation(ldap.simple_bind(dn, password)).await?;
        if is_servers_trouble(&result) {
            Err(refusal(&result))
        } else {
            Ok(result)
        }
    }

    async fn operation<T>(
        &self,
        work: impl Future<Output = ldap3::result::Result<T>>,
    ) -> Result<T, String> {
        let done = timeout(self.operation_timeout, work).await;
        done.map_err(|_| late(self.operation_timeout))?
            .map_err(|error| self.trouble(&error))
    }

    fn trouble(&self, error: &ldap3::LdapError) -> String {
        trouble(error, self.url.host_str().unwrap_or_default())
    }
}

fn late(waited: Duration) -> String {
    format!("no answer in {} ms", waited.as_millis())
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
