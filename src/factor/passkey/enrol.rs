//! Creating a passkey.

use webauthn_rs::prelude::PasskeyRegistration;

use super::{KIND, METHOD, PasskeyFault};
use crate::{
    error::Result,
    factor::{
        AuthenticatorResponse, Challenge, Enrolled, Enrolment, FactorEditor,
        ceremony::CeremonyPurpose as Ceremony,
    },
    id::FactorId,
    model::{allowance::Write, session::Visitor},
    sign_in::SignInTrouble,
    store::StoredFactor,
};

impl Enrolment<'_> {
    /// A challenge for creating a new passkey. An authenticator that already has one of the user's
    /// reports that and creates none.
    pub async fn new_passkey(self, keeper: &FactorEditor) -> Result<Challenge> {
        let factors = self.0.sign_ins.store.factors(&keeper.user.id).await?;
        let known: Vec<_> = factors
            .into_iter()
            .filter_map(|stored| stored.credential)
            .collect();
        let (options, state) = self.0.passkeys.creation(&keeper.user, &known)?;
        let kept = (Ceremony::Enrol, keeper.bound.clone());
        // A `FactorEditor` is given after a proof of identity.
        self.0
            .keep_challenge(&Write::proved(), kept, options, &state)
            .await
    }

    /// Stores the passkey an authenticator created.
    pub async fn add_passkey(
        self,
        keeper: &FactorEditor,
        visitor: &Visitor,
        name: &str,
        answer: &AuthenticatorResponse,
    ) -> Result<Enrolled> {
        self.check_factor_limit(keeper).await?;
        let state: Option<PasskeyRegistration> = self
            .0
            .take(Ceremony::Enrol, &keeper.bound, &answer.ceremony)
            .await?;
        let Some(state) = state else {
            return Ok(Enrolled::again(SignInTrouble::Wrong));
        };
        let (passkey, credential) = match self.0.passkeys.created(&answer.credential, &state)? {
            Ok(made) => made,
            Err(PasskeyFault::Cloned) => {
                return Ok(Enrolled::again(SignInTrouble::Refused("cloned")));
            }
            Err(PasskeyFault::Wrong(reason)) => {
                tracing::debug!(reason, "a new passkey does not hold");
                return Ok(Enrolled::again(SignInTrouble::Wrong));
            }
        };
        let now = self.0.sign_ins.clock.now();
        let id = FactorId::new(now, &self.0.sign_ins.chance);
        let mut factor = self.new_factor(keeper, id.clone(), KIND, name);
        factor.confirmed_at = Some(now);
        factor.used_at = Some(now);
        let stored = StoredFactor {
            sealed_secret: self.0.sealed_passkey(&id, &passkey)?,
            credential: Some(credential),
            factor,
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        if !tx.insert_factor(&stored).await? {
            drop(tx);
            return Ok(Enrolled::again(SignInTrouble::Refused("taken")));
        }
        let methods = vec!["swk", "user"];
        self.enrolled(tx, keeper, visitor, (&METHOD, &id), methods)
            .await
    }
}
