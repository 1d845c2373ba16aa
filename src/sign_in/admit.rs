//! Admission: from what a provider vouches for to a person of ours. The steps, the same for every
//! provider:
//!
//! 1. match by (provider, subject), and by nothing else: a mail address or a name never links
//!    (THREATS: account-linking takeover);
//! 2. create whom nobody knows;
//! 3. take over the attributes, with their source;
//! 4. the caller refuses a disabled person, in the same transaction.

use super::SignIns;
use crate::{
    error::{Error, Result},
    id::UserId,
    model::{identity::Identity, user::User},
    store::Tx,
};

/// An admission that is not committed yet.
pub(super) struct Admission {
    pub tx: Tx,
    pub user: User,
}

impl SignIns {
    /// The person, or a machine word why not.
    pub(super) async fn admit(
        &self,
        provider: &str,
        identity: &Identity,
    ) -> Result<Result<Admission, &'static str>> {
        if let Some(admission) = self.admit_known(provider, identity).await? {
            return Ok(Ok(admission));
        }
        match self.admit_new(provider, identity).await? {
            Some(admission) => Ok(Ok(admission)),
            // Two first sign-ins at once: the other one created the person meanwhile.
            None => self
                .admit_known(provider, identity)
                .await?
                .map(Ok)
                .ok_or(Error::NotFound),
        }
    }

    async fn admit_known(&self, provider: &str, identity: &Identity) -> Result<Option<Admission>> {
        let known = self
            .store
            .user_by_identity(provider, &identity.subject)
            .await?;
        let Some(mut user) = known else {
            return Ok(None);
        };
        user.login.clone_from(&identity.login);
        user.name.clone_from(&identity.name);
        user.attributes.refresh(provider, &identity.attributes);
        let mut tx = self.store.begin().await?;
        tx.refresh_user(&user, self.clock.now()).await?;
        Ok(Some(Admission { tx, user }))
    }

    async fn admit_new(&self, provider: &str, identity: &Identity) -> Result<Option<Admission>> {
        let now = self.clock.now();
        let mut user = User {
            id: UserId::new(now, &self.chance),
            login: identity.login.clone(),
            name: identity.name.clone(),
            attributes: Default::default(),
            disabled_at: None,
            admin_at: None,
        };
        user.attributes.refresh(provider, &identity.attributes);
        let mut tx = self.store.begin().await?;
        tx.insert_user(&user, now).await?;
        let ours = tx
            .insert_identity(provider, &identity.subject, &user.id, now)
            .await?;
        Ok(ours.then_some(Admission { tx, user }))
    }
}
