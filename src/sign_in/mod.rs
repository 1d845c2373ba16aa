//! Domain module: sign-in. Attempts at signing in, the limits that every credential path passes,
//! and one admission for the identities of any identity provider ([`crate::upstream`]).
//!
//! ```text
//! begin ─▶ attempt ─┬─▶ submit (name, password) ──────────────┐
//!  (bound to this   └─▶ depart ─▶ upstream ─▶ arrive (message) ┤
//!   browser)                                                   ▼
//!                      session ◀─ second factor? ◀─ admit ◀─ vouched
//! ```
//!
//! Every identity, whichever the provider and however the sign-in started, passes
//! `complete_sign_in`, and sessions are created by one function, `start_session`. The module never
//! decides where a user goes next: an attempt's [`After`](crate::model::attempt::After) is returned
//! to the handler.

mod admit;
mod attempt;
mod complete;
mod device;
mod kept;
mod link;
mod logout;
mod new_password;
mod providers;
mod realm;
mod recovery;
mod return_to;
mod second_factor;
mod session;
mod start;
mod submit;
mod throttle;
mod upstream_request;

use std::time::Duration;

pub(crate) use self::{attempt::begun_at, throttle::Reservation};
pub use self::{
    attempt::{Attempts, Beginning},
    device::LIFE as DEVICE_LIFE,
    kept::{EndedSessionOwner, KeptForms},
    link::Linking,
    logout::LoggedOut,
    new_password::{PasswordChangeOutcome, PasswordChanges},
    providers::Providers,
    realm::{Realm, Realms},
    recovery::Changed,
    session::{SessionRules, Sessions},
    start::PASSKEY,
    throttle::{Refusals, ThrottleLimits},
    upstream_request::{PRESSED, ProviderCallback, ProviderStart},
};
use crate::{
    catalog::{Catalog, OpenProvider},
    chance::Chance,
    clock::Clock,
    directory::Passwords,
    error::Result,
    event::Events,
    id::{Bearer, UserId},
    keys::Seal,
    model::{
        attempt::{After, LocalPath},
        event::{Event, EventKind, Target},
        factor::FactorPolicy,
        session::{SignedIn, Visitor},
    },
    store::Store,
};

/// The domain module's state, and the steps of a sign-in. The rest is on handles:
/// [`SignIns::attempts`], [`SignIns::realms`], [`SignIns::providers`], [`SignIns::sessions`],
/// [`SignIns::password_changes`], [`SignIns::kept_forms`].
#[derive(Clone)]
pub struct SignIns {
    pub store: Store,
    pub catalog: Catalog,
    pub passwords: Passwords,
    pub seal: Seal,
    pub events: Events,
    pub clock: Clock,
    pub chance: Chance,
    pub rules: SessionRules,
    pub limits: ThrottleLimits,
    pub factor_policy: FactorPolicy,
    pub refusals: Refusals,
}

/// The result of a try.
pub enum SignInOutcome {
    In {
        who: Box<SignedIn>,
        token: Bearer,
        after: After,
    },
    /// The user came back to an attempt that is complete.
    Used,
    /// The identity is now linked; with the page that shows it.
    Linked(LocalPath),
    /// The provider vouched; a second factor is awaited on the attempt's own page.
    Factor,
    Again(SignInTrouble),
}

/// Why the user is asked again.
#[derive(Debug, PartialEq, Eq)]
pub enum SignInTrouble {
    Wrong,
    /// The password is right and must be changed first.
    Expired,
    Throttled(Duration),
    Refused(&'static str),
    /// The provider of this title sent them back with a refusal.
    Denied(String),
    /// The browser sent a response, supposedly from the provider of this title, that is not valid.
    InvalidMessage(String),
    /// The provider of this title sent a response that is not valid.
    Invalid(String),
    /// The provider of this title does not answer.
    Down(String),
    Busy,
}

impl SignIns {
    /// An audit event about a try, with a machine-readable word.
    async fn record_try(
        &self,
        kind: EventKind,
        visitor: &Visitor,
        provider: &OpenProvider,
        word: &str,
    ) -> Result<()> {
        self.record_try_of(kind, None, visitor, provider, word)
            .await
    }

    /// The same, about a user: it appears in their own history.
    async fn record_try_of(
        &self,
        kind: EventKind,
        user: Option<UserId>,
        visitor: &Visitor,
        provider: &OpenProvider,
        word: &str,
    ) -> Result<()> {
        let event = self.events.by_visitor(kind, visitor);
        let event = event.of_user(user.as_ref());
        self.record_at(event, visitor, provider, word).await
    }

    /// An event about a provider, with a machine-readable word.
    async fn record_at(
        &self,
        event: Event,
        visitor: &Visitor,
        provider: &OpenProvider,
        word: &str,
    ) -> Result<()> {
        let _write = visitor.write(self.clock.now())?;
        let event = event
            .about(Target::provider(&provider.slug))
            .with("reason", word);
        let mut tx = self.store.begin_single().await?;
        tx.record(&event).await?;
        tx.commit().await
    }
}
