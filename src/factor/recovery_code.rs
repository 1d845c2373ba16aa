//! Recovery codes: each replaces a lost factor, once.

use super::{
    Factors,
    method::{FactorMethod, MethodTexts, ProofInput},
    prove::{FactorTry, ProvedFactor},
};
use crate::{
    error::Result,
    kind::BoxFuture,
    model::{event::EventKind, factor::RecoveryCode},
    sign_in::SignInTrouble,
};

/// The method's row. The codes are created with the first factor of another method.
pub(super) const METHOD: FactorMethod = FactorMethod {
    name: "recovery",
    logged_as: "recovery",
    is_on: |_| true,
    prove,
    input: ProofInput::Letters("factor-recovery-code"),
    texts: MethodTexts {
        title: "factor-recovery-code",
        option: "factor-by-recovery",
        lead: "factor-lead-recovery",
        wrong: "factor-wrong-recovery",
    },
    setup: None,
};

fn prove<'a>(
    factors: &'a Factors,
    tried: FactorTry<'a>,
) -> BoxFuture<'a, Result<Result<ProvedFactor, SignInTrouble>>> {
    Box::pin(by_code(factors, tried))
}

async fn by_code(
    factors: &Factors,
    tried: FactorTry<'_>,
) -> Result<Result<ProvedFactor, SignInTrouble>> {
    let Some(code) = RecoveryCode::parse(&tried.response.code) else {
        return Ok(Err(SignInTrouble::Wrong));
    };
    let (user, now) = (tried.user, factors.sign_ins.clock.now());
    let mut tx = factors.sign_ins.store.begin().await?;
    if !tx.take_recovery_code(user, &code.hash(user), now).await? {
        return Ok(Err(SignInTrouble::Wrong));
    }
    let event = factors.event(EventKind::RecoveryCodeUsed, user, tried.visitor);
    tx.record(&event).await?;
    let methods = vec!["otp"];
    Ok(Ok(ProvedFactor { tx, methods }))
}
