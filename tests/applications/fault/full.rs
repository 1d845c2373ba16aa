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
async fn house() -> TestServer {
    let house = TestServer::configured(&[("USHER_DATABASE__MAX_MB", LIMIT)]).await;
    house.seed(&cas::seed()).await;
    house
}

/// Leaves no page free, and makes every write to these tables need one.
async fn fill(house: &TestServer, tables: &[&str]) {
    run(house, "create table filler (bytes blob)").await;
    for table in tables {
        for event in ["insert", "update"] {
            let trigger = format!(
                "create trigger fat_{table}_{event} after {event} on {table}
                 begin insert into filler values (zeroblob(20000)); end"
            );
            run(house, &trigger).await;
        }
    }
    let mut other = house.connection().await;
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
async fn empty(house: &TestServer, tables: &[&str]) {
    for table in tables {
        for event in ["insert", "update"] {
            run(house, &format!("drop trigger fat_{table}_{event}")).await;
        }
    }
    run(house, "delete from filler").await;
}

#[tokio::test]
async fn codes_and_tickets_brought_to_a_full_disk_are_good_exactly_once_afterwards() {
    let house = house().await;
    if !is_sqlite(&house) {
        return;
    }
    let tables = [
        "grants",
        "service_tickets",
        "pushed_requests",
        "party_sessions",
    ];
    let mut ana = Browser::of(&house, "ana").await;
    let mut codes = Vec::new();
    for _ in 0..10 {
        codes.push(code(&mut ana, &Ask::of("crm-eu")).await);
    }
    let ticket = cas::ticket(&mut ana, BOOKS).await;
    let uri = pushed(&house, &Ask::of("crm-eu")).await;
    fill(&house, &tables).await;
    for code in &codes {
        let (status, answer) = redeem(&house, "crm-eu", code).await;
        assert_eq!(
            (status, &answer["error"]),
            (503, &"temporarily_unavailable".into()),
            "{answer}"
        );
    }
    let said = cas::code(&house, BOOKS, &ticket, "").await;
    assert_eq!(said, "INTERNAL_ERROR");
    let page = ana.peek(&path("crm-eu", &uri)).await;
    assert_eq!(page.status, 503, "{}", page.text());
    let before = house.column("select id from grants").await.len();
    let page = ana.peek(&Ask::of("crm-eu").path()).await;
    assert_eq!(page.status, 503, "no code is handed out: {}", page.text());
    assert_eq!(house.column("select id from grants").await.len(), before);
    empty(&house, &tables).await;
    for code in &codes {
        assert_eq!(redeem(&house, "crm-eu", code).await.0, 200);
        assert_eq!(redeem(&house, "crm-eu", code).await.0, 400);
    }
    assert!(cas::is_valid(&house, BOOKS, &ticket).await);
    assert!(!cas::is_valid(&house, BOOKS, &ticket).await);
    let sent = ana.peek(&path("crm-eu", &uri)).await.sent();
    assert_eq!(redeem(&house, "crm-eu", &sent["code"]).await.0, 200);
    assert_eq!(ana.peek(&path("crm-eu", &uri)).await.status, 400);
}

pub async fn ready(house: &TestServer) -> (u16, String) {
    let request = Request::get("/health/ready").body(Body::empty());
    let (status, _, body) = house.ask(request.expect("a request")).await;
    (status, body)
}

#[tokio::test]
async fn a_portal_on_a_full_disk_is_not_ready() {
    let house = house().await;
    if !is_sqlite(&house) {
        return;
    }
    queue::follow(&house.app).await.expect("it follows");
    assert_eq!(ready(&house).await.0, 200);
    fill(&house, &[]).await;
    house.advance(Duration::from_secs(61));
    assert!(queue::follow(&house.app).await.is_err());
    let (status, said) = ready(&house).await;
    assert_eq!(status, 503, "{said}");
    assert!(said.contains("background work"), "{said}");
    empty(&house, &[]).await;
    queue::follow(&house.app).await.expect("it follows");
    assert_eq!(ready(&house).await.0, 200);
}
