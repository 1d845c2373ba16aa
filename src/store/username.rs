//! The names that applications receive, and their owners.

use super::{Store, Tx, row::Columns};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::{
        user::User,
        username::{GivenName, HeldUsername, folded},
    },
};

/// A user from before names had one owner.
struct Unnamed {
    id: UserId,
    login: String,
    provider: Option<String>,
    created_at: Time,
}

/// A user whose username differs from their sign-in name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub id: UserId,
    pub login: String,
    pub username: String,
}

/// A sign-in name of several users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLogin {
    pub login: String,
    pub users: i64,
}

/// The most users who get their names in one transaction.
const AT_ONCE: i64 = 500;
/// The qualifier of a name whose provider is no longer known.
const UNKNOWN_PROVIDER: &str = "usher";

impl Store {
    /// Gives a name to every user without one: users from before, and users whom a replica of the
    /// previous version created meanwhile.
    pub(super) async fn settle_usernames(&self) -> Result<()> {
        loop {
            let unnamed = self.unnamed().await?;
            if unnamed.is_empty() {
                return Ok(());
            }
            let mut tx = self.begin().await?;
            for user in &unnamed {
                let given = GivenName {
                    login: &user.login,
                    provider: user.provider.as_deref().unwrap_or(UNKNOWN_PROVIDER),
                    is_bare: true,
                };
                let name = tx.give_username(&user.id, given, user.created_at).await?;
                tx.set_username(&user.id, &name).await?;
            }
            tx.commit().await?;
        }
    }

    /// In the order in which names are given.
    async fn unnamed(&self) -> Result<Vec<Unnamed>> {
        self.all(
            "select u.id, u.login, u.created_at,
                    (select p.slug from external_identities e
                     join identity_providers p on p.slug = e.provider
                     where e.user_id = u.id order by p.position, p.slug limit 1) as provider,
                    coalesce((select min(p.position) from external_identities e
                     join identity_providers p on p.slug = e.provider
                     where e.user_id = u.id), 1000000) as place
             from users u where u.username is null
             order by place, u.created_at, u.id limit $1",
            &[&AT_ONCE],
            |row| {
                Ok(Unnamed {
                    id: row.id("id")?,
                    login: row.text("login")?,
                    provider: row.maybe_text("provider")?,
                    created_at: row.time("created_at")?,
                })
            },
        )
        .await
    }

    /// Users with a qualified name, though their provider gave a bare one.
    pub async fn renamed_users(&self, most: i64) -> Result<Vec<Renamed>> {
        self.all(
            "select u.id, n.login, n.username from usernames n
             join users u on u.id = n.user_id and u.username = n.username
             where n.username <> n.login
               and exists (select 1 from usernames o
                           where o.folded = lower(n.login) and o.user_id <> n.user_id)
             order by n.login, u.id limit $1",
            &[&most],
            |row| {
                Ok(Renamed {
                    id: row.id("id")?,
                    login: row.text("login")?,
                    username: row.text("username")?,
                })
            },
        )
        .await
    }

    /// Sign-in names that several users have.
    pub async fn shared_logins(&self, most: i64) -> Result<Vec<SharedLogin>> {
        self.all(
            "select lower(login) as login, count(*) as users from users
             group by lower(login) having count(*) > 1 order by lower(login) limit $1",
            &[&most],
            |row| {
                Ok(SharedLogin {
                    login: row.text("login")?,
                    users: row.number("users")?,
                })
            },
        )
        .await
    }
}

impl Tx {
    /// The current name of a user.
    pub async fn held_username(&mut self, user: &User) -> Result<Option<HeldUsername>> {
        self.one(
            "select username, login, provider from usernames where user_id = $1 and username = $2",
            &[&user.id, &user.username],
            |row| {
                Ok(HeldUsername {
                    username: row.text("username")?,
                    login: row.text("login")?,
                    provider: row.maybe_text("provider")?,
                })
            },
        )
        .await
    }

    /// Gives the best name that is free, or the user's already; their id where there is none. The
    /// user's row must exist.
    pub async fn give_username(
        &mut self,
        user: &UserId,
        given: GivenName<'_>,
        now: Time,
    ) -> Result<String> {
        for name in given.candidates() {
            if self.take_username(user, &name, &given, now).await? {
                return Ok(name);
            }
        }
        Ok(user.to_string())
    }

    /// Assigns a name to this user; false if it is another's.
    pub async fn take_username(
        &mut self,
        user: &UserId,
        name: &str,
        given: &GivenName<'_>,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "insert into usernames (folded, username, login, provider, user_id, taken_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (folded) do update set username = excluded.username,
                 login = excluded.login, provider = excluded.provider
             where usernames.user_id = excluded.user_id",
            &[
                &folded(name),
                &name,
                &given.login,
                &given.provider,
                user,
                &now,
            ],
        )
        .await
    }

    async fn set_username(&mut self, user: &UserId, username: &str) -> Result<()> {
        self.run(
            "update users set username = $1 where id = $2 and username is null",
            &[&username, user],
        )
        .await
    }
}
