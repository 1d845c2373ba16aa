//! The consents of users to applications.

use super::{
    Store, Tx,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::consent::{Consent, ConsentParty},
};

/// Selects consents; `$rest` is the rest of the statement.
macro_rules! consents {
    ($rest:literal) => {
        concat!(
            "select client, host, title, items, given_at from consents ",
            $rest
        )
    };
}

impl Store {
    /// The consents of a user to one client, by host.
    pub async fn consents_for(&self, user: &UserId, client: &str) -> Result<Vec<Consent>> {
        self.all(
            consents!("where user_id = $1 and client = $2"),
            &[user, &client],
            consent,
        )
        .await
    }

    /// All consents of a user, the latest first.
    pub async fn consents(&self, user: &UserId) -> Result<Vec<Consent>> {
        self.all(
            consents!("where user_id = $1 order by given_at desc, client, host"),
            &[user],
            consent,
        )
        .await
    }
}

impl Tx {
    /// Replaces the consent of the user to this client for the same host.
    pub async fn keep_consent(&mut self, user: &UserId, given: &Consent) -> Result<()> {
        self.run(
            "insert into consents (user_id, client, host, title, items, given_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (user_id, client, host)
             do update set title = excluded.title, items = excluded.items,
                 given_at = excluded.given_at",
            &[
                user,
                &given.client,
                &given.party.host,
                &given.party.title,
                &Json(&given.items),
                &given.given_at,
            ],
        )
        .await
    }

    /// Revokes a consent, and everything the client was given for this user. Returns whether there
    /// was one.
    pub async fn withdraw_consent(
        &mut self,
        user: &UserId,
        client: &str,
        now: Time,
    ) -> Result<bool> {
        let sql = "delete from consents where user_id = $1 and client = $2";
        let taken = self.changed(sql, &[user, &client]).await?;
        self.run(
            "update grants set revoked_at = $1
             where user_id = $2 and client = $3 and revoked_at is null",
            &[&now, user, &client],
        )
        .await?;
        Ok(taken > 0)
    }

    /// Revokes all consents to this client, and everything it was given by them.
    pub async fn void_consents(&mut self, client: &str, now: Time) -> Result<()> {
        self.run("delete from consents where client = $1", &[&client])
            .await?;
        for sql in [
            "update grants set revoked_at = $2 where client = $1 and revoked_at is null",
            "update access_tokens set revoked_at = $2 where client = $1 and revoked_at is null",
        ] {
            self.run(sql, &[&client, &now]).await?;
        }
        Ok(())
    }
}

fn consent(row: &Row<'_>) -> Result<Consent> {
    Ok(Consent {
        client: row.text("client")?,
        party: ConsentParty {
            host: row.text("host")?,
            title: row.text("title")?,
        },
        items: row.json("items")?,
        given_at: row.time("given_at")?,
    })
}
