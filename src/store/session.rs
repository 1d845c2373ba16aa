//! Sessions: rows with real columns, because they are listed, revoked and named in logouts.

mod own;

use super::{
    Store, Tx,
    connection::DbConnection,
    row::{Columns, Row},
    statement::{Parameter, statement},
    user::user,
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, SessionId, UserId},
    model::session::{Session, SignedIn},
};

/// The columns of `sessions` that [`session`] reads.
macro_rules! session_columns {
    () => {
        "sessions.id as sessions_id, sessions.user_id as users_id, sessions.provider, sessions.amr,
         sessions.acr, sessions.factor_at, sessions.remembered_at,
         sessions.created_at as sessions_created_at, sessions.authenticated_at, sessions.proved_at,
         sessions.seen_at, sessions.expires_at as sessions_expires_at"
    };
}
pub(super) use session_columns;

/// The columns of `sessions` and their `users` that [`signed_in`] reads.
macro_rules! signed_in_columns {
    () => {
        concat!(
            $crate::store::session::session_columns!(),
            ", ",
            $crate::store::user::user_facts!()
        )
    };
}
pub(super) use signed_in_columns;

impl Store {
    /// The living session behind a cookie, with its user: the one read every page makes.
    /// Not living: ended, past its end, idle since before `idle_since`, or of a disabled user.
    pub async fn session(
        &self,
        token: &BearerHash,
        now: Time,
        idle_since: Time,
    ) -> Result<Option<SignedIn>> {
        self.one(
            concat!(
                "select ",
                signed_in_columns!(),
                " from sessions join users on users.id = sessions.user_id
                 where sessions.token_hash = $1 and sessions.ended_at is null
                   and sessions.expires_at > $2
                   and (sessions.seen_at > $3 or sessions.remembered_at is not null)
                   and users.disabled_at is null"
            ),
            &[token, &now, &idle_since],
            signed_in,
        )
        .await
    }

    /// A living session by its public id: what a code or access token is bound to.
    pub async fn session_by_id(&self, id: &SessionId, now: Time) -> Result<Option<SignedIn>> {
        by_id(&mut *self.reader().await?, id, now).await
    }

    /// The session's data about its upstream session: subject, session and the sealed secret.
    pub async fn upstream_of(
        &self,
        id: &SessionId,
    ) -> Result<Option<(String, Option<String>, Option<String>)>> {
        self.one(
            "select upstream_subject, upstream_session, sealed_upstream from sessions
             where id = $1 and upstream_subject is not null",
            &[id],
            |row| {
                Ok((
                    row.text("upstream_subject")?,
                    row.maybe_text("upstream_session")?,
                    row.maybe_text("sealed_upstream")?,
                ))
            },
        )
        .await
    }
}

async fn by_id(line: &mut DbConnection, id: &SessionId, now: Time) -> Result<Option<SignedIn>> {
    let values: [&dyn Parameter; 2] = [id, &now];
    let asked = statement(
        concat!(
            "select ",
            signed_in_columns!(),
            " from sessions join users on users.id = sessions.user_id
             where sessions.id = $1 and sessions.ended_at is null and sessions.expires_at > $2
               and users.disabled_at is null"
        ),
        &values,
    );
    line.one(asked, signed_in).await
}

impl Tx {
    /// As [`Store::session_by_id`], in a transaction.
    pub async fn session_by_id(&mut self, id: &SessionId, now: Time) -> Result<Option<SignedIn>> {
        by_id(self.open.connection(), id, now).await
    }

    pub async fn insert_session(
        &mut self,
        session: &Session,
        token: &BearerHash,
        user_agent: &str,
        address: &str,
    ) -> Result<()> {
        self.run(
            "insert into sessions (id, token_hash, user_id, provider, amr, acr, factor_at,
                 remembered_at, user_agent, address, created_at, authenticated_at, proved_at,
                 seen_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            &[
                &session.id,
                token,
                &session.user,
                &session.provider,
                &session.amr,
                &session.acr,
                &session.factor_at,
                &session.remembered_at,
                &user_agent,
                &address,
                &session.created_at,
                &session.authenticated_at,
                &session.proved_at,
                &session.seen_at,
                &session.expires_at,
            ],
        )
        .await
    }

    /// The same user authenticated again: the session continues under a new cookie.
    pub async fn renew_session(&mut self, session: &Session, token: &BearerHash) -> Result<bool> {
        self.changes_one(
            "update sessions set token_hash = $1, provider = $2, amr = $3, authenticated_at = $4,
                 seen_at = $5, expires_at = $6, acr = $7, factor_at = $8, remembered_at = $9,
                 proved_at = $10
             where id = $11 and user_id = $12 and ended_at is null",
            &[
                token,
                &session.provider,
                &session.amr,
                &session.authenticated_at,
                &session.seen_at,
                &session.expires_at,
                &session.acr,
                &session.factor_at,
                &session.remembered_at,
                &session.proved_at,
                &session.id,
                &session.user,
            ],
        )
        .await
    }

    pub async fn touch_session(&mut self, id: &SessionId, now: Time) -> Result<()> {
        self.run(
            "update sessions set seen_at = $1 where id = $2 and seen_at < $1",
            &[&now, id],
        )
        .await
    }

    /// Ends a session; whether it was living.
    pub async fn end_session(&mut self, id: &SessionId, now: Time) -> Result<bool> {
        self.changes_one(
            "update sessions set ended_at = $1 where id = $2 and ended_at is null",
            &[&now, id],
        )
        .await
    }

    /// Stores the name of this session for a logout upstream, and the data that ours needs to start
    /// one.
    pub async fn set_upstream(
        &mut self,
        session: &SessionId,
        subject: Option<&str>,
        upstream_session: Option<&str>,
        sealed: Option<&str>,
    ) -> Result<()> {
        self.run(
            "update sessions set upstream_subject = $1, upstream_session = $2,
                 sealed_upstream = $3
             where id = $4",
            &[&subject, &upstream_session, &sealed, session],
        )
        .await
    }

    /// Ends the sessions that an upstream provider reports as ended: one of its sessions, or all of
    /// a user's there. Returns their users and ids.
    pub async fn end_upstream_sessions(
        &mut self,
        provider: &str,
        subject: Option<&str>,
        upstream_session: Option<&str>,
        now: Time,
    ) -> Result<Vec<(SessionId, UserId)>> {
        self.all(
            "update sessions set ended_at = $1
             where provider = $2 and ended_at is null
               and ($3 is null or upstream_subject = $3)
               and ($4 is null or upstream_session = $4)
               and ($3 is not null or $4 is not null)
             returning id, user_id",
            &[&now, &provider, &subject, &upstream_session],
            |row| Ok((row.id("id")?, row.id("user_id")?)),
        )
        .await
    }

    /// Ends a user's oldest sessions beyond the newest `keep`.
    pub async fn end_surplus_sessions(
        &mut self,
        user: &UserId,
        keep: i64,
        now: Time,
    ) -> Result<Vec<SessionId>> {
        self.all(
            "update sessions set ended_at = $1
             where user_id = $2 and ended_at is null and id not in (
                 select id from sessions where user_id = $2 and ended_at is null
                   and expires_at > $1
                 order by seen_at desc, id desc limit $3)
             returning id",
            &[&now, user, &keep],
            |row| row.id("id"),
        )
        .await
    }

    /// Ends all of a user's sessions, and their trust in devices.
    pub async fn end_sessions_of(&mut self, user: &UserId, now: Time) -> Result<()> {
        self.delete_trusted_devices(user).await?;
        self.run(
            "update sessions set ended_at = $1 where user_id = $2 and ended_at is null",
            &[&now, user],
        )
        .await
    }
}

pub(super) fn signed_in(row: &Row<'_>) -> Result<SignedIn> {
    Ok(SignedIn {
        session: session(row)?,
        user: user(row)?,
    })
}

fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: row.id("sessions_id")?,
        user: row.id("users_id")?,
        provider: row.text("provider")?,
        amr: row.text("amr")?,
        acr: row.maybe_text("acr")?,
        factor_at: row.maybe_time("factor_at")?,
        remembered_at: row.maybe_time("remembered_at")?,
        created_at: row.time("sessions_created_at")?,
        authenticated_at: row.time("authenticated_at")?,
        proved_at: row.maybe_time("proved_at")?,
        seen_at: row.time("seen_at")?,
        expires_at: row.time("sessions_expires_at")?,
    })
}
