//! The request to an upstream provider and the response. An upstream request is a row of its own,
//! so that several tabs, or the choice of another provider, do not interfere.

use super::{OpenProvider, SignInOutcome, SignInTrouble, SignIns, attempt::Beginning};
use crate::{
    catalog::is_slug,
    error::{Error, Result},
    id::{Artefact, Bearer},
    keys::{SealPurpose, UPSTREAM_REQUEST},
    model::{
        attempt::{After, Attempt, LocalPath},
        session::Visitor,
    },
    protocol::oauth::Params,
    store::UpstreamRequest,
    upstream::{
        Answers, Memory, ProviderResponse, ProviderStep, UPSTREAM_REQUEST_LIFE, UpstreamWish,
    },
};

/// How an upstream request starts.
pub enum ProviderStart {
    /// The provider's form is shown here.
    ShowForm,
    /// The browser goes there; with the provider's title.
    Redirect(ProviderStep, String),
    Retry(SignInTrouble),
}

/// A response that a browser brings to one of a provider's addresses, by binding.
pub enum ProviderCallback {
    /// In the query of a link or redirect: any site can send a browser here with it.
    Query(Params),
    /// In a form sent by a page of ours.
    Form(Params),
}

/// The field that the button of our own page adds to an unsolicited response.
pub const PRESSED: &str = "pressed";

/// An unsolicited response, confirmed by the button of our own page. There is no other way to
/// submit one: a link, or a form that sends itself, signs no user in (THREATS: login CSRF).
struct Pressed(Params);

impl Pressed {
    fn of(brought: ProviderCallback) -> Result<Self> {
        match brought {
            ProviderCallback::Form(form) if form.one(PRESSED).is_some() => Ok(Self(form)),
            ProviderCallback::Form(_) | ProviderCallback::Query(_) => Err(Error::AttemptExpired),
        }
    }
}

impl ProviderCallback {
    fn params(&self) -> &Params {
        let (Self::Query(params) | Self::Form(params)) = self;
        params
    }

    fn into_params(self) -> Params {
        let (Self::Query(params) | Self::Form(params)) = self;
        params
    }

    fn way(&self) -> Answers {
        match self {
            Self::Query(_) => Answers::Query,
            Self::Form(_) => Answers::Form,
        }
    }
}

impl SignIns {
    /// Sends a browser to a provider. The attempt is kept if the provider is unavailable.
    pub async fn depart(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &str,
        language: &'static str,
    ) -> Result<ProviderStart> {
        self.with_provider(provider, async |provider| {
            let state = Bearer::mint(Artefact::State, &self.chance);
            let wish = UpstreamWish {
                state: state.as_str(),
                hint: attempt.hint.as_deref(),
                fresh: attempt.demand.fresh,
                second_factor: attempt.demand.second_factor,
                language,
                now: self.clock.now(),
            };
            let began = match provider.part.begin(&wish).await {
                Ok(began) => began,
                Err(failure) => {
                    self.down(visitor, provider, &failure.to_string()).await?;
                    return Ok(ProviderStart::Retry(SignInTrouble::Down(
                        provider.title.clone(),
                    )));
                }
            };
            if began.step == ProviderStep::Ask {
                return Ok(ProviderStart::ShowForm);
            }
            self.keep_upstream_request(attempt, visitor, provider, &state, &began.memory)
                .await?;
            Ok(ProviderStart::Redirect(began.step, provider.title.clone()))
        })
        .await
    }

    async fn keep_upstream_request(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &OpenProvider,
        state: &Bearer,
        memory: &Memory,
    ) -> Result<()> {
        let now = self.clock.now();
        let write = visitor.write(now)?;
        let text = memory.to_string();
        let trip = UpstreamRequest {
            state: state.hash(),
            attempt: attempt.id.clone(),
            provider: provider.slug.clone(),
            browser: visitor.browser.clone(),
            sealed_memory: self.seal.seal(&purpose(state), text.as_bytes())?,
            created_at: now,
            expires_at: now + UPSTREAM_REQUEST_LIFE,
            consumed_at: None,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_upstream_request(&write, &trip).await?;
        if attempt.remember {
            tx.remember_attempt(&attempt.id, Some(now)).await?;
        }
        tx.commit().await
    }

    /// A browser is back at a provider's own address with `state` or RelayState: accepted once, in
    /// the browser that left, from the provider it left for. A provider with another binding has no
    /// such address.
    pub async fn arrive(
        &self,
        provider: &str,
        brought: ProviderCallback,
        visitor: &Visitor,
    ) -> Result<(Attempt, SignInOutcome)> {
        let providers = self.providers().list()?;
        let known = providers.iter().find(|one| one.slug == provider);
        if known.is_none_or(|one| one.answers() != brought.way()) {
            return Err(Error::NotFound);
        }
        let params = brought.params();
        let relay = params.one("state").or(params.one("RelayState"));
        let Some(state) = relay.and_then(|text| Bearer::parse(Artefact::State, text)) else {
            let pressed = Pressed::of(brought)?;
            return self.arrive_unasked(provider, pressed, visitor).await;
        };
        let now = self.clock.now();
        let trip = self.store.trip(&state.hash()).await?;
        let trip = trip
            .filter(|trip| trip.provider == provider && trip.browser == visitor.browser)
            .ok_or(Error::AttemptExpired)?;
        let attempt = self.attempts().find(&trip.attempt, visitor).await?;
        if attempt.consumed_at.is_some() {
            return Ok((attempt, SignInOutcome::Used));
        }
        let memory = self.seal.unseal(&purpose(&state), &trip.sealed_memory)?;
        let memory = serde_json::from_slice(&memory)
            .map_err(|error| Error::Internal(format!("a trip's memory: {error}")))?;
        let mut tx = self.store.begin_single().await?;
        if !tx.take_upstream_request(&trip.state, now).await? {
            return Err(Error::AttemptExpired);
        }
        tx.commit().await?;
        let answer = ProviderResponse::Message(brought.into_params());
        let outcome = self
            .with_provider(provider, async |provider| {
                self.prove(&attempt, visitor, provider, &answer, Some(&memory))
                    .await
            })
            .await?;
        Ok((attempt, outcome))
    }

    /// A user sent by a provider without a request (IdP-initiated). The provider kind decides
    /// whether that is allowed; everything after is the common path. RelayState is the name of a
    /// service, or empty: never an address (THREATS: RelayState open redirect).
    async fn arrive_unasked(
        &self,
        provider: &str,
        Pressed(params): Pressed,
        visitor: &Visitor,
    ) -> Result<(Attempt, SignInOutcome)> {
        if params.one("SAMLResponse").is_none() {
            return Err(Error::AttemptExpired);
        }
        let snapshot = self.catalog.snapshot();
        let service = params
            .one("RelayState")
            .filter(|slug| is_slug(slug) && snapshot.service(slug).is_some());
        let after = service.map_or_else(LocalPath::portal, |slug| {
            LocalPath::of(&format!("/go/{slug}"))
        });
        let attempt = self.new_attempt(visitor, Beginning::of(After::Page(after)));
        let answer = ProviderResponse::Message(params);
        let outcome = self
            .with_provider(provider, async |provider| {
                let write = visitor.write(self.clock.now())?;
                let mut tx = self.store.begin_single().await?;
                tx.insert_attempt(&write, &attempt).await?;
                tx.commit().await?;
                self.prove(&attempt, visitor, provider, &answer, None).await
            })
            .await?;
        Ok((attempt, outcome))
    }
}

fn purpose(state: &Bearer) -> SealPurpose {
    UPSTREAM_REQUEST.of(&[state.hash().as_str()])
}
