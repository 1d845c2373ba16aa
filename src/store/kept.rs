//! Forms kept for people whose session had ended.

use super::{
    Store, Tx,
    row::{Columns, json},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, KeptFormId, UserId},
    model::{allowance::Write, attempt::LocalPath, kept::KeptForm},
};

impl Store {
    /// Whose session a cookie was of, living or not, and whether they are an admin.
    pub async fn session_owner(&self, token: &BearerHash) -> Result<Option<(UserId, bool)>> {
        let row = sqlx::query(
            "select s.user_id, u.admin_at from sessions s join users u on u.id = s.user_id
             where s.token_hash = $1 and u.disabled_at is null",
        )
        .bind(token.as_str())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let is_admin = row.maybe_time("admin_at")?.is_some();
        Ok(Some((UserId::stored(row.text("user_id")?), is_admin)))
    }

    /// The form of this person, sent with this browser.
    pub async fn kept_form(
        &self,
        id: &KeptFormId,
        browser: &BearerHash,
        user: &UserId,
        now: Time,
    ) -> Result<Option<KeptForm>> {
        let row = sqlx::query(
            "select action, fields, page, expires_at from kept_forms
             where id = $1 and browser_hash = $2 and user_id = $3 and expires_at > $4",
        )
        .bind(id.as_str())
        .bind(browser.as_str())
        .bind(user.as_str())
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KeptForm {
            id: id.clone(),
            browser: browser.clone(),
            user: user.clone(),
            action: LocalPath::of(&row.text("action")?),
            fields: row.json("fields")?,
            page: LocalPath::of(&row.text("page")?),
            expires_at: row.time("expires_at")?,
        }))
    }
}

impl Tx {
    pub async fn insert_kept_form(&mut self, _: &Write, form: &KeptForm) -> Result<()> {
        sqlx::query(
            "insert into kept_forms (id, browser_hash, user_id, action, fields, page, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(form.id.as_str())
        .bind(form.browser.as_str())
        .bind(form.user.as_str())
        .bind(form.action.as_str())
        .bind(json(&form.fields))
        .bind(form.page.as_str())
        .bind(form.expires_at.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
