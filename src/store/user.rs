//! Users, the identities they are known by, and the accounts of the local provider.

use std::collections::BTreeMap;

use super::{
    Store, Tx,
    row::{Columns, Row, json},
    statement::{Json, Parameter},
};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::{account::OwnIdentity, user::User},
};

/// The columns of `users` that [`user`] reads, except the id. In this and other lists, a column
/// whose name is in several tables is prefixed with its table.
macro_rules! user_facts {
    () => {
        "users.login, users.username, users.name, users.attributes, users.mail_verified_at,
         users.disabled_at, users.admin_at"
    };
}
pub(super) use user_facts;

/// The columns of `users` that [`user`] reads.
macro_rules! user_columns {
    () => {
        concat!("users.id as users_id, ", $crate::store::user::user_facts!())
    };
}
pub(super) use user_columns;

/// The columns of `local_accounts` that [`local_account`] reads.
macro_rules! local_account_columns {
    () => {
        "local_accounts.login, local_accounts.subject, local_accounts.name,
         local_accounts.attributes, local_accounts.password_hash, local_accounts.disabled_at"
    };
}
pub(super) use local_account_columns;

/// An account of the `local` identity provider.
#[derive(Clone, Debug)]
pub struct LocalAccount {
    pub login: String,
    /// Permanent id: a renamed account stays the same user.
    pub subject: String,
    pub name: String,
    pub attributes: BTreeMap<String, Vec<String>>,
    /// argon2id, in PHC string format.
    pub password_hash: String,
    pub disabled_at: Option<Time>,
}

impl LocalAccount {
    pub fn mail(&self) -> Option<&str> {
        self.attributes.get("mail")?.first().map(String::as_str)
    }
}

impl Store {
    pub async fn user(&self, id: &UserId) -> Result<Option<User>> {
        self.one(
            concat!("select ", user_columns!(), " from users where id = $1"),
            &[id],
            user,
        )
        .await
    }

    /// The user with (issuer, subject): the only way to find a user by an identity.
    pub async fn user_by_identity(&self, provider: &str, subject: &str) -> Result<Option<User>> {
        self.one(BY_IDENTITY, &[&provider, &subject], user).await
    }

    /// Users with this sign-in name, at any provider, or with this username.
    pub async fn users_by_login(&self, login: &str) -> Result<Vec<User>> {
        self.all(
            concat!(
                "select ",
                user_columns!(),
                " from users where login = $1 or username = $1 order by created_at, id"
            ),
            &[&login],
            user,
        )
        .await
    }

    /// The one user of a provider with this sign-in name.
    pub async fn user_known_as(&self, provider: &str, login: &str) -> Result<Option<UserId>> {
        let sql = "select distinct u.id from users u join external_identities e on e.user_id = u.id
             where e.provider = $1 and (u.login = $2 or lower(u.login) = $3)";
        let values: &[&dyn Parameter] = &[&provider, &login, &login.to_lowercase()];
        let mut known = self.all(sql, values, |row| row.id("id")).await?;
        Ok(known.pop().filter(|_| known.is_empty()))
    }

    /// The identities a user is known by, the oldest first.
    pub async fn identities_of(&self, user: &UserId) -> Result<Vec<OwnIdentity>> {
        self.all(
            "select provider, subject, linked_at, used_at from external_identities
             where user_id = $1 order by linked_at, provider, subject",
            &[user],
            identity,
        )
        .await
    }

    pub async fn local_account(&self, login: &str) -> Result<Option<LocalAccount>> {
        self.one(
            concat!(
                "select ",
                local_account_columns!(),
                " from local_accounts where login = $1"
            ),
            &[&login],
            local_account,
        )
        .await
    }
}

impl Tx {
    pub async fn insert_user(&mut self, user: &User, now: Time) -> Result<()> {
        self.run(
            "insert into users (id, login, username, name, attributes, created_at, refreshed_at)
             values ($1, $2, $3, $4, $5, $6, $6)",
            &[
                &user.id,
                &user.login,
                &user.username,
                &user.name,
                &Json(&user.attributes),
                &now,
            ],
        )
        .await
    }

    /// Links an identity; false if it is linked already.
    pub async fn insert_identity(
        &mut self,
        provider: &str,
        subject: &str,
        user: &UserId,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "insert into external_identities (provider, subject, user_id, linked_at)
             values ($1, $2, $3, $4) on conflict (provider, subject) do nothing",
            &[&provider, &subject, user, &now],
        )
        .await
    }

    /// The identity has just signed its user in.
    pub async fn use_identity(&mut self, provider: &str, subject: &str, now: Time) -> Result<()> {
        self.run(
            "update external_identities set used_at = $1 where provider = $2 and subject = $3",
            &[&now, &provider, &subject],
        )
        .await
    }

    /// Prevents other changes of a user's row until this transaction ends.
    pub async fn hold_user(&mut self, user: &UserId) -> Result<()> {
        self.run(
            "update users set refreshed_at = refreshed_at where id = $1",
            &[user],
        )
        .await
    }

    /// Removes an identity of this user, unless it is their last. Returns whether it was removed.
    /// Call [`Tx::hold_user`] first, because two concurrent calls could remove the last two.
    pub async fn delete_identity(
        &mut self,
        user: &UserId,
        provider: &str,
        subject: &str,
    ) -> Result<bool> {
        self.changes_one(
            "delete from external_identities where user_id = $1 and provider = $2 and subject = $3
               and exists (select 1 from external_identities other where other.user_id = $1
                           and (other.provider <> $2 or other.subject <> $3))",
            &[user, &provider, &subject],
        )
        .await
    }

    /// As [`Store::user_by_identity`], in a transaction.
    pub async fn user_by_identity(
        &mut self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<User>> {
        self.one(BY_IDENTITY, &[&provider, &subject], user).await
    }

    /// Stores the provider's current data about the user. Returns the row as it is now, and locks
    /// it: a concurrent request that disables the user comes before, or waits. A verified mail
    /// address is not verified any more when it has changed.
    pub async fn refresh_user(&mut self, fresh: &User, now: Time) -> Result<User> {
        let sql = concat!(
            "update users set login = $1, name = $2, attributes = $3, refreshed_at = $4,
                 username = $8,
                 mail_verified_at = case when attributes like $5 escape '\\'
                     or attributes like $7 escape '\\' then mail_verified_at else null end
             where id = $6 returning ",
            user_columns!()
        );
        self.only(
            sql,
            &[
                &fresh.login,
                &fresh.name,
                &Json(&fresh.attributes),
                &now,
                &format!("{{{}", has_mail(fresh)),
                &fresh.id,
                &format!("%,{}", has_mail(fresh)),
                &fresh.username,
            ],
            user,
        )
        .await
    }

    /// Disables (a time) or enables (`None`) a user.
    pub async fn disable_user(&mut self, user: &UserId, at: Option<Time>) -> Result<bool> {
        self.changes_one(
            "update users set disabled_at = $1 where id = $2",
            &[&at, user],
        )
        .await
    }

    /// Applies the account's state to its user: a disabled one is signed out at once, one that was
    /// disabled and no longer is may sign in again. Call it before [`Tx::put_local_account`].
    pub async fn follow_local_account(&mut self, account: &LocalAccount) -> Result<()> {
        let Some(at) = account.disabled_at else {
            return self.run(ENABLE_AGAIN, &[&account.login]).await;
        };
        for sql in [DISABLE_USER, END_THEIR_SESSIONS] {
            self.run(sql, &[&account.login, &at]).await?;
        }
        Ok(())
    }

    /// Creates or updates the account; `subject` is used for a new one only. A password that its
    /// holder chose is kept.
    pub async fn put_local_account(
        &mut self,
        account: &LocalAccount,
        owner: Option<&str>,
        now: Time,
    ) -> Result<()> {
        self.run(
            "insert into local_accounts
                 (login, subject, name, attributes, password_hash, changed_at, disabled_at, owner)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (login) do update set name = excluded.name,
                 attributes = excluded.attributes, disabled_at = excluded.disabled_at,
                 password_hash = case when local_accounts.owner = 'seed'
                     then excluded.password_hash else local_accounts.password_hash end,
                 changed_at = case when local_accounts.owner = 'seed'
                     then excluded.changed_at else local_accounts.changed_at end",
            &[
                &account.login,
                &account.subject,
                &account.name,
                &Json(&account.attributes),
                &account.password_hash,
                &now,
                &account.disabled_at,
                &owner,
            ],
        )
        .await
    }
}

const BY_IDENTITY: &str = concat!(
    "select ",
    user_columns!(),
    " from external_identities e join users on users.id = e.user_id
     where e.provider = $1 and e.subject = $2"
);

const ENABLE_AGAIN: &str = "update users set disabled_at = null where id in
    (select e.user_id from external_identities e
     join local_accounts a on a.subject = e.subject and a.disabled_at is not null
     join identity_providers p on p.slug = e.provider and p.kind = 'local' where a.login = $1)";

const DISABLE_USER: &str = "update users set disabled_at = $2 where disabled_at is null and id in
    (select e.user_id from external_identities e join local_accounts a on a.subject = e.subject
     join identity_providers p on p.slug = e.provider and p.kind = 'local' where a.login = $1)";

const END_THEIR_SESSIONS: &str = "update sessions set ended_at = $2
    where ended_at is null and user_id in
    (select e.user_id from external_identities e join local_accounts a on a.subject = e.subject
     join identity_providers p on p.slug = e.provider and p.kind = 'local' where a.login = $1)";

/// The member of the JSON of attributes that has the same mail address. It follows a brace or a
/// comma: within a text, no quotation mark follows either without a backslash.
fn has_mail(user: &User) -> String {
    let mail = user.attributes.first("mail").map(|mail| like(&json(&mail)));
    mail.map_or_else(String::new, |mail| {
        format!("\"mail\":{{\"values\":[{mail}%")
    })
}

/// Escapes a text for `like … escape '\'`.
pub(super) fn like(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// A user without a user name has their id, which is unique, in its place.
pub(super) fn user(row: &Row<'_>) -> Result<User> {
    let (id, username): (UserId, _) = (row.id("users_id")?, row.maybe_text("username")?);
    Ok(User {
        username: username.unwrap_or_else(|| id.to_string()),
        id,
        login: row.text("login")?,
        name: row.text("name")?,
        attributes: row.json("attributes")?,
        mail_verified_at: row.maybe_time("mail_verified_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
        admin_at: row.maybe_time("admin_at")?,
    })
}

pub(super) fn local_account(row: &Row<'_>) -> Result<LocalAccount> {
    Ok(LocalAccount {
        login: row.text("login")?,
        subject: row.text("subject")?,
        name: row.text("name")?,
        attributes: row.json("attributes")?,
        password_hash: row.text("password_hash")?,
        disabled_at: row.maybe_time("disabled_at")?,
    })
}

fn identity(row: &Row<'_>) -> Result<OwnIdentity> {
    Ok(OwnIdentity {
        provider: row.text("provider")?,
        subject: row.text("subject")?,
        linked_at: row.time("linked_at")?,
        used_at: row.maybe_time("used_at")?,
    })
}
