//! Domain module: which services there are, for which users, and where. It keeps the current
//! [`Snapshot`] and swaps it when the configuration changes; [`locate`] finds a user's instance.
//!
//! A snapshot holds the parts of the catalogue as well, hand-offs and identity providers, each opened
//! once ([`Parts`]).
//!
//! Called by the launch module, the provider and the portal page. It never redirects a user.

pub mod locate;
mod parts;
mod provider_policy;
mod snapshot;

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;

pub use self::{
    parts::{OpenProvider, PartTools, Parts},
    provider_policy::Word,
};
pub use snapshot::{Faults, Snapshot, checked_client, is_slug};

use self::locate::RuleInput;
use crate::{
    error::{Error, Result},
    event::Events,
    id::UserId,
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        event::{Event, EventKind, Target},
        service::{ChoicePolicy, ChosenInstance, Instance, Service},
        session::SignedIn,
        user::User,
    },
};

/// The catalogue as it stands now.
#[derive(Clone)]
pub struct Catalog {
    tools: Arc<PartTools>,
    events: Events,
    current: Arc<ArcSwap<Snapshot>>,
}

/// How long a user's own choice of instance lasts: a week.
const OVERRIDE_LIFE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

impl Catalog {
    /// Reads the catalogue; fails if what is stored contradicts itself.
    pub async fn open(tools: PartTools, events: Events) -> Result<Self> {
        let current = Arc::new(ArcSwap::from_pointee(load(&tools, None).await?));
        Ok(Self {
            tools: Arc::new(tools),
            events,
            current,
        })
    }

    /// The dependencies of its parts, for opening those that are not in the catalogue yet.
    pub fn tools(&self) -> &PartTools {
        &self.tools
    }

    /// The snapshot to use for one whole request.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Takes over a newer version, if there is one, or the same one if a part of it opens now that
    /// did not before: the cause may lie outside the catalogue, in a file that was missing. A faulty
    /// one is refused and the old stays.
    pub async fn refresh(&self) -> Result<bool> {
        let before = self.snapshot();
        let is_current = self.tools.store.catalog_version().await? == before.version;
        if is_current && !before.can_open_more(&self.tools) {
            return Ok(false);
        }
        let newer = Arc::new(load(&self.tools, Some(&before)).await?);
        // Of two concurrent reads, the one with the older snapshot may finish last.
        self.current.rcu(|current| {
            let overtaken = current.version > newer.version;
            Arc::clone(if overtaken { current } else { &newer })
        });
        Ok(true)
    }

    /// The user's current choices, by service. Not read where no service allows any.
    pub async fn overrides(&self, user: &UserId) -> Result<BTreeMap<String, ChosenInstance>> {
        let allows = |service: &Service| service.choice == ChoicePolicy::Allowed;
        if !self.current.load().services.iter().any(allows) {
            return Ok(BTreeMap::new());
        }
        let now = self.tools.clock.now();
        self.tools.store.overrides(user, now).await
    }

    /// Stores the user's choice of an instance for a week, or removes it: then the rules decide.
    pub async fn choose_instance(
        &self,
        who: &SignedIn,
        slug: &str,
        instance: Option<&str>,
    ) -> Result<()> {
        let snapshot = self.snapshot();
        let service = visible(&snapshot, &who.user, slug)?;
        if service.choice != ChoicePolicy::Allowed {
            return Err(Error::Forbidden(
                "the administrator chose where this service leads",
            ));
        }
        let mut tx = self.tools.store.begin().await?;
        match instance {
            Some(instance) => {
                let open = service
                    .instance(instance)
                    .filter(|one| one.disabled_at.is_none());
                let open = open.ok_or(Error::NotFound)?;
                let until = self.tools.clock.now() + OVERRIDE_LIFE;
                tx.put_override(&who.user.id, &service.slug, &open.slug, until)
                    .await?;
            }
            None => tx.delete_override(&who.user.id, &service.slug).await?,
        }
        let event = self.events.of(EventKind::InstanceChosen, who);
        let event = Event {
            target: instance.map(Target::instance),
            ..event.at_service(&service.slug)
        };
        tx.record(&event).await?;
        tx.commit().await
    }
}

async fn load(tools: &PartTools, before: Option<&Snapshot>) -> Result<Snapshot> {
    let rows = tools.store.catalog().await?;
    let snapshot = Snapshot::build(rows, tools, before)
        .map_err(|faults| Error::Internal(format!("the catalogue: {}", faults.join("; "))))?;
    for (instance, fault) in snapshot.parts.broken_handoffs() {
        tracing::warn!(
            instance,
            fault,
            "an instance is unavailable: its hand-off cannot be opened"
        );
    }
    for (provider, fault) in snapshot.parts.broken_providers() {
        tracing::warn!(
            provider,
            fault,
            "a provider is unavailable: its settings cannot be opened"
        );
    }
    for fault in snapshot.plain_addresses() {
        tracing::warn!(fault, "users' data goes to a service provider without TLS");
    }
    Ok(snapshot)
}

/// Whether a user may see a service.
pub fn may_see(service: &Service, user: &User) -> bool {
    service.audience.as_ref().is_none_or(|who| {
        who.holds(&RuleInput {
            user,
            context: None,
        })
    })
}

/// Whether a user may enter an instance: it is open, as is its service, its hand-off can be used,
/// and they may see it.
pub fn is_open(snapshot: &Snapshot, service: &Service, instance: &Instance, user: &User) -> bool {
    is_enabled_for(service, instance, user) && snapshot.parts.handoff(instance).is_ok()
}

fn is_enabled_for(service: &Service, instance: &Instance, user: &User) -> bool {
    service.disabled_at.is_none() && instance.disabled_at.is_none() && may_see(service, user)
}

/// The assurance required of a user who enters as this client's user; none if the client belongs to
/// no service that is open to them. A client is one application, whichever service leads there: of
/// the services that are open to the user, the strictest decides.
pub fn client_demand(snapshot: &Snapshot, client: &str, user: &User) -> Option<Demand> {
    let facts = RuleInput {
        user,
        context: None,
    };
    let homes = snapshot.homes(client).into_iter();
    // One whose hand-off does not open counts as well: without it, less would be required.
    let enabled = homes.filter(|(service, instance)| is_enabled_for(service, instance, user));
    let demands = enabled.map(|(service, _)| {
        let service = &service.slug;
        demanded(
            &snapshot.assurance,
            &facts,
            AssuranceOccasion::Entry { service },
        )
    });
    demands.reduce(Demand::and)
}

/// A service this user may see.
///
/// # Errors
/// [`Error::NoAccess`], the same for one they may not see and one that does not exist.
pub fn visible<'a>(snapshot: &'a Snapshot, user: &User, slug: &str) -> Result<&'a Service> {
    snapshot
        .service(slug)
        .filter(|service| may_see(service, user))
        .ok_or(Error::NoAccess)
}
