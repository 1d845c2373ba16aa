//! Second factors, recovery codes, and the WebAuthn challenges that are under way.

use sqlx::any::AnyRow;

use super::{Store, Tx, row::Columns};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{CeremonyId, FactorId, UserId},
    model::{
        allowance::Write,
        factor::{Factor, FactorKind},
    },
};

/// A factor with what checks it.
#[derive(Clone, Debug)]
pub struct StoredFactor {
    pub factor: Factor,
    pub sealed_secret: String,
    /// How authenticators name a passkey, base64url.
    pub credential: Option<String>,
}

/// A challenge of ours that awaits its answer.
#[derive(Clone, Debug)]
pub struct StoredCeremony {
    pub id: CeremonyId,
    /// The only purpose its answer is valid for.
    pub purpose: &'static str,
    /// Whose answer it must be: attempt or session, and browser.
    pub subject: String,
    pub sealed_state: String,
    pub expires_at: Time,
}

impl Store {
    /// The factors of a person that have worked once, the last used first.
    pub async fn factors(&self, user: &UserId) -> Result<Vec<StoredFactor>> {
        let rows = sqlx::query(
            "select id, user_id, kind, title, sealed_secret, credential_id, created_at,
                    confirmed_at, used_at
             from factors where user_id = $1 and confirmed_at is not null
             order by coalesce(used_at, confirmed_at) desc, id desc",
        )
        .bind(user.as_str())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(factor).collect()
    }

    /// One factor, confirmed or not.
    pub async fn factor(&self, id: &FactorId) -> Result<Option<StoredFactor>> {
        sqlx::query(
            "select id, user_id, kind, title, sealed_secret, credential_id, created_at,
                    confirmed_at, used_at
             from factors where id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| factor(&row))
        .transpose()
    }

    /// The passkey an authenticator names.
    pub async fn factor_by_credential(&self, credential: &str) -> Result<Option<StoredFactor>> {
        sqlx::query(
            "select id, user_id, kind, title, sealed_secret, credential_id, created_at,
                    confirmed_at, used_at
             from factors where credential_id = $1 and confirmed_at is not null",
        )
        .bind(credential)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| factor(&row))
        .transpose()
    }

    /// The providers a person came by, and when one of them last vouched for them.
    pub async fn vouched_by(&self, user: &UserId) -> Result<Vec<(String, Time)>> {
        let rows = sqlx::query(
            "select e.provider, u.refreshed_at
             from external_identities e join users u on u.id = e.user_id where u.id = $1",
        )
        .bind(user.as_str())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter()
            .map(|row| Ok((row.text("provider")?, row.time("refreshed_at")?)))
            .collect()
    }

    /// How many recovery codes a person has left.
    pub async fn recovery_codes_left(&self, user: &UserId) -> Result<i64> {
        let row = sqlx::query(
            "select count(*) as codes from recovery_codes
             where user_id = $1 and used_at is null",
        )
        .bind(user.as_str())
        .fetch_one(&mut *self.read.acquire().await?)
        .await?;
        row.number("codes")
    }
}

impl Tx {
    /// Keeps a factor; false if its passkey is registered already.
    pub async fn insert_factor(&mut self, stored: &StoredFactor) -> Result<bool> {
        let factor = &stored.factor;
        let done = sqlx::query(
            "insert into factors (id, user_id, kind, title, sealed_secret, credential_id,
                 created_at, confirmed_at, used_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (credential_id) do nothing",
        )
        .bind(factor.id.as_str())
        .bind(factor.user.as_str())
        .bind(factor.kind.as_str())
        .bind(&factor.title)
        .bind(&stored.sealed_secret)
        .bind(stored.credential.as_deref())
        .bind(factor.created_at.millis())
        .bind(factor.confirmed_at.map(Time::millis))
        .bind(factor.used_at.map(Time::millis))
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets the enrolments a person began and did not end.
    pub async fn delete_unconfirmed_factors(&mut self, user: &UserId) -> Result<()> {
        sqlx::query("delete from factors where user_id = $1 and confirmed_at is null")
            .bind(user.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }

    /// The factor has worked for the first time, with the code of this step; whether this call
    /// was the one that said so.
    pub async fn confirm_factor(&mut self, id: &FactorId, step: i64, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "update factors set confirmed_at = $1, used_at = $1, last_step = $2
             where id = $3 and confirmed_at is null",
        )
        .bind(now.millis())
        .bind(step)
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses the code of a time step up, and with it all earlier ones (RFC 6238 section 5.2);
    /// whether this call was the one that did.
    pub async fn take_step(&mut self, id: &FactorId, step: i64, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "update factors set last_step = $1, used_at = $2
             where id = $3 and confirmed_at is not null
               and (last_step is null or last_step < $1)",
        )
        .bind(step)
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The passkey was used: its counter is what the authenticator said. False if it has changed
    /// since it was read, or is gone.
    pub async fn use_passkey(
        &mut self,
        before: &StoredFactor,
        sealed_secret: &str,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update factors set sealed_secret = $1, used_at = $2
             where id = $3 and sealed_secret = $4",
        )
        .bind(sealed_secret)
        .bind(now.millis())
        .bind(before.factor.id.as_str())
        .bind(&before.sealed_secret)
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn rename_factor(
        &mut self,
        id: &FactorId,
        user: &UserId,
        title: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update factors set title = $1
             where id = $2 and user_id = $3 and confirmed_at is not null",
        )
        .bind(title)
        .bind(id.as_str())
        .bind(user.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn delete_factor(&mut self, id: &FactorId, user: &UserId) -> Result<bool> {
        let done = sqlx::query(
            "delete from factors where id = $1 and user_id = $2 and confirmed_at is not null",
        )
        .bind(id.as_str())
        .bind(user.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a person these codes instead of those they had.
    pub async fn put_recovery_codes(
        &mut self,
        user: &UserId,
        hashes: &[String],
        now: Time,
    ) -> Result<()> {
        sqlx::query("delete from recovery_codes where user_id = $1")
            .bind(user.as_str())
            .execute(self.open.connection())
            .await?;
        for hash in hashes {
            sqlx::query(
                "insert into recovery_codes (user_id, code_hash, created_at) values ($1, $2, $3)",
            )
            .bind(user.as_str())
            .bind(hash)
            .bind(now.millis())
            .execute(self.open.connection())
            .await?;
        }
        Ok(())
    }

    /// Without a factor there is nothing to recover: the codes of who has none left go.
    pub async fn delete_idle_recovery_codes(&mut self, user: &UserId) -> Result<()> {
        sqlx::query(
            "delete from recovery_codes where user_id = $1 and not exists
                 (select 1 from factors where user_id = $1 and confirmed_at is not null)",
        )
        .bind(user.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Uses a recovery code up; whether this call was the one that did.
    pub async fn take_recovery_code(
        &mut self,
        user: &UserId,
        hash: &str,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update recovery_codes set used_at = $1
             where user_id = $2 and code_hash = $3 and used_at is null",
        )
        .bind(now.millis())
        .bind(user.as_str())
        .bind(hash)
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn insert_ceremony(
        &mut self,
        _write: &Write,
        ceremony: &StoredCeremony,
    ) -> Result<()> {
        sqlx::query(
            "insert into ceremonies (id, purpose, subject, sealed_state, expires_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(ceremony.id.as_str())
        .bind(ceremony.purpose)
        .bind(&ceremony.subject)
        .bind(&ceremony.sealed_state)
        .bind(ceremony.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Uses a challenge up and returns what it was, once, for its own purpose and subject.
    pub async fn take_ceremony(
        &mut self,
        id: &CeremonyId,
        purpose: &str,
        subject: &str,
        now: Time,
    ) -> Result<Option<String>> {
        let row = sqlx::query(
            "update ceremonies set consumed_at = $1
             where id = $2 and purpose = $3 and subject = $4 and consumed_at is null
               and expires_at > $1
             returning sealed_state",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .bind(purpose)
        .bind(subject)
        .fetch_optional(self.open.connection())
        .await?;
        row.map(|row| row.text("sealed_state")).transpose()
    }
}

fn factor(row: &AnyRow) -> Result<StoredFactor> {
    let kind = row.text("kind")?;
    let unknown = || Error::Internal(format!("a factor of an unknown kind \"{kind}\""));
    Ok(StoredFactor {
        factor: Factor {
            id: FactorId::stored(row.text("id")?),
            user: UserId::stored(row.text("user_id")?),
            kind: FactorKind::parse(&kind).ok_or_else(unknown)?,
            title: row.text("title")?,
            created_at: row.time("created_at")?,
            confirmed_at: row.maybe_time("confirmed_at")?,
            used_at: row.maybe_time("used_at")?,
        },
        sealed_secret: row.text("sealed_secret")?,
        credential: row.maybe_text("credential_id")?,
    })
}
