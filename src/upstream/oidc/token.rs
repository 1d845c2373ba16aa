//! The code is exchanged and the id_token checked (OpenID Connect Core 1.0 section 3.1.3.7), with
//! the time that is passed in. Called by `mod.rs` only; nothing of a token is used before all
//! checks have passed.
//!
//! The members needed are read by type, and an error names the member, never its value. All other
//! members are kept unchanged: a provider that writes its locale as an object does not break
//! sign-ins.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{JsonWebKey, core::CoreJwsSigningAlgorithm as Alg};
use serde_json::{Map, Value};

use super::{
    OidcProvider,
    answer::plain,
    client,
    discovery::DiscoveredProvider,
    form::RemoteKeys,
    key::Key,
    request::Remembered,
    strict::{self, TokenFault},
};
use crate::{clock::Time, upstream::ProviderFailure};

/// The result of exchanging a code.
pub struct UpstreamTokens {
    pub claims: IdTokenClaims,
    /// The token's text: a sign-out identifies the user by it.
    pub id_token: String,
    pub access_token: String,
}

/// An id_token's checked claims.
pub struct IdTokenClaims {
    pub subject: String,
    pub acr: Option<String>,
    pub amr: Vec<String>,
    pub auth_time: Option<Time>,
    pub all: Map<String, Value>,
}

/// Types an id_token may declare (RFC 7519 section 5.1), if it declares one.
const TYPES: &[&str] = &["jwt"];

impl OidcProvider {
    /// Exchanges the code and checks the tokens. Unknown keys are looked for once.
    pub(super) async fn tokens(
        &self,
        known: &mut Arc<DiscoveredProvider>,
        code: &str,
        remembered: &Remembered,
        now: Time,
    ) -> Result<UpstreamTokens, ProviderFailure> {
        let reply = self.exchange(known, code, remembered, now).await?;
        let access_token = member(&reply, "access_token")?;
        let id_token = member(&reply, "id_token")?;
        let judge = |known: &DiscoveredProvider| {
            self.judge(&known.keys, &id_token, &access_token, remembered, now)
        };
        let claims = match judge(known) {
            Err(TokenFault::Key(why)) => {
                let newer = self.discovery.newer_keys(&self.config, known, now).await;
                *known = newer.ok_or_else(|| invalid(&why))?;
                judge(known)
            }
            outcome => outcome,
        };
        Ok(UpstreamTokens {
            claims: claims.map_err(|fault| invalid(&fault.to_string()))?,
            id_token,
            access_token,
        })
    }

    /// RFC 6749 section 4.1.3. A code that the provider refuses is an error of the browser.
    async fn exchange(
        &self,
        known: &DiscoveredProvider,
        code: &str,
        remembered: &Remembered,
        now: Time,
    ) -> Result<Map<String, Value>, ProviderFailure> {
        let down = |why: String| ProviderFailure::Down(format!("the token endpoint: {why}"));
        let place = known.token_endpoint().map_err(down)?;
        let callback = self.urls.callback();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback.as_str()),
            ("code_verifier", remembered.verifier.as_str()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields = client::named(&self.config, fields.into());
        let request =
            client::prove(&self.config, &self.chance, now, place, fields).map_err(down)?;
        let reply = self.net.send(request).await;
        let reply = reply.map_err(|error| down(error.to_string()))?;
        let said = strict::object::<Map<String, Value>>(&reply.body);
        match (reply.status, said) {
            (200..300, Some(said)) => Ok(said),
            (200..300, None) => {
                let words = "the token endpoint's answer cannot be read: it is no JSON object";
                Err(ProviderFailure::Invalid(words.to_owned()))
            }
            (400..500, Some(said)) => Err(match said.get("error").and_then(Value::as_str) {
                Some("invalid_grant") => {
                    ProviderFailure::InvalidMessage("the code is refused".to_owned())
                }
                Some(error) => down(plain(error)),
                None => down(format!("it answered {}", reply.status)),
            }),
            (status, _) => Err(down(format!("it answered {status}"))),
        }
    }

    fn judge(
        &self,
        keys: &RemoteKeys,
        id_token: &str,
        access_token: &str,
        remembered: &Remembered,
        now: Time,
    ) -> Result<IdTokenClaims, TokenFault> {
        let config = &self.config;
        let signed =
            strict::verify::<Map<String, Value>>(id_token, keys, &config.algorithms, TYPES)?;
        let read = ClaimsReader(&signed.claims);
        self.check_parties(&read)?;
        self.check_times(&read, now)?;
        if read.text("nonce")? != Some(remembered.nonce.as_str()) {
            return Err(wrong("it answers another request (nonce)"));
        }
        let acr = read.optional("acr");
        let asked = acr.is_some_and(|acr| config.acr_values.iter().any(|one| one == acr));
        if config.require_acr && !asked {
            return Err(wrong(
                "not an authentication context that was asked for (acr)",
            ));
        }
        let auth_time = self.check_age(&read, remembered, now)?;
        check_hash(&read, signed.key, &signed.algorithm, access_token)?;
        Ok(IdTokenClaims {
            subject: read.needed("sub")?.to_owned(),
            acr: acr.map(str::to_owned),
            amr: read.words("amr"),
            auth_time,
            all: signed.claims,
        })
    }

    /// Steps 2 to 5: of this issuer, for us; with several audiences the token names the authorized
    /// party, and that is us.
    fn check_parties(&self, read: &ClaimsReader) -> Result<(), TokenFault> {
        let config = &self.config;
        if read.needed("iss")? != config.issuer {
            return Err(wrong("it is of another issuer (iss)"));
        }
        let audiences = read.words("aud");
        let known = |one: &String| *one == config.client_id || config.other_audiences.contains(one);
        if !audiences.contains(&config.client_id) || !audiences.iter().all(known) {
            return Err(wrong("it is for another audience (aud)"));
        }
        match (read.text("azp")?, audiences.len()) {
            (Some(party), _) if party != config.client_id => {
                Err(wrong("it was issued to another client (azp)"))
            }
            (None, 2..) => Err(wrong("it does not say for whom it is meant (azp)")),
            _ => Ok(()),
        }
    }

    /// Steps 9 and 10, and RFC 7519 section 4.1.5.
    fn check_times(&self, read: &ClaimsReader, now: Time) -> Result<(), TokenFault> {
        let skew = self.config.clock_skew;
        let latest = now + skew;
        let missing = |name: &str| TokenFault::Wrong(format!("the id_token has no {name}"));
        let ends = read.time("exp")?.ok_or_else(|| missing("exp"))?;
        if ends <= now - skew {
            return Err(wrong("it has expired (exp)"));
        }
        let issued = read.time("iat")?.ok_or_else(|| missing("iat"))?;
        if issued > latest {
            return Err(wrong("it was issued in the future (iat)"));
        }
        match read.time("nbf")? {
            Some(begins) if begins > latest => Err(wrong("it is not valid yet (nbf)")),
            _ => Ok(()),
        }
    }

    /// Step 13: when the user signed in there, if reported; it must not be longer ago than was
    /// requested.
    fn check_age(
        &self,
        read: &ClaimsReader,
        remembered: &Remembered,
        now: Time,
    ) -> Result<Option<Time>, TokenFault> {
        let auth_time = read.moment("auth_time");
        let Some(age) = remembered.max_age else {
            return Ok(auth_time);
        };
        let Some(at) = auth_time else {
            let why = "it does not say when the user signed in (auth_time)";
            return (!remembered.requires_auth_time)
                .then_some(None)
                .ok_or_else(|| wrong(why));
        };
        let slack = self.config.clock_skew + Duration::from_secs(age);
        let earliest = remembered.began - slack;
        let latest = now + self.config.clock_skew;
        // Its time is in whole seconds, ours is not.
        let is_good = (earliest.secs()..=latest.secs()).contains(&at.secs());
        let why = "the sign-in there is too old (auth_time)";
        is_good.then_some(auth_time).ok_or_else(|| wrong(why))
    }
}

/// Core 1.0 section 3.1.3.8: the access token is the one that the id_token came with.
fn check_hash(
    read: &ClaimsReader,
    key: &Key,
    alg: &Alg,
    access_token: &str,
) -> Result<(), TokenFault> {
    let Some(expected) = read.text("at_hash")? else {
        return Ok(());
    };
    let hash = key.hash_bytes(access_token.as_bytes(), alg);
    let hash = hash.map_err(|_| wrong("its algorithm has no hash (at_hash)"))?;
    let half = hash.get(..hash.len() / 2).unwrap_or_default();
    let is_it = URL_SAFE_NO_PAD.encode(half) == expected;
    let why = "the access token is another (at_hash)";
    is_it.then_some(()).ok_or_else(|| wrong(why))
}

fn member(reply: &Map<String, Value>, name: &str) -> Result<String, ProviderFailure> {
    match reply.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        None | Some(Value::Null) => Err(invalid(&format!(
            "the token endpoint's answer has no {name}"
        ))),
        Some(_) => Err(invalid(&format!(
            "the token endpoint's answer: {name} is no text"
        ))),
    }
}

fn invalid(words: &str) -> ProviderFailure {
    ProviderFailure::Invalid(words.to_owned())
}

fn wrong(why: &str) -> TokenFault {
    TokenFault::Wrong(format!("the id_token: {why}"))
}

/// Claims, read one at a time, so that an error names the claim.
struct ClaimsReader<'a>(&'a Map<String, Value>);

impl<'a> ClaimsReader<'a> {
    /// A claim must be text if it is there; `null` is treated as missing.
    fn text(&self, name: &str) -> Result<Option<&'a str>, TokenFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(TokenFault::Wrong(format!(
                "the id_token: {name} is no text"
            ))),
        }
    }

    fn needed(&self, name: &str) -> Result<&'a str, TokenFault> {
        let text = self.text(name)?;
        text.ok_or_else(|| TokenFault::Wrong(format!("the id_token has no {name}")))
    }

    /// The text of a claim, if it is text.
    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A word, or a list of them.
    fn words(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(word)) => vec![word.clone()],
            Some(Value::Array(words)) => {
                let words = words.iter().map(|word| word.as_str().unwrap_or_default());
                words.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A NumericDate (RFC 7519 section 2).
    fn time(&self, name: &str) -> Result<Option<Time>, TokenFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(seconds)) => Ok(seconds.as_f64().map(strict::time)),
            Some(_) => Err(TokenFault::Wrong(format!(
                "the id_token: {name} is no number"
            ))),
        }
    }

    /// A time that is used if it can be parsed, as a number or as its text.
    fn moment(&self, name: &str) -> Option<Time> {
        match self.0.get(name)? {
            Value::Number(seconds) => seconds.as_f64().map(strict::time),
            Value::String(text) => text.parse().ok().map(Time::from_secs),
            _ => None,
        }
    }
}
