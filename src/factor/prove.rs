//! Proving a factor: counted, verified, used up, and then passed to the one function that creates
//! sessions.

use webauthn_rs::prelude::{AuthenticationResult, DiscoverableAuthentication, Passkey};

use super::{
    AuthenticatorResponse, Challenge, FactorProof, Factors, bound_to,
    ceremony::CeremonyPurpose as Ceremony,
    passkey::{self, CredentialNames, PasskeyFault},
    secret_purpose, totp,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::{Actor, Event, EventKind, Target},
        factor::{FactorKind, RecoveryCode},
        session::Visitor,
    },
    sign_in::{PASSKEY, Reservation, SignInOutcome, SignInTrouble},
    store::{StoredFactor, Tx},
};

/// A factor that was proved: what it used up is written, and not yet committed.
pub(super) struct ProvedFactor {
    pub tx: Tx,
    /// RFC 8176.
    methods: Vec<&'static str>,
}

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

impl Factors {
    /// A challenge for the passkeys of the user of this attempt.
    pub async fn challenge(&self, attempt: &Attempt, visitor: &Visitor) -> Result<Challenge> {
        let user = self.sign_ins.factor_of(attempt, visitor)?;
        let subject = bound_to(attempt.id.as_str(), visitor);
        self.challenge_of(&user, subject, visitor).await
    }

    pub(super) async fn challenge_of(
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

    /// Proves the second factor of the user a provider vouched for on this attempt, or of the one
    /// who confirms.
    pub async fn prove(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        proof: &FactorProof,
    ) -> Result<SignInOutcome> {
        let user = self.sign_ins.factor_of(attempt, visitor)?;
        let subject = bound_to(attempt.id.as_str(), visitor);
        let (ticket, proved) = match self.proved(&user, &subject, visitor, proof).await? {
            Ok(proved) => proved,
            Err(trouble) => return Ok(SignInOutcome::Again(trouble)),
        };
        let outcome = self
            .sign_ins
            .complete_second_factor(proved.tx, attempt, visitor, proved.methods)
            .await?;
        self.sign_ins.release(&ticket, true).await?;
        Ok(outcome)
    }

    /// Counts a try at a user's factor and verifies it; what it used up is not committed yet.
    /// A challenge must have been made for this subject.
    pub(super) async fn proved(
        &self,
        user: &UserId,
        subject: &str,
        visitor: &Visitor,
        proof: &FactorProof,
    ) -> Result<Result<(Reservation, ProvedFactor), SignInTrouble>> {
        let name = Some(format!("factor {user}"));
        let ticket = match self.sign_ins.reserve_as(name, visitor).await? {
            Ok(ticket) => ticket,
            Err(wait) => {
                if wait.first {
                    let event = self.refused(EventKind::FactorRefused, user, visitor);
                    self.record_refusal(&event.with("reason", "throttled"), visitor)
                        .await?;
                }
                return Ok(Err(SignInTrouble::Throttled(wait.span)));
            }
        };
        match self.verify(user, subject, visitor, proof).await? {
            Ok(proved) => Ok(Ok((ticket, proved))),
            Err(trouble) => {
                let (name, word) = why(proof, &trouble);
                let event = self.refused(EventKind::FactorRefused, user, visitor);
                self.record_refusal(&event.with(name, word), visitor)
                    .await?;
                Ok(Err(trouble))
            }
        }
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

    async fn verify(
        &self,
        user: &UserId,
        subject: &str,
        visitor: &Visitor,
        proof: &FactorProof,
    ) -> Result<Result<ProvedFactor, SignInTrouble>> {
        let now = self.sign_ins.clock.now();
        let proved = match proof {
            FactorProof::Totp(code) => self.by_app(user, code, now).await?,
            FactorProof::Recovery(code) => self.by_recovery(user, visitor, code, now).await?,
            FactorProof::Passkey(answer) => {
                match self.answered(Ceremony::Prove, subject, answer).await? {
                    AuthenticatorCheck::Right(used) if used.stored.factor.user == *user => {
                        self.use_up(&used, now).await?
                    }
                    AuthenticatorCheck::Right(_) | AuthenticatorCheck::Wrong => None,
                    AuthenticatorCheck::Cloned => return Ok(Err(SignInTrouble::Refused("cloned"))),
                }
            }
        };
        Ok(proved.ok_or(SignInTrouble::Wrong))
    }

    async fn by_app(&self, user: &UserId, code: &str, now: Time) -> Result<Option<ProvedFactor>> {
        for stored in self.sign_ins.store.factors(user).await? {
            if stored.factor.kind != FactorKind::Totp {
                continue;
            }
            let purpose = secret_purpose(&stored.factor.id);
            let secret = self.sign_ins.seal.unseal(&purpose, &stored.sealed_secret)?;
            let Some(step) = totp::step_of(&secret, code, now)? else {
                continue;
            };
            let mut tx = self.sign_ins.store.begin().await?;
            if tx.take_step(&stored.factor.id, step, now).await? {
                let methods = vec!["otp"];
                return Ok(Some(ProvedFactor { tx, methods }));
            }
        }
        Ok(None)
    }

    async fn by_recovery(
        &self,
        user: &UserId,
        visitor: &Visitor,
        code: &str,
        now: Time,
    ) -> Result<Option<ProvedFactor>> {
        let Some(code) = RecoveryCode::parse(code) else {
            return Ok(None);
        };
        let mut tx = self.sign_ins.store.begin().await?;
        if !tx.take_recovery_code(user, &code.hash(user), now).await? {
            return Ok(None);
        }
        let event = self.event(EventKind::RecoveryCodeUsed, user, visitor);
        tx.record(&event).await?;
        let methods = vec!["otp"];
        Ok(Some(ProvedFactor { tx, methods }))
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
        let (Some(state), Some(said)) = (state, passkey::said(&answer.credential)) else {
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
        let methods = passkey::methods(&used.result);
        Ok(ours.then_some(ProvedFactor { tx, methods }))
    }

    pub(super) fn sealed_passkey(
        &self,
        id: &crate::id::FactorId,
        passkey: &Passkey,
    ) -> Result<String> {
        let text = serde_json::to_vec(passkey)
            .map_err(|error| Error::Internal(format!("a passkey: {error}")))?;
        self.sign_ins.seal.seal(&secret_purpose(id), &text)
    }

    pub(super) fn event(&self, kind: EventKind, user: &UserId, visitor: &Visitor) -> Event {
        let events = &self.sign_ins.events;
        let event = events.by(Actor::User(user.clone()), kind);
        event.of_user(Some(user)).at_address(&visitor.address)
    }

    /// An event of a visitor who has not shown that they are this user.
    fn refused(&self, kind: EventKind, user: &UserId, visitor: &Visitor) -> Event {
        let events = &self.sign_ins.events;
        events.by_visitor(kind, visitor).of_user(Some(user))
    }

    async fn record_refusal(&self, event: &Event, visitor: &Visitor) -> Result<()> {
        let _write = visitor.write(self.sign_ins.clock.now())?;
        let mut tx = self.sign_ins.store.begin().await?;
        tx.record(event).await?;
        tx.commit().await
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

/// Why a factor was refused, for the audit log: a name of its data, and the value.
fn why(proof: &FactorProof, trouble: &SignInTrouble) -> (&'static str, &'static str) {
    match (trouble, proof) {
        (SignInTrouble::Refused(word), _) => ("reason", *word),
        (_, FactorProof::Totp(_)) => ("factor", "totp"),
        (_, FactorProof::Recovery(_)) => ("factor", "recovery"),
        (_, FactorProof::Passkey(_)) => ("factor", "passkey"),
    }
}
