//! A session that has ended: pages come back after signing in, and so does a form, with what was
//! typed into it, to the same user in the same browser.

use std::time::Duration;

use support::{
    admin::make_admin,
    browser::Browser,
    server::{PORTAL, TestServer},
};

const OURS: Option<&str> = Some(PORTAL);
const ENDED: &str = "Your session has ended";
const CHOICE: &str = "/services/crm/instance";

/// Ana on the page of the CRM, long after she last did something.
async fn away(usher: &TestServer) -> Browser<'_> {
    let mut ana = Browser::of(usher, "ana").await;
    usher.advance(Duration::from_secs(23 * 3600));
    let page = format!("{PORTAL}/services/crm");
    ana.headers.push(("referer", page));
    ana
}

async fn choices(usher: &TestServer) -> usize {
    usher.column("select service from overrides").await.len()
}

#[tokio::test]
async fn a_page_comes_back_after_its_session_has_ended() {
    let usher = TestServer::open().await;
    let mut ana = away(&usher).await;
    let form = ana.get("/services/crm?x=1").await;
    assert!(form.says(ENDED), "{}", form.text());
    let page = ana.sign_in(&form, "ana").await;
    assert_eq!(page.url.as_str(), format!("{PORTAL}/services/crm?x=1"));
    // A user who was never signed in is not shown that a session ended.
    let form = Browser::new(&usher).get("/services/crm").await;
    assert!(!form.says(ENDED), "{}", form.text());
}

#[tokio::test]
async fn a_form_sent_after_its_session_has_ended_comes_back_with_what_was_typed() {
    let usher = TestServer::open().await;
    let mut ana = away(&usher).await;
    let form = ana.post(CHOICE, OURS, "instance=crm-us").await;
    assert!(form.says(ENDED), "{}", form.text());
    let page = ana.sign_in(&form, "ana").await;
    assert!(page.says("Send this form?"), "{}", page.text());
    assert!(page.says("crm-us"), "{}", page.text());
    assert!(page.body.contains("href=\"/services/crm\""), "or not");
    assert_eq!(choices(&usher).await, 0, "nothing is sent by itself");
    let page = ana.send(&page, CHOICE).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(choices(&usher).await, 1);
}

/// THREATS: login CSRF, cross-site forms: a form of one user is never shown to another.
#[tokio::test]
async fn a_stored_form_is_shown_to_its_user_in_its_browser_only() {
    let usher = TestServer::open().await;
    let mut browser = away(&usher).await;
    let form = browser.post(CHOICE, OURS, "instance=crm-us").await;
    let kept = usher.column("select id from kept_forms").await;
    let link = format!("/continue/{}", kept[0]);
    let page = browser.sign_in(&form, "ben").await;
    assert!(!page.says("crm-us"), "another user: {}", page.text());
    let mut elsewhere = Browser::of(&usher, "ana").await;
    let page = elsewhere.get(&link).await;
    assert_eq!(page.url.path(), "/", "another browser");
    let cold = Browser::new(&usher).get(&link).await;
    assert!(!cold.body.contains("crm-us"));
    usher.advance(Duration::from_secs(2 * 3600));
    let page = browser.get(&link).await;
    assert!(!page.says("crm-us"), "too late");
}

#[tokio::test]
async fn a_form_with_a_secret_is_not_kept_and_its_page_comes_back() {
    let usher = TestServer::open().await;
    let mut ana = away(&usher).await;
    let body = "password=hunter2&new=hunter3&again=hunter3";
    let form = ana.post("/account/password", OURS, body).await;
    assert!(form.says(ENDED), "{}", form.text());
    assert!(usher.column("select id from kept_forms").await.is_empty());
    let page = ana.sign_in(&form, "ana").await;
    assert_eq!(page.url.path(), "/services/crm", "the page it was on");
}

#[tokio::test]
async fn a_form_that_is_too_long_or_without_a_session_is_not_stored() {
    let usher = TestServer::open().await;
    let mut ana = away(&usher).await;
    let long = format!("instance={}", "x".repeat(8 * 1024));
    let form = ana.post(CHOICE, OURS, &long).await;
    assert!(form.says(ENDED), "{}", form.text());
    let mut nobody = Browser::new(&usher);
    let page = nobody.post(CHOICE, OURS, "instance=crm-us").await;
    assert_eq!(page.status, 401);
    assert!(page.says(ENDED), "{}", page.text());
    let made_up = format!("us_{}", "x".repeat(43));
    nobody.set_cookie("usher.test", "__Host-usher", &made_up);
    let page = nobody.post(CHOICE, OURS, "instance=crm-us").await;
    assert_eq!(page.status, 401);
    assert!(usher.column("select id from kept_forms").await.is_empty());
}

/// For all other users there is no such page; an admin whose session has ended signs in again.
#[tokio::test]
async fn an_admins_page_comes_back_and_stays_hidden_from_other_users() {
    let usher = TestServer::open().await;
    for (name, is_admin) in [("ana", true), ("ben", false)] {
        let mut browser = Browser::of(&usher, name).await;
        if is_admin {
            make_admin(&usher, name).await;
        }
        usher.advance(Duration::from_secs(23 * 3600));
        let page = browser.get("/admin/providers").await;
        assert_eq!(page.says(ENDED), is_admin, "{name}: {}", page.text());
        if is_admin {
            let page = browser.sign_in(&page, name).await;
            // Admins need a second factor; the address keeps the destination.
            assert!(page.url.path().ends_with("/factor"), "{}", page.url);
            let form = page.url.path().trim_end_matches("/factor");
            assert!(form.contains('.'), "the destination: {form}");
        } else {
            assert_eq!(page.status, 404);
        }
    }
    let page = Browser::new(&usher).get("/admin/providers").await;
    assert_eq!(page.status, 404);
}
