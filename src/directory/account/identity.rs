//! The ways a user is known, and how one of them is removed. Linking another belongs to the sign-in
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
    /// The ways the user is known, the first first.
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

    /// What this session still has to prove before it may change how the user signs in.
    pub async fn unproved(self, who: &SignedIn) -> Result<Option<Demand>> {
        let demand = proof(self.factors(who).await? > 0, PROOF);
        let met = demand.met_by(&who.session, self.0.clock.now());
        Ok((!met).then_some(demand))
    }

    /// Removes a way to sign in, and what only its provider said of the user. Every session that
    /// the provider opened ends. The last way stays: users cannot lock themselves out.
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
