//! Applications after an upgrade: tokens, codes, consent, registrations, receipts.

use std::time::Duration;

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::{Value, json};

use super::Release;
use crate::{
    issuer_oidc::{
        pushed,
        refresh::{refresh, refresh_token},
        registration::{notes, register, send},
        resource::introspect,
    },
    receipt,
};
use support::{
    cas,
    gate::{self, Knock},
    relying_party::{Ask, access_token, code, form, redeem, tokens, userinfo},
    remote::{self, launch_code, token, token_with},
    server::{PORTAL, TestServer},
};

/// Within the life of codes and tickets.
const MOMENT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_refresh_token_of_the_previous_release_gives_tokens_for_the_same_subject() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let (status, next) = refresh(&usher, release.bearer("refresh_token")).await;
    assert_eq!(status, 200, "{next}");
    let claims = remote::verify(&usher, "crm-eu", &next).await;
    assert_eq!(claims["sub"], release.bearer("sub"));
    assert_eq!(claims["sid"], release.bearer("sid"));
    assert_eq!(userinfo(&usher, access_token(&next)).await.0, 200);
    let (status, _) = refresh(&usher, refresh_token(&next)).await;
    assert_eq!(status, 200, "and the one after it");
}

#[tokio::test]
async fn tokens_of_the_previous_release_are_good_until_they_expire() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let (status, told) = userinfo(&usher, release.bearer("access_token")).await;
    assert_eq!((status, &told["sub"]), (200, &json!(release.bearer("sub"))));
    let own = release.bearer("own_access_token");
    let told = introspect(&usher, "desk-eu", own).await;
    assert_eq!(
        (&told["active"], &told["scope"]),
        (&json!(true), &json!("orders"))
    );
    // The keys that signed before the upgrade are published after it.
    let given = json!({ "id_token": release.bearer("id_token") });
    let claims = remote::verify(&usher, "crm-eu", &given).await;
    assert_eq!(claims["urn:usher:launch"]["intent"], "view");
}

#[tokio::test]
async fn a_consent_of_the_previous_release_is_listed_and_not_asked_for_again() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.signed_in(&usher, "ana");
    let page = ana.get("/account/applications").await;
    assert!(page.says("wiki-eu"), "{}", page.text());
    assert!(page.says("Your email address"), "{}", page.text());
    let ask = Ask::of("wiki-eu").with("scope", "openid email");
    let (_, claims) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(claims["sub"], release.bearer("pairwise_sub"));
    let page = ana.get("/account/applications").await;
    let page = ana.press(&page, "client", "wiki-eu").await;
    assert!(page.says("No application has access."), "{}", page.text());
}

#[tokio::test]
async fn a_client_that_registered_itself_with_the_previous_release_still_works() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let id = release.bearer("client/client_id");
    let manages = release.bearer("client/registration_access_token");
    let path = format!("/oidc/register/{id}");
    let (status, told) = send(&usher, "GET", &path, manages, None).await;
    assert_eq!((status, &told["client_name"]), (200, &json!("Notes")));
    // Ben allowed it before, so nothing is asked.
    let mut ben = release.signed_in(&usher, "ben");
    let callback = "https://notes.test/callback";
    let ask = Ask::of(id)
        .with("redirect_uri", callback)
        .with("scope", "openid email");
    let code = code(&mut ben, &ask).await;
    let proof = form(&code, callback);
    let secret = release.bearer("client/client_secret");
    let (status, tokens) = token_with(&usher, id, secret, &proof).await;
    assert_eq!(status, 200, "{tokens}");
    // The token that let it register allows the next one, too.
    let (status, next) = register(&usher, release.bearer("initial_access_token"), &notes()).await;
    assert_eq!(status, 201, "{next}");
}

#[tokio::test]
async fn codes_that_were_not_redeemed_before_the_upgrade_are_redeemed_after_it() {
    let release = Release::read();
    let usher = release.upgraded_after(MOMENT).await;
    let (status, tokens) = redeem(&usher, "crm-eu", release.bearer("code")).await;
    assert_eq!(status, 200, "{tokens}");
    let form = launch_code(release.bearer("launch_code"));
    let (status, tokens) = token(&usher, "desk-eu", &form).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = remote::verify(&usher, "desk-eu", &tokens).await;
    let record = &claims["urn:usher:launch"]["ctx"][0]["id"];
    assert_eq!(record["urn:usher:context:case"], "CS-2207");
}

#[tokio::test]
async fn tickets_that_were_not_used_before_the_upgrade_are_used_after_it() {
    let release = Release::read();
    let usher = release.upgraded_after(MOMENT).await;
    let ticket = release.bearer("ticket");
    assert!(cas::is_valid(&usher, "https://lib-eu.test/books", ticket).await);
    let body = format!("ticket={}", release.bearer("gate_ticket"));
    let request = Request::post("/forward-auth/figures/entry")
        .extension(ConnectInfo(gate::ADDRESS))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "page-eu.test")
        .header("x-forwarded-uri", "/.usher/enter")
        .header("origin", PORTAL)
        .body(Body::from(body));
    let (status, headers, _) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 303);
    assert_eq!(headers["location"], "https://page-eu.test/");
}

#[tokio::test]
async fn a_request_that_was_pushed_before_the_upgrade_is_answered_after_it() {
    let release = Release::read();
    let usher = release.upgraded_after(MOMENT).await;
    let mut ana = release.signed_in(&usher, "ana");
    let path = pushed::path("crm-eu", release.bearer("request_uri"));
    let sent = ana.peek(&path).await.sent();
    let code = sent.get("code");
    let code = code.unwrap_or_else(|| panic!("no code: {sent:?}"));
    assert_eq!(redeem(&usher, "crm-eu", code).await.0, 200);
}

#[tokio::test]
async fn a_launch_that_left_before_the_upgrade_lands_after_it() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.signed_in(&usher, "ana");
    let ask = Ask::of("crm-eu").with("login_hint", release.bearer("launch_handle"));
    let (_, claims) = tokens(&usher, &mut ana, &ask).await;
    let record = &claims["urn:usher:launch"]["ctx"][0]["id"];
    assert_eq!(record["urn:usher:context:customer"], "C-1042", "{claims}");
}

#[tokio::test]
async fn a_receipt_for_a_launch_of_the_previous_release_is_accepted() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let launch = release.bearer("launch");
    let desk = receipt::basic("desk-us");
    let (status, problem) = receipt::send(&usher, launch, &desk, &receipt::landed()).await;
    assert_eq!(status, 204, "{problem}");
}

#[tokio::test]
async fn a_page_behind_the_gateway_stays_open_through_an_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let cookie = release.bearer("gate_session");
    let (status, headers) = Knock::at("/figures").by(cookie).ask(&usher).await;
    assert_eq!(status, 200);
    assert_eq!(headers["remote-user"], "ana");
}

#[tokio::test]
async fn the_metadata_and_the_keys_of_the_portal_are_the_same_after_an_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let kid = kid(release.bearer("id_token"));
    assert!(published(&usher).await.contains(&kid), "{kid}");
    let request = Request::get("/saml/metadata").body(Body::empty());
    let (status, _, text) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 200);
    assert!(
        text.contains("entityID=\"https://usher.test/saml/metadata\""),
        "{text}"
    );
}

/// The name of the key that signed a token.
fn kid(token: &str) -> String {
    let head = super::decoded(token.split('.').next().expect("a header"));
    let head: Value = serde_json::from_slice(&head).expect("JSON");
    head["kid"].as_str().expect("a name").to_owned()
}

/// The names of the published keys.
async fn published(usher: &TestServer) -> Vec<String> {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys = keys["keys"].as_array().expect("keys").iter();
    keys.filter_map(|key| key["kid"].as_str().map(str::to_owned))
        .collect()
}
