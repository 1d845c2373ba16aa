//! Domain module: which services there are, for which users, and where. It keeps the current
//! [`Snapshot`] and swaps it when the configuration changes; [`locate`] finds a user's instance.
//!
//! Called by the launch module, the provider and the portal page. It never redirects a user.

pub mod locate;
mod provider_policy;
mod snapshot;

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;

pub use self::provider_policy::Word;
pub use snapshot::{Faults, Snapshot, client as checked_client, is_slug};

use self::locate::RuleInput;
use crate::{
    clock::Clock,
    error::{Error, Result},
    event::Events,
    id::UserId,
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        event::{Event, EventKind, Target},
        service::{ChoicePolicy, Instance, Service},
        session::SignedIn,
        user::User,
    },
    store::Store,
};

/// The catalogue as it stands now.
#[derive(Clone)]
pub struct Catalog {
    store: Store,
    clock: Clock,
    events: Events,
    current: Arc<ArcSwap<Snapshot>>,
}

/// How long a user's own choice of instance lasts: a week.
const OVERRIDE_LIFE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

impl Catalog {
    /// Reads the catalogue; fails if what is stored contradicts itself.
    pub async fn open(store: Store, clock: Clock, events: Events) -> Result<Self> {
        let current = Arc::new(ArcSwap::from_pointee(load(&store).await?));
        Ok(Self {
            store,
            clock,
            events,
            current,
        })
    }

    /// The snapshot to use for one whole request.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Takes over a newer version, if there is one. A faulty one is refused and the old stays.
    pub async fn refresh(&self) -> Result<bool> {
        if self.store.catalog_version().await? == self.current.load().version {
            return Ok(false);
        }
        let newer = Arc::new(load(&self.store).await?);
        // Of two concurrent reads, the one with the older snapshot may finish last.
        self.current.rcu(|current| {
            let overtaken = current.version > newer.version;
            Arc::clone(if overtaken { current } else { &newer })
        });
        Ok(true)
    }

    /// The user's current choices: service to instance. Not read where no service allows any.
    pub async fn overrides(&self, user: &UserId) -> Result<BTreeMap<String, String>> {
        let allows = |service: &Service| service.choice == ChoicePolicy::Allowed;
        if !self.current.load().services.iter().any(allows) {
            return Ok(BTreeMap::new());
        }
        self.store.overrides(user, self.clock.now()).await
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
        let mut tx = self.store.begin().await?;
        match instance {
            Some(instance) => {
                let open = service
                    .instance(instance)
                    .filter(|one| one.disabled_at.is_none());
                let open = open.ok_or(Error::NotFound)?;
                let until = self.clock.now() + OVERRIDE_LIFE;
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

async fn load(store: &Store) -> Result<Snapshot> {
    let snapshot = Snapshot::build(store.catalog().await?)
        .map_err(|faults| Error::Internal(format!("the catalogue: {}", faults.join("; "))))?;
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

/// Whether a user may enter an instance: it is open, as is its service, and they may see it.
pub fn is_open(service: &Service, instance: &Instance, user: &User) -> bool {
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
    let open = homes.filter(|(service, instance)| is_open(service, instance, user));
    let demands = open.map(|(service, _)| {
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
