//! From a link to a new password: each function reads the link, checks it against the account's
//! current state ([`Recovery`]), and writes the next stage if the row still exists.

use zeroize::Zeroizing;

use super::Directory;
use crate::{
    error::{Error, Result},
    id::{Artefact, AttemptId, Bearer, UserId, sha256},
    model::{
        event::EventKind,
        link::{LinkKind, LinkVoid},
        mail::{MailJob, is_address},
        password::PasswordWeakness,
        recovery::{AccountState, Move, Recovery},
        session::Visitor,
        typed,
    },
    store::{Account, AccountHolder, Tx},
};

/// What a link's page shows next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A button: the link has not been opened yet.
    Unopened,
    /// The question for the second factor.
    SecondFactor,
    /// The fields of a new password.
    Password,
}

/// Result of choosing a new password.
#[derive(Debug)]
pub enum Chosen {
    /// It is set; with the sign-in that was interrupted for this, if there was one.
    Done(Option<AttemptId>),
    Weak(PasswordWeakness),
    /// The link is at an earlier stage: see its page.
    NotYet,
}

/// The recovery of a link, and the account it is about.
struct FoundRecovery {
    recovery: Recovery,
    account: Account,
    holders: Vec<AccountHolder>,
}

/// Recovery of forgotten passwords.
#[derive(Clone, Copy)]
pub struct Recoveries<'a>(&'a Directory);

impl Directory {
    pub fn recoveries(&self) -> Recoveries<'_> {
        Recoveries(self)
    }
}

impl Recoveries<'_> {
    /// A user typed a name or an address. The worker finds the accounts: the response takes the
    /// same time whatever was typed (THREATS: user enumeration, timing).
    pub async fn ask(self, typed: &str, language: &str, attempt: Option<AttemptId>) -> Result<()> {
        let job = MailJob::Find {
            typed: typed.chars().take(256).collect(),
            language: language.to_owned(),
            attempt,
        };
        let mut tx = self.0.store.begin().await?;
        self.0.mails.queue(&mut tx, &job, None).await?;
        tx.commit().await
    }

    /// What a link's page shows. Changes nothing.
    pub async fn follow(self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<Shown> {
        let found = self.found(kind, link, visitor).await?;
        Ok(match found.recovery {
            Recovery::Asked(_) => Shown::Unopened,
            Recovery::Opened(opened) if opened.needs_second_factor() => Shown::SecondFactor,
            Recovery::Opened(_) | Recovery::Proven(_) => Shown::Password,
        })
    }

    /// Opens a link: it is bound to this browser from then on. One that is open here already stays
    /// so.
    pub async fn open(self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<()> {
        match self.found(kind, link, visitor).await?.recovery {
            Recovery::Asked(asked) => {
                let tx = self.0.store.begin().await?;
                self.go(tx, asked.open(&visitor.browser)).await
            }
            Recovery::Opened(_) | Recovery::Proven(_) => Ok(()),
        }
    }

    /// The user whose second factor a link waits for; `None` if it waits for none.
    pub async fn awaits_factor(
        self,
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

    /// The second factor of [`Recoveries::awaits_factor`] was proved; `tx` holds what that used up.
    pub async fn prove(self, tx: Tx, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<()> {
        match self.found(kind, link, visitor).await?.recovery {
            Recovery::Opened(opened) => self.go(tx, opened.prove()).await,
            Recovery::Asked(_) | Recovery::Proven(_) => Err(Error::Link(LinkVoid::Used)),
        }
    }

    async fn go(self, mut tx: Tx, moved: Move) -> Result<()> {
        if !tx.move_link(&moved, self.0.clock.now()).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        tx.commit().await
    }

    /// Sets the password a link is for: link, password, sessions, other links, event and notice in
    /// one transaction. It does not sign the user in.
    pub async fn choose(
        self,
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
        if let Err(weak) = self.0.local_accounts().good_enough(&password, &account) {
            return Ok(Chosen::Weak(weak));
        }
        let hash = self.0.passwords.hash(password).await?;
        let moved = proven.done();
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        if !tx.move_link(&moved, now).await? {
            return Err(Error::Link(LinkVoid::Used));
        }
        self.0
            .local_accounts()
            .replace_password(&mut tx, &account, &hash, language)
            .await?;
        for holder in &holders {
            tx.end_sessions_of(&holder.user.id, now).await?;
            let mail = moved.link.bound.mail.as_deref();
            if mail.is_some() && mail == holder.user.attributes.first("mail") {
                tx.verify_mail(&holder.user.id, now).await?;
            }
        }
        let event = self
            .0
            .events
            .by_visitor(EventKind::PasswordReset, visitor)
            .of_user(holders.first().map(|holder| &holder.user.id))
            .with("link", kind.as_str());
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(Chosen::Done(moved.link.bound.attempt))
    }

    /// A link for setting the password of a local account, for an operator to pass on.
    pub async fn password_link(self, login: &str) -> Result<Option<String>> {
        let login = typed::login(login);
        let Some(account) = self.0.store.local_account(&login).await? else {
            return Ok(None);
        };
        let Some(account) = self.0.store.account_of_subject(&account.subject).await? else {
            return Ok(None);
        };
        let mut tx = self.0.store.begin().await?;
        let link = self
            .0
            .link_to(&mut tx, LinkKind::Invite, &account, None)
            .await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    async fn found(self, kind: LinkKind, link: &str, visitor: &Visitor) -> Result<FoundRecovery> {
        let unknown = || Error::Link(LinkVoid::Unknown);
        let token = Bearer::parse(Artefact::Link, link).ok_or_else(unknown)?;
        let link = self.0.store.link(kind, &token.hash()).await?;
        let link = link.ok_or_else(unknown)?;
        let gone = || Error::Link(LinkVoid::Changed);
        let subject = link.bound.subject.clone().ok_or_else(gone)?;
        let account = self.0.store.account_of_subject(&subject).await?;
        let account = account.ok_or_else(gone)?;
        let holders = self.0.store.holders(&subject).await?;
        let standing = standing(&account, &holders);
        let now = self.0.clock.now();
        let recovery =
            Recovery::read(link, &standing, &visitor.browser, now).map_err(Error::Link)?;
        Ok(FoundRecovery {
            recovery,
            account,
            holders,
        })
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
