//! Grants: codes, and the access tokens issued for them.

use super::{
    Store, Tx,
    connection::DbConnection,
    launch::{launch, launch_columns},
    row::{Columns, Row},
    session::{signed_in, signed_in_columns},
    statement::{Json, Parameter, statement},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, GrantId},
    model::{grant::Grant, launch::Launch, session::SignedIn},
    protocol::oauth::Detail,
};

/// The columns of `grants` that [`grant`] reads.
macro_rules! grant_columns {
    () => {
        "grants.id as grants_id, grants.code_hash, grants.client as grants_client,
         grants.user_id as grants_user_id, grants.session_id as grants_session_id,
         grants.launch_id, grants.redirect_uri, grants.scope, grants.resources, grants.nonce,
         grants.challenge, grants.claims, grants.details, grants.bound_key, grants.sid,
         grants.expires_at as grants_expires_at, grants.issued_at as grants_issued_at"
    };
}
pub(super) use grant_columns;

/// The columns of `sessions`, `users` and `launches` that [`arrived`] reads.
macro_rules! arrival_columns {
    () => {
        concat!(signed_in_columns!(), ", ", launch_columns!())
    };
}

impl Store {
    /// The grant behind a living access token, and the key that token is bound to.
    pub async fn grant_by_access(
        &self,
        token: &BearerHash,
        now: Time,
    ) -> Result<Option<(Grant, Option<String>)>> {
        self.one(
            concat!(
                "select ",
                grant_columns!(),
                ", grants.access_scope, grants.access_key from grants
                 where access_hash = $1 and access_expires_at > $2 and revoked_at is null"
            ),
            &[token, &now],
            grant_and_key,
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
            concat!(
                "select ",
                grant_columns!(),
                " from grants where code_hash = $1 and client = $2"
            ),
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
            concat!(
                "select ",
                grant_columns!(),
                ", ",
                arrival_columns!(),
                " from grants join sessions on sessions.id = grants.session_id
                     join users on users.id = sessions.user_id
                     left join launches on launches.id = grants.launch_id
                 where grants.code_hash = $1 and grants.client = $2
                   and grants.redeemed_at is null and grants.revoked_at is null
                   and grants.expires_at > $3 and sessions.ended_at is null
                   and sessions.expires_at > $3 and users.disabled_at is null"
            ),
            &[redemption.code, &redemption.client, &redemption.now],
            |row| Ok((grant(row)?, arrived(row)?)),
        )
        .await
    }

    /// The user of a grant, if their session is active, and the launch it is bound to: one read.
    pub async fn arrival(&self, grant: &Grant, now: Time) -> Result<Option<RedeemedGrant>> {
        arrival(&mut *self.reader().await?, grant, now).await
    }
}

/// A redeemed grant's user and launch.
pub struct RedeemedGrant {
    pub who: SignedIn,
    pub launch: Option<Launch>,
}

async fn arrival(
    line: &mut DbConnection,
    grant: &Grant,
    now: Time,
) -> Result<Option<RedeemedGrant>> {
    let values: [&dyn Parameter; 3] = [&grant.launch, &grant.session, &now];
    let asked = statement(
        concat!(
            "select ",
            arrival_columns!(),
            " from sessions join users on users.id = sessions.user_id
                 left join launches on launches.id = $1
             where sessions.id = $2 and sessions.ended_at is null and sessions.expires_at > $3
               and users.disabled_at is null"
        ),
        &values,
    );
    line.one(asked, arrived).await
}

fn arrived(row: &Row<'_>) -> Result<RedeemedGrant> {
    let launched = row.maybe_str("launches_id")?.is_some();
    Ok(RedeemedGrant {
        who: signed_in(row)?,
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
                &Json(&grant.resources),
                &Json(&grant.claims),
                &Json(&grant.details),
                &grant.key,
                &grant.sid,
            ],
        )
        .await
    }

    /// Single use is this one guarded update.
    pub async fn redeem(&mut self, redemption: &Redemption<'_>) -> Result<Option<Grant>> {
        self.one(
            concat!(
                "update grants set redeemed_at = $1, access_hash = $2, access_expires_at = $3,
                     access_key = $6
                 where code_hash = $4 and client = $5 and redeemed_at is null
                   and revoked_at is null and expires_at > $1
                 returning ",
                grant_columns!()
            ),
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
            &[&Json(&details), id],
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

pub(super) fn grant(row: &Row<'_>) -> Result<Grant> {
    Ok(Grant {
        id: row.id("grants_id")?,
        code: row.id("code_hash")?,
        client: row.text("grants_client")?,
        user: row.id("grants_user_id")?,
        session: row.id("grants_session_id")?,
        sid: row.maybe_text("sid")?,
        launch: row.maybe_id("launch_id")?,
        redirect_uri: row.maybe_text("redirect_uri")?,
        scope: row.text("scope")?,
        resources: row.json("resources")?,
        nonce: row.maybe_text("nonce")?,
        challenge: row.maybe_text("challenge")?,
        claims: row.json("claims")?,
        details: row.json("details")?,
        key: row.maybe_text("bound_key")?,
        issued_at: row.time("grants_issued_at")?,
        expires_at: row.time("grants_expires_at")?,
    })
}

/// With the scope of its newest access token, and the key that token is bound to.
fn grant_and_key(row: &Row<'_>) -> Result<(Grant, Option<String>)> {
    let mut grant = grant(row)?;
    if let Some(scope) = row.maybe_text("access_scope")? {
        grant.scope = scope;
    }
    Ok((grant, row.maybe_text("access_key")?))
}
