//! Logout delivery: every remote application that knew a user by a session is notified that it has
//! ended, by whichever way. Notices are sent in parallel, each with its own deadline, and a party
//! has a few places of the total: one that hangs or fails is tried again and holds up no other.

use std::time::Duration;

use tokio::{task::JoinSet, time::timeout};

use super::{Issuer, backchannel, cas};
use crate::{
    catalog::Snapshot,
    error::Result,
    id::{Bearer, SessionId},
    model::{
        event::{Event, EventKind},
        notice::{LogoutDelivery, NoticeOutcome},
        party::PartyKind,
        place::Permit,
        session::SignedIn,
    },
    net::NetError,
    store::NoticeLine,
};

/// Sent at the same time, and claimed at once.
pub const AT_ONCE: usize = 128;
const CLAIM: i64 = 64;
/// How often new ones are looked for while others are being sent.
const LOOK: Duration = Duration::from_secs(1);
/// A claimed notice is another replica's again after this.
const LEASE: Duration = Duration::from_secs(60);
/// Between one try and the next; after the last it has failed.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(1800),
    Duration::from_secs(7200),
];

/// What a person is shown of their own, and an admin of all.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3600);
const MOST_LINES: i64 = 200;

/// What telling came to.
pub(super) enum DeliveryResult {
    Confirmed,
    /// It ended its own session, but says that others go on.
    Partly,
    /// Only the browser can.
    Browser,
    Impossible,
    /// It was asked, in a way that has no answer.
    Asked,
    /// A sentence for the admin; it may do better later.
    Failed(String),
    /// The same; it said nothing in time.
    Late(String),
    /// It said no, and is not asked again.
    Refused(String),
}

impl From<NetError> for DeliveryResult {
    fn from(error: NetError) -> Self {
        match error {
            NetError::TimedOut(_) => DeliveryResult::Late(error.to_string()),
            _ => DeliveryResult::Failed(error.to_string()),
        }
    }
}

impl Issuer {
    /// Sends all notices that are due. Whenever a place is free, the next is claimed; several may
    /// do this at the same time.
    pub async fn tell(&self) -> Result<()> {
        let mut telling = JoinSet::new();
        let mut fault = None;
        loop {
            if fault.is_none() {
                fault = self.tell_due(&mut telling).await.err();
            }
            match timeout(LOOK, telling.join_next()).await {
                Ok(Some(Ok(Err(error)))) => {
                    tracing::warn!(%error, "a notice could not be settled; it is tried again");
                }
                Ok(None) => return fault.map_or(Ok(()), Err),
                Ok(Some(_)) | Err(_) => {}
            }
        }
    }

    async fn tell_due(&self, telling: &mut JoinSet<Result<()>>) -> Result<()> {
        loop {
            let claimed = self.claim_notices().await?;
            if claimed.is_empty() {
                return Ok(());
            }
            for (notice, place) in claimed {
                let provider = self.clone();
                telling.spawn(async move {
                    let told = provider.tell_one(&notice).await;
                    provider.settle_at(&notice, &place, told).await
                });
            }
        }
    }

    /// The next that are due and have a place.
    async fn claim_notices(&self) -> Result<Vec<(LogoutDelivery, Permit)>> {
        let now = self.clock.now();
        let (free, closed) = self.places.free(now);
        if free == 0 || !self.store.notice_due(now).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.store.begin().await?;
        tx.open_notices(now).await?;
        let mut claimed = Vec::new();
        for at in tx.due_notices(now, &closed, CLAIM).await? {
            let Some(place) = self.places.take(&at.line(), now) else {
                continue;
            };
            let notice = tx.claim_notice(&at, now, LEASE).await?;
            claimed.extend(notice.map(|notice| (notice, place)));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Says what became of a notice, and lets a party rest that does not answer.
    async fn settle_at(
        &self,
        notice: &LogoutDelivery,
        place: &Permit,
        told: DeliveryResult,
    ) -> Result<()> {
        if !matches!(told, DeliveryResult::Late(_)) {
            place.answered();
            return self.settle(notice, told).await;
        }
        let rest = place.timed_out(self.clock.now());
        self.settle(notice, told).await?;
        let Some(until) = rest else { return Ok(()) };
        tracing::warn!(party = %notice.at.party, until = %until.utc(),
            "a party does not answer: what it is to be told rests");
        let mut tx = self.store.begin().await?;
        tx.rest_notices(&notice.at, until).await?;
        tx.commit().await
    }

    /// By the protocol that identified the user to it.
    async fn tell_one(&self, notice: &LogoutDelivery) -> DeliveryResult {
        match notice.at.kind {
            PartyKind::Oidc => backchannel::tell(self, notice).await,
            PartyKind::Saml => self.tell_saml(notice).await,
            PartyKind::Cas => cas::tell(self, notice).await,
            // It asks us about each request, and has its answer already.
            PartyKind::Gate => DeliveryResult::Confirmed,
            PartyKind::Deaf => DeliveryResult::Impossible,
        }
    }

    pub(super) async fn settle(&self, notice: &LogoutDelivery, told: DeliveryResult) -> Result<()> {
        let now = self.clock.now();
        let try_again = usize::try_from(notice.tries - 1)
            .ok()
            .and_then(|tries| PAUSES.get(tries))
            .map(|pause| now + *pause);
        let (outcome, due, error) = match &told {
            DeliveryResult::Confirmed => (NoticeOutcome::Confirmed, None, None),
            DeliveryResult::Partly => (
                NoticeOutcome::Failed,
                None,
                Some("it has ended only a part"),
            ),
            DeliveryResult::Browser => (NoticeOutcome::Browser, None, None),
            DeliveryResult::Impossible => (NoticeOutcome::Impossible, None, None),
            DeliveryResult::Asked => (NoticeOutcome::Asked, None, None),
            DeliveryResult::Refused(why) => (NoticeOutcome::Failed, None, Some(why.as_str())),
            DeliveryResult::Failed(why) | DeliveryResult::Late(why) => match try_again {
                Some(due) => (NoticeOutcome::Waiting, Some(due), Some(why.as_str())),
                None => (NoticeOutcome::Failed, None, Some(why.as_str())),
            },
        };
        let event = match outcome {
            NoticeOutcome::Confirmed | NoticeOutcome::Asked => Some(EventKind::LogoutTold),
            NoticeOutcome::Failed => Some(EventKind::LogoutFailed),
            _ => None,
        };
        if let Some(why) = error {
            tracing::warn!(party = %notice.at.party, tries = notice.tries, why, "a logout was not told");
        }
        let mut tx = self.store.begin().await?;
        tx.settle_notice(&notice.at, outcome, due, error, now)
            .await?;
        if let Some(kind) = event {
            let event = Event {
                user: Some(notice.user.clone()),
                session: Some(notice.at.session.clone()),
                detail: Some(notice.at.party.clone()),
                ..self.events.bare(kind)
            };
            tx.insert_event(&event).await?;
        }
        tx.commit().await
    }

    /// Where the browser tells those that only it can tell, and that it was asked to: each is
    /// asked once (OpenID Connect Front-Channel Logout 1.0 section 3).
    pub async fn ask_browser(&self, notices: &[LogoutDelivery]) -> Result<Vec<url::Url>> {
        let snapshot = self.catalog.snapshot();
        let now = self.clock.now();
        let (mut frames, mut asked) = (Vec::new(), Vec::new());
        for notice in notices
            .iter()
            .filter(|one| one.outcome == NoticeOutcome::Browser)
        {
            let (more, is_all) = match notice.at.kind {
                PartyKind::Oidc => (Vec::from_iter(self.client_frame(&snapshot, notice)), true),
                PartyKind::Saml => self.saml_frames(notice).await?,
                PartyKind::Cas | PartyKind::Gate | PartyKind::Deaf => (Vec::new(), true),
            };
            frames.extend(more);
            asked.extend(is_all.then_some(notice));
        }
        let mut tx = self.store.begin().await?;
        for notice in asked {
            tx.settle_notice(&notice.at, NoticeOutcome::Asked, None, None, now)
                .await?;
        }
        tx.commit().await?;
        Ok(frames)
    }

    fn client_frame(&self, snapshot: &Snapshot, notice: &LogoutDelivery) -> Option<url::Url> {
        let client = snapshot.registered(&notice.at.party)?;
        let address = client.registration.frontchannel_logout_uri.as_deref()?;
        let mut url = url::Url::parse(address).ok()?;
        url.query_pairs_mut()
            .append_pair("iss", &self.issuer)
            .append_pair("sid", notice.at.sid());
        Some(url)
    }

    /// For the browser that has just left: whether its notices are still to be written, and they.
    pub async fn parting(&self, parting: &Bearer) -> Result<(bool, Vec<LogoutDelivery>)> {
        let hash = parting.hash();
        if self.store.is_untold(&hash).await? {
            return Ok((true, Vec::new()));
        }
        Ok((false, self.store.notices_of_parting(&hash).await?))
    }

    /// A person's own, of the last days.
    pub async fn own_notices(&self, who: &SignedIn) -> Result<Vec<LogoutDelivery>> {
        let since = self.clock.now() - LATELY;
        self.store.own_notices(&who.user.id, since).await
    }

    /// For admins.
    pub async fn notices(&self) -> Result<Vec<NoticeLine>> {
        self.store.notices(MOST_LINES).await
    }

    /// An admin has a failed notice tried again. Whether there was one.
    pub async fn tell_again(
        &self,
        admin: &SignedIn,
        session: &SessionId,
        kind: PartyKind,
        party: &str,
    ) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let found = tx
            .retry_notice(session, kind, party, self.clock.now())
            .await?;
        if !found {
            return Ok(false);
        }
        let mut event = self.events.of(EventKind::LogoutRetried, admin);
        event.detail = Some(format!("{party}: {session}"));
        tx.insert_event(&event).await?;
        tx.commit().await?;
        self.places.forgive(&format!("{} {party}", kind.as_str()));
        Ok(true)
    }
}
