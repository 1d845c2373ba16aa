//! Launches of a signed-in user, end to end: the link, the application's requests, and the id_token
//! that names the record.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use url::form_urlencoded::{Serializer, parse};
use usher::{
    id::sha256,
    protocol::{
        jose::{Algorithm, JwkSet, kind, verify},
        oauth::LAUNCH_CODE_GRANT,
    },
};

use super::Stage;
use crate::{
    Result,
    catalogue::{self, Application},
    http::find,
    load::Work,
    measure::Measured,
    visit::Visitor,
};

/// Every so many tokens, one is verified; the claims of all are looked at.
const SAMPLE: u64 = 64;

/// Third-party-initiated login: `/go`, `/oidc/authorize`, `/oidc/token`.
pub async fn oidc(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let works = remotes(stage, application).await?;
    stage.run(works.into_iter().map(Oidc).collect()).await
}

/// Usher's own code: `/go`, then `/oidc/token`.
pub async fn by_code(stage: &Stage<'_>) -> Result<Measured> {
    let works = remotes(stage, catalogue::DESK).await?;
    stage.run(works.into_iter().map(ByCode).collect()).await
}

/// A user's browser, and the application they launch.
pub struct Remote {
    pub visitor: Visitor,
    application: Application,
    pub authorization: String,
    pub redirect_uri: String,
    keys: JwkSet,
    /// Different for every launch of every browser.
    pub number: u64,
}

struct Oidc(Remote);
struct ByCode(Remote);

pub async fn remotes(stage: &Stage<'_>, application: Application) -> Result<Vec<Remote>> {
    let mut remotes = Vec::new();
    for (place, mut visitor) in (1_u64..).zip(stage.visitors().await?) {
        let keys = visitor.get("/oidc/jwks").await?.expect(200, "key set")?;
        let keys = serde_json::from_slice(keys.body).map_err(|error| error.to_string())?;
        let credentials = Serializer::new(String::new())
            .append_pair(application.slug, catalogue::SECRET)
            .finish();
        remotes.push(Remote {
            visitor,
            application,
            authorization: STANDARD.encode(credentials.replacen('=', ":", 1)),
            redirect_uri: application.redirect_uri(),
            keys,
            number: place << 32,
        });
    }
    Ok(remotes)
}

impl Work for Oidc {
    async fn once(&mut self) -> Result<()> {
        let remote = &mut self.0;
        remote.number += 1;
        let hint = remote.go().await?;
        let code = remote.authorize(&hint, "openid profile email").await?;
        let redirect_uri = remote.redirect_uri.clone();
        let verifier = remote.secret("verifier");
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", &code)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("code_verifier", &verifier)
            .finish();
        let nonce = remote.secret("nonce");
        remote.redeem(&form, &nonce).await
    }
}

impl Work for ByCode {
    async fn once(&mut self) -> Result<()> {
        let remote = &mut self.0;
        remote.number += 1;
        let code = remote.handed_code().await?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", LAUNCH_CODE_GRANT)
            .append_pair("code", &code)
            .finish();
        remote.redeem(&form, "").await
    }
}

impl Remote {
    /// A record of four digits.
    pub fn key(&self) -> String {
        format!("C-{}", 1000 + self.number % 9000)
    }

    /// Unguessable it need not be, but long, and never the same twice.
    pub fn secret(&self, name: &str) -> String {
        format!("{name:-<30}{:020}", self.number)
    }

    pub fn link(&self) -> String {
        format!("/go/{}/customer/{}", self.application.slug, self.key())
    }

    /// The link; the application's sign-in is asked for, with an opaque hint.
    pub async fn go(&mut self) -> Result<String> {
        let (link, key) = (self.link(), self.key());
        let answer = self.visitor.get(&link).await?.expect(303, "the link")?;
        let location = answer.location()?;
        let target = parameter(location, "target_link_uri")?;
        if !target.ends_with(&key) {
            return Err(format!("the launch of {key} leads to {target}"));
        }
        parameter(location, "login_hint")
    }

    /// The application's ordinary request; a code comes back, with its state.
    pub async fn authorize(&mut self, hint: &str, scope: &str) -> Result<String> {
        let state = self.secret("state");
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", self.application.slug)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", scope)
            .append_pair("state", &state)
            .append_pair("nonce", &self.secret("nonce"))
            .append_pair("code_challenge", &sha256(&self.secret("verifier")))
            .append_pair("code_challenge_method", "S256")
            .append_pair("login_hint", hint)
            .finish();
        let answer = self
            .visitor
            .get(&format!("/oidc/authorize?{query}"))
            .await?;
        let location = answer.expect(303, "authorize")?.location()?;
        if !location.starts_with(&self.redirect_uri) || parameter(location, "state")? != state {
            return Err(format!("authorize leads to {location}"));
        }
        parameter(location, "code")
    }

    /// The page whose form carries the code.
    async fn handed_code(&mut self) -> Result<String> {
        let link = self.link();
        let answer = self.visitor.get(&link).await?.expect(200, "the link")?;
        let before: &[u8] = b"name=\"code\" value=\"";
        let body = answer.body;
        let rest = find(body, before).map(|at| &body[at + before.len()..]);
        let code = rest.and_then(|rest| Some(&rest[..find(rest, b"\"")?]));
        let code = code.ok_or("the page hands no code over")?;
        String::from_utf8(code.to_vec()).map_err(|error| error.to_string())
    }

    /// Tokens for a code. The claims must name the record, and the nonce if there is one.
    pub async fn redeem(&mut self, form: &str, nonce: &str) -> Result<()> {
        #[derive(Deserialize)]
        struct Tokens<'a> {
            id_token: &'a str,
        }
        let key = self.key();
        let answer = self.visitor.token(&self.authorization, form).await?;
        let answer = answer.expect(200, "token")?;
        let tokens: Tokens = serde_json::from_slice(answer.body)
            .map_err(|error| format!("token: {error}: {:?}", answer.text()))?;
        let payload = tokens.id_token.split('.').nth(1).unwrap_or_default();
        let claims = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        let claims = String::from_utf8_lossy(&claims);
        let complete = [r#""urn:usher:launch""#, &format!(":\"{key}\""), nonce];
        if !complete.iter().all(|part| claims.contains(part)) {
            return Err(format!(
                "an id_token without launch, record or nonce: {claims}"
            ));
        }
        if self.number.is_multiple_of(SAMPLE) {
            let wanted = Algorithm::parse(self.application.algorithm);
            let wanted = wanted.ok_or("an unknown algorithm")?;
            verify(tokens.id_token, &self.keys, &[wanted], &kind::ID_TOKEN)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// A parameter of an address.
pub fn parameter(address: &str, name: &str) -> Result<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    parse(query.as_bytes())
        .find_map(|(known, value)| (known == name).then(|| value.into_owned()))
        .ok_or_else(|| format!("no {name} in {address}"))
}
