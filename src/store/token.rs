//! Refresh tokens, and access tokens without a code.

use super::{
    Store, Tx,
    grant::{grant, grant_columns},
    row::{Columns, Row},
    statement::Parameter,
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, GrantId},
    model::grant::Grant,
};

/// A stored refresh token.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    pub hash: BearerHash,
    pub grant: GrantId,
    pub issued_at: Time,
    pub expires_at: Time,
}

/// A client's own access token, or an exchanged one.
#[derive(Clone, Debug)]
pub struct AccessToken {
    pub hash: BearerHash,
    pub client: String,
    /// The grant it was exchanged from; `None` for a client's own.
    pub grant: Option<GrantId>,
    pub scope: String,
    /// The thumbprint of the key it is bound to (RFC 9449).
    pub key: Option<String>,
    pub expires_at: Time,
}

/// The changes of a grant by a refresh, in one transaction.
pub struct GrantChange<'a> {
    pub used: &'a BearerHash,
    pub client: &'a str,
    pub next: &'a RefreshToken,
    pub access: &'a BearerHash,
    pub access_scope: &'a str,
    pub access_key: Option<&'a str>,
    pub access_expires_at: Time,
    pub now: Time,
}

/// A refresh token from a client, with its grant.
pub struct Refreshable {
    pub grant: Grant,
    pub issued_at: Time,
    pub expires_at: Time,
    pub used_at: Option<Time>,
}

impl Store {
    /// A refresh token, used or not, of a grant that was not revoked.
    pub async fn refreshable(&self, token: &BearerHash, now: Time) -> Result<Option<Refreshable>> {
        self.one(
            concat!(
                "select ",
                grant_columns!(),
                ", r.used_at, r.issued_at, r.expires_at
                 from refresh_tokens r join grants on grants.id = r.grant_id
                 where r.token_hash = $1 and r.expires_at > $2 and grants.revoked_at is null"
            ),
            &[token, &now],
            refreshable,
        )
        .await
    }

    /// A valid access token, with or without a code.
    pub async fn living_access(
        &self,
        token: &BearerHash,
        now: Time,
    ) -> Result<Option<AccessToken>> {
        self.one(
            "select access_hash as token_hash, client, id as grant_id,
                    coalesce(access_scope, scope) as scope, access_expires_at as expires_at,
                    access_key as bound_key
             from grants
             where access_hash = $1 and access_expires_at > $2 and revoked_at is null
             union all
             select token_hash, client, grant_id, scope, expires_at, bound_key from access_tokens
             where token_hash = $1 and expires_at > $2 and revoked_at is null",
            &[token, &now],
            access_token,
        )
        .await
    }

    /// A grant that was redeemed and not revoked.
    pub async fn living_grant(&self, id: &GrantId) -> Result<Option<Grant>> {
        self.one(
            concat!(
                "select ",
                grant_columns!(),
                " from grants
                 where id = $1 and redeemed_at is not null and revoked_at is null"
            ),
            &[id],
            grant,
        )
        .await
    }
}

fn refreshable(row: &Row<'_>) -> Result<Refreshable> {
    Ok(Refreshable {
        grant: grant(row)?,
        issued_at: row.time("issued_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.maybe_time("used_at")?,
    })
}

fn access_token(row: &Row<'_>) -> Result<AccessToken> {
    Ok(AccessToken {
        hash: row.id("token_hash")?,
        client: row.text("client")?,
        grant: row.maybe_id("grant_id")?,
        scope: row.text("scope")?,
        key: row.maybe_text("bound_key")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Tx {
    /// Stores an access token without a code.
    pub async fn insert_access_token(&mut self, token: &AccessToken) -> Result<()> {
        self.run(
            "insert into access_tokens (token_hash, client, grant_id, scope, expires_at, bound_key)
             values ($1, $2, $3, $4, $5, $6)",
            &[
                &token.hash,
                &token.client,
                &token.grant,
                &token.scope,
                &token.expires_at,
                &token.key,
            ],
        )
        .await
    }

    /// Stores a refresh token: the first of a grant, or the next.
    pub async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<()> {
        self.run(
            "insert into refresh_tokens (token_hash, grant_id, issued_at, expires_at)
             values ($1, $2, $3, $4)",
            &[
                &token.hash,
                &token.grant,
                &token.issued_at,
                &token.expires_at,
            ],
        )
        .await
    }

    /// One refresh: the old token is used up, the new one is stored, and the grant's access token
    /// is replaced. False if it was used, has expired or was revoked meanwhile: then nothing is
    /// changed.
    pub async fn turn(&mut self, turn: &GrantChange<'_>) -> Result<bool> {
        let sql = "update refresh_tokens set used_at = $1
             where token_hash = $2 and used_at is null and expires_at > $1";
        if !self.changes_one(sql, &[&turn.now, turn.used]).await? {
            return Ok(false);
        }
        let sql = "update grants set access_hash = $1, access_scope = $2, access_expires_at = $3,
                 access_key = $6
             where id = $4 and client = $5 and revoked_at is null";
        let values: &[&dyn Parameter] = &[
            turn.access,
            &turn.access_scope,
            &turn.access_expires_at,
            &turn.next.grant,
            &turn.client,
            &turn.access_key,
        ];
        let is_kept = self.changes_one(sql, values).await?;
        self.insert_refresh_token(turn.next).await?;
        Ok(is_kept)
    }

    /// Revokes a grant with everything that was issued for it, at any time. Returns whether it was
    /// not revoked before.
    pub async fn revoke_family(&mut self, id: &GrantId, now: Time) -> Result<bool> {
        self.changes_one(
            "update grants set revoked_at = $1 where id = $2 and revoked_at is null",
            &[&now, id],
        )
        .await
    }

    /// Revokes one access token of this client, whatever its origin.
    pub async fn revoke_access(
        &mut self,
        token: &BearerHash,
        client: &str,
        now: Time,
    ) -> Result<()> {
        for sql in [
            "update grants set access_expires_at = $1
             where access_hash = $2 and client = $3 and access_expires_at > $1",
            "update access_tokens set revoked_at = $1
             where token_hash = $2 and client = $3 and revoked_at is null",
        ] {
            self.run(sql, &[&now, token, &client]).await?;
        }
        Ok(())
    }
}
