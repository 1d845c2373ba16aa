//! The identities of a user, and removing one of them. Linking another belongs to the sign-in
//! module, because a provider has to vouch for it.

use super::OwnAccount;
use crate::{
    error::{Error, Result},
    model::{
        account::{OwnIdentity, PROOF, proof},
        assurance::Demand,
        event::{EventKind, Target},
        session::SignedIn,
    },
};

impl OwnAccount<'_> {
    /// The identities of the user, the oldest first.
    pub async fn identities(self, who: &SignedIn) -> Result<Vec<OwnIdentity>> {
        self.0.store.identities_of(&who.user.id).await
    }

    /// How many second factors the user has that count.
    pub async fn factors(self, who: &SignedIn) -> Result<usize> {
        let factors = self.0.store.factors_of(&who.user.id).await?;
        Ok(factors
            .iter()
            .filter(|one| one.confirmed_at.is_some())
            .count())
    }

    /// The proof that is missing in this session before it may change how the user signs in.
    pub async fn unproved(self, who: &SignedIn) -> Result<Option<Demand>> {
        let demand = proof(self.factors(who).await? > 0, PROOF);
        let met = demand.met_by(&who.session, self.0.clock.now());
        Ok((!met).then_some(demand))
    }

    /// Removes an identity, and the attributes that only its provider sent. Every session that the
    /// provider opened ends. The last identity cannot be removed, because the user could not sign
    /// in any more.
    pub async fn unlink(self, who: &SignedIn, handle: &str, address: &str) -> Result<()> {
        let identities = self.identities(who).await?;
        let (gone, rest): (Vec<_>, Vec<_>) = identities
            .into_iter()
            .partition(|one| one.handle() == handle);
        let gone = gone.first().ok_or(Error::NotFound)?;
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        tx.hold_user(&who.user.id).await?;
        if !tx
            .delete_identity(&who.user.id, &gone.provider, &gone.subject)
            .await?
        {
            return Err(Error::NotFound);
        }
        if rest.iter().all(|one| one.provider != gone.provider) {
            let mut user = who.user.clone();
            user.attributes.refresh(&gone.provider, &Default::default());
            tx.refresh_user(&user, now).await?;
        }
        let event = self
            .done(EventKind::IdentityUnlinked, who, address)
            .about(Target::provider(&gone.provider));
        tx.record(&event).await?;
        for session in tx
            .end_sessions_by(&who.user.id, &gone.provider, now)
            .await?
        {
            let event = self
                .done(EventKind::SessionEnded, who, address)
                .in_session(&session)
                .about(Target::session(&session))
                .with("reason", "unlinked");
            tx.record(&event).await?;
        }
        tx.commit().await
    }
}
