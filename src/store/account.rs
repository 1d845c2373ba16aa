//! Local accounts as their holders use them: found when a password is forgotten, given a new one,
//! made by hand.

use sqlx::any::AnyRow;

use super::{
    LocalAccount, Store, Tx,
    row::{Columns, json},
    user::{like, user},
};
use crate::{
    clock::Time,
    error::Result,
    id::{SessionId, UserId},
    model::user::User,
};

/// A local account, and who wrote it.
#[derive(Clone, Debug)]
pub struct Account {
    pub account: LocalAccount,
    /// This account is from the catalogue, its mail address included.
    pub seeded: bool,
}

/// A user who signs in with a local account.
#[derive(Clone, Debug)]
pub struct AccountHolder {
    pub user: User,
    /// The slug of the local provider they came by.
    pub provider: String,
    /// Since when we know that the address among their attributes is theirs.
    pub mail_verified_at: Option<Time>,
    pub second_factor: bool,
}

/// A user whose password is kept elsewhere.
#[derive(Clone, Debug)]
pub struct OtherProviderUser {
    pub user: User,
    /// What their provider calls itself.
    pub provider: String,
}

impl Store {
    pub async fn account_of_subject(&self, subject: &str) -> Result<Option<Account>> {
        sqlx::query(
            "select login, subject, name, attributes, password_hash, disabled_at, owner
             from local_accounts where subject = $1",
        )
        .bind(subject)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| account(&row))
        .transpose()
    }

    /// The account of a person's, if they have one, and the slug of the provider it is used by.
    pub async fn account_of_user(&self, id: &UserId) -> Result<Option<(String, Account)>> {
        let row = sqlx::query(
            "select a.login, a.subject, a.name, a.attributes, a.password_hash, a.disabled_at,
                    a.owner, e.provider
             from external_identities e
             join identity_providers p on p.slug = e.provider and p.kind = 'local'
             join local_accounts a on a.subject = e.subject
             where e.user_id = $1 order by e.linked_at, e.provider limit 1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.text("provider")?, account(&row)?)))
    }

    /// The accounts a user may mean who types a name or a mail address.
    pub async fn accounts_meant(&self, typed: &str) -> Result<Vec<Account>> {
        let rows = sqlx::query(
            "select login, subject, name, attributes, password_hash, disabled_at, owner
             from local_accounts where login = $1 or lower(attributes) like $2 escape '\\'
             order by login limit 20",
        )
        .bind(typed)
        .bind(quoted(typed))
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        let accounts: Result<Vec<Account>> = rows.iter().map(account).collect();
        let meant = |one: &Account| {
            let mail = one.account.mail();
            one.account.login == typed || mail.is_some_and(|mail| mail.to_lowercase() == typed)
        };
        Ok(accounts?.into_iter().filter(meant).collect())
    }

    /// Users of other providers that may be meant by a typed name or mail address.
    pub async fn strangers_meant(&self, typed: &str) -> Result<Vec<OtherProviderUser>> {
        let rows = sqlx::query(
            "select u.id, u.login, u.username, u.name, u.attributes, u.mail_verified_at, u.disabled_at,
                    u.admin_at, p.title
             from users u join external_identities e on e.user_id = u.id
             join identity_providers p on p.slug = e.provider and p.kind <> 'local'
             where lower(u.login) = $1 or lower(u.attributes) like $2 escape '\\'
             order by u.id, p.slug limit 20",
        )
        .bind(typed)
        .bind(quoted(typed))
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let user = user(row)?;
            let mail = user.attributes.first("mail").map(str::to_lowercase);
            if user.login.to_lowercase() == typed || mail.as_deref() == Some(typed) {
                let provider = row.text("title")?;
                found.push(OtherProviderUser { user, provider });
            }
        }
        Ok(found)
    }

    /// Those who sign in with a local account.
    pub async fn holders(&self, subject: &str) -> Result<Vec<AccountHolder>> {
        let rows = sqlx::query(
            "select u.id, u.login, u.username, u.name, u.attributes, u.mail_verified_at, u.disabled_at,
                    u.admin_at, e.provider,
                    (select min(f.confirmed_at) from factors f where f.user_id = u.id) as factor_at
             from external_identities e
             join identity_providers p on p.slug = e.provider and p.kind = 'local'
             join users u on u.id = e.user_id
             where e.subject = $1 order by u.id",
        )
        .bind(subject)
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(holder).collect()
    }

    /// The first local provider that people can use.
    pub async fn local_provider(&self) -> Result<Option<String>> {
        let row = sqlx::query(
            "select slug from identity_providers where kind = 'local' and disabled_at is null
             order by position, slug limit 1",
        )
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        row.map(|row| row.text("slug")).transpose()
    }
}

impl Tx {
    /// Gives an account another password, if it still has the one with the old hash. From then on
    /// the catalogue no longer decides on it.
    pub async fn change_password(
        &mut self,
        subject: &str,
        old_hash: &str,
        new_hash: &str,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update local_accounts set password_hash = $1, changed_at = $2,
                 owner = case when owner = 'seed' then 'seed-but-password' else owner end
             where subject = $3 and password_hash = $4 and disabled_at is null",
        )
        .bind(new_hash)
        .bind(now.millis())
        .bind(subject)
        .bind(old_hash)
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A new account; false if the login is taken.
    pub async fn insert_account(&mut self, account: &LocalAccount, now: Time) -> Result<bool> {
        let done = sqlx::query(
            "insert into local_accounts
                 (login, subject, name, attributes, password_hash, changed_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (login) do nothing",
        )
        .bind(&account.login)
        .bind(&account.subject)
        .bind(&account.name)
        .bind(json(&account.attributes))
        .bind(&account.password_hash)
        .bind(now.millis())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The address among a person's attributes is theirs.
    pub async fn verify_mail(&mut self, user: &UserId, now: Time) -> Result<()> {
        sqlx::query("update users set mail_verified_at = $1 where id = $2")
            .bind(now.millis())
            .bind(user.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }

    /// A local provider that is in no seed, last in order; false if the slug is taken.
    pub async fn insert_local_provider(
        &mut self,
        slug: &str,
        title: &str,
        sealed_settings: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into identity_providers (slug, kind, title, sealed_settings, position)
             values ($1, 'local', $2, $3,
                 (select coalesce(max(position), 0) + 1 from identity_providers))
             on conflict (slug) do nothing",
        )
        .bind(slug)
        .bind(title)
        .bind(sealed_settings)
        .execute(self.open.connection())
        .await?;
        if done.rows_affected() == 1 {
            self.bump_catalog().await?;
        }
        Ok(done.rows_affected() == 1)
    }

    /// Ends a person's sessions but this one, and their trust in devices.
    pub async fn end_other_sessions(
        &mut self,
        user: &UserId,
        kept: &SessionId,
        now: Time,
    ) -> Result<()> {
        self.delete_trusted_devices(user).await?;
        sqlx::query(
            "update sessions set ended_at = $1
             where user_id = $2 and id <> $3 and ended_at is null",
        )
        .bind(now.millis())
        .bind(user.as_str())
        .bind(kept.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}

/// Matches the JSON of attributes that hold this value, among others: the reader looks closely.
fn quoted(value: &str) -> String {
    format!("%\"{}\"%", like(value))
}

fn account(row: &AnyRow) -> Result<Account> {
    let owner = row.maybe_text("owner")?;
    Ok(Account {
        account: LocalAccount {
            login: row.text("login")?,
            subject: row.text("subject")?,
            name: row.text("name")?,
            attributes: row.json("attributes")?,
            password_hash: row.text("password_hash")?,
            disabled_at: row.maybe_time("disabled_at")?,
        },
        seeded: owner.is_some_and(|owner| owner.starts_with("seed")),
    })
}

fn holder(row: &AnyRow) -> Result<AccountHolder> {
    Ok(AccountHolder {
        user: user(row)?,
        provider: row.text("provider")?,
        mail_verified_at: row.maybe_time("mail_verified_at")?,
        second_factor: row.maybe_time("factor_at")?.is_some(),
    })
}
