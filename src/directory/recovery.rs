//! From a link to a new password: each function reads the link, checks it against the account's
//! current state ([`Recovery`]), and writes the next stage if the row still exists.

use zeroize::Zeroizing;

use super::Directory;
use crate::{
    error::{Error, Result},
    id::{Artefact, AttemptId, Bearer, SessionId, UserId, sha256},
    model::{
        event::{Actor, EventKind},
        link::{AccountSnapshot, LinkKind, LinkStage, LinkVoid, OneTimeLink},
        mail::{MailJob, Recipient, is_address},
        password::{self, PasswordWeakness},
        recovery::{AccountState, Move, Recovery},
        session::Visitor,
    },
    store::{Account, AccountHolder, Tx},
};

/// What a link's page shows next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A button: nothing has happened yet.
    Door,
    /// The question for the second factor.
    SecondFactor,
    /// The fields of a new password.
    Password,
}

/// What became of a new password.
#[derive(Debug)]
pub enum Chosen {
    /// It is set; with the sign-in that was given up for this, if there was one.
    Done(Option<AttemptId>),
    Weak(PasswordWeakness),
    /// The link has not come so far: see its page.
    NotYet,
}

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

/// A link's recovery, and the account it is about.
struct FoundRecovery {
    recovery: Recovery,
    account: Account,
    holders: Vec<AccountHolder>,
}

impl Directory {
    /// A user typed a name or an address. The worker finds out whose it is: this takes the same
    /// time whatever was typed (THREATS: user enumeration, timing).
    pub async fn ask_reset(
        &self,
        typed: &str,
        language: &str,
        attempt: Option<AttemptId>,
    ) -> Result<()> {
        let errand = MailJob::Find {
            typed: typed.chars().take(256).collect(),
            language: language.to_owned(),
            attempt,
        };
        let mut tx = self.store.begin().await?;
        self.mails.queue(&mut tx, &errand, None).await?;
        tx.commit().await
    }

    /// What a link's page shows. Changes nothing.
    pub async fn follow(&self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<Shown> {
        let found = self.found(kind, link, visitor).await?;
        Ok(match found.recovery {
            Recovery::Asked(_) => Shown::Door,
            Recovery::Opened(opened) if opened.needs_second_factor() => Shown::SecondFactor,
            Recovery::Opened(_) | Recovery::Proven(_) => Shown::Password,
        })
    }

    /// Opens a link: from now on it is this browser's. One that is open here already stays so.
    pub async fn open(&self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<()> {
        match self.found(kind, link, visitor).await?.recovery {
            Recovery::Asked(asked) => {
                let tx = self.store.begin().await?;
                self.go(tx, asked.open(&visitor.browser)).await
            }
            Recovery::Opened(_) | Recovery::Proven(_) => Ok(()),
        }
    }

    /// The user whose second factor a link waits for; `None` if it waits for none.
    pub async fn awaits_factor(
        &self,
        kind: LinkKind,
        link: &str,
        visitor: &Visitor,
    ) -> Result<Option<UserId>> {
        let found = self.found(kind, link, visitor).await?;
        let Recovery::Opened(opened) = found.recovery else {
            return Ok(None);
        };
        let whose = found.holders.into_iter().find(|one| one.second_factor);
        Ok(whose
            .filter(|_| opened.needs_second_factor())
            .map(|one| one.user.id))
    }

    /// The second factor of [`Directory::awaits_factor`] was shown; `tx` holds what that used up.
    pub async fn prove(&self, tx: Tx, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<()> {
        match self.found(kind, link, visitor).await?.recovery {
            Recovery::Opened(opened) => self.go(tx, opened.prove()).await,
            Recovery::Asked(_) | Recovery::Proven(_) => Err(Error::Link(LinkVoid::Used)),
        }
    }

    async fn go(&self, mut tx: Tx, moved: Move) -> Result<()> {
        if !tx.move_link(&moved, self.clock.now()).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        tx.commit().await
    }

    /// Sets the password a link is for: link, password, sessions, other links, event and notice in
    /// one transaction. It does not sign the user in.
    pub async fn choose(
        &self,
        kind: LinkKind,
        link: &str,
        visitor: &Visitor,
        password: Zeroizing<String>,
        language: &str,
    ) -> Result<Chosen> {
        let FoundRecovery {
            recovery,
            account,
            holders,
        } = self.found(kind, link, visitor).await?;
        let proven = match recovery {
            Recovery::Proven(proven) => proven,
            Recovery::Asked(_) => return Ok(Chosen::NotYet),
            Recovery::Opened(opened) => match opened.without_second_factor() {
                Ok(proven) => proven,
                Err(_) => return Ok(Chosen::NotYet),
            },
        };
        if let Err(weak) = self.good_enough(&password, &account) {
            return Ok(Chosen::Weak(weak));
        }
        let hash = self.passwords.hash(password).await?;
        let moved = proven.done();
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.move_link(&moved, now).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        self.replace_password(&mut tx, &account, &hash, language)
            .await?;
        for holder in &holders {
            tx.end_sessions_of(&holder.user.id, now).await?;
            let mail = moved.link.bound.mail.as_deref();
            if mail.is_some() && mail == holder.user.attributes.first("mail") {
                tx.verify_mail(&holder.user.id, now).await?;
            }
        }
        let event = self
            .events
            .by_visitor(EventKind::PasswordReset, visitor)
            .of_user(holders.first().map(|holder| &holder.user.id))
            .with("link", kind.as_str());
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(Chosen::Done(moved.link.bound.attempt))
    }

    /// The local account of a signed-in user, if they have one.
    pub async fn own_account(&self, user: &UserId) -> Result<Option<Own>> {
        let Some((provider, account)) = self.store.account_of_user(user).await? else {
            return Ok(None);
        };
        let holders = self.store.holders(&account.account.subject).await?;
        Ok(Some(Own {
            provider,
            account,
            holders,
        }))
    }

    /// Whether a password will do for this account.
    pub fn good_enough(&self, password: &str, account: &Account) -> Result<(), PasswordWeakness> {
        let account = &account.account;
        let known_by = [
            account.login.as_str(),
            account.name.as_str(),
            account.mail().unwrap_or_default(),
            &self.rules.portal,
        ];
        password::check(password, &known_by, self.rules.shortest)
    }

    /// Gives a signed-in user (who has just proved the old password) a new one: their other
    /// sessions and all links end.
    pub async fn change_own(
        &self,
        tx: &mut Tx,
        own: &Own,
        user: &UserId,
        session: &SessionId,
        hash: &str,
        language: &str,
    ) -> Result<()> {
        let now = self.clock.now();
        self.replace_password(tx, &own.account, hash, language)
            .await?;
        for holder in &own.holders {
            tx.end_other_sessions(&holder.user.id, session, now).await?;
        }
        let actor = Actor::User(user.clone());
        let event = self.event(actor, EventKind::PasswordChanged, user);
        tx.record(&event.in_session(session)).await
    }

    /// The new password, no link to the old one, and a notice to whose it is.
    async fn replace_password(
        &self,
        tx: &mut Tx,
        account: &Account,
        hash: &str,
        language: &str,
    ) -> Result<()> {
        let now = self.clock.now();
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
        let errand = MailJob::Changed {
            to: Recipient {
                name: old.name.clone(),
                mail: mail.to_owned(),
            },
            language: language.to_owned(),
        };
        self.mails.queue(tx, &errand, Some(mail)).await
    }

    /// Queues a link that shows that an address is a person's.
    pub async fn ask_verification(&self, own: &Own, user: &UserId, language: &str) -> Result<()> {
        let Some(mail) = own.account.account.mail() else {
            return Ok(());
        };
        let errand = MailJob::Verify {
            user: user.clone(),
            mail: mail.to_owned(),
            language: language.to_owned(),
        };
        let mut tx = self.store.begin().await?;
        self.mails.queue(&mut tx, &errand, Some(mail)).await?;
        tx.commit().await
    }

    /// The address a link is about, if the link is still valid. Changes nothing.
    pub async fn address_of(&self, link: &str) -> Result<String> {
        let link = self.living(LinkKind::VerifyMail, link).await?;
        self.verifiable(&link).await.map(|(_, mail)| mail)
    }

    /// Takes a person's word, by a link only a reader of the address has, that it is theirs.
    pub async fn verify_mail(&self, link: &str) -> Result<()> {
        let mut link = self.living(LinkKind::VerifyMail, link).await?;
        let (user, _) = self.verifiable(&link).await?;
        let from = std::mem::replace(&mut link.stage, LinkStage::Done);
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.move_link(&Move { link, from }, now).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        tx.verify_mail(&user, now).await?;
        tx.record(&self.event(Actor::Anonymous, EventKind::MailVerified, &user))
            .await?;
        tx.commit().await
    }

    /// A link about an address that is no longer its person's is void.
    async fn verifiable(&self, link: &OneTimeLink) -> Result<(UserId, String)> {
        let changed = || Error::Link(LinkVoid::Changed);
        let (Some(id), Some(mail)) = (&link.user, &link.bound.mail) else {
            return Err(changed());
        };
        let user = self.store.user(id).await?.ok_or_else(changed)?;
        let same = user.attributes.first("mail") == Some(mail.as_str());
        if !same || user.disabled_at.is_some() {
            return Err(changed());
        }
        Ok((user.id, mail.clone()))
    }

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

    async fn found(&self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<FoundRecovery> {
        let unknown = || Error::Link(LinkVoid::Unknown);
        let token = Bearer::parse(Artefact::Link, link).ok_or_else(unknown)?;
        let link = self.store.link(kind, &token.hash()).await?;
        let link = link.ok_or_else(unknown)?;
        let gone = || Error::Link(LinkVoid::Changed);
        let subject = link.bound.subject.clone().ok_or_else(gone)?;
        let account = self.store.account_of_subject(&subject).await?;
        let account = account.ok_or_else(gone)?;
        let holders = self.store.holders(&subject).await?;
        let standing = standing(&account, &holders);
        let now = self.clock.now();
        let recovery =
            Recovery::read(link, &standing, &visitor.browser, now).map_err(Error::Link)?;
        Ok(FoundRecovery {
            recovery,
            account,
            holders,
        })
    }

    /// A new link to an account's password; those before it are void.
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

    /// A link, as its reader gets it. It is nowhere else.
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

fn standing(account: &Account, holders: &[AccountHolder]) -> AccountState {
    let disabled = |holder: &AccountHolder| holder.user.disabled_at.is_some();
    let kept = &account.account;
    AccountState {
        subject: kept.subject.clone(),
        password: sha256(&kept.password_hash),
        mail: kept.mail().map(str::to_owned),
        disabled: kept.disabled_at.is_some() || holders.iter().any(disabled),
        second_factor: holders.iter().any(|holder| holder.second_factor),
    }
}

/// The account's address, if a link may be sent there: its holder has shown that it is theirs, or
/// the admin who writes the catalogue (and could as well write the password) says so.
pub(super) fn trusted_mail<'a>(account: &'a Account, holders: &[AccountHolder]) -> Option<&'a str> {
    let mail = account.account.mail().filter(|mail| is_address(mail))?;
    let shown = |holder: &AccountHolder| {
        holder.mail_verified_at.is_some() && holder.user.attributes.first("mail") == Some(mail)
    };
    (account.seeded || holders.iter().any(shown)).then_some(mail)
}

/// Whether the account is disabled, so that no link may set its password.
pub(super) fn is_shut(account: &Account, holders: &[AccountHolder]) -> bool {
    standing(account, holders).disabled
}
