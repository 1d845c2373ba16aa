//! Attempts: started by a handler, bound to the browser, several at once for several tabs.

use std::time::Duration;

use super::SignIns;
use crate::{
    clock::Time,
    error::{Error, Result},
    id::AttemptId,
    model::{
        attempt::{After, Attempt, AttemptPurpose, SignInDemand},
        session::Visitor,
    },
};

/// The lifetime of an attempt; its page can be reloaded until then.
pub(super) const ATTEMPT_LIFE: Duration = Duration::from_secs(1800);

/// The parameters of a new attempt.
pub struct Beginning {
    pub after: After,
    pub purpose: AttemptPurpose,
    pub demand: SignInDemand,
    /// A name to fill in.
    pub hint: Option<String>,
    /// The slug of the provider a link named.
    pub provider: Option<String>,
}

impl Beginning {
    /// A plain sign-in.
    pub fn of(after: After) -> Self {
        Self {
            after,
            purpose: AttemptPurpose::SignIn,
            demand: SignInDemand::default(),
            hint: None,
            provider: None,
        }
    }
}

/// When it was started.
pub(crate) fn begun_at(attempt: &Attempt) -> Time {
    attempt.expires_at - ATTEMPT_LIFE
}

/// Attempts of browsers, and their destinations.
#[derive(Clone, Copy)]
pub struct Attempts<'a>(pub(super) &'a SignIns);

impl SignIns {
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts(self)
    }

    /// One that is not stored yet.
    pub(crate) fn new_attempt(&self, visitor: &Visitor, beginning: Beginning) -> Attempt {
        let now = self.clock.now();
        // A NUL is text to SQLite and an error to PostgreSQL; no valid name or slug has one.
        let short = |text: String| text.chars().filter(|c| *c != '\0').take(256).collect();
        Attempt {
            id: AttemptId::new(now, &self.chance),
            browser: visitor.browser.clone(),
            after: beginning.after,
            purpose: beginning.purpose,
            demand: beginning.demand,
            hint: beginning.hint.map(short),
            provider: beginning.provider.map(short),
            vouched: None,
            remember: false,
            expires_at: now + ATTEMPT_LIFE,
            consumed_at: None,
            return_to: None,
        }
    }
}

impl Attempts<'_> {
    /// Starts a new attempt for this browser. Its other attempts are not changed.
    pub async fn begin(self, visitor: &Visitor, beginning: Beginning) -> Result<Attempt> {
        let write = visitor.write(self.0.clock.now())?;
        let attempt = self.0.new_attempt(visitor, beginning);
        let mut tx = self.0.store.begin_single().await?;
        tx.insert_attempt(&write, &attempt).await?;
        tx.commit().await?;
        Ok(attempt)
    }

    /// This browser's attempt, used up or not. Another browser's counts as not found (THREATS:
    /// login CSRF: a user must not complete a sign-in that an attacker started).
    pub async fn find(self, id: &AttemptId, visitor: &Visitor) -> Result<Attempt> {
        let attempt = self.0.store.attempt(id).await?;
        let attempt = attempt.filter(|attempt| attempt.browser == visitor.browser);
        let attempt = attempt.ok_or(Error::AttemptExpired)?;
        if attempt.consumed_at.is_none() && attempt.expires_at <= self.0.clock.now() {
            return Err(Error::AttemptExpired);
        }
        Ok(attempt)
    }

    /// The attempt is no longer needed: the visitor is signed in already.
    pub async fn settle(self, attempt: &Attempt) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.take_attempt(&attempt.id, self.0.clock.now()).await?;
        tx.commit().await
    }
}
