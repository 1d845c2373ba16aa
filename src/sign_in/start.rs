//! Creation of sessions: the only function that creates one, and the only one that renews one.

use super::{SignInOutcome, SignInTrouble, SignIns, complete::HeldProof};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{Artefact, Bearer, SessionId},
    model::{
        attempt::{Attempt, AttemptPurpose},
        event::{Actor, EventKind, Target},
        session::{Session, SignedIn, UNKNOWN_TIME, Visitor},
        user::User,
    },
    store::Tx,
};

/// A user who is about to be signed in.
pub(super) struct NewSession<'a> {
    pub attempt: &'a Attempt,
    pub visitor: &'a Visitor,
    pub user: User,
    pub proof: HeldProof,
    /// RFC 8176 values of a second factor that was proved with it.
    pub factor: Option<Vec<&'static str>>,
}

impl SignIns {
    /// A second factor was proved (its use is written in `tx`): for the user a provider vouched for
    /// on this attempt, or for the signed-in user who confirms.
    pub(crate) async fn complete_second_factor(
        &self,
        tx: Tx,
        attempt: &Attempt,
        visitor: &Visitor,
        factor: Vec<&'static str>,
    ) -> Result<SignInOutcome> {
        let proof = match self.held(attempt)? {
            Some(proof) => proof,
            None => again_by(visitor, attempt)?,
        };
        let user = self.factor_of(attempt, visitor)?;
        let user = self.store.user(&user).await?.ok_or(Error::NotFound)?;
        let entry = NewSession {
            attempt,
            visitor,
            user,
            proof,
            factor: Some(factor),
        };
        self.start_session(tx, entry).await
    }

    /// The user whose second factor an attempt awaits. A first factor comes first: without one, no
    /// second is requested (THREATS: skipped steps).
    pub fn factor_of(&self, attempt: &Attempt, visitor: &Visitor) -> Result<crate::id::UserId> {
        if let Some((user, _)) = &attempt.vouched {
            return Ok(user.clone());
        }
        match (&attempt.purpose, visitor.user_id()) {
            (AttemptPurpose::Confirm(user), Some(who)) if user == who => Ok(user.clone()),
            _ => Err(Error::AttemptExpired),
        }
    }

    /// A passkey alone: possession and the user's gesture, verified by the authenticator.
    pub(crate) async fn enter_by_passkey(
        &self,
        tx: Tx,
        attempt: &Attempt,
        visitor: &Visitor,
        user: User,
        amr: Vec<&'static str>,
    ) -> Result<SignInOutcome> {
        let proof = HeldProof {
            provider: PASSKEY.to_owned(),
            acr: None,
            amr: Vec::new(),
            authenticated_at: self.clock.now().millis(),
            proved_at: Some(self.clock.now().millis()),
            strong: true,
            upstream: None,
            remember: attempt.remember,
        };
        let entry = NewSession {
            attempt,
            visitor,
            user,
            proof,
            factor: Some(amr),
        };
        self.start_session(tx, entry).await
    }

    /// Attempt, session and event: one transaction with whatever `tx` contains already.
    pub(super) async fn start_session(
        &self,
        mut tx: Tx,
        entry: NewSession<'_>,
    ) -> Result<SignInOutcome> {
        let now = self.clock.now();
        let NewSession {
            attempt, visitor, ..
        } = entry;
        if entry.user.disabled_at.is_some() {
            drop(tx);
            let event = self
                .events
                .by(Actor::User(entry.user.id.clone()), EventKind::SignInRefused)
                .of_user(Some(&entry.user.id))
                .at_address(&visitor.address)
                .about(Target::provider(&entry.proof.provider))
                .with("reason", "disabled");
            let mut tx = self.store.begin_single().await?;
            tx.record(&event).await?;
            tx.commit().await?;
            return Ok(SignInOutcome::Again(SignInTrouble::Refused("disabled")));
        }
        if !tx.take_attempt(&attempt.id, now).await? {
            return Err(Error::AttemptExpired);
        }
        let token = Bearer::mint(Artefact::Session, &self.chance);
        let session = self.session_for(&mut tx, &entry, &token).await?;
        let surplus = tx
            .end_surplus_sessions(&entry.user.id, self.rules.most, now)
            .await?;
        let provider = &entry.proof.provider;
        let kind = match attempt.purpose {
            AttemptPurpose::Confirm(_) => EventKind::SignInConfirmed,
            _ => EventKind::SignInSucceeded,
        };
        let who = SignedIn {
            session,
            user: entry.user,
        };
        let event = self
            .events
            .of(kind, &who)
            .at_address(&visitor.address)
            .about(Target::provider(provider));
        tx.record(&event).await?;
        for session in surplus {
            let event = self
                .events
                .of(EventKind::SessionEnded, &who)
                .in_session(&session)
                .at_address(&visitor.address)
                .about(Target::session(&session))
                .with("reason", "surplus");
            tx.record(&event).await?;
        }
        tx.commit().await?;
        Ok(SignInOutcome::In {
            who: Box::new(who),
            token,
            after: attempt.after.clone(),
        })
    }

    /// The same user keeps their session (launches in progress stay theirs) under a new cookie;
    /// another user ends the session that was there. Either way the old cookie is void (THREATS:
    /// session fixation).
    async fn session_for(
        &self,
        tx: &mut Tx,
        entry: &NewSession<'_>,
        token: &Bearer,
    ) -> Result<Session> {
        let (now, visitor) = (self.clock.now(), entry.visitor);
        let old = visitor.signed_in.as_ref().map(|who| &who.session);
        let mut session = self.session_of(entry, now);
        if let Some(old) = old {
            if old.user == entry.user.id {
                session.id = old.id.clone();
                session.created_at = old.created_at;
                session.proved_at = session.proved_at.max(old.proved_at);
                session.remembered_at = session.remembered_at.or(old.remembered_at);
                session.expires_at = session.expires_at.max(old.expires_at);
                keep_factor(&mut session, old);
                if tx.renew_session(&session, &token.hash()).await? {
                    if old.provider != session.provider {
                        tx.set_upstream(&session.id, None, None, None).await?;
                    }
                    self.keep_upstream(tx, &session, &entry.proof).await?;
                    return Ok(session);
                }
                session.id = SessionId::new(now, &self.chance);
            } else {
                tx.end_session(&old.id, now).await?;
            }
        }
        let agent: String = visitor.user_agent.chars().take(256).collect();
        tx.insert_session(&session, &token.hash(), &agent, &visitor.address)
            .await?;
        self.keep_upstream(tx, &session, &entry.proof).await?;
        Ok(session)
    }

    fn session_of(&self, entry: &NewSession<'_>, now: Time) -> Session {
        let proof = &entry.proof;
        let authenticated_at = Time::from_millis(proof.authenticated_at);
        let reported = proof.proved_at.map(Time::from_millis);
        // If a provider did not report the time, a factor of ours determines it.
        let (factor_at, proved_at) = match &entry.factor {
            Some(_) => (Some(now), reported.or(Some(now))),
            None => (
                proof.strong.then(|| reported.unwrap_or(UNKNOWN_TIME)),
                reported,
            ),
        };
        Session {
            id: SessionId::new(now, &self.chance),
            user: entry.user.id.clone(),
            provider: proof.provider.clone(),
            amr: amr(proof, entry.factor.as_deref()),
            acr: proof.acr.clone(),
            factor_at,
            remembered_at: proof.remember.then_some(now),
            created_at: now,
            authenticated_at,
            proved_at,
            seen_at: now,
            expires_at: now + self.rules.life(proof.remember),
        }
    }

    /// The name of the session for a logout upstream. A confirmation without a provider does not
    /// change it.
    async fn keep_upstream(&self, tx: &mut Tx, session: &Session, proof: &HeldProof) -> Result<()> {
        let Some(upstream) = &proof.upstream else {
            return Ok(());
        };
        let secret = upstream.secret.as_deref().map(|secret| {
            self.seal.seal(
                &super::session::upstream_purpose(&session.id),
                secret.as_bytes(),
            )
        });
        let sealed = secret.transpose()?;
        let (subject, name) = (Some(upstream.subject.as_str()), upstream.session.as_deref());
        tx.set_upstream(&session.id, subject, name, sealed.as_deref())
            .await
    }
}

/// The provider's name in a session that was opened by a passkey alone.
pub const PASSKEY: &str = "passkey";

/// A second factor that was proved earlier in the same session remains valid after a password.
fn keep_factor(session: &mut Session, old: &Session) {
    if session.factor_at.is_none() && old.factor_at.is_some() {
        session.factor_at = old.factor_at;
        session.amr = each_once(
            old.amr
                .split_whitespace()
                .chain(session.amr.split_whitespace()),
        );
    }
}

/// The existing proof of the visitor's session.
fn again_by(visitor: &Visitor, attempt: &Attempt) -> Result<HeldProof> {
    let who = visitor.signed_in.as_ref().ok_or(Error::AttemptExpired)?;
    let session = &who.session;
    Ok(HeldProof {
        provider: session.provider.clone(),
        acr: session.acr.clone(),
        amr: session.amr.split_whitespace().map(str::to_owned).collect(),
        authenticated_at: session.authenticated_at.millis(),
        proved_at: session.proved_at.map(Time::millis),
        strong: false,
        upstream: None,
        remember: attempt.remember || session.remembered_at.is_some(),
    })
}

/// All methods together, each once; two factors are also called `mfa` (RFC 8176 section 2).
fn amr(proof: &HeldProof, factor: Option<&[&'static str]>) -> String {
    let mut all: Vec<&str> = proof.amr.iter().map(String::as_str).collect();
    if let Some(factor) = factor {
        all.extend(factor);
        all.push("mfa");
    }
    each_once(all.into_iter())
}

fn each_once<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut seen = Vec::new();
    for value in values {
        if !value.contains(char::is_whitespace) && !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen.join(" ")
}
