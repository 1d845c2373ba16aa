//! The signing keys: their current state, and creating new ones ahead of schedule.

use super::Administration;
use crate::{
    error::{Error, Result},
    keys::{AuditHooks, KeyState, KeyStatus, RotationReason},
    model::{
        event::{EventKind, Target},
        session::SignedIn,
    },
};

/// A service provider, and which certificate of ours it is known to have.
pub struct PartyStanding {
    pub title: String,
    pub entity: String,
    pub has: Has,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// Unknown: no admin has recorded it.
    Unknown,
    The(KeyState),
    /// A certificate that is no longer published.
    Gone,
}

impl Administration {
    /// Every key that is published, newest first by purpose.
    pub fn keys(&self) -> Vec<KeyStatus> {
        self.keys.standing()
    }

    /// The service providers, by title, and whether each has our newest certificate.
    pub async fn service_providers(&self) -> Result<Vec<PartyStanding>> {
        let confirmed = self.store.confirmed_certificates().await?;
        let standing = self.keys.standing();
        let certificates = standing.iter().filter(|one| one.ends.is_some());
        let certificates: Vec<&KeyStatus> = certificates.collect();
        let snapshot = self.catalog.snapshot();
        let mut all: Vec<_> = snapshot
            .service_providers()
            .map(|(entity, instance)| PartyStanding {
                title: instance.title.clone(),
                has: confirmed.get(entity).map_or(Has::Unknown, |kid| {
                    let known = certificates.iter().find(|one| one.kid == *kid);
                    known.map_or(Has::Gone, |one| Has::The(one.state))
                }),
                entity: entity.to_owned(),
            })
            .collect();
        all.sort_by(|a, b| (&a.title, &a.entity).cmp(&(&b.title, &b.entity)));
        Ok(all)
    }

    /// An admin records that a service provider has this certificate, which we publish.
    pub async fn confirm_certificate(
        &self,
        who: &SignedIn,
        entity: &str,
        fingerprint: &str,
    ) -> Result<()> {
        let standing = self.keys.standing();
        let mut published = standing.iter().filter(|one| one.ends.is_some());
        let is_ours = published.any(|one| one.kid == fingerprint);
        if !is_ours || self.catalog.snapshot().service_provider(entity).is_none() {
            return Err(Error::NotFound);
        }
        let event = self
            .events
            .of(EventKind::CertificateConfirmed, who)
            .about(Target::service_provider(entity))
            .with("certificate", fingerprint);
        let mut tx = self.store.begin().await?;
        let now = self.sign_ins.clock.now();
        tx.confirm_certificate(entity, fingerprint, now).await?;
        tx.record(&event).await?;
        tx.commit().await
    }

    /// Creates new keys, on behalf of the admin. Returns the purposes; none where the next keys
    /// exist already.
    pub async fn rotate(&self, who: &SignedIn, turn: RotationReason) -> Result<Vec<&'static str>> {
        let hooks = AuditHooks {
            made: &|| self.events.of(EventKind::KeyRotated, who),
            withdrawn: &|| self.events.of(EventKind::KeyWithdrawn, who),
        };
        self.keys
            .rotate(&self.store, &self.turns, turn, &hooks)
            .await
    }
}
