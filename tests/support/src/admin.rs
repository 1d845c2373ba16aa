//! Admins of a portal under test.

use super::server::TestServer;

/// Gives the user with this login name every permission.
pub async fn make_admin(usher: &TestServer, login: &str) {
    let sql = "update users set admin_at = 1 where login = $1";
    let done = sqlx::query(sql)
        .bind(login)
        .execute(&mut usher.connection().await)
        .await;
    assert_eq!(done.expect("written").rows_affected(), 1);
}
