//! Clients that register themselves, and the tokens that let them. Each is a row of `clients` that
//! no seed owns.

use sqlx::any::AnyRow;

use super::{
    ClientRow, Store, Tx,
    catalog::client_row,
    row::{Columns, json},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, RegistrationTokenId},
    model::registration::{Provenance, RegisteredClient, RegistrationToken},
};

/// The mark of clients that registered themselves.
const REGISTRATION: &str = "registration";

impl Store {
    /// Whether a token would register a client now. Only its use, by
    /// [`Tx::use_registration_token`], decides.
    pub async fn is_registration_token(&self, token: &BearerHash, now: Time) -> Result<bool> {
        let row = sqlx::query(
            "select id from registration_tokens
             where token_hash = $1 and used < uses and expires_at > $2 and revoked_at is null",
        )
        .bind(token.as_str())
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }

    /// All that were ever made, the newest first.
    pub async fn registration_tokens(&self) -> Result<Vec<RegistrationToken>> {
        let rows = sqlx::query(
            "select id, title, uses, used, made_at, expires_at, revoked_at
             from registration_tokens order by id desc",
        )
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter().map(registration_token).collect()
    }

    /// The client with this id, if this is the token it is managed with and no admin disabled it.
    pub async fn registration(
        &self,
        client: &str,
        token: &BearerHash,
    ) -> Result<Option<(ClientRow, Provenance)>> {
        let row = sqlx::query(
            "select c.*, r.issued_at, r.made_by, r.auth_method
             from registrations r join clients c on c.id = r.client
             where r.client = $1 and r.token_hash = $2 and c.disabled_at is null",
        )
        .bind(client)
        .bind(token.as_str())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        row.map(|row| Ok((client_row(&row)?, provenance(&row)?)))
            .transpose()
    }

    /// All that registered themselves, in the order they did.
    pub async fn registered_clients(&self) -> Result<Vec<RegisteredClient>> {
        let rows = sqlx::query(
            "select c.id, c.title, c.disabled_at, r.issued_at, r.made_by, r.auth_method
             from registrations r join clients c on c.id = r.client order by r.issued_at, c.id",
        )
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RegisteredClient {
                    id: row.text("id")?,
                    title: row.text("title")?,
                    provenance: provenance(row)?,
                    disabled_at: row.maybe_time("disabled_at")?,
                })
            })
            .collect()
    }
}

impl Tx {
    pub async fn insert_registration_token(
        &mut self,
        token: &RegistrationToken,
        hash: &BearerHash,
    ) -> Result<()> {
        sqlx::query(
            "insert into registration_tokens
                 (id, token_hash, title, uses, used, made_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id.as_str())
        .bind(hash.as_str())
        .bind(&token.title)
        .bind(i64::from(token.uses))
        .bind(i64::from(token.used))
        .bind(token.made_at.millis())
        .bind(token.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Uses a token for one client: this one guarded update counts. None if it is used up, expired
    /// or revoked.
    pub async fn use_registration_token(
        &mut self,
        token: &BearerHash,
        now: Time,
    ) -> Result<Option<RegistrationTokenId>> {
        sqlx::query(
            "update registration_tokens set used = used + 1
             where token_hash = $1 and used < uses and expires_at > $2 and revoked_at is null
             returning id",
        )
        .bind(token.as_str())
        .bind(now.millis())
        .fetch_optional(self.open.connection())
        .await?
        .map(|row| Ok(RegistrationTokenId::stored(row.text("id")?)))
        .transpose()
    }

    /// Whether it was not revoked before.
    pub async fn revoke_registration_token(
        &mut self,
        id: &RegistrationTokenId,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update registration_tokens set revoked_at = $1 where id = $2 and revoked_at is null",
        )
        .bind(now.millis())
        .bind(id.as_str())
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn insert_registration(
        &mut self,
        row: &ClientRow,
        token: &BearerHash,
        how: &Provenance,
    ) -> Result<()> {
        self.insert_client(row, REGISTRATION).await?;
        sqlx::query(
            "insert into registrations (client, token_hash, made_by, auth_method, issued_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&row.id)
        .bind(token.as_str())
        .bind(how.by.as_str())
        .bind(&how.auth_method)
        .bind(how.issued_at.millis())
        .execute(self.open.connection())
        .await?;
        self.bump_catalog().await
    }

    /// Replaces what a client registered. False if it was removed or disabled meanwhile.
    pub async fn replace_registration(
        &mut self,
        row: &ClientRow,
        auth_method: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update clients set title = $2, secret_hash = $3, jwks = $4, redirect_uris = $5,
                 post_logout_redirect_uris = $6, initiate_login_uri = $7, id_token_alg = $8,
                 registration = $9
             where id = $1 and owner = $10 and disabled_at is null",
        )
        .bind(&row.id)
        .bind(&row.title)
        .bind(row.secret_hash.as_deref())
        .bind(row.jwks.as_ref().map(json))
        .bind(json(&row.redirect_uris))
        .bind(json(&row.post_logout_redirect_uris))
        .bind(row.initiate_login_uri.as_deref())
        .bind(&row.id_token_alg)
        .bind(json(&row.registration))
        .bind(REGISTRATION)
        .execute(self.open.connection())
        .await?;
        sqlx::query("update registrations set auth_method = $2 where client = $1")
            .bind(&row.id)
            .bind(auth_method)
            .execute(self.open.connection())
            .await?;
        self.bump_catalog().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a registered client with all it was given and allowed. Whether it was there.
    pub async fn delete_registration(&mut self, client: &str, now: Time) -> Result<bool> {
        let found = sqlx::query("delete from registrations where client = $1")
            .bind(client)
            .execute(self.open.connection())
            .await?;
        if found.rows_affected() == 0 {
            return Ok(false);
        }
        for sql in [
            "delete from clients where id = $1",
            "delete from pushed_requests where client = $1",
        ] {
            sqlx::query(sql)
                .bind(client)
                .execute(self.open.connection())
                .await?;
        }
        self.void_consents(client, now).await?;
        self.bump_catalog().await?;
        Ok(true)
    }

    /// Shuts a registered client out, or lets it in again. Whether that is news.
    pub async fn shut_registration(&mut self, client: &str, at: Option<Time>) -> Result<bool> {
        let done = sqlx::query(
            "update clients set disabled_at = $2 where id = $1 and owner = $3
                 and (case when disabled_at is null then 0 else 1 end) <> $4",
        )
        .bind(client)
        .bind(at.map(Time::millis))
        .bind(REGISTRATION)
        .bind(i64::from(at.is_some()))
        .execute(self.open.connection())
        .await?;
        self.bump_catalog().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn registration_token(row: &AnyRow) -> Result<RegistrationToken> {
    let count = |name| {
        let number = u32::try_from(row.number(name)?);
        number.map_err(|_| Error::Internal(format!("column {name} is out of range")))
    };
    Ok(RegistrationToken {
        id: RegistrationTokenId::stored(row.text("id")?),
        title: row.text("title")?,
        uses: count("uses")?,
        used: count("used")?,
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}

fn provenance(row: &AnyRow) -> Result<Provenance> {
    Ok(Provenance {
        issued_at: row.time("issued_at")?,
        by: RegistrationTokenId::stored(row.text("made_by")?),
        auth_method: row.text("auth_method")?,
    })
}
