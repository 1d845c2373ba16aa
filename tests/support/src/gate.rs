//! A gateway of the kind of Traefik and Caddy in front of `https://page-eu.test` and
//! `https://page-us.test`, and the pages behind it.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, header},
};
use serde_json::Value;
use usher::protocol::jose::{self, JwkSet, Validation};

use super::{
    browser::{Browser, Going},
    draft::Draft,
    remote::{self, Answer},
    server::{PORTAL, TestServer},
};

/// Its part of the catalogue.
pub const SEED: &str = include_str!("gate.toml");
/// Where the gateway asks from; the tests' portals trust it.
pub const ADDRESS: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 80)),
    4711,
);

pub fn is_behind(url: &url::Url) -> bool {
    url.host_str().is_some_and(|host| host.starts_with("page-"))
}

/// One request through the gateway.
pub async fn answer(usher: &TestServer, going: &Going, cookies: &str) -> Answer {
    let host = going.url.host_str().expect("a host");
    let target = &going.url[url::Position::BeforePath..url::Position::AfterQuery];
    let is_door = going.url.path() == "/.usher/enter";
    let path = match is_door {
        true => "/forward-auth/figures/entry",
        false => "/forward-auth/figures",
    };
    let mut request = Request::builder()
        .method(if is_door { Method::POST } else { Method::GET })
        .uri(path)
        .extension(ConnectInfo(ADDRESS))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", host)
        .header("x-forwarded-uri", target)
        .header("x-forwarded-method", going.method.as_str())
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, cookies);
    if let Some(origin) = &going.origin {
        request = request.header(header::ORIGIN, origin);
    }
    let body = if is_door {
        going.body.clone()
    } else {
        String::new()
    };
    let request = request.body(Body::from(body)).expect("a request");
    let (status, headers, body) = usher.ask(request).await;
    match status {
        200 if !is_door => page(usher, going, &headers).await,
        _ => (status, headers, body),
    }
}

/// The page behind it shows what it received.
async fn page(usher: &TestServer, going: &Going, headers: &HeaderMap) -> Answer {
    let claims = match headers["x-usher-assertion"].to_str() {
        Ok("") => Value::Null,
        Ok(token) => verified(usher, token).await,
        Err(_) => panic!("an assertion is text"),
    };
    let client = going
        .url
        .host_str()
        .and_then(|host| host.strip_suffix(".test"));
    remote::shown(client.expect("a host"), going.url.path(), &claims)
}

/// The claims of a signed header, after everything a page checks.
pub async fn verified(usher: &TestServer, token: &str) -> Value {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let kind = remote::typed(&["usher-assertion+jwt"]);
    let token = jose::verify(token, &keys, &jose::Algorithm::ALL, &kind).expect("a signature");
    let validation = Validation {
        issuer: PORTAL,
        audience: &["figures"],
        now: usher.clock.now().secs(),
        leeway: 0,
    };
    validation.check(&token).expect("for the page, now");
    token.claims().expect("claims")
}

/// A portal with the page behind the gateway.
pub async fn usher() -> TestServer {
    TestServer::with(&seed()).await
}

/// The tests' catalogue with the page behind the gateway.
pub fn seed() -> Draft {
    Draft::sample().plus(SEED)
}

/// The headers of one request, in addition to those that are always sent.
#[derive(Clone)]
pub struct Knock {
    service: &'static str,
    headers: Vec<(String, String)>,
    from: SocketAddr,
}

impl Knock {
    pub fn at(uri: &str) -> Self {
        Self {
            service: "figures",
            headers: Vec::new(),
            from: ADDRESS,
        }
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-host", "page-eu.test")
        .with("x-forwarded-uri", uri)
        .with("accept", "text/html")
    }

    /// The same at the address of another service.
    pub fn for_service(mut self, service: &'static str) -> Self {
        self.service = service;
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.also(name, value)
    }

    pub fn also(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn from(mut self, address: [u8; 4]) -> Self {
        self.from = (address, 4711).into();
        self
    }

    pub fn by(self, cookie: &str) -> Self {
        self.with("cookie", &format!("__Host-usher-gate={cookie}"))
    }

    pub async fn ask(&self, usher: &TestServer) -> (u16, HeaderMap) {
        let mut request = Request::get(format!("/forward-auth/{}", self.service))
            .extension(ConnectInfo(self.from));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let (status, headers, _) = usher
            .ask(request.body(Body::empty()).expect("a request"))
            .await;
        (status, headers)
    }

    pub async fn status(&self, usher: &TestServer) -> u16 {
        self.ask(usher).await.0
    }
}

/// A user on a page of the figures, and the cookie there.
pub async fn let_in<'a>(usher: &'a TestServer, name: &str) -> (Browser<'a>, String) {
    let mut browser = Browser::of(usher, name).await;
    browser.get("/go/figures").await;
    let host = match name {
        "ben" => "page-us.test",
        _ => "page-eu.test",
    };
    let cookie = browser
        .cookie(host, "__Host-usher-gate")
        .expect("a cookie")
        .to_owned();
    (browser, cookie)
}
