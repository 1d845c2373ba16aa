//! Browsers that a user trusts: the second factor is not asked for there for a while.

use super::Factors;
use crate::{
    error::Result,
    id::{Artefact, Bearer, UserId},
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::{Actor, EventKind},
        factor::TrustedDevice,
        session::Visitor,
    },
};

/// Longer names of browsers are cut.
const LONGEST_AGENT: usize = 256;

impl Factors {
    /// For how many days the user of this attempt may trust the device; `None` where that is not
    /// offered or would change nothing.
    pub async fn trust_days(&self, attempt: &Attempt, visitor: &Visitor) -> Result<Option<u64>> {
        let policy = self.sign_ins.factor_policy;
        let Some(life) = policy.trust.filter(|_| policy.when_enrolled) else {
            return Ok(None);
        };
        if attempt.purpose != AttemptPurpose::SignIn {
            return Ok(None);
        }
        let id = self.sign_ins.factor_of(attempt, visitor)?;
        let user = self.sign_ins.store.user(&id).await?;
        let free = user.is_some_and(|user| !self.sign_ins.must_prove_factor(attempt, &user));
        Ok(free.then_some(life.as_secs() / 86_400))
    }

    /// Trusts this browser for the user who has just proved a factor in it; its new cookie.
    pub async fn trust_device(&self, user: &UserId, visitor: &Visitor) -> Result<Option<Bearer>> {
        let Some(life) = self.sign_ins.factor_policy.trust else {
            return Ok(None);
        };
        let (now, token) = (
            self.sign_ins.clock.now(),
            Bearer::mint(Artefact::TrustedDevice, &self.sign_ins.chance),
        );
        let device = TrustedDevice {
            user_agent: visitor.user_agent.chars().take(LONGEST_AGENT).collect(),
            created_at: now,
            expires_at: now + life,
        };
        let mut tx = self.sign_ins.store.begin().await?;
        tx.insert_trusted_device(user, &token.hash(), &device)
            .await?;
        let event = self.event(EventKind::DeviceTrusted, user, visitor);
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    pub async fn trusted_devices(&self, user: &UserId) -> Result<Vec<TrustedDevice>> {
        let now = self.sign_ins.clock.now();
        self.sign_ins.store.trusted_devices(user, now).await
    }

    /// Requires the second factor again on every device of this user's.
    pub async fn forget_devices(&self, user: &UserId, visitor: &Visitor) -> Result<()> {
        let mut tx = self.sign_ins.store.begin().await?;
        if tx.delete_trusted_devices(user).await? > 0 {
            let event = self.event(EventKind::DeviceUntrusted, user, visitor);
            tx.record(&event).await?;
        }
        tx.commit().await
    }

    /// Removes every factor of a user who has lost them, and ends their sessions: a new one is
    /// enrolled at the next sign-in. For the command line; how many factors there were.
    pub async fn reset(&self, user: &UserId) -> Result<u64> {
        let mut tx = self.sign_ins.store.begin().await?;
        let count = tx.delete_factors(user).await?;
        tx.end_sessions_of(user, self.sign_ins.clock.now()).await?;
        let events = &self.sign_ins.events;
        let event = events.by(Actor::Command, EventKind::FactorsReset);
        tx.record(&event.of_user(Some(user))).await?;
        tx.commit().await?;
        Ok(count)
    }
}
