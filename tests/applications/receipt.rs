//! Landing receipts: who may report how a launch ended, when, and in which words; and what the user
//! is shown of it.

mod back;
mod order;

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use support::{
    browser::Browser,
    relying_party::launch_code,
    remote::{self, token},
    server::TestServer,
};

pub const CASE: &str = "/go/tickets/case/CS-2207";

/// A launch whose code was redeemed by `desk-eu`.
pub struct Launched {
    pub id: String,
    pub access: String,
    pub return_uri: String,
}

/// Ana opens a case, and the desk redeems its code.
pub async fn launched(usher: &TestServer, ana: &mut Browser<'_>) -> Launched {
    let code = launch_code(ana, CASE).await;
    let (status, tokens) = token(usher, "desk-eu", &remote::launch_code(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = remote::verify(usher, "desk-eu", &tokens).await;
    let text = |name: &str| tokens[name].as_str().expect("a text").to_owned();
    assert_eq!(
        claims["urn:usher:launch"]["return_uri"],
        tokens["return_uri"]
    );
    Launched {
        id: text("launch_id"),
        access: text("access_token"),
        return_uri: text("return_uri"),
    }
}

pub fn basic(client: &str) -> String {
    let pair = format!("{client}:secret-of-{client}-secret-of-{client}-secret");
    format!("Basic {}", STANDARD.encode(pair))
}

pub fn landed() -> String {
    json!({ "outcome": "landed" }).to_string()
}

pub fn refused(reason: &str) -> String {
    json!({ "outcome": "refused", "reason": reason }).to_string()
}

/// A receipt: status, and the problem if there is one.
pub async fn send(
    usher: &TestServer,
    launch: &str,
    authorization: &str,
    body: &str,
) -> (u16, Value) {
    let mut request = Request::post(format!("/launches/{launch}/receipt"))
        .header(header::CONTENT_TYPE, "application/json");
    if !authorization.is_empty() {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request.body(Body::from(body.to_owned()));
    let (status, headers, text) = usher.ask(request.expect("a request")).await;
    assert_eq!(headers["cache-control"], "no-store");
    if status != 204 {
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{text}"
        );
    }
    assert_eq!(status == 401, headers.contains_key("www-authenticate"));
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// The same from the desk itself.
pub async fn from_desk(usher: &TestServer, launch: &str, body: &str) -> u16 {
    send(usher, launch, &basic("desk-eu"), body).await.0
}

/// What of it is in the database and in the trail.
pub async fn kept(usher: &TestServer) -> (Vec<String>, usize, usize) {
    let receipts = usher
        .column("select outcome || ' ' || coalesce(reason, '-') from receipts order by at")
        .await;
    let confirmed = usher.events_named("launch.confirmed").await;
    (
        receipts,
        confirmed,
        usher.events_named("launch.rejected").await,
    )
}
