//! The users' own choices: an instance of a service, for a while.

use std::collections::BTreeMap;

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{clock::Time, error::Result, id::UserId, model::service::ChosenInstance};

impl Store {
    /// A user's current choices of instance, by service.
    pub async fn overrides(
        &self,
        user: &UserId,
        now: Time,
    ) -> Result<BTreeMap<String, ChosenInstance>> {
        let sql = "select service, instance, expires_at from overrides
                   where user_id = $1 and expires_at > $2";
        let chosen = self.all(sql, &[user, &now], choice).await?;
        Ok(chosen.into_iter().collect())
    }
}

/// Service and instance.
fn choice(row: &Row<'_>) -> Result<(String, ChosenInstance)> {
    let chosen = ChosenInstance {
        slug: row.text("instance")?,
        until: row.time("expires_at")?,
    };
    Ok((row.text("service")?, chosen))
}

impl Tx {
    /// A user's own choice of instance, until a time.
    pub async fn put_override(
        &mut self,
        user: &UserId,
        service: &str,
        instance: &str,
        until: Time,
    ) -> Result<()> {
        self.run(
            "insert into overrides (user_id, service, instance, expires_at)
             values ($1, $2, $3, $4)
             on conflict (user_id, service) do update set instance = excluded.instance,
                 expires_at = excluded.expires_at",
            &[user, &service, &instance, &until],
        )
        .await
    }

    pub async fn delete_override(&mut self, user: &UserId, service: &str) -> Result<()> {
        self.run(
            "delete from overrides where user_id = $1 and service = $2",
            &[user, &service],
        )
        .await
    }
}
