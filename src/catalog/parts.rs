//! The parts of a catalogue: the hand-off of every instance and every identity provider, opened
//! once for a snapshot and shared by all requests that use it. A part that was not changed is taken
//! over from the previous snapshot, with its connections and caches. One whose settings cannot be
//! opened is unavailable, and the reason is kept; the rest of the catalogue is not affected.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use super::Snapshot;
use crate::{
    blocking::Blocking,
    chance::Chance,
    clock::Clock,
    directory::Passwords,
    error::{Error, Result},
    handoff::{self, Handoff, secret::merged_settings},
    keys::{Seal, provider_purpose},
    kind::{Settings, find},
    model::service::{Instance, Service},
    net::Net,
    store::{ProviderRow, Store},
    upstream::{Answers, Documents, IdentityProvider, KINDS, ProviderForm, Tools, Urls},
};

/// The dependencies for opening the parts of a catalogue.
pub struct PartTools {
    pub store: Store,
    pub seal: Seal,
    pub passwords: Passwords,
    pub net: Net,
    pub blocking: Blocking,
    pub clock: Clock,
    pub chance: Chance,
    /// Our own address, without a final slash.
    pub public_url: Arc<str>,
    /// How long a provider may take for one step of a sign-in.
    pub patience: Duration,
}

impl PartTools {
    /// Opens a provider of this kind; an error is a sentence for the admin.
    pub fn provider(
        &self,
        slug: &str,
        kind: &str,
        settings: &Settings,
    ) -> Result<Box<dyn IdentityProvider>, String> {
        let tools = Tools {
            passwords: self.passwords.clone(),
            net: self.net.clone(),
            blocking: self.blocking.clone(),
            documents: Documents::new(self.store.clone(), self.seal.clone(), slug),
            chance: self.chance.clone(),
            clock: self.clock.clone(),
            urls: Urls::new(&self.public_url, slug),
            patience: self.patience,
        };
        (find(KINDS, kind)?.open)(settings, &tools)
    }

    /// A provider's settings, including secrets.
    pub fn provider_settings(&self, row: &ProviderRow) -> Result<Settings> {
        let settings = self
            .seal
            .unseal(&provider_purpose(&row.slug), &row.sealed_settings)?;
        serde_json::from_slice(&settings)
            .map_err(|error| Error::Internal(format!("provider \"{}\": {error}", row.slug)))
    }

    fn open_provider(&self, row: &ProviderRow) -> OpenedProvider {
        let settings = self
            .provider_settings(row)
            .map_err(|error| error.to_string())?;
        self.provider(&row.slug, &row.kind, &settings)
            .map(Arc::from)
    }

    fn open_handoff(&self, service: &Service, instance: &Instance) -> OpenedHandoff {
        let settings = merged_settings(&self.seal, service, instance);
        let settings = settings.map_err(|error| error.to_string())?;
        handoff::open(&service.handoff, &settings).map(Arc::from)
    }
}

/// A hand-off; or, for the admin, why it cannot be opened.
type OpenedHandoff = Result<Arc<dyn Handoff>, String>;

/// A provider; or, for the admin, why it cannot be opened.
type OpenedProvider = Result<Arc<dyn IdentityProvider>, String>;

/// A provider that users can use.
pub struct OpenProvider {
    pub slug: String,
    pub title: String,
    pub part: Arc<dyn IdentityProvider>,
}

impl OpenProvider {
    pub fn answers(&self) -> Answers {
        self.part.answers()
    }

    pub fn asks(&self) -> ProviderForm {
        self.part.asks()
    }

    pub fn changes_passwords(&self) -> bool {
        self.part.changes_passwords()
    }
}

/// The opened parts of one snapshot.
pub struct Parts {
    /// By the slug of the instance.
    handoffs: HashMap<String, OpenedHandoff>,
    /// By slug, including the disabled ones.
    providers: HashMap<String, OpenedProvider>,
    /// Those that are not disabled and were opened, in the admin's order.
    usable: Arc<Vec<OpenProvider>>,
    /// Those that are not disabled and could not be opened: slug to reason.
    broken: BTreeMap<String, String>,
}

impl Parts {
    /// Opens new and changed parts, and takes the others from the previous snapshot. A part that
    /// could not be opened then is tried again, because the cause may lie outside the catalogue.
    pub(super) fn open(
        tools: &PartTools,
        services: &[Service],
        rows: &[ProviderRow],
        before: Option<&Snapshot>,
    ) -> Self {
        let known = before.map(instances).unwrap_or_default();
        let mut handoffs = HashMap::new();
        for service in services {
            for instance in &service.instances {
                let same = known
                    .get(instance.slug.as_str())
                    .filter(|known| is_same_handoff(**known, (service, instance)));
                let same = same.zip(before).and_then(|(_, before)| {
                    before.parts.handoffs.get(&instance.slug)?.clone().ok()
                });
                let opened = same.map_or_else(|| tools.open_handoff(service, instance), Ok);
                handoffs.insert(instance.slug.clone(), opened);
            }
        }
        let mut providers = HashMap::new();
        for row in rows {
            let same = before.and_then(|before| {
                let mut known = before.providers.iter();
                known.find(|known| is_same_provider(known, row))?;
                before.parts.providers.get(&row.slug)?.clone().ok()
            });
            let opened = same.map_or_else(|| tools.open_provider(row), Ok);
            providers.insert(row.slug.clone(), opened);
        }
        let (usable, broken) = living(rows, &providers);
        Self {
            handoffs,
            providers,
            usable: Arc::new(usable),
            broken,
        }
    }

    /// The hand-off of an instance.
    ///
    /// # Errors
    /// A sentence for the admin: why it cannot be opened.
    pub fn handoff(&self, instance: &Instance) -> Result<&dyn Handoff, &str> {
        match self.handoffs.get(&instance.slug) {
            Some(Ok(part)) => Ok(&**part),
            Some(Err(fault)) => Err(fault),
            None => Err("it is not in the catalogue"),
        }
    }

    /// The same, as the type of its method.
    ///
    /// # Errors
    /// A sentence for the admin: why it cannot be opened, or that it is of another method.
    pub fn method<T: Handoff>(&self, instance: &Instance) -> Result<&T, &str> {
        let part: &dyn Any = self.handoff(instance)?;
        part.downcast_ref().ok_or("it is of another method")
    }

    /// A provider by its slug, disabled or not.
    ///
    /// # Errors
    /// A sentence for the admin: why it cannot be opened.
    pub fn provider(&self, slug: &str) -> Result<&dyn IdentityProvider, &str> {
        match self.providers.get(slug) {
            Some(Ok(part)) => Ok(&**part),
            Some(Err(fault)) => Err(fault),
            None => Err("it is not in the catalogue"),
        }
    }

    /// The providers that users can use; the first is the default.
    pub fn usable_providers(&self) -> Arc<Vec<OpenProvider>> {
        self.usable.clone()
    }

    /// The providers that are not disabled but cannot be opened, each with the reason.
    pub fn broken_providers(&self) -> &BTreeMap<String, String> {
        &self.broken
    }

    /// The instances whose hand-off cannot be opened, each with the reason; in no order.
    pub fn broken_handoffs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.handoffs.iter().filter_map(|(slug, opened)| {
            let fault = opened.as_ref().err()?;
            Some((slug.as_str(), fault.as_str()))
        })
    }
}

impl Snapshot {
    /// Whether a part opens now that did not when this snapshot was built.
    pub(super) fn can_open_more(&self, tools: &PartTools) -> bool {
        let places = instances(self);
        let mut handoffs = self.parts.broken_handoffs();
        let can_open = |slug: &str| {
            let place = places.get(slug);
            place.is_some_and(|(service, instance)| tools.open_handoff(service, instance).is_ok())
        };
        let is_broken = |row: &&ProviderRow| self.parts.broken.contains_key(&row.slug);
        let mut providers = self.providers.iter().filter(is_broken);
        handoffs.any(|(slug, _)| can_open(slug))
            || providers.any(|row| tools.open_provider(row).is_ok())
    }
}

type Place<'a> = (&'a Service, &'a Instance);

fn instances(snapshot: &Snapshot) -> HashMap<&str, Place<'_>> {
    let services = snapshot.services.iter();
    let all = services.flat_map(|service| {
        let instances = service.instances.iter();
        instances.map(move |instance| (instance.slug.as_str(), (service, instance)))
    });
    all.collect()
}

/// Whether two hand-offs are opened from the same settings. Sealed secrets can be compared, because
/// they are sealed again whenever they are written.
fn is_same_handoff((service, instance): Place<'_>, (other, at): Place<'_>) -> bool {
    service.slug == other.slug
        && service.handoff == other.handoff
        && instance.settings == at.settings
        && instance.sealed_settings == at.sealed_settings
}

fn is_same_provider(row: &ProviderRow, other: &ProviderRow) -> bool {
    row.slug == other.slug && row.kind == other.kind && row.sealed_settings == other.sealed_settings
}

/// The providers that are not disabled, by whether they could be opened.
fn living(
    rows: &[ProviderRow],
    opened: &HashMap<String, OpenedProvider>,
) -> (Vec<OpenProvider>, BTreeMap<String, String>) {
    let (mut usable, mut broken) = (Vec::new(), BTreeMap::new());
    for row in rows.iter().filter(|row| row.disabled_at.is_none()) {
        match opened.get(&row.slug) {
            Some(Ok(part)) => usable.push(OpenProvider {
                slug: row.slug.clone(),
                title: row.title.clone(),
                part: part.clone(),
            }),
            Some(Err(fault)) => {
                broken.insert(row.slug.clone(), fault.clone());
            }
            None => {}
        }
    }
    (usable, broken)
}
