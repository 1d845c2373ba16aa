//! The authentication request (OpenID Connect Core 1.0 section 3.1.2.1) with PKCE, in the address
//! or, where the provider supports it, pushed beforehand (RFC 9126) so that the browser carries
//! only a reference.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, LanguageTag, LoginHint, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthPrompt, CoreResponseType},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{OidcProvider, client, discovery::DiscoveredProvider, settings::Par};
use crate::{
    clock::Time,
    upstream::{Began, ProviderFailure, ProviderStep, UpstreamWish},
};

/// The stored data of a request until its response: sealed, on our side.
#[derive(Deserialize, Serialize)]
pub struct Remembered {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// When the browser was sent.
    pub began: Time,
    /// The maximum age of the sign-in there, in seconds.
    pub max_age: Option<u64>,
    /// The admin requires an age: a provider that reports no time is refused. If only this request
    /// does, the time is unknown, and the code that needs it requires another proof.
    #[serde(default, rename = "must_tell")]
    pub requires_auth_time: bool,
}

/// A maximum age that requires no new sign-in: with any `max_age`, a provider reports its
/// `auth_time` (OpenID Connect Core 1.0 section 3.1.2.1), and ages are needed later.
const ANY_AGE: u64 = 365 * 86_400;

/// The answer of RFC 9126 section 2.2.
#[derive(Deserialize)]
struct PushedUpstream {
    request_uri: String,
}

impl OidcProvider {
    pub(super) async fn depart(&self, wish: &UpstreamWish<'_>) -> Result<Began, ProviderFailure> {
        let known = self.discovery.current(&self.config, wish.now).await;
        let known = known.map_err(ProviderFailure::Down)?;
        let remembered = self.remember(wish);
        let address = self.address(&known, wish, &remembered)?;
        let address = match self.push_endpoint(&known).map_err(ProviderFailure::Down)? {
            Some(endpoint) => self.push(&known, endpoint, &address, wish.now).await?,
            None => address,
        };
        let memory = serde_json::to_value(&remembered)
            .map_err(|error| ProviderFailure::Down(error.to_string()))?;
        Ok(Began {
            step: ProviderStep::Redirect(address),
            memory,
        })
    }

    fn remember(&self, wish: &UpstreamWish<'_>) -> Remembered {
        let random = || URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        Remembered {
            state: wish.state.to_owned(),
            nonce: random(),
            verifier: random(),
            began: wish.now,
            max_age: if wish.fresh {
                Some(0)
            } else {
                self.config.max_age.map(|age| age.as_secs())
            },
            requires_auth_time: self.config.max_age.is_some(),
        }
    }

    fn address(
        &self,
        known: &DiscoveredProvider,
        wish: &UpstreamWish<'_>,
        remembered: &Remembered,
    ) -> Result<Url, ProviderFailure> {
        let config = &self.config;
        let state = CsrfToken::new(remembered.state.clone());
        let nonce = Nonce::new(remembered.nonce.clone());
        let verifier = PkceCodeVerifier::new(remembered.verifier.clone());
        let callback = RedirectUrl::new(self.urls.callback())
            .map_err(|error| ProviderFailure::Down(format!("our own address: {error}")))?;
        let mut request = known
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .set_redirect_uri(std::borrow::Cow::Owned(callback))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_ui_locale(LanguageTag::new(wish.language.to_owned()));
        let scopes = config.scopes.iter().filter(|scope| *scope != "openid");
        for scope in scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for acr in self.wanted_acr(wish) {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        for prompt in self.prompts(wish) {
            request = request.add_prompt(prompt);
        }
        let age = remembered.max_age.unwrap_or(ANY_AGE);
        request = request.set_max_age(Duration::from_secs(age));
        if let Some(hint) = wish.hint.filter(|_| config.login_hint) {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        Ok(request.url().0)
    }

    /// If a second factor is required, the values that count as one are requested.
    fn wanted_acr<'a>(&'a self, wish: &UpstreamWish<'_>) -> impl Iterator<Item = &'a String> {
        let strong = wish.second_factor && !self.config.strong_acr.is_empty();
        let listed = self.config.acr_values.iter().filter(move |_| !strong);
        listed.chain(self.config.strong_acr.iter().filter(move |_| strong))
    }

    fn prompts(&self, wish: &UpstreamWish<'_>) -> Vec<CoreAuthPrompt> {
        let mut prompts = self.config.prompt.clone();
        if wish.fresh && !prompts.contains(&CoreAuthPrompt::Login) {
            prompts.push(CoreAuthPrompt::Login);
        }
        prompts
    }

    /// Whether the request is pushed, and where. If it should be, it must be: if the provider is
    /// unable to, the request is not sent in the address instead (THREATS: downgrade).
    pub(super) fn push_endpoint<'a>(
        &self,
        known: &'a DiscoveredProvider,
    ) -> Result<Option<&'a Url>, String> {
        let extra = &known.metadata.additional_metadata().additional_metadata;
        let offered = extra.pushed_authorization_request_endpoint.as_ref();
        match (self.config.par, offered) {
            (Par::Never, _) if extra.require_pushed_authorization_requests => {
                Err("the provider requires pushed requests; use_par is never".to_owned())
            }
            (Par::Require, None) => {
                Err("the provider offers no pushed requests; use_par is require".to_owned())
            }
            (Par::Never, _) => Ok(None),
            (Par::Auto | Par::Require, offered) => Ok(offered),
        }
    }

    async fn push(
        &self,
        known: &DiscoveredProvider,
        endpoint: &Url,
        address: &Url,
        now: Time,
    ) -> Result<Url, ProviderFailure> {
        let down = |why: String| ProviderFailure::Down(format!("the pushed request: {why}"));
        let place = known.metadata.authorization_endpoint().url();
        // The query of the endpoint's own address is not part of the request.
        let own = place.query_pairs().count();
        let fields = address.query_pairs().into_owned().skip(own).collect();
        let request =
            client::prove(&self.config, &self.chance, now, endpoint, fields).map_err(down)?;
        let reply = self.net.send(request).await;
        let reply = reply.map_err(|error| down(error.to_string()))?;
        if reply.status != 201 && reply.status != 200 {
            return Err(down(format!("it answered {}", reply.status)));
        }
        let pushed: PushedUpstream = serde_json::from_slice(&reply.body)
            .map_err(|_| down("its answer names no request_uri".to_owned()))?;
        let mut address = place.clone();
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.config.client_id)
            .append_pair("request_uri", &pushed.request_uri);
        Ok(address)
    }
}
