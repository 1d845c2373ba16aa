//! The CAS server (CAS protocol 3.0): `/cas/login` issues a ticket, validation returns its user,
//! and services are notified of the end of a session. The catalogue defines which addresses are
//! services: those inside an instance of a service with the hand-off method `cas`.

mod launch;
mod login;
mod logout;
mod validate;
pub mod wire;

use std::time::Duration;

use url::Url;

use self::login::CasRequest;
use super::{
    Issuer, access,
    protocol::{LogoutNotice, Protocol, TicketKind},
};
use crate::{
    catalog::Snapshot,
    error::{Error, Refusal, Result},
    handoff::cas::{CasHandoff, SERVICE_TICKET},
    model::{
        service::{Instance, Service},
        user::User,
    },
    protocol::oauth::Params,
    store::cas::PARTY,
};

/// The protocol's row.
pub(super) const PROTOCOL: Protocol = Protocol {
    artefacts: &[SERVICE_TICKET],
    ticket: Some(TicketKind {
        artefact: SERVICE_TICKET,
        make: launch::ticket,
    }),
    logout: Some(LogoutNotice {
        kind: PARTY,
        title: "protocol-cas",
        deliver: logout::deliver,
        frames: None,
    }),
    ..Protocol::of::<CasRequest>()
};

/// A ticket is validated within this time (section 3.1.1: as short as possible), which covers a
/// redirect and a request.
const TICKET_LIFE: Duration = Duration::from_secs(30);

/// The hand-off method of the services that use CAS.
const METHOD: &str = "cas";

/// The instance whose address contains a given address.
pub(super) struct RegisteredAddress<'a> {
    service: &'a Service,
    instance: &'a Instance,
    /// The settings of its hand-off; or, for the admin, why they cannot be used.
    settings: Result<&'a CasHandoff, &'a str>,
    url: Url,
}

impl<'a> RegisteredAddress<'a> {
    /// The innermost instance, open or closed; an address inside none belongs to no service.
    fn of(snapshot: &'a Snapshot, text: &str) -> Option<Self> {
        let services = snapshot.services.iter();
        let services = services.filter(|service| service.handoff == METHOD);
        let all = services.flat_map(|service| {
            let instances = service.instances.iter();
            instances.map(move |instance| (service, instance))
        });
        let inside = all.filter_map(|(service, instance)| {
            let url = wire::service_url(&instance.base, text)?;
            Some(Self {
                service,
                instance,
                settings: snapshot.parts.method(instance),
                url,
            })
        });
        inside.max_by_key(|place| place.instance.base_url.len())
    }

    /// Open, and open to this user.
    fn check_access(&self, user: &User) -> Result<()> {
        access::check_access(self.service, self.instance, user)
    }

    fn settings(&self) -> Result<&'a CasHandoff> {
        self.settings.map_err(|detail| {
            Error::from(Refusal::Misconfigured {
                service: self.service.title.clone(),
                detail: detail.to_owned(),
            })
        })
    }
}

/// The CAS server's endpoints.
#[derive(Clone, Copy)]
pub struct Cas<'a>(&'a Issuer);

impl Issuer {
    pub fn cas(&self) -> Cas<'_> {
        Cas(self)
    }
}

impl Cas<'_> {
    /// Where the browser may go after `/cas/logout` (section 2.3.1): a registered service, or
    /// nowhere.
    pub fn onward(self, params: &Params) -> Option<Url> {
        let snapshot = self.0.catalog.snapshot();
        RegisteredAddress::of(&snapshot, params.one("service")?).map(|place| place.url)
    }
}

/// Whether a switch is on (section 2.1.1 recommends `true` as its value).
fn is_on(params: &Params, name: &str) -> bool {
    params.one(name).is_some_and(|value| value != "false")
}
