//! Grants: codes, and the access tokens issued for them.

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    connection::DbConnection,
    launch::launch,
    row::{Columns, json},
    session::{SessionColumns, signed_in},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, GrantId},
    model::{grant::Grant, launch::Launch, session::SignedIn},
    protocol::oauth::Detail,
};

impl Store {
    /// The grant behind a living access token, and the key that token is bound to.
    pub async fn grant_by_access(
        &self,
        token: &BearerHash,
        now: Time,
    ) -> Result<Option<(Grant, Option<String>)>> {
        self.one(
            "select id, code_hash, client, user_id, session_id, launch_id, redirect_uri,
                    coalesce(access_scope, scope) as scope, resources, nonce, challenge,
                    claims, details, bound_key, sid, expires_at, issued_at, access_key
             from grants where access_hash = $1 and access_expires_at > $2 and revoked_at is null",
            &[token, &now],
            |row| Ok((grant(row)?, row.maybe_text("access_key")?)),
        )
        .await
    }
}

/// A code from a client, and the access token to issue for it.
pub struct Redemption<'a> {
    pub code: &'a BearerHash,
    pub client: &'a str,
    pub access: &'a BearerHash,
    /// The thumbprint of the key the token is bound to.
    pub key: Option<&'a str>,
    pub access_expires_at: Time,
    pub now: Time,
}

impl Store {
    /// The grant of a client's code, used or not.
    pub async fn grant_by_code(&self, code: &BearerHash, client: &str) -> Result<Option<Grant>> {
        self.one(
            "select id, code_hash, client, user_id, session_id, launch_id, redirect_uri, scope,
                    resources, nonce, challenge, claims, details, bound_key, sid, expires_at,
                    issued_at
             from grants where code_hash = $1 and client = $2",
            &[code, &client],
            grant,
        )
        .await
    }

    /// The grant of a code with its user, if it can be redeemed now: one read, which uses nothing
    /// up.
    pub async fn redeemable(
        &self,
        redemption: &Redemption<'_>,
    ) -> Result<Option<(Grant, RedeemedGrant)>> {
        self.one(
            "select g.id as g_id, g.code_hash as g_code_hash, g.client as g_client,
                    g.user_id as g_user_id, g.session_id as g_session_id,
                    g.launch_id as g_launch_id, g.redirect_uri as g_redirect_uri,
                    g.scope as g_scope, g.resources as g_resources, g.nonce as g_nonce,
                    g.challenge as g_challenge, g.claims as g_claims, g.details as g_details,
                    g.bound_key as g_bound_key, g.sid as g_sid, g.expires_at as g_expires_at,
                    g.issued_at as g_issued_at,
                    s.id as session, s.user_id as person, s.provider, s.amr, s.acr, s.factor_at,
                    s.remembered_at, s.created_at as session_created_at, s.authenticated_at,
                    s.proved_at, s.seen_at, s.expires_at, u.login, u.username, u.name,
                    u.attributes, u.mail_verified_at, u.disabled_at, u.admin_at,
                    l.id, l.stage, l.service, l.intent, l.kind, l.record_key, l.fields,
                    l.browser_hash, l.user_id, l.session_id, l.instance, l.method, l.client,
                    l.target, l.context, l.handle_hash, l.handle_expires_at, l.reason, l.address,
                    l.created_at, l.departed_at, l.refused_at
             from grants g join sessions s on s.id = g.session_id
                  join users u on u.id = s.user_id left join launches l on l.id = g.launch_id
             where g.code_hash = $1 and g.client = $2 and g.redeemed_at is null
               and g.revoked_at is null and g.expires_at > $3
               and s.ended_at is null and s.expires_at > $3 and u.disabled_at is null",
            &[redemption.code, &redemption.client, &redemption.now],
            |row| Ok((grant_in(row, "g_")?, arrived(row)?)),
        )
        .await
    }

    /// The user of a grant, if their session lives, and the launch it is bound to: one read.
    pub async fn arrival(&self, grant: &Grant, now: Time) -> Result<Option<RedeemedGrant>> {
        arrival(&mut *self.read.acquire().await?, grant, now).await
    }
}

/// A redeemed grant's user and launch.
pub struct RedeemedGrant {
    pub who: SignedIn,
    pub launch: Option<Launch>,
}

/// The session's columns beside a launch's of the same names.
const ARRIVAL: SessionColumns = SessionColumns {
    id: "session",
    user: "person",
    created_at: "session_created_at",
};

async fn arrival(
    line: &mut DbConnection,
    grant: &Grant,
    now: Time,
) -> Result<Option<RedeemedGrant>> {
    line.one(
        "select s.id as session, s.user_id as person, s.provider, s.amr, s.acr, s.factor_at,
                s.remembered_at,
                s.created_at as session_created_at, s.authenticated_at, s.proved_at, s.seen_at, s.expires_at,
                u.login, u.username, u.name, u.attributes, u.mail_verified_at, u.disabled_at,
                u.admin_at, l.id, l.stage, l.service,
                l.intent, l.kind, l.record_key, l.fields, l.browser_hash, l.user_id,
                l.session_id, l.instance, l.method, l.client, l.target, l.context,
                l.handle_hash, l.handle_expires_at, l.reason, l.address, l.created_at,
                l.departed_at, l.refused_at
         from sessions s join users u on u.id = s.user_id left join launches l on l.id = $1
         where s.id = $2 and s.ended_at is null and s.expires_at > $3
           and u.disabled_at is null",
        &[&grant.launch, &grant.session, &now],
        arrived,
    )
    .await
}

fn arrived(row: &AnyRow) -> Result<RedeemedGrant> {
    let launched = row.maybe_text("id")?.is_some();
    Ok(RedeemedGrant {
        who: signed_in(row, &ARRIVAL)?,
        launch: launched.then(|| launch(row)).transpose()?,
    })
}

impl Tx {
    /// Stores a grant. `handle` binds it to its launch, if that is open, of the same client and the
    /// same session, and was not used before: one grant per launch. Of two concurrent requests with
    /// one handle, the first gets it.
    pub async fn insert_grant(&mut self, grant: &Grant, handle: Option<&BearerHash>) -> Result<()> {
        if !self.try_grant(grant, handle).await? {
            self.try_grant(grant, None).await?;
        }
        Ok(())
    }

    /// As [`Tx::insert_grant`]; false, and nothing is stored, if the launch has its grant already.
    pub async fn try_grant(&mut self, grant: &Grant, handle: Option<&BearerHash>) -> Result<bool> {
        self.exists(
            "insert into grants (id, code_hash, client, user_id, session_id, launch_id,
                 redirect_uri, scope, nonce, challenge, expires_at, issued_at, resources, claims,
                 details, bound_key, sid)
             values ($1, $2, $3, $4, $5,
                 coalesce($6, (select l.id from launches l
                     where l.handle_hash = $7 and l.client = $3 and l.session_id = $5
                       and l.stage = 'departed' and l.handle_expires_at > $8
                       and not exists (select 1 from grants g where g.launch_id = l.id))),
                 $9, $10, $11, $12, $13, $8, $14, $15, $16, $17, $18)
             on conflict (launch_id) do nothing
             returning id",
            &[
                &grant.id,
                &grant.code,
                &grant.client,
                &grant.user,
                &grant.session,
                &grant.launch,
                &handle.map(BearerHash::as_str),
                &grant.issued_at,
                &grant.redirect_uri,
                &grant.scope,
                &grant.nonce,
                &grant.challenge,
                &grant.expires_at,
                &json(&grant.resources),
                &json(&grant.claims),
                &json(&grant.details),
                &grant.key,
                &grant.sid,
            ],
        )
        .await
    }

    /// Single use is this one guarded update.
    pub async fn redeem(&mut self, redemption: &Redemption<'_>) -> Result<Option<Grant>> {
        self.one(
            "update grants set redeemed_at = $1, access_hash = $2, access_expires_at = $3,
                 access_key = $6
             where code_hash = $4 and client = $5 and redeemed_at is null and revoked_at is null
               and expires_at > $1
             returning id, code_hash, client, user_id, session_id, launch_id, redirect_uri, scope,
                 resources, nonce, challenge, claims, details, bound_key, sid,
                 expires_at, issued_at",
            &[
                &redemption.now,
                redemption.access,
                &redemption.access_expires_at,
                redemption.code,
                &redemption.client,
                &redemption.key,
            ],
            grant,
        )
        .await
    }

    /// Uses up a code that was [`Store::redeemable`], if it still is: session and user as well.
    pub async fn redeem_living(&mut self, redemption: &Redemption<'_>) -> Result<bool> {
        self.changes_one(
            "update grants set redeemed_at = $1, access_hash = $2, access_expires_at = $3,
                 access_key = $6
             where code_hash = $4 and client = $5 and redeemed_at is null and revoked_at is null
               and expires_at > $1 and exists (select 1 from sessions s join users u
                   on u.id = s.user_id where s.id = grants.session_id and s.ended_at is null
                   and s.expires_at > $1 and u.disabled_at is null)",
            &[
                &redemption.now,
                redemption.access,
                &redemption.access_expires_at,
                redemption.code,
                &redemption.client,
                &redemption.key,
            ],
        )
        .await
    }

    /// As [`Store::arrival`], in a transaction.
    pub async fn arrival(&mut self, grant: &Grant, now: Time) -> Result<Option<RedeemedGrant>> {
        arrival(self.open.connection(), grant, now).await
    }

    /// A code that was not redeemable may have been redeemed before: then what was issued for it is
    /// revoked (RFC 6749 section 4.1.2). Returns whether it was.
    pub async fn revoke_reused(
        &mut self,
        code: &BearerHash,
        client: &str,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "update grants set revoked_at = $1
             where code_hash = $2 and client = $3 and redeemed_at is not null",
            &[&now, code, &client],
        )
        .await
    }

    /// Revokes a grant for which nothing was issued: its launch has not landed.
    pub async fn revoke_grant(&mut self, id: &GrantId, now: Time) -> Result<()> {
        self.run(
            "update grants set revoked_at = $1, redeemed_at = null where id = $2",
            &[&now, id],
        )
        .await
    }

    /// Stores the granted details in place of the requested ones (RFC 9396 section 7).
    pub async fn grant_details(&mut self, id: &GrantId, details: &[Detail]) -> Result<()> {
        self.run(
            "update grants set details = $1 where id = $2",
            &[&json(&details), id],
        )
        .await
    }

    /// Stores a one-time value of another party; false if it was stored before.
    pub async fn remember_once(&mut self, name: &str, expires_at: Time) -> Result<bool> {
        self.changes_one(
            "insert into replays (name, expires_at) values ($1, $2) on conflict (name) do nothing",
            &[&name, &expires_at],
        )
        .await
    }
}

pub(super) fn grant(row: &AnyRow) -> Result<Grant> {
    grant_in(row, "")
}

/// A grant among other columns: its own have this prefix.
fn grant_in(row: &AnyRow, prefix: &str) -> Result<Grant> {
    let at = |name: &str| format!("{prefix}{name}");
    Ok(Grant {
        id: row.id(&at("id"))?,
        code: row.id(&at("code_hash"))?,
        client: row.text(&at("client"))?,
        user: row.id(&at("user_id"))?,
        session: row.id(&at("session_id"))?,
        sid: row.maybe_text(&at("sid"))?,
        launch: row.maybe_id(&at("launch_id"))?,
        redirect_uri: row.maybe_text(&at("redirect_uri"))?,
        scope: row.text(&at("scope"))?,
        resources: row.json(&at("resources"))?,
        nonce: row.maybe_text(&at("nonce"))?,
        challenge: row.maybe_text(&at("challenge"))?,
        claims: row.json(&at("claims"))?,
        details: row.json(&at("details"))?,
        key: row.maybe_text(&at("bound_key"))?,
        issued_at: row.time(&at("issued_at"))?,
        expires_at: row.time(&at("expires_at"))?,
    })
}
