//! Signed requests (RFC 9101): only what is inside counts, and only if it is the client's, for us,
//! now.

use serde_json::{Map, Value, json};
use url::form_urlencoded::parse;
use usher::{
    model::client::AuthMethod,
    protocol::jose::{Algorithm, SigningKey},
};

use super::client::{key, with_key};
use support::{
    browser::Browser,
    relying_party::{Ask, callback, error},
    server::{PORTAL, TestServer},
};

const TYPE: &str = "oauth-authz-req+jwt";

/// What a request object says, to be spoilt.
fn claims(usher: &TestServer, ask: &Ask) -> Map<String, Value> {
    let mut claims = Map::new();
    for (name, value) in parse(ask.query().as_bytes()) {
        claims.insert(name.into_owned(), Value::from(value.into_owned()));
    }
    let now = usher.clock.now().secs();
    claims.insert("iss".to_owned(), json!("crm-eu"));
    claims.insert("aud".to_owned(), json!(PORTAL));
    claims.insert("exp".to_owned(), json!(now + 60));
    claims
}

pub fn signed(usher: &TestServer, key: &SigningKey, ask: &Ask) -> String {
    key.sign(Some(TYPE), &claims(usher, ask)).expect("a token")
}

async fn usher() -> (TestServer, SigningKey) {
    let usher = TestServer::open().await;
    let key = key(Algorithm::Es256);
    with_key(&usher, &key).await;
    (usher, key)
}

#[tokio::test]
async fn only_what_is_inside_counts() {
    let (usher, key) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let object = signed(&usher, &key, &Ask::of("crm-eu"));
    let ask = Ask::of("crm-eu")
        .with("state", "outside")
        .with("scope", "openid")
        .with("redirect_uri", "https://evil.test/")
        .with("nonce", "outside")
        .with("request", &object);
    let page = ana.peek(&ask.path()).await;
    assert!(page.location().starts_with(&callback("crm-eu")));
    assert_eq!(page.sent()["state"], "the state");
}

#[tokio::test]
async fn numbers_and_objects_inside_are_read() {
    let (usher, key) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let mut inside = claims(&usher, &Ask::of("crm-eu"));
    inside.insert("max_age".to_owned(), json!(0));
    inside.insert(
        "claims".to_owned(),
        json!({ "userinfo": { "email": null } }),
    );
    let object = key.sign(Some(TYPE), &inside).expect("a token");
    let page = ana
        .get(&format!(
            "/oidc/authorize?client_id=crm-eu&request={object}"
        ))
        .await;
    assert!(page.body.contains("name=\"password\""), "max_age counts");
}

#[tokio::test]
async fn a_faulty_object_is_refused_and_nothing_in_it_counts() {
    let (usher, own) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iss", json!("crm-us")),
        ("iss", Value::Null),
        ("aud", json!("https://other.test")),
        ("aud", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 7200)),
        ("exp", Value::Null),
        ("nbf", json!(now + 300)),
        ("client_id", json!("crm-us")),
        ("client_id", Value::Null),
        ("request", json!("x.y.z")),
        ("request_uri", json!("https://evil.test/")),
    ] {
        let mut inside = claims(&usher, &Ask::of("crm-eu"));
        inside.insert(name.to_owned(), value.clone());
        inside.insert("state".to_owned(), json!("inside"));
        let object = own.sign(Some(TYPE), &inside).expect("a token");
        let ask = Ask::of("crm-eu").with("request", &object);
        assert_eq!(
            error(&mut ana, &ask).await,
            "invalid_request_object",
            "{name} {value}"
        );
    }
    let stranger = key(Algorithm::Es256);
    let foreign = signed(&usher, &stranger, &Ask::of("crm-eu"));
    for object in [foreign.as_str(), "x", "a.b.c", ""] {
        let ask = Ask::of("crm-eu").with("request", object);
        let page = ana.peek(&ask.path()).await;
        match object {
            "" => assert!(
                page.sent().contains_key("code"),
                "an empty parameter is none"
            ),
            _ => assert_eq!(page.sent()["error"], "invalid_request_object"),
        }
    }
    // And if the outer parameters have no registered address, there is no redirect.
    let page = ana
        .peek(&format!(
            "/oidc/authorize?client_id=crm-eu&request={foreign}"
        ))
        .await;
    assert_eq!(page.status, 400);
}

/// THREATS, kind confusion: by the same key, but made for something else.
#[tokio::test]
async fn a_client_assertion_is_no_request() {
    let (usher, key) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut inside = claims(&usher, &Ask::of("crm-eu"));
    inside.insert("sub".to_owned(), json!("crm-eu"));
    for typ in [Some("JWT"), None, Some("at+jwt"), Some("dpop+jwt")] {
        let object = key.sign(typ, &inside).expect("a token");
        let ask = Ask::of("crm-eu").with("request", &object);
        assert_eq!(
            error(&mut ana, &ask).await,
            "invalid_request_object",
            "{typ:?}"
        );
    }
}

#[tokio::test]
async fn a_client_may_have_to_sign() {
    let (usher, key) = usher().await;
    usher
        .change(|draft| {
            let client = draft.client("crm-eu");
            client.registration.require_signed_request_object = true;
            client.auth = AuthMethod::PrivateKeyJwt;
            client.secret = None;
            client.jwks = Some(vec![key.public_jwk().clone()]);
        })
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(error(&mut ana, &Ask::of("crm-eu")).await, "invalid_request");
    let ask = Ask::of("crm-eu").with("request", &signed(&usher, &key, &Ask::of("crm-eu")));
    assert!(ana.peek(&ask.path()).await.sent().contains_key("code"));
    // A client with a secret has nothing to sign with.
    let ask = Ask::of("wiki-eu").with("request", "a.b.c");
    assert_eq!(error(&mut ana, &ask).await, "request_not_supported");
}
