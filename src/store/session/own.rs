//! A user's sessions: listing them, and ending some of them.

use super::{session, session_columns};
use crate::{
    clock::Time,
    error::Result,
    id::{SessionId, UserId},
    model::account::OwnSession,
    store::{
        Store, Tx,
        row::{Columns, Row},
    },
};

impl Store {
    /// A user's sessions, the most recently used first; ended ones too, while they are stored.
    pub async fn sessions_of(&self, user: &UserId) -> Result<Vec<OwnSession>> {
        self.all(
            concat!(
                "select ",
                session_columns!(),
                ", sessions.user_agent, sessions.address, sessions.ended_at
                 from sessions where user_id = $1 order by seen_at desc, id desc limit 1000"
            ),
            &[user],
            own_session,
        )
        .await
    }
}

impl Tx {
    /// Ends this user's session; another user's is left as it is. Whether it was living.
    pub async fn end_session_of(
        &mut self,
        user: &UserId,
        id: &SessionId,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update sessions set ended_at = $1
             where id = $2 and user_id = $3 and ended_at is null and expires_at > $1",
            &[&now, id, user],
        )
        .await
    }

    /// Ends all of this user's sessions but one, and their trust in devices; which sessions
    /// they were.
    pub async fn end_sessions_but(
        &mut self,
        user: &UserId,
        kept: &SessionId,
        now: Time,
    ) -> Result<Vec<SessionId>> {
        self.delete_trusted_devices(user).await?;
        self.all(
            "update sessions set ended_at = $1
             where user_id = $2 and id <> $3 and ended_at is null and expires_at > $1
             returning id",
            &[&now, user, kept],
            |row| row.id("id"),
        )
        .await
    }

    /// Ends the sessions that one provider opened for this user; which they were.
    pub async fn end_sessions_by(
        &mut self,
        user: &UserId,
        provider: &str,
        now: Time,
    ) -> Result<Vec<SessionId>> {
        self.all(
            "update sessions set ended_at = $1
             where user_id = $2 and provider = $3 and ended_at is null and expires_at > $1
             returning id",
            &[&now, user, &provider],
            |row| row.id("id"),
        )
        .await
    }
}

fn own_session(row: &Row<'_>) -> Result<OwnSession> {
    Ok(OwnSession {
        session: session(row)?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
        ended_at: row.maybe_time("ended_at")?,
    })
}
