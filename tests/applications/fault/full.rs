//! A full disk, by SQLite's own limit of pages: nothing is acknowledged that was not stored,
//! artefacts stay valid, and probes report it. PostgreSQL reports a full disk by errors of class
//! 53; a commit that fails is tested on both in `commit.rs`.

use std::time::Duration;

use axum::{body::Body, http::Request};
use sqlx::{AnyConnection, Executor};
use usher::queue;

use super::run;
use crate::issuer_oidc::pushed::{path, pushed};
use support::{
    browser::Browser,
    cas::{self, BOOKS},
    database::is_sqlite,
    relying_party::{Ask, code, redeem},
    server::TestServer,
};

/// In megabytes; the tests' catalogue is much smaller.
const LIMIT: &str = "8";
/// As many pages.
const PAGES: u32 = 8 * 256;

/// A portal whose file may grow so far.
async fn usher() -> TestServer {
    let usher = TestServer::configured(&[("USHER_DATABASE__MAX_MB", LIMIT)]).await;
    usher.seed(&cas::seed()).await;
    usher
}

/// Leaves no page free, and makes every write to these tables need one.
async fn fill(usher: &TestServer, tables: &[&str]) {
    run(usher, "create table filler (bytes blob)").await;
    for table in tables {
        for event in ["insert", "update"] {
            let trigger = format!(
                "create trigger fat_{table}_{event} after {event} on {table}
                 begin insert into filler values (zeroblob(20000)); end"
            );
            run(usher, &trigger).await;
        }
    }
    let mut other = usher.connection().await;
    let limit = format!("pragma max_page_count = {PAGES}");
    other
        .execute(sqlx::AssertSqlSafe(limit))
        .await
        .expect("a limit");
    for size in [1_000_000, 100_000, 10_000, 3_000, 100] {
        while grown(&mut other, size).await {}
    }
}

async fn grown(connection: &mut AnyConnection, size: u32) -> bool {
    let sql = format!("insert into filler values (zeroblob({size}))");
    connection.execute(sqlx::AssertSqlSafe(sql)).await.is_ok()
}

/// There is free space again.
async fn empty(usher: &TestServer, tables: &[&str]) {
    for table in tables {
        for event in ["insert", "update"] {
            run(usher, &format!("drop trigger fat_{table}_{event}")).await;
        }
    }
    run(usher, "delete from filler").await;
}

#[tokio::test]
async fn codes_and_tickets_brought_to_a_full_disk_are_good_exactly_once_afterwards() {
    let usher = usher().await;
    if !is_sqlite(&usher) {
        return;
    }
    let tables = [
        "grants",
        "service_tickets",
        "pushed_requests",
        "party_sessions",
    ];
    let mut ana = Browser::of(&usher, "ana").await;
    let mut codes = Vec::new();
    for _ in 0..10 {
        codes.push(code(&mut ana, &Ask::of("crm-eu")).await);
    }
    let ticket = cas::ticket(&mut ana, BOOKS).await;
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    fill(&usher, &tables).await;
    for code in &codes {
        let (status, answer) = redeem(&usher, "crm-eu", code).await;
        assert_eq!(
            (status, &answer["error"]),
            (503, &"temporarily_unavailable".into()),
            "{answer}"
        );
    }
    let said = cas::code(&usher, BOOKS, &ticket, "").await;
    assert_eq!(said, "INTERNAL_ERROR");
    let page = ana.peek(&path("crm-eu", &uri)).await;
    assert_eq!(page.status, 503, "{}", page.text());
    let before = usher.column("select id from grants").await.len();
    let page = ana.peek(&Ask::of("crm-eu").path()).await;
    assert_eq!(page.status, 503, "no code is handed out: {}", page.text());
    assert_eq!(usher.column("select id from grants").await.len(), before);
    empty(&usher, &tables).await;
    for code in &codes {
        assert_eq!(redeem(&usher, "crm-eu", code).await.0, 200);
        assert_eq!(redeem(&usher, "crm-eu", code).await.0, 400);
    }
    assert!(cas::is_valid(&usher, BOOKS, &ticket).await);
    assert!(!cas::is_valid(&usher, BOOKS, &ticket).await);
    let sent = ana.peek(&path("crm-eu", &uri)).await.sent();
    assert_eq!(redeem(&usher, "crm-eu", &sent["code"]).await.0, 200);
    assert_eq!(ana.peek(&path("crm-eu", &uri)).await.status, 400);
}

pub async fn ready(usher: &TestServer) -> (u16, String) {
    let request = Request::get("/health/ready").body(Body::empty());
    let (status, _, body) = usher.ask(request.expect("a request")).await;
    (status, body)
}

#[tokio::test]
async fn a_portal_on_a_full_disk_is_not_ready() {
    let usher = usher().await;
    if !is_sqlite(&usher) {
        return;
    }
    queue::follow(&usher.app).await.expect("it follows");
    assert_eq!(ready(&usher).await.0, 200);
    fill(&usher, &[]).await;
    usher.advance(Duration::from_secs(61));
    assert!(queue::follow(&usher.app).await.is_err());
    let (status, said) = ready(&usher).await;
    assert_eq!(status, 503, "{said}");
    assert!(said.contains("background work"), "{said}");
    empty(&usher, &[]).await;
    queue::follow(&usher.app).await.expect("it follows");
    assert_eq!(ready(&usher).await.0, 200);
}
