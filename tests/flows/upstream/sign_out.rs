//! Sessions that end together: ours when the provider's ends, and the provider's when ours does.

use serde_json::json;

use super::{landed, open, sign_in};
use support::{
    browser::{Browser, Page},
    idp::{OidcProvider, PASSWORD},
    relying_party::{Ask, access_token, tokens, userinfo},
    server::{Listening, TestServer},
    upstream::{Upstream, house_with},
};

/// A portal that the provider can reach.
async fn with_back_channel() -> (OidcProvider, TestServer, Listening) {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
    let portal = usher.listen().await;
    let mut client = OidcProvider::client("oidc");
    client["backchannel_logout_uri"] = json!(portal.url("/upstream/oidc/logout"));
    client["backchannel_logout_session_required"] = json!(true);
    op.register(&client).await;
    (op, usher, portal)
}

/// Signs out at the provider's own page.
async fn sign_out_there(op: &OidcProvider, browser: &mut Browser<'_>) -> Page {
    let place = format!("{}/session/end", op.issuer());
    let asked = browser.get(&place).await;
    browser.press(&asked, "logout", "yes").await
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_that_session_here_at_once_and_what_we_gave_for_it() {
    let (op, usher, _portal) = with_back_channel().await;
    let replica = usher.replica().await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana, "oidc", "ana").await);
    let mut elsewhere = Browser::new(&usher);
    landed(&sign_in(&mut elsewhere, "oidc", "ana").await);
    let (given, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let token = access_token(&given);
    assert_eq!(userinfo(&usher, token).await.0, 200);

    sign_out_there(&op, &mut ana).await;
    assert_eq!(op.logouts().await, ["taken"]);
    let cookie = ana.cookie("usher.test", support::browser::SESSION);
    let known = replica
        .app
        .sign_ins
        .sessions()
        .find(cookie.expect("one"))
        .await;
    assert!(
        known.expect("the database answers").is_none(),
        "on every replica"
    );
    assert_eq!(userinfo(&usher, token).await.0, 401);
    let page = ana.get("/").await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    assert!(elsewhere.session().await.is_some(), "another session there");
}

#[tokio::test]
async fn a_logout_token_that_does_not_hold_ends_nothing() {
    let (op, usher, portal) = with_back_channel().await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana, "oidc", "ana").await);
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for token in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ."] {
        let form = [("logout_token", token)];
        let request = client.post(portal.url("/upstream/oidc/logout")).form(&form);
        let reply = request.send().await.expect("an answer");
        assert_eq!(reply.status(), 400, "{token}");
        assert_eq!(reply.headers()["cache-control"], "no-store");
    }
    assert!(ana.session().await.is_some());
    assert!(op.logouts().await.is_empty());
}

#[tokio::test]
async fn signing_out_here_signs_out_there_and_comes_back() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana, "oidc", "ana").await);
    let page = ana.get("/sign-out").await;
    let asked = ana.send(&page, "/sign-out").await;
    assert!(
        ana.session().await.is_none(),
        "gone before the provider is asked"
    );
    assert!(asked.says("Sign out?"), "{} {}", asked.url, asked.text());
    let done = ana.press(&asked, "logout", "yes").await;
    assert_eq!(
        done.url.as_str().split('?').next(),
        Some("https://usher.test/signed-out")
    );
    let form = open(&mut ana, "oidc").await;
    let typed = [("User", "ana"), ("Secret", PASSWORD)];
    landed(&ana.fill(&form, &typed).await);
}

#[tokio::test]
async fn a_provider_that_is_gone_does_not_keep_a_user_signed_in_here() {
    let mut op = OidcProvider::start("oidc").await;
    let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana, "oidc", "ana").await);
    op.stop();
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert!(ana.session().await.is_none());
}
