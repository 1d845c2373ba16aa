//! Logout delivery: every remote application that used a session is notified that it has ended,
//! whatever ended it. Each notice has a job: notices are sent in parallel, each with its own
//! deadline, and an application that hangs or fails does not delay the others.

use std::time::Duration;

use super::{Issuer, protocol::LogoutNotice};
use crate::{
    error::Result,
    id::{Bearer, SessionId},
    model::{
        event::{Actor, EventKind, Target},
        notice::{LogoutDelivery, NoticeOutcome},
        party::PartyKind,
        session::SignedIn,
    },
    net::NetError,
    queue::{JobEnd, JobQueue, LOGOUT},
    store::{Job, NoticeLine, Tx},
};

/// Sent at the same time.
pub const AT_ONCE: usize = LOGOUT.at_once;

/// The age of the notices that a user is shown of their own, and an admin of all.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3600);
const MOST_LINES: i64 = 200;

/// The outcome of a notification.
pub(super) enum DeliveryResult {
    Confirmed,
    /// It ended its own session, but reports that others continue.
    Partly,
    /// Only the browser can notify it.
    Browser,
    Impossible,
    /// It was notified, in a way that has no answer.
    Asked,
    /// A sentence for the admin; another try may succeed.
    Failed(String),
    /// The same; it did not answer in time.
    Late(String),
    /// It refused, and is not notified again.
    Refused(String),
}

impl DeliveryResult {
    /// Whether another try makes sense.
    fn may_do_better(&self) -> bool {
        matches!(self, DeliveryResult::Failed(_) | DeliveryResult::Late(_))
    }

    /// The status on pages, and a sentence for the admin where it is a failure.
    fn outcome(&self, is_tried_again: bool) -> (NoticeOutcome, Option<&str>) {
        let failed = match is_tried_again {
            true => NoticeOutcome::Waiting,
            false => NoticeOutcome::Failed,
        };
        match self {
            DeliveryResult::Confirmed => (NoticeOutcome::Confirmed, None),
            DeliveryResult::Partly => (failed, Some("it has ended only a part")),
            DeliveryResult::Browser => (NoticeOutcome::Browser, None),
            DeliveryResult::Impossible => (NoticeOutcome::Impossible, None),
            DeliveryResult::Asked => (NoticeOutcome::Asked, None),
            DeliveryResult::Failed(why)
            | DeliveryResult::Late(why)
            | DeliveryResult::Refused(why) => (failed, Some(why)),
        }
    }
}

impl From<NetError> for DeliveryResult {
    fn from(error: NetError) -> Self {
        match error {
            NetError::TimedOut(_) => DeliveryResult::Late(error.to_string()),
            _ => DeliveryResult::Failed(error.to_string()),
        }
    }
}

/// The notices to remote applications that a session has ended.
#[derive(Clone, Copy)]
pub struct LogoutDeliveries<'a>(&'a Issuer);

impl Issuer {
    pub fn logouts(&self) -> LogoutDeliveries<'_> {
        LogoutDeliveries(self)
    }
}

impl LogoutDeliveries<'_> {
    /// Sends all notices that are due; several may do this at the same time.
    pub async fn deliver_due(self) -> Result<()> {
        let queue = JobQueue {
            kind: &LOGOUT,
            store: &self.0.store,
            clock: &self.0.clock,
            places: &self.0.places,
        };
        let run = |job| {
            let issuer = self.0.clone();
            async move { issuer.logouts().deliver(job).await }
        };
        queue.run_due(run).await
    }

    /// Runs the job of a notice. If its outcome cannot be written, the notice is sent again
    /// when the lease ends.
    pub async fn deliver(self, job: Job) -> Result<JobEnd> {
        let notice = match self.0.store.notice(&job.payload).await?.transpose() {
            Ok(notice) => notice,
            Err(error) => {
                self.give_up(&job, &error.to_string()).await?;
                return Ok(JobEnd::Settled);
            }
        };
        let is_open = |notice: &LogoutDelivery| notice.outcome == NoticeOutcome::Waiting;
        let Some(mut notice) = notice.filter(is_open) else {
            self.forget(&job).await?;
            return Ok(JobEnd::Settled);
        };
        notice.tries = job.tries;
        let result = self.deliver_one(&notice).await;
        let end = match result {
            DeliveryResult::Late(_) => JobEnd::Late,
            _ => JobEnd::Answered,
        };
        if let Err(error) = self.settle_job(&job, &notice, result).await {
            tracing::warn!(%error, "a notice could not be settled; it is tried again");
        }
        Ok(end)
    }

    /// A notice that cannot be parsed is not tried again: its job becomes a dead letter at once.
    async fn give_up(self, job: &Job, why: &str) -> Result<()> {
        // Without the job's id, which may contain an application's id of a user.
        tracing::error!(tries = job.tries, why, "a logout notice cannot be read");
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        if tx.fail_job(job, why, None, now).await? {
            tx.give_up_notice(&job.payload, why, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// There is nothing left to notify of.
    async fn forget(self, job: &Job) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.finish_job(job).await?;
        tx.commit().await
    }

    /// Notifies the party by the protocol that identified the user to it.
    async fn deliver_one(self, notice: &LogoutDelivery) -> DeliveryResult {
        match LogoutNotice::find(&notice.at.kind) {
            Some(protocol) => (protocol.deliver)(self.0, notice).await,
            None => DeliveryResult::Impossible,
        }
    }

    /// Records the outcome of a notice, and settles its job. Nothing is written if the claim was
    /// lost: another replica notifies the party again.
    async fn settle_job(
        self,
        job: &Job,
        notice: &LogoutDelivery,
        result: DeliveryResult,
    ) -> Result<()> {
        let now = self.0.clock.now();
        let due = LOGOUT
            .due_again(job, now)
            .filter(|_| result.may_do_better());
        let (outcome, error) = result.outcome(due.is_some());
        let mut tx = self.0.store.begin().await?;
        let is_ours = match error {
            Some(why) => tx.fail_job(job, why, due, now).await?,
            None => tx.finish_job(job).await?,
        };
        if !is_ours {
            return Ok(());
        }
        self.write_outcome(&mut tx, notice, Actor::Worker, outcome, error)
            .await?;
        tx.commit().await
    }

    /// Records the outcome of a notice that has no job: its party has answered through the browser.
    pub(super) async fn settle(
        self,
        notice: &LogoutDelivery,
        result: DeliveryResult,
    ) -> Result<()> {
        let (outcome, error) = result.outcome(false);
        let party = Actor::Client(notice.at.party.clone());
        let mut tx = self.0.store.begin().await?;
        self.write_outcome(&mut tx, notice, party, outcome, error)
            .await?;
        tx.commit().await
    }

    async fn write_outcome(
        self,
        tx: &mut Tx,
        notice: &LogoutDelivery,
        actor: Actor,
        outcome: NoticeOutcome,
        error: Option<&str>,
    ) -> Result<()> {
        if let Some(why) = error {
            tracing::warn!(party = %notice.at.party, tries = notice.tries, why, "a logout notification was not delivered");
        }
        tx.settle_notice(notice, outcome, error, self.0.clock.now())
            .await?;
        let kind = match outcome {
            NoticeOutcome::Confirmed | NoticeOutcome::Asked => EventKind::LogoutDelivered,
            NoticeOutcome::Failed => EventKind::LogoutFailed,
            _ => return Ok(()),
        };
        let event = self
            .0
            .events
            .by(actor, kind)
            .of_user(Some(&notice.user))
            .in_session(&notice.at.session)
            .about(Target::application(&notice.at.party))
            .with("protocol", notice.at.kind.as_str());
        tx.record(&event).await
    }

    /// The addresses by which the browser notifies the parties that only it can notify. The attempt
    /// is recorded, because each is notified once (OpenID Connect Front-Channel Logout 1.0 section
    /// 3).
    pub async fn ask_browser(self, notices: &[LogoutDelivery]) -> Result<Vec<url::Url>> {
        let now = self.0.clock.now();
        let (mut frames, mut asked) = (Vec::new(), Vec::new());
        for notice in notices
            .iter()
            .filter(|one| one.outcome == NoticeOutcome::Browser)
        {
            let protocol = LogoutNotice::find(&notice.at.kind);
            let (more, is_all) = match protocol.and_then(|protocol| protocol.frames) {
                Some(frames_of) => frames_of(self.0, notice).await?,
                None => (Vec::new(), true),
            };
            frames.extend(more);
            asked.extend(is_all.then_some(notice));
        }
        let mut tx = self.0.store.begin().await?;
        for notice in asked {
            tx.settle_notice(notice, NoticeOutcome::Asked, None, now)
                .await?;
        }
        tx.commit().await?;
        Ok(frames)
    }

    /// For the browser that has just signed out: its notices, and whether they are still to be
    /// written.
    pub async fn parting(self, parting: &Bearer) -> Result<(bool, Vec<LogoutDelivery>)> {
        let hash = parting.hash();
        if self.0.store.awaits_notices(&hash).await? {
            return Ok((true, Vec::new()));
        }
        Ok((false, self.0.store.notices_of_parting(&hash).await?))
    }

    /// A user's own notices, of the last days.
    pub async fn own(self, who: &SignedIn) -> Result<Vec<LogoutDelivery>> {
        let since = self.0.clock.now() - LATELY;
        self.0.store.own_notices(&who.user.id, since).await
    }

    /// All notices, for admins.
    pub async fn latest(self) -> Result<Vec<NoticeLine>> {
        self.0.store.notices(MOST_LINES).await
    }

    /// Repeats a failed notice for an admin. Returns whether there was one.
    pub async fn retry(
        self,
        admin: &SignedIn,
        session: &SessionId,
        kind: PartyKind,
        party: &str,
    ) -> Result<bool> {
        let mut tx = self.0.store.begin().await?;
        let found = tx
            .retry_notice(session, &kind, party, self.0.clock.now())
            .await?;
        if !found {
            return Ok(false);
        }
        let event = self
            .0
            .events
            .of(EventKind::LogoutRetried, admin)
            .about(Target::application(party))
            .with("protocol", kind.as_str())
            .with("session", session.as_str());
        tx.record(&event).await?;
        tx.commit().await?;
        self.0.places.forgive(&format!("{} {party}", kind.as_str()));
        Ok(true)
    }
}
