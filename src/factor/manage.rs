//! Managing a user's own factors: who may, renaming, removing, new recovery codes.

use super::{FactorMethod, Factors, bound_to};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::FactorId,
    model::{
        attempt::{Attempt, SignInDemand},
        event::{EventKind, Target},
        factor::{Missing, RECENT, RECOVERY_CODES, RecoveryCode, may_change, title},
        session::{SignedIn, Visitor},
        user::User,
    },
    sign_in::{Beginning, begun_at},
    store::Tx,
};

/// The right to change a user's factors: given after a fresh proof of identity.
pub struct FactorEditor {
    pub(super) user: User,
    pub(super) ground: Basis,
    /// What challenges are bound to.
    pub(super) bound: String,
}

/// The basis of the right.
pub(super) enum Basis {
    /// A session with a recent proof.
    Session,
    /// An attempt whose first factor was vouched for, of a user who has no factor yet.
    Attempt(Box<Attempt>),
}

impl FactorEditor {
    pub fn user(&self) -> &User {
        &self.user
    }
}

/// A user's own factors, and who may change them.
#[derive(Clone, Copy)]
pub struct OwnFactors<'a>(&'a Factors);

impl Factors {
    pub fn own(&self) -> OwnFactors<'_> {
        OwnFactors(self)
    }
}

impl OwnFactors<'_> {
    /// The right to change the user's own factors, or what must be proved first. A session alone is
    /// not enough: it may have been left open (THREATS: session riding).
    pub async fn keeper(
        self,
        who: &SignedIn,
        visitor: &Visitor,
    ) -> Result<Result<FactorEditor, Missing>> {
        let factors = self.0.sign_ins.store.factors(&who.user.id).await?;
        let now = self.0.sign_ins.clock.now();
        Ok(
            may_change(&who.session, !factors.is_empty(), now).map(|()| FactorEditor {
                user: who.user.clone(),
                ground: Basis::Session,
                bound: bound_to(who.session.id.as_str(), visitor),
            }),
        )
    }

    /// The right to enrol a first factor where one is demanded: a user who has one proves it
    /// instead (THREATS: MFA bypass).
    pub async fn first_enrolment(
        self,
        attempt: Attempt,
        visitor: &Visitor,
    ) -> Result<Result<FactorEditor, Missing>> {
        let user = self.0.sign_ins.factor_of(&attempt, visitor)?;
        let user = self.0.sign_ins.store.user(&user).await?;
        let user = user.ok_or(Error::NotFound)?;
        if !self.0.sign_ins.store.factors(&user.id).await?.is_empty() {
            return Ok(Err(Missing::Factor));
        }
        // No provider has vouched on this attempt: then the confirming session must be fresh
        // itself.
        if attempt.vouched.is_none() {
            let who = visitor.signed_in.as_ref().ok_or(Error::AttemptExpired)?;
            if let Err(missing) = may_change(&who.session, false, self.0.sign_ins.clock.now()) {
                return Ok(Err(missing));
            }
        }
        // The provider reports that the user authenticated long before: an attacker at a session
        // that was left open there must not be able to enrol a factor. An unknown time is accepted,
        // because users of a provider that never reports it could not set up a factor at all.
        let held = self.0.sign_ins.held(&attempt)?;
        let proved_at = held.and_then(|proof| proof.proved_at);
        if proved_at.is_some_and(|at| begun_at(&attempt).since(Time::from_millis(at)) >= RECENT) {
            return Ok(Err(Missing::Identity));
        }
        Ok(Ok(FactorEditor {
            bound: bound_to(attempt.id.as_str(), visitor),
            ground: Basis::Attempt(Box::new(attempt)),
            user,
        }))
    }

    /// A new sign-in for a user whose proof at the provider is too old to set up a first factor:
    /// the provider is asked to authenticate them again. `None` if no provider has vouched.
    pub fn proved_anew(self, attempt: &Attempt) -> Result<Option<Beginning>> {
        let held = self.0.sign_ins.held(attempt)?;
        Ok(held.map(|proof| Beginning {
            purpose: attempt.purpose.clone(),
            demand: SignInDemand {
                fresh: true,
                ..attempt.demand
            },
            hint: attempt.hint.clone(),
            provider: Some(proof.provider),
            ..Beginning::of(attempt.after.clone())
        }))
    }

    /// Gives a factor another name. False if it does not exist, or is another user's.
    pub async fn rename(self, who: &SignedIn, factor: &FactorId, name: &str) -> Result<bool> {
        let Some(name) = title(name) else {
            return Ok(false);
        };
        let mut tx = self.0.sign_ins.store.begin_single().await?;
        if !tx.rename_factor(factor, &who.user.id, &name).await? {
            return Err(Error::NotFound);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Removes a factor, and with the last one the recovery codes.
    pub async fn remove(
        self,
        keeper: &FactorEditor,
        visitor: &Visitor,
        factor: &FactorId,
    ) -> Result<()> {
        let user = &keeper.user.id;
        let stored = self.0.sign_ins.store.factor(factor).await?;
        let mut tx = self.0.sign_ins.store.begin().await?;
        if !tx.delete_factor(factor, user).await? {
            return Err(Error::NotFound);
        }
        tx.delete_idle_recovery_codes(user).await?;
        tx.delete_trusted_devices(user).await?;
        let event = self
            .0
            .event(EventKind::FactorRemoved, user, visitor)
            .about(Target::factor(factor));
        let method = stored.and_then(|stored| FactorMethod::of(&stored.factor.kind));
        let event = match method {
            Some((method, _)) => event.with("factor", method.logged_as),
            None => event,
        };
        tx.record(&event).await?;
        tx.commit().await
    }

    /// New recovery codes; the earlier ones are void. A user without a factor needs none.
    pub async fn renew_codes(
        self,
        keeper: &FactorEditor,
        visitor: &Visitor,
    ) -> Result<Vec<RecoveryCode>> {
        let user = &keeper.user.id;
        if self.0.sign_ins.store.factors(user).await?.is_empty() {
            return Err(Error::NotFound);
        }
        let mut tx = self.0.sign_ins.store.begin().await?;
        let codes = self.put_codes(&mut tx, keeper, visitor).await?;
        tx.commit().await?;
        Ok(codes)
    }

    pub(super) async fn put_codes(
        self,
        tx: &mut Tx,
        keeper: &FactorEditor,
        visitor: &Visitor,
    ) -> Result<Vec<RecoveryCode>> {
        let user = &keeper.user.id;
        let fresh = || RecoveryCode::of(self.0.sign_ins.chance.bytes());
        let codes: Vec<_> = std::iter::repeat_with(fresh).take(RECOVERY_CODES).collect();
        let hashes: Vec<_> = codes.iter().map(|code| code.hash(user)).collect();
        tx.put_recovery_codes(user, &hashes, self.0.sign_ins.clock.now())
            .await?;
        let event = self.0.event(EventKind::RecoveryCodesCreated, user, visitor);
        tx.record(&event).await?;
        Ok(codes)
    }
}
