//! Proving a passkey: as a second factor, or alone, when it identifies its owner as well.

use webauthn_rs::prelude::{AuthenticationResult, DiscoverableAuthentication, Passkey};

use super::{CredentialNames, PasskeyFault, methods, said};
use crate::{
    clock::Time,
    error::{Error, Result},
    factor::{
        AuthenticatorResponse, Challenge, Factors, bound_to,
        ceremony::CeremonyPurpose as Ceremony,
        prove::{FactorTry, ProvedFactor},
        secret_purpose,
    },
    id::{FactorId, UserId},
    kind::BoxFuture,
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::{EventKind, Target},
        session::Visitor,
    },
    sign_in::{PASSKEY, SignInOutcome, SignInTrouble},
    store::StoredFactor,
};

/// Result of checking an authenticator's response.
enum AuthenticatorCheck {
    Right(Box<Used>),
    Wrong,
    Cloned,
}

/// A passkey that was used.
struct Used {
    stored: StoredFactor,
    passkey: Passkey,
    result: AuthenticationResult,
}

/// As a second factor.
pub(super) fn prove<'a>(
    factors: &'a Factors,
    tried: FactorTry<'a>,
) -> BoxFuture<'a, Result<Result<ProvedFactor, SignInTrouble>>> {
    Box::pin(factors.by_passkey(tried))
}

impl Factors {
    /// A challenge for the passkeys of the user of this attempt.
    pub async fn challenge(&self, attempt: &Attempt, visitor: &Visitor) -> Result<Challenge> {
        let user = self.sign_ins.factor_of(attempt, visitor)?;
        let subject = bound_to(attempt.id.as_str(), visitor);
        self.challenge_of(&user, subject, visitor).await
    }

    pub(in crate::factor) async fn challenge_of(
        &self,
        user: &UserId,
        subject: String,
        visitor: &Visitor,
    ) -> Result<Challenge> {
        let write = visitor.write(self.sign_ins.clock.now())?;
        let factors = self.sign_ins.store.factors(user).await?;
        let names: Vec<_> = factors
            .iter()
            .filter_map(|stored| stored.credential.as_deref())
            .collect();
        if names.is_empty() {
            return Err(Error::NotFound);
        }
        let (options, state) = self.passkeys.request(&names)?;
        let kept = (Ceremony::Prove, subject);
        self.keep_challenge(&write, kept, options, &state).await
    }

    /// A challenge for any passkey the browser has: signing in without a password.
    pub async fn open_challenge(&self, attempt: &Attempt, visitor: &Visitor) -> Result<Challenge> {
        let (options, state) = self.passkeys.request(&[])?;
        let subject = bound_to(attempt.id.as_str(), visitor);
        let kept = (Ceremony::SignIn, subject);
        let write = visitor.write(self.sign_ins.clock.now())?;
        self.keep_challenge(&write, kept, options, &state).await
    }

    /// A passkey alone, which identifies its owner. A provider that is still open must have vouched
    /// for the user: a passkey does not outlive the access that a provider gave.
    pub async fn enter(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        answer: &AuthenticatorResponse,
    ) -> Result<SignInOutcome> {
        let ticket = match self.sign_ins.reserve_as(None, visitor).await? {
            Ok(ticket) => ticket,
            Err(wait) => return Ok(SignInOutcome::Again(SignInTrouble::Throttled(wait.span))),
        };
        let subject = bound_to(attempt.id.as_str(), visitor);
        let used = match self.answered(Ceremony::SignIn, &subject, answer).await? {
            AuthenticatorCheck::Right(used) => used,
            AuthenticatorCheck::Wrong => return Ok(SignInOutcome::Again(SignInTrouble::Wrong)),
            AuthenticatorCheck::Cloned => {
                return Ok(SignInOutcome::Again(SignInTrouble::Refused("cloned")));
            }
        };
        let id = used.stored.factor.user.clone();
        if !may_finish(&attempt.purpose, &id) {
            return Ok(SignInOutcome::Again(SignInTrouble::Refused(
                "another-person",
            )));
        }
        let user = self.sign_ins.store.user(&id).await?;
        let user = user.ok_or(Error::NotFound)?;
        let now = self.sign_ins.clock.now();
        if !self.stands(&user, now).await? {
            let event = self
                .refused(EventKind::SignInRefused, &id, visitor)
                .about(Target::provider(PASSKEY))
                .with("reason", "vouch-again");
            self.record_refusal(&event, visitor).await?;
            return Ok(SignInOutcome::Again(SignInTrouble::Refused("vouch-again")));
        }
        let Some(proved) = self.use_up(&used, now).await? else {
            return Ok(SignInOutcome::Again(SignInTrouble::Wrong));
        };
        let outcome = self
            .sign_ins
            .enter_by_passkey(proved.tx, attempt, visitor, user, proved.methods)
            .await?;
        self.sign_ins.release(&ticket, true).await?;
        Ok(outcome)
    }

    async fn by_passkey(
        &self,
        tried: FactorTry<'_>,
    ) -> Result<Result<ProvedFactor, SignInTrouble>> {
        let now = self.sign_ins.clock.now();
        let answer = &tried.response.authenticator;
        let checked = self
            .answered(Ceremony::Prove, tried.subject, answer)
            .await?;
        let proved = match checked {
            AuthenticatorCheck::Right(used) if used.stored.factor.user == *tried.user => {
                self.use_up(&used, now).await?
            }
            AuthenticatorCheck::Right(_) | AuthenticatorCheck::Wrong => None,
            AuthenticatorCheck::Cloned => return Ok(Err(SignInTrouble::Refused("cloned"))),
        };
        Ok(proved.ok_or(SignInTrouble::Wrong))
    }

    /// Reads and verifies an authenticator's response, and uses the challenge up.
    async fn answered(
        &self,
        purpose: Ceremony,
        subject: &str,
        answer: &AuthenticatorResponse,
    ) -> Result<AuthenticatorCheck> {
        let state: Option<DiscoverableAuthentication> =
            self.take(purpose, subject, &answer.ceremony).await?;
        let (Some(state), Some(said)) = (state, said(&answer.credential)) else {
            return Ok(AuthenticatorCheck::Wrong);
        };
        let Some(stored) = self.named(&said).await? else {
            return Ok(AuthenticatorCheck::Wrong);
        };
        let passkey = self.stored_passkey(&stored)?;
        Ok(
            match self.passkeys.verified(&said.answer, state, &passkey)? {
                Ok(result) => AuthenticatorCheck::Right(Box::new(Used {
                    stored,
                    passkey,
                    result,
                })),
                Err(PasskeyFault::Cloned) => {
                    tracing::warn!(factor.id = %stored.factor.id, "a passkey's counter went backwards");
                    AuthenticatorCheck::Cloned
                }
                Err(PasskeyFault::Wrong(reason)) => {
                    tracing::debug!(reason, "an authenticator's answer does not hold");
                    AuthenticatorCheck::Wrong
                }
            },
        )
    }

    /// The passkey a response names, if it belongs to the user the authenticator reports.
    async fn named(&self, said: &CredentialNames) -> Result<Option<StoredFactor>> {
        let stored = self
            .sign_ins
            .store
            .factor_by_credential(&said.credential)
            .await?;
        Ok(stored.filter(|stored| {
            said.owner
                .as_ref()
                .is_none_or(|owner| *owner == stored.factor.user)
        }))
    }

    fn stored_passkey(&self, stored: &StoredFactor) -> Result<Passkey> {
        let purpose = secret_purpose(&stored.factor.id);
        let text = self.sign_ins.seal.unseal(&purpose, &stored.sealed_secret)?;
        serde_json::from_slice(&text)
            .map_err(|error| Error::Internal(format!("a stored passkey: {error}")))
    }

    /// Writes the counter; `None` if a concurrent response was first.
    async fn use_up(&self, used: &Used, now: Time) -> Result<Option<ProvedFactor>> {
        let mut passkey = used.passkey.clone();
        let changed = passkey.update_credential(&used.result) == Some(true);
        let sealed = if changed {
            self.sealed_passkey(&used.stored.factor.id, &passkey)?
        } else {
            used.stored.sealed_secret.clone()
        };
        let mut tx = self.sign_ins.store.begin().await?;
        let ours = tx.use_passkey(&used.stored, &sealed, now).await?;
        let methods = methods(&used.result);
        Ok(ours.then_some(ProvedFactor { tx, methods }))
    }

    pub(in crate::factor) fn sealed_passkey(
        &self,
        id: &FactorId,
        passkey: &Passkey,
    ) -> Result<String> {
        let text = serde_json::to_vec(passkey)
            .map_err(|error| Error::Internal(format!("a passkey: {error}")))?;
        self.sign_ins.seal.seal(&secret_purpose(id), &text)
    }
}

/// Whether this user may complete an attempt of this kind with a passkey alone.
fn may_finish(purpose: &AttemptPurpose, user: &UserId) -> bool {
    match purpose {
        AttemptPurpose::SignIn => true,
        AttemptPurpose::Confirm(expected) => expected == user,
        // An identity is linked by a sign-in with that identity.
        AttemptPurpose::Link(_) => false,
    }
}
