//! The one decision downstream. A request of an application, whichever protocol it came by, is
//! answered here and nowhere else: party, user signed in (and recently enough), access, assurance,
//! consent, answer prepared, and one transaction that uses the request up and keeps what was given
//! for it. Decided by (request, visitor) alone, so that a request that waited for its user passes
//! the same checks again.

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Issuer,
    pending::{Arrival, Pending},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    kind::BoxFuture,
    model::{
        assurance::Demand,
        attempt::After,
        next::{Leaving, Next, SignInNeed},
        session::{SignedIn, Visitor},
    },
    store::Tx,
};

/// Why a request is refused. Each protocol has its own words for it.
#[derive(Debug)]
pub(super) enum Denial {
    /// No user is signed in, or not recently enough, and the request forbids asking.
    NotSignedIn,
    /// The user would have to prove more, and the request forbids asking.
    MoreProof,
    /// The user would be asked for consent, and the request forbids asking.
    NoConsent,
    /// The request is about another user than the one who is signed in.
    OtherUser(&'static str),
    /// The user may not use the application, or it is closed.
    NoAccess(Error),
    /// No authentication context that was requested can be given.
    NoContext,
    /// The user has no name in the format that was requested.
    NoName,
}

/// A request of a downstream protocol: its party, its requirements, its answer.
pub(super) trait AppRequest: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names the protocol in `pending_requests` and in sealed addresses.
    const NAME: &'static str;
    /// Whether an answer uses the request up. One whose answer is an artefact for a single use and
    /// nothing else may be answered again.
    const IS_ANSWERED_ONCE: bool = true;
    /// The application that sends the request, as registered.
    type Party<'a>: Send + Sync;
    /// An answer that can fail only in the database.
    type Answer: Send;

    /// The application that sends the request. Its registration may have changed since the request
    /// came.
    fn party<'a>(&self, issuer: &Issuer, snapshot: &'a Snapshot) -> Result<Self::Party<'a>>;

    /// Refuses a request that can be answered for no user.
    fn check(&self, _party: &Self::Party<'_>) -> Result<(), Denial> {
        Ok(())
    }

    /// The time after which the user must have proved who they are, for a request of this time.
    fn fresh_since(&self, _asked_at: Time) -> Option<Time> {
        None
    }

    /// The user must not be asked anything.
    fn is_passive(&self) -> bool {
        false
    }

    /// A name to fill in at the sign-in.
    fn login_hint(&self) -> Option<String> {
        None
    }

    /// Whether this user may use the application.
    fn check_access(
        &self,
        issuer: &Issuer,
        snapshot: &Snapshot,
        party: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial>;

    /// What the user must have proved: by the rules of the catalogue, as for a launch, and by the
    /// request itself.
    fn demand(&self, snapshot: &Snapshot, party: &Self::Party<'_>, who: &SignedIn) -> Demand;

    /// Whether the user must be asked first.
    fn must_consent(
        &self,
        _issuer: &Issuer,
        _party: &Self::Party<'_>,
        _who: &SignedIn,
    ) -> impl Future<Output = Result<bool>> + Send {
        async { Ok(false) }
    }

    /// Creates the answer: random values, signatures, look-ups. Nothing is written.
    fn prepare(
        &self,
        issuer: &Issuer,
        snapshot: &Snapshot,
        party: &Self::Party<'_>,
        asked_at: Time,
        who: &SignedIn,
    ) -> impl Future<Output = Result<Result<Self::Answer, Denial>>> + Send;

    /// Writes what the answer needs, beside the request that is used up.
    fn keep(
        &self,
        issuer: &Issuer,
        tx: &mut Tx,
        party: &Self::Party<'_>,
        answer: Self::Answer,
    ) -> impl Future<Output = Result<Leaving>> + Send;

    /// The same for a request that uses nothing up.
    fn keep_alone(
        &self,
        issuer: &Issuer,
        party: &Self::Party<'_>,
        answer: Self::Answer,
    ) -> impl Future<Output = Result<Leaving>> + Send {
        async {
            let mut tx = issuer.store.begin().await?;
            let leaving = self.keep(issuer, &mut tx, party, answer).await?;
            tx.commit().await?;
            Ok(leaving)
        }
    }

    /// The refusal, sent to where the answer would have gone; or the error that the user sees,
    /// where the protocol has no refusal.
    fn refuse(
        &self,
        issuer: &Issuer,
        party: &Self::Party<'_>,
        denial: Denial,
    ) -> impl Future<Output = Result<Leaving>> + Send;

    /// The request as the address of a sign-in carries it, where other users may open it: without
    /// anything about a user.
    fn without_user(self) -> Self
    where
        Self: Sized,
    {
        self
    }
}

impl Issuer {
    /// The decision. Boxed here, where the compiler can see that it may move between threads: in a
    /// handler it could not (rust-lang/rust issue 100013).
    pub(super) fn decide<'a, R: AppRequest>(
        &'a self,
        pending: Pending<R>,
        visitor: &'a Visitor,
    ) -> BoxFuture<'a, Result<Next>> {
        Box::pin(self.decide_step(pending, visitor))
    }

    async fn decide_step<R: AppRequest>(
        &self,
        pending: Pending<R>,
        visitor: &Visitor,
    ) -> Result<Next> {
        let snapshot = self.catalog.snapshot();
        let request = &pending.request;
        let party = request.party(self, &snapshot)?;
        if let Err(denial) = request.check(&party) {
            return self.refuse(&pending, &party, denial).await;
        }
        let Some(who) = pending.user(visitor) else {
            return match request.is_passive() {
                true => self.refuse(&pending, &party, Denial::NotSignedIn).await,
                false => self.sign_in_first(&pending, visitor).await,
            };
        };
        if let Err(denial) = request.check_access(self, &snapshot, &party, who) {
            return self.refuse(&pending, &party, denial).await;
        }
        let demand = request.demand(&snapshot, &party, who);
        if !demand.met_by(&who.session, self.clock.now()) {
            return match request.is_passive() {
                true => self.refuse(&pending, &party, Denial::MoreProof).await,
                false => {
                    let id = self.wait(&pending, visitor).await?;
                    Ok(Next::Confirm(After::Request(id), demand))
                }
            };
        }
        if !pending.has_consented && request.must_consent(self, &party, who).await? {
            return match request.is_passive() {
                true => self.refuse(&pending, &party, Denial::NoConsent).await,
                false => Ok(Next::Consent(self.wait(&pending, visitor).await?)),
            };
        }
        let asked_at = pending.asked_at;
        let answer = request.prepare(self, &snapshot, &party, asked_at, who);
        match answer.await? {
            Ok(answer) => self.commit_answer(&pending, &party, answer).await,
            Err(denial) => self.refuse(&pending, &party, denial).await,
        }
    }

    async fn sign_in_first<R: AppRequest>(
        &self,
        pending: &Pending<R>,
        visitor: &Visitor,
    ) -> Result<Next> {
        let id = self.wait(pending, visitor).await?;
        Ok(Next::SignIn(SignInNeed {
            after: After::Request(id),
            hint: pending.request.login_hint(),
            fresh: pending.fresh_since.is_some(),
        }))
    }

    /// Uses up the request and stores what the answer grants, in one transaction.
    async fn commit_answer<R: AppRequest>(
        &self,
        pending: &Pending<R>,
        party: &R::Party<'_>,
        answer: R::Answer,
    ) -> Result<Next> {
        if let Arrival::New = pending.arrival {
            let leaving = pending.request.keep_alone(self, party, answer).await?;
            return Ok(Next::Leave(leaving));
        }
        let mut tx = self.store.begin().await?;
        if R::IS_ANSWERED_ONCE {
            pending.arrival.take(&mut tx, self.clock.now()).await?;
        }
        let leaving = pending.request.keep(self, &mut tx, party, answer).await?;
        tx.commit().await?;
        Ok(Next::Leave(leaving))
    }

    /// A refused request is used up, except one that waited for its user, so that the user can
    /// still come back to it.
    async fn refuse<R: AppRequest>(
        &self,
        pending: &Pending<R>,
        party: &R::Party<'_>,
        denial: Denial,
    ) -> Result<Next> {
        let leaving = pending.request.refuse(self, party, denial).await?;
        if let Arrival::Pushed(_) | Arrival::Once(_) = pending.arrival {
            let mut tx = self.store.begin_single().await?;
            pending.arrival.take(&mut tx, self.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(Next::Leave(leaving))
    }
}
