//! The only outgoing path: every HTTP request that Usher makes goes through [`Net`]. Addresses come
//! from admins, clients and upstream documents, so each is checked against the configuration's list
//! before anything is sent (THREATS: SSRF).
//!
//! A name is resolved once, what it may not reach is dropped, and the connection is made to what
//! is left: nothing looks the name up again (DNS rebinding). https only, but for what the list
//! opens; no redirects; no proxies from the environment; a deadline and a limit on every answer.

use std::{
    collections::HashMap,
    error::Error as StdError,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Certificate, Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::{Host, Url};

use crate::{
    config,
    error::{Error, Result},
    kind::BoxFuture,
    model::destination::{Destinations, Reach, reach},
};

/// Resolves a host's name: the system's resolver in production; tests pass their own.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The outgoing client. Clones share its connections.
#[derive(Clone)]
pub struct Net {
    /// TLS with verified certificates, to wherever the list permits.
    secure: Client,
    /// Without TLS, to permitted addresses that are not public.
    plain: Client,
    allow: Arc<Destinations>,
    most_bytes: usize,
    /// How long to wait for a permit for a host with too many requests of ours.
    patience: Duration,
    busy: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

/// The most requests to one host at once: one that hangs does not use up all connections and
/// descriptors.
const AT_ONCE: usize = 64;

/// A request to another server.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// Another server's response; the caller decides whether it is a success.
#[derive(Clone, Debug)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why there is no response. A sentence for the log; it names the host and nothing else of the
/// address, which may contain secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetError {
    /// Not permitted by the configuration.
    #[error("{0}")]
    Refused(String),
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    #[error("{0} did not answer in time")]
    TimedOut(String),
    /// The host has not answered earlier requests.
    #[error("{0} has {AT_ONCE} requests of ours to answer already")]
    Busy(String),
    #[error("the answer of {0} is longer than net.max_body_bytes")]
    TooLarge(String),
}

impl Request {
    pub fn get(url: &Url) -> Self {
        Self {
            method: Method::Get,
            url: url.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A form, as browsers and OAuth clients send it.
    pub fn form<'a>(url: &Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        Self {
            method: Method::Post,
            url: url.clone(),
            headers: vec![header("content-type", "application/x-www-form-urlencoded")],
            body: body.finish().into_bytes(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push(header(name, value));
        self
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

impl HttpReply {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Net {
    pub fn open(settings: &config::NetConfig) -> Result<Self> {
        Self::resolving(settings, Arc::new(|name| Box::pin(system_lookup(name))))
    }

    /// The same with another resolver.
    pub fn resolving(settings: &config::NetConfig, lookup: Lookup) -> Result<Self> {
        let allow = Arc::new(settings.allow.clone());
        let resolver = |is_plain| Resolver {
            lookup: lookup.clone(),
            allow: allow.clone(),
            is_plain,
        };
        let native = rustls_native_certs::load_native_certs().certs;
        let trusted = native
            .iter()
            .filter_map(|cert| Certificate::from_der(cert).ok());
        let client = |resolver, trusted: Vec<Certificate>| {
            Client::builder()
                .dns_resolver(resolver)
                .tls_certs_only(trusted)
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
                .timeout(Duration::from_millis(settings.timeout_ms))
                .user_agent(concat!("usher/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| Error::Internal(format!("the outgoing client: {error}")))
        };
        Ok(Self {
            secure: client(resolver(false), trusted.collect())?,
            plain: client(resolver(true), Vec::new())?,
            allow: allow.clone(),
            most_bytes: settings.max_body_bytes,
            patience: Duration::from_millis(settings.connect_timeout_ms),
            busy: Arc::default(),
        })
    }

    /// The document at `url`, if it is of this media type (which is asked for, not checked).
    pub async fn get(&self, url: &Url, accept: &str) -> Result<HttpReply, NetError> {
        self.send(Request::get(url).with("accept", accept)).await
    }

    pub async fn send(&self, request: Request) -> Result<HttpReply, NetError> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let client = self.client_for(&request.url)?;
        let _place = self.place(&request.url).await?;
        let sent = match request.method {
            Method::Get => client.get(request.url),
            Method::Post => client.post(request.url),
        };
        let headers = request.headers.iter();
        let sent = headers.fold(sent, |sent, (name, value)| sent.header(name, value));
        let answer = sent.body(request.body).send().await;
        let answer = answer.map_err(|error| explain(&host, &error))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers
            .map(|(name, value)| header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let body = self.body(&host, answer).await?;
        Ok(HttpReply {
            status,
            headers,
            body,
        })
    }

    /// A permit for a request to this host, held until its response is read.
    async fn place(&self, url: &Url) -> Result<OwnedSemaphorePermit, NetError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let place = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let places = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            // Idle hosts are removed, because hosts come from registrations, too.
            busy.retain(|known, places| *known == place || places.available_permits() < AT_ONCE);
            let places = busy.entry(place);
            places
                .or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)))
                .clone()
        };
        match tokio::time::timeout(self.patience, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(NetError::Busy(host)),
        }
    }

    /// The checks of an address before its name is resolved.
    fn client_for(&self, url: &Url) -> Result<&Client, NetError> {
        let host = url.host_str().unwrap_or_default();
        let refuse = |why: &str| Err(NetError::Refused(format!("\"{host}\" {why}")));
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("is asked for with a user name in its address, which is never sent");
        }
        let (client, is_plain) = match url.scheme() {
            "https" => (&self.secure, false),
            "http" => (&self.plain, true),
            _ => return refuse("is asked for by another scheme than https"),
        };
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(client),
            None => return refuse("is no host"),
        };
        let outcome = judge(&self.allow, None, literal, is_plain);
        outcome.map_or_else(refuse, |()| Ok(client))
    }

    /// The body, up to the limit.
    async fn body(&self, host: &str, mut answer: reqwest::Response) -> Result<Vec<u8>, NetError> {
        let too_large = || NetError::TooLarge(host.to_owned());
        let most = u64::try_from(self.most_bytes).unwrap_or(u64::MAX);
        if answer.content_length().is_some_and(|said| said > most) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        loop {
            let chunk = answer.chunk().await;
            let Some(chunk) = chunk.map_err(|error| explain(host, &error))? else {
                return Ok(body);
            };
            if body.len() + chunk.len() > self.most_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
    }
}

const PRIVATE: &str =
    "is not on the public internet; if it should be reached, list it in net.allow";
const PLAIN: &str = "is on the public internet and must be reached by https";

fn judge(
    allow: &Destinations,
    name: Option<&str>,
    address: IpAddr,
    is_plain: bool,
) -> Result<(), &'static str> {
    if is_plain && reach(address) == Reach::Public {
        return Err(PLAIN);
    }
    allow.permit(name, address).then_some(()).ok_or(PRIVATE)
}

/// Returns only addresses that may be connected to.
struct Resolver {
    lookup: Lookup,
    allow: Arc<Destinations>,
    is_plain: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, is_plain) = (self.allow.clone(), self.is_plain);
        let name = name.as_str().to_owned();
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let mut refusal = None;
            let mut permitted = Vec::new();
            for address in found.await? {
                match judge(&allow, Some(&name), address, is_plain) {
                    Ok(()) => permitted.push(SocketAddr::new(address, 0)),
                    Err(why) => refusal = Some(why),
                }
            }
            match refusal {
                Some(why) if permitted.is_empty() => {
                    Err(Box::new(Forbidden(format!("\"{name}\" {why}"))) as Box<_>)
                }
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

async fn system_lookup(name: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// The resolver's refusal, as it passes through the client.
#[derive(Debug, Error)]
#[error("{0}")]
struct Forbidden(String);

/// The cause, without the address: its query may contain a secret.
fn explain(host: &str, error: &reqwest::Error) -> NetError {
    if error.is_timeout() {
        return NetError::TimedOut(host.to_owned());
    }
    let mut why = "the request cannot be sent".to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(Forbidden(text)) = cause.downcast_ref() {
            return NetError::Refused(text.clone());
        }
        why = cause.to_string();
        source = cause.source();
    }
    NetError::Unreachable {
        host: host.to_owned(),
        why,
    }
}
