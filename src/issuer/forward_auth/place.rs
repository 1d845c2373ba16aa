//! Which application behind a gateway a request is for.

use url::Url;

use crate::{
    catalog::Snapshot,
    error::{Error, Refusal, Result},
    handoff::{ForwardAuth, GATEWAY},
    model::{
        client::Client,
        service::{Instance, Service},
    },
    protocol::gateway::Requested,
};

/// An instance behind a gateway.
pub(in crate::issuer) struct ForwardAuthInstance<'a> {
    pub service: &'a Service,
    pub instance: &'a Instance,
    pub settings: &'a ForwardAuth,
    pub client: &'a Client,
}

/// A service with one of its instances.
type ServiceInstance<'a> = (&'a Service, &'a Instance);

impl<'a> ForwardAuthInstance<'a> {
    /// The innermost instance that the request is for, of any gateway service: where one lies below
    /// another's path, the inner one decides. The gateway asks in the name of `slug`, which must
    /// have an instance that contains it.
    pub fn of(snapshot: &'a Snapshot, slug: &str, asked: &Requested) -> Result<Self> {
        behind(snapshot, slug)?;
        let here = at_origin(snapshot, &asked.origin);
        let around = here.iter().filter(|(_, instance)| is_for(instance, asked));
        let around: Vec<_> = around.copied().collect();
        if !around.iter().any(|(service, _)| service.slug == slug) {
            return Err(Error::UnknownAddress);
        }
        let depth = |(service, instance): &ServiceInstance| {
            (base_path(instance).len(), service.slug == slug)
        };
        let inner = around.into_iter().max_by_key(depth);
        let (service, instance) = inner.ok_or(Error::UnknownAddress)?;
        let may_be_of = |(other, at): &ServiceInstance| {
            other.slug != service.slug
                && base_path(at).len() > base_path(instance).len()
                && asked.may_be_below(base_path(at))
        };
        match here.iter().any(may_be_of) {
            true => Err(Error::Forbidden(
                "the path can be read as one of another service at the same host",
            )),
            false => Self::at(snapshot, service, instance),
        }
    }

    pub fn named(snapshot: &'a Snapshot, slug: &str, instance: &str) -> Result<Self> {
        let service = behind(snapshot, slug)?;
        let mut known = service.instances.iter();
        let instance = known.find(|known| known.slug == instance);
        Self::at(snapshot, service, instance.ok_or(Error::NotFound)?)
    }

    fn at(snapshot: &'a Snapshot, service: &'a Service, instance: &'a Instance) -> Result<Self> {
        let wrong = |detail: &str| {
            Error::from(Refusal::Misconfigured {
                service: service.slug.clone(),
                detail: detail.to_owned(),
            })
        };
        let settings = snapshot.parts.method::<ForwardAuth>(instance);
        let settings = settings.map_err(wrong)?;
        let client = snapshot.client(&settings.client);
        let client = client.ok_or_else(|| wrong("its client is missing or disabled"))?;
        Ok(Self {
            service,
            instance,
            settings,
            client,
        })
    }

    pub fn is_open(&self) -> bool {
        self.service.disabled_at.is_none() && self.instance.disabled_at.is_none()
    }

    pub fn is_at(&self, origin: &str) -> bool {
        origin_of(self.instance) == origin
    }

    /// The instance's address with the path of a request; it never leaves the registered origin.
    pub fn address(&self, target: &str) -> Result<Url> {
        let wrong = || Error::Internal(format!("{} has no address", self.instance.slug));
        let origin = origin_of(self.instance);
        Url::parse(&format!("{origin}{target}")).map_err(|_| wrong())
    }
}

/// Whether the gateway that asks in the name of this service has this origin.
pub(super) fn stands_at(snapshot: &Snapshot, slug: &str, origin: &str) -> Result<bool> {
    let service = behind(snapshot, slug)?;
    let mut instances = service.instances.iter();
    Ok(instances.any(|instance| origin_of(instance) == origin))
}

fn behind<'a>(snapshot: &'a Snapshot, slug: &str) -> Result<&'a Service> {
    let service = snapshot.service(slug);
    service
        .filter(|service| service.handoff == GATEWAY)
        .ok_or(Error::NotFound)
}

/// Every instance of every gateway service at an origin, open or closed.
fn at_origin<'a>(snapshot: &'a Snapshot, origin: &str) -> Vec<ServiceInstance<'a>> {
    let services = snapshot.services.iter();
    let services = services.filter(|service| service.handoff == GATEWAY);
    services
        .flat_map(|service| service.instances.iter().map(move |one| (service, one)))
        .filter(|(_, instance)| origin_of(instance) == origin)
        .collect()
}

fn origin_of(instance: &Instance) -> String {
    instance.base.origin().ascii_serialization()
}

/// The path of an instance's address, without a slash at its end.
fn base_path(instance: &Instance) -> &str {
    instance.base.path().trim_end_matches('/')
}

/// Where an instance has a path of its own, only what is certainly below it belongs to it.
fn is_for(instance: &Instance, asked: &Requested) -> bool {
    let base = base_path(instance);
    base.is_empty() || asked.is_below(base)
}
