//! One server of a directory: connecting, binding, and one operation after another, each with a
//! deadline and an error in words.

use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapResult, StdStream, controls::RawControl};
use tokio::{net::TcpStream, time::timeout};
use url::Url;

use super::{
    active_directory::DOMAIN_SCOPE,
    flavour::Flavour,
    policy,
    settings::{LdapConfig, SearchAccount},
    words::{refusal, trouble},
};

/// A server, with everything needed to connect to it.
pub struct DirectoryServer {
    pub url: Url,
    pub page_size: Option<i32>,
    connection: LdapConnSettings,
    account: Option<SearchAccount>,
    flavour: Flavour,
    connect_timeout: Duration,
    operation_timeout: Duration,
}

/// A connection that is bound as an account.
pub struct BoundSession {
    pub ldap: Ldap,
    /// Its server's place in the list.
    pub place: usize,
}

/// The result of a user's bind, with the connection it was tried on.
pub struct BindOutcome {
    pub result: LdapResult,
    pub session: BoundSession,
}

impl DirectoryServer {
    pub fn new(url: &Url, config: &LdapConfig) -> Self {
        let mut connection = LdapConnSettings::new().set_starttls(config.start_tls);
        if let Some(tls) = &config.tls {
            connection = connection.set_config(tls.clone());
        }
        Self {
            url: url.clone(),
            connection,
            account: config.account.clone(),
            flavour: config.flavour,
            page_size: config.page_size,
            connect_timeout: config.connect_timeout,
            operation_timeout: config.operation_timeout,
        }
    }

    /// A new connection that is not bound yet; encrypted if configured, or an error.
    async fn connect(&self) -> Result<Ldap, String> {
        let late = |_| late(self.connect_timeout);
        let connected = timeout(self.connect_timeout, self.connect_at_leisure()).await;
        let (connection, ldap) = connected
            .map_err(late)?
            .map_err(|error| self.trouble(&error))?;
        // It ends when the last handle is dropped; its error is reported by the operation that
        // failed.
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
    pub async fn session(&self, place: usize) -> Result<BoundSession, String> {
        let mut ldap = self.connect().await?;
        if let Some(SearchAccount { dn, password }) = &self.account {
            let result = self.operation(ldap.simple_bind(dn, password)).await?;
            if result.rc != 0 {
                return Err(format!("bind_dn cannot sign in: {}", refusal(&result)));
            }
        }
        Ok(BoundSession { ldap, place })
    }

    /// Binds as a user, on a connection of its own.
    pub async fn bind_as(
        &self,
        place: usize,
        dn: &str,
        password: &str,
    ) -> Result<BindOutcome, String> {
        let mut ldap = self.connect().await?;
        ldap.with_controls(policy::question());
        let result = self.operation(ldap.simple_bind(dn, password)).await?;
        let session = BoundSession { ldap, place };
        Ok(BindOutcome { result, session })
    }

    pub fn search_control(&self) -> Option<RawControl> {
        let domain_scope = || RawControl {
            ctype: DOMAIN_SCOPE.to_owned(),
            crit: false,
            val: None,
        };
        (self.flavour == Flavour::ActiveDirectory).then(domain_scope)
    }

    pub async fn operation<T>(
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
