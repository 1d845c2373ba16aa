//! The records of mails: those that wait for their server, sealed, and those that were sent. When a
//! mail is tried is determined by its job, which has the mail's id.

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result, id::MailId};

impl Store {
    /// The sealed mail; `None` if it was sent or abandoned.
    pub async fn waiting_mail(&self, id: &MailId) -> Result<Option<String>> {
        self.one(
            "select sealed_message from mails
             where id = $1 and sent_at is null and sealed_message <> ''",
            &[id],
            |row| row.text("sealed_message"),
        )
        .await
    }

    /// Whether a replica of the previous version has queued a mail that has no job yet.
    pub async fn has_unscheduled_mails(&self) -> Result<bool> {
        self.exists(
            "select id from mails where due_at is not null and sent_at is null limit 1",
            &[],
        )
        .await
    }
}

impl Tx {
    pub async fn insert_mail(&mut self, id: &MailId, sealed: &str, now: Time) -> Result<()> {
        self.run(
            "insert into mails (id, sealed_message, created_at) values ($1, $2, $3)",
            &[id, &sealed, &now],
        )
        .await
    }

    /// Queues a job for each mail that has none.
    pub async fn schedule_mails(&mut self) -> Result<()> {
        self.run(
            "insert into jobs (id, kind, key, payload, due_at, tries, created_at)
             select id, 'mail', party, id, due_at, failures, created_at from mails
             where due_at is not null and sent_at is null
             on conflict (id) do nothing",
            &[],
        )
        .await?;
        self.run(
            "update mails set due_at = null where due_at is not null and sent_at is null
                 and exists (select 1 from jobs j where j.id = mails.id)",
            &[],
        )
        .await
    }

    /// It is sent; its content is deleted.
    pub async fn finish_mail(&mut self, id: &MailId, now: Time) -> Result<()> {
        self.run(
            "update mails set sent_at = $1, sealed_message = '', party = '' where id = $2",
            &[&now, id],
        )
        .await
    }

    /// It will never be sent; its content is deleted.
    pub async fn give_up_mail(&mut self, id: &MailId) -> Result<()> {
        self.run(
            "update mails set sealed_message = '', party = '' where id = $1",
            &[id],
        )
        .await
    }
}
