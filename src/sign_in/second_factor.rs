//! When a sign-in requires a second factor.

use super::SignIns;
use crate::{
    catalog::locate::RuleInput,
    error::Result,
    model::{
        assurance::{AssuranceOccasion, demanded},
        attempt::{Attempt, AttemptPurpose},
        session::Visitor,
        user::User,
    },
    store::Tx,
};

impl SignIns {
    /// Whether the provider's proof is not enough on this attempt: a rule or the attempt requires a
    /// second factor, the user is an admin, or has one and does not trust this device.
    pub(super) async fn wants_factor(
        &self,
        tx: &mut Tx,
        attempt: &Attempt,
        visitor: &Visitor,
        user: &User,
    ) -> Result<bool> {
        if self.must_prove_factor(attempt, user) {
            return Ok(true);
        }
        let policy = self.factor_policy;
        let new = attempt.purpose == AttemptPurpose::SignIn;
        if !new || !policy.when_enrolled || !tx.has_factor(&user.id, policy.passkeys).await? {
            return Ok(false);
        }
        let (Some(device), true) = (&visitor.trusted, policy.trust.is_some()) else {
            return Ok(true);
        };
        let trusted = tx.trusts_device(&user.id, device, self.clock.now()).await?;
        Ok(!trusted)
    }

    /// The requirements that a trusted device does not waive.
    pub(crate) fn must_prove_factor(&self, attempt: &Attempt, user: &User) -> bool {
        let snapshot = self.catalog.snapshot();
        let facts = RuleInput {
            user,
            context: None,
        };
        let admin = self.factor_policy.admins && user.admin_at.is_some();
        attempt.demand.second_factor
            || (admin && attempt.purpose == AttemptPurpose::SignIn)
            || demanded(&snapshot.assurance, &facts, AssuranceOccasion::SignIn).second_factor
    }
}
