//! Logout, in both directions: where the browser goes to end the session there (RP-Initiated Logout
//! 1.0), and the token by which the provider reports that a session of its own has ended
//! (Back-Channel Logout 1.0), or the link by which a browser does (Front-Channel Logout 1.0). Any
//! client that knows our address can send such a token, so everything of section 2.6 is checked,
//! and it is valid once.

use std::time::Duration;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;
use url::Url;

use super::{
    OidcProvider,
    discovery::DiscoveredProvider,
    settings::OidcConfig,
    strict::{self, time},
};
use crate::{
    clock::Time,
    protocol::oauth::Params,
    upstream::{LogoutMessage, OneTimeName, ProviderFailure, ProviderStep, Upstream, UpstreamWish},
};

/// The member of `events` (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long a token without `exp` is valid: earlier drafts had none. Section 2.4 recommends two
/// minutes at most.
const SHORT: Duration = Duration::from_secs(120);
/// The longest validity of a token, whatever it claims.
const LONGEST: Duration = Duration::from_secs(3600);
/// Longer addresses do not pass every proxy; a longer request is sent as a form.
const LONGEST_ADDRESS: usize = 4000;

impl OidcProvider {
    pub(super) async fn leave(
        &self,
        upstream: &Upstream,
        wish: &UpstreamWish<'_>,
    ) -> Option<ProviderStep> {
        if !self.config.logout {
            return None;
        }
        let known = self.discovery.current(&self.config, wish.now).await.ok()?;
        let endpoint = known
            .metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        let mut link = endpoint.url().clone();
        let is_token = |text: &&String| strict::is_shaped(text);
        if let Some(hint) = upstream.secret.as_ref().filter(is_token) {
            link.query_pairs_mut().append_pair("id_token_hint", hint);
        }
        link.query_pairs_mut()
            .append_pair("client_id", &self.config.client_id)
            .append_pair("post_logout_redirect_uri", &self.urls.signed_out())
            .append_pair("state", wish.state);
        Some(by_link_or_form(link, endpoint.url()))
    }

    pub(super) async fn ended(
        &self,
        message: &Params,
        now: Time,
    ) -> Result<LogoutMessage, ProviderFailure> {
        if message.raw().is_some() {
            return self.ended_by_browser(message);
        }
        let token = message.one("logout_token");
        let token = token.ok_or(ProviderFailure::Invalid(
            "there is no logout_token".to_owned(),
        ))?;
        let known = self.discovery.current(&self.config, now).await;
        let mut known = known.map_err(ProviderFailure::Down)?;
        let claims = match self.read(&known, token) {
            Err(strict::TokenFault::Key(why)) => {
                let newer = self.discovery.newer_keys(&self.config, &known, now).await;
                known = newer.ok_or(ProviderFailure::Invalid(why))?;
                self.read(&known, token)
            }
            outcome => outcome,
        };
        let claims = claims.map_err(|fault| ProviderFailure::Invalid(fault.to_string()))?;
        claims
            .judge(&self.config, now)
            .map_err(|why| ProviderFailure::Invalid(format!("the logout token {why}")))
    }

    /// Front-Channel Logout 1.0 section 2: the provider's page has the browser fetch our address,
    /// in a frame without our cookies. Issuer and session identify the session; without them the
    /// link could end any user's.
    fn ended_by_browser(&self, message: &Params) -> Result<LogoutMessage, ProviderFailure> {
        let refused = |why: &str| Err(ProviderFailure::InvalidMessage(why.to_owned()));
        if message.one("iss") != Some(&self.config.issuer) {
            return refused("the logout is of another issuer (iss)");
        }
        match message.one("sid").filter(|sid| !sid.is_empty()) {
            None => refused("the logout does not say which session is over (sid)"),
            Some(session) => Ok(LogoutMessage::Ended {
                subject: None,
                session: Some(session.to_owned()),
                once: Vec::new(),
                answer: None,
            }),
        }
    }

    fn read(
        &self,
        known: &DiscoveredProvider,
        token: &str,
    ) -> Result<ReceivedLogoutToken, strict::TokenFault> {
        let types = ["logout+jwt", "jwt"];
        let signed = strict::verify(token, &known.keys, &self.config.algorithms, &types)?;
        Ok(signed.claims)
    }
}

fn by_link_or_form(link: Url, action: &Url) -> ProviderStep {
    if link.as_str().len() <= LONGEST_ADDRESS {
        return ProviderStep::Redirect(link);
    }
    let names = [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
    ];
    let sent = link.query_pairs();
    let fields = sent.filter_map(|(name, value)| {
        let name = names.into_iter().find(|known| *known == name)?;
        Some((name, value.into_owned()))
    });
    ProviderStep::Post {
        fields: fields.collect(),
        action: action.clone(),
    }
}

/// The claims of a logout token (section 2.4).
#[derive(Deserialize)]
struct ReceivedLogoutToken {
    iss: String,
    aud: Value,
    iat: f64,
    exp: Option<f64>,
    jti: String,
    sub: Option<String>,
    sid: Option<String>,
    events: Value,
    /// Present, with any value: an id_token is not a logout token, nor the other way round.
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl ReceivedLogoutToken {
    /// Section 2.6.
    fn judge(self, config: &OidcConfig, now: Time) -> Result<LogoutMessage, &'static str> {
        if self.iss != config.issuer {
            return Err("is of another issuer (iss)");
        }
        if !is_for(&self.aud, config) {
            return Err("is for another client (aud)");
        }
        if self.nonce {
            return Err("is an id_token (nonce)");
        }
        if !self.events.get(EVENT).is_some_and(Value::is_object) {
            return Err("is not about a logout (events)");
        }
        let until = self.until(config, now)?;
        if self.jti.is_empty() || self.jti.len() > 255 {
            return Err("has no name (jti)");
        }
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (subject, session) = (said(self.sub), said(self.sid));
        if subject.is_none() && session.is_none() {
            return Err("names neither user nor session (sub, sid)");
        }
        Ok(LogoutMessage::Ended {
            subject,
            session,
            once: vec![OneTimeName {
                name: format!("logout_token {} {}", config.issuer, self.jti),
                until,
            }],
            answer: None,
        })
    }

    /// Until when it could be used again.
    fn until(&self, config: &OidcConfig, now: Time) -> Result<Time, &'static str> {
        let issued = time(self.iat);
        if issued > now + config.clock_skew {
            return Err("was issued in the future (iat)");
        }
        let ends = self.exp.map_or(issued + SHORT, time).min(issued + LONGEST);
        let until = ends + config.clock_skew;
        (until > now).then_some(until).ok_or("has expired (exp)")
    }
}

fn is_for(audience: &Value, config: &OidcConfig) -> bool {
    let is_us = |name: &Value| name.as_str() == Some(&config.client_id);
    let is_known = |name: &Value| {
        is_us(name)
            || name
                .as_str()
                .is_some_and(|name| config.other_audiences.contains(name))
    };
    match audience {
        Value::Array(names) => names.iter().any(is_us) && names.iter().all(is_known),
        name => is_us(name),
    }
}
