//! Enrolling: a factor is active once it has been proved. That proof is like any other, so the
//! session that results is a new one, created by the function that creates all sessions.

use webauthn_rs::prelude::PasskeyRegistration;

use super::{
    AuthenticatorResponse, Challenge, FactorEditor, Factors, ceremony::CeremonyPurpose as Ceremony,
    manage::Basis, passkey::PasskeyFault, secret_purpose, totp,
};
use crate::{
    error::{Error, Result},
    id::FactorId,
    model::{
        allowance::Write,
        attempt::{After, Attempt, AttemptPurpose, LocalPath},
        event::{EventKind, Target},
        factor::{Factor, FactorKind, RecoveryCode, title},
        session::Visitor,
    },
    protocol::otpauth::{base32, key_uri},
    sign_in::{Beginning, SignInOutcome, SignInTrouble},
    store::{StoredFactor, Tx},
};

/// The secret of an app that is being set up.
pub struct NewApp {
    pub id: FactorId,
    /// For typing, base32.
    pub key: String,
    /// For scanning, as a QR code.
    pub uri: String,
}

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
pub struct Enrolment<'a>(&'a Factors);

impl Factors {
    pub fn enrolment(&self) -> Enrolment<'_> {
        Enrolment(self)
    }
}

impl Enrolment<'_> {
    /// Creates the secret of a new app. An earlier secret that was never confirmed is deleted.
    pub async fn begin_app(self, keeper: &FactorEditor, name: &str) -> Result<FactorId> {
        self.room_for_one_more(keeper).await?;
        let now = self.0.sign_ins.clock.now();
        let id = FactorId::new(now, &self.0.sign_ins.chance);
        let secret = self.0.sign_ins.chance.bytes::<{ totp::SECRET }>();
        let stored = StoredFactor {
            sealed_secret: self.0.sign_ins.seal.seal(&secret_purpose(&id), &secret)?,
            credential: None,
            factor: self.new_factor(keeper, id.clone(), FactorKind::Totp, name),
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        tx.delete_unconfirmed_factors(&keeper.user.id).await?;
        tx.insert_factor(&stored).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The secret of an app that is being set up, for its owner, until it works.
    pub async fn new_app(
        self,
        keeper: &FactorEditor,
        id: &FactorId,
        portal: &str,
    ) -> Result<NewApp> {
        let stored = self.unconfirmed(keeper, id).await?;
        let secret = self
            .0
            .sign_ins
            .seal
            .unseal(&secret_purpose(id), &stored.sealed_secret)?;
        Ok(NewApp {
            id: id.clone(),
            key: base32(&secret),
            uri: key_uri(portal, &keeper.user.login, &secret),
        })
    }

    /// The app shows the right code: it is active from now on.
    pub async fn confirm_app(
        self,
        keeper: &FactorEditor,
        visitor: &Visitor,
        id: &FactorId,
        code: &str,
    ) -> Result<Enrolled> {
        let stored = self.unconfirmed(keeper, id).await?;
        let name = Some(format!("factor {}", keeper.user.id));
        let ticket = match self.0.sign_ins.reserve_as(name, visitor).await? {
            Ok(ticket) => ticket,
            Err(wait) => return Ok(Enrolled::again(SignInTrouble::Throttled(wait.span))),
        };
        let now = self.0.sign_ins.clock.now();
        let purpose = secret_purpose(id);
        let secret = self
            .0
            .sign_ins
            .seal
            .unseal(&purpose, &stored.sealed_secret)?;
        let Some(step) = totp::step_of(&secret, code, now)? else {
            return Ok(Enrolled::again(SignInTrouble::Wrong));
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        if !tx.confirm_factor(id, step, now).await? {
            return Err(Error::NotFound);
        }
        let enrolled = self.enrolled(tx, keeper, visitor, id, vec!["otp"]).await?;
        self.0.sign_ins.release(&ticket, true).await?;
        Ok(enrolled)
    }

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
        self.room_for_one_more(keeper).await?;
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
        let mut factor = self.new_factor(keeper, id.clone(), FactorKind::Passkey, name);
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
        self.enrolled(tx, keeper, visitor, &id, methods).await
    }

    /// A user's first factor comes with recovery codes; the user has just proved it.
    async fn enrolled(
        self,
        mut tx: Tx,
        keeper: &FactorEditor,
        visitor: &Visitor,
        id: &FactorId,
        methods: Vec<&'static str>,
    ) -> Result<Enrolled> {
        let user = &keeper.user.id;
        let event = self
            .0
            .event(EventKind::FactorEnrolled, user, visitor)
            .about(Target::factor(id));
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

    async fn unconfirmed(self, keeper: &FactorEditor, id: &FactorId) -> Result<StoredFactor> {
        let stored = self.0.sign_ins.store.factor(id).await?;
        let stored = stored.filter(|stored| {
            let factor = &stored.factor;
            factor.user == keeper.user.id
                && factor.kind == FactorKind::Totp
                && factor.confirmed_at.is_none()
        });
        stored.ok_or(Error::NotFound)
    }

    async fn room_for_one_more(self, keeper: &FactorEditor) -> Result<()> {
        let has = self.0.sign_ins.store.factors(&keeper.user.id).await?.len();
        if has < MOST {
            return Ok(());
        }
        Err(Error::Forbidden("too many second factors"))
    }

    fn new_factor(
        self,
        keeper: &FactorEditor,
        id: FactorId,
        kind: FactorKind,
        name: &str,
    ) -> Factor {
        Factor {
            id,
            user: keeper.user.id.clone(),
            kind,
            title: title(name).unwrap_or_else(|| kind.as_str().to_owned()),
            created_at: self.0.sign_ins.clock.now(),
            confirmed_at: None,
            used_at: None,
        }
    }
}

impl Enrolled {
    fn again(trouble: SignInTrouble) -> Self {
        Self {
            outcome: SignInOutcome::Again(trouble),
            codes: Vec::new(),
        }
    }
}
