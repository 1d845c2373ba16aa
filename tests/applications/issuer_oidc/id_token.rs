//! `response_type=id_token` (OpenID Connect Core 1.0 section 3.2), for clients that were registered
//! for it because they can redeem nothing.

use serde_json::Value;
use url::Url;
use usher::{
    model::client::ResponseKind,
    protocol::jose::{self, JwkSet, Validation},
};

use super::refresh::registered;
use support::{
    browser::{Browser, Page},
    relying_party::{Ask, RECORD, callback, error, field, handle, invalid_grant, redeem},
    remote,
    server::{PORTAL, TestServer},
};

async fn usher() -> TestServer {
    let draft = registered(|crm| crm.response_types = vec![ResponseKind::IdToken]);
    TestServer::with(&draft).await
}

fn ask() -> Ask {
    Ask::of("crm-eu")
        .with("response_type", "id_token")
        .without("code_challenge")
        .without("code_challenge_method")
}

fn posted() -> Ask {
    ask().with("response_mode", "form_post")
}

async fn read(usher: &TestServer, token: &str) -> Value {
    let request = axum::http::Request::get("/oidc/jwks").body(axum::body::Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let token = jose::verify(token, &keys, &jose::Algorithm::ALL, &jose::kind::ID_TOKEN)
        .expect("a signature");
    let validation = Validation {
        issuer: PORTAL,
        audience: &["crm-eu"],
        now: usher.clock.now().secs(),
        leeway: 0,
    };
    validation.check(&token).expect("for the CRM, now");
    token.claims().expect("claims")
}

/// The parameters behind the `#`.
fn fragment(page: &Page) -> Vec<(String, String)> {
    let url = Url::parse(page.location()).expect("an address");
    assert_eq!(url.query(), None, "nothing for logs and referrers");
    let fragment = url.fragment().unwrap_or_default().as_bytes().to_vec();
    url::form_urlencoded::parse(&fragment)
        .into_owned()
        .collect()
}

#[tokio::test]
async fn it_is_posted_and_says_who() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&posted().path()).await;
    assert_eq!(page.forms()[0].action, callback("crm-eu"));
    assert_eq!(page.headers["cache-control"], "no-store");
    let claims = read(&usher, &field(&page, "id_token")).await;
    assert_eq!(claims["nonce"], "the nonce");
    assert_eq!(claims["email"], "ana@example.org");
    assert!(claims.get("at_hash").is_none(), "there is no access token");
    assert!(!page.body.contains("name=\"code\"") && !page.body.contains("access_token"));
}

#[tokio::test]
async fn without_a_mode_it_travels_in_the_fragment() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask().path()).await;
    let sent = fragment(&page);
    let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id_token", "state", "iss"]);
    let mut nobody = Browser::new(&usher);
    let page = nobody.peek(&ask().with("prompt", "none").path()).await;
    assert_eq!(
        fragment(&page)[0],
        ("error".to_owned(), "login_required".to_owned())
    );
}

#[tokio::test]
async fn the_launch_and_its_record_are_in_it() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let hint = handle(&mut ana, RECORD).await;
    let ask = posted().with("login_hint", &hint);
    let page = ana.peek(&ask.path()).await;
    let claims = read(&usher, &field(&page, "id_token")).await;
    let launch = &claims["urn:usher:launch"];
    assert_eq!(
        launch["ctx"][0]["id"]["urn:usher:context:customer"],
        "C-1042"
    );
    assert_eq!(usher.events_named("launch.landed").await, 1);
    // The handle works once.
    let page = ana.peek(&ask.path()).await;
    let claims = read(&usher, &field(&page, "id_token")).await;
    assert!(claims.get("urn:usher:launch").is_none(), "a plain sign-in");
}

#[tokio::test]
async fn only_who_is_registered_gets_one_and_only_with_a_nonce() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("wiki-eu").with("response_type", "id_token");
    let page = ana
        .peek(&ask.with("response_mode", "form_post").path())
        .await;
    assert_eq!(field(&page, "error"), "unauthorized_client");
    let page = ana.peek(&posted().without("nonce").path()).await;
    assert_eq!(field(&page, "error"), "invalid_request");
    let page = ana.peek(&ask_in_query().path()).await;
    assert_eq!(fragment(&page)[0].1, "invalid_request");
    for never in ["token", "id_token token", "code id_token", "code token"] {
        let ask = Ask::of("crm-eu").with("response_type", never);
        assert_eq!(
            error(&mut ana, &ask).await,
            "unsupported_response_type",
            "{never}"
        );
    }
}

fn ask_in_query() -> Ask {
    ask().with("response_mode", "query")
}

#[tokio::test]
async fn its_code_cannot_be_redeemed() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&posted().path()).await;
    let token = field(&page, "id_token");
    invalid_grant(redeem(&usher, "crm-eu", &token).await, "a token is no code");
    let live = usher
        .column(
            "select id from grants where redeemed_at is null or access_expires_at > redeemed_at",
        )
        .await;
    assert!(live.is_empty(), "{live:?}");
}
