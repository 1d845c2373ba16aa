//! The job of a mail: finds the accounts of a forgotten password, creates the link, and has the
//! mail sent. Each try creates a new link, and the one before it is void.

use std::time::Duration;

use super::{
    Directory,
    recovery::{is_shut, trusted_mail},
};
use crate::{
    error::Result,
    id::{AttemptId, UserId, sha256},
    model::{
        event::{Actor, EventKind},
        link::{AccountSnapshot, LinkKind},
        mail::{Content, MailJob, MailMessage, Recipient, is_address},
        typed,
        user::User,
    },
    queue::JobEnd,
    store::{Account, Job},
};

/// The most links per account, and mails per address, in one window: no user's mailbox can be
/// filled by others.
const LINKS: i64 = 3;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// The most accounts that one request writes to: several accounts may share one address.
const MOST: usize = 5;

impl Directory {
    /// Runs the job of a mail.
    pub async fn run_mail(&self, job: Job) -> Result<JobEnd> {
        let Some(mail_job) = self.mails.read(&job).await? else {
            return Ok(JobEnd::Settled);
        };
        match self.run_mail_job(&job, &mail_job).await {
            Ok(end) => Ok(end),
            Err(error) => {
                tracing::warn!(mail.id = %job.id, %error, "a mail could not be prepared");
                self.mails
                    .later(&job, "the mail could not be prepared")
                    .await?;
                Ok(JobEnd::Settled)
            }
        }
    }

    async fn run_mail_job(&self, job: &Job, mail_job: &MailJob) -> Result<JobEnd> {
        let message = match mail_job {
            MailJob::Find {
                typed,
                language,
                attempt,
            } => {
                self.find(job, typed, language, attempt.as_ref()).await?;
                return Ok(JobEnd::Settled);
            }
            MailJob::Reset {
                subject,
                language,
                attempt,
            } => self.reset(subject, language, attempt.as_ref()).await?,
            MailJob::Elsewhere {
                user,
                provider,
                language,
            } => self.elsewhere(user, provider, language).await?,
            MailJob::Verify {
                user,
                mail,
                language,
            } => self.verification(user, mail, language).await?,
            MailJob::Changed { to, language } => Some(MailMessage {
                to: to.clone(),
                language: language.clone(),
                content: Content::Changed,
            }),
        };
        match message {
            Some(message) => self.mails.send(job, &message).await,
            None => self.mails.done(job).await.map(|()| JobEnd::Settled),
        }
    }

    /// Queues a mail job for each user that the typed text may mean.
    async fn find(
        &self,
        job: &Job,
        typed: &str,
        language: &str,
        attempt: Option<&AttemptId>,
    ) -> Result<()> {
        let typed = typed::login(typed);
        let mut mail_jobs = Vec::new();
        if !typed.is_empty() && !typed.contains(char::is_control) {
            for account in self.store.accounts_meant(&typed).await? {
                let to = account.account.mail().map(str::to_owned);
                let mail_job = MailJob::Reset {
                    subject: account.account.subject,
                    language: language.to_owned(),
                    attempt: attempt.cloned(),
                };
                mail_jobs.push((mail_job, to));
            }
            for external in self.store.external_users_meant(&typed).await? {
                let to = external.user.attributes.first("mail").map(str::to_owned);
                let mail_job = MailJob::Elsewhere {
                    user: external.user.id,
                    provider: external.provider,
                    language: language.to_owned(),
                };
                mail_jobs.push((mail_job, to));
            }
        }
        let mut tx = self.store.begin().await?;
        for (mail_job, to) in mail_jobs.iter().take(MOST) {
            self.mails.queue(&mut tx, mail_job, to.as_deref()).await?;
        }
        if self.mails.finish(&mut tx, job).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// The mail with a link, if the account may have one.
    async fn reset(
        &self,
        subject: &str,
        language: &str,
        attempt: Option<&AttemptId>,
    ) -> Result<Option<MailMessage>> {
        let Some(account) = self.store.account_of_subject(subject).await? else {
            return Ok(None);
        };
        let holders = self.store.holders(subject).await?;
        let Some(mail) = trusted_mail(&account, &holders) else {
            return Ok(None);
        };
        let usable = self.store.local_provider().await?.is_some();
        if !usable || is_shut(&account, &holders) {
            return Ok(None);
        }
        if !self.may_write_to(mail).await? {
            return Ok(None);
        }
        let whose = holders.first().map(|holder| holder.user.id.clone());
        let link = self
            .reset_sent(&account, whose, mail, attempt.cloned())
            .await?;
        Ok(link.map(|link| MailMessage {
            to: Recipient {
                name: account.account.name.clone(),
                mail: mail.to_owned(),
            },
            language: language.to_owned(),
            content: Content::Reset { link },
        }))
    }

    async fn reset_sent(
        &self,
        account: &Account,
        user: Option<UserId>,
        mail: &str,
        attempt: Option<AttemptId>,
    ) -> Result<Option<String>> {
        let subject = &account.account.subject;
        let since = self.clock.now() - WINDOW;
        let mut tx = self.store.begin().await?;
        if tx.links_made(LinkKind::Reset, subject, since).await? >= LINKS {
            return Ok(None);
        }
        let sent = Some((mail, attempt));
        let link = self
            .link_to(&mut tx, LinkKind::Reset, account, sent)
            .await?;
        let event = self
            .events
            .by(Actor::Anonymous, EventKind::RecoveryRequested)
            .of_user(user.as_ref());
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    /// The password is kept by another provider: its owner is notified by mail, the requester is
    /// not.
    async fn elsewhere(
        &self,
        user: &UserId,
        provider: &str,
        language: &str,
    ) -> Result<Option<MailMessage>> {
        let provider = provider.to_owned();
        let message = self
            .mail_to(user, language, Content::Elsewhere { provider })
            .await?;
        let Some(message) = message else {
            return Ok(None);
        };
        let may = self.may_write_to(&message.to.mail).await?;
        Ok(may.then_some(message))
    }

    /// Counts a recovery mail by the address it goes to, wherever the password is kept.
    async fn may_write_to(&self, mail: &str) -> Result<bool> {
        let now = self.clock.now();
        let name = format!("recovery mail {}", sha256(&mail.trim().to_lowercase()));
        let mut tx = self.store.begin_single().await?;
        let mails = tx.count_failure(&name, now, now + WINDOW).await?;
        tx.commit().await?;
        Ok(mails <= LINKS)
    }

    async fn verification(
        &self,
        user: &UserId,
        mail: &str,
        language: &str,
    ) -> Result<Option<MailMessage>> {
        let bound = AccountSnapshot {
            mail: Some(mail.to_owned()),
            ..AccountSnapshot::default()
        };
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        tx.void_links(LinkKind::VerifyMail, Some(user), now).await?;
        let link = self
            .new_link(&mut tx, LinkKind::VerifyMail, Some(user.clone()), bound)
            .await?;
        tx.commit().await?;
        let message = self
            .mail_to(user, language, Content::Verify { link })
            .await?;
        Ok(message.filter(|message| message.to.mail == mail))
    }

    /// A mail to the known address of a user who is not disabled.
    async fn mail_to(
        &self,
        user: &UserId,
        language: &str,
        content: Content,
    ) -> Result<Option<MailMessage>> {
        let user: Option<User> = self.store.user(user).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        let mail = user.attributes.first("mail");
        let Some(mail) = mail.filter(|mail| is_address(mail)) else {
            return Ok(None);
        };
        Ok(Some(MailMessage {
            to: Recipient {
                name: user.name.clone(),
                mail: mail.to_owned(),
            },
            language: language.to_owned(),
            content,
        }))
    }
}
