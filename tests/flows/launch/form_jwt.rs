//! The hand-off by a signed form: what the token says, and what it can be used for.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use usher::protocol::jose::{self, JwkSet, Validation};

use support::{
    browser::{Browser, Page},
    draft::Draft,
    relying_party::field,
    remote,
    server::{PORTAL, TestServer},
};

/// The tickets' desks take a signed form, with a setting more.
fn seed(setting: &str, value: Value) -> Draft {
    Draft::changed(|draft| {
        draft.service("tickets").handoff = "form_jwt".into();
        draft.set("desk-eu", setting, value.clone());
        draft.set("desk-us", setting, value);
    })
}

async fn usher(setting: &str, value: Value) -> TestServer {
    TestServer::with(&seed(setting, value)).await
}

async fn land(browser: &mut Browser<'_>) -> Page {
    browser.peek("/go/tickets/case/cs-2207?intent=edit").await
}

async fn read(usher: &TestServer, token: &str) -> Value {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let kind = remote::typed(&["usher-handoff+jwt"]);
    let token = jose::verify(token, &keys, &jose::Algorithm::ALL, &kind).expect("a signature");
    let validation = Validation {
        issuer: PORTAL,
        audience: &["desk-eu"],
        now: usher.clock.now().secs(),
        leeway: 0,
    };
    validation.check(&token).expect("for the desk, now");
    token.claims().expect("claims")
}

#[tokio::test]
async fn the_token_says_who_what_and_for_whom_for_a_minute() {
    let usher = usher("release", json!(["mail"])).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session");
    let page = land(&mut ana).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(field(&page, "iss"), PORTAL);
    let claims = read(&usher, &field(&page, "jwt")).await;
    let now = usher.clock.now().secs();
    let launch = usher.column("select id from launches").await;
    for (name, value) in [
        ("sub", json!(who.user.id.as_str())),
        ("aud", json!("desk-eu")),
        ("iat", json!(now)),
        ("nbf", json!(now)),
        ("exp", json!(now + 60)),
        (
            "sid",
            json!(usher.app.issuer.keys.sid("desk-eu", &who.session.id)),
        ),
        ("acr", json!("urn:usher:acr:1")),
        ("amr", json!(["pwd"])),
        ("launch_id", json!(launch[0])),
        ("intent", json!("edit")),
        (
            "target_link_uri",
            json!("https://desk-eu.test/cases/CS-2207/edit"),
        ),
        (
            "return_uri",
            json!(format!("{PORTAL}/launches/{}/refused", launch[0])),
        ),
        ("email", json!("ana@example.org")),
        (
            "ctx",
            json!([{ "type": "case", "id": { "urn:usher:context:case": "CS-2207" }, "fields": {} }]),
        ),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["jti"].is_string());
    for quiet in ["name", "preferred_username", "groups", "nonce"] {
        assert!(claims.get(quiet).is_none(), "{quiet} is not released");
    }
    let again = land(&mut ana).await;
    let again = read(&usher, &field(&again, "jwt")).await;
    assert_ne!(again["jti"], claims["jti"]);
}

/// THREATS: kind confusion. It is typed, and not accepted anywhere here.
#[tokio::test]
async fn the_token_opens_nothing_of_ours() {
    let usher = usher("alg", json!("RS256")).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let token = field(&land(&mut ana).await, "jwt");
    assert_eq!(
        support::relying_party::userinfo(&usher, &token).await.0,
        401
    );
    let ask = support::relying_party::Ask::of("crm-eu").with("prompt", "none");
    let page = ana.peek(&ask.with("id_token_hint", &token).path()).await;
    assert!(!page.sent().contains_key("code"), "{}", page.location());
    let page = ana
        .peek(&format!("/oidc/end-session?id_token_hint={token}"))
        .await;
    assert_eq!(page.status, 200, "it asks first");
    assert!(ana.session().await.is_some());
}

#[tokio::test]
async fn invalid_settings_are_reported_when_seeded() {
    let usher = TestServer::open().await;
    for (setting, value, words) in [
        ("alg", json!("HS256"), "ES256 or RS256"),
        ("alg", json!("none"), "ES256 or RS256"),
        ("release", json!(["everything"]), "unknown variant"),
        ("field", json!("<script>"), "unknown variant"),
        ("audience", json!("x"), "unknown setting"),
    ] {
        let seeded = usher.app.seed(&seed(setting, value).toml()).await;
        let error = seeded.expect_err(words);
        assert!(error.to_string().contains(words), "{setting}: {error}");
    }
}
