//! A relying party made by hand: an authorization request in which everything can be spoilt.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use usher::id::sha256;

use super::{
    browser::{Browser, Page},
    remote::{self, json},
    server::{PORTAL, TestServer},
};

/// The code verifier of every request here.
pub const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters~.";
/// What a link to a record of the CRM in Europe looks like.
pub const RECORD: &str = "/go/crm/customer/C-1042";

/// A good authorization request, and ways to spoil it.
#[derive(Clone)]
pub struct Ask(Vec<(String, String)>);

impl Ask {
    pub fn of(client: &str) -> Self {
        Self(Vec::new())
            .with("response_type", "code")
            .with("client_id", client)
            .with("redirect_uri", &callback(client))
            .with("scope", "openid profile email groups")
            .with("state", "the state")
            .with("nonce", "the nonce")
            .with("code_challenge", &sha256(VERIFIER))
            .with("code_challenge_method", "S256")
    }

    /// With this value instead of what it had.
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).also(name, value)
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// With this parameter, whether it is there already or not.
    pub fn also(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn query(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    pub fn path(&self) -> String {
        format!("/oidc/authorize?{}", self.query())
    }
}

pub fn callback(client: &str) -> String {
    format!("https://{client}.test/callback")
}

/// The code that a signed-in browser brings back at once.
pub async fn code(browser: &mut Browser<'_>, ask: &Ask) -> String {
    let page = browser.peek(&ask.path()).await;
    page.sent()
        .remove("code")
        .unwrap_or_else(|| panic!("no code: {}", page.location()))
}

/// The error that a browser brings back; with it come `state` and `iss`.
pub async fn error(browser: &mut Browser<'_>, ask: &Ask) -> String {
    let page = browser.peek(&ask.path()).await;
    let mut sent = match page.status {
        200 => onward(&page).query_pairs().into_owned().collect(),
        _ => page.sent(),
    };
    assert!(!sent.contains_key("code"), "{}", page.location());
    assert_eq!(sent["iss"], PORTAL, "RFC 9207");
    assert_eq!(sent["state"], "the state");
    sent.remove("error").expect("an error")
}

/// Where the page in between leads, before a client that registered itself.
pub fn onward(page: &Page) -> url::Url {
    let (_, rest) = page
        .body
        .split_once("class=\"button main\" href=\"")
        .unwrap_or_else(|| panic!("no way on: {}", page.text()));
    let href = rest.split('"').next().expect("an end");
    let href = href.replace("&#38;", "&").replace("&amp;", "&");
    url::Url::parse(&href).expect("an address")
}

/// What redeems a code.
pub fn form<'a>(code: &'a str, callback: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ]
}

pub async fn redeem(usher: &TestServer, client: &str, code: &str) -> (u16, Value) {
    remote::token(usher, client, &form(code, &callback(client))).await
}

/// The whole flow of a signed-in browser: tokens, and the id_token's claims.
pub async fn tokens(usher: &TestServer, browser: &mut Browser<'_>, ask: &Ask) -> (Value, Value) {
    let code = code(browser, ask).await;
    let client = ask.0.iter().find(|(name, _)| name == "client_id");
    let client = &client.expect("a client").1;
    let (status, tokens) = redeem(usher, client, &code).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = remote::verify(usher, client, &tokens).await;
    (tokens, claims)
}

pub fn access_token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().expect("an access token")
}

/// Requests userinfo with an access token.
pub async fn userinfo(usher: &TestServer, token: &str) -> (u16, Value) {
    let request = Request::get("/oidc/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty());
    json(usher, request.expect("a request")).await
}

/// The handle that a launch sends the browser off with.
pub async fn handle(browser: &mut Browser<'_>, link: &str) -> String {
    let page = browser.peek(link).await;
    page.sent().remove("login_hint").expect("a handle")
}

/// The one-time code that a launch by `code` posts.
pub async fn launch_code(browser: &mut Browser<'_>, link: &str) -> String {
    let page = browser.peek(link).await;
    field(&page, "code")
}

/// The value of a field on an auto-submitting page.
pub fn field(page: &Page, name: &str) -> String {
    let mut fields = page.forms().into_iter().flat_map(|form| form.fields);
    let found = fields.find(|(known, _)| known == name);
    let (_, value) = found.unwrap_or_else(|| panic!("no {name}: {}", page.text()));
    value
}

/// A code is refused, with the one answer for every reason.
pub fn invalid_grant((status, answer): (u16, Value), at: &str) {
    assert_eq!(
        (status, &answer["error"]),
        (400, &Value::from("invalid_grant")),
        "{at}"
    );
}
