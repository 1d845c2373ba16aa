//! Whether a provider still vouches for a user who signs in by a passkey alone: the checks of every
//! other sign-in (`admit.rs`), as far as they can be made without the provider.

use super::Factors;
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Result,
    model::{admission::ProviderFacts, user::User},
};

impl Factors {
    /// Whether one of the user's providers is open, would admit them with the attributes it sent
    /// last, and has vouched for them recently enough: a user who has left must not return by a
    /// passkey. For Usher's own accounts, disabling the user is enough.
    pub(super) async fn stands(&self, user: &User, now: Time) -> Result<bool> {
        if !self.signs_in_alone() {
            return Ok(false);
        }
        let vouched = self.sign_ins.store.vouched_by(&user.id).await?;
        let snapshot = self.sign_ins.catalog.snapshot();
        Ok(vouched.iter().any(|(slug, at)| {
            let provider = snapshot.providers.iter().find(|row| row.slug == *slug);
            provider.is_some_and(|row| {
                let recent = row.kind == "local" || now.since(*at) < self.passkeys_stand;
                row.disabled_at.is_none() && recent && would_admit(&snapshot, slug, user)
            })
        }))
    }
}

fn would_admit(snapshot: &Snapshot, provider: &str, user: &User) -> bool {
    let Some(gate) = snapshot.admission(provider) else {
        return false;
    };
    let claimed = ProviderFacts {
        attributes: &user.attributes,
        source: provider,
    };
    let allow = gate.allow.as_ref();
    allow.is_none_or(|condition| condition.holds(&claimed))
}
