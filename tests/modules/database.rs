//! A database that is locked, gone, or loses its connections: a clear page, nothing half-written,
//! and everything as before when it is back.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use tokio::task::JoinSet;

use support::{
    browser::{Browser, Page, SESSION},
    database::{cut, is_sqlite, locked, released},
    draft::Draft,
    remote::{launch_code, token},
    server::TestServer,
};

const RECORD: &str = "/go/crm/customer/C-1042";
const CHOICE: &str = "/go/reports/customer/C-1042";

/// PostgreSQL waits for a lock as long as the request may take: shorter than by default.
async fn impatient() -> TestServer {
    let usher = TestServer::configured(&[("USHER_SERVER__REQUEST_TIMEOUT_MS", "4000")]).await;
    usher.seed(&Draft::sample()).await;
    usher
}

fn away(page: &Page) {
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.says("try again in a moment"), "{}", page.text());
    let id = page.headers["x-request-id"].to_str().expect("an id");
    assert!(page.says(&format!("Request ID: {id}")), "{}", page.text());
    for inside in ["sqlx", "SQLITE", "database is locked", "pool", "postgres"] {
        assert!(!page.body.contains(inside), "{inside}: {}", page.text());
    }
}

#[tokio::test]
async fn a_locked_database_gets_a_clear_page_and_nothing_is_half_written() {
    let usher = impatient().await;
    let mut warm = Browser::of(&usher, "ana").await;
    let mut cold = Browser::new(&usher);
    let form = cold.get(RECORD).await;
    let lock = locked(&usher).await;
    away(&warm.get(RECORD).await);
    away(&Browser::new(&usher).get(RECORD).await);
    away(&cold.sign_in(&form, "ben").await);
    assert!(warm.get("/").await.says("Hello, Ana"), "reading goes on");
    released(lock).await;
    let stages = usher.column("select stage from launches").await;
    assert_eq!(stages, ["requested"], "only what was there before");
    assert_eq!(usher.column("select id from sessions").await.len(), 1);
    assert_eq!(usher.events_named("launch.departed").await, 0);
    let page = warm.get(RECORD).await;
    assert_eq!(page.shown("app").as_deref(), Some("crm-eu"));
    let page = cold.sign_in(&form, "ben").await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-us"),
        "{}",
        page.text()
    );
    assert_eq!(usher.events_named("launch.landed").await, 2);
}

#[tokio::test]
async fn a_write_that_waits_a_moment_is_served_when_the_lock_is_gone() {
    let usher = impatient().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let lock = locked(&usher).await;
    let (page, ()) = tokio::join!(ana.get(RECORD), async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        released(lock).await;
    });
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_token_is_not_given_while_the_database_is_locked_and_the_code_stays_good() {
    let usher = impatient().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/tickets/case/CS-2207").await;
    let fields = page.forms().into_iter().flat_map(|form| form.fields);
    let code = fields
        .into_iter()
        .find(|(name, _)| name == "code")
        .expect("a code")
        .1;
    let lock = locked(&usher).await;
    let (status, answer) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(status, 503, "{answer}");
    released(lock).await;
    assert_eq!(usher.events_named("launch.landed").await, 0);
    let (status, answer) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn every_endpoint_reports_a_database_that_is_gone() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let ana = Browser::of(&usher, "ana").await;
    let cookie = ana
        .cookie("usher.test", SESSION)
        .expect("a session")
        .to_owned();
    replica.app.store.close().await;
    let mut warm = Browser::new(&replica);
    warm.set_cookie("usher.test", SESSION, &cookie);
    for link in [
        "/",
        RECORD,
        "/services/crm",
        "/open",
        "/sign-in",
        "/nowhere",
    ] {
        away(&warm.get(link).await);
    }
    away(&Browser::new(&replica).get(RECORD).await);
    away(&Browser::new(&replica).get("/sign-in").await);
    assert_eq!(probe(&replica, "/health/ready").await, 503);
    assert_eq!(probe(&replica, "/health/live").await, 200);
    assert_eq!(probe(&replica, "/oidc/jwks").await, 200);
    let (status, answer) = token(
        &replica,
        "desk-eu",
        &launch_code(&format!("hc_{}", "A".repeat(43))),
    )
    .await;
    assert_eq!(
        (status, &answer["error"]),
        (503, &"temporarily_unavailable".into()),
        "{answer}"
    );
    let request = Request::get("/sign-in").header("accept", "application/json");
    let (status, headers, body) = replica.ask(request.body(Body::empty()).expect("one")).await;
    assert_eq!(status, 503);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert!(body.contains("urn:usher:problem:database_away"), "{body}");
    let mut elsewhere = Browser::new(&usher);
    elsewhere.set_cookie("usher.test", SESSION, &cookie);
    assert!(
        elsewhere.get("/").await.says("Hello, Ana"),
        "no user was signed out by it"
    );
}

async fn probe(usher: &TestServer, path: &str) -> u16 {
    let request = Request::get(path).body(Body::empty());
    usher.ask(request.expect("a request")).await.0
}

#[tokio::test]
async fn try_again_leads_to_a_page_that_is_there() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    replica.app.store.close().await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let choice = cleo.get(CHOICE).await;
    let mut gone = Browser::new(&replica);
    let cookie = cleo
        .cookie("usher.test", SESSION)
        .expect("a session")
        .to_owned();
    gone.set_cookie("usher.test", SESSION, &cookie);
    let origin = Some("https://usher.test");
    for page in [
        gone.get(RECORD).await,
        gone.post(
            &format!("{}/choice", choice.url.path()),
            origin,
            "instance=reports-eu",
        )
        .await,
        gone.post("/services/crm/instance", origin, "instance=crm-us")
            .await,
    ] {
        away(&page);
        for link in links(&page) {
            let page = cleo.get(&link).await;
            assert!(page.status < 400, "{link}: {} {}", page.status, page.text());
        }
    }
    let request = Request::get("//evil.example/x").header("cookie", format!("{SESSION}={cookie}"));
    let (status, _, body) = replica.ask(request.body(Body::empty()).expect("one")).await;
    assert_eq!(status, 503);
    assert!(!body.contains("href=\"//"), "a link away: {body}");
}

/// The buttons of an error page.
fn links(page: &Page) -> Vec<String> {
    let link = regex::Regex::new("<a class=\"button[^\"]*\" href=\"([^\"]*)\"").expect("a pattern");
    let found = link.captures_iter(&page.body);
    found.map(|found| found[1].to_owned()).collect()
}

#[tokio::test]
async fn connections_that_are_cut_are_made_anew() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for _ in 0..3 {
        cut(&usher).await;
        let mut answers = Vec::new();
        for _ in 0..20 {
            let page = ana.peek("/go/tickets/case/CS-2207").await;
            if page.status == 503 {
                away(&page);
            }
            answers.push(page.status);
        }
        assert!(
            answers.iter().all(|status| [200, 503].contains(status)),
            "{answers:?}"
        );
        assert_eq!(answers.last(), Some(&200), "{answers:?}");
    }
    assert_eq!(probe(&usher, "/health/ready").await, 200);
    let departed = usher
        .column("select id from launches where departed_at is not null order by id")
        .await;
    let codes = usher
        .column("select launch_id from grants order by launch_id")
        .await;
    assert_eq!(departed, codes, "each departure with its code, or neither");
}

#[tokio::test]
async fn a_connection_that_dies_in_the_middle_leaves_nothing_behind() {
    let usher = impatient().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let lock = locked(&usher).await;
    let (page, ()) = tokio::join!(ana.get(RECORD), cut_waiting(&usher));
    away(&page);
    released(lock).await;
    assert!(usher.column("select id from launches").await.is_empty());
    assert_eq!(usher.events_named("launch.departed").await, 0);
    let page = ana.get(RECORD).await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
}

/// PostgreSQL: ends the connections that wait for the lock. SQLite gives up by itself.
async fn cut_waiting(usher: &TestServer) {
    if is_sqlite(usher) {
        return;
    }
    let mut other = usher.connection().await;
    for _ in 0..10_000 {
        let killed: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&mut other)
        .await
        .expect("an answer");
        if killed > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("no connection waited for the lock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_launches_at_once_all_depart() {
    let usher = Arc::new(TestServer::open().await);
    let ana = Browser::of(&usher, "ana").await;
    let cookie = ana
        .cookie("usher.test", SESSION)
        .expect("a session")
        .to_owned();
    let mut crowd = JoinSet::new();
    for n in 0..40 {
        let (usher, cookie) = (usher.clone(), cookie.clone());
        crowd.spawn(async move {
            let mut tab = Browser::new(&usher);
            tab.set_cookie("usher.test", SESSION, &cookie);
            let link = format!("/go/crm/customer/C-10{n:02}");
            tab.get(&link).await.shown("path").unwrap_or_default()
        });
    }
    let mut paths = crowd.join_all().await;
    paths.sort();
    let expected: Vec<_> = (0..40).map(|n| format!("/customers/C-10{n:02}")).collect();
    assert_eq!(paths, expected);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_an_error_and_no_panic() {
    for url in [
        "sqlite:/nowhere/at/all/usher.db?mode=rwc",
        "sqlite:/dev?mode=rwc",
        "postgres://usher@127.0.0.1:1/usher",
        "mysql://localhost/usher",
        "",
    ] {
        assert!(usher::store::Store::open(url).await.is_err(), "{url}");
    }
}
