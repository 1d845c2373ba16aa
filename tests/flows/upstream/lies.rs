//! oidc-provider-mock, configured to send false data: every fault ends on a page that names the
//! provider, and a valid response afterwards in the record.

use super::{DOWN, INVALID, blames, landed, open};
use support::{
    browser::{Browser, Page},
    idp::OidcMock,
    server::TestServer,
    upstream::{Upstream, house_with},
};

async fn portal(mock: &OidcMock) -> TestServer {
    house_with(&[Upstream::new("mock", "oidc", mock.settings())]).await
}

/// The mock's page asks for a subject and nothing else.
async fn sign_in(browser: &mut Browser<'_>) -> Page {
    let form = open(browser, "mock").await;
    if form.url.host_str() != Some("127.0.0.1") {
        return form;
    }
    browser.fill(&form, &[("sub", "ana")]).await
}

async fn all_are_refused(lies: &[&str]) {
    let mock = OidcMock::start();
    let usher = portal(&mock).await;
    for lie in lies {
        mock.lie(lie).await;
        let mut ana = Browser::new(&usher);
        let page = sign_in(&mut ana).await;
        blames(&mut ana, &page, "mock", INVALID, lie).await;
    }
    mock.lie("none").await;
    landed(&sign_in(&mut Browser::new(&usher)).await);
}

#[tokio::test]
async fn a_token_of_another_issuer_for_another_client_or_for_another_trip_is_refused() {
    all_are_refused(&[
        "foreign-issuer",
        "foreign-audience",
        "two-audiences",
        "foreign-party",
        "foreign-nonce",
        "no-nonce",
        "foreign-token",
    ])
    .await;
}

#[tokio::test]
async fn a_token_without_a_subject_or_out_of_its_time_is_refused() {
    all_are_refused(&[
        "no-subject",
        "empty-subject",
        "no-expiry",
        "expired",
        "of-tomorrow",
    ])
    .await;
}

#[tokio::test]
async fn a_token_that_is_unsigned_or_signed_by_another_key_is_refused() {
    all_are_refused(&[
        "alg-none",
        "by-a-stranger",
        "key-confusion",
        "own-key",
        "broken-signature",
    ])
    .await;
}

#[tokio::test]
async fn claims_about_another_user_are_refused() {
    all_are_refused(&["foreign-userinfo"]).await;
}

#[tokio::test]
async fn what_is_no_answer_is_the_providers_fault() {
    let mock = OidcMock::start();
    let usher = portal(&mock).await;
    for lie in ["no-id-token", "no-json"] {
        mock.lie(lie).await;
        let mut ana = Browser::new(&usher);
        let page = sign_in(&mut ana).await;
        let words = if page.says(DOWN) { DOWN } else { INVALID };
        blames(&mut ana, &page, "mock", words, lie).await;
    }
}

/// Before anything is known of the provider.
#[tokio::test]
async fn a_false_discovery_document_redirects_no_user() {
    for lie in ["foreign-discovery", "no-keys", "promised-iss"] {
        let mock = OidcMock::start();
        mock.lie(lie).await;
        let usher = portal(&mock).await;
        let mut ana = Browser::new(&usher);
        let page = sign_in(&mut ana).await;
        let words = if page.says(DOWN) { DOWN } else { INVALID };
        blames(&mut ana, &page, "mock", words, lie).await;
    }
}
