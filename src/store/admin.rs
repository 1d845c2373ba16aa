//! Who may administer the portal.

use super::{Store, Tx, row::Columns, user::user};
use crate::{clock::Time, error::Result, id::UserId, model::user::User};

impl Store {
    pub async fn admins(&self) -> Result<Vec<User>> {
        let rows = sqlx::query(
            "select id, login, username, name, attributes, mail_verified_at, disabled_at,
                    admin_at from users
             where admin_at is not null order by admin_at, id",
        )
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(user).collect()
    }
}

impl Tx {
    /// Whether there is an admin, read where it is about to be changed.
    pub async fn has_admin(&mut self) -> Result<bool> {
        let row = sqlx::query("select count(*) as many from users where admin_at is not null")
            .fetch_one(self.open.connection())
            .await?;
        Ok(row.number("many")? > 0)
    }

    /// Makes a user an admin (`Some`), or no longer; whether that changed anything.
    pub async fn set_admin(&mut self, id: &UserId, at: Option<Time>) -> Result<bool> {
        let done = sqlx::query(
            "update users set admin_at = $1
             where id = $2 and (case when admin_at is null then 0 else 1 end) <> $3",
        )
        .bind(at.map(Time::millis))
        .bind(id.as_str())
        .bind(i64::from(at.is_some()))
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
