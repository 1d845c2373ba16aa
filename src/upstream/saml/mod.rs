//! Sign-in against a SAML identity provider, as its service provider. Wire format and verification
//! are in [`crate::protocol::saml`]; here is the state of one provider: its settings, its last
//! valid metadata, our keys, and the request and its response.
//!
//! Signing, verifying and decrypting use threads that may block: they take milliseconds of CPU.

mod kept;
mod logout;
mod settings;
mod vouch;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::{
    kept::MetadataCache,
    settings::{MetadataSource, SamlConfig},
};
pub use self::{settings::FIELDS, vouch::read_pasted};
use super::{
    Answers, Began, IdentityProvider, Import, Imported, LogoutMessage, ProviderFailure,
    ProviderResponse, ProviderStep, Tools, Upstream, UpstreamArrival, UpstreamWish, Urls, Vouched,
};
use crate::{
    blocking::{Blocking, Undone},
    chance::Chance,
    clock::{Clock, Time},
    kind::{BoxFuture, Settings},
    protocol::{
        oauth::Params,
        saml::{
            ExpectedAssertion, SamlFault, VerifiedAssertion,
            binding::{self, REDIRECT},
            metadata::{Ours, Theirs},
            request::AuthnRequest,
            verify,
        },
    },
};

/// A provider for these settings; nothing is fetched yet. An error is a sentence for the admin.
pub fn open(settings: &Settings, tools: &Tools) -> Result<Box<dyn IdentityProvider>, String> {
    Ok(Box::new(SamlProvider {
        config: Arc::new(SamlConfig::parse(settings, &tools.urls)?),
        kept: MetadataCache::new(
            tools.documents.clone(),
            tools.net.clone(),
            tools.blocking.clone(),
        ),
        pool: tools.blocking.clone(),
        urls: tools.urls.clone(),
        chance: tools.chance.clone(),
        clock: tools.clock.clone(),
    }))
}

struct SamlProvider {
    config: Arc<SamlConfig>,
    kept: MetadataCache,
    pool: Blocking,
    urls: Urls,
    chance: Chance,
    clock: Clock,
}

/// The data of a request until its response.
#[derive(Serialize, Deserialize)]
struct RequestMemory {
    id: String,
    contexts: Vec<String>,
    /// The sign-in there must not be earlier than this second.
    since: Option<i64>,
}

impl IdentityProvider for SamlProvider {
    fn answers(&self) -> Answers {
        Answers::Form
    }

    fn begin<'a>(
        &'a self,
        wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Result<Began, ProviderFailure>> {
        Box::pin(self.ask(wish))
    }

    fn complete<'a>(
        &'a self,
        arrival: &'a UpstreamArrival<'a>,
    ) -> BoxFuture<'a, Result<Vouched, ProviderFailure>> {
        Box::pin(self.verify_arrival(arrival))
    }

    fn sign_out<'a>(
        &'a self,
        upstream: &'a Upstream,
        wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Option<ProviderStep>> {
        Box::pin(async move {
            let asked = self.ask_to_end(upstream, wish).await;
            asked.unwrap_or_else(|failure| {
                tracing::warn!(
                    entity = self.config.entity_id,
                    %failure,
                    "no logout upstream"
                );
                None
            })
        })
    }

    fn logout<'a>(
        &'a self,
        message: &'a Params,
        now: Time,
    ) -> BoxFuture<'a, Result<LogoutMessage, ProviderFailure>> {
        Box::pin(self.receive(message, now))
    }

    fn addresses(&self) -> Vec<(&'static str, String)> {
        vec![
            ("metadata", self.urls.metadata()),
            ("AssertionConsumerService", self.urls.acs()),
            ("SingleLogoutService", self.urls.logout()),
        ]
    }

    fn refused_when_written(&self) -> Option<String> {
        self.config.plain()
    }

    fn imports(&self) -> bool {
        !matches!(self.config.source, MetadataSource::Given(_))
    }

    fn import<'a>(
        &'a self,
        import: &'a Import<'a>,
        now: Time,
    ) -> BoxFuture<'a, Result<Imported, String>> {
        Box::pin(async move {
            match self.imports() {
                true => self.kept.import(&self.config, import, now).await,
                false => Err("the metadata stands in the settings".to_owned()),
            }
        })
    }

    fn metadata<'a>(&'a self, now: Time) -> BoxFuture<'a, Option<Result<String, String>>> {
        Box::pin(async move { Some(self.ours(now).await) })
    }

    fn refresh<'a>(&'a self, now: Time) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.kept.refresh(&self.config, now))
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(self.examine())
    }
}

impl SamlProvider {
    async fn ask(&self, wish: &UpstreamWish<'_>) -> Result<Began, ProviderFailure> {
        let theirs = self.kept.theirs(&self.config, wish.now).await?;
        let keys = self.kept.keys(&self.config, wish.now).await?;
        let asked = RequestMemory {
            id: self.new_id(),
            contexts: self.contexts(wish.second_factor),
            since: wish.fresh.then(|| wish.now.secs()),
        };
        let memory = serde_json::to_value(&asked).map_err(|error| down(&error.to_string()))?;
        let (config, acs) = (self.config.clone(), self.urls.acs());
        let (state, now) = (wish.state.to_owned(), wish.now);
        let step = blocking(&self.pool, move || {
            let endpoint = Theirs::endpoint(&theirs.sign_on, config.request_binding);
            let missing = SamlFault::Metadata("there is no sign-on address".to_owned());
            let endpoint = endpoint.ok_or(missing)?;
            let is_signed = config.sign_requests || theirs.wants_signed_requests;
            let key = keys.first().filter(|_| is_signed);
            let request = AuthnRequest {
                id: &asked.id,
                issued_at: now.secs(),
                issuer: &config.own_entity_id,
                recipient: &acs,
                destination: &endpoint.location,
                force: asked.since.is_some(),
                name_id_format: config.format_for(&theirs),
                contexts: &asked.contexts,
            };
            match endpoint.binding {
                REDIRECT => request.redirect(&state, key).map(ProviderStep::Redirect),
                _ => request.post(key).map(|text| ProviderStep::Post {
                    action: endpoint.location.url().clone(),
                    fields: vec![("SAMLRequest", text), ("RelayState", state)],
                }),
            }
        });
        let step = step
            .await?
            .map_err(|fault: SamlFault| down(&fault.to_string()))?;
        Ok(Began { step, memory })
    }

    /// The requested contexts; if a second factor is required, those that prove one come first.
    fn contexts(&self, second_factor: bool) -> Vec<String> {
        let strong = self.config.strong_contexts.iter().filter(|_| second_factor);
        let mut all: Vec<String> = strong.cloned().collect();
        for context in &self.config.authn_context {
            if !all.contains(context) {
                all.push(context.clone());
            }
        }
        all
    }

    async fn verify_arrival(
        &self,
        arrival: &UpstreamArrival<'_>,
    ) -> Result<Vouched, ProviderFailure> {
        let ProviderResponse::Message(params) = arrival.answer else {
            return Err(ProviderFailure::Wrong);
        };
        let asked = match arrival.memory {
            Some(memory) => {
                let asked = serde_json::from_value::<RequestMemory>(memory.clone());
                Some(asked.map_err(|error| down(&error.to_string()))?)
            }
            None if self.config.allow_unsolicited => None,
            None => return Err(invalid("it is unsolicited, and allow_unsolicited is off")),
        };
        let text = params.one("SAMLResponse");
        let text = text
            .ok_or_else(|| invalid("there is no SAMLResponse"))?
            .to_owned();
        let verified = self.verified(text, asked, arrival.now).await?;
        vouch::vouched(&self.config, verified)
    }

    /// A signature by an unknown key causes an immediate fetch of newer metadata: an identity
    /// provider may change its keys at any time.
    async fn verified(
        &self,
        text: String,
        asked: Option<RequestMemory>,
        now: Time,
    ) -> Result<VerifiedAssertion, ProviderFailure> {
        let brought = Arc::new((text, asked));
        let theirs = self.kept.theirs(&self.config, now).await?;
        let verdict = match self.judge(&brought, theirs.clone(), now).await? {
            Err(fault) if fault.wants_newer_keys() => {
                match self.kept.newer(&self.config, &theirs, now).await {
                    Some(newer) => self.judge(&brought, newer, now).await?,
                    None => Err(fault),
                }
            }
            verdict => verdict,
        };
        verdict.map_err(|fault| match fault {
            SamlFault::Status(status) => ProviderFailure::Denied(status.to_string()),
            fault => ProviderFailure::InvalidMessage(fault.to_string()),
        })
    }

    async fn judge(
        &self,
        brought: &Arc<(String, Option<RequestMemory>)>,
        theirs: Arc<Theirs>,
        now: Time,
    ) -> Result<Result<VerifiedAssertion, SamlFault>, ProviderFailure> {
        let keys = self.kept.keys(&self.config, now).await?;
        let (config, acs, brought) = (self.config.clone(), self.urls.acs(), brought.clone());
        blocking(&self.pool, move || {
            let (text, asked) = (&brought.0, &brought.1);
            let contexts = match asked {
                Some(asked) => &asked.contexts,
                None => &config.authn_context,
            };
            let expected = ExpectedAssertion {
                issuer: &config.entity_id,
                certificates: &theirs.signing,
                audience: &config.own_entity_id,
                recipient: &acs,
                keys: &keys,
                request: asked.as_ref().map(|asked| asked.id.as_str()),
                now: now.secs(),
                skew: config.skew_seconds(),
                authenticated_since: asked.as_ref().and_then(|asked| asked.since),
                contexts,
                want_assertions_signed: config.want_assertions_signed,
                want_encrypted: config.want_encrypted,
                allow_cbc: config.allow_cbc,
            };
            verify(&binding::from_post(text)?, &expected)
        })
        .await
    }

    async fn ours(&self, now: Time) -> Result<String, String> {
        let words = |failure: ProviderFailure| failure.to_string();
        let keys = self.kept.keys(&self.config, now).await.map_err(words)?;
        let (config, urls) = (self.config.clone(), self.urls.clone());
        let written = blocking(&self.pool, move || {
            let ours = Ours {
                entity_id: &config.own_entity_id,
                acs: &urls.acs(),
                logout: &urls.logout(),
                keys: &keys,
                requests_signed: config.sign_requests,
                want_assertions_signed: config.want_assertions_signed,
                name_id_format: config.name_id_format.as_deref(),
                title: "Usher",
                attributes: &config.request_attributes,
            };
            ours.write().map_err(|fault| fault.to_string())
        });
        written.await.map_err(words)?
    }

    /// Fetches the metadata now, whatever is stored.
    async fn examine(&self) -> Result<String, String> {
        let theirs = match &self.config.source {
            MetadataSource::Fetched(url) => self.kept.preview(&self.config, url).await?,
            _ => {
                let known = self.kept.theirs(&self.config, self.clock.now()).await;
                known.map_err(|failure| failure.to_string())?
            }
        };
        let mut words = format!(
            "{}; ours is at {}",
            kept::about(&theirs),
            self.urls.metadata()
        );
        if let Some(warning) = self.config.format_warning(&theirs) {
            words.push_str("; warning: ");
            words.push_str(&warning);
        }
        Ok(words)
    }

    /// An unguessable id: 160 bits, valid as a name (Core section 1.3.4).
    fn new_id(&self) -> String {
        let random = self.chance.bytes::<20>();
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("_{hex}")
    }
}

fn down(words: &str) -> ProviderFailure {
    ProviderFailure::Down(words.to_owned())
}

fn invalid(words: &str) -> ProviderFailure {
    ProviderFailure::InvalidMessage(words.to_owned())
}

/// Runs a function on a thread that may block.
async fn blocking<T: Send + 'static>(
    pool: &Blocking,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProviderFailure> {
    pool.run(work).await.map_err(|undone| match undone {
        Undone::Busy => ProviderFailure::Busy,
        Undone::Interrupted => down("the work was interrupted"),
    })
}
