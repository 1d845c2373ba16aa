//! One-time links: creating them, and finding them while they are unused.

use super::Directory;
use crate::{
    error::{Error, Result},
    id::{Artefact, AttemptId, Bearer, UserId, sha256},
    model::link::{AccountSnapshot, LinkKind, LinkStage, LinkVoid, OneTimeLink},
    store::{Account, Tx},
};

impl Directory {
    /// An unused link of this kind.
    pub(super) async fn living(&self, kind: LinkKind, link: &str) -> Result<OneTimeLink> {
        let void = |why| Err(Error::Link(why));
        let Some(token) = Bearer::parse(Artefact::Link, link) else {
            return void(LinkVoid::Unknown);
        };
        match self.store.link(kind, &token.hash()).await? {
            None => void(LinkVoid::Unknown),
            Some(link) if link.stage != LinkStage::Asked => void(LinkVoid::Used),
            Some(link) if link.expires_at <= self.clock.now() => void(LinkVoid::Expired),
            Some(link) => Ok(link),
        }
    }

    /// A new link for setting an account's password; earlier ones are void.
    pub(super) async fn link_to(
        &self,
        tx: &mut Tx,
        kind: LinkKind,
        account: &Account,
        sent: Option<(&str, Option<AttemptId>)>,
    ) -> Result<String> {
        let account = &account.account;
        let (mail, attempt) = sent.unzip();
        let bound = AccountSnapshot {
            subject: Some(account.subject.clone()),
            password: Some(sha256(&account.password_hash)),
            mail: mail.map(str::to_owned),
            attempt: attempt.flatten(),
            browser: None,
        };
        tx.void_links_to(&account.subject, self.clock.now()).await?;
        self.new_link(tx, kind, None, bound).await
    }

    /// The text of a link for its recipient. It is not stored; only its hash is.
    pub(super) async fn new_link(
        &self,
        tx: &mut Tx,
        kind: LinkKind,
        user: Option<UserId>,
        bound: AccountSnapshot,
    ) -> Result<String> {
        let now = self.clock.now();
        let token = Bearer::mint(Artefact::Link, &self.chance);
        let link = OneTimeLink {
            token: token.hash(),
            kind,
            user,
            stage: LinkStage::Asked,
            bound,
            created_at: now,
            expires_at: now + kind.life(),
        };
        tx.insert_one_time_link(&link).await?;
        let base = &self.rules.public_url;
        Ok(format!("{base}{}{}", kind.path(), token.as_str()))
    }
}
