//! Domain module: second factors, proved on an attempt, enrolled and removed by users who have just
//! proved their identity. Authenticator apps, passkeys and recovery codes pass the same limiter and
//! the same state machine, whichever page they come from (THREATS: MFA bypass on side paths).
//!
//! ```text
//! attempt, first factor vouched for ─▶ prove ──▶ used up: step, code or challenge ─┐
//! attempt, nothing yet ───────────────▶ enter (a passkey alone) ───────────────────┤
//! attempt or session, freshly proved ─▶ enrol ──▶ worked once: it counts ──────────┤
//!                                                                session ◀─────────┘
//! ```
//!
//! What is used up is written in the transaction that makes the session.

mod ceremony;
mod enrol;
mod manage;
mod method;
mod passkey;
mod prove;
mod recovery_code;
mod reset;
mod standing;
mod totp;
mod trusted_device;

use std::time::Duration;

use zeroize::Zeroizing;

pub use self::{
    ceremony::Challenge,
    enrol::{Enrolled, Enrolment, OWN_PAGE},
    manage::{FactorEditor, OwnFactors},
    method::{FactorMethod, MethodSetup, MethodTexts, ProofInput},
    passkey::Passkeys,
    reset::LinkFactors,
    totp::NewApp,
    trusted_device::TrustedDevices,
};
use crate::{
    error::Result,
    id::UserId,
    keys::{FACTOR, SealPurpose},
    model::{
        attempt::Attempt,
        event::{Actor, EventKind},
        factor::Factor,
        session::Visitor,
    },
    sign_in::SignIns,
};

/// The domain module's state, and how factors that we verify ourselves are proved at a sign-in. The
/// rest is on handles: [`Factors::enrolment`], [`Factors::own`], [`Factors::on_links`],
/// [`Factors::trusted_devices`].
#[derive(Clone)]
pub struct Factors {
    pub sign_ins: SignIns,
    pub passkeys: Passkeys,
    /// How long a passkey alone may stand in for the provider that vouched for its owner.
    pub passkeys_stand: Duration,
}

/// Every method of proving a second factor, in the order in which users are offered to set one up.
pub const METHODS: &[FactorMethod] = &[passkey::METHOD, totp::METHOD, recovery_code::METHOD];

/// The method for users who have lost their factors.
pub const RECOVERY: &FactorMethod = &recovery_code::METHOD;

/// What a user presents to prove a second factor.
pub struct FactorProof {
    pub method: &'static FactorMethod,
    pub response: FactorResponse,
}

/// The content of a form; each method reads its own part.
pub struct FactorResponse {
    pub code: Zeroizing<String>,
    pub authenticator: AuthenticatorResponse,
}

/// An authenticator's response to a challenge of ours, sent by the browser.
pub struct AuthenticatorResponse {
    /// The challenge, by its id.
    pub ceremony: String,
    /// The credential as JSON (Web Authentication Level 3, section 5.1).
    pub credential: String,
}

/// The factors a user has, as pages show them.
#[derive(Clone, Debug, Default)]
pub struct EnrolledFactors {
    /// The most recently used first.
    pub factors: Vec<Factor>,
    pub codes_left: i64,
}

impl Factors {
    /// The factors of this user.
    pub async fn enrolled_factors(&self, user: &UserId) -> Result<EnrolledFactors> {
        let store = &self.sign_ins.store;
        let factors = store.factors(user).await?;
        Ok(EnrolledFactors {
            factors: factors.into_iter().map(|stored| stored.factor).collect(),
            codes_left: store.recovery_codes_left(user).await?,
        })
    }

    /// Whether a passkey may replace user name and password here.
    pub fn signs_in_alone(&self) -> bool {
        self.passkeys.are_on() && !self.passkeys_stand.is_zero()
    }

    /// The factors of the user of this attempt.
    pub async fn awaited(&self, attempt: &Attempt, visitor: &Visitor) -> Result<EnrolledFactors> {
        let user = self.sign_ins.factor_of(attempt, visitor)?;
        self.enrolled_factors(&user).await
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

/// The binding of a challenge: to this attempt, in this browser.
fn bound_to(id: &str, visitor: &Visitor) -> String {
    format!("{id} {}", visitor.browser.as_str())
}

/// The purpose a factor's secret is sealed for.
fn secret_purpose(factor: &crate::id::FactorId) -> SealPurpose {
    FACTOR.of(&[factor.as_str()])
}
