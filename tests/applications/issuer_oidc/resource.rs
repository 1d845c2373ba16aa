//! Tokens for other resources: signed ones, a client's own, exchanged ones; introspected and
//! revoked.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use usher::{
    model::client::GrantType,
    protocol::jose::{self, JwkSet},
};

use super::refresh::{refresh, refresh_token};
use support::{
    browser::Browser,
    draft::Draft,
    relying_party::{Ask, access_token, callback, code, form, tokens, userinfo},
    remote::{self, token},
    server::{PORTAL, TestServer},
};

pub const API: &str = "https://api.crm-eu.test/";
pub const LEDGER: &str = "https://ledger.test/api";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The CRM asks for tokens for its API, which the desk serves; the desk may go on to the ledger.
pub async fn portal() -> TestServer {
    let draft = Draft::changed(|draft| {
        let crm = &mut draft.client("crm-eu").registration;
        crm.grant_types = vec![
            GrantType::ClientCredentials,
            GrantType::RefreshToken,
            GrantType::TokenExchange,
        ];
        crm.resources = vec![API.into()];
        crm.scopes = vec!["read".into(), "write".into()];
        serve(draft);
    });
    TestServer::with(&draft).await
}

/// The desk serves the CRM's API, and may go on to the ledger.
pub fn serve(draft: &mut Draft) {
    let desk = &mut draft.client("desk-eu").registration;
    desk.grant_types = vec![GrantType::TokenExchange];
    desk.serves = vec![API.into()];
    desk.resources = vec![LEDGER.into()];
}

/// Header and claims of a signed access token, verified by the published keys.
pub async fn read(usher: &TestServer, text: &str) -> (Value, Value) {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let token = jose::verify(
        text,
        &keys,
        &jose::Algorithm::ALL,
        &jose::kind::ACCESS_TOKEN,
    )
    .expect("a signature");
    let head = text.split('.').next().expect("a header");
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head);
    let head = serde_json::from_slice(&head.expect("base64url")).expect("JSON");
    (head, token.claims().expect("claims"))
}

async fn ask(usher: &TestServer, path: &str, client: &str, token: &str) -> (u16, Value) {
    let basic = STANDARD.encode(format!(
        "{client}:secret-of-{client}-secret-of-{client}-secret"
    ));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .finish();
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body));
    remote::json(usher, request.expect("a request")).await
}

pub async fn introspect(usher: &TestServer, client: &str, token: &str) -> Value {
    let (status, told) = ask(usher, "/oidc/introspect", client, token).await;
    assert_eq!(status, 200, "{told}");
    told
}

async fn revoke(usher: &TestServer, client: &str, token: &str) {
    assert_eq!(ask(usher, "/oidc/revoke", client, token).await.0, 200);
}

pub fn refused((status, answer): (u16, Value), error: &str) {
    assert_eq!(
        (status, &answer["error"]),
        (400, &Value::from(error)),
        "{answer}"
    );
}

fn inactive(told: &Value) {
    assert_eq!(*told, json!({ "active": false }));
}

async fn signed_for_api(usher: &TestServer, ana: &mut Browser<'_>) -> Value {
    let wish = Ask::of("crm-eu")
        .with("scope", "openid offline_access read")
        .with("resource", API);
    tokens(usher, ana, &wish).await.0
}

#[tokio::test]
async fn a_token_for_a_resource_is_signed_and_says_whose() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session");
    let given = signed_for_api(&usher, &mut ana).await;
    let (head, claims) = read(&usher, access_token(&given)).await;
    assert_eq!(head["typ"], "at+jwt", "RFC 9068 section 2.1");
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iss", json!(PORTAL)),
        ("aud", json!(API)),
        ("sub", json!(who.user.id.as_str())),
        ("client_id", json!("crm-eu")),
        ("iat", json!(now)),
        ("exp", json!(now + 300)),
        ("scope", json!("openid offline_access read")),
        ("acr", json!("urn:usher:acr:1")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(
        userinfo(&usher, access_token(&given)).await.0,
        401,
        "not for us"
    );
    let jti = claims["jti"].as_str().expect("a jti");
    assert_eq!(userinfo(&usher, jti).await.0, 401, "a name, not a key");
    // The resource stays the grant's at a refresh.
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200, "{next}");
    assert_eq!(read(&usher, access_token(&next)).await.1["aud"], API);
    inactive(&introspect(&usher, "crm-eu", access_token(&given)).await);
}

#[tokio::test]
async fn an_unregistered_resource_is_no_target() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let foreign = Ask::of("crm-eu").with("resource", LEDGER);
    assert_eq!(
        support::relying_party::error(&mut ana, &foreign).await,
        "invalid_target"
    );
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let back = callback("crm-eu");
    let good = form(&code, &back);
    for extra in [vec![LEDGER], vec![API, API]] {
        let wish: Vec<_> = good
            .iter()
            .copied()
            .chain(extra.into_iter().map(|one| ("resource", one)))
            .collect();
        refused(token(&usher, "crm-eu", &wish).await, "invalid_target");
    }
    assert_eq!(
        token(&usher, "crm-eu", &good).await.0,
        200,
        "the code was not used up"
    );
}

#[tokio::test]
async fn a_client_in_its_own_name_gets_what_it_registered() {
    let usher = portal().await;
    let own = |more: &[(&'static str, &'static str)]| {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend_from_slice(more);
        form
    };
    let (status, given) = token(&usher, "crm-eu", &own(&[("resource", API)])).await;
    assert_eq!(status, 200, "{given}");
    assert_eq!(given["scope"], "read write");
    assert!(given.get("id_token").is_none() && given.get("refresh_token").is_none());
    let (_, claims) = read(&usher, access_token(&given)).await;
    assert_eq!(
        (&claims["sub"], &claims["aud"]),
        (&json!("crm-eu"), &json!(API))
    );
    assert!(claims.get("auth_time").is_none());
    assert_eq!(
        introspect(&usher, "desk-eu", access_token(&given)).await["active"],
        true
    );

    let (_, opaque) = token(&usher, "crm-eu", &own(&[("scope", "read")])).await;
    assert_eq!(opaque["scope"], "read");
    let told = introspect(&usher, "crm-eu", access_token(&opaque)).await;
    assert_eq!(
        (&told["active"], &told["sub"]),
        (&json!(true), &json!("crm-eu"))
    );
    assert_eq!(
        userinfo(&usher, access_token(&opaque)).await.0,
        401,
        "no user's"
    );
    usher.advance(Duration::from_secs(300));
    inactive(&introspect(&usher, "crm-eu", access_token(&opaque)).await);

    refused(
        token(&usher, "crm-eu", &own(&[("scope", "openid")])).await,
        "invalid_scope",
    );
    refused(
        token(&usher, "crm-eu", &own(&[("resource", LEDGER)])).await,
        "invalid_target",
    );
    refused(
        token(&usher, "wiki-eu", &own(&[])).await,
        "unauthorized_client",
    );
}

#[tokio::test]
async fn only_its_client_and_its_resource_learn_of_a_token() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = signed_for_api(&usher, &mut ana).await;
    let told = introspect(&usher, "desk-eu", access_token(&given)).await;
    assert_eq!(
        (
            &told["active"],
            &told["username"],
            &told["client_id"],
            &told["aud"]
        ),
        (&json!(true), &Value::Null, &json!("crm-eu"), &json!(API))
    );
    inactive(&introspect(&usher, "wiki-eu", access_token(&given)).await);
    let told = introspect(&usher, "crm-eu", refresh_token(&given)).await;
    assert_eq!(told["token_type"], "refresh_token");
    inactive(&introspect(&usher, "desk-eu", refresh_token(&given)).await);
    for nonsense in [
        "",
        "x",
        "ua_x",
        "a.b.c",
        given["id_token"].as_str().expect("one"),
    ] {
        if nonsense.is_empty() {
            assert_eq!(ask(&usher, "/oidc/introspect", "crm-eu", "").await.0, 400);
            continue;
        }
        inactive(&introspect(&usher, "crm-eu", nonsense).await);
    }
    let request = Request::post("/oidc/introspect")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("token=x"));
    let (status, answer) = remote::json(&usher, request.expect("a request")).await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
    // All of it ends with the session.
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    inactive(&introspect(&usher, "desk-eu", access_token(&given)).await);
    inactive(&introspect(&usher, "crm-eu", refresh_token(&given)).await);
}

#[tokio::test]
async fn what_is_given_back_is_void() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (plain, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    revoke(&usher, "wiki-eu", access_token(&plain)).await;
    assert_eq!(
        userinfo(&usher, access_token(&plain)).await.0,
        200,
        "not theirs"
    );
    revoke(&usher, "crm-eu", access_token(&plain)).await;
    assert_eq!(userinfo(&usher, access_token(&plain)).await.0, 401);
    let given = signed_for_api(&usher, &mut ana).await;
    revoke(&usher, "crm-eu", access_token(&given)).await;
    inactive(&introspect(&usher, "desk-eu", access_token(&given)).await);
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200, "the family lives: {next}");
    revoke(&usher, "desk-eu", refresh_token(&next)).await;
    assert_eq!(
        introspect(&usher, "crm-eu", refresh_token(&next)).await["active"],
        true
    );
    revoke(&usher, "crm-eu", refresh_token(&next)).await;
    inactive(&introspect(&usher, "crm-eu", access_token(&next)).await);
    refused(refresh(&usher, refresh_token(&next)).await, "invalid_grant");
    revoke(&usher, "crm-eu", "whatever").await;
}

/// The desk, given a token for the API it serves, asks for one for the ledger.
pub async fn exchange(
    usher: &TestServer,
    client: &str,
    subject: &str,
    more: &[(&str, &str)],
) -> (u16, Value) {
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", subject),
        ("subject_token_type", TYPE),
    ];
    form.extend_from_slice(more);
    token(usher, client, &form).await
}

#[tokio::test]
async fn a_token_is_exchanged_on_behalf_and_never_for_more() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = signed_for_api(&usher, &mut ana).await;
    usher.advance(Duration::from_secs(100));
    let ledger = [("resource", LEDGER), ("scope", "read")];
    let (status, next) = exchange(&usher, "desk-eu", access_token(&given), &ledger).await;
    assert_eq!(status, 200, "{next}");
    assert_eq!(
        (&next["issued_token_type"], &next["expires_in"]),
        (&json!(TYPE), &json!(200))
    );
    let (_, claims) = read(&usher, access_token(&next)).await;
    assert_eq!(
        (
            &claims["aud"],
            &claims["scope"],
            &claims["client_id"],
            &claims["act"]
        ),
        (
            &json!(LEDGER),
            &json!("read"),
            &json!("desk-eu"),
            &json!({ "sub": "desk-eu" })
        )
    );
    let again = exchange(&usher, "desk-eu", access_token(&next), &ledger).await;
    refused(again, "invalid_request");
    let wider = [("resource", LEDGER), ("scope", "read write")];
    refused(
        exchange(&usher, "desk-eu", access_token(&given), &wider).await,
        "invalid_scope",
    );
    for (more, error) in [
        (vec![], "invalid_target"),
        (vec![("resource", API)], "invalid_target"),
        (vec![("audience", API)], "invalid_target"),
        (
            vec![("audience", LEDGER), ("resource", LEDGER)],
            "invalid_request",
        ),
        (
            vec![("resource", LEDGER), ("requested_token_type", "x")],
            "invalid_request",
        ),
        (
            vec![("resource", LEDGER), ("actor_token", "x")],
            "invalid_request",
        ),
    ] {
        refused(
            exchange(&usher, "desk-eu", access_token(&given), &more).await,
            error,
        );
    }
    // It was issued to the CRM for the API: the CRM may use it there, but not exchange it.
    let own = exchange(&usher, "crm-eu", access_token(&given), &[("resource", API)]).await;
    refused(own, "invalid_request");
    let (plain, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let (status, own) =
        exchange(&usher, "crm-eu", access_token(&plain), &[("audience", API)]).await;
    assert_eq!(status, 200, "its own for a resource of its own: {own}");
    refused(
        exchange(&usher, "desk-eu", access_token(&plain), &ledger).await,
        "invalid_request",
    );
    refused(
        exchange(&usher, "wiki-eu", access_token(&plain), &ledger).await,
        "unauthorized_client",
    );
    // It ends with the session it came from.
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    inactive(&introspect(&usher, "desk-eu", access_token(&next)).await);
    refused(
        exchange(&usher, "desk-eu", access_token(&given), &ledger).await,
        "invalid_request",
    );
}
