//! Clients that register themselves, and the tokens for that. Each is a row of `clients` that no
//! seed owns.

use super::{
    ClientRow, Store, Tx,
    catalog::client_row,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, RegistrationTokenId},
    model::registration::{Provenance, RegisteredClient, RegistrationToken},
};

/// The mark of clients that registered themselves.
const REGISTRATION: &str = "registration";

/// The columns of `registrations` that [`provenance`] reads; clients have none of these names.
macro_rules! provenance_columns {
    () => {
        "issued_at, made_by, auth_method"
    };
}

impl Store {
    /// Whether a token would register a client now. Only its use, by
    /// [`Tx::use_registration_token`], is decisive.
    pub async fn is_registration_token(&self, token: &BearerHash, now: Time) -> Result<bool> {
        self.exists(
            "select id from registration_tokens
             where token_hash = $1 and used < uses and expires_at > $2 and revoked_at is null",
            &[token, &now],
        )
        .await
    }

    /// All tokens, the newest first.
    pub async fn registration_tokens(&self) -> Result<Vec<RegistrationToken>> {
        self.all(
            "select id, title, uses, used, made_at, expires_at, revoked_at
             from registration_tokens order by id desc",
            &[],
            registration_token,
        )
        .await
    }

    /// The client with this id, if this is the token it is managed with and no admin disabled it.
    pub async fn registration(
        &self,
        client: &str,
        token: &BearerHash,
    ) -> Result<Option<(ClientRow, Provenance)>> {
        self.one(
            concat!(
                "select c.*, ",
                provenance_columns!(),
                " from registrations r join clients c on c.id = r.client
                 where r.client = $1 and r.token_hash = $2 and c.disabled_at is null"
            ),
            &[&client, token],
            |row| Ok((client_row(row)?, provenance(row)?)),
        )
        .await
    }

    /// All registered clients, in the order of registration.
    pub async fn registered_clients(&self) -> Result<Vec<RegisteredClient>> {
        self.all(
            concat!(
                "select c.id, c.title, c.disabled_at, ",
                provenance_columns!(),
                " from registrations r join clients c on c.id = r.client
                 order by r.issued_at, c.id"
            ),
            &[],
            |row| {
                Ok(RegisteredClient {
                    id: row.text("id")?,
                    title: row.text("title")?,
                    provenance: provenance(row)?,
                    disabled_at: row.maybe_time("disabled_at")?,
                })
            },
        )
        .await
    }
}

impl Tx {
    pub async fn insert_registration_token(
        &mut self,
        token: &RegistrationToken,
        hash: &BearerHash,
    ) -> Result<()> {
        self.run(
            "insert into registration_tokens
                 (id, token_hash, title, uses, used, made_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &token.id,
                hash,
                &token.title,
                &i64::from(token.uses),
                &i64::from(token.used),
                &token.made_at,
                &token.expires_at,
            ],
        )
        .await
    }

    /// Uses a token for one client by this one guarded update. `None` if it is used up, expired or
    /// revoked.
    pub async fn use_registration_token(
        &mut self,
        token: &BearerHash,
        now: Time,
    ) -> Result<Option<RegistrationTokenId>> {
        self.one(
            "update registration_tokens set used = used + 1
             where token_hash = $1 and used < uses and expires_at > $2 and revoked_at is null
             returning id",
            &[token, &now],
            |row| row.id("id"),
        )
        .await
    }

    /// Whether it was not revoked before.
    pub async fn revoke_registration_token(
        &mut self,
        id: &RegistrationTokenId,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update registration_tokens set revoked_at = $1 where id = $2 and revoked_at is null",
            &[&now, id],
        )
        .await
    }

    pub async fn insert_registration(
        &mut self,
        row: &ClientRow,
        token: &BearerHash,
        how: &Provenance,
    ) -> Result<()> {
        self.insert_client(row, REGISTRATION).await?;
        self.run(
            "insert into registrations (client, token_hash, made_by, auth_method, issued_at)
             values ($1, $2, $3, $4, $5)",
            &[&row.id, token, &how.by, &how.auth_method, &how.issued_at],
        )
        .await?;
        self.bump_catalog().await
    }

    /// Replaces a client's registration. False if it was removed or disabled meanwhile.
    pub async fn replace_registration(
        &mut self,
        row: &ClientRow,
        auth_method: &str,
    ) -> Result<bool> {
        let sql = "update clients set title = $2, secret_hash = $3, jwks = $4, redirect_uris = $5,
                 post_logout_redirect_uris = $6, initiate_login_uri = $7, id_token_alg = $8,
                 registration = $9
             where id = $1 and owner = $10 and disabled_at is null";
        let is_replaced = self
            .changes_one(
                sql,
                &[
                    &row.id,
                    &row.title,
                    &row.secret_hash,
                    &row.jwks.as_ref().map(Json),
                    &Json(&row.redirect_uris),
                    &Json(&row.post_logout_redirect_uris),
                    &row.initiate_login_uri,
                    &row.id_token_alg,
                    &Json(&row.registration),
                    &REGISTRATION,
                ],
            )
            .await?;
        self.run(
            "update registrations set auth_method = $2 where client = $1",
            &[&row.id, &auth_method],
        )
        .await?;
        self.bump_catalog().await?;
        Ok(is_replaced)
    }

    /// Removes a registered client with everything it was given and its consents. Returns whether
    /// it was there.
    pub async fn delete_registration(&mut self, client: &str, now: Time) -> Result<bool> {
        let sql = "delete from registrations where client = $1";
        if self.changed(sql, &[&client]).await? == 0 {
            return Ok(false);
        }
        for sql in [
            "delete from clients where id = $1",
            "delete from pushed_requests where client = $1",
        ] {
            self.run(sql, &[&client]).await?;
        }
        self.void_consents(client, now).await?;
        self.bump_catalog().await?;
        Ok(true)
    }

    /// Disables a registered client, or enables it again. Returns whether that changed anything.
    pub async fn shut_registration(&mut self, client: &str, at: Option<Time>) -> Result<bool> {
        let sql = "update clients set disabled_at = $2 where id = $1 and owner = $3
                 and (case when disabled_at is null then 0 else 1 end) <> $4";
        let is_news = self
            .changes_one(sql, &[&client, &at, &REGISTRATION, &at.is_some()])
            .await?;
        self.bump_catalog().await?;
        Ok(is_news)
    }
}

fn registration_token(row: &Row<'_>) -> Result<RegistrationToken> {
    let count = |name| {
        let number = u32::try_from(row.number(name)?);
        number.map_err(|_| Error::Internal(format!("column {name} is out of range")))
    };
    Ok(RegistrationToken {
        id: row.id("id")?,
        title: row.text("title")?,
        uses: count("uses")?,
        used: count("used")?,
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}

fn provenance(row: &Row<'_>) -> Result<Provenance> {
    Ok(Provenance {
        issued_at: row.time("issued_at")?,
        by: row.id("made_by")?,
        auth_method: row.text("auth_method")?,
    })
}
