//! The consents of users to applications.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, json},
};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::consent::{Consent, ConsentParty},
};

impl Store {
    /// The consents of a user to one client, by host.
    pub async fn consents_for(&self, user: &UserId, client: &str) -> Result<Vec<Consent>> {
        let rows = sqlx::query(
            "select client, host, title, items, given_at from consents
             where user_id = $1 and client = $2",
        )
        .bind(user.as_str())
        .bind(client)
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(consent).collect()
    }

    /// All consents of a user, the latest first.
    pub async fn consents(&self, user: &UserId) -> Result<Vec<Consent>> {
        let rows = sqlx::query(
            "select client, host, title, items, given_at from consents where user_id = $1
             order by given_at desc, client, host",
        )
        .bind(user.as_str())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(consent).collect()
    }
}

impl Tx {
    /// Replaces the consent of the user to this client for the same host.
    pub async fn keep_consent(&mut self, user: &UserId, given: &Consent) -> Result<()> {
        sqlx::query(
            "insert into consents (user_id, client, host, title, items, given_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (user_id, client, host)
             do update set title = excluded.title, items = excluded.items,
                 given_at = excluded.given_at",
        )
        .bind(user.as_str())
        .bind(&given.client)
        .bind(&given.asker.host)
        .bind(&given.asker.title)
        .bind(json(&given.items))
        .bind(given.given_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Revokes a consent, and everything the client was given for this user. Returns whether there
    /// was one.
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
        Ok(done.rows_affected() > 0)
    }

    /// Revokes all consents to this client, and everything it was given by them.
    pub async fn void_consents(&mut self, client: &str, now: Time) -> Result<()> {
        sqlx::query("delete from consents where client = $1")
            .bind(client)
            .execute(self.open.connection())
            .await?;
        for sql in [
            "update grants set revoked_at = $2 where client = $1 and revoked_at is null",
            "update access_tokens set revoked_at = $2 where client = $1 and revoked_at is null",
        ] {
            sqlx::query(sql)
                .bind(client)
                .bind(now.millis())
                .execute(self.open.connection())
                .await?;
        }
        Ok(())
    }
}

fn consent(row: &AnyRow) -> Result<Consent> {
    Ok(Consent {
        client: row.text("client")?,
        asker: ConsentParty {
            host: row.text("host")?,
            title: row.text("title")?,
        },
        items: row.json("items")?,
        given_at: row.time("given_at")?,
    })
}
