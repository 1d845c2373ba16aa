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

/// The user whose session has ended.
pub struct EndedSessionOwner {
    pub user: UserId,
    pub is_admin: bool,
}

/// Forms that wait for their user to sign in again.
#[derive(Clone, Copy)]
pub struct KeptForms<'a>(&'a SignIns);

impl SignIns {
    pub fn kept_forms(&self) -> KeptForms<'_> {
        KeptForms(self)
    }
}

impl KeptForms<'_> {
    /// The user of a session that has ended, by its cookie.
    pub async fn owner(self, cookie: &str) -> Result<Option<EndedSessionOwner>> {
        let Some(token) = Bearer::parse(Artefact::Session, cookie) else {
            return Ok(None);
        };
        let owner = self.0.store.session_owner(&token.hash()).await?;
        Ok(owner.map(|(user, is_admin)| EndedSessionOwner { user, is_admin }))
    }

    /// Stores a form until its user has signed in again with the same browser.
    pub async fn keep(
        self,
        ended: EndedSessionOwner,
        visitor: &Visitor,
        (action, page): (LocalPath, LocalPath),
        fields: Vec<(String, String)>,
    ) -> Result<KeptFormId> {
        let now = self.0.clock.now();
        let form = KeptForm {
            id: KeptFormId::new(now, &self.0.chance),
            browser: visitor.browser.clone(),
            user: ended.user,
            action,
            fields,
            page,
            expires_at: now + KEPT_LIFE,
        };
        let write = visitor.write(now)?;
        let mut tx = self.0.store.begin_single().await?;
        tx.insert_kept_form(&write, &form).await?;
        tx.commit().await?;
        Ok(form.id)
    }

    /// A form of the signed-in user, sent with this browser; any other form counts as not found.
    pub async fn find(
        self,
        id: &KeptFormId,
        who: &SignedIn,
        visitor: &Visitor,
    ) -> Result<Option<KeptForm>> {
        let now = self.0.clock.now();
        self.0
            .store
            .kept_form(id, &visitor.browser, &who.user.id, now)
            .await
    }
}
