//! The local account of a signed-in user: its password, and whether its mail address is theirs.

use super::{Directory, recovery::trusted_mail};
use crate::{
    error::{Error, Result},
    id::{SessionId, UserId},
    model::{
        event::{Actor, EventKind},
        link::{LinkKind, LinkStage, LinkVoid, OneTimeLink},
        mail::{MailJob, Recipient, is_address},
        password::{self, PasswordWeakness},
        recovery::Move,
    },
    store::{Account, AccountHolder, Tx},
};

/// The local account of a signed-in user.
pub struct Own {
    /// The slug of the provider it is used by.
    pub provider: String,
    pub account: Account,
    holders: Vec<AccountHolder>,
}

impl Own {
    /// The address mails go to, and whether it is verified.
    pub fn mail(&self) -> Option<(&str, bool)> {
        let mail = self.account.account.mail()?;
        Some((mail, trusted_mail(&self.account, &self.holders).is_some()))
    }
}

/// Local accounts of signed-in users.
#[derive(Clone, Copy)]
pub struct LocalAccounts<'a>(&'a Directory);

impl Directory {
    pub fn local_accounts(&self) -> LocalAccounts<'_> {
        LocalAccounts(self)
    }
}

impl LocalAccounts<'_> {
    /// The local account of a signed-in user, if they have one.
    pub async fn of_user(self, user: &UserId) -> Result<Option<Own>> {
        let Some((provider, account)) = self.0.store.account_of_user(user).await? else {
            return Ok(None);
        };
        let holders = self.0.store.holders(&account.account.subject).await?;
        Ok(Some(Own {
            provider,
            account,
            holders,
        }))
    }

    /// Whether a password is acceptable for this account.
    pub fn good_enough(self, password: &str, account: &Account) -> Result<(), PasswordWeakness> {
        let account = &account.account;
        let known_by = [
            account.login.as_str(),
            account.name.as_str(),
            account.mail().unwrap_or_default(),
            &self.0.rules.portal,
        ];
        password::check(password, &known_by, self.0.rules.shortest)
    }

    /// Gives a signed-in user (who has just proved the old password) a new one: their other
    /// sessions and all links end.
    pub async fn change_password(
        self,
        tx: &mut Tx,
        own: &Own,
        user: &UserId,
        session: &SessionId,
        hash: &str,
        language: &str,
    ) -> Result<()> {
        let now = self.0.clock.now();
        self.replace_password(tx, &own.account, hash, language)
            .await?;
        for holder in &own.holders {
            tx.end_other_sessions(&holder.user.id, session, now).await?;
        }
        let actor = Actor::User(user.clone());
        let event = self.0.event(actor, EventKind::PasswordChanged, user);
        tx.record(&event.in_session(session)).await
    }

    /// Stores the new password, voids the links to the old one, and queues a notice to the user.
    pub(super) async fn replace_password(
        self,
        tx: &mut Tx,
        account: &Account,
        hash: &str,
        language: &str,
    ) -> Result<()> {
        let now = self.0.clock.now();
        let old = &account.account;
        if !tx
            .change_password(&old.subject, &old.password_hash, hash, now)
            .await?
        {
            return Err(Error::Link(LinkVoid::Changed));
        }
        tx.void_links_to(&old.subject, now).await?;
        let Some(mail) = old.mail().filter(|mail| is_address(mail)) else {
            return Ok(());
        };
        let job = MailJob::Changed {
            to: Recipient {
                name: old.name.clone(),
                mail: mail.to_owned(),
            },
            language: language.to_owned(),
        };
        self.0.mails.queue(tx, &job, Some(mail)).await
    }

    /// Queues a link that verifies that a mail address is the user's.
    pub async fn ask_verification(self, own: &Own, user: &UserId, language: &str) -> Result<()> {
        let Some(mail) = own.account.account.mail() else {
            return Ok(());
        };
        let job = MailJob::Verify {
            user: user.clone(),
            mail: mail.to_owned(),
            language: language.to_owned(),
        };
        let mut tx = self.0.store.begin().await?;
        self.0.mails.queue(&mut tx, &job, Some(mail)).await?;
        tx.commit().await
    }

    /// The address a link is about, if the link is still valid. Changes nothing.
    pub async fn address_of(self, link: &str) -> Result<String> {
        let link = self.0.living(LinkKind::VerifyMail, link).await?;
        self.verifiable(&link).await.map(|(_, mail)| mail)
    }

    /// Marks a mail address as verified, by a link that only a reader of the address has.
    pub async fn verify_mail(self, link: &str) -> Result<()> {
        let mut link = self.0.living(LinkKind::VerifyMail, link).await?;
        let (user, _) = self.verifiable(&link).await?;
        let from = std::mem::replace(&mut link.stage, LinkStage::Done);
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        if !tx.move_link(&Move { link, from }, now).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        tx.verify_mail(&user, now).await?;
        tx.record(
            &self
                .0
                .event(Actor::Anonymous, EventKind::MailVerified, &user),
        )
        .await?;
        tx.commit().await
    }

    /// A link about an address that is no longer its user's is void.
    async fn verifiable(self, link: &OneTimeLink) -> Result<(UserId, String)> {
        let changed = || Error::Link(LinkVoid::Changed);
        let (Some(id), Some(mail)) = (&link.user, &link.bound.mail) else {
            return Err(changed());
        };
        let user = self.0.store.user(id).await?.ok_or_else(changed)?;
        let same = user.attributes.first("mail") == Some(mail.as_str());
        if !same || user.disabled_at.is_some() {
            return Err(changed());
        }
        Ok((user.id, mail.clone()))
    }
}
