//! The services: the strength of the hand-off each one uses, and what is wrong with an instance.

use super::Administration;
use crate::{
    catalog::{Snapshot, locate},
    handoff::{self, strength::Strength},
    model::service::{Instance, Service},
};

/// One service.
pub struct ServiceSheet {
    pub slug: String,
    pub title: String,
    /// The name of its hand-off.
    pub method: String,
    /// None where this portal does not vouch: a link into an application that is no client of ours.
    pub strength: Option<Strength>,
    pub disabled: bool,
    /// Why no user can reach it, if that is so.
    pub unreachable: Option<&'static str>,
    pub instances: Vec<InstanceStatus>,
}

/// One instance, and a sentence on what prevents users from reaching it, if anything does.
pub struct InstanceStatus {
    pub slug: String,
    pub title: String,
    pub base_url: String,
    pub disabled: bool,
    pub fault: Option<String>,
    /// What will go wrong at the application, although users reach it.
    pub warning: Option<String>,
    /// Titles of the other services that name its client: access to one of them is enough, and the
    /// strictest of their demands holds.
    pub shared_with: Vec<String>,
}

/// Only an application that asks the portal has a strength; one that is merely opened has none.
fn strength(service: &Service) -> Option<Strength> {
    let asks = |instance: &Instance| instance.settings.contains_key("client");
    let is_alone = service.handoff == "link" && !service.instances.iter().any(asks);
    handoff::strength::of(&service.handoff).filter(|_| !is_alone)
}

fn shared_with(snapshot: &Snapshot, service: &Service, instance: &Instance) -> Vec<String> {
    let homes = instance
        .client()
        .map_or_else(Vec::new, |client| snapshot.homes(client));
    let others = homes.iter().filter(|(home, _)| home.slug != service.slug);
    let mut titles: Vec<_> = others.map(|(home, _)| home.title.clone()).collect();
    titles.dedup();
    titles
}

impl Administration {
    /// All services, the weakest hand-off first: those gain most from an improvement.
    pub fn services(&self) -> Vec<ServiceSheet> {
        let snapshot = self.catalog.snapshot();
        let sheet = |service: &Service| ServiceSheet {
            slug: service.slug.clone(),
            title: service.title.clone(),
            method: service.handoff.clone(),
            strength: strength(service),
            disabled: service.disabled_at.is_some(),
            unreachable: locate::unreachable(service),
            instances: service
                .instances
                .iter()
                .map(|instance| standing(&snapshot, service, instance))
                .collect(),
        };
        let mut sheets: Vec<_> = snapshot.services.iter().map(sheet).collect();
        sheets.sort_by(|a, b| {
            b.strength
                .cmp(&a.strength)
                .then_with(|| a.title.cmp(&b.title))
        });
        sheets
    }
}

fn standing(snapshot: &Snapshot, service: &Service, instance: &Instance) -> InstanceStatus {
    let (warning, fault) = match warning(snapshot, instance) {
        Ok(warning) => (warning, None),
        Err(fault) => (None, Some(fault)),
    };
    InstanceStatus {
        slug: instance.slug.clone(),
        title: instance.title.clone(),
        base_url: instance.base_url.clone(),
        disabled: instance.disabled_at.is_some(),
        fault,
        warning,
        shared_with: shared_with(snapshot, service, instance),
    }
}

/// What an admin is warned of, if the hand-off can be opened.
fn warning(snapshot: &Snapshot, instance: &Instance) -> Result<Option<String>, String> {
    let method = snapshot.parts.handoff(instance)?;
    match method.client() {
        Some(id) if snapshot.client(id).is_none() => {
            Err(format!("its client \"{id}\" is missing or disabled"))
        }
        _ => Ok(method.warning()),
    }
}
