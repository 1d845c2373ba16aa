//! From rows to a snapshot: every row is checked, by itself and against the others.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Faults, Snapshot, assurance::assurance_rule, client::checked_client, is_slug,
    record_type::context_type, service::service,
};
use crate::{
    catalog::{
        parts::{PartTools, Parts},
        provider_policy::ProviderPolicies,
    },
    model::{
        assurance::AssuranceRule,
        condition::{Condition, ConditionDocument},
        service::Service,
        service_provider::ServiceProvider,
    },
    store::{CatalogRows, ProviderRow},
};

impl Snapshot {
    /// Checks every row against the others, and opens the parts that are not the same in the
    /// snapshot `before`. A catalogue with a faulty row is refused as a whole. A part that cannot
    /// be opened is kept with the reason.
    pub fn build(
        rows: CatalogRows,
        tools: &PartTools,
        before: Option<&Snapshot>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        unique(
            &mut faults,
            "service",
            rows.services.iter().map(|row| &row.slug),
        );
        unique(
            &mut faults,
            "record type",
            rows.types.iter().map(|row| &row.slug),
        );
        unique(
            &mut faults,
            "client",
            rows.clients.iter().map(|row| &row.id),
        );
        unique(
            &mut faults,
            "provider",
            rows.providers.iter().map(|row| &row.slug),
        );
        let all = rows
            .services
            .iter()
            .flat_map(|row| &row.instances)
            .map(|row| &row.slug);
        unique(&mut faults, "instance", all);
        let types = keep(&mut faults, rows.types, context_type);
        let clients = keep(&mut faults, rows.clients, |row| {
            let place = format!("client \"{}\"", row.id);
            at(place, checked_client(row))
        });
        let services = keep(&mut faults, rows.services, |row| service(row, &types));
        let assurance = keep(&mut faults, rows.assurance, |row| {
            assurance_rule(row, &services)
        });
        let gates = ProviderPolicies::build(&rows.providers, &mut faults);
        unknown_sources(&rows.providers, &services, &assurance, &mut faults);
        let parts = Parts::open(tools, &services, &rows.providers, before);
        let parties = parties(&services, &parts, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            version: rows.version,
            homes: homes(&services),
            parties,
            parts,
            services,
            types,
            providers: rows.providers,
            assurance,
            gates,
            clients: clients
                .into_iter()
                .map(|client| (client.id.clone(), client))
                .collect(),
        })
    }
}

/// Conditions that name a source which is no provider: "not" would always hold for them.
fn unknown_sources(
    providers: &[ProviderRow],
    services: &[Service],
    assurance: &[AssuranceRule],
    faults: &mut Faults,
) {
    let mut unknown = |place: String, condition: Option<&Condition>| {
        let known = |from: &&str| providers.iter().any(|row| row.slug == **from);
        let sources = condition.map(Condition::sources).unwrap_or_default();
        for from in sources.into_iter().filter(|from| !known(from)) {
            faults.push(format!("{place}: there is no provider \"{from}\" (from)"));
        }
    };
    for service in services {
        let place = format!("service \"{}\"", service.slug);
        unknown(format!("{place}, audience"), service.audience.as_ref());
        for rule in &service.rules {
            unknown(
                format!("{place}, rule \"{}\"", rule.title),
                rule.when.as_ref(),
            );
        }
        for link in &service.links {
            let place = format!("{place}, link {}/{}", link.kind, link.intent);
            unknown(place, link.audience.as_ref());
        }
    }
    for rule in assurance {
        unknown(
            format!("assurance rule \"{}\"", rule.title),
            rule.when.as_ref(),
        );
    }
}

/// The service providers among the instances; an entity is one instance.
fn parties(
    services: &[Service],
    parts: &Parts,
    faults: &mut Faults,
) -> HashMap<String, (usize, String, Arc<ServiceProvider>)> {
    let mut parties = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        for instance in &service.instances {
            let opened = parts.handoff(instance).ok();
            let Some(party) = opened.and_then(|part| part.service_provider()) else {
                continue;
            };
            let entity = party.entity_id().to_owned();
            let row = (index, instance.slug.clone(), party.clone());
            if parties.insert(entity.clone(), row).is_some() {
                faults.push(format!(
                    "instance \"{}\": the entity {entity} is another instance already",
                    instance.slug
                ));
            }
        }
    }
    parties
}

fn homes(services: &[Service]) -> HashMap<String, Vec<(usize, String)>> {
    let mut homes: HashMap<String, Vec<_>> = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        for instance in &service.instances {
            if let Some(client) = instance.client() {
                let named = homes.entry(client.to_owned()).or_default();
                named.push((index, instance.slug.clone()));
            }
        }
    }
    homes
}

pub(in crate::catalog) fn keep<R, T>(
    faults: &mut Faults,
    rows: Vec<R>,
    build: impl Fn(R) -> Result<T, Faults>,
) -> Vec<T> {
    let mut built = Vec::with_capacity(rows.len());
    for row in rows {
        match build(row) {
            Ok(one) => built.push(one),
            Err(more) => faults.extend(more),
        }
    }
    built
}

fn unique<'a>(faults: &mut Faults, what: &str, slugs: impl Iterator<Item = &'a String>) {
    let mut seen = BTreeSet::new();
    for slug in slugs {
        if !is_slug(slug) {
            faults.push(format!(
                "{what} \"{slug}\": a name for links is made of a-z, 0-9 and -, at most 64"
            ));
        }
        if !seen.insert(slug) {
            faults.push(format!("{what} \"{slug}\" is defined twice"));
        }
    }
}

/// Prefixes each fault with where it is.
pub(in crate::catalog) fn at<T>(place: String, result: Result<T, String>) -> Result<T, Faults> {
    result.map_err(|fault| vec![format!("{place}: {fault}")])
}

pub(super) fn optional(
    place: &str,
    written: Option<&ConditionDocument>,
) -> Result<Option<Condition>, Faults> {
    written
        .map(|one| at(place.to_owned(), one.build()))
        .transpose()
}
