//! Local accounts, as used by their holders: found when a password is forgotten, given a new one,
//! created by hand.

use super::{
    LocalAccount, Store, Tx,
    row::{Columns, Row},
    statement::Json,
    user::{like, local_account, local_account_columns, user, user_columns},
};
use crate::{
    clock::Time,
    error::Result,
    id::{SessionId, UserId},
    model::user::User,
};

/// The columns of `local_accounts` that [`account`] reads.
macro_rules! account_columns {
    () => {
        concat!(local_account_columns!(), ", local_accounts.owner")
    };
}

/// A local account, and its origin.
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
    /// Since when the address among their attributes is verified.
    pub mail_verified_at: Option<Time>,
    pub second_factor: bool,
}

/// A user whose password is kept by another provider.
#[derive(Clone, Debug)]
pub struct OtherProviderUser {
    pub user: User,
    /// The title of their provider.
    pub provider: String,
}

impl Store {
    pub async fn account_of_subject(&self, subject: &str) -> Result<Option<Account>> {
        self.one(
            concat!(
                "select ",
                account_columns!(),
                " from local_accounts where subject = $1"
            ),
            &[&subject],
            account,
        )
        .await
    }

    /// The account of a user's, if they have one, and the slug of the provider it is used by.
    pub async fn account_of_user(&self, id: &UserId) -> Result<Option<(String, Account)>> {
        self.one(
            concat!(
                "select ",
                account_columns!(),
                ", e.provider
                 from external_identities e
                 join identity_providers p on p.slug = e.provider and p.kind = 'local'
                 join local_accounts on local_accounts.subject = e.subject
                 where e.user_id = $1 order by e.linked_at, e.provider limit 1"
            ),
            &[id],
            |row| Ok((row.text("provider")?, account(row)?)),
        )
        .await
    }

    /// The accounts that a typed name or mail address may mean.
    pub async fn accounts_meant(&self, typed: &str) -> Result<Vec<Account>> {
        let sql = concat!(
            "select ",
            account_columns!(),
            " from local_accounts where login = $1 or lower(attributes) like $2 escape '\\'
             order by login limit 20"
        );
        let accounts = self.all(sql, &[&typed, &quoted(typed)], account).await?;
        let meant = |one: &Account| {
            let mail = one.account.mail();
            one.account.login == typed || mail.is_some_and(|mail| mail.to_lowercase() == typed)
        };
        Ok(accounts.into_iter().filter(meant).collect())
    }

    /// Users of other providers that a typed name or mail address may mean.
    pub async fn external_users_meant(&self, typed: &str) -> Result<Vec<OtherProviderUser>> {
        let sql = concat!(
            "select ",
            user_columns!(),
            ", p.title
             from users join external_identities e on e.user_id = users.id
             join identity_providers p on p.slug = e.provider and p.kind <> 'local'
             where lower(users.login) = $1 or lower(users.attributes) like $2 escape '\\'
             order by users.id, p.slug limit 20"
        );
        let users = self
            .all(sql, &[&typed, &quoted(typed)], other_provider_user)
            .await?;
        let meant = |one: &OtherProviderUser| {
            let mail = one.user.attributes.first("mail").map(str::to_lowercase);
            one.user.login.to_lowercase() == typed || mail.as_deref() == Some(typed)
        };
        Ok(users.into_iter().filter(meant).collect())
    }

    /// The users who sign in with a local account.
    pub async fn holders(&self, subject: &str) -> Result<Vec<AccountHolder>> {
        self.all(
            concat!(
                "select ",
                user_columns!(),
                ", e.provider,
                    (select min(f.confirmed_at) from factors f where f.user_id = users.id)
                        as factor_at
                 from external_identities e
                 join identity_providers p on p.slug = e.provider and p.kind = 'local'
                 join users on users.id = e.user_id
                 where e.subject = $1 order by users.id"
            ),
            &[&subject],
            holder,
        )
        .await
    }

    /// The first local provider that users can use.
    pub async fn local_provider(&self) -> Result<Option<String>> {
        self.one(
            "select slug from identity_providers where kind = 'local' and disabled_at is null
             order by position, slug limit 1",
            &[],
            |row| row.text("slug"),
        )
        .await
    }
}

impl Tx {
    /// Gives an account another password, if its hash has not changed. From then on the catalogue
    /// does not change the password any more.
    pub async fn change_password(
        &mut self,
        subject: &str,
        old_hash: &str,
        new_hash: &str,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update local_accounts set password_hash = $1, changed_at = $2,
                 owner = case when owner = 'seed' then 'seed-but-password' else owner end
             where subject = $3 and password_hash = $4 and disabled_at is null",
            &[&new_hash, &now, &subject, &old_hash],
        )
        .await
    }

    /// A new account; false if the login is taken.
    pub async fn insert_account(&mut self, account: &LocalAccount, now: Time) -> Result<bool> {
        self.changes_one(
            "insert into local_accounts
                 (login, subject, name, attributes, password_hash, changed_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (login) do nothing",
            &[
                &account.login,
                &account.subject,
                &account.name,
                &Json(&account.attributes),
                &account.password_hash,
                &now,
            ],
        )
        .await
    }

    /// Marks the address among a user's attributes as verified.
    pub async fn verify_mail(&mut self, user: &UserId, now: Time) -> Result<()> {
        self.run(
            "update users set mail_verified_at = $1 where id = $2",
            &[&now, user],
        )
        .await
    }

    /// A local provider that is in no seed, last in order; false if the slug is taken.
    pub async fn insert_local_provider(
        &mut self,
        slug: &str,
        title: &str,
        sealed_settings: &str,
    ) -> Result<bool> {
        let sql = "insert into identity_providers (slug, kind, title, sealed_settings, position)
             values ($1, 'local', $2, $3,
                 (select coalesce(max(position), 0) + 1 from identity_providers))
             on conflict (slug) do nothing";
        let is_new = self
            .changes_one(sql, &[&slug, &title, &sealed_settings])
            .await?;
        if is_new {
            self.bump_catalog().await?;
        }
        Ok(is_new)
    }

    /// Ends a user's sessions but this one, and their trust in devices.
    pub async fn end_other_sessions(
        &mut self,
        user: &UserId,
        kept: &SessionId,
        now: Time,
    ) -> Result<()> {
        self.delete_trusted_devices(user).await?;
        self.run(
            "update sessions set ended_at = $1
             where user_id = $2 and id <> $3 and ended_at is null",
            &[&now, user, kept],
        )
        .await
    }
}

/// Matches the JSON of attributes that contain this value; the caller checks which attribute it is.
fn quoted(value: &str) -> String {
    format!("%\"{}\"%", like(value))
}

fn account(row: &Row<'_>) -> Result<Account> {
    let owner = row.maybe_str("owner")?;
    Ok(Account {
        account: local_account(row)?,
        seeded: owner.is_some_and(|owner| owner.starts_with("seed")),
    })
}

fn other_provider_user(row: &Row<'_>) -> Result<OtherProviderUser> {
    Ok(OtherProviderUser {
        user: user(row)?,
        provider: row.text("title")?,
    })
}

fn holder(row: &Row<'_>) -> Result<AccountHolder> {
    Ok(AccountHolder {
        user: user(row)?,
        provider: row.text("provider")?,
        mail_verified_at: row.maybe_time("mail_verified_at")?,
        second_factor: row.maybe_time("factor_at")?.is_some(),
    })
}
