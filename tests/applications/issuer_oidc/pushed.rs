//! Requests that a client pushes before its browser comes (RFC 9126).

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::refresh::registered;
use support::{
    browser::Browser,
    relying_party::{Ask, callback, redeem},
    remote,
    server::TestServer,
};

pub async fn push(usher: &TestServer, client: &str, ask: &Ask) -> (u16, Value) {
    let basic = STANDARD.encode(format!(
        "{client}:secret-of-{client}-secret-of-{client}-secret"
    ));
    let request = Request::post("/oidc/par")
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(ask.query()));
    remote::json(usher, request.expect("a request")).await
}

pub async fn pushed(usher: &TestServer, ask: &Ask) -> String {
    let (status, answer) = push(usher, "crm-eu", ask).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["expires_in"], 60);
    answer["request_uri"].as_str().expect("a name").to_owned()
}

pub fn path(client: &str, uri: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client)
        .append_pair("request_uri", uri)
        .finish();
    format!("/oidc/authorize?{query}")
}

#[tokio::test]
async fn a_pushed_request_is_answered_once_whatever_the_address_says() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:pr_"));
    let there = format!("{}&state=other&scope=openid", path("crm-eu", &uri));
    let sent = ana.peek(&there).await.sent();
    assert_eq!(sent["state"], "the state", "only what was pushed counts");
    let (status, tokens) = redeem(&usher, "crm-eu", &sent["code"]).await;
    assert_eq!(
        (status, &tokens["scope"]),
        (200, &"openid profile email groups".into())
    );
    let again = ana.peek(&there).await;
    assert_eq!(again.status, 400, "{}", again.text());
    assert!(again.says("was used before"), "{}", again.text());
}

#[tokio::test]
async fn it_waits_for_its_user_without_the_name() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    let form = ana.get(&path("crm-eu", &uri)).await;
    ana.stays = true;
    let page = ana.sign_in(&form, "ana").await;
    let away = page.away();
    assert_eq!(away["state"], "the state");
    assert_eq!(redeem(&usher, "crm-eu", &away["code"]).await.0, 200);
}

#[tokio::test]
async fn of_fifty_browsers_with_one_name_one_gets_a_code() {
    let usher = TestServer::open().await;
    let uri = pushed(&usher, &Ask::of("crm-eu").with("prompt", "none")).await;
    let there = path("crm-eu", &uri);
    let mut tries = Vec::new();
    for _ in 0..50 {
        let request = Request::get(&there).body(Body::empty()).expect("a request");
        tries.push(usher.ask(request));
    }
    let answers = super::refresh::all_at_once(tries.into_iter()).await;
    let sent = answers.iter().filter(|(status, ..)| *status == 303).count();
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_name_is_its_clients_and_lives_a_minute() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    let foreign = ana.peek(&path("wiki-eu", &uri)).await;
    assert_eq!(foreign.status, 400, "{}", foreign.text());
    assert!(
        ana.peek(&path("crm-eu", &uri))
            .await
            .sent()
            .contains_key("code"),
        "not used up"
    );
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    usher.advance(Duration::from_secs(60));
    assert_eq!(ana.peek(&path("crm-eu", &uri)).await.status, 400);
    for bad in [
        "urn:ietf:params:oauth:request_uri:",
        "urn:ietf:params:oauth:request_uri:pr_x",
    ] {
        assert_eq!(ana.peek(&path("crm-eu", bad)).await.status, 400, "{bad}");
    }
    let fetched = format!(
        "{}&redirect_uri=https%3A%2F%2Fcrm-eu.test%2Fcallback",
        path("crm-eu", "https://evil.test/request")
    );
    assert_eq!(
        ana.peek(&fetched).await.sent()["error"],
        "request_uri_not_supported"
    );
}

#[tokio::test]
async fn errors_are_reported_to_the_client_that_pushes() {
    let usher = TestServer::open().await;
    for (ask, error) in [
        (
            Ask::of("crm-eu").with("redirect_uri", "https://evil.test/"),
            "invalid_request",
        ),
        (
            Ask::of("crm-eu").with("redirect_uri", &callback("wiki-eu")),
            "invalid_request",
        ),
        (
            Ask::of("crm-eu").with("client_id", "wiki-eu"),
            "invalid_client",
        ),
        (
            Ask::of("crm-eu").with("request_uri", "urn:x"),
            "invalid_request",
        ),
        (
            Ask::of("crm-eu").with("code_challenge_method", "plain"),
            "invalid_request",
        ),
        (Ask::of("crm-eu").with("scope", "email"), "invalid_scope"),
        (Ask::of("crm-eu").also("state", "twice"), "invalid_request"),
        (
            Ask::of("crm-eu").with("resource", "https://api.test/"),
            "invalid_target",
        ),
    ] {
        let (status, answer) = push(&usher, "crm-eu", &ask).await;
        assert!(matches!(status, 400 | 401), "{answer}");
        assert_eq!(answer["error"], error, "{answer}");
    }
    let request = Request::post("/oidc/par")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(Ask::of("crm-eu").query()));
    let (status, answer) = remote::json(&usher, request.expect("a request")).await;
    assert_eq!((status, &answer["error"]), (401, &"invalid_client".into()));
    assert!(
        usher
            .column("select client from pushed_requests")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_client_may_have_to_push() {
    let must = registered(|crm| crm.require_pushed_authorization_requests = true);
    let usher = TestServer::with(&must).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let error = support::relying_party::error(&mut ana, &Ask::of("crm-eu")).await;
    assert_eq!(error, "invalid_request");
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    assert!(
        ana.peek(&path("crm-eu", &uri))
            .await
            .sent()
            .contains_key("code")
    );
}
