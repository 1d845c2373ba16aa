//! Linking: adding an identity for a user who is signed in already. It needs proof on both sides: a
//! session that has just proved its user, and the provider's assertion about the user who comes
//! back. A mail address, a name or an attribute never links anything (THREATS: account-linking
//! takeover), and an identity that belongs to another user stays theirs.

use std::time::Duration;

use super::{Attempts, Beginning, OpenProvider, SignInOutcome, SignInTrouble, SignIns};
use crate::{
    error::{Error, Result},
    id::UserId,
    model::{
        account::{PROOF, proof},
        assurance::Demand,
        attempt::{After, Attempt, AttemptPurpose, LocalPath, SignInDemand},
        event::{EventKind, Target},
        identity::Identity,
        session::{SignedIn, Visitor},
    },
    store::Tx,
    upstream::Vouched,
};

/// How linking starts.
pub enum Linking {
    Begun(Box<Attempt>),
    /// The user has to authenticate again first.
    Unproved(Demand),
}

/// The upstream request may take this long after the proof; then it is required again.
const ON_THE_WAY: Duration = Duration::from_secs(2 * PROOF.as_secs());

impl Attempts<'_> {
    /// Starts linking the signed-in user with the provider's identity. The provider must
    /// authenticate the user again, too: a session that another person left open there must not be
    /// linked.
    pub async fn begin_link(
        self,
        who: &SignedIn,
        visitor: &Visitor,
        provider: &str,
    ) -> Result<Linking> {
        let providers = self.0.providers().list()?;
        let provider = providers.iter().find(|one| one.slug == provider);
        let provider = provider.ok_or(Error::NotFound)?;
        if let Some(demand) = self.0.unproved(who, PROOF).await? {
            return Ok(Linking::Unproved(demand));
        }
        let beginning = Beginning {
            purpose: AttemptPurpose::Link(who.user.id.clone()),
            demand: SignInDemand {
                fresh: true,
                second_factor: false,
            },
            provider: Some(provider.slug.clone()),
            ..Beginning::of(After::Page(LocalPath::of("/account?done=linked")))
        };
        let attempt = self.begin(visitor, beginning).await?;
        Ok(Linking::Begun(Box::new(attempt)))
    }
}

impl SignIns {
    async fn unproved(&self, who: &SignedIn, within: Duration) -> Result<Option<Demand>> {
        let factors = self.store.factors_of(&who.user.id).await?;
        let has_factors = factors.iter().any(|one| one.confirmed_at.is_some());
        let demand = proof(has_factors, within);
        Ok((!demand.met_by(&who.session, self.clock.now())).then_some(demand))
    }

    /// Links the returned identity, once, to the user who started it, if they are still the one
    /// signed in in this browser.
    pub(super) async fn link(
        &self,
        attempt: &Attempt,
        owner: &UserId,
        visitor: &Visitor,
        provider: &OpenProvider,
        vouched: Vouched,
    ) -> Result<SignInOutcome> {
        if attempt.provider.as_ref() != Some(&provider.slug) {
            return Err(Error::NotFound);
        }
        let away = async |word| {
            let (kind, whose) = (EventKind::SignInRefused, Some(owner.clone()));
            self.record_try_of(kind, whose, visitor, provider, word)
                .await?;
            Ok(SignInOutcome::Again(SignInTrouble::Refused(word)))
        };
        let who = visitor.signed_in.as_ref();
        let Some(who) = who.filter(|who| who.user.id == *owner) else {
            return away("link-person").await;
        };
        if self.unproved(who, ON_THE_WAY).await?.is_some() {
            return away("link-late").await;
        }
        if let Err(word) = self.would_admit(&provider.slug, &vouched.identity)? {
            return away(word).await;
        }
        let mut tx = self.store.begin().await?;
        for once in &vouched.once {
            if !tx.remember_once(&once.name, once.until).await? {
                drop(tx);
                return away("replayed").await;
            }
        }
        if !tx.take_attempt(&attempt.id, self.clock.now()).await? {
            return Err(Error::AttemptExpired);
        }
        match self
            .tie(&mut tx, owner, provider, &vouched.identity)
            .await?
        {
            Tie::New => {}
            Tie::Known => {
                tx.commit().await?;
                return Ok(SignInOutcome::Linked(LocalPath::of("/account?done=known")));
            }
            Tie::Elsewhere => {
                drop(tx);
                return away("linked-elsewhere").await;
            }
        }
        let event = self
            .events
            .of(EventKind::IdentityLinked, who)
            .at_address(&visitor.address)
            .about(Target::provider(&provider.slug));
        tx.record(&event).await?;
        tx.commit().await?;
        Ok(SignInOutcome::Linked(LocalPath::of("/account?done=linked")))
    }

    /// Links the identity to its user. The attributes from the provider are taken over when they
    /// sign in by it: linking adds an identity and nothing else.
    async fn tie(
        &self,
        tx: &mut Tx,
        owner: &UserId,
        provider: &OpenProvider,
        identity: &Identity,
    ) -> Result<Tie> {
        let (slug, subject) = (&provider.slug, &identity.subject);
        if tx
            .insert_identity(slug, subject, owner, self.clock.now())
            .await?
        {
            return Ok(Tie::New);
        }
        let known = tx.user_by_identity(slug, subject).await?;
        let theirs = known.is_some_and(|user| user.id == *owner);
        Ok(if theirs { Tie::Known } else { Tie::Elsewhere })
    }
}

/// The result of linking an identity.
enum Tie {
    New,
    /// It was theirs before.
    Known,
    /// It belongs to another user; which one is not revealed.
    Elsewhere,
}
