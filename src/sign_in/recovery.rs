//! Passwords that are requested or changed outside a sign-in: through the same limiter, so that no
//! side path allows guessing (THREATS: brute-force bypass).

use std::time::Duration;

use zeroize::Zeroizing;

use super::{PasswordChanges, throttle::Reservation};
use crate::{
    directory::{Directory, Own, PasswordCheck},
    error::Result,
    id::{Artefact, AttemptId, Bearer},
    model::{
        event::EventKind,
        password::PasswordWeakness,
        session::{SignedIn, Visitor},
    },
};

/// The result of changing the user's own password.
pub enum Changed {
    /// The session continues under this cookie; the user's others have ended.
    Done(Bearer),
    /// The old password is wrong.
    Wrong,
    Weak(PasswordWeakness),
    /// The new one equals the old one.
    Same,
    Throttled(Duration),
    Busy,
}

impl PasswordChanges<'_> {
    /// A user forgot a password: counted by what they typed and by their address, and then queued.
    /// `Err(wait)` inside when there were too many.
    pub async fn forgot(
        self,
        directory: &Directory,
        visitor: &Visitor,
        typed: &str,
        language: &str,
        attempt: Option<AttemptId>,
    ) -> Result<Result<(), Duration>> {
        let wish = Reservation::of_recovery(typed, visitor, &self.0.limits);
        if let Err(wait) = self.0.counted(wish, visitor).await? {
            return Ok(Err(wait.span));
        }
        directory.recoveries().ask(typed, language, attempt).await?;
        Ok(Ok(()))
    }

    /// A signed-in user wants to verify their mail address; counted like a forgotten password.
    pub async fn ask_verification(
        self,
        directory: &Directory,
        own: &Own,
        who: &SignedIn,
        visitor: &Visitor,
        language: &str,
    ) -> Result<Result<(), Duration>> {
        let login = &own.account.account.login;
        let wish = Reservation::of_recovery(login, visitor, &self.0.limits);
        if let Err(wait) = self.0.counted(wish, visitor).await? {
            return Ok(Err(wait.span));
        }
        directory
            .local_accounts()
            .ask_verification(own, &who.user.id, language)
            .await?;
        Ok(Ok(()))
    }

    /// A signed-in user changes the password of their local account.
    pub async fn change(
        self,
        directory: &Directory,
        own: &Own,
        who: &SignedIn,
        visitor: &Visitor,
        (old, new): (Zeroizing<String>, Zeroizing<String>),
        language: &str,
    ) -> Result<Changed> {
        if let Err(weak) = directory.local_accounts().good_enough(&new, &own.account) {
            return Ok(Changed::Weak(weak));
        }
        let login = &own.account.account.login;
        let reservation = self.0.own_account_try(&own.provider, login, visitor);
        let reservation = match self.0.counted(reservation, visitor).await? {
            Ok(reservation) => reservation,
            Err(wait) => {
                if wait.first {
                    self.refuse(who, visitor, "throttled").await?;
                }
                return Ok(Changed::Throttled(wait.span));
            }
        };
        match self.0.passwords.check(login, &old, &visitor.client).await? {
            PasswordCheck::Busy => {
                self.0.release(&reservation, false).await?;
                return Ok(Changed::Busy);
            }
            PasswordCheck::Wrong => {
                self.refuse(who, visitor, "wrong").await?;
                return Ok(Changed::Wrong);
            }
            PasswordCheck::Right(_) => self.0.release(&reservation, true).await?,
        }
        if *old == *new {
            return Ok(Changed::Same);
        }
        let hash = self.0.passwords.hash(new).await?;
        let token = Bearer::mint(Artefact::Session, &self.0.chance);
        let mut session = who.session.clone();
        session.authenticated_at = self.0.clock.now();
        session.proved_at = Some(session.authenticated_at);
        session.seen_at = session.authenticated_at;
        let mut tx = self.0.store.begin().await?;
        directory
            .local_accounts()
            .change_password(&mut tx, own, &who.user.id, &session.id, &hash, language)
            .await?;
        tx.renew_session(&session, &token.hash()).await?;
        tx.commit().await?;
        Ok(Changed::Done(token))
    }

    async fn refuse(self, who: &SignedIn, visitor: &Visitor, word: &str) -> Result<()> {
        let event = self
            .0
            .events
            .of(EventKind::PasswordRefused, who)
            .at_address(&visitor.address)
            .with("reason", word);
        let mut tx = self.0.store.begin_single().await?;
        tx.record(&event).await?;
        tx.commit().await
    }
}
