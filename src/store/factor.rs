//! Second factors, recovery codes, and pending WebAuthn challenges.

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::Result,
    id::{CeremonyId, FactorId, UserId},
    model::{
        allowance::Write,
        factor::{Factor, FactorKind},
    },
};

/// A factor with its secret.
#[derive(Clone, Debug)]
pub struct StoredFactor {
    pub factor: Factor,
    pub sealed_secret: String,
    /// The credential id of a passkey, base64url.
    pub credential: Option<String>,
}

/// A challenge of ours that awaits its response.
#[derive(Clone, Debug)]
pub struct StoredCeremony {
    pub id: CeremonyId,
    /// The only purpose its response is valid for.
    pub purpose: &'static str,
    /// Whose response it must be: attempt or session, and browser.
    pub subject: String,
    pub sealed_state: String,
    pub expires_at: Time,
}

/// Selects factors; `$rest` is the rest of the statement.
macro_rules! factors {
    ($rest:literal) => {
        concat!(
            "select id, user_id, kind, title, sealed_secret, credential_id, created_at,
                    confirmed_at, used_at
             from factors ",
            $rest
        )
    };
}

impl Store {
    /// The confirmed factors of a user, the most recently used first.
    pub async fn factors(&self, user: &UserId) -> Result<Vec<StoredFactor>> {
        self.all(
            factors!(
                "where user_id = $1 and confirmed_at is not null
             order by coalesce(used_at, confirmed_at) desc, id desc"
            ),
            &[user],
            factor,
        )
        .await
    }

    /// One factor, confirmed or not.
    pub async fn factor(&self, id: &FactorId) -> Result<Option<StoredFactor>> {
        self.one(factors!("where id = $1"), &[id], factor).await
    }

    /// The passkey an authenticator names.
    pub async fn factor_by_credential(&self, credential: &str) -> Result<Option<StoredFactor>> {
        self.one(
            factors!("where credential_id = $1 and confirmed_at is not null"),
            &[&credential],
            factor,
        )
        .await
    }

    /// The providers of a user, and when one of them last vouched for them.
    pub async fn vouched_by(&self, user: &UserId) -> Result<Vec<(String, Time)>> {
        self.all(
            "select e.provider, u.refreshed_at
             from external_identities e join users u on u.id = e.user_id where u.id = $1",
            &[user],
            |row| Ok((row.text("provider")?, row.time("refreshed_at")?)),
        )
        .await
    }

    /// How many recovery codes a user has left.
    pub async fn recovery_codes_left(&self, user: &UserId) -> Result<i64> {
        let sql = "select count(*) as codes from recovery_codes
             where user_id = $1 and used_at is null";
        self.only(sql, &[user], |row| row.number("codes")).await
    }
}

impl Tx {
    /// Keeps a factor; false if its passkey is registered already.
    pub async fn insert_factor(&mut self, stored: &StoredFactor) -> Result<bool> {
        let factor = &stored.factor;
        self.changes_one(
            "insert into factors (id, user_id, kind, title, sealed_secret, credential_id,
                 created_at, confirmed_at, used_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (credential_id) do nothing",
            &[
                &factor.id,
                &factor.user,
                &factor.kind.as_str(),
                &factor.title,
                &stored.sealed_secret,
                &stored.credential,
                &factor.created_at,
                &factor.confirmed_at,
                &factor.used_at,
            ],
        )
        .await
    }

    /// Deletes the enrolments a user started and did not complete.
    pub async fn delete_unconfirmed_factors(&mut self, user: &UserId) -> Result<()> {
        self.run(
            "delete from factors where user_id = $1 and confirmed_at is null",
            &[user],
        )
        .await
    }

    /// The factor was proved for the first time, with the code of this step; whether this call was
    /// the one that recorded it.
    pub async fn confirm_factor(&mut self, id: &FactorId, step: i64, now: Time) -> Result<bool> {
        self.changes_one(
            "update factors set confirmed_at = $1, used_at = $1, last_step = $2
             where id = $3 and confirmed_at is null",
            &[&now, &step, id],
        )
        .await
    }

    /// Uses the code of a time step up, and with it all earlier ones (RFC 6238 section 5.2);
    /// whether this call was the one that did.
    pub async fn take_step(&mut self, id: &FactorId, step: i64, now: Time) -> Result<bool> {
        self.changes_one(
            "update factors set last_step = $1, used_at = $2
             where id = $3 and confirmed_at is not null
               and (last_step is null or last_step < $1)",
            &[&step, &now, id],
        )
        .await
    }

    /// The passkey was used: its counter is the authenticator's. False if it has changed since it
    /// was read, or was removed.
    pub async fn use_passkey(
        &mut self,
        before: &StoredFactor,
        sealed_secret: &str,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update factors set sealed_secret = $1, used_at = $2
             where id = $3 and sealed_secret = $4",
            &[
                &sealed_secret,
                &now,
                &before.factor.id,
                &before.sealed_secret,
            ],
        )
        .await
    }

    pub async fn rename_factor(
        &mut self,
        id: &FactorId,
        user: &UserId,
        title: &str,
    ) -> Result<bool> {
        self.changes_one(
            "update factors set title = $1
             where id = $2 and user_id = $3 and confirmed_at is not null",
            &[&title, id, user],
        )
        .await
    }

    pub async fn delete_factor(&mut self, id: &FactorId, user: &UserId) -> Result<bool> {
        self.changes_one(
            "delete from factors where id = $1 and user_id = $2 and confirmed_at is not null",
            &[id, user],
        )
        .await
    }

    /// Replaces a user's recovery codes.
    pub async fn put_recovery_codes(
        &mut self,
        user: &UserId,
        hashes: &[String],
        now: Time,
    ) -> Result<()> {
        self.run("delete from recovery_codes where user_id = $1", &[user])
            .await?;
        for hash in hashes {
            self.run(
                "insert into recovery_codes (user_id, code_hash, created_at) values ($1, $2, $3)",
                &[user, hash, &now],
            )
            .await?;
        }
        Ok(())
    }

    /// Without a factor there is nothing to recover: deletes the codes of users without one.
    pub async fn delete_idle_recovery_codes(&mut self, user: &UserId) -> Result<()> {
        self.run(
            "delete from recovery_codes where user_id = $1 and not exists
                 (select 1 from factors where user_id = $1 and confirmed_at is not null)",
            &[user],
        )
        .await
    }

    /// Uses a recovery code up; whether this call was the one that did.
    pub async fn take_recovery_code(
        &mut self,
        user: &UserId,
        hash: &str,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update recovery_codes set used_at = $1
             where user_id = $2 and code_hash = $3 and used_at is null",
            &[&now, user, &hash],
        )
        .await
    }

    pub async fn insert_ceremony(
        &mut self,
        _write: &Write,
        ceremony: &StoredCeremony,
    ) -> Result<()> {
        self.run(
            "insert into ceremonies (id, purpose, subject, sealed_state, expires_at)
             values ($1, $2, $3, $4, $5)",
            &[
                &ceremony.id,
                &ceremony.purpose,
                &ceremony.subject,
                &ceremony.sealed_state,
                &ceremony.expires_at,
            ],
        )
        .await
    }

    /// Uses a challenge up and returns it, once, for its own purpose and subject.
    pub async fn take_ceremony(
        &mut self,
        id: &CeremonyId,
        purpose: &str,
        subject: &str,
        now: Time,
    ) -> Result<Option<String>> {
        self.one(
            "update ceremonies set consumed_at = $1
             where id = $2 and purpose = $3 and subject = $4 and consumed_at is null
               and expires_at > $1
             returning sealed_state",
            &[&now, id, &purpose, &subject],
            |row| row.text("sealed_state"),
        )
        .await
    }
}

fn factor(row: &Row<'_>) -> Result<StoredFactor> {
    Ok(StoredFactor {
        factor: Factor {
            id: row.id("id")?,
            user: row.id("user_id")?,
            kind: FactorKind::stored(row.text("kind")?),
            title: row.text("title")?,
            created_at: row.time("created_at")?,
            confirmed_at: row.maybe_time("confirmed_at")?,
            used_at: row.maybe_time("used_at")?,
        },
        sealed_secret: row.text("sealed_secret")?,
        credential: row.maybe_text("credential_id")?,
    })
}
