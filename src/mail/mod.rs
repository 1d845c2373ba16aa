//! Domain module: mail. Each mail is queued, encrypted, in the transaction of the event it reports;
//! its job sends it to the server, with retries for half a day. No request ever waits for a mail
//! server, and only this module knows about SMTP.

mod message;
mod post;

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::{
    chance::Chance,
    clock::Clock,
    config::Config,
    error::{Error, Result},
    id::MailId,
    keys::{MAIL, Seal},
    model::{
        mail::{MailJob, MailMessage},
        place::Permits,
    },
    queue::{JobEnd, MAIL as KIND},
    store::{Job, NewJob, Store, Tx},
};

pub use post::MailFault;
use post::{MailDraft, Post};

/// The domain module.
#[derive(Clone)]
pub struct Mails {
    store: Store,
    seal: Seal,
    clock: Clock,
    chance: Chance,
    portal: Arc<str>,
    /// `None` where no server is configured.
    post: Option<Arc<Post>>,
    /// If the servers of a recipient's domain hang, our server waits for them; a domain has only a
    /// few of all connections.
    places: Permits,
}

impl Mails {
    /// An error is a sentence about the configuration.
    pub fn open(
        config: &Config,
        store: Store,
        seal: Seal,
        clock: Clock,
        chance: Chance,
    ) -> Result<Self> {
        let post = Post::open(&config.mail, &config.server.public_url)
            .map_err(|fault| Error::Invalid(format!("configuration: {fault}")))?;
        Ok(Self {
            store,
            seal,
            clock,
            chance,
            portal: config.portal.name.as_str().into(),
            post: post.map(Arc::new),
            places: Permits::new(KIND.at_once),
        })
    }

    /// Whether a server is configured.
    pub fn is_set_up(&self) -> bool {
        self.post.is_some()
    }

    /// Queues a mail in the transaction of its event; does nothing where there is no server. `to`
    /// is the recipient's address, where it is already known.
    pub async fn queue(&self, tx: &mut Tx, mail_job: &MailJob, to: Option<&str>) -> Result<()> {
        if self.post.is_none() {
            return Ok(());
        }
        let text = serde_json::to_vec(mail_job).map_err(|error| Error::Internal(error.to_string()));
        let now = self.clock.now();
        let id = MailId::new(now, &self.chance);
        let purpose = MAIL.of(&[id.as_str()]);
        let sealed = self.seal.seal(&purpose, &Zeroizing::new(text?))?;
        tx.insert_mail(&id, &sealed, now).await?;
        let key = party(to);
        let job = NewJob {
            id: id.as_str(),
            kind: KIND.name,
            key: &key,
            payload: id.as_str(),
            due: now,
            now,
        };
        tx.insert_job(&job).await
    }

    /// The connection permits for mails in this process; `None` where no server is configured.
    pub fn places(&self) -> Option<Permits> {
        self.post.is_some().then(|| self.places.clone())
    }

    /// The mail of a job; `None` if it does not exist any more, which settles the job. One that
    /// cannot be read, or whose tries are used up, is abandoned.
    pub async fn read(&self, job: &Job) -> Result<Option<MailJob>> {
        let id = mail_of(job);
        let Some(sealed) = self.store.waiting_mail(&id).await? else {
            self.forget(job).await?;
            return Ok(None);
        };
        if KIND.is_exhausted(job) {
            self.give_up(job, "the last try was cut short").await?;
            return Ok(None);
        }
        let mail_job = self.seal.unseal(&MAIL.of(&[id.as_str()]), &sealed);
        let mail_job = mail_job.and_then(|text| {
            serde_json::from_slice(&text).map_err(|error| Error::Internal(error.to_string()))
        });
        match mail_job {
            Ok(mail_job) => Ok(Some(mail_job)),
            Err(error) => {
                tracing::error!(mail.id = %id, %error, "a mail cannot be read");
                self.give_up(job, "it cannot be read").await?;
                Ok(None)
            }
        }
    }

    /// Sends a mail and settles its job; a server that is unavailable is tried again later.
    pub async fn send(&self, job: &Job, message: &MailMessage) -> Result<JobEnd> {
        let Some(post) = &self.post else {
            self.later(job, "no server is configured").await?;
            return Ok(JobEnd::Away);
        };
        let id = mail_of(job);
        let (subject, body) = message::written(message, &self.portal)?;
        let envelope = MailDraft {
            id: &id,
            at: self.clock.now(),
            to: &message.to,
            language: &message.language,
            subject,
            body,
        };
        match post.send(envelope).await {
            Ok(()) => {
                tracing::info!(mail.id = %id, "a mail was sent");
                self.done(job).await?;
                Ok(JobEnd::Answered)
            }
            Err(MailFault::Refused(why)) => {
                self.give_up(job, &why).await?;
                Ok(JobEnd::Answered)
            }
            Err(MailFault::Later(why)) => {
                self.later(job, &why).await?;
                Ok(JobEnd::Away)
            }
            Err(MailFault::Late(why)) => {
                self.later(job, &why).await?;
                Ok(JobEnd::Late)
            }
        }
    }

    /// The mail was sent or abandoned before.
    async fn forget(&self, job: &Job) -> Result<()> {
        let mut tx = self.store.begin_single().await?;
        tx.finish_job(job).await?;
        tx.commit().await
    }

    /// A job that ends, with a mail or without one.
    pub async fn done(&self, job: &Job) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if self.finish(&mut tx, job).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// The same, in a transaction with its results. False if the claim was lost: then nothing is
    /// committed.
    pub async fn finish(&self, tx: &mut Tx, job: &Job) -> Result<bool> {
        tx.finish_mail(&mail_of(job), self.clock.now()).await?;
        tx.finish_job(job).await
    }

    /// Postpones a job that cannot be done now; it is abandoned when its tries are used up.
    pub async fn later(&self, job: &Job, why: &str) -> Result<()> {
        let now = self.clock.now();
        let Some(due) = KIND.due_again(job, now) else {
            return self.give_up(job, why).await;
        };
        tracing::warn!(mail.id = %job.id, tries = job.tries, why, "a mail was not sent; trying again");
        let mut tx = self.store.begin_single().await?;
        tx.fail_job(job, why, Some(due), now).await?;
        tx.commit().await
    }

    /// The job stays as a dead letter with the error, without its content.
    async fn give_up(&self, job: &Job, why: &str) -> Result<()> {
        tracing::error!(mail.id = %job.id, why, "a mail will not be sent");
        let mut tx = self.store.begin().await?;
        if tx.fail_job(job, why, None, self.clock.now()).await? {
            tx.give_up_mail(&mail_of(job)).await?;
            tx.forget_job_key(&job.id).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Connects to the server and describes in words what is wrong (`usher check`).
    pub async fn check(&self) -> Result<String, String> {
        match &self.post {
            Some(post) => post.check().await,
            None => Ok("not configured: no password reset by mail".to_owned()),
        }
    }
}

/// The domain of an address; empty where it is not known.
fn party(to: Option<&str>) -> String {
    let domain = to.and_then(|to| to.rsplit_once('@'));
    domain.map_or_else(String::new, |(_, domain)| domain.to_lowercase())
}

/// The record that a job is about.
fn mail_of(job: &Job) -> MailId {
    MailId::stored(job.payload.clone())
}
