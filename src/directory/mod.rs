//! Room: people. Local accounts and their passwords, a person's own account, and disabling somebody
//! everywhere at once.

mod account;
mod password;

pub use password::{Passwords, Verdict};

use std::time::Duration;

use crate::{
    clock::Clock,
    error::Result,
    event::Events,
    id::UserId,
    model::event::{Event, EventKind},
    store::Store,
};

/// The room.
#[derive(Clone)]
pub struct Directory {
    pub store: Store,
    pub events: Events,
    pub clock: Clock,
    /// A session that nobody used for this long is over.
    pub idle: Duration,
}

impl Directory {
    /// Shuts a person out at once: no sign-in, and every session ends. False if there is no such
    /// person.
    pub async fn disable(&self, user: &UserId) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.disable_user(user, Some(now)).await? {
            return Ok(false);
        }
        tx.end_sessions_of(user, now).await?;
        tx.insert_event(&self.event(EventKind::UserDisabled, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets a disabled person in again. False if there is no such person.
    pub async fn enable(&self, user: &UserId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        if !tx.disable_user(user, None).await? {
            return Ok(false);
        }
        tx.insert_event(&self.event(EventKind::UserEnabled, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    fn event(&self, kind: EventKind, user: &UserId) -> Event {
        Event {
            user: Some(user.clone()),
            ..self.events.bare(kind)
        }
    }
}
