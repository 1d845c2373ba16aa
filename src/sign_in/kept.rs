//! Forms that arrive after their session has ended.

use super::SignIns;
use crate::{
    error::Result,
    id::{Artefact, Bearer, KeptFormId, UserId},
    model::{
        attempt::LocalPath,
        kept::{KEPT_LIFE, KeptForm},
        session::{SignedIn, Visitor},
    },
};

/// Whose session has ended.
pub struct EndedSessionOwner {
    pub user: UserId,
    pub is_admin: bool,
}

impl SignIns {
    /// The person of a session that has ended, by its cookie.
    pub async fn ended(&self, cookie: &str) -> Result<Option<EndedSessionOwner>> {
        let Some(token) = Bearer::parse(Artefact::Session, cookie) else {
            return Ok(None);
        };
        let owner = self.store.session_owner(&token.hash()).await?;
        Ok(owner.map(|(user, is_admin)| EndedSessionOwner { user, is_admin }))
    }

    /// Keeps a form until its person has signed in again with the same browser.
    pub async fn keep_form(
        &self,
        ended: EndedSessionOwner,
        visitor: &Visitor,
        (action, page): (LocalPath, LocalPath),
        fields: Vec<(String, String)>,
    ) -> Result<KeptFormId> {
        let now = self.clock.now();
        let form = KeptForm {
            id: KeptFormId::new(now, &self.chance),
            browser: visitor.browser.clone(),
            user: ended.user,
            action,
            fields,
            page,
            expires_at: now + KEPT_LIFE,
        };
        let write = visitor.write(now)?;
        let mut tx = self.store.begin().await?;
        tx.insert_kept_form(&write, &form).await?;
        tx.commit().await?;
        Ok(form.id)
    }

    /// A form of the signed-in user, sent with this browser; any other form counts as not found.
    pub async fn kept_form(
        &self,
        id: &KeptFormId,
        who: &SignedIn,
        visitor: &Visitor,
    ) -> Result<Option<KeptForm>> {
        let now = self.clock.now();
        self.store
            .kept_form(id, &visitor.browser, &who.user.id, now)
            .await
    }
}
