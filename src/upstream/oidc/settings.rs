//! An admin's settings for an OpenID provider, and everything that can be found wrong with them
//! before the first request. The keys are those of [`FIELDS`]; unknown ones are refused.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use openidconnect::core::{CoreAuthPrompt, CoreJwsSigningAlgorithm as Alg};
use serde::de::{DeserializeOwned, IgnoredAny};
use zeroize::Zeroizing;

use crate::{
    kind::{Field, Settings, parse_settings},
    model::address::web_address,
    protocol::jose::{Algorithm, SigningKey},
};

const fn field(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: false,
    }
}

const fn needed(name: &'static str, about: &'static str) -> Field {
    Field {
        needed: true,
        ..field(name, about)
    }
}

const fn secret(name: &'static str, about: &'static str) -> Field {
    Field {
        secret: true,
        ..field(name, about)
    }
}

pub const FIELDS: &[Field] = &[
    needed(
        "issuer",
        "the provider's issuer, exactly as its discovery document spells it",
    ),
    needed("client_id", "what the provider calls us"),
    secret("client_secret", "our secret there"),
    secret(
        "client_key",
        "for private_key_jwt: our private key, PKCS#8 in PEM (P-256, or RSA of 2048 bits or more)",
    ),
    field(
        "client_auth",
        "client_secret_basic (default), client_secret_post, private_key_jwt, or none (public)",
    ),
    field("scopes", "default [\"openid\", \"profile\", \"email\"]"),
    field(
        "algorithms",
        "what tokens may be signed with; default [\"RS256\", \"ES256\", \"PS256\"]",
    ),
    field("acr_values", "authentication contexts to ask for"),
    field(
        "require_acr",
        "true: refuse an authentication context that is not among acr_values",
    ),
    field(
        "prompt",
        "what to ask of the provider each time: login, consent, select_account",
    ),
    field(
        "max_age",
        "seconds that a sign-in there may be old; the provider must report its time",
    ),
    field(
        "strong_acr",
        "authentication contexts that prove a second factor; default none",
    ),
    field(
        "strong_amr",
        "authentication methods that prove a second factor; default none",
    ),
    field("userinfo", "false: never ask the userinfo endpoint"),
    field(
        "clock_skew_seconds",
        "how far the two clocks may be apart; default 30, at most 300",
    ),
    field(
        "use_par",
        "pushed authorization requests: auto (where offered, default), never, require",
    ),
    field(
        "iss_parameter",
        "the issuer beside every code: advertised (required where offered, default), require",
    ),
    field(
        "other_audiences",
        "clients that may be named beside us in a token; default none",
    ),
    field(
        "login_hint",
        "false: do not send the provider the name that was typed here",
    ),
    field(
        "logout",
        "false: signing out here does not lead to the provider's own sign-out",
    ),
];

/// The parsed settings. No `Debug`: they contain secrets.
pub struct OidcConfig {
    pub issuer: String,
    pub client_id: String,
    pub client: UpstreamClientAuth,
    pub scopes: Vec<String>,
    pub algorithms: Vec<Alg>,
    pub acr_values: Vec<String>,
    pub require_acr: bool,
    pub prompt: Vec<CoreAuthPrompt>,
    pub max_age: Option<Duration>,
    pub strong_acr: BTreeSet<String>,
    pub strong_amr: BTreeSet<String>,
    pub userinfo: bool,
    pub clock_skew: Duration,
    pub par: Par,
    pub is_iss_required: bool,
    pub other_audiences: BTreeSet<String>,
    pub login_hint: bool,
    pub logout: bool,
}

/// How we authenticate (OpenID Connect Core 1.0 section 9).
pub enum UpstreamClientAuth {
    Basic(Zeroizing<String>),
    Post(Zeroizing<String>),
    Key(Box<SigningKey>),
    /// A public client: PKCE alone binds the code to us.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Par {
    Auto,
    Never,
    Require,
}

impl OidcConfig {
    pub fn parse(settings: &Settings) -> Result<Self, String> {
        parse_settings::<IgnoredAny>(FIELDS, settings)?;
        let read = OidcSettingsReader(settings);
        let config = Self {
            issuer: read.issuer()?,
            client_id: read.text("client_id")?.ok_or("\"client_id\": is empty")?,
            client: read.client()?,
            scopes: read.scopes()?,
            algorithms: read.algorithms()?,
            acr_values: read.words("acr_values")?,
            require_acr: read.flag("require_acr", false)?,
            prompt: read.prompt()?,
            max_age: read.seconds("max_age", 0..=31_536_000)?,
            strong_acr: read.words("strong_acr")?.into_iter().collect(),
            strong_amr: read.words("strong_amr")?.into_iter().collect(),
            userinfo: read.flag("userinfo", true)?,
            clock_skew: read
                .seconds("clock_skew_seconds", 0..=300)?
                .unwrap_or(Duration::from_secs(30)),
            par: read.choice(
                "use_par",
                &[
                    ("auto", Par::Auto),
                    ("never", Par::Never),
                    ("require", Par::Require),
                ],
            )?,
            is_iss_required: read
                .choice("iss_parameter", &[("advertised", false), ("require", true)])?,
            other_audiences: read.words("other_audiences")?.into_iter().collect(),
            login_hint: read.flag("login_hint", true)?,
            logout: read.flag("logout", true)?,
        };
        if config.require_acr && config.acr_values.is_empty() {
            return Err("the setting \"require_acr\": needs acr_values".to_owned());
        }
        Ok(config)
    }
}

/// Reads one setting at a time, so that an error names its setting.
struct OidcSettingsReader<'a>(&'a Settings);

impl OidcSettingsReader<'_> {
    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        let value = self.0.get(name).cloned().map(serde_json::from_value);
        value
            .transpose()
            .map_err(|error| format!("the setting \"{name}\": {error}"))
    }

    /// Text that is not blank.
    fn text(&self, name: &str) -> Result<Option<String>, String> {
        let text = self.read::<String>(name)?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// As text, but a wrong value is not quoted.
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(serde_json::Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(Zeroizing::new(text.clone()))),
            Some(_) => Err(format!("the setting \"{name}\": must be text")),
        }
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, String> {
        Ok(self.read(name)?.unwrap_or(default))
    }

    /// A list of words, which are sent separated by blanks.
    fn words(&self, name: &str) -> Result<Vec<String>, String> {
        let words: Vec<String> = self.read(name)?.unwrap_or_default();
        let is_word = |word: &String| {
            !word.is_empty() && !word.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        match words.iter().find(|word| !is_word(word)) {
            Some(word) => Err(format!(
                "the setting \"{name}\": \"{word}\" is not one word"
            )),
            None => Ok(words),
        }
    }

    fn seconds(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<Duration>, String> {
        let Some(seconds) = self.read::<u64>(name)? else {
            return Ok(None);
        };
        if !range.contains(&seconds) {
            let (low, high) = (range.start(), range.end());
            return Err(format!(
                "the setting \"{name}\": must be from {low} to {high} seconds"
            ));
        }
        Ok(Some(Duration::from_secs(seconds)))
    }

    /// One of several words; the first is the default.
    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, String> {
        let word = self.text(name)?;
        let found = match &word {
            None => choices.first(),
            Some(word) => choices.iter().find(|(known, _)| known == word),
        };
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
            format!("the setting \"{name}\": is one of {}", known.join(", "))
        })
    }

    /// Discovery 1.0 section 3: https, no query, no fragment.
    fn issuer(&self) -> Result<String, String> {
        let text = self.text("issuer")?.unwrap_or_default();
        let wrong = |why: &str| format!("the setting \"issuer\": {why}");
        let url = web_address(&text).map_err(|why| wrong(&why))?;
        if url.query().is_some() {
            return Err(wrong("must have no query"));
        }
        Ok(text)
    }

    fn client(&self) -> Result<UpstreamClientAuth, String> {
        let secret = self.secret("client_secret")?;
        let key = self.secret("client_key")?;
        let method = self.text("client_auth")?;
        let needs = |name: &str, method: &str| {
            format!("the setting \"{name}\": is missing; {method} needs it")
        };
        match method.as_deref() {
            None | Some("client_secret_basic") => secret
                .map(UpstreamClientAuth::Basic)
                .ok_or_else(|| needs("client_secret", "client_secret_basic")),
            Some("client_secret_post") => secret
                .map(UpstreamClientAuth::Post)
                .ok_or_else(|| needs("client_secret", "client_secret_post")),
            Some("private_key_jwt") => {
                let pem = key.ok_or_else(|| needs("client_key", "private_key_jwt"))?;
                let key = signing_key(&pem)
                    .map_err(|why| format!("the setting \"client_key\": {why}"))?;
                Ok(UpstreamClientAuth::Key(Box::new(key)))
            }
            Some("none") => Ok(UpstreamClientAuth::None),
            Some(_) => Err(
                "the setting \"client_auth\": is one of client_secret_basic, \
                 client_secret_post, private_key_jwt, none"
                    .to_owned(),
            ),
        }
    }

    fn scopes(&self) -> Result<Vec<String>, String> {
        let mut scopes = self.words("scopes")?;
        if scopes.is_empty() {
            scopes = ["openid", "profile", "email"].map(str::to_owned).into();
        }
        if !scopes.iter().any(|scope| scope == "openid") {
            return Err("the setting \"scopes\": must contain openid".to_owned());
        }
        Ok(scopes)
    }

    /// Signatures that only the provider can make. A shared secret (HS256) proves nothing that we
    /// could not have made ourselves, and a public key used as one proves nothing at all.
    fn algorithms(&self) -> Result<Vec<Alg>, String> {
        let mut words = self.words("algorithms")?;
        if words.is_empty() {
            words = ["RS256", "ES256", "PS256"].map(str::to_owned).into();
        }
        let known = |word: &String| ALGORITHMS.iter().find(|(name, _)| name == word);
        words
            .iter()
            .map(|word| {
                known(word).map(|(_, alg)| alg.clone()).ok_or_else(|| {
                    let names: Vec<&str> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
                    format!(
                        "the setting \"algorithms\": \"{word}\" is not one of {}",
                        names.join(", ")
                    )
                })
            })
            .collect()
    }

    fn prompt(&self) -> Result<Vec<CoreAuthPrompt>, String> {
        let text = self.text("prompt")?.unwrap_or_default();
        let prompts = text.split_whitespace().map(|word| match word {
            "login" => Ok(CoreAuthPrompt::Login),
            "consent" => Ok(CoreAuthPrompt::Consent),
            "select_account" => Ok(CoreAuthPrompt::SelectAccount),
            _ => Err(
                "the setting \"prompt\": is login, consent, select_account or several of them"
                    .to_owned(),
            ),
        });
        prompts.collect()
    }
}

/// RFC 7518 section 3.1 and RFC 8037, without HMAC and without none.
const ALGORITHMS: &[(&str, Alg)] = &[
    ("RS256", Alg::RsaSsaPkcs1V15Sha256),
    ("RS384", Alg::RsaSsaPkcs1V15Sha384),
    ("RS512", Alg::RsaSsaPkcs1V15Sha512),
    ("PS256", Alg::RsaSsaPssSha256),
    ("PS384", Alg::RsaSsaPssSha384),
    ("PS512", Alg::RsaSsaPssSha512),
    ("ES256", Alg::EcdsaP256Sha256),
    ("ES384", Alg::EcdsaP384Sha384),
    ("EdDSA", Alg::EdDsa),
];

/// From PEM (RFC 7468 section 10).
fn signing_key(pem: &str) -> Result<SigningKey, String> {
    const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
    const END: &str = "-----END PRIVATE KEY-----";
    let not_pem = "is not a private key in PEM: it begins with -----BEGIN PRIVATE KEY-----";
    let inside = pem
        .split_once(BEGIN)
        .and_then(|(_, rest)| rest.split_once(END))
        .ok_or(not_pem)?;
    let text: Zeroizing<String> =
        Zeroizing::new(inside.0.chars().filter(|c| !c.is_whitespace()).collect());
    let der = STANDARD.decode(text.as_bytes()).map_err(|_| not_pem)?;
    let der = Zeroizing::new(der);
    Algorithm::ALL
        .into_iter()
        .find_map(|algorithm| SigningKey::from_pkcs8(algorithm, &der).ok())
        .ok_or_else(|| "is neither a P-256 key nor an RSA key of 2048 bits or more".to_owned())
}
