//! What the issuer knows of a downstream protocol: a row of [`super::PROTOCOLS`]. The rest is in the
//! protocol's own folder.

use serde_json::Value;
use url::Url;

use super::{
    Issuer, PROTOCOLS,
    decide::AppRequest,
    logout_delivery::DeliveryResult,
    pending::{self, Decide},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{Artefact, Bearer},
    kind::BoxFuture,
    model::{
        launch::Launch,
        notice::LogoutDelivery,
        party::PartyKind,
        service::{Instance, Service},
        session::SignedIn,
    },
    store::Tx,
};

/// A protocol by which applications learn who a user is.
pub(super) struct Protocol {
    /// [`AppRequest::NAME`].
    pub name: &'static str,
    /// Reads a request that was stored, and decides it.
    pub decide: Decide,
    /// [`AppRequest::without_user`], of a request that was stored.
    pub without_user: fn(Value) -> Option<Value>,
    /// The bearer artefacts that it defines.
    pub artefacts: &'static [Artefact],
    /// What a launch to its applications carries, if that is to be stored.
    pub ticket: Option<TicketKind>,
    /// How its applications are notified that a session has ended, if they can be.
    pub logout: Option<LogoutNotice>,
}

/// What a protocol has a launch carry to its application.
pub(super) struct TicketKind {
    pub artefact: Artefact,
    /// What is stored of it.
    pub make: fn(&LeavingLaunch<'_>) -> Box<dyn LaunchTicket>,
}

/// How the applications of a protocol are notified that a session has ended.
pub(super) struct LogoutNotice {
    /// The name of their [`PartyKind`].
    pub kind: &'static str,
    /// Notifies one.
    pub deliver: for<'a> fn(&'a Issuer, &'a LogoutDelivery) -> BoxFuture<'a, DeliveryResult>,
    /// For those that only the browser can notify ([`DeliveryResult::Browser`]).
    pub frames: Option<Frames>,
}

/// The addresses by which the browser notifies an application, and whether they are all there are.
pub(super) type Frames =
    for<'a> fn(&'a Issuer, &'a LogoutDelivery) -> BoxFuture<'a, Result<(Vec<Url>, bool)>>;

impl Protocol {
    /// One that has requests, and nothing else.
    pub const fn of<R: AppRequest>() -> Self {
        Self {
            name: R::NAME,
            decide: pending::decide::<R>,
            without_user: pending::without_user::<R>,
            artefacts: &[],
            ticket: None,
            logout: None,
        }
    }

    pub fn find(name: &str) -> Result<&'static Self> {
        let found = PROTOCOLS.iter().find(|one| one.name == name);
        found.ok_or(Error::AttemptExpired)
    }
}

impl LogoutNotice {
    /// Of the protocol by which an application knows a user; none if it takes no notification.
    pub fn find(kind: &PartyKind) -> Option<&'static Self> {
        let mut all = PROTOCOLS.iter().filter_map(|one| one.logout.as_ref());
        all.find(|notice| notice.kind == kind.as_str())
    }
}

/// A launch that leaves for its application with a bearer artefact.
pub struct LeavingLaunch<'a> {
    pub bearer: &'a Bearer,
    pub launch: &'a Launch,
    pub service: &'a Service,
    pub instance: &'a Instance,
    /// The deep link into the record, inside the instance.
    pub target: &'a Url,
    pub who: &'a SignedIn,
    pub now: Time,
}

impl LeavingLaunch<'_> {
    /// What the protocol of the artefact stores of it; nothing for an artefact of no protocol's
    /// own.
    pub fn ticket(&self) -> Option<Box<dyn LaunchTicket>> {
        let mut kinds = PROTOCOLS.iter().filter_map(|one| one.ticket.as_ref());
        let kind = kinds.find(|kind| kind.artefact == self.bearer.kind())?;
        Some((kind.make)(self))
    }
}

/// What a protocol stores of the artefact of a launch.
pub trait LaunchTicket: Send + Sync {
    /// Writes it, in the transaction of the launch.
    fn keep<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<()>>;
}

/// The bearer artefacts of all protocols, beside [`Artefact::ALL`].
pub fn artefacts() -> impl Iterator<Item = Artefact> {
    PROTOCOLS
        .iter()
        .flat_map(|protocol| protocol.artefacts)
        .copied()
}
