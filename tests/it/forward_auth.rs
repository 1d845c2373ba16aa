//! Pages behind a gateway: who is admitted, with which identity, and what a gateway must not be
//! able to forge (THREATS: URL normalisation in gateways; login CSRF; disabled principals).

mod check;
mod entry;
mod gateway;
mod nested;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request},
};

use crate::support::{browser::Browser, draft::Draft, gate, house::TestServer};

pub async fn house() -> TestServer {
    TestServer::with(&seed()).await
}

/// The tests' catalogue with the figures.
fn seed() -> Draft {
    Draft::sample().plus(gate::SEED)
}

/// The headers of one request, in addition to those that are always sent.
#[derive(Clone)]
pub struct Knock {
    pub service: &'static str,
    headers: Vec<(String, String)>,
    from: std::net::SocketAddr,
}

impl Knock {
    pub fn at(uri: &str) -> Self {
        Self {
            service: "figures",
            headers: Vec::new(),
            from: gate::ADDRESS,
        }
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-host", "page-eu.test")
        .with("x-forwarded-uri", uri)
        .with("accept", "text/html")
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

    pub async fn ask(&self, house: &TestServer) -> (u16, HeaderMap) {
        let mut request = Request::get(format!("/forward-auth/{}", self.service))
            .extension(ConnectInfo(self.from));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let (status, headers, _) = house
            .ask(request.body(Body::empty()).expect("a request"))
            .await;
        (status, headers)
    }

    pub async fn status(&self, house: &TestServer) -> u16 {
        self.ask(house).await.0
    }
}

/// A user on a page of the figures, and the cookie there.
pub async fn let_in<'a>(house: &'a TestServer, name: &str) -> (Browser<'a>, String) {
    let mut browser = Browser::of(house, name).await;
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
