//! Forms kept for users whose session had ended.

use super::{
    Store, Tx,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, KeptFormId, UserId},
    model::{allowance::Write, attempt::LocalPath, kept::KeptForm},
};

impl Store {
    /// The user of the session of a cookie, living or not, and whether they are an admin.
    pub async fn session_owner(&self, token: &BearerHash) -> Result<Option<(UserId, bool)>> {
        self.one(
            "select s.user_id, u.admin_at from sessions s join users u on u.id = s.user_id
             where s.token_hash = $1 and u.disabled_at is null",
            &[token],
            |row| Ok((row.id("user_id")?, row.maybe_time("admin_at")?.is_some())),
        )
        .await
    }

    /// The form of this user, sent with this browser.
    pub async fn kept_form(
        &self,
        id: &KeptFormId,
        browser: &BearerHash,
        user: &UserId,
        now: Time,
    ) -> Result<Option<KeptForm>> {
        self.one(
            "select id, browser_hash, user_id, action, fields, page, expires_at from kept_forms
             where id = $1 and browser_hash = $2 and user_id = $3 and expires_at > $4",
            &[id, browser, user, &now],
            kept_form,
        )
        .await
    }
}

fn kept_form(row: &Row<'_>) -> Result<KeptForm> {
    Ok(KeptForm {
        id: row.id("id")?,
        browser: row.id("browser_hash")?,
        user: row.id("user_id")?,
        action: LocalPath::of(row.str("action")?),
        fields: row.json("fields")?,
        page: LocalPath::of(row.str("page")?),
        expires_at: row.time("expires_at")?,
    })
}

impl Tx {
    pub async fn insert_kept_form(&mut self, _: &Write, form: &KeptForm) -> Result<()> {
        self.run(
            "insert into kept_forms (id, browser_hash, user_id, action, fields, page, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &form.id,
                &form.browser,
                &form.user,
                &form.action.as_str(),
                &Json(&form.fields),
                &form.page.as_str(),
                &form.expires_at,
            ],
        )
        .await
    }
}
