//! Who may administer the portal.

use super::{
    Store, Tx,
    row::Columns,
    user::{user, user_columns},
};
use crate::{clock::Time, error::Result, id::UserId, model::user::User};

impl Store {
    pub async fn admins(&self) -> Result<Vec<User>> {
        self.all(
            concat!(
                "select ",
                user_columns!(),
                " from users where admin_at is not null order by admin_at, id"
            ),
            &[],
            user,
        )
        .await
    }
}

impl Tx {
    /// Whether there is an admin, read where it is about to be changed.
    pub async fn has_admin(&mut self) -> Result<bool> {
        let sql = "select count(*) as many from users where admin_at is not null";
        self.only(sql, &[], |row| Ok(row.number("many")? > 0)).await
    }

    /// Makes a user an admin (`Some`), or no longer; whether that changed anything.
    pub async fn set_admin(&mut self, id: &UserId, at: Option<Time>) -> Result<bool> {
        self.changes_one(
            "update users set admin_at = $1
             where id = $2 and (case when admin_at is null then 0 else 1 end) <> $3",
            &[&at, id, &at.is_some()],
        )
        .await
    }
}
