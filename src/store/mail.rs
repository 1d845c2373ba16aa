//! The mails that wait for their server, sealed.

use std::time::Duration;

use super::{
    Store, Tx,
    row::{Columns, none_of},
};
use crate::{clock::Time, error::Result, id::MailId};

/// A claimed mail.
#[derive(Clone, Debug)]
pub struct WaitingMail {
    pub id: MailId,
    pub sealed: String,
    /// The domain it goes to, where that is known.
    pub party: String,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// So often a mail is tried: for half a day.
pub const MOST_TRIES: i64 = 20;

impl Store {
    /// Whether a mail waits; a read, so that idle replicas do not queue for the write lock.
    pub async fn mail_due(&self, now: Time) -> Result<bool> {
        let row = sqlx::query(
            "select id from mails
             where due_at <= $1 and sent_at is null and failures < $2 limit 1",
        )
        .bind(now.millis())
        .bind(MOST_TRIES)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    pub async fn insert_mail(
        &mut self,
        id: &MailId,
        sealed: &str,
        party: &str,
        now: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into mails (id, sealed_message, party, created_at, due_at, failures)
             values ($1, $2, $4, $3, $3, 0)",
        )
        .bind(id.as_str())
        .bind(sealed)
        .bind(now.millis())
        .bind(party)
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Mails that are due and the parties they go to, the longest due first, without those to
    /// these parties.
    pub async fn due_mails(
        &mut self,
        now: Time,
        without: &[String],
        most: i64,
    ) -> Result<Vec<(MailId, String)>> {
        let sql = format!(
            "select id, party from mails
             where due_at <= $1 and sent_at is null and failures < $2 and {}
             order by due_at, id limit $3",
            none_of("party", 4, without.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now.millis())
            .bind(MOST_TRIES)
            .bind(most);
        for party in without {
            query = query.bind(party);
        }
        let rows = query.fetch_all(self.open.connection()).await?;
        rows.iter()
            .map(|row| Ok((MailId::stored(row.text("id")?), row.text("party")?)))
            .collect()
    }

    /// Claims a mail that is due; a replica that dies loses the claim when the lease runs out. The
    /// try counts as failed until it has succeeded.
    pub async fn claim_mail(
        &mut self,
        id: &MailId,
        now: Time,
        lease: Duration,
    ) -> Result<Option<WaitingMail>> {
        let row = sqlx::query(
            "update mails set due_at = $1, failures = failures + 1
             where id = $2 and due_at <= $3 and sent_at is null and failures < $4
             returning id, sealed_message, party, failures",
        )
        .bind((now + lease).millis())
        .bind(id.as_str())
        .bind(now.millis())
        .bind(MOST_TRIES)
        .fetch_optional(self.open.connection())
        .await?;
        row.map(|row| {
            Ok(WaitingMail {
                id: MailId::stored(row.text("id")?),
                sealed: row.text("sealed_message")?,
                party: row.text("party")?,
                tries: row.number("failures")?,
            })
        })
        .transpose()
    }

    /// Nothing that waits for this party is due before `until`.
    pub async fn rest_mails(&mut self, party: &str, until: Time) -> Result<()> {
        sqlx::query(
            "update mails set due_at = $1
             where due_at < $1 and sent_at is null and party = $2",
        )
        .bind(until.millis())
        .bind(party)
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// It is sent; what it said is forgotten.
    pub async fn finish_mail(&mut self, id: &MailId, now: Time) -> Result<()> {
        sqlx::query(
            "update mails set sent_at = $1, sealed_message = '', party = '', last_error = null
             where id = $2",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// It is not sent, and tried again then.
    pub async fn put_back_mail(&mut self, id: &MailId, due: Time, error: &str) -> Result<()> {
        sqlx::query("update mails set due_at = $1, last_error = $2 where id = $3")
            .bind(due.millis())
            .bind(error)
            .bind(id.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }

    /// It will never be sent. The row says why, and no longer what.
    pub async fn give_up_mail(&mut self, id: &MailId, error: &str) -> Result<()> {
        sqlx::query(
            "update mails set failures = $1, sealed_message = '', party = '', last_error = $2
             where id = $3",
        )
        .bind(MOST_TRIES)
        .bind(error)
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
