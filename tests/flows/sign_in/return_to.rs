//! The address of a sign-in carries its destination: any user who opens it, however late, signs in
//! and ends there; and it contains nothing of another user's identity.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};

use support::{
    browser::{Browser, Page},
    cas::{self, SEED as LIBRARY},
    draft::Draft,
    gate::{Knock, SEED as FIGURES},
    relying_party::{Ask, RECORD},
    server::{PORTAL, TestServer},
    shared_secret::{self, SEED as FORUM},
};

const OURS: Option<&str> = Some(PORTAL);
const EXPIRED: &str = "This page has expired";

/// A portal with an application of each kind.
async fn usher() -> TestServer {
    let draft = Draft::sample().plus(LIBRARY).plus(FORUM).plus(FIGURES);
    TestServer::with(&draft).await
}

/// A link of each kind, and what the address begins with where it ends.
async fn links(usher: &TestServer) -> Vec<(String, &'static str)> {
    let (_, headers) = Knock::at("/figures?y=2026").ask(usher).await;
    let door = headers["location"].to_str().expect("text");
    let door = door.strip_prefix(PORTAL).expect("ours").to_owned();
    vec![
        (RECORD.to_owned(), "https://crm-eu.test/"),
        (
            Ask::of("crm-eu").path(),
            "https://crm-eu.test/callback?code=",
        ),
        (
            cas::login(cas::BOOKS, ""),
            "https://lib-eu.test/books?shelf=a%20b&ticket=",
        ),
        (
            shared_secret::ask("forum-eu", "n-1"),
            "https://forum-eu.test/session/sso_login?sso=",
        ),
        (door, "https://page-eu.test/.usher/enter"),
        (
            "/services/crm".to_owned(),
            "https://usher.test/services/crm",
        ),
    ]
}

/// What a client without cookies is left with that follows a link before a browser gets it.
async fn last_address(usher: &TestServer, link: &str) -> String {
    let mut at = link.to_owned();
    for _ in 0..4 {
        let request = Request::get(&at).header(header::ACCEPT, "text/html");
        let request = request.body(Body::empty()).expect("a request");
        let (status, headers, _) = usher.ask(request).await;
        let Some(to) = headers.get("location") else {
            assert_eq!(status, 200, "{at}");
            return at;
        };
        let to = to.to_str().expect("text");
        at = to.strip_prefix(PORTAL).unwrap_or(to).to_owned();
    }
    panic!("it is sent round without end: {at}");
}

/// Where a browser ended that does not leave the portal.
fn end(page: &Page) -> &str {
    page.trail.last().expect("an address")
}

#[tokio::test]
async fn the_last_address_that_an_office_program_hands_on_ends_at_the_destination() {
    for number in 0..6 {
        for is_signed_in in [false, true] {
            let usher = usher().await;
            let (link, there) = links(&usher).await.swap_remove(number);
            let last = last_address(&usher, &link).await;
            assert!(last.starts_with("/sign-in/att_"), "{last}");
            let mut ana = match is_signed_in {
                true => Browser::of(&usher, "ana").await,
                false => Browser::new(&usher),
            };
            ana.stays = true;
            let mut page = ana.get(&last).await;
            if !is_signed_in {
                assert!(!page.says(EXPIRED), "{}", page.text());
                page = ana.sign_in(&page, "ana").await;
            }
            assert!(end(&page).starts_with(there), "{link}: {:?}", page.trail);
        }
    }
}

#[tokio::test]
async fn a_sign_in_page_left_open_for_over_half_an_hour_keeps_its_destination() {
    for number in 0..6 {
        for reloads in [false, true] {
            let usher = usher().await;
            let (link, there) = links(&usher).await.swap_remove(number);
            let mut ana = Browser::new(&usher);
            ana.stays = true;
            let mut form = ana.get(&link).await;
            usher.advance(Duration::from_secs(12 * 3600));
            if reloads {
                form = ana.get(form.url.path()).await;
                assert!(form.says(EXPIRED), "{}", form.text());
            }
            let page = ana.sign_in(&form, "ana").await;
            assert!(end(&page).starts_with(there), "{link}: {:?}", page.trail);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_on_an_expired_page_is_wrong_and_the_next_one_counts() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    ana.stays = true;
    let form = ana.get(RECORD).await;
    usher.advance(Duration::from_secs(1801));
    let values = [("Username", "ana"), ("Password", "wrong")];
    let page = ana.fill(&form, &values).await;
    assert_eq!(page.status, 422, "{}", page.text());
    let page = ana.sign_in(&page, "ana").await;
    assert!(end(&page).starts_with("https://crm-eu.test/"));
}

/// A sign-in that one user began may be restarted by another, never continued.
#[tokio::test]
async fn a_destination_carries_no_identity() {
    let usher = TestServer::open().await;
    let ask = Ask::of("crm-eu").with("login_hint", "ana");
    let mut ana = Browser::new(&usher);
    let hinted = ana.get(&ask.path()).await;
    assert!(hinted.body.contains("value=\"ana\""));
    let mut other = Browser::new(&usher);
    let page = other.get(hinted.url.path()).await;
    assert_eq!(page.status, 200);
    assert!(
        !page.body.contains("value=\"ana\""),
        "the hint stays behind"
    );
    assert_ne!(page.all_actions(), hinted.all_actions(), "another attempt");

    // A confirmation of Ana's is a plain sign-in for any other user.
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(3600));
    let confirm = ana.get("/account/factors/passkey").await;
    assert!(confirm.says("Confirm"), "{}", confirm.text());
    let page = Browser::new(&usher).get(confirm.url.path()).await;
    assert!(!page.says("Confirm") && !page.body.contains("ana"));
}

#[tokio::test]
async fn a_seal_that_is_not_ours_leads_to_the_portal() {
    let usher = usher().await;
    let form = Browser::new(&usher).get(RECORD).await;
    let (start, sealed) = form.url.path().split_once('.').expect("a destination");
    let turned: String = sealed.chars().rev().collect();
    let (_, headers) = Knock::at("/figures").ask(&usher).await;
    let door = headers["location"].to_str().expect("text");
    let (_, knock) = door.split_once("at=").expect("a seal");
    for bad in ["x", &turned, &sealed[1..], knock, "//evil.test", ""] {
        let mut ana = Browser::new(&usher);
        ana.stays = true;
        let page = ana.get(&format!("{start}.{bad}")).await;
        if page.status == 404 {
            continue;
        }
        let page = ana.sign_in(&page, "ana").await;
        assert_eq!(end(&page), format!("{PORTAL}/"), "{bad}");
    }
    // Nor is one of long ago.
    usher.advance(Duration::from_secs(24 * 3600));
    let mut ana = Browser::new(&usher);
    let page = ana.get(form.url.path()).await;
    let page = ana.sign_in(&page, "ana").await;
    assert_eq!(end(&page), format!("{PORTAL}/"));
}

#[tokio::test]
async fn a_browser_without_cookies_gets_an_error_and_no_redirect_loop() {
    let usher = TestServer::open().await;
    let last = last_address(&usher, RECORD).await;
    let segment = last.strip_prefix("/sign-in/").expect("a sign-in");
    let posted = Request::post(&last)
        .header(header::ORIGIN, PORTAL)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("provider=local&name=ana&password=x"));
    let below = Request::get(format!("/sign-in/{segment}/who"))
        .header(header::ACCEPT, "text/html")
        .body(Body::empty());
    for request in [posted, below] {
        let (status, headers, body) = usher.ask(request.expect("a request")).await;
        assert_eq!(status, 400);
        assert!(body.contains("Cookies are blocked"), "{body}");
        assert!(body.contains(&format!("href=\"{last}\"")), "a way on");
        let cookies = headers.get_all("set-cookie").iter();
        let session = |line: &axum::http::HeaderValue| {
            line.to_str()
                .is_ok_and(|line| line.starts_with("__Host-usher="))
        };
        assert_eq!(cookies.filter(|line| session(line)).count(), 0);
    }
    // With cookies allowed, the same address works.
    let mut ana = Browser::new(&usher);
    ana.stays = true;
    let page = ana.get(&last).await;
    let page = ana.sign_in(&page, "ana").await;
    assert!(end(&page).starts_with("https://crm-eu.test/"));
}

/// THREATS: login CSRF. A form of another site restarts nothing.
#[tokio::test]
async fn login_csrf_an_expired_page_is_renewed_by_our_own_form_alone() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    usher.advance(Duration::from_secs(1801));
    let body = format!(
        "provider=local&name=ben&password={}",
        support::server::PASSWORD.replace(' ', "+")
    );
    for origin in [None, Some("null"), Some("https://evil.test")] {
        let page = ana.post(form.url.path(), origin, &body).await;
        assert_eq!(page.status, 403, "{origin:?}");
    }
    assert!(ana.session().await.is_none());
    assert_eq!(ana.post(form.url.path(), OURS, &body).await.status, 200);
    assert!(ana.session().await.is_some());
}

/// A HEAD request shows nothing: a program that requests the address of a sign-in before its user
/// does must not use up the destination.
#[tokio::test]
async fn a_head_request_of_a_signed_in_browser_uses_nothing_up() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    ana.stays = true;
    let ask = format!("/oidc/authorize?{}", Ask::of("crm-eu").query());
    let form = ana.get(&ask).await;
    let other = ana.get("/sign-in").await;
    ana.sign_in(&other, "ana").await;
    let mut cookies = String::new();
    for name in ["__Host-usher", "__Host-usher-browser"] {
        let value = ana.cookie("usher.test", name).expect("a cookie");
        cookies += &format!("{name}={value}; ");
    }
    let request = Request::head(form.url.path()).header(header::COOKIE, cookies);
    let request = request.body(Body::empty()).expect("a request");
    assert_eq!(usher.ask(request).await.0, 200);
    let taken = "select id from pending_requests where consumed_at is not null";
    assert!(usher.column(taken).await.is_empty());
    ana.get(form.url.path()).await;
    assert_eq!(usher.column(taken).await.len(), 1);
}
