//! What goes wrong beside us: commits that fail, disks that are full, databases that fall silent or
//! are replaced, files that vanish. Nothing is acknowledged that was not kept, and what was not
//! answered can be asked again.

mod commit;
mod file;
mod full;
mod late;
mod ready;
mod silent;

use sqlx::Executor;

use support::server::TestServer;

async fn run(house: &TestServer, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let mut other = house.connection().await;
    other.execute(sql).await.expect("done");
}
