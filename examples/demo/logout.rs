//! Back-channel logout: the portal reports that a session of its own has ended, and the sessions
//! here that came from it end as well (OpenID Connect Back-Channel Logout 1.0).
//!
//! The message comes from a server, without a cookie or an origin, and any client may post one.
//! Only the signed token is checked, by all of section 2.6: a token for another purpose (an
//! id_token, a hand-off) signs no user out, nor does one of another client, an old one, or one that
//! was presented before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::CoreJwsSigningAlgorithm;
use openidconnect::{JsonWebKey as _, JsonWebKeyId};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::provider::{ALGORITHMS, Metadata, Provider, Trouble};
use super::refusal::Refusal;

/// The one member that `events` must have (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds that the two clocks may differ.
const LEEWAY: i64 = 30;
/// Section 2.4 recommends two minutes; a token that wants to live for long is refused.
const LONGEST: i64 = 600;
/// No name of a token's is longer.
const JTI_LIMIT: usize = 255;

/// The portal's form (section 2.5).
#[derive(Deserialize)]
pub struct Message {
    #[serde(default)]
    logout_token: String,
}

/// What has ended: one session, or every one of a user's.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Session(String),
    User(String),
}

/// The accepted tokens, until they have expired. With several processes this is a shared store.
#[derive(Default)]
pub struct Once(Mutex<HashMap<String, i64>>);

/// What the claims are read from (section 2.4).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    iat: i64,
    exp: i64,
    jti: String,
    sub: Option<String>,
    sid: Option<String>,
    events: Value,
    /// Whatever its value is, `null` too: its presence makes this another kind of token.
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    typ: Option<String>,
    kid: Option<String>,
    /// An extension that must be understood (RFC 7515, section 4.1.11); we understand none.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// A parsed token, of which nothing is verified yet.
struct Parts<'t> {
    header: Header,
    signed: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

impl Ended {
    /// Whether a session here, of this user and of that session at the portal, has to end.
    pub fn means(&self, sub: &str, sid: Option<&str>) -> bool {
        match self {
            Self::Session(ended) => sid == Some(ended),
            Self::User(ended) => sub == ended,
        }
    }
}

impl Message {
    /// The sessions that ended, if the token is valid. The refusal is a 400 (section 2.8), with a
    /// page that only an administrator will read.
    pub async fn verified(&self, provider: &Provider, once: &Once) -> Result<Ended, Refusal> {
        let outcome = verify(provider, &self.logout_token).await;
        let ended = outcome.and_then(|claims| claims.judged(provider, once, now()));
        ended.map_err(|trouble| match trouble {
            Trouble::Unverified(cause) => {
                tracing::warn!(cause, "a logout token was not accepted");
                Refusal::bad_request("logout_not_verified", "This is not the end of a session.")
            }
            other => other.into(),
        })
    }
}

impl Once {
    /// Stores a token's id; whether it is the first time.
    fn take(&self, jti: &str, until: i64, now: i64) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|_, until| *until > now);
        taken.insert(jti.to_owned(), until).is_none()
    }
}

impl Claims {
    /// Section 2.6, steps 3 to 8.
    fn judged(self, provider: &Provider, once: &Once, now: i64) -> Result<Ended, Trouble> {
        refuse(self.iss != provider.issuer.as_str(), "another issuer (iss)")?;
        refuse(
            !is_only(&self.aud, provider.client_id.as_str()),
            "for another client (aud)",
        )?;
        refuse(self.nonce, "an id_token (nonce)")?;
        let is_logout = self.events.get(EVENT).is_some_and(Value::is_object);
        refuse(!is_logout, "no logout (events)")?;
        refuse(self.iat > now + LEEWAY, "not issued yet (iat)")?;
        refuse(self.exp <= now - LEEWAY, "expired (exp)")?;
        refuse(
            self.exp.saturating_sub(self.iat) > LONGEST,
            "made to last (exp)",
        )?;
        let is_named = (1..=JTI_LIMIT).contains(&self.jti.len());
        refuse(!is_named, "without a name (jti)")?;
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let ended = match (said(self.sid), said(self.sub)) {
            // With both, the session is what has ended; the user may have others.
            (Some(sid), _) => Ended::Session(sid),
            (None, Some(sub)) => Ended::User(sub),
            (None, None) => return Err(unverified("neither user nor session (sid, sub)")),
        };
        // Last: whatever else is wrong must not use the name up.
        let is_first = once.take(&self.jti, self.exp + LEEWAY, now);
        refuse(!is_first, "brought before (jti)")?;
        Ok(ended)
    }
}

/// The claims of a token that the portal signed as a logout token. If it names an unknown key, the
/// keys are fetched again, but not as often as a client might want.
async fn verify(provider: &Provider, token: &str) -> Result<Claims, Trouble> {
    let parts = Parts::of(token)?;
    let metadata = provider.metadata().await?;
    let kid = parts.header.kid.clone().unwrap_or_default();
    let metadata = match has_key(&metadata, &kid) {
        true => metadata,
        false => provider.newer_keys(&metadata).await?,
    };
    parts.check_signature(&metadata, &kid)?;
    json(parts.payload)
}

impl<'t> Parts<'t> {
    fn of(token: &'t str) -> Result<Self, Trouble> {
        let not_a_token = || unverified("not a signed token");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(not_a_token)?;
        let (header, payload) = signed.split_once('.').ok_or_else(not_a_token)?;
        let header: Header = json(header)?;
        let typ = header.typ.as_deref().unwrap_or_default();
        let typ = typ.strip_prefix("application/").unwrap_or(typ);
        let is_typed = typ.eq_ignore_ascii_case("logout+jwt");
        refuse(!is_typed, "a token of another type (typ)")?;
        refuse(header.crit, "an extension we do not know (crit)")?;
        refuse(
            !ALGORITHMS.contains(&header.alg),
            "an algorithm we do not take",
        )?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| not_a_token())?;
        Ok(Self {
            header,
            signed,
            payload,
            signature,
        })
    }

    fn check_signature(&self, metadata: &Metadata, kid: &str) -> Result<(), Trouble> {
        let mut keys = metadata.jwks().keys().iter();
        let key = keys.find(|key| key.key_id().is_some_and(|id| id.as_str() == kid));
        let key = key.ok_or_else(|| unverified("a key that the portal does not have"))?;
        key.verify_signature(&self.header.alg, self.signed.as_bytes(), &self.signature)
            .map_err(|error| Trouble::Unverified(error.to_string()))
    }
}

fn has_key(metadata: &Metadata, kid: &str) -> bool {
    let kid = JsonWebKeyId::new(kid.to_owned());
    let mut keys = metadata.jwks().keys().iter();
    keys.any(|key| key.key_id() == Some(&kid))
}

fn is_only(audience: &Value, us: &str) -> bool {
    match audience {
        Value::Array(names) => matches!(names.as_slice(), [name] if name.as_str() == Some(us)),
        name => name.as_str() == Some(us),
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, Trouble> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok();
    let value = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.ok_or_else(|| unverified("not what a logout token says"))
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn refuse(when: bool, why: &str) -> Result<(), Trouble> {
    if when { Err(unverified(why)) } else { Ok(()) }
}

fn unverified(why: &str) -> Trouble {
    Trouble::Unverified(why.to_owned())
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
