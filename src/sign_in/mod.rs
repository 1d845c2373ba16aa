//! Room: who are you? Attempts at signing in, the identity providers that vouch, the limits that
//! every credential path passes, and one admission for all.
//!
//! ```text
//! begin ─▶ attempt (bound to this browser) ─▶ submit ─▶ limiter ─▶ provider ─▶ admit ─▶ session
//! ```
//!
//! It never decides where a person goes next: an attempt's [`After`] is handed back to the door.

mod admit;
pub mod ldap;
mod local;
mod throttle;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use zeroize::Zeroizing;

use crate::{
    catalog::Catalog,
    chance::Chance,
    clock::{Clock, Time},
    directory::Passwords,
    error::{Error, Result},
    event::Events,
    id::{Artefact, AttemptId, Bearer, SessionId},
    keys::Seal,
    kind::{BoxFuture, Kind, Settings},
    model::{
        attempt::{After, Attempt},
        event::{Event, EventKind},
        identity::Identity,
        session::{Session, SignedIn, Visitor},
        user::User,
    },
    store::{ProviderRow, Store},
};

pub use throttle::Limits;

/// What a person typed.
pub struct Credentials {
    pub name: String,
    pub password: Zeroizing<String>,
}

/// What a browser brings back to a provider.
pub enum Answer {
    Password(Credentials),
}

/// What a provider wants next. Redirects and posts join with OIDC and SAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A name and a password.
    Ask,
}

/// Why a provider did not vouch.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// Name or password; never which.
    Wrong,
    /// The provider knows the person and says no; a machine word.
    Refused(&'static str),
    /// The provider does not answer as it should; for the log.
    Down(String),
    /// Too much to do just now.
    Busy,
}

/// An upstream source of authentication. A provider is one file and one row of [`KINDS`].
pub trait IdentityProvider: Send + Sync {
    fn begin(&self) -> Step;

    fn complete<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<Identity, Failure>>;

    /// Opens its connections once and says in plain words what is wrong (`usher check`).
    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>>;
}

type Open = fn(&Settings, &Passwords) -> Result<Box<dyn IdentityProvider>, String>;

/// Every kind of provider there is.
pub const KINDS: &[Kind<Open>] = &[
    Kind {
        name: "local",
        about: "accounts kept by Usher itself",
        fields: local::FIELDS,
        open: local::open,
    },
    Kind {
        name: "ldap",
        about: "a directory: search, then bind",
        fields: ldap::FIELDS,
        open: |settings, _| ldap::open(settings),
    },
];

/// A provider that is ready.
pub struct OpenProvider {
    pub slug: String,
    pub title: String,
    part: Box<dyn IdentityProvider>,
}

impl OpenProvider {
    pub async fn check(&self) -> Result<String, String> {
        self.part.check().await
    }
}

/// The room.
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
    pub limits: Limits,
    pub opened: Opened,
}

/// How long a session lives.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    pub idle: Duration,
    pub absolute: Duration,
}

/// The providers of one version of the catalogue; they keep connections, so they are kept.
#[derive(Clone, Default)]
pub struct Opened(Arc<Mutex<Option<(i64, Providers)>>>);

type Providers = Arc<Vec<OpenProvider>>;

/// What became of what a person typed.
pub enum Outcome {
    In {
        who: Box<SignedIn>,
        token: Bearer,
        after: After,
    },
    Again(Trouble),
}

/// Why they are asked again.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    Wrong,
    Throttled(Duration),
    Refused(&'static str),
    /// The provider of this title does not answer.
    Down(String),
    Busy,
}

/// An attempt lives this long; its page can be reloaded until then.
const ATTEMPT_LIFE: Duration = Duration::from_secs(1800);
/// `seen_at` is written at most this often.
const TOUCH: Duration = Duration::from_secs(300);

impl SignIns {
    /// A new attempt of this browser's. Others it has going stay as they are.
    pub async fn begin(
        &self,
        visitor: &Visitor,
        after: After,
        hint: Option<String>,
    ) -> Result<AttemptId> {
        let now = self.clock.now();
        let attempt = Attempt {
            id: AttemptId::new(now, &self.chance),
            browser: visitor.browser.clone(),
            after,
            hint: hint.map(|hint| hint.chars().take(256).collect()),
            expires_at: now + ATTEMPT_LIFE,
            consumed_at: None,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_attempt(&attempt).await?;
        tx.commit().await?;
        Ok(attempt.id)
    }

    /// This browser's attempt, used up or not. Another browser's does not exist (THREATS: login
    /// CSRF: nobody finishes a sign-in that somebody else began).
    pub async fn attempt(&self, id: &AttemptId, visitor: &Visitor) -> Result<Attempt> {
        let attempt = self.store.attempt(id).await?;
        let attempt = attempt.filter(|attempt| attempt.browser == visitor.browser);
        let attempt = attempt.ok_or(Error::AttemptExpired)?;
        if attempt.consumed_at.is_none() && attempt.expires_at <= self.clock.now() {
            return Err(Error::AttemptExpired);
        }
        Ok(attempt)
    }

    /// The attempt is no longer needed: the visitor is signed in already.
    pub async fn settle(&self, attempt: &Attempt) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.take_attempt(&attempt.id, self.clock.now()).await?;
        tx.commit().await
    }

    /// The living session behind a cookie.
    pub async fn session(&self, cookie: &str) -> Result<Option<SignedIn>> {
        let Some(token) = Bearer::parse(Artefact::Session, cookie) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let found = self
            .store
            .session(&token.hash(), now, now - self.rules.idle)
            .await?;
        if let Some(who) = &found
            && now.since(who.session.seen_at) >= TOUCH
        {
            // A page that only reads must not fail because this cannot be written.
            if let Err(error) = self.touch(&who.session.id, now).await {
                tracing::debug!(%error, "a session was not touched");
            }
        }
        Ok(found)
    }

    async fn touch(&self, session: &SessionId, now: Time) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.touch_session(session, now).await?;
        tx.commit().await
    }

    /// The providers a person may choose from; the first is the default.
    pub fn providers(&self) -> Result<Providers> {
        let snapshot = self.catalog.snapshot();
        let mut opened = self.opened.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, providers)) = &*opened
            && *version == snapshot.version
        {
            return Ok(providers.clone());
        }
        let living = snapshot
            .providers
            .iter()
            .filter(|row| row.disabled_at.is_none());
        let providers: Vec<_> = living
            .map(|row| open_provider(row, &self.seal, &self.passwords))
            .collect::<Result<_, _>>()?;
        let providers = Arc::new(providers);
        *opened = Some((snapshot.version, providers.clone()));
        Ok(providers)
    }

    /// Tries what was typed. The attempt survives everything but success.
    pub async fn submit(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &str,
        answer: Answer,
    ) -> Result<Outcome> {
        let providers = self.providers()?;
        let provider = providers
            .iter()
            .find(|one| one.slug == provider)
            .ok_or(Error::NotFound)?;
        let ticket = match self.reserve(provider, visitor, &answer).await? {
            Ok(ticket) => ticket,
            Err(wait) => {
                self.note(EventKind::SignInRefused, visitor, provider, "throttled")
                    .await?;
                return Ok(Outcome::Again(Trouble::Throttled(wait)));
            }
        };
        match provider.part.complete(&answer).await {
            Ok(identity) => {
                self.release(&ticket, true).await?;
                self.welcome(attempt, visitor, provider, identity).await
            }
            Err(failure) => self.again(visitor, provider, &ticket, failure).await,
        }
    }

    async fn again(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        ticket: &throttle::Reservation,
        failure: Failure,
    ) -> Result<Outcome> {
        let trouble = match failure {
            Failure::Wrong => {
                self.note(EventKind::SignInFailed, visitor, provider, "wrong")
                    .await?;
                Trouble::Wrong
            }
            Failure::Refused(word) => {
                self.note(EventKind::SignInRefused, visitor, provider, word)
                    .await?;
                Trouble::Refused(word)
            }
            Failure::Down(reason) => {
                tracing::warn!(provider = %provider.slug, reason, "an identity provider is down");
                self.note(EventKind::SignInRefused, visitor, provider, "down")
                    .await?;
                self.release(ticket, false).await?;
                Trouble::Down(provider.title.clone())
            }
            Failure::Busy => {
                self.release(ticket, false).await?;
                Trouble::Busy
            }
        };
        Ok(Outcome::Again(trouble))
    }

    /// Admits the identity and opens the session: attempt, person, session and event in one
    /// transaction.
    async fn welcome(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &OpenProvider,
        identity: Identity,
    ) -> Result<Outcome> {
        let now = self.clock.now();
        let mut admission = self.admit(&provider.slug, &identity).await?;
        if admission.user().disabled_at.is_some() {
            drop(admission);
            self.note(EventKind::SignInRefused, visitor, provider, "disabled")
                .await?;
            return Ok(Outcome::Again(Trouble::Refused("disabled")));
        }
        if !admission.tx.take_attempt(&attempt.id, now).await? {
            return Err(Error::AttemptExpired);
        }
        let token = Bearer::mint(Artefact::Session, &self.chance);
        let user = admission.user().clone();
        let session = self
            .session_for(&mut admission, visitor, &user, &provider.slug, &token)
            .await?;
        let who = SignedIn { session, user };
        let mut event = self.events.of(EventKind::SignInSucceeded, &who);
        event.address = Some(visitor.address.clone());
        event.detail = Some(provider.slug.clone());
        admission.tx.insert_event(&event).await?;
        admission.tx.commit().await?;
        Ok(Outcome::In {
            who: Box::new(who),
            token,
            after: attempt.after.clone(),
        })
    }

    /// The same person again keeps their session (launches on their way stay theirs) under a new
    /// cookie; anybody else ends the session that was there. Either way the old cookie is void
    /// (THREATS: session fixation).
    async fn session_for(
        &self,
        admission: &mut admit::Admission,
        visitor: &Visitor,
        user: &User,
        provider: &str,
        token: &Bearer,
    ) -> Result<Session> {
        let now = self.clock.now();
        let old = visitor.signed_in.as_ref().map(|who| &who.session);
        let mut session = Session {
            id: SessionId::new(now, &self.chance),
            user: user.id.clone(),
            provider: provider.to_owned(),
            amr: "pwd".to_owned(),
            created_at: now,
            authenticated_at: now,
            seen_at: now,
            expires_at: now + self.rules.absolute,
        };
        if let Some(old) = old {
            if old.user == user.id {
                session.id = old.id.clone();
                session.created_at = old.created_at;
                if admission.tx.renew_session(&session, &token.hash()).await? {
                    return Ok(session);
                }
                session.id = SessionId::new(now, &self.chance);
            } else {
                admission.tx.end_session(&old.id, now).await?;
            }
        }
        let agent: String = visitor.user_agent.chars().take(256).collect();
        admission
            .tx
            .insert_session(&session, &token.hash(), &agent, &visitor.address)
            .await?;
        Ok(session)
    }

    /// Ends the visitor's session.
    pub async fn sign_out(&self, who: &SignedIn) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.end_session(&who.session.id, self.clock.now()).await? {
            tx.insert_event(&self.events.of(EventKind::SessionEnded, who))
                .await?;
        }
        tx.commit().await
    }

    async fn note(
        &self,
        kind: EventKind,
        visitor: &Visitor,
        provider: &OpenProvider,
        word: &str,
    ) -> Result<()> {
        let event = Event {
            address: Some(visitor.address.clone()),
            detail: Some(format!("{}: {word}", provider.slug)),
            ..self.events.bare(kind)
        };
        let mut tx = self.store.begin().await?;
        tx.insert_event(&event).await?;
        tx.commit().await
    }
}

fn open_provider(row: &ProviderRow, seal: &Seal, passwords: &Passwords) -> Result<OpenProvider> {
    let settings = seal.unseal(&provider_purpose(&row.slug), &row.sealed_settings)?;
    let part = serde_json::from_slice::<Settings>(&settings)
        .map_err(|error| error.to_string())
        .and_then(|settings| open(&row.kind, &settings, passwords))
        .map_err(|fault| Error::Internal(format!("provider \"{}\": {fault}", row.slug)))?;
    Ok(OpenProvider {
        slug: row.slug.clone(),
        title: row.title.clone(),
        part,
    })
}

/// Opens a provider of this kind; an error is a sentence for the admin.
pub fn open(
    kind: &str,
    settings: &Settings,
    passwords: &Passwords,
) -> Result<Box<dyn IdentityProvider>, String> {
    (crate::kind::find(KINDS, kind)?.open)(settings, passwords)
}

/// What a provider's settings are sealed for.
pub fn provider_purpose(slug: &str) -> String {
    format!("provider {slug}")
}
