//! Failures around us: commits that fail, disks that are full, databases that do not respond or are
//! replaced, files that vanish. Nothing is acknowledged that was not stored, and what was not
//! answered can be requested again.

mod commit;
mod file;
mod full;
mod late;
mod ready;
mod silent;

use sqlx::Executor;

use support::server::TestServer;

async fn run(usher: &TestServer, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let mut other = usher.connection().await;
    other.execute(sql).await.expect("done");
}
