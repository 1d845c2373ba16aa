//! Pages on loopback, fetched for real: the identity providers that run beside a test.

use axum::http::{HeaderMap, header};

use super::browser::Going;

/// The result for an address that does not respond.
pub const UNREACHABLE: u16 = 599;

pub struct Foreign(reqwest::Client);

impl Foreign {
    pub fn new() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self(client.build().expect("a client"))
    }

    pub async fn answer(&self, going: &Going, cookies: &str) -> (u16, HeaderMap, String) {
        let host = going.url.host_str();
        assert_eq!(host, Some("127.0.0.1"), "tests stay on this machine");
        let mut request = self
            .0
            .request(going.method.clone(), going.url.clone())
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "en");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(origin) = &going.origin {
            request = request
                .header(header::ORIGIN, origin)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(going.body.clone());
        }
        match request.send().await {
            Ok(reply) => {
                let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
                (status, headers, reply.text().await.expect("text"))
            }
            Err(error) => (UNREACHABLE, HeaderMap::new(), error.to_string()),
        }
    }
}
