//! Enrolling: a factor is active once it has been proved. That proof is like any other, so the
//! session that results is a new one, created by the function that creates all sessions.

use super::{FactorEditor, FactorMethod, Factors, manage::Basis};
use crate::{
    error::{Error, Result},
    id::FactorId,
    model::{
        attempt::{After, Attempt, AttemptPurpose, LocalPath},
        event::{EventKind, Target},
        factor::{Factor, FactorKind, RecoveryCode, title},
        session::Visitor,
    },
    sign_in::{Beginning, SignInOutcome, SignInTrouble},
    store::{StoredFactor, Tx},
};

/// Result of an enrolment.
pub struct Enrolled {
    pub outcome: SignInOutcome,
    /// Shown once; empty if the user has some already.
    pub codes: Vec<RecoveryCode>,
}

/// The most factors a user may have.
const MOST: usize = 20;

/// The page of the user's own factors.
pub const OWN_PAGE: &str = "/account/factors";

/// Setting up a factor.
#[derive(Clone, Copy)]
pub struct Enrolment<'a>(pub(super) &'a Factors);

impl Factors {
    pub fn enrolment(&self) -> Enrolment<'_> {
        Enrolment(self)
    }
}

impl Enrolment<'_> {
    /// A user's first factor comes with recovery codes; the user has just proved it.
    pub(super) async fn enrolled(
        self,
        mut tx: Tx,
        keeper: &FactorEditor,
        visitor: &Visitor,
        (method, id): (&FactorMethod, &FactorId),
        methods: Vec<&'static str>,
    ) -> Result<Enrolled> {
        let user = &keeper.user.id;
        let event = self
            .0
            .event(EventKind::FactorEnrolled, user, visitor)
            .about(Target::factor(id))
            .with("factor", method.logged_as);
        tx.record(&event).await?;
        let codes = match self.0.sign_ins.store.recovery_codes_left(user).await? {
            0 => self.0.own().put_codes(&mut tx, keeper, visitor).await?,
            _ => Vec::new(),
        };
        let attempt = self.attempt_of(&mut tx, keeper, visitor).await?;
        let outcome = self
            .0
            .sign_ins
            .complete_second_factor(tx, &attempt, visitor, methods)
            .await?;
        Ok(Enrolled { outcome, codes })
    }

    /// The attempt that requires a factor, or one that stands for this enrolment.
    async fn attempt_of(
        self,
        tx: &mut Tx,
        keeper: &FactorEditor,
        visitor: &Visitor,
    ) -> Result<Attempt> {
        match &keeper.ground {
            Basis::Attempt(attempt) => Ok((**attempt).clone()),
            Basis::Session => {
                let beginning = Beginning {
                    purpose: AttemptPurpose::Confirm(keeper.user.id.clone()),
                    ..Beginning::of(After::Page(LocalPath::of(OWN_PAGE)))
                };
                let attempt = self.0.sign_ins.new_attempt(visitor, beginning);
                let write = visitor.write(self.0.sign_ins.clock.now())?;
                tx.insert_attempt(&write, &attempt).await?;
                Ok(attempt)
            }
        }
    }

    /// A factor that its owner is setting up.
    pub(super) async fn unconfirmed(
        self,
        keeper: &FactorEditor,
        id: &FactorId,
        kind: &FactorKind,
    ) -> Result<StoredFactor> {
        let stored = self.0.sign_ins.store.factor(id).await?;
        let stored = stored.filter(|stored| {
            let factor = &stored.factor;
            factor.user == keeper.user.id && factor.kind == *kind && factor.confirmed_at.is_none()
        });
        stored.ok_or(Error::NotFound)
    }

    pub(super) async fn check_factor_limit(self, keeper: &FactorEditor) -> Result<()> {
        let has = self.0.sign_ins.store.factors(&keeper.user.id).await?.len();
        if has < MOST {
            return Ok(());
        }
        Err(Error::Forbidden("too many second factors"))
    }

    pub(super) fn new_factor(
        self,
        keeper: &FactorEditor,
        id: FactorId,
        kind: FactorKind,
        name: &str,
    ) -> Factor {
        Factor {
            id,
            user: keeper.user.id.clone(),
            title: title(name).unwrap_or_else(|| kind.as_str().to_owned()),
            kind,
            created_at: self.0.sign_ins.clock.now(),
            confirmed_at: None,
            used_at: None,
        }
    }
}

impl Enrolled {
    pub(super) fn again(trouble: SignInTrouble) -> Self {
        Self {
            outcome: SignInOutcome::Again(trouble),
            codes: Vec::new(),
        }
    }
}
