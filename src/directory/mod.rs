//! Domain module: users. Local accounts and their passwords, password recovery, a user's own
//! account, who may administer the portal, and disabling a user everywhere at once.

mod account;
mod admin;
mod link;
mod local_account;
mod mail_job;
mod password;
mod queue;
mod recovery;

use std::{sync::Arc, time::Duration};

pub use account::OwnAccount;
pub use admin::{Admins, FirstAdminFault, FirstAdminOutcome, NewAdminForm};
pub use local_account::{LocalAccounts, Own};
pub use password::{PasswordCheck, Passwords};
pub use recovery::{Chosen, Recoveries, Shown};

use crate::{
    chance::Chance,
    clock::Clock,
    error::Result,
    event::Events,
    id::UserId,
    keys::Seal,
    mail::Mails,
    model::event::{Actor, Event, EventKind},
    store::Store,
};

/// The domain module's state, and what concerns every user. What concerns only some of them is on a
/// handle: [`Directory::account`], [`Directory::local_accounts`], [`Directory::recoveries`],
/// [`Directory::admins`].
#[derive(Clone)]
pub struct Directory {
    pub store: Store,
    pub events: Events,
    pub clock: Clock,
    /// A session that was not used for this long has ended.
    pub idle: Duration,
    pub chance: Chance,
    pub seal: Seal,
    pub passwords: Passwords,
    pub mails: Mails,
    pub rules: Rules,
}

/// The configuration of local accounts.
#[derive(Clone)]
pub struct Rules {
    /// The shortest password, in characters.
    pub shortest: usize,
    /// The portal's name, which is refused as a password.
    pub portal: Arc<str>,
    /// Scheme, host and port: what links begin with.
    pub public_url: Arc<str>,
}

impl Directory {
    /// Disables a user at once: no sign-in, and every session ends. False if there is no such user.
    pub async fn disable(&self, user: &UserId) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.disable_user(user, Some(now)).await? {
            return Ok(false);
        }
        tx.end_sessions_of(user, now).await?;
        tx.record(&self.event(Actor::Command, EventKind::UserDisabled, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Enables a disabled user. False if there is no such user.
    pub async fn enable(&self, user: &UserId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        if !tx.disable_user(user, None).await? {
            return Ok(false);
        }
        tx.record(&self.event(Actor::Command, EventKind::UserEnabled, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    fn event(&self, actor: Actor, kind: EventKind, user: &UserId) -> Event {
        self.events.by(actor, kind).of_user(Some(user))
    }
}
