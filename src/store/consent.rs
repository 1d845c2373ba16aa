//! What people allowed applications.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, json},
};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::consent::{Consent, Item},
};

impl Store {
    pub async fn consent(&self, user: &UserId, client: &str) -> Result<Option<Consent>> {
        sqlx::query(
            "select client, items, given_at from consents where user_id = $1 and client = $2",
        )
        .bind(user.as_str())
        .bind(client)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| consent(&row))
        .transpose()
    }

    /// Everything a person has allowed, the latest first.
    pub async fn consents(&self, user: &UserId) -> Result<Vec<Consent>> {
        let rows = sqlx::query(
            "select client, items, given_at from consents where user_id = $1
             order by given_at desc, client",
        )
        .bind(user.as_str())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(consent).collect()
    }
}

impl Tx {
    pub async fn keep_consent(
        &mut self,
        user: &UserId,
        client: &str,
        items: &[Item],
        now: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into consents (user_id, client, items, given_at) values ($1, $2, $3, $4)
             on conflict (user_id, client)
             do update set items = excluded.items, given_at = excluded.given_at",
        )
        .bind(user.as_str())
        .bind(client)
        .bind(json(&items))
        .bind(now.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Takes back what was allowed, and with it whatever the client was given for this person.
    /// Whether there was anything.
    pub async fn withdraw_consent(
        &mut self,
        user: &UserId,
        client: &str,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query("delete from consents where user_id = $1 and client = $2")
            .bind(user.as_str())
            .bind(client)
            .execute(self.open.connection())
            .await?;
        sqlx::query(
            "update grants set revoked_at = $1
             where user_id = $2 and client = $3 and revoked_at is null",
        )
        .bind(now.millis())
        .bind(user.as_str())
        .bind(client)
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn consent(row: &AnyRow) -> Result<Consent> {
    Ok(Consent {
        client: row.text("client")?,
        items: row.json("items")?,
        given_at: row.time("given_at")?,
    })
}
