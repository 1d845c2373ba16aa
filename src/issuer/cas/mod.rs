//! The CAS server (CAS protocol 3.0): `/cas/login` issues a ticket, validation returns its user,
//! and services are notified of the end of a session. The catalogue defines which addresses are
//! services: those inside an instance of a service with the hand-off method `cas`.

mod login;
mod logout;
mod validate;

use url::Url;

pub(super) use self::logout::tell;
use super::{Issuer, access};
use crate::{
    catalog::Snapshot,
    error::Error,
    model::{
        service::{Instance, Service},
        user::User,
    },
    protocol::{cas, oauth::Params},
};

/// The hand-off method of the services that use CAS.
const METHOD: &str = "cas";

/// The instance whose address contains a given address.
pub(super) struct RegisteredAddress<'a> {
    service: &'a Service,
    instance: &'a Instance,
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
            let base = Url::parse(&instance.base_url).ok()?;
            let url = cas::service_url(&base, text)?;
            Some(Self {
                service,
                instance,
                url,
            })
        });
        inside.max_by_key(|place| place.instance.base_url.len())
    }

    /// Open, and open to this user.
    fn check_access(&self, user: &User) -> Result<(), Error> {
        access::check_access(self.service, self.instance, user)
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
