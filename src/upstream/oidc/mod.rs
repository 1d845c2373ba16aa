//! Sign-in by an upstream OpenID provider (OpenID Connect Core 1.0, Discovery 1.0; RFC 9700): the
//! browser is sent there with PKCE, state and nonce and comes back with a code. `sign_in` opens it
//! from settings and knows it as an [`IdentityProvider`] only.
//!
//! ```text
//! request.rs ─▶ (the provider's pages) ─▶ answer.rs ─▶ token.rs ─▶ person.rs
//!      └──────────── discovery.rs (document, keys) ─────────┘
//! ```
//!
//! openidconnect has the types, the authentication request and the rarer signatures; requests use
//! [`Net`], tokens are checked in `token.rs`, time is passed in. Never here: reading the user's
//! row, a redirect that the provider chose, a token in a log.

mod answer;
mod client;
mod discovery;
mod form;
mod identity;
mod key;
mod logout;
mod request;
mod settings;
mod strict;
mod token;

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;

use self::{
    discovery::{DiscoveredProvider, Discovery},
    request::Remembered,
    settings::OidcConfig,
};
use super::{
    Answers, Began, IdentityProvider, LogoutMessage, ProviderFailure, ProviderResponse,
    ProviderStep, Tools, Upstream, UpstreamArrival, UpstreamWish, Urls, Vouched,
};
use crate::{
    chance::Chance,
    clock::Time,
    kind::{BoxFuture, Settings},
    net::Net,
    protocol::oauth::Params,
};

pub use self::settings::FIELDS;

/// A provider for these settings; nothing is fetched yet. An error is a sentence for the admin.
pub fn open(settings: &Settings, tools: &Tools) -> Result<Box<dyn IdentityProvider>, String> {
    Ok(Box::new(OidcProvider {
        config: OidcConfig::parse(settings)?,
        discovery: Discovery::new(tools.net.clone(), tools.documents.clone()),
        net: tools.net.clone(),
        chance: tools.chance.clone(),
        urls: tools.urls.clone(),
    }))
}

struct OidcProvider {
    config: OidcConfig,
    discovery: Discovery,
    net: Net,
    chance: Chance,
    urls: Urls,
}

impl IdentityProvider for OidcProvider {
    fn answers(&self) -> Answers {
        Answers::Query
    }

    fn begin<'a>(
        &'a self,
        wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Result<Began, ProviderFailure>> {
        Box::pin(self.depart(wish))
    }

    fn complete<'a>(
        &'a self,
        arrival: &'a UpstreamArrival<'a>,
    ) -> BoxFuture<'a, Result<Vouched, ProviderFailure>> {
        Box::pin(self.arrive(arrival))
    }

    fn sign_out<'a>(
        &'a self,
        upstream: &'a Upstream,
        wish: &'a UpstreamWish<'a>,
    ) -> BoxFuture<'a, Option<ProviderStep>> {
        Box::pin(self.leave(upstream, wish))
    }

    fn logout<'a>(
        &'a self,
        message: &'a Params,
        now: Time,
    ) -> BoxFuture<'a, Result<LogoutMessage, ProviderFailure>> {
        Box::pin(self.ended(message, now))
    }

    fn addresses(&self) -> Vec<(&'static str, String)> {
        vec![
            ("redirect_uri", self.urls.callback()),
            ("backchannel_logout_uri", self.urls.logout()),
            ("frontchannel_logout_uri", self.urls.logout()),
            ("post_logout_redirect_uri", self.urls.signed_out()),
        ]
    }

    fn refresh<'a>(&'a self, now: Time) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.discovery.refresh(&self.config, now))
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(self.examine())
    }
}

impl OidcProvider {
    async fn arrive(&self, arrival: &UpstreamArrival<'_>) -> Result<Vouched, ProviderFailure> {
        let ProviderResponse::Message(answer) = arrival.answer else {
            return Err(ProviderFailure::Invalid(
                "a password is none of its answers".to_owned(),
            ));
        };
        // An unsolicited response signs no user in (THREATS: login CSRF).
        let remembered = arrival.memory.map(Remembered::deserialize);
        let Some(Ok(remembered)) = remembered else {
            return Err(ProviderFailure::InvalidMessage(
                "it was not asked for".to_owned(),
            ));
        };
        let known = self.discovery.current(&self.config, arrival.now).await;
        let mut known = known.map_err(ProviderFailure::Down)?;
        let code = self.code(&known, answer, &remembered)?;
        let tokens = self
            .tokens(&mut known, code, &remembered, arrival.now)
            .await?;
        self.vouch(&known, &tokens).await
    }

    async fn examine(&self) -> Result<String, String> {
        let known = self.discovery.examine(&self.config).await?;
        let extra = &known.metadata.additional_metadata().additional_metadata;
        if let Some(methods) = &extra.code_challenge_methods_supported
            && !methods.iter().any(|method| method == "S256")
        {
            return Err("the provider does not know PKCE with S256".to_owned());
        }
        let announced = known.metadata.id_token_signing_alg_values_supported();
        if !self
            .config
            .algorithms
            .iter()
            .any(|alg| announced.contains(alg))
        {
            return Err("the provider signs by none of the allowed algorithms".to_owned());
        }
        self.push_endpoint(&known)?;
        Ok(words(&known, &self.config.algorithms))
    }
}

fn words(known: &DiscoveredProvider, algorithms: &[CoreJwsSigningAlgorithm]) -> String {
    let metadata = known.metadata.additional_metadata();
    let extra = &metadata.additional_metadata;
    let keys = known
        .keys
        .keys()
        .iter()
        .filter(|key| key.serves(algorithms));
    let keys = match keys.count() {
        1 => "1 signing key".to_owned(),
        count => format!("{count} signing keys"),
    };
    let mut words = vec![format!("connection successful: {keys}")];
    for (has, what) in [
        (
            extra.pushed_authorization_request_endpoint.is_some(),
            "pushed authorization requests",
        ),
        (
            extra.authorization_response_iss_parameter_supported,
            "iss in the response",
        ),
        (metadata.end_session_endpoint.is_some(), "sign-out"),
        (extra.backchannel_logout_supported, "back-channel logout"),
    ] {
        if has {
            words.push(what.to_owned());
        }
    }
    words.join(", ")
}
