//! The answers of `/health/ready`.

use std::{net::SocketAddr, time::Duration};

use sqlx::Executor;
use tokio::{net::TcpListener, time::timeout};
use usher::{clock::Clock, command::serve, queue};

use super::full::ready;
use support::{
    browser::Browser,
    database::{cut, is_sqlite, locked, released},
    server::TestServer,
};

#[tokio::test]
async fn a_portal_that_follows_nothing_for_a_minute_is_not_ready() {
    let usher = TestServer::beside_peers().await;
    assert_eq!(ready(&usher).await.0, 200);
    let usher = TestServer::beside_peers_at(Clock::manual(usher.clock.now())).await;
    queue::follow(&usher.app).await.expect("it follows");
    usher.advance(Duration::from_secs(60));
    let (status, said) = ready(&usher).await;
    assert_eq!(status, 200, "{said}");
    assert!(said.contains("60 s ago"), "{said}");
    usher.advance(Duration::from_secs(1));
    let (status, said) = ready(&usher).await;
    assert_eq!(status, 503);
    assert!(said.contains("61 s"), "{said}");
}

#[tokio::test]
async fn a_database_that_only_reads_makes_a_page_and_not_a_fault_and_is_not_ready() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let lock = match is_sqlite(&usher) {
        true => Some(locked(&usher).await),
        false => {
            only_reads(&usher, "on").await;
            None
        }
    };
    let page = ana.get("/go/crm/customer/C-1042").await;
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.says("try again in a moment"), "{}", page.text());
    assert!(ana.get("/").await.says("Hello, Ana"), "reading goes on");
    usher.advance(Duration::from_secs(61));
    assert!(queue::follow(&usher.app).await.is_err());
    assert_eq!(ready(&usher).await.0, 503);
    match lock {
        Some(lock) => released(lock).await,
        None => only_reads(&usher, "off").await,
    }
    let mut page = ana.get("/go/crm/customer/C-1042").await;
    if page.status == 503 {
        // A read-only connection is closed at its first refusal, with the other idle ones.
        page = ana.get("/go/crm/customer/C-1042").await;
    }
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
}

/// As a standby does: the next connections only read, or write again.
async fn only_reads(usher: &TestServer, how: &str) {
    let (_, name) = usher.database.rsplit_once('/').expect("a name");
    let sql = format!("alter database {name} set default_transaction_read_only = {how}");
    let mut other = usher.connection().await;
    // One that only reads may change this all the same.
    for sql in ["set default_transaction_read_only = off", &sql] {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        other.execute(sql).await.expect("done");
    }
    if how == "on" {
        cut(usher).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_not_the_databases_is_not_ready() {
    let there = TestServer::beside_peers().await;
    queue::follow(&there.app).await.expect("it follows");
    assert_eq!(ready(&there).await.0, 200, "one clock");
    assert!(there.app.store.pulse.skew().abs() < 5_000);
    let clock = Clock::manual(there.clock.now());
    let usher = TestServer::beside_peers_at(clock).await;
    // SQLite's clock is the portal's own: there is nothing to compare.
    let (warned, refused) = match is_sqlite(&usher) {
        true => (0, 200),
        false => (1, 503),
    };
    for (ahead, status) in [(20, 200), (40, refused)] {
        usher.advance(Duration::from_secs(20));
        queue::follow(&usher.app).await.expect("it follows");
        let skew = usher.app.store.pulse.skew() / 1000;
        assert!((skew - ahead * warned).abs() <= 3, "{skew}");
        let (found, said) = ready(&usher).await;
        assert_eq!(found, status, "{ahead}: {said}");
    }
}

async fn get(address: SocketAddr, path: &str) -> u16 {
    let url = format!("http://{address}{path}");
    let answer = reqwest::get(url).await.expect("an answer");
    answer.status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_drains_says_so_and_goes_on_answering() {
    let usher = TestServer::configured(&[("USHER_SERVER__DRAIN_SECONDS", "2")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve::until_stopped(usher.app.clone(), listener, stopped));
    assert_eq!(get(address, "/health/live").await, 200);
    stop.send(()).expect("it listens");
    while !usher.app.store.pulse.is_stopping() {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(address, "/health/ready").await, 503);
    assert_eq!(get(address, "/health/live").await, 200);
    assert_eq!(get(address, "/oidc/jwks").await, 200);
    let end = timeout(Duration::from_secs(20), serving).await;
    end.expect("it ends").expect("no panic").expect("well");
}
