//! From a provider's proof to a session: the same checks for a typed password, a code, a requested
//! assertion and an unsolicited one (THREATS: the unsolicited path).

use serde::{Deserialize, Serialize};

use super::{
    OpenProvider, SignInOutcome, SignInTrouble, SignIns, attempt::begun_at, start::NewSession,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::AttemptId,
    keys::{self, ATTEMPT},
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::EventKind,
        session::Visitor,
        user::User,
    },
    store::Tx,
    upstream::{Upstream, Vouched},
};

/// A provider's proof, without the user, from which a session is created. It is stored, sealed, on
/// the attempt while a second factor is awaited.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldProof {
    pub provider: String,
    pub acr: Option<String>,
    pub amr: Vec<String>,
    /// Milliseconds.
    pub authenticated_at: i64,
    /// Milliseconds; `None` if the provider did not report it.
    #[serde(default)]
    pub proved_at: Option<i64>,
    pub strong: bool,
    pub upstream: Option<Upstream>,
    pub remember: bool,
}

/// A provider's clock may differ by this much when it reports a sign-in of just now, in seconds.
const SKEW: i64 = 60;

impl SignIns {
    pub(super) async fn complete_sign_in(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &OpenProvider,
        vouched: Vouched,
    ) -> Result<SignInOutcome> {
        let now = self.clock.now();
        if is_stale(attempt, &vouched) {
            return self.turn_away(visitor, provider, "stale").await;
        }
        let is_untold = attempt.demand.fresh && vouched.proved_at.is_none();
        if let AttemptPurpose::Link(owner) = &attempt.purpose {
            if is_untold {
                return self.refuse_unknown_time(visitor, provider).await;
            }
            return self.link(attempt, owner, visitor, provider, vouched).await;
        }
        let admitted = self
            .admit(attempt, &provider.slug, &vouched.identity)
            .await?;
        let admission = match admitted {
            Ok(admission) => admission,
            Err(refusal) => {
                let (kind, word) = (EventKind::SignInRefused, refusal.word);
                self.record_try_of(kind, refusal.user, visitor, provider, word)
                    .await?;
                return Ok(SignInOutcome::Again(SignInTrouble::Refused(word)));
            }
        };
        let (mut tx, user) = (admission.tx, admission.user);
        let passkeys = self.factor_policy.passkeys;
        let keeps_factor = is_untold && tx.has_factor(&user.id, passkeys).await?;
        if is_untold && !keeps_factor && attempt.purpose != AttemptPurpose::SignIn {
            drop(tx);
            return self.refuse_unknown_time(visitor, provider).await;
        }
        for once in &vouched.once {
            if !tx.remember_once(&once.name, once.until).await? {
                drop(tx);
                return self.turn_away(visitor, provider, "replayed").await;
            }
        }
        let proof = HeldProof {
            provider: provider.slug.clone(),
            acr: vouched.acr,
            amr: vouched.amr,
            authenticated_at: proved_at(attempt, vouched.proved_at, now)
                .unwrap_or(now)
                .millis(),
            proved_at: proved_at(attempt, vouched.proved_at, now).map(Time::millis),
            strong: vouched.strong,
            upstream: vouched.upstream,
            remember: attempt.remember,
        };
        if keeps_factor
            || !proof.strong && self.wants_factor(&mut tx, attempt, visitor, &user).await?
        {
            return self.hold(tx, attempt, &user, &proof).await;
        }
        let entry = NewSession {
            attempt,
            visitor,
            user,
            proof,
            factor: None,
        };
        self.start_session(tx, entry).await
    }

    /// A fresh proof was required, and the provider does not report when it last asked the user.
    /// There is no factor of ours to prove instead: the attempt ends here, with the reason.
    async fn refuse_unknown_time(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
    ) -> Result<SignInOutcome> {
        tracing::warn!(provider = %provider.slug,
            "a provider did not say when it last asked the user (auth_time)");
        self.turn_away(visitor, provider, "untold").await
    }

    async fn hold(
        &self,
        mut tx: Tx,
        attempt: &Attempt,
        user: &User,
        proof: &HeldProof,
    ) -> Result<SignInOutcome> {
        let text = serde_json::to_vec(proof)
            .map_err(|error| Error::Internal(format!("a proof: {error}")))?;
        let sealed = self.seal.seal(&held_purpose(&attempt.id), &text)?;
        if !tx
            .hold_attempt(&attempt.id, &user.id, &sealed, self.clock.now())
            .await?
        {
            return Err(Error::AttemptExpired);
        }
        tx.commit().await?;
        Ok(SignInOutcome::Factor)
    }

    /// The proof that is stored on an attempt.
    pub(crate) fn held(&self, attempt: &Attempt) -> Result<Option<HeldProof>> {
        let Some((_, sealed)) = &attempt.vouched else {
            return Ok(None);
        };
        let text = self.seal.unseal(&held_purpose(&attempt.id), sealed)?;
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| Error::Internal(format!("a held proof: {error}")))
    }

    pub(super) async fn turn_away(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        word: &'static str,
    ) -> Result<SignInOutcome> {
        self.record_try(EventKind::SignInRefused, visitor, provider, word)
            .await?;
        Ok(SignInOutcome::Again(SignInTrouble::Refused(word)))
    }
}

/// A fresh proof was required, and the provider reports one older than the attempt.
fn is_stale(attempt: &Attempt, vouched: &Vouched) -> bool {
    let begun = begun_at(attempt);
    attempt.demand.fresh
        && vouched
            .proved_at
            .is_some_and(|at| at.secs() < begun.secs() - SKEW)
}

/// The time the provider reports, never in the future; for a fresh proof, now. Else `None`.
fn proved_at(attempt: &Attempt, said: Option<Time>, now: Time) -> Option<Time> {
    said.map(|at| {
        if attempt.demand.fresh {
            now
        } else {
            at.min(now)
        }
    })
}

fn held_purpose(attempt: &AttemptId) -> keys::SealPurpose {
    ATTEMPT.of(&[attempt.as_str()])
}
