//! Writes by clients that are not signed in (THREATS: anonymous writes): rows are counted by
//! network before they are inserted, at every endpoint, and limited in size.

use std::{net::SocketAddr, time::Duration};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::json;

use support::{
    browser::{Browser, Page},
    campus, cas,
    database::rows,
    draft::Draft,
    gate,
    relying_party::Ask,
    server::{PORTAL, TestServer},
};

const OURS: Option<&str> = Some("https://usher.test");
const PER_SECOND: (&str, &str) = ("USHER_SERVER__ANONYMOUS_WRITES_PER_SECOND", "1");
const BURST: (&str, &str) = ("USHER_SERVER__ANONYMOUS_WRITES_BURST", "10");

/// Asks forty times, as new clients of one address: ten are answered otherwise than by 429, and
/// each leaves `most` rows at most.
async fn is_counted(usher: &TestServer, link: &str, most: usize) {
    let before = rows(usher).await;
    let mut limited = 0;
    for _ in 0..40 {
        let page = Browser::new(usher).peek(link).await;
        if page.status == 429 {
            limited += 1;
            assert_eq!(page.headers["retry-after"], "1", "{link}");
            assert!(page.says("Too many requests"), "{}", page.text());
        }
    }
    assert_eq!(limited, 30, "{link}");
    let made = rows(usher).await - before;
    assert!((1..=most * 10).contains(&made), "{link}: {made} rows");
    usher.advance(Duration::from_secs(10));
}

#[tokio::test]
async fn anonymous_requests_make_no_more_rows_than_their_network_may() {
    let usher = TestServer::configured(&[PER_SECOND, BURST]).await;
    usher.seed(&cas::seed()).await;
    for (link, most) in [
        ("/".to_owned(), 1),
        ("/account?x=1".to_owned(), 1),
        ("/sign-in".to_owned(), 1),
        ("/go/crm/customer/C-1042".to_owned(), 2),
        ("/go/no-such-service".to_owned(), 2),
        (format!("/oidc/authorize?{}", Ask::of("crm-eu").query()), 2),
        (cas::login(cas::BOOKS, ""), 2),
    ] {
        is_counted(&usher, &link, most).await;
    }
}

/// The same of what is posted: rubbish for a provider's answer, challenges for a passkey, ways to a
/// provider, wrong passwords.
#[tokio::test]
async fn anonymous_forms_make_no_more_rows_than_their_network_may() {
    let usher = TestServer::configured(&[PER_SECOND, BURST]).await;
    usher.seed(&campus::seed(campus::settings(json!({})))).await;
    let rubbish = "SAMLResponse=PHg%2BPC94Pg%3D%3D&RelayState=x";
    let wrong = "provider=local&name=nobody&password=x";
    for (path, body) in [
        ("/upstream/campus/response", rubbish),
        ("{attempt}", wrong),
        ("{attempt}/passkey/challenge", ""),
        ("{attempt}/to/campus", "GET"),
    ] {
        usher.advance(Duration::from_secs(60));
        let mut browser = Browser::new(&usher);
        let attempt = browser.get("/sign-in").await.url.path().to_owned();
        let path = path.replace("{attempt}", &attempt);
        let before = rows(&usher).await;
        let mut limited = 0;
        for _ in 0..40 {
            let page = match body {
                "GET" => browser.peek(&path).await,
                body => browser.peek_post(&path, OURS, body).await,
            };
            assert!(page.status < 500, "{path}: {} {}", page.status, page.text());
            limited += usize::from(page.status == 429);
        }
        let made = rows(&usher).await - before;
        assert!(made <= 20, "{path}: {made} rows of forty tries");
        assert!(limited >= 20 || made <= 5, "{path}: {made}, {limited}");
    }
}

#[tokio::test]
async fn a_gateway_s_users_are_counted_by_their_own_address() {
    let usher = TestServer::configured(&[PER_SECOND, BURST]).await;
    usher.seed(&Draft::sample().plus(gate::SEED)).await;
    let request = Request::get("/forward-auth/figures")
        .extension(ConnectInfo(gate::ADDRESS))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "page-eu.test")
        .header("x-forwarded-uri", "/reports")
        .header("x-forwarded-method", "GET")
        .header("accept", "text/html");
    let request = request.body(Body::empty()).expect("a request");
    let (_, headers, _) = usher.ask(request).await;
    let there = headers["location"].to_str().expect("text");
    let there = there.strip_prefix(PORTAL).expect("ours");
    is_counted(&usher, there, 2).await;
}

#[tokio::test]
async fn addresses_of_one_ipv6_prefix_write_as_one_client() {
    let usher = TestServer::configured(&[PER_SECOND, BURST]).await;
    usher.seed(&Draft::sample()).await;
    let mut statuses = Vec::new();
    for n in 1..=12_u16 {
        let mut browser = Browser::new(&usher);
        browser.address = Some(SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, n], 4711)));
        statuses.push(browser.peek("/").await.status);
    }
    assert_eq!(statuses[..10], [303; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let mut elsewhere = Browser::new(&usher);
    elsewhere.address = Some(SocketAddr::from(([0x2001, 0xdb8, 1, 0, 0, 0, 0, 1], 4711)));
    assert_eq!(elsewhere.peek("/").await.status, 303);
}

#[tokio::test]
async fn a_signed_in_user_is_not_limited_by_anonymous_clients_at_the_same_address() {
    let usher = TestServer::configured(&[PER_SECOND, BURST]).await;
    usher.seed(&Draft::sample()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    is_counted_out(&usher).await;
    let page = ana.get("/go/crm/customer/C-1042").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

async fn is_counted_out(usher: &TestServer) {
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(Browser::new(usher).peek("/").await.status);
    }
    assert_eq!(statuses.last(), Some(&429));
}

async fn wrong(usher: &TestServer, form: &Page, cookie: &str) -> u16 {
    let mut browser = Browser::new(usher);
    browser.set_cookie("usher.test", "__Host-usher-browser", cookie);
    let typed = [("Username", "ana"), ("Password", "wrong")];
    browser.fill(form, &typed).await.status
}

/// Each used to be a row kept for 400 days, in the victim's own history.
#[tokio::test]
async fn throttled_tries_are_one_event_and_not_counted() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    let cookie = browser.cookie("usher.test", "__Host-usher-browser");
    let cookie = cookie.expect("a cookie").to_owned();
    for _ in 0..10 {
        assert_eq!(wrong(&usher, &form, &cookie).await, 422);
    }
    assert_eq!(wrong(&usher, &form, &cookie).await, 429);
    // What the page is to say waits for a minute, and is counted as any anonymous write.
    let waiting = async || usher.column("select id from browser_states").await.len();
    let before = rows(&usher).await - waiting().await;
    for _ in 0..50 {
        assert_eq!(wrong(&usher, &form, &cookie).await, 429);
    }
    let after = rows(&usher).await - waiting().await;
    assert_eq!(after, before, "nothing else is written");
    assert_eq!(usher.events_named("sign_in.refused").await, 1);
    let counts = "select cast(failures as text) from throttles where name like 'account %'";
    assert_eq!(
        usher.column(counts).await,
        ["10"],
        "a refused try is no failure"
    );
}

#[tokio::test]
async fn what_is_kept_of_a_request_is_bounded() {
    let usher = TestServer::open().await;
    let before = rows(&usher).await;
    let long = "x".repeat(3000);
    for name in ["state", "nonce", "login_hint"] {
        let ask = Ask::of("crm-eu").with(name, &long);
        let mut browser = Browser::new(&usher);
        let page = browser
            .peek(&format!("/oidc/authorize?{}", ask.query()))
            .await;
        assert!(page.location().contains("error=invalid_request"), "{name}");
    }
    let claims = format!("{{\"id_token\":{{\"{}\":null}}}}", "x".repeat(9000));
    let ask = Ask::of("crm-eu").with("claims", &claims);
    let page = Browser::new(&usher)
        .peek(&format!("/oidc/authorize?{}", ask.query()))
        .await;
    assert!(page.status == 413 || page.status == 303, "{}", page.text());
    let fields: Vec<String> = (0..15)
        .map(|n| format!("f{n}={}", "x".repeat(200)))
        .collect();
    let link = format!("/go/crm/customer/C-1042?{}", fields.join("&"));
    let page = Browser::new(&usher).peek(&link).await;
    assert_eq!(page.status, 413, "{}", page.text());
    let lengths = "select id from pending_requests where length(request) > 12288";
    assert!(usher.column(lengths).await.is_empty());
    assert!(rows(&usher).await <= before + 2);
}
