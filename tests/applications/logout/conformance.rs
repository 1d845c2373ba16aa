//! The OpenID Foundation's modules for back-channel and front-channel logout, each by its name.

use axum::{body::Body, http::Request};
use serde_json::json;

use super::{ana_at, deliver_all, outcomes, read, usher};
use support::{
    browser::Browser,
    draft::Draft,
    listener::Listener,
    remote,
    server::{PORTAL, TestServer},
};

async fn discovery(usher: &TestServer) -> serde_json::Value {
    let request = Request::get("/.well-known/openid-configuration").body(Body::empty());
    remote::json(usher, request.expect("a request")).await.1
}

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let usher = TestServer::open().await;
    let said = discovery(&usher).await;
    assert_eq!(said["backchannel_logout_supported"], true);
    assert_eq!(said["backchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    let usher = TestServer::open().await;
    let said = discovery(&usher).await;
    assert_eq!(said["frontchannel_logout_supported"], true);
    assert_eq!(said["frontchannel_logout_session_supported"], true);
}

/// Section 2.4: the required and forbidden claims of a logout token.
#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes")]).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = support::relying_party::Ask::of("crm-eu");
    let (given, id_token) = support::relying_party::tokens(&usher, &mut ana, &ask).await;
    let hint = given["id_token"].as_str().expect("one");
    let path = format!(
        "/oidc/end-session?id_token_hint={hint}&state=s\
         &post_logout_redirect_uri=https%3A%2F%2Fcrm-eu.test%2F"
    );
    let page = ana.peek(&path).await;
    assert_eq!(page.location(), "https://crm-eu.test/?state=s", "at once");
    deliver_all(&usher).await;
    let (head, claims) = read(&usher, &rp.received()[0]).await;
    assert_eq!(head["typ"], "logout+jwt");
    assert_ne!(head["alg"], "none");
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iss", json!(PORTAL)),
        ("aud", json!("crm-eu")),
        ("sub", id_token["sub"].clone()),
        ("sid", id_token["sid"].clone()),
        ("iat", json!(now)),
        ("exp", json!(now + 120)),
        (
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        ),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["jti"].is_string());
    assert!(
        claims.get("nonce").is_none(),
        "it would pass for an id_token"
    );
}

/// Sections 2 and 3: a frame with `iss` and `sid`, and a policy that allows only that.
#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let draft = Draft::changed(|draft| {
        let crm = &mut draft.client("crm-eu").registration;
        crm.frontchannel_logout_uri = Some("https://crm-eu.test/bye?x=1".into());
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    let session = ana.session().await.expect("a session").session.id;
    let session = usher.app.issuer.keys.sid("crm-eu", &session);
    let page = ana.get("/sign-out").await;
    let at_once = ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    let later = ana.get("/signed-out").await;
    let frame = format!(
        "src=\"https://crm-eu.test/bye?x=1&#38;iss=https%3A%2F%2Fusher.test&#38;sid={session}\""
    );
    // Asked once, by whichever page came first when it was known that only the browser can.
    let pages = [at_once, later];
    let asking: Vec<_> = pages
        .iter()
        .filter(|page| page.body.contains(&frame))
        .collect();
    assert_eq!(asking.len(), 1);
    let policy = asking[0].headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(
        policy.ends_with("; frame-src 'self' https://crm-eu.test"),
        "{policy}"
    );
    assert_eq!(outcomes(&usher).await, ["oidc crm-eu asked"]);
    let again = ana.get("/signed-out").await;
    assert!(!again.body.contains("<iframe"), "asked once");
    assert!(again.says("was asked to sign you out"), "{}", again.text());
}
