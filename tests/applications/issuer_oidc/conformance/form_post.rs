//! The Form Post plan: the Basic plan's checks of the answer, with `response_mode=form_post`
//! (OAuth 2.0 Form Post Response Mode 1.0 section 2).

use support::{
    browser::{Browser, Page},
    relying_party::{Ask, callback, field, redeem},
    server::{PORTAL, TestServer},
};

fn ask() -> Ask {
    Ask::of("crm-eu").with("response_mode", "form_post")
}

/// The page posts by itself, to the registered address, and may post nowhere else.
fn posts(page: &Page) {
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data-auto-submit"));
    assert_eq!(page.forms()[0].action, callback("crm-eu"));
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(
        policy.contains("form-action https://crm-eu.test 'self'"),
        "{policy}"
    );
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(field(page, "iss"), PORTAL);
    assert_eq!(field(page, "state"), "the state");
}

#[tokio::test]
async fn oidcc_server_form_post() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask().path()).await;
    posts(&page);
    let (status, _) = redeem(&usher, "crm-eu", &field(&page, "code")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in_form_post() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher)
        .peek(&ask().with("prompt", "none").path())
        .await;
    posts(&page);
    assert_eq!(field(&page, "error"), "login_required");
}

#[tokio::test]
async fn oidcc_response_type_missing_form_post() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher)
        .peek(&ask().without("response_type").path())
        .await;
    posts(&page);
    assert_eq!(field(&page, "error"), "invalid_request");
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri_form_post() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher)
        .peek(&ask().with("redirect_uri", "https://evil.test/").path())
        .await;
    assert_eq!(page.status, 400);
    assert!(!page.body.contains("data-auto-submit"));
}
