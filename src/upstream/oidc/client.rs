//! How we authenticate to a provider as its client: at its token endpoint, and by the same method
//! at the endpoint for pushed requests (RFC 9126 section 2).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use url::form_urlencoded;

use super::settings::{OidcConfig, UpstreamClientAuth};
use crate::{
    chance::Chance,
    clock::Time,
    net::Request,
    protocol::{jose::SigningKey, oauth::JWT_BEARER},
};

/// A proof is used at once.
const ASSERTION_LIFE: Duration = Duration::from_secs(60);

/// The parameters that authenticate us by a signature (RFC 7523 section 2.2); `None` for other
/// methods.
fn assertion(
    config: &OidcConfig,
    chance: &Chance,
    now: Time,
) -> Result<Vec<(&'static str, String)>, String> {
    let UpstreamClientAuth::Key(key) = &config.client else {
        return Ok(Vec::new());
    };
    let assertion = sign(key, config, chance, now)?;
    Ok(vec![
        ("client_assertion_type", JWT_BEARER.to_owned()),
        ("client_assertion", assertion),
    ])
}

/// RFC 7523 section 3. The audience is the issuer alone: an endpoint's address comes from a
/// document, and a proof for one provider must never be one for another.
fn sign(
    key: &SigningKey,
    config: &OidcConfig,
    chance: &Chance,
    now: Time,
) -> Result<String, String> {
    let claims = json!({
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": config.issuer,
        "jti": URL_SAFE_NO_PAD.encode(chance.bytes::<16>()),
        "iat": now.secs(),
        "exp": (now + ASSERTION_LIFE).secs(),
    });
    key.sign(Some("JWT"), &claims)
        .map_err(|error| error.to_string())
}

/// The fields with our client id, where no header has it (RFC 6749 section 4.1.3).
pub fn named(config: &OidcConfig, mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    if !matches!(config.client, UpstreamClientAuth::Basic(_)) {
        fields.push(("client_id".to_owned(), config.client_id.clone()));
    }
    fields
}

/// A form of ours with the proof added.
pub fn prove(
    config: &OidcConfig,
    chance: &Chance,
    now: Time,
    place: &url::Url,
    mut fields: Vec<(String, String)>,
) -> Result<Request, String> {
    let mut add = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
    let mut header = None;
    match &config.client {
        UpstreamClientAuth::Basic(secret) => header = Some(basic(&config.client_id, secret)),
        UpstreamClientAuth::Post(secret) => add("client_secret", secret),
        UpstreamClientAuth::Key(_) => {
            for (name, value) in assertion(config, chance, now)? {
                add(name, &value);
            }
        }
        UpstreamClientAuth::None => {}
    }
    let pairs = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let request = Request::form(place, pairs).with("accept", "application/json");
    Ok(match header {
        Some(value) => request.with("authorization", &value),
        None => request,
    })
}

/// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(pair))
}
