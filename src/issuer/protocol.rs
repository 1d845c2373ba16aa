//! The issuer's interface to a downstream protocol: a row of [`super::PROTOCOLS`]. The rest is in
//! the protocol's own folder.

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

/// A protocol by which users are identified to applications.
pub(super) struct Protocol {
    /// [`AppRequest::NAME`].
    pub name: &'static str,
    /// Parses a stored request, and decides it.
    pub decide: Decide,
    /// [`AppRequest::without_user`] of a stored request.
    pub without_user: fn(Value) -> Option<Value>,
    /// The bearer artefacts that it defines.
    pub artefacts: &'static [Artefact],
    /// The ticket that a launch carries to its applications, if the protocol has one.
    pub ticket: Option<TicketKind>,
    /// How its applications are notified that a session has ended; `None` if they cannot be.
    pub logout: Option<LogoutNotice>,
}

/// The ticket of a protocol that a launch carries to its application.
pub(super) struct TicketKind {
    pub artefact: Artefact,
    /// Creates what is stored of it.
    pub make: fn(&LeavingLaunch<'_>) -> Box<dyn LaunchTicket>,
}

/// How the applications of a protocol are notified that a session has ended.
pub(super) struct LogoutNotice {
    /// The name of their [`PartyKind`].
    pub kind: &'static str,
    /// The key of the protocol's name, for the audit log.
    pub title: &'static str,
    /// Notifies one application.
    pub deliver: for<'a> fn(&'a Issuer, &'a LogoutDelivery) -> BoxFuture<'a, DeliveryResult>,
    /// For applications that only the browser can notify ([`DeliveryResult::Browser`]).
    pub frames: Option<Frames>,
}

/// The addresses by which the browser notifies an application, and whether the list is complete.
pub(super) type Frames =
    for<'a> fn(&'a Issuer, &'a LogoutDelivery) -> BoxFuture<'a, Result<(Vec<Url>, bool)>>;

impl Protocol {
    /// A protocol that has only requests.
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
    /// The row of the protocol by which a party identified the user; `None` if it supports no
    /// notification.
    pub fn find(kind: &PartyKind) -> Option<&'static Self> {
        let mut all = PROTOCOLS.iter().filter_map(|one| one.logout.as_ref());
        all.find(|notice| notice.kind == kind.as_str())
    }
}

/// A launch that is handed to its application with a bearer artefact.
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
    /// What the protocol of the artefact stores of it; `None` for an artefact that no protocol
    /// defines.
    pub fn ticket(&self) -> Option<Box<dyn LaunchTicket>> {
        let mut kinds = PROTOCOLS.iter().filter_map(|one| one.ticket.as_ref());
        let kind = kinds.find(|kind| kind.artefact == self.bearer.kind())?;
        Some((kind.make)(self))
    }
}

/// The row that a protocol stores for the artefact of a launch.
pub trait LaunchTicket: Send + Sync {
    /// Writes it, in the transaction of the launch.
    fn keep<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<()>>;
}

/// The names in the data of events of the protocols by which applications are notified, with the
/// keys of those that admins read.
pub fn logout_protocols() -> impl Iterator<Item = (&'static str, &'static str)> {
    let notices = PROTOCOLS.iter().filter_map(|one| one.logout.as_ref());
    notices.map(|notice| (notice.kind, notice.title))
}

/// The bearer artefacts that protocols define, in addition to [`Artefact::ALL`].
pub fn artefacts() -> impl Iterator<Item = Artefact> {
    PROTOCOLS
        .iter()
        .flat_map(|protocol| protocol.artefacts)
        .copied()
}
