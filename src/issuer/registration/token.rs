//! An admin's side of registration: the tokens that permit registration, and what becomes of
//! clients registered by them.

use std::time::Duration;

use super::ClientRegistration;
use crate::{
    error::{Error, Result},
    id::{Artefact, Bearer, RegistrationTokenId},
    model::{
        client::REGISTERED,
        event::{Actor, EventKind, Target},
        registration::{RegisteredClient, RegistrationToken},
    },
};

/// A token that is valid for longer is likely to be forgotten.
const LONGEST_HOURS: u32 = 24 * 366;
const LONGEST_TITLE: usize = 100;

impl ClientRegistration<'_> {
    /// Creates a token for this many clients, with this lifetime. The secret is shown once.
    pub async fn make_token(
        self,
        title: &str,
        uses: u32,
        hours: u32,
    ) -> Result<(RegistrationToken, Bearer)> {
        let title = title.trim();
        let wrong = |why: String| Err(Error::Invalid(why));
        if uses == 0 {
            return wrong("--uses: a token registers at least one client".to_owned());
        }
        if hours == 0 || hours > LONGEST_HOURS {
            return wrong(format!("--hours: 1 to {LONGEST_HOURS}"));
        }
        if title.chars().count() > LONGEST_TITLE || title.contains(char::is_control) {
            return wrong(format!("--title: at most {LONGEST_TITLE} characters"));
        }
        let secret = Bearer::mint(Artefact::InitialAccess, &self.0.chance);
        let now = self.0.clock.now();
        let token = RegistrationToken {
            id: RegistrationTokenId::new(now, &self.0.chance),
            title: title.to_owned(),
            uses,
            used: 0,
            made_at: now,
            expires_at: now + Duration::from_secs(u64::from(hours) * 3600),
            revoked_at: None,
        };
        let event = self
            .0
            .events
            .by(Actor::Command, EventKind::RegistrationTokenCreated)
            .about(Target::registration_token(&token.id));
        let mut tx = self.0.store.begin().await?;
        tx.insert_registration_token(&token, &secret.hash()).await?;
        tx.record(&event).await?;
        tx.commit().await?;
        Ok((token, secret))
    }

    /// Revokes a token; clients registered by it stay. Returns whether it was not revoked before.
    pub async fn revoke_token(self, id: &RegistrationTokenId) -> Result<bool> {
        let event = self
            .0
            .events
            .by(Actor::Command, EventKind::RegistrationTokenRevoked)
            .about(Target::registration_token(id));
        let mut tx = self.0.store.begin().await?;
        if !tx.revoke_registration_token(id, self.0.clock.now()).await? {
            return Ok(false);
        }
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(true)
    }

    pub async fn tokens(self) -> Result<Vec<RegistrationToken>> {
        self.0.store.registration_tokens().await
    }

    pub async fn clients(self) -> Result<Vec<RegisteredClient>> {
        self.0.store.registered_clients().await
    }

    /// Disables a registered client, or enables it again: nothing works for it meanwhile, and it is
    /// still notified of sessions that end. Returns whether that changed anything.
    pub async fn shut_client(self, client: &str, shut: bool) -> Result<bool> {
        let kind = match shut {
            true => EventKind::ClientDisabled,
            false => EventKind::ClientEnabled,
        };
        let event = self.0.events.by(Actor::Command, kind);
        let event = event.about(Target::client(client));
        let at = shut.then(|| self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        if !tx.shut_registration(client, at).await? {
            return Ok(false);
        }
        tx.record(&event).await?;
        tx.commit().await?;
        self.follow_catalog().await;
        Ok(true)
    }

    /// Removes a registered client; what it was given is void at once. Returns whether there was
    /// one.
    pub async fn remove_client(self, client: &str, by: Actor) -> Result<bool> {
        if !client.starts_with(REGISTERED) {
            return Ok(false);
        }
        let event = self.0.events.by(by, EventKind::ClientRemoved);
        let event = event.about(Target::client(client));
        let mut tx = self.0.store.begin().await?;
        if !tx.delete_registration(client, self.0.clock.now()).await? {
            return Ok(false);
        }
        tx.record(&event).await?;
        tx.commit().await?;
        self.follow_catalog().await;
        Ok(true)
    }
}
