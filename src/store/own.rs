//! Everything that is stored about one user, for the export: read without the columns that contain
//! hashes or sealed secrets.

use super::{
    Store,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::Result,
    id::UserId,
    model::export::{
        ExportedAccount, ExportedChoice, ExportedFactor, ExportedProfile, Granted, Launched,
        Receipt, Timestamp,
    },
};

impl Store {
    pub async fn profile(&self, user: &UserId) -> Result<Option<ExportedProfile>> {
        self.one(
            "select id, login, name, created_at, refreshed_at, mail_verified_at, admin_at
             from users where id = $1",
            &[user],
            profile,
        )
        .await
    }

    pub async fn local_accounts_of(&self, user: &UserId) -> Result<Vec<ExportedAccount>> {
        self.all(
            "select a.login, a.name, a.attributes, a.changed_at
             from external_identities e
             join identity_providers p on p.slug = e.provider and p.kind = 'local'
             join local_accounts a on a.subject = e.subject
             where e.user_id = $1 order by a.login",
            &[user],
            local_account,
        )
        .await
    }

    /// Second factors, with the oldest first; those that were never confirmed, too.
    pub async fn factors_of(&self, user: &UserId) -> Result<Vec<ExportedFactor>> {
        self.all(
            "select kind, title, created_at, confirmed_at, used_at from factors
             where user_id = $1 order by id",
            &[user],
            factor,
        )
        .await
    }

    pub async fn choices_of(&self, user: &UserId, now: Time) -> Result<Vec<ExportedChoice>> {
        self.all(
            "select service, instance, expires_at from overrides
             where user_id = $1 and expires_at > $2 order by service",
            &[user, &now],
            choice,
        )
        .await
    }

    /// A user's launches, newest first.
    pub async fn launches_of(&self, user: &UserId, most: usize) -> Result<Vec<Launched>> {
        self.all(
            "select l.id, l.service, l.intent, l.kind, l.record_key, l.fields, l.instance,
                    l.method, l.session_id, l.address, l.created_at, l.departed_at,
                    coalesce(l.landed_at, g.redeemed_at) as landed_at, l.refused_at, l.reason,
                    r.outcome, r.reason as receipt_reason, r.detail as receipt_detail,
                    r.at as receipt_at
             from launches l left join grants g on g.launch_id = l.id
                 left join receipts r on r.launch_id = l.id
             where l.user_id = $1 order by l.id desc limit $2",
            &[user, &i64::try_from(most).unwrap_or(i64::MAX)],
            launched,
        )
        .await
    }

    /// The grants of applications in a user's name, newest first.
    pub async fn grants_of(&self, user: &UserId, most: usize) -> Result<Vec<Granted>> {
        self.all(
            "select client, scope, session_id, launch_id, issued_at, redeemed_at, revoked_at
             from grants where user_id = $1 order by id desc limit $2",
            &[user, &i64::try_from(most).unwrap_or(i64::MAX)],
            granted,
        )
        .await
    }
}

fn stamp(row: &Row<'_>, name: &str) -> Result<Timestamp> {
    row.time(name).map(Timestamp)
}

fn maybe_stamp(row: &Row<'_>, name: &str) -> Result<Option<Timestamp>> {
    Ok(row.maybe_time(name)?.map(Timestamp))
}

fn profile(row: &Row<'_>) -> Result<ExportedProfile> {
    Ok(ExportedProfile {
        id: row.text("id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        created_at: stamp(row, "created_at")?,
        refreshed_at: stamp(row, "refreshed_at")?,
        mail_verified_at: maybe_stamp(row, "mail_verified_at")?,
        administrator_since: maybe_stamp(row, "admin_at")?,
    })
}

fn local_account(row: &Row<'_>) -> Result<ExportedAccount> {
    Ok(ExportedAccount {
        login: row.text("login")?,
        name: row.text("name")?,
        attributes: row.json("attributes")?,
        changed_at: stamp(row, "changed_at")?,
    })
}

fn factor(row: &Row<'_>) -> Result<ExportedFactor> {
    Ok(ExportedFactor {
        kind: row.text("kind")?,
        title: row.text("title")?,
        created_at: stamp(row, "created_at")?,
        confirmed_at: maybe_stamp(row, "confirmed_at")?,
        used_at: maybe_stamp(row, "used_at")?,
    })
}

fn choice(row: &Row<'_>) -> Result<ExportedChoice> {
    Ok(ExportedChoice {
        service: row.text("service")?,
        instance: row.text("instance")?,
        expires_at: stamp(row, "expires_at")?,
    })
}

fn launched(row: &Row<'_>) -> Result<Launched> {
    Ok(Launched {
        id: row.text("id")?,
        service: row.text("service")?,
        intent: row.text("intent")?,
        record_type: row.maybe_text("kind")?,
        record: row.maybe_text("record_key")?,
        fields: row.json("fields")?,
        instance: row.maybe_text("instance")?,
        method: row.maybe_text("method")?,
        session: row.maybe_text("session_id")?,
        address: row.maybe_text("address")?,
        created_at: stamp(row, "created_at")?,
        departed_at: maybe_stamp(row, "departed_at")?,
        landed_at: maybe_stamp(row, "landed_at")?,
        refused_at: maybe_stamp(row, "refused_at")?,
        reason: row.maybe_text("reason")?,
        receipt: receipt(row)?,
    })
}

fn receipt(row: &Row<'_>) -> Result<Option<Receipt>> {
    let Some(outcome) = row.maybe_text("outcome")? else {
        return Ok(None);
    };
    Ok(Some(Receipt {
        outcome,
        reason: row.maybe_text("receipt_reason")?,
        detail: row.maybe_text("receipt_detail")?,
        at: stamp(row, "receipt_at")?,
    }))
}

fn granted(row: &Row<'_>) -> Result<Granted> {
    Ok(Granted {
        client: row.text("client")?,
        scope: row.text("scope")?,
        session: row.text("session_id")?,
        launch: row.maybe_text("launch_id")?,
        issued_at: stamp(row, "issued_at")?,
        redeemed_at: maybe_stamp(row, "redeemed_at")?,
        revoked_at: maybe_stamp(row, "revoked_at")?,
    })
}
