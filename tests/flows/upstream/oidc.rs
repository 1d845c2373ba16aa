//! npm oidc-provider: what a conforming OpenID provider does, and what it may ask of us.

use serde_json::json;

use super::{DENIED, INVALID, blames, landed, open, sign_in};
use support::{
    browser::Browser,
    idp::{OidcProvider, PASSWORD, SECOND_FACTOR},
    upstream::{Upstream, house_with, seed_with},
};

async fn upstream(op: &OidcProvider) -> Upstream {
    Upstream::new("oidc", "oidc", op.settings())
}

#[tokio::test]
async fn the_browser_carries_only_the_name_of_a_pushed_request() {
    let op = OidcProvider::start("oidc").await;
    let mut client = OidcProvider::client("oidc");
    client["require_pushed_authorization_requests"] = json!(true);
    op.register(&client).await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut ana = Browser::new(&usher);
    let form = open(&mut ana, "oidc").await;
    let is_request = |url: &&String| url.contains("/auth?");
    let asked = form.trail.iter().find(is_request);
    let asked = asked.unwrap_or_else(|| panic!("not there: {:#?}\n{}", form.trail, form.text()));
    assert!(asked.contains("request_uri=urn"), "{asked}");
    for told in ["scope", "nonce", "redirect_uri", "code_challenge"] {
        assert!(!asked.contains(told), "{asked}");
    }
    assert!(op.seen().await.contains(&"POST /request".to_owned()));
    let typed = [("User", "ana"), ("Secret", PASSWORD)];
    landed(&ana.fill(&form, &typed).await);
}

#[tokio::test]
async fn a_new_key_needs_no_restart() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
    op.rotate_keys().await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
}

#[tokio::test]
async fn a_key_that_is_gone_at_once_needs_no_restart_either() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
    op.replace_keys().await;
    landed(&sign_in(&mut Browser::new(&usher), "oidc", "ana").await);
}

#[tokio::test]
async fn an_answer_must_name_the_issuer_where_the_provider_promises_to() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    for lie in ["foreign-iss", "no-iss"] {
        op.lie(Some(lie)).await;
        let mut ana = Browser::new(&usher);
        let page = sign_in(&mut ana, "oidc", "ana").await;
        blames(&mut ana, &page, "oidc", INVALID, lie).await;
    }
    let before = op.seen().await;
    let asked = before.iter().any(|line| line == "POST /token");
    assert!(!asked, "no code is issued: {before:#?}");
}

#[tokio::test]
async fn a_no_at_the_provider_keeps_the_target() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut ana = Browser::new(&usher);
    let form = open(&mut ana, "oidc").await;
    let page = ana.press(&form, "refuse", "yes").await;
    blames(&mut ana, &page, "oidc", DENIED, "refused").await;
}

#[tokio::test]
async fn a_wrong_password_there_is_the_providers_affair() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut ana = Browser::new(&usher);
    let form = open(&mut ana, "oidc").await;
    let again = ana
        .fill(&form, &[("User", "ana"), ("Secret", "wrong")])
        .await;
    assert!(again.says("That was not right."), "{}", again.text());
    let typed = [("User", "ana"), ("Secret", PASSWORD)];
    landed(&ana.fill(&again, &typed).await);
}

#[tokio::test]
async fn two_tabs_at_one_provider_do_not_disturb_each_other() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut ana = Browser::new(&usher);
    let one = open(&mut ana, "oidc").await;
    let other = open(&mut ana, "oidc").await;
    let typed = [("User", "ana"), ("Secret", PASSWORD)];
    landed(&ana.fill(&other, &typed).await);
    landed(&ana.fill(&one, &typed).await);
}

#[tokio::test]
async fn a_response_in_another_browser_is_refused() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut evil = Browser::new(&usher);
    let form = open(&mut evil, "oidc").await;
    evil.stops_before_leaving = true;
    let typed = [("User", "ben"), ("Secret", PASSWORD)];
    let stopped = evil.fill(&form, &typed).await;
    let planted = stopped.trail.last().expect("an address").clone();
    assert!(
        planted.contains("/upstream/oidc/callback?code="),
        "{planted}"
    );
    let mut victim = Browser::new(&usher);
    victim.get(&planted).await;
    assert!(
        victim.session().await.is_none(),
        "signed in as another user"
    );
    evil.stops_before_leaving = false;
    evil.get(&planted).await;
    assert!(evil.session().await.is_some(), "it was a good one");
    let mut again = Browser::new(&usher);
    again.get(&planted).await;
    assert!(again.session().await.is_none(), "used twice");
}

/// The CRM demands two factors.
const DEMAND: &str = r#"
[[assurance]]
title = "Customers"
service = "crm"
second_factor = true
"#;

#[tokio::test]
async fn a_second_factor_there_counts_where_the_admin_says_so() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[]).await;
    let strong = upstream(&op).await.with(json!({"strong_amr": ["mfa"]}));
    usher.seed(&seed_with(&[strong]).plus(DEMAND)).await;

    let page = sign_in(&mut Browser::new(&usher), "oidc", "ana").await;
    assert_eq!(page.shown("app"), None, "one factor is not enough");

    let mut ana = Browser::new(&usher);
    let form = open(&mut ana, "oidc").await;
    let typed = [
        ("User", "ana"),
        ("Secret", PASSWORD),
        ("Code", SECOND_FACTOR),
    ];
    landed(&ana.fill(&form, &typed).await);
    let session = ana.session().await.expect("signed in").session;
    assert_eq!(session.acr.as_deref(), Some("urn:example:two-factors"));
}

#[tokio::test]
async fn who_must_prove_themselves_anew_is_asked_by_the_provider_too() {
    let op = OidcProvider::start("oidc").await;
    let usher = house_with(&[upstream(&op).await]).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana, "oidc", "ana").await);
    let fresh = "/oidc/authorize?response_type=code&client_id=crm-eu&scope=openid&prompt=login\
         &redirect_uri=https%3A%2F%2Fcrm-eu.test%2Fcallback&nonce=n\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let asked = ana.get(fresh).await;
    let form = ana.choose(&asked, "oidc").await;
    assert!(form.says("The organisation's sign-in"), "{}", form.text());
}
