//! Back-channel requests of applications: client credentials, refresh tokens, and introspection.
//! One request each, none by a user's browser.

use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{
    Stage,
    launch::{Remote, remotes},
};
use crate::{
    Result,
    catalogue::{Application, RESOURCE},
    load::Work,
    measure::Measured,
};

/// Client credentials for a resource: a signed access token (RFC 9068), and its row.
pub async fn credentials(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let works = remotes(stage, application).await?;
    stage
        .run(works.into_iter().map(Credentials).collect())
        .await
}

/// A code for tokens, by itself: the codes were made before.
pub async fn redemption(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, application).await? {
        let mut codes = Vec::new();
        for _ in 0..stage.plan.stock {
            remote.number += 1;
            let hint = remote.go().await?;
            let code = remote.authorize(&hint, "openid profile email").await?;
            codes.push((remote.number, code));
        }
        works.push(Redemption { remote, codes });
    }
    stage.run_through(works).await
}

/// A refresh token for the next, with an id_token.
pub async fn refresh(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, application).await? {
        let tokens = first(&mut remote).await?;
        let token = text(&tokens, "refresh_token")?;
        works.push(Refresh { remote, token });
    }
    stage.run(works).await
}

/// A signed access token, introspected by its client (RFC 7662).
pub async fn introspection(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, application).await? {
        let tokens = own(&mut remote).await?;
        let form = form(&[("token", &text(&tokens, "access_token")?)]);
        works.push(Introspection { remote, form });
    }
    stage.run(works).await
}

/// Userinfo, by an opaque access token.
pub async fn userinfo(stage: &Stage<'_>, application: Application) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, application).await? {
        let tokens = first(&mut remote).await?;
        let token = text(&tokens, "access_token")?;
        works.push(Userinfo { remote, token });
    }
    stage.run(works).await
}

struct Credentials(Remote);

/// Codes, each with the number of its launch.
struct Redemption {
    remote: Remote,
    codes: Vec<(u64, String)>,
}

struct Refresh {
    remote: Remote,
    token: String,
}

struct Introspection {
    remote: Remote,
    form: String,
}

struct Userinfo {
    remote: Remote,
    token: String,
}

impl Work for Credentials {
    async fn once(&mut self) -> Result<()> {
        let tokens = own(&mut self.0).await?;
        match text(&tokens, "access_token")?.split('.').count() {
            3 => Ok(()),
            _ => Err("an access token that is not signed".to_owned()),
        }
    }
}

impl Work for Redemption {
    async fn once(&mut self) -> Result<()> {
        let (number, code) = self.codes.pop().ok_or("no code is left")?;
        self.remote.number = number;
        let form = redemption_form(&self.remote, &code);
        let nonce = self.remote.secret("nonce");
        self.remote.redeem(&form, &nonce).await
    }
}

impl Work for Refresh {
    async fn once(&mut self) -> Result<()> {
        let form = form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &self.token),
        ]);
        let tokens = ask(&mut self.remote, "/oidc/token", &form).await?;
        text(&tokens, "id_token")?;
        self.token = text(&tokens, "refresh_token")?;
        Ok(())
    }
}

impl Work for Introspection {
    async fn once(&mut self) -> Result<()> {
        let answer = ask(&mut self.remote, "/oidc/introspect", &self.form).await?;
        match answer["active"] == true {
            true => Ok(()),
            false => Err(format!("a token that is not active: {answer}")),
        }
    }
}

impl Work for Userinfo {
    async fn once(&mut self) -> Result<()> {
        let visitor = &mut self.remote.visitor;
        let answer = visitor.bearer("/oidc/userinfo", &self.token).await?;
        let answer = answer.expect(200, "userinfo")?;
        match answer.text()?.contains("\"sub\"") {
            true => Ok(()),
            false => Err("userinfo without a subject".to_owned()),
        }
    }
}

/// Tokens of a user's sign-in at the application, to be refreshed.
async fn first(remote: &mut Remote) -> Result<Value> {
    remote.number += 1;
    let hint = remote.go().await?;
    let code = remote
        .authorize(&hint, "openid profile email offline_access")
        .await?;
    let form = redemption_form(remote, &code);
    ask(remote, "/oidc/token", &form).await
}

/// What redeems the code of the remote's present launch.
fn redemption_form(remote: &Remote, code: &str) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &remote.redirect_uri),
        ("code_verifier", &remote.secret("verifier")),
    ])
}

/// A token in the application's own name.
async fn own(remote: &mut Remote) -> Result<Value> {
    let form = form(&[("grant_type", "client_credentials"), ("resource", RESOURCE)]);
    ask(remote, "/oidc/token", &form).await
}

async fn ask(remote: &mut Remote, path: &str, form: &str) -> Result<Value> {
    let answer = remote.visitor.back(path, &remote.authorization, form);
    let answer = answer.await?.expect(200, path)?;
    serde_json::from_slice(answer.body).map_err(|error| format!("{path}: {error}"))
}

fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn text(tokens: &Value, name: &str) -> Result<String> {
    let text = tokens[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("no {name} in {tokens}"))
}
