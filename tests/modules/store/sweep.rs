//! The sweep by itself: that it reads no whole table, and holds the write lock for one portion
//! only.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor, Row};
use usher::{
    clock::Time,
    queue,
    store::{Before, Swept, sweep_statements},
};

use super::{DAY, HOUR, MINUTE, SECOND, TestStore};
use support::server::TestServer;

pub fn before(now: Time, records: Duration, trail: Duration) -> Before {
    Before {
        now,
        records: now - records,
        trail: now - trail,
    }
}

/// How many rows go.
pub async fn swept(usher: &TestServer, before: Before) -> u64 {
    let swept = usher.app.store.sweep(&before).await.expect("swept");
    assert!(!swept.is_partial);
    swept.rows
}

#[tokio::test]
async fn no_statement_of_the_sweep_reads_a_whole_table() {
    let usher = TestServer::open().await;
    let statements = sweep_statements();
    assert!(statements.len() > 50, "{}", statements.len());
    let statements: Vec<String> = statements
        .iter()
        .map(|sql| sql.replace("$1", "1795000000000"))
        .collect();
    reads_no_whole_table(&usher, &statements).await;
}

/// By the query plans of statements without parameters.
pub async fn reads_no_whole_table(usher: &TestServer, statements: &[String]) {
    let mut connection = usher.connection().await;
    let is_sqlite = usher.database.starts_with("sqlite:");
    if !is_sqlite {
        let set = connection.execute("set enable_seqscan = off").await;
        set.expect("a setting");
    }
    let (explain, whole) = match is_sqlite {
        true => ("explain query plan", "SCAN "),
        false => ("explain", "Seq Scan"),
    };
    for sql in statements {
        let asked = format!("{explain} {sql}");
        let rows = sqlx::query(AssertSqlSafe(asked)).fetch_all(&mut connection);
        let rows = rows.await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        for row in rows {
            let at = if is_sqlite { 3 } else { 0 };
            let step: String = row.try_get(at).expect("a text");
            assert!(!step.contains(whole), "{sql}\n  {step}");
        }
    }
}

async fn expired_attempts(cellar: &TestStore, count: usize) {
    let mut connection = cellar.usher.connection().await;
    for at in (0..count).step_by(500) {
        let rows: Vec<String> = (at..count.min(at + 500))
            .map(|n| format!("('att_{n}', 'b', 'a', 5)"))
            .collect();
        let sql = format!(
            "insert into attempts (id, browser_hash, after_text, expires_at) values {}",
            rows.join(",")
        );
        let done = connection.execute(AssertSqlSafe(sql)).await;
        done.expect("rows");
    }
}

#[tokio::test]
async fn portions_take_all_that_has_expired() {
    let cellar = TestStore::open().await;
    expired_attempts(&cellar, 2_345).await;
    let before = before(cellar.now(), DAY, DAY);
    assert_eq!(swept(&cellar.usher, before).await, 2_345);
    assert_eq!(swept(&cellar.usher, before).await, 0);
}

/// A week of anonymous rows is no reason to hold the lock for longer than one portion: the rest
/// waits for the next run, which is soon.
#[tokio::test]
async fn a_mountain_is_taken_in_several_runs() {
    let cellar = TestStore::open().await;
    expired_attempts(&cellar, 125_000).await;
    let before = before(cellar.now(), DAY, DAY);
    let first = cellar.store.sweep(&before).await.expect("swept");
    assert_eq!(
        first,
        Swept {
            rows: 100_000,
            is_partial: true
        }
    );
    cellar.usher.advance(HOUR);
    for _ in 0..2 {
        queue::round(&cellar.usher.app).await.expect("a round");
        cellar.usher.advance(2 * SECOND);
    }
    let left = cellar.usher.column("select id from attempts").await;
    assert!(left.is_empty(), "{}", left.len());
    cellar.usher.advance(MINUTE);
}

/// An admission behind a gateway is deleted with the session, and so are the parties it identified
/// the user to.
#[tokio::test]
async fn what_hangs_on_a_session_goes_with_it() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let mut connection = cellar.usher.connection().await;
    for sql in [
        format!(
            "insert into forward_auth_sessions (token_hash, session_id, service, instance, path, created_at)
             values ('h', '{0}', 's', 'i', '/', 1)",
            session.id
        ),
        format!(
            "insert into party_sessions (session_id, kind, party, subject, started_at)
             values ('{0}', 'gate', 's', 'i', 1)",
            session.id
        ),
    ] {
        let done = connection.execute(AssertSqlSafe(sql)).await;
        done.expect("a row");
    }
    cellar.usher.advance(DAY);
    swept(&cellar.usher, before(cellar.now(), 30 * DAY, 90 * DAY)).await;
    let hanging = "select session_id from forward_auth_sessions union all
                   select session_id from party_sessions";
    assert_eq!(cellar.usher.column(hanging).await.len(), 2);
    cellar.usher.advance(60 * DAY);
    swept(&cellar.usher, before(cellar.now(), 30 * DAY, 90 * DAY)).await;
    assert!(cellar.usher.column(hanging).await.is_empty());
}
