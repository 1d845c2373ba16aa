//! The public interface, as literal lists: addresses, issuers and subjects, claims, headers,
//! cookies, settings, the keys of the catalogue, compared with the portal's behaviour. A failure
//! here means that an upgrade breaks what is configured, stored or published elsewhere: keep the
//! old name working, or announce the change as an incompatible one.

mod catalogue;
mod claim;
mod command;
mod cookie;
mod path;
mod setting;
mod subject;

use axum::{body::Body, http::Request};
use serde_json::Value;

use support::{remote::json, server::TestServer};

/// A JSON document of the portal's.
async fn document(usher: &TestServer, path: &str) -> Value {
    let request = Request::get(path).body(Body::empty());
    let (status, body) = json(usher, request.expect("a request")).await;
    assert_eq!(status, 200, "{path}");
    body
}

/// A text of the portal's.
async fn text(usher: &TestServer, path: &str) -> String {
    let request = Request::get(path).body(Body::empty());
    let (status, _, body) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 200, "{path}");
    body
}
