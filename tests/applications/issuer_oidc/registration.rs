//! Registration by token (RFC 7591, OpenID Connect Dynamic Registration 1.0): who may register, and
//! what the clients may do.

mod manage;
mod metadata;
mod refused;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use usher::{id::RegistrationTokenId, queue};

use super::refresh::all_at_once;
use support::{
    browser::Browser,
    draft::Draft,
    relying_party::{Ask, access_token, form, userinfo},
    remote::{self, json as read, token_with},
    server::{PORTAL, TestServer},
};

pub const CALLBACK: &str = "https://notes.test/callback";

/// A token for so many clients, good for a day.
pub async fn initial(usher: &TestServer, uses: u32) -> String {
    let made = usher.app.issuer.registration().make_token("", uses, 24);
    made.await.expect("a token").1.as_str().to_owned()
}

/// What an ordinary web application says of itself.
pub fn notes() -> Value {
    json!({ "redirect_uris": [CALLBACK], "client_name": "Notes" })
}

/// The same with some members of its own.
pub fn notes_with(more: Value) -> Value {
    let mut all = notes();
    let more = more.as_object().expect("members").clone();
    all.as_object_mut().expect("members").extend(more);
    all
}

pub async fn register(usher: &TestServer, token: &str, body: &Value) -> (u16, Value) {
    send(usher, "POST", "/oidc/register", token, Some(body)).await
}

/// One that registered with a token of its own.
pub async fn registered(usher: &TestServer, more: Value) -> Value {
    let token = initial(usher, 1).await;
    let (status, client) = register(usher, &token, &notes_with(more)).await;
    assert_eq!(status, 201, "{client}");
    client
}

pub async fn send(
    usher: &TestServer,
    method: &str,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = match body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    read(usher, request.body(body).expect("a request")).await
}

pub fn text<'a>(client: &'a Value, member: &str) -> &'a str {
    let found = client[member].as_str();
    found.unwrap_or_else(|| panic!("no {member}: {client}"))
}

/// An authorization request of a registered client.
pub fn ask(client: &Value) -> Ask {
    Ask::of(text(client, "client_id"))
        .with("redirect_uri", CALLBACK)
        .with("scope", "openid email")
}

/// The user agrees, and the client has a code.
pub async fn code_after_consent(browser: &mut Browser<'_>, ask: &Ask) -> String {
    browser.stays = true;
    let page = browser.get(&ask.path()).await;
    assert!(
        page.says("Your response is sent to notes.test."),
        "{}",
        page.text()
    );
    let page = browser.press(&page, "answer", "yes").await;
    browser.stays = false;
    let mut away = page.away();
    away.remove("code")
        .unwrap_or_else(|| panic!("no code: {away:?}"))
}

pub async fn redeem(usher: &TestServer, client: &Value, code: &str) -> (u16, Value) {
    let (id, secret) = (text(client, "client_id"), text(client, "client_secret"));
    token_with(usher, id, secret, &form(code, CALLBACK)).await
}

/// Tokens of a user's who agrees.
pub async fn tokens(
    usher: &TestServer,
    browser: &mut Browser<'_>,
    client: &Value,
    ask: &Ask,
) -> Value {
    let code = code_after_consent(browser, ask).await;
    let (status, tokens) = redeem(usher, client, &code).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

fn refused(answer: &(u16, Value), at: &str) {
    let (status, body) = answer;
    assert_eq!(
        (*status, &body["error"]),
        (401, &json!("invalid_token")),
        "{at}: {body}"
    );
}

async fn clients(usher: &TestServer) -> Vec<String> {
    let sql = "select id from clients where owner = 'registration'";
    usher.column(sql).await
}

#[tokio::test]
async fn a_client_with_a_token_registers_and_signs_in_users_who_consent() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let id = text(&client, "client_id");
    assert!(id.starts_with("dyn-"), "{id}");
    let ana = &mut Browser::of(&usher, "ana").await;
    let given = tokens(&usher, ana, &client, &ask(&client)).await;
    let claims = remote::verify(&usher, id, &given).await;
    assert_eq!(claims["email"], "ana@example.org");
    assert!(
        claims.get("urn:usher:launch").is_none(),
        "it belongs to no service"
    );
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 200);
    assert_eq!(usher.events_named("client.registered").await, 1);
    assert_eq!(usher.events_named("registration_token.created").await, 1);
}

#[tokio::test]
async fn no_client_registers_without_a_valid_token() {
    let usher = TestServer::open().await;
    let registration = usher.app.issuer.registration();
    let make = async |uses, hours| registration.make_token("x", uses, hours).await;
    let (used, secret) = make(1, 1).await.expect("a token");
    let used_up = secret.as_str().to_owned();
    assert_eq!(register(&usher, &used_up, &notes()).await.0, 201);
    refused(&register(&usher, &used_up, &notes()).await, "used up");
    let (revoked, secret) = make(5, 1).await.expect("a token");
    assert!(registration.revoke_token(&revoked.id).await.expect("done"));
    assert!(!registration.revoke_token(&revoked.id).await.expect("done"));
    refused(
        &register(&usher, secret.as_str(), &notes()).await,
        "revoked",
    );
    let (_, secret) = make(5, 1).await.expect("a token");
    usher.advance(Duration::from_secs(3599));
    assert_eq!(register(&usher, secret.as_str(), &notes()).await.0, 201);
    usher.advance(Duration::from_secs(1));
    refused(
        &register(&usher, secret.as_str(), &notes()).await,
        "expired",
    );
    for nobody in ["", "x", "ia_x", used.id.as_str(), &used_up[1..]] {
        refused(&register(&usher, nobody, &notes()).await, nobody);
    }
    assert_eq!(clients(&usher).await.len(), 2);
    for (uses, hours) in [(0, 1), (1, 0), (1, 1_000_000)] {
        assert!(make(uses, hours).await.is_err(), "{uses} {hours}");
    }
    let unknown = RegistrationTokenId::stored("rtk_x".to_owned());
    assert!(!registration.revoke_token(&unknown).await.expect("done"));
    let kept = registration.tokens().await.expect("a list");
    let now = usher.clock.now();
    let mut states: Vec<_> = kept
        .iter()
        .map(|one| (one.spent(now), one.used, one.uses))
        .collect();
    states.sort_unstable();
    let expected = [
        (Some("expired"), 1, 5),
        (Some("expired"), 1, 1),
        (Some("revoked"), 0, 5),
    ];
    assert!(
        expected.iter().all(|one| states.contains(one)),
        "{states:?}"
    );
}

/// Only a header, only this scheme, and a challenge that says so (RFC 6750 section 3).
#[tokio::test]
async fn a_token_in_another_place_is_none() {
    let usher = TestServer::open().await;
    let token = initial(&usher, 1).await;
    let encoded = format!("Basic {token}");
    let twice = format!("Bearer {token} {token}");
    for (authorization, told) in [
        (None, "Bearer realm=\"usher\""),
        (
            Some(token.as_str()),
            "Bearer realm=\"usher\", error=\"invalid_token\"",
        ),
        (
            Some(&encoded),
            "Bearer realm=\"usher\", error=\"invalid_token\"",
        ),
        (
            Some(&twice),
            "Bearer realm=\"usher\", error=\"invalid_token\"",
        ),
    ] {
        let path = format!("/oidc/register?access_token={token}");
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = notes_with(json!({ "access_token": token })).to_string();
        let request = request.body(Body::from(body)).expect("a request");
        let (status, headers, _) = usher.ask(request).await;
        assert_eq!(status, 401, "{authorization:?}");
        assert_eq!(headers["www-authenticate"], told);
        assert_eq!(headers["cache-control"], "no-store");
    }
    assert_eq!(register(&usher, &token, &notes()).await.0, 201);
}

#[tokio::test]
async fn of_fifty_registrations_with_one_use_one_succeeds() {
    let usher = TestServer::open().await;
    let token = initial(&usher, 1).await;
    let tries = (0..50).map(|_| {
        let (usher, token) = (&usher, &token);
        async move { register(usher, token, &notes()).await }
    });
    let answers = all_at_once(tries).await;
    let made: Vec<_> = answers.iter().filter(|(code, _)| *code == 201).collect();
    assert_eq!(made.len(), 1);
    for answer in answers.iter().filter(|(code, _)| *code != 201) {
        refused(answer, "too late");
    }
    assert_eq!(clients(&usher).await, [text(&made[0].1, "client_id")]);
    assert_eq!(usher.events_named("client.registered").await, 1);
}

#[tokio::test]
async fn a_token_registers_as_many_as_it_says_and_each_is_another() {
    let usher = TestServer::open().await;
    let token = initial(&usher, 3).await;
    let tries = (0..20).map(|_| {
        let (usher, token) = (&usher, &token);
        async move { register(usher, token, &notes()).await }
    });
    let answers = all_at_once(tries).await;
    let mut made: Vec<_> = answers
        .into_iter()
        .filter(|(code, _)| *code == 201)
        .collect();
    assert_eq!(made.len(), 3);
    for member in ["client_id", "client_secret", "registration_access_token"] {
        let mut values: Vec<_> = made.iter().map(|(_, one)| text(one, member)).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 3, "{member}");
    }
    // All three are known here at once, however their transactions overtook each other.
    while let Some((_, client)) = made.pop() {
        let form = [("grant_type", "none")];
        let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
        let (status, _) = token_with(&usher, id, secret, &form).await;
        assert_eq!(status, 400, "it has proved who it is");
    }
}

#[tokio::test]
async fn a_seed_leaves_registered_clients_alone_and_takes_no_id_of_theirs() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let id = text(&client, "client_id").to_owned();
    let ana = &mut Browser::of(&usher, "ana").await;
    let given = tokens(&usher, ana, &client, &ask(&client)).await;
    usher
        .change(|draft| draft.instance("crm-eu").title = "CRM of Europe".into())
        .await;
    assert_eq!(clients(&usher).await, std::slice::from_ref(&id));
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 200);
    for stolen in [id.as_str(), "dyn-mine"] {
        let draft = Draft::changed(|draft| draft.client("desk-us").id = stolen.into());
        let error = usher.app.seed(&draft.toml()).await;
        let said = error.expect_err("refused").to_string();
        assert!(
            said.contains("are given to clients that register"),
            "{said}"
        );
    }
    assert_eq!(clients(&usher).await, [id]);
}

#[tokio::test]
async fn other_replicas_know_of_it() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let client = registered(&usher, json!({})).await;
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    queue::round(&replica.app).await.expect("a round");
    let knows = async || {
        let form = [("grant_type", "none")];
        token_with(&replica, id, secret, &form).await.0 == 400
    };
    assert!(knows().await);
    let (token, path) = (text(&client, "registration_access_token"), path(&client));
    assert_eq!(send(&usher, "DELETE", &path, token, None).await.0, 204);
    queue::round(&replica.app).await.expect("a round");
    assert!(!knows().await);
}

/// Where a client is managed, under the portal.
pub fn path(client: &Value) -> String {
    let uri = text(client, "registration_client_uri");
    uri.strip_prefix(PORTAL).expect("ours").to_owned()
}
