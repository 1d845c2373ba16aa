//! Domain module: administration. The configured identity providers, previews of what an assertion
//! would give and where a user would be sent, the signing keys, and the audit trail.
//!
//! Called by the handlers below `/admin`, which only admins reach, and by the command line. What it
//! changes is recorded in the trail; what it only tries (a preview) is not.

mod key;
mod preview;
mod provider;
mod service;
mod trail;

pub use self::{
    key::{Has, PartyStanding},
    preview::Preview,
    provider::{ProviderDetails, Setting, Taken},
    service::{InstanceStatus, ServiceSheet},
    trail::{AuditQuery, Trail},
};
use crate::{
    catalog::Catalog,
    error::Result,
    event::Events,
    keys::{KeyRing, RotationPolicy},
    model::routing::{HomeRealm, RoutingInput, route},
    sign_in::SignIns,
    store::{Counts, Store},
};

/// The domain module.
#[derive(Clone)]
pub struct Administration {
    pub store: Store,
    pub catalog: Catalog,
    pub sign_ins: SignIns,
    pub events: Events,
    pub keys: KeyRing,
    pub turns: RotationPolicy,
}

impl Administration {
    /// Numbers for the start page of the administration.
    pub async fn counts(&self) -> Result<Counts> {
        let now = self.sign_ins.clock.now();
        self.store.counts(now, now - self.sign_ins.rules.idle).await
    }

    /// Which provider a user is sent to who types this or comes from this address, and why.
    pub fn route(&self, typed: &str, address: &str) -> HomeRealm {
        let known = RoutingInput {
            typed: Some(typed),
            address: address.parse().ok(),
            ..RoutingInput::default()
        };
        route(&self.catalog.snapshot().candidates(), &known)
    }
}
