//! The database of a portal under test: locked, cut off, counted.

use sqlx::{AnyConnection, Executor};

use super::server::TestServer;

pub fn is_sqlite(usher: &TestServer) -> bool {
    usher.database.starts_with("sqlite:")
}

/// Another connection holds the lock that every write needs.
pub async fn locked(usher: &TestServer) -> AnyConnection {
    let mut other = usher.connection().await;
    let lock = if is_sqlite(usher) {
        "begin exclusive"
    } else {
        "begin; lock table launches, grants, attempts, sessions, events, throttles
         in exclusive mode"
    };
    other.execute(lock).await.expect("the lock");
    other
}

pub async fn released(mut other: AnyConnection) {
    other.execute("rollback").await.expect("released");
}

/// PostgreSQL: every connection of the portal is lost. SQLite: the file is rewritten while it is
/// open.
pub async fn cut(usher: &TestServer) {
    let mut other = usher.connection().await;
    let all = if is_sqlite(usher) {
        "pragma wal_checkpoint(truncate); vacuum;"
    } else {
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()"
    };
    other.execute(all).await.expect("cut");
}

/// How many rows there are that requests could have made.
pub async fn rows(usher: &TestServer) -> usize {
    let mut rows = 0;
    for sql in [
        "select id from attempts",
        "select id from pending_requests",
        "select id from launches",
        "select name from replays",
        "select state_hash from upstream_requests",
        "select id from ceremonies",
        "select uri_hash from pushed_requests",
        "select id from mails",
        "select id from events",
        "select name from throttles",
        "select id from browser_states",
    ] {
        rows += usher.column(sql).await.len();
    }
    rows
}
