//! An identity provider that is down, at each step of the way: the page names the failed provider,
//! offers another way in, and that way still leads to the record.

use std::time::Duration;

use serde_json::json;
use usher::clock::Clock;

use super::{DOWN, blames, landed, open, sign_in};
use support::{
    browser::Browser,
    idp::{OidcProvider, PASSWORD, SimpleSaml},
    process::unused_address,
    server::TestServer,
    upstream::{Upstream, house_with, seed_with},
};

#[tokio::test]
async fn an_openid_provider_that_fails_at_any_step_keeps_the_target() {
    let op = OidcProvider::start("oidc").await;
    let steps = [
        "/.well-known/openid-configuration",
        "/jwks",
        "/request",
        "/token",
        "/me",
    ];
    for step in steps {
        op.break_paths(&[step]).await;
        // Nothing is known of the provider yet.
        let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
        let mut ana = Browser::new(&usher);
        let form = open(&mut ana, "oidc").await;
        let page = match form.url.host_str() {
            Some("127.0.0.1") => {
                let typed = [("User", "ana"), ("Secret", PASSWORD)];
                ana.fill(&form, &typed).await
            }
            _ => form,
        };
        blames(&mut ana, &page, "oidc", DOWN, step).await;
    }
    op.break_paths(&[]).await;
    let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
}

#[tokio::test]
async fn an_openid_provider_that_was_known_and_is_gone_keeps_the_target() {
    let mut op = OidcProvider::start("oidc").await;
    let usher = house_with(&[Upstream::new("oidc", "oidc", op.settings())]).await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
    op.stop();
    let mut ana = Browser::new(&usher);
    let page = open(&mut ana, "oidc").await;
    blames(&mut ana, &page, "oidc", DOWN, "gone").await;
}

#[tokio::test]
async fn a_provider_that_came_back_is_used_again_within_seconds() {
    let op = OidcProvider::start("oidc").await;
    let clock = Clock::manual(Clock::system().now());
    let usher = TestServer::beside_peers_at(clock).await;
    let upstream = Upstream::new("oidc", "oidc", op.settings());
    usher.seed(&seed_with(&[upstream])).await;
    op.break_paths(&["/.well-known/openid-configuration"]).await;
    let mut ana = Browser::new(&usher);
    let page = open(&mut ana, "oidc").await;
    assert!(page.says(DOWN), "{}", page.text());
    op.break_paths(&[]).await;
    usher.advance(Duration::from_secs(15));
    landed(&sign_in(&mut ana, "oidc", "ana").await);
}

#[tokio::test]
async fn metadata_that_cannot_be_fetched_keep_the_target() {
    let mut idp = SimpleSaml::start();
    let dead = unused_address();
    let elsewhere = json!({ "metadata_url": format!("{dead}/metadata.php") });
    let usher = house_with(&[
        Upstream::new("saml", "saml", idp.settings()),
        Upstream::new("dead", "saml", idp.settings()).with(elsewhere),
    ])
    .await;
    idp.stop();
    for slug in ["saml", "dead"] {
        let mut ana = Browser::new(&usher);
        let page = open(&mut ana, slug).await;
        blames(&mut ana, &page, slug, DOWN, slug).await;
    }
}
