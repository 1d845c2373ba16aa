//! Room: people. Local accounts and their passwords, and disabling somebody everywhere at once.

mod password;

pub use password::{Passwords, Verdict};

use crate::{clock::Clock, error::Result, id::UserId, store::Store};

/// The room.
#[derive(Clone)]
pub struct Directory {
    pub store: Store,
    pub clock: Clock,
}

impl Directory {
    /// Shuts a person out at once: no sign-in, and every session ends. False if there is no such
    /// person.
    pub async fn disable(&self, user: &UserId) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = tx.disable_user(user, Some(now)).await?;
        tx.end_sessions_of(user, now).await?;
        tx.commit().await?;
        Ok(known)
    }

    pub async fn enable(&self, user: &UserId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let known = tx.disable_user(user, None).await?;
        tx.commit().await?;
        Ok(known)
    }
}
