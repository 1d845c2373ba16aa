//! Domain module: mail. Each mail is queued, encrypted, in the transaction of the event it reports;
//! the worker claims it and sends it to the server, with retries for half a day. No request ever
//! waits for a mail server, and only this module knows about SMTP.

mod letter;
mod post;

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::{
    chance::Chance,
    clock::{Clock, Time},
    config::Config,
    error::{Error, Result},
    id::MailId,
    keys::{MAIL, Seal},
    model::{
        mail::{Letter, MailJob},
        place::{Permit, Permits},
    },
    store::{MOST_TRIES, Store, Tx, WaitingMail},
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
    /// A domain whose own servers hang makes our server wait for them; it has a few places of all.
    places: Permits,
}

/// A claimed errand, and the place it has until it is dropped.
pub struct ClaimedMail {
    waiting: WaitingMail,
    place: Permit,
    pub errand: MailJob,
}

/// Errands run at the same time.
const AT_ONCE: usize = 16;

/// A claimed mail is another replica's again after this, and after the server's time for it.
const LEASE: Duration = Duration::from_secs(300);
/// Claimed in one transaction.
const CLAIM: i64 = 32;

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
            places: Permits::new(AT_ONCE),
        })
    }

    /// Whether anything can be sent.
    pub fn is_set_up(&self) -> bool {
        self.post.is_some()
    }

    /// Queues an errand in the transaction of its event; does nothing where there is no server.
    /// `to` is the address it goes to, where that is known by now.
    pub async fn queue(&self, tx: &mut Tx, errand: &MailJob, to: Option<&str>) -> Result<()> {
        if self.post.is_none() {
            return Ok(());
        }
        let text = serde_json::to_vec(errand).map_err(|error| Error::Internal(error.to_string()));
        let now = self.clock.now();
        let id = MailId::new(now, &self.chance);
        let purpose = MAIL.of(&[id.as_str()]);
        let sealed = self.seal.seal(&purpose, &Zeroizing::new(text?))?;
        tx.insert_mail(&id, &sealed, &party(to), now).await
    }

    /// The next errands that are due and have a place.
    pub async fn claim(&self) -> Result<Vec<ClaimedMail>> {
        let Some(post) = &self.post else {
            return Ok(Vec::new());
        };
        let now = self.clock.now();
        let (free, closed) = self.places.free(now);
        if free == 0 || !self.store.mail_due(now).await? {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        let mut tx = self.store.begin().await?;
        for (id, party) in tx.due_mails(now, &closed, CLAIM).await? {
            let Some(place) = self.places.take(&party, now) else {
                continue;
            };
            let waiting = tx.claim_mail(&id, now, LEASE + post.patience()).await?;
            claimed.extend(waiting.map(|waiting| (waiting, place)));
        }
        tx.commit().await?;
        let mut readable = Vec::new();
        for (waiting, place) in claimed {
            readable.extend(self.read(waiting, place).await?);
        }
        Ok(readable)
    }

    /// One that cannot be read is given up, and holds up no other.
    async fn read(&self, waiting: WaitingMail, place: Permit) -> Result<Option<ClaimedMail>> {
        let purpose = MAIL.of(&[waiting.id.as_str()]);
        let errand = self.seal.unseal(&purpose, &waiting.sealed);
        let errand = errand.and_then(|text| {
            serde_json::from_slice(&text).map_err(|error| Error::Internal(error.to_string()))
        });
        match errand {
            Ok(errand) => Ok(Some(ClaimedMail {
                waiting,
                place,
                errand,
            })),
            Err(error) => {
                tracing::error!(mail.id = %waiting.id, %error, "a mail cannot be read");
                self.give_up(&waiting.id, "it cannot be read").await?;
                Ok(None)
            }
        }
    }

    /// Sends a letter and is done with its errand; a server that is away is tried again later.
    /// Whether it makes sense to go on with the next one now.
    pub async fn send(&self, claimed: &ClaimedMail, letter: &Letter) -> Result<bool> {
        let Some(post) = &self.post else {
            return Ok(false);
        };
        let id = &claimed.waiting.id;
        let (subject, body) = letter::written(letter, &self.portal)?;
        let envelope = MailDraft {
            id,
            at: self.clock.now(),
            to: &letter.to,
            language: &letter.language,
            subject,
            body,
        };
        let sent = post.send(envelope).await;
        if !matches!(sent, Err(MailFault::Late(_))) {
            claimed.place.answered();
        }
        match sent {
            Ok(()) => {
                tracing::info!(mail.id = %id, "a mail was sent");
                self.done(claimed).await?;
                Ok(true)
            }
            Err(MailFault::Refused(why)) => {
                self.give_up(id, &why).await?;
                Ok(true)
            }
            Err(MailFault::Later(why)) => {
                self.later(claimed, &why).await?;
                Ok(false)
            }
            Err(MailFault::Late(why)) => {
                let rest = claimed.place.timed_out(self.clock.now());
                self.later(claimed, &why).await?;
                self.rest(claimed.place.party(), rest).await?;
                Ok(true)
            }
        }
    }

    async fn rest(&self, party: &str, until: Option<Time>) -> Result<()> {
        let Some(until) = until else { return Ok(()) };
        tracing::warn!(until = %until.utc(), "mails to one domain hang: they rest");
        let mut tx = self.store.begin().await?;
        tx.rest_mails(party, until).await?;
        tx.commit().await
    }

    /// An errand that ends without a mail.
    pub async fn done(&self, claimed: &ClaimedMail) -> Result<()> {
        let mut tx = self.store.begin().await?;
        self.finish(&mut tx, claimed).await?;
        tx.commit().await
    }

    /// The same beside what it led to.
    pub async fn finish(&self, tx: &mut Tx, claimed: &ClaimedMail) -> Result<()> {
        tx.finish_mail(&claimed.waiting.id, self.clock.now()).await
    }

    /// An errand that cannot be run now.
    pub async fn later(&self, claimed: &ClaimedMail, why: &str) -> Result<()> {
        let WaitingMail { id, tries, .. } = &claimed.waiting;
        if *tries >= MOST_TRIES {
            return self.give_up(id, why).await;
        }
        tracing::warn!(mail.id = %id, tries, why, "a mail was not sent; trying again");
        let mut tx = self.store.begin().await?;
        let due = self.clock.now() + pause(*tries);
        tx.put_back_mail(id, due, why).await?;
        tx.commit().await
    }

    async fn give_up(&self, id: &MailId, why: &str) -> Result<()> {
        tracing::error!(mail.id = %id, why, "a mail will not be sent");
        let mut tx = self.store.begin().await?;
        tx.give_up_mail(id, why).await?;
        tx.commit().await
    }

    /// Greets the server and describes in plain words what is wrong (`usher check`).
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

/// Half a minute, and longer after each failure, an hour at most.
fn pause(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.clamp(1, 8)).unwrap_or(1) - 1;
    Duration::from_secs((30 << doublings).min(3600))
}
