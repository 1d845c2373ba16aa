//! Home realm discovery: which provider's form a user sees, or whether they are asked for their
//! name. The rules are in [`crate::model::routing`]; this decides when they are applied.

use super::{PASSKEY, SignIns};
use crate::{
    catalog::Snapshot,
    error::Result,
    model::{
        attempt::{Attempt, AttemptPurpose},
        routing::{Candidate, HomeRealm, RoutingInput, route},
        session::Visitor,
    },
    upstream::ProviderForm,
};

/// The first page of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Realm {
    /// This provider's own page, by its slug.
    Provider(String),
    /// The page that asks for the user's name.
    Ask,
}

/// Which provider a user is sent to.
#[derive(Clone, Copy)]
pub struct Realms<'a>(&'a SignIns);

impl SignIns {
    pub fn realms(&self) -> Realms<'_> {
        Realms(self)
    }
}

impl Realms<'_> {
    /// The first page of an attempt. `remembered` is the provider in the browser's cookie.
    pub fn of_attempt(
        self,
        attempt: &Attempt,
        visitor: &Visitor,
        remembered: Option<&str>,
    ) -> Result<Realm> {
        let snapshot = self.0.catalog.snapshot();
        if let Some(slug) = meant(attempt, visitor, &snapshot) {
            return Ok(Realm::Provider(slug));
        }
        let known = RoutingInput {
            named: attempt.provider.as_deref(),
            typed: attempt.hint.as_deref(),
            remembered,
            address: visitor.address.parse().ok(),
        };
        self.follow(&snapshot, &known)
    }

    /// The provider for the typed text. The provider the browser remembers is ignored: another user
    /// may be using it now.
    pub fn of_name(self, typed: &str, visitor: &Visitor) -> Result<Realm> {
        let snapshot = self.0.catalog.snapshot();
        let known = RoutingInput {
            typed: Some(typed),
            address: visitor.address.parse().ok(),
            ..RoutingInput::default()
        };
        match self.follow(&snapshot, &known)? {
            Realm::Ask => self.sole_form(&snapshot),
            found => Ok(found),
        }
    }

    /// Whether the routing has rules beyond a list of providers: then users may be asked for their
    /// name, and the provider they used is worth remembering.
    pub fn are_distinguished(self) -> bool {
        distinguishes_users(&self.0.catalog.snapshot().candidates())
    }

    /// Whether there is such a provider, and it is enabled.
    pub fn is_known(self, slug: &str) -> bool {
        let snapshot = self.0.catalog.snapshot();
        snapshot.candidates().iter().any(|one| one.slug == slug)
    }

    /// Whether a provider is in the list of ways to sign in.
    pub fn is_listed(self, slug: &str) -> bool {
        let snapshot = self.0.catalog.snapshot();
        let candidates = snapshot.candidates();
        candidates
            .iter()
            .any(|one| one.slug == slug && !one.routing.hidden)
    }

    fn follow(self, snapshot: &Snapshot, known: &RoutingInput) -> Result<Realm> {
        let candidates = snapshot.candidates();
        Ok(match route(&candidates, known) {
            HomeRealm::To { slug, .. } => Realm::Provider(slug),
            HomeRealm::Ask if distinguishes_users(&candidates) => Realm::Ask,
            HomeRealm::Ask => {
                let first = candidates.iter().find(|one| !one.routing.hidden);
                let slug = first.or(candidates.first()).map(|one| one.slug);
                Realm::Provider(slug.unwrap_or_default().to_owned())
            }
        })
    }

    /// A name that matches no rule belongs to the one provider whose form takes names, if there is
    /// exactly one. The same for every name, known or not (THREATS: user enumeration).
    fn sole_form(self, snapshot: &Snapshot) -> Result<Realm> {
        let providers = self.0.providers().list()?;
        let candidates = snapshot.candidates();
        let listed = |slug: &str| {
            candidates
                .iter()
                .any(|one| one.slug == slug && !one.routing.hidden)
        };
        // The name may be one of a provider that cannot be opened: no other one gets its password.
        let broken = snapshot.parts.broken_providers();
        if broken.keys().any(|slug| listed(slug)) {
            return Ok(Realm::Ask);
        }
        let mut forms = providers
            .iter()
            .filter(|one| one.asks() == ProviderForm::Password && listed(&one.slug));
        Ok(match (forms.next(), forms.next()) {
            (Some(only), None) => Realm::Provider(only.slug.clone()),
            _ => Realm::Ask,
        })
    }
}

/// A user confirms where they signed in, unless that was by a passkey alone.
fn meant(attempt: &Attempt, visitor: &Visitor, snapshot: &Snapshot) -> Option<String> {
    let (AttemptPurpose::Confirm(_), Some(who)) = (&attempt.purpose, &visitor.signed_in) else {
        return None;
    };
    let slug = &who.session.provider;
    let candidates = snapshot.candidates();
    let there = slug != PASSKEY && candidates.iter().any(|one| one.slug == slug);
    there.then(|| slug.clone())
}

fn distinguishes_users(candidates: &[Candidate]) -> bool {
    candidates.len() > 1
        && candidates
            .iter()
            .any(|one| one.routing.distinguishes_users())
}
