//! Proving a factor: counted, verified, used up, and then passed to the one function that creates
//! sessions.

use super::{FactorProof, FactorResponse, Factors, bound_to};
use crate::{
    error::Result,
    id::UserId,
    model::{
        attempt::Attempt,
        event::{Actor, Event, EventKind},
        session::Visitor,
    },
    sign_in::{Reservation, SignInOutcome, SignInTrouble},
    store::Tx,
};

/// A factor that was proved: what it used up is written, and not yet committed.
pub(super) struct ProvedFactor {
    pub tx: Tx,
    /// RFC 8176.
    pub methods: Vec<&'static str>,
}

/// One attempt to prove a factor.
pub(super) struct FactorTry<'a> {
    pub user: &'a UserId,
    /// The subject that a challenge must have been created for.
    pub subject: &'a str,
    pub visitor: &'a Visitor,
    pub response: &'a FactorResponse,
}

impl Factors {
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
        let tried = FactorTry {
            user,
            subject,
            visitor,
            response: &proof.response,
        };
        match (proof.method.prove)(self, tried).await? {
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

    pub(super) fn event(&self, kind: EventKind, user: &UserId, visitor: &Visitor) -> Event {
        let events = &self.sign_ins.events;
        let event = events.by(Actor::User(user.clone()), kind);
        let event = event.of_user(Some(user)).at_address(&visitor.address);
        in_own_session(event, user, visitor)
    }

    /// An event of a visitor who has not shown that they are this user.
    pub(super) fn refused(&self, kind: EventKind, user: &UserId, visitor: &Visitor) -> Event {
        let events = &self.sign_ins.events;
        let event = events.by_visitor(kind, visitor).of_user(Some(user));
        in_own_session(event, user, visitor)
    }

    pub(super) async fn record_refusal(&self, event: &Event, visitor: &Visitor) -> Result<()> {
        let _write = visitor.write(self.sign_ins.clock.now())?;
        let mut tx = self.sign_ins.store.begin_single().await?;
        tx.record(event).await?;
        tx.commit().await
    }
}

/// An event about this user, in the visitor's session if it is theirs: their history then names the
/// browser.
fn in_own_session(event: Event, user: &UserId, visitor: &Visitor) -> Event {
    let own = visitor.signed_in.as_ref();
    match own.filter(|who| who.user.id == *user) {
        Some(who) => event.in_session(&who.session.id),
        None => event,
    }
}

/// Why a factor was refused, for the audit log: a name of its data, and the value.
fn why(proof: &FactorProof, trouble: &SignInTrouble) -> (&'static str, &'static str) {
    match trouble {
        SignInTrouble::Refused(word) => ("reason", *word),
        _ => ("factor", proof.method.logged_as),
    }
}
