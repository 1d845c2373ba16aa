//! Sessions: rows with real columns, because they are listed, revoked and named in logouts.

use sqlx::any::AnyRow;

use super::{Store, Tx, row::Columns};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, SessionId, UserId},
    model::{
        session::{Session, SignedIn},
        user::User,
    },
};

impl Store {
    /// The living session behind a cookie, with its person: the one read every page makes.
    /// Not living: ended, past its end, idle since before `idle_since`, or of a disabled person.
    pub async fn session(
        &self,
        token: &BearerHash,
        now: Time,
        idle_since: Time,
    ) -> Result<Option<SignedIn>> {
        sqlx::query(
            "select s.id, s.user_id, s.provider, s.amr, s.created_at, s.authenticated_at,
                    s.seen_at, s.expires_at, u.login, u.name, u.attributes, u.disabled_at
             from sessions s join users u on u.id = s.user_id
             where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2
               and s.seen_at > $3 and u.disabled_at is null",
        )
        .bind(token.as_str())
        .bind(now.millis())
        .bind(idle_since.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| signed_in(&row, &PLAIN))
        .transpose()
    }

    /// A living session by its public id: what a code or access token is bound to.
    pub async fn session_by_id(&self, id: &SessionId, now: Time) -> Result<Option<SignedIn>> {
        sqlx::query(
            "select s.id, s.user_id, s.provider, s.amr, s.created_at, s.authenticated_at,
                    s.seen_at, s.expires_at, u.login, u.name, u.attributes, u.disabled_at
             from sessions s join users u on u.id = s.user_id
             where s.id = $1 and s.ended_at is null and s.expires_at > $2
               and u.disabled_at is null",
        )
        .bind(id.as_str())
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?
        .map(|row| signed_in(&row, &PLAIN))
        .transpose()
    }
}

impl Tx {
    pub async fn insert_session(
        &mut self,
        session: &Session,
        token: &BearerHash,
        user_agent: &str,
        address: &str,
    ) -> Result<()> {
        sqlx::query(
            "insert into sessions (id, token_hash, user_id, provider, amr, user_agent, address,
                 created_at, authenticated_at, seen_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(session.id.as_str())
        .bind(token.as_str())
        .bind(session.user.as_str())
        .bind(&session.provider)
        .bind(&session.amr)
        .bind(user_agent)
        .bind(address)
        .bind(session.created_at.millis())
        .bind(session.authenticated_at.millis())
        .bind(session.seen_at.millis())
        .bind(session.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// The same person proved themselves again: the session goes on under a new cookie.
    pub async fn renew_session(&mut self, session: &Session, token: &BearerHash) -> Result<bool> {
        let done = sqlx::query(
            "update sessions set token_hash = $1, provider = $2, amr = $3, authenticated_at = $4,
                 seen_at = $5, expires_at = $6
             where id = $7 and user_id = $8 and ended_at is null",
        )
        .bind(token.as_str())
        .bind(&session.provider)
        .bind(&session.amr)
        .bind(session.authenticated_at.millis())
        .bind(session.seen_at.millis())
        .bind(session.expires_at.millis())
        .bind(session.id.as_str())
        .bind(session.user.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn touch_session(&mut self, id: &SessionId, now: Time) -> Result<()> {
        sqlx::query("update sessions set seen_at = $1 where id = $2 and seen_at < $1")
            .bind(now.millis())
            .bind(id.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }

    /// Ends a session; whether it was living.
    pub async fn end_session(&mut self, id: &SessionId, now: Time) -> Result<bool> {
        let done =
            sqlx::query("update sessions set ended_at = $1 where id = $2 and ended_at is null")
                .bind(now.millis())
                .bind(id.as_str())
                .execute(self.open.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn end_sessions_of(&mut self, user: &UserId, now: Time) -> Result<()> {
        sqlx::query("update sessions set ended_at = $1 where user_id = $2 and ended_at is null")
            .bind(now.millis())
            .bind(user.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }
}

/// What the columns are called that a join would otherwise name twice.
pub(super) struct SessionColumns {
    pub id: &'static str,
    pub user: &'static str,
    pub created_at: &'static str,
}

const PLAIN: SessionColumns = SessionColumns {
    id: "id",
    user: "user_id",
    created_at: "created_at",
};

pub(super) fn signed_in(row: &AnyRow, names: &SessionColumns) -> Result<SignedIn> {
    let user = UserId::stored(row.text(names.user)?);
    let session = Session {
        id: SessionId::stored(row.text(names.id)?),
        user: user.clone(),
        provider: row.text("provider")?,
        amr: row.text("amr")?,
        created_at: row.time(names.created_at)?,
        authenticated_at: row.time("authenticated_at")?,
        seen_at: row.time("seen_at")?,
        expires_at: row.time("expires_at")?,
    };
    let user = User {
        id: user,
        login: row.text("login")?,
        name: row.text("name")?,
        attributes: row.json("attributes")?,
        disabled_at: row.maybe_time("disabled_at")?,
    };
    Ok(SignedIn { session, user })
}
