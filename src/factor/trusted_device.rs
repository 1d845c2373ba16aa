//! Browsers that a user trusts: the second factor is not asked for there for a while.

use super::Factors;
use crate::{
    error::Result,
    id::{Artefact, Bearer, UserId},
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::EventKind,
        factor::TrustedDevice,
        session::Visitor,
    },
};

/// Longer names of browsers are cut.
const LONGEST_AGENT: usize = 256;

/// The browsers that users trust.
#[derive(Clone, Copy)]
pub struct TrustedDevices<'a>(&'a Factors);

impl Factors {
    pub fn trusted_devices(&self) -> TrustedDevices<'_> {
        TrustedDevices(self)
    }
}

impl TrustedDevices<'_> {
    /// For how many days the user of this attempt may trust the device; `None` where that is not
    /// offered or would change nothing.
    pub async fn days(self, attempt: &Attempt, visitor: &Visitor) -> Result<Option<u64>> {
        let policy = self.0.sign_ins.factor_policy;
        let Some(life) = policy.trust.filter(|_| policy.when_enrolled) else {
            return Ok(None);
        };
        if attempt.purpose != AttemptPurpose::SignIn {
            return Ok(None);
        }
        let id = self.0.sign_ins.factor_of(attempt, visitor)?;
        let user = self.0.sign_ins.store.user(&id).await?;
        let free = user.is_some_and(|user| !self.0.sign_ins.must_prove_factor(attempt, &user));
        Ok(free.then_some(life.as_secs() / 86_400))
    }

    /// Trusts this browser for the user who has just proved a factor in it; its new cookie.
    pub async fn trust(self, user: &UserId, visitor: &Visitor) -> Result<Option<Bearer>> {
        let Some(life) = self.0.sign_ins.factor_policy.trust else {
            return Ok(None);
        };
        let (now, token) = (
            self.0.sign_ins.clock.now(),
            Bearer::mint(Artefact::TrustedDevice, &self.0.sign_ins.chance),
        );
        let device = TrustedDevice {
            user_agent: visitor.user_agent.chars().take(LONGEST_AGENT).collect(),
            created_at: now,
            expires_at: now + life,
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        tx.insert_trusted_device(user, &token.hash(), &device)
            .await?;
        let event = self.0.event(EventKind::DeviceTrusted, user, visitor);
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Those that this user trusts now.
    pub async fn list(self, user: &UserId) -> Result<Vec<TrustedDevice>> {
        let now = self.0.sign_ins.clock.now();
        self.0.sign_ins.store.trusted_devices(user, now).await
    }

    /// Requires the second factor again on every device of this user's.
    pub async fn forget(self, user: &UserId, visitor: &Visitor) -> Result<()> {
        let mut tx = self.0.sign_ins.store.begin().await?;
        if tx.delete_trusted_devices(user).await? > 0 {
            let event = self.0.event(EventKind::DeviceUntrusted, user, visitor);
            tx.record(&event).await?;
        }
        tx.commit().await
    }
}
