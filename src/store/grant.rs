//! Grants: codes, and the access tokens given for them.

use sqlx::any::AnyRow;

use super::{Store, Tx, row::Columns};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, GrantId, LaunchId, SessionId, UserId},
    model::grant::Grant,
};

/// What became of a code that was brought.
#[derive(Debug)]
pub enum Redeemed {
    /// The first and only time.
    Now(Box<Grant>),
    /// It was used before; what was given for it is revoked.
    Before(GrantId),
    /// Unknown, expired, or another client's.
    Never,
}

impl Store {
    /// The grant behind a living access token.
    pub async fn grant_by_access(&self, token: &BearerHash, now: Time) -> Result<Option<Grant>> {
        sqlx::query(
            "select id, code_hash, client, user_id, session_id, launch_id, redirect_uri, scope,
                    nonce, challenge, expires_at
             from grants where access_hash = $1 and access_expires_at > $2 and revoked_at is null",
        )
        .bind(token.as_str())
        .bind(now.millis())
        .fetch_optional(&self.read)
        .await?
        .map(|row| grant(&row))
        .transpose()
    }
}

impl Tx {
    pub async fn insert_grant(&mut self, grant: &Grant) -> Result<()> {
        sqlx::query(
            "insert into grants (id, code_hash, client, user_id, session_id, launch_id,
                 redirect_uri, scope, nonce, challenge, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(grant.id.as_str())
        .bind(grant.code.as_str())
        .bind(&grant.client)
        .bind(grant.user.as_str())
        .bind(grant.session.as_str())
        .bind(grant.launch.as_ref().map(LaunchId::as_str))
        .bind(grant.redirect_uri.as_deref())
        .bind(&grant.scope)
        .bind(grant.nonce.as_deref())
        .bind(grant.challenge.as_deref())
        .bind(grant.expires_at.millis())
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Single use is this one guarded update. A second try revokes what the first was given
    /// (RFC 6749 section 4.1.2).
    pub async fn redeem(
        &mut self,
        code: &BearerHash,
        client: &str,
        access: &BearerHash,
        access_expires_at: Time,
        now: Time,
    ) -> Result<Redeemed> {
        let row = sqlx::query(
            "update grants set redeemed_at = $1, access_hash = $2, access_expires_at = $3
             where code_hash = $4 and client = $5 and redeemed_at is null and revoked_at is null
               and expires_at > $1
             returning id, code_hash, client, user_id, session_id, launch_id, redirect_uri, scope,
                 nonce, challenge, expires_at",
        )
        .bind(now.millis())
        .bind(access.as_str())
        .bind(access_expires_at.millis())
        .bind(code.as_str())
        .bind(client)
        .fetch_optional(&mut *self.inner)
        .await?;
        match row {
            Some(row) => Ok(Redeemed::Now(Box::new(grant(&row)?))),
            None => self.revoke_reused(code, client, now).await,
        }
    }

    async fn revoke_reused(
        &mut self,
        code: &BearerHash,
        client: &str,
        now: Time,
    ) -> Result<Redeemed> {
        let row = sqlx::query(
            "update grants set revoked_at = $1
             where code_hash = $2 and client = $3 and redeemed_at is not null returning id",
        )
        .bind(now.millis())
        .bind(code.as_str())
        .bind(client)
        .fetch_optional(&mut *self.inner)
        .await?;
        Ok(match row {
            Some(row) => Redeemed::Before(GrantId::stored(row.text("id")?)),
            None => Redeemed::Never,
        })
    }

    /// Takes back what a grant gave.
    pub async fn revoke_grant(&mut self, id: &GrantId, now: Time) -> Result<()> {
        sqlx::query("update grants set revoked_at = $1 where id = $2")
            .bind(now.millis())
            .bind(id.as_str())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Remembers a one-time value of somebody else's; false if it was seen before.
    pub async fn remember_once(&mut self, name: &str, expires_at: Time) -> Result<bool> {
        let done = sqlx::query(
            "insert into replays (name, expires_at) values ($1, $2) on conflict (name) do nothing",
        )
        .bind(name)
        .bind(expires_at.millis())
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn grant(row: &AnyRow) -> Result<Grant> {
    Ok(Grant {
        id: GrantId::stored(row.text("id")?),
        code: BearerHash::stored(row.text("code_hash")?),
        client: row.text("client")?,
        user: UserId::stored(row.text("user_id")?),
        session: SessionId::stored(row.text("session_id")?),
        launch: row.maybe_text("launch_id")?.map(LaunchId::stored),
        redirect_uri: row.maybe_text("redirect_uri")?,
        scope: row.text("scope")?,
        nonce: row.maybe_text("nonce")?,
        challenge: row.maybe_text("challenge")?,
        expires_at: row.time("expires_at")?,
    })
}
