//! Requests that are being processed: how each came, and how it waits for its user.

use std::time::Duration;

use serde_json::Value;

use super::{Issuer, decide::AppRequest, openid, protocol::Protocol, saml::unreadable};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, PendingId},
    kind::BoxFuture,
    model::{
        allowance::Write,
        next::Next,
        pending::{PendingRequest, REQUEST_LIFE, StoredRequest},
        session::{SignedIn, Visitor},
    },
    protocol::saml::SamlFault,
    store::Tx,
};

/// A request that is to be answered.
pub(super) struct Pending<R> {
    pub request: R,
    pub arrival: Arrival,
    pub asked_at: Time,
    /// The user must have proved who they are at that time or later: decided when it came.
    pub fresh_since: Option<Time>,
    /// The user has just consented to what is requested.
    pub has_consented: bool,
}

/// How a request came, and what is used up when it is answered.
pub(super) enum Arrival {
    /// It has just come, and may come again.
    New,
    /// It was pushed by its client (RFC 9126).
    Pushed(BearerHash),
    /// Its id is stored: it is accepted once.
    Once(ReplayKey),
    /// It waited for its user.
    Waited(PendingId),
}

/// The stored id of a request, until the request is too old to be accepted.
pub(super) struct ReplayKey {
    pub name: String,
    pub until: Time,
}

impl ReplayKey {
    /// Stores the id, in the transaction that stores the answer (THREATS: replay).
    pub async fn remember(&self, tx: &mut Tx) -> Result<()> {
        match tx.remember_once(&self.name, self.until).await? {
            true => Ok(()),
            false => Err(unreadable(&SamlFault::Claim(
                "it was answered before: please start again at the application",
            ))),
        }
    }
}

impl Arrival {
    /// Uses up the arrival: of two browsers with one request, one is answered.
    pub async fn take(&self, tx: &mut Tx, now: Time) -> Result<()> {
        match self {
            Arrival::New => Ok(()),
            Arrival::Once(key) => key.remember(tx).await,
            Arrival::Pushed(uri) if tx.take_pushed_request(uri, now).await? => Ok(()),
            Arrival::Pushed(_) => Err(openid::gone()),
            Arrival::Waited(id) if tx.take_pending_request(id, now).await? => Ok(()),
            Arrival::Waited(_) => Err(Error::AttemptExpired),
        }
    }
}

impl<R: AppRequest> Pending<R> {
    /// A new request.
    pub fn new(request: R, arrival: Arrival, now: Time) -> Self {
        Self {
            fresh_since: request.fresh_since(now),
            request,
            arrival,
            asked_at: now,
            has_consented: false,
        }
    }

    /// The signed-in user, if they proved who they are recently enough.
    pub fn user<'v>(&self, visitor: &'v Visitor) -> Option<&'v SignedIn> {
        let is_fresh = |who: &&SignedIn| {
            let since = self.fresh_since;
            since.is_none_or(|since| who.session.proved_since(since))
        };
        visitor.signed_in.as_ref().filter(is_fresh)
    }

    fn stored(&self) -> Result<PendingRequest> {
        let request = serde_json::to_value(&self.request);
        Ok(PendingRequest {
            stored: StoredRequest {
                protocol: R::NAME.to_owned(),
                request: request.map_err(|error| Error::Internal(error.to_string()))?,
            },
            asked_at: self.asked_at,
            fresh_since: self.fresh_since,
        })
    }
}

/// Decides a stored request of a protocol.
pub(super) type Decide = for<'a> fn(
    &'a Issuer,
    PendingRequest,
    Option<PendingId>,
    &'a Visitor,
) -> BoxFuture<'a, Result<Next>>;

/// Parses a stored request, and decides it.
pub(super) fn decide<'a, R: AppRequest>(
    issuer: &'a Issuer,
    pending: PendingRequest,
    id: Option<PendingId>,
    visitor: &'a Visitor,
) -> BoxFuture<'a, Result<Next>> {
    match read::<R>(pending, id) {
        Ok(pending) => issuer.decide(pending, visitor),
        Err(error) => Box::pin(async { Err(error) }),
    }
}

/// [`AppRequest::without_user`] of a stored request.
pub(super) fn without_user<R: AppRequest>(request: Value) -> Option<Value> {
    let request: R = serde_json::from_value(request).ok()?;
    serde_json::to_value(request.without_user()).ok()
}

/// A waiting request, or one that an address carried. One that cannot be parsed any more has
/// expired.
fn read<R: AppRequest>(pending: PendingRequest, id: Option<PendingId>) -> Result<Pending<R>> {
    if pending.stored.protocol != R::NAME {
        return Err(Error::AttemptExpired);
    }
    let request = serde_json::from_value(pending.stored.request);
    let request: R = request.map_err(|_| Error::AttemptExpired)?;
    Ok(match id {
        Some(id) => Pending {
            request,
            arrival: Arrival::Waited(id),
            asked_at: pending.asked_at,
            fresh_since: pending.fresh_since,
            has_consented: false,
        },
        None => Pending::new(request, Arrival::New, pending.asked_at),
    })
}

impl Issuer {
    /// A request that waited for its user, whichever protocol it came by.
    pub async fn resume(&self, id: &PendingId, visitor: &Visitor) -> Result<Next> {
        let pending = self.pending(id, visitor).await?;
        let protocol = Protocol::find(&pending.stored.protocol)?;
        (protocol.decide)(self, pending, Some(id.clone()), visitor).await
    }

    /// The request that waits for this visitor's sign-in, as the address of the sign-in may carry
    /// it.
    pub async fn return_to(
        &self,
        id: &PendingId,
        visitor: &Visitor,
    ) -> Result<Option<StoredRequest>> {
        let pending = match self.pending(id, visitor).await {
            Err(Error::AttemptExpired) => return Ok(None),
            found => found?,
        };
        let StoredRequest { protocol, request } = pending.stored;
        let request = (Protocol::find(&protocol)?.without_user)(request);
        Ok(request.map(|request| StoredRequest { protocol, request }))
    }

    /// A request that was read and checked before, in another browser or long ago, treated as a new
    /// one: every check is made again.
    pub async fn ask_anew(&self, stored: StoredRequest, visitor: &Visitor) -> Result<Next> {
        let protocol = Protocol::find(&stored.protocol)?;
        let pending = PendingRequest {
            stored,
            asked_at: self.clock.now(),
            fresh_since: None,
        };
        (protocol.decide)(self, pending, None, visitor).await
    }

    /// A waiting request of one protocol.
    pub(super) async fn waiting<R: AppRequest>(
        &self,
        id: &PendingId,
        visitor: &Visitor,
    ) -> Result<Pending<R>> {
        read(self.pending(id, visitor).await?, Some(id.clone()))
    }

    /// This browser's waiting request. One that came by a form of another site is bound to the
    /// first browser that presents it.
    async fn pending(&self, id: &PendingId, visitor: &Visitor) -> Result<PendingRequest> {
        let (browser, now) = (&visitor.browser, self.clock.now());
        let found = self.store.pending_request(id, browser, now).await?;
        let (pending, is_bound) = found.ok_or(Error::AttemptExpired)?;
        if !is_bound {
            let mut tx = self.store.begin_single().await?;
            if !tx.bind_pending_request(id, browser, now).await? {
                return Err(Error::AttemptExpired);
            }
            tx.commit().await?;
        }
        Ok(pending)
    }

    /// Stores a request until its user is ready for it; one that waited before continues to wait.
    pub(super) async fn wait<R: AppRequest>(
        &self,
        pending: &Pending<R>,
        visitor: &Visitor,
    ) -> Result<PendingId> {
        if let Arrival::Waited(id) = &pending.arrival {
            return Ok(id.clone());
        }
        let write = visitor.write(self.clock.now())?;
        let browser = Some(&visitor.browser);
        self.keep_pending(&write, pending, browser, REQUEST_LIFE)
            .await
    }

    /// Stores a request; without a browser, for the first that presents it.
    pub(super) async fn keep_pending<R: AppRequest>(
        &self,
        write: &Write,
        pending: &Pending<R>,
        browser: Option<&BearerHash>,
        life: Duration,
    ) -> Result<PendingId> {
        let now = self.clock.now();
        let id = PendingId::new(now, &self.chance);
        let stored = pending.stored()?;
        // A new request uses nothing up: its row is the only statement.
        let mut tx = match pending.arrival {
            Arrival::New => self.store.begin_single().await?,
            _ => self.store.begin().await?,
        };
        pending.arrival.take(&mut tx, now).await?;
        tx.insert_pending_request(write, &id, browser, &stored, now + life)
            .await?;
        tx.commit().await?;
        Ok(id)
    }
}
