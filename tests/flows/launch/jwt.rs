//! The hand-off by a token in its application's format: each profile's shape, who can read it,
//! where it goes, and where its secret is stored.

mod peer;
mod sealed;
mod setting;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use url::Url;
use usher::model::context::Sensitivity;

use support::{
    browser::{Browser, Page},
    draft::{Draft, settings},
    relying_party::field,
    remote,
    server::{PORTAL, TestServer},
    shared_secret::{opened, pairs},
};

pub const SECRET: &str = "a-secret-of-thirty-two-bytes-or-more";
pub const RECORD: &str = "/go/app/board/42?tab=new";

/// One application at `https://app.test`, whose records are boards with numbers.
const APP: &str = r#"
[[context_type]]
slug = "board"
title = "Board"
pattern = "[0-9A-Za-z' =]+"
hint = "a number"
system = "urn:boards"

[[context_type.field]]
name = "tab"
title = "Tab"
pattern = "[a-z]{1,10}"

[[service]]
slug = "app"
title = "App"
handoff = "jwt"

[[service.instance]]
slug = "app-all"
title = "App"
base_url = "https://app.test"

[[service.rule]]
title = "Everybody"
instances = ["app-all"]

[[service.link]]
type = "board"
intents = { view = "/boards/{key}{?tab}" }
"#;

/// The tests' catalogue with the application, whose instance has these settings.
pub fn seed(values: Value) -> Draft {
    let mut draft = Draft::sample().plus(APP);
    // The organisation is trusted for its users' addresses.
    draft.provider("local").scopes = Some(vec!["example.org".into()]);
    draft.instance("app-all").settings = settings(values);
    draft
}

/// The same with another link to the records.
pub fn linked(values: Value, link: &str) -> Draft {
    let mut draft = seed(values);
    draft.target("app", "board", "view").template = link.into();
    draft
}

pub async fn usher(values: Value) -> TestServer {
    TestServer::with(&seed(values)).await
}

/// Settings with the shared secret, and more.
pub fn shared(profile: &str, more: Value) -> Value {
    let mut values = settings(more);
    values.insert("profile".into(), profile.into());
    values.insert("secret".into(), SECRET.into());
    values.into()
}

/// Ana follows the link to the record; returns the page by which she leaves.
pub async fn land(usher: &TestServer) -> Page {
    let mut ana = Browser::of(usher, "ana").await;
    let page = ana.peek(RECORD).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    page
}

/// The address that the browser is sent to.
pub fn to(page: &Page) -> Url {
    assert_eq!(page.status, 303, "{}", page.text());
    Url::parse(page.location()).expect("an address")
}

/// There is no redirect; the error is for the admin, and in the log.
pub async fn stays(usher: &TestServer, page: &Page) {
    assert_eq!(page.status, 500, "{}", page.text());
    assert!(!page.headers.contains_key("location"));
    assert!(!page.body.contains("app.test") && !page.body.contains("eyJ"));
    let reasons = "select distinct reason from launches where reason is not null";
    assert_eq!(usher.column(reasons).await, ["misconfigured"]);
}

/// The keys we publish.
pub async fn published(usher: &TestServer) -> Value {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    remote::json(usher, request.expect("a request")).await.1
}

#[tokio::test]
async fn zendesk_gets_a_form_with_the_token_and_the_records_address() {
    let claims = json!({ "organization": "{attribute(department)?}", "tags": "{groups}",
        "phone": "{attribute(phone)?}" });
    let usher = usher(shared("zendesk", json!({ "claims": claims }))).await;
    let page = land(&usher).await;
    let action = page.all_actions();
    assert!(
        action.iter().any(|to| to == "https://app.test/access/jwt"),
        "{action:?}"
    );
    assert_eq!(
        field(&page, "return_to"),
        "https://app.test/boards/42?tab=new"
    );
    let (header, claims) = opened(&field(&page, "jwt"), SECRET);
    assert_eq!(header, json!({ "alg": "HS256", "typ": "JWT" }));
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iat", json!(now)),
        ("name", json!("Ana Almeida")),
        ("email", json!("ana@example.org")),
        ("organization", json!("sales")),
        ("tags", json!(["sales", "staff"])),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(
        claims.get("phone").is_none(),
        "not known, and may be missing"
    );
    let again = land(&usher).await;
    let (_, again) = opened(&field(&again, "jwt"), SECRET);
    assert_ne!(again["jti"], claims["jti"]);
    assert_eq!(again["external_id"], claims["external_id"]);
    assert!(
        !claims["external_id"]
            .as_str()
            .expect("text")
            .starts_with("usr_"),
        "pairwise"
    );
}

#[tokio::test]
async fn metabase_gets_the_token_and_a_relative_address() {
    let usher = usher(shared("metabase", json!({}))).await;
    let url = to(&land(&usher).await);
    assert_eq!(url.path(), "/auth/sso");
    let sent = pairs(url.query().expect("a query"));
    assert_eq!(sent["return_to"], "/boards/42?tab=new");
    let (_, claims) = opened(&sent["jwt"], SECRET);
    let now = usher.clock.now().secs();
    let told = json!({ "email": "ana@example.org", "first_name": "Ana", "last_name": "Almeida",
        "groups": ["sales", "staff"], "exp": now + 60 });
    assert_eq!(claims, told);
}

#[tokio::test]
async fn metabase_embeds_the_dashboard_of_the_records_number() {
    let usher = usher(shared("metabase-embed", json!({}))).await;
    let url = to(&land(&usher).await);
    let token = url.path().strip_prefix("/embed/dashboard/").expect("there");
    let (_, claims) = opened(token, SECRET);
    let exp = usher.clock.now().secs() + 600;
    let told = json!({ "resource": { "dashboard": 42 }, "params": { "tab": "new" }, "exp": exp });
    assert_eq!(claims, told);

    // A question instead, which the admin must answer.
    let more = json!({ "address": "/embed/question/",
        "claims": { "resource": { "question": "{number(key)}" } } });
    usher
        .seed(&linked(shared("metabase-embed", more), "/q/{key}"))
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let url = to(&ana.peek("/go/app/board/7").await);
    let token = url.path().strip_prefix("/embed/question/").expect("there");
    assert_eq!(
        opened(token, SECRET).1["resource"],
        json!({ "question": 7 })
    );
    let page = ana.peek("/go/app/board/x7").await;
    stays(&usher, &page).await;
}

#[tokio::test]
async fn superset_gets_a_guest_token_by_form() {
    let more = json!({ "address": "https://intranet.test/boards",
        "claims": { "rls_rules": [{ "clause": "board_id = {key}" }] } });
    let usher = usher(shared("superset", more)).await;
    let page = land(&usher).await;
    let action = page.all_actions();
    assert!(
        action.iter().any(|to| to == "https://intranet.test/boards"),
        "{action:?}"
    );
    let (_, claims) = opened(&field(&page, "guest_token"), SECRET);
    let now = usher.clock.now().secs();
    let told = json!({
        "user": { "username": "ana", "first_name": "Ana", "last_name": "Almeida" },
        "resources": [{ "type": "dashboard", "id": "42" }],
        "rls_rules": [{ "clause": "board_id = 42" }],
        "iat": now, "exp": now + 300, "aud": "https://app.test", "type": "guest",
    });
    assert_eq!(claims, told);
}

/// A key may not inject syntax into a rule of another language.
#[tokio::test]
async fn a_key_never_breaks_out_of_a_row_level_rule() {
    let more = json!({ "address": "/b",
        "claims": { "rls_rules": [{ "clause": "board_id = '{key}'" }] } });
    let usher = usher(shared("superset", more)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    for key in ["42'", "1 or 1=1", "1' or 'a'='a"] {
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let page = ana
            .peek(&format!("/go/app/board/{}", key.replace('+', "%20")))
            .await;
        stays(&usher, &page).await;
    }
}

#[tokio::test]
async fn grafana_gets_our_own_signature_in_the_records_address() {
    let usher = usher(json!({ "profile": "grafana", "claims": { "sub": "{login}" } })).await;
    let url = to(&land(&usher).await);
    let sent = pairs(url.query().expect("a query"));
    assert_eq!((url.path(), sent["tab"].as_str()), ("/boards/42", "new"));
    let keys = serde_json::from_value(published(&usher).await).expect("keys");
    let algorithms = usher::protocol::jose::Algorithm::ALL;
    // It is not accepted as anything else.
    let kind = support::remote::typed(&["usher-handoff+jwt"]);
    let token = usher::protocol::jose::verify(&sent["auth_token"], &keys, &algorithms, &kind);
    let token = token.expect("our signature");
    let claims: Value = token.claims().expect("claims");
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iss", json!(PORTAL)),
        ("aud", json!("https://app.test")),
        ("sub", json!("ana")),
        ("email", json!("ana@example.org")),
        ("iat", json!(now)),
        ("exp", json!(now + 600)),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
}

/// THREATS: kind confusion.
#[tokio::test]
async fn a_token_with_our_own_signature_opens_nothing_of_ours() {
    let usher = usher(json!({ "profile": "grafana", "alg": "RS256" })).await;
    let sent = pairs(to(&land(&usher).await).query().expect("a query"));
    let token = &sent["auth_token"];
    let told = support::relying_party::userinfo(&usher, token).await;
    assert_eq!(told.0, 401);
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = support::relying_party::Ask::of("crm-eu").with("prompt", "none");
    let page = ana.peek(&ask.with("id_token_hint", token).path()).await;
    assert!(!page.sent().contains_key("code"), "{}", page.location());
    ana.peek(&format!("/oidc/end-session?id_token_hint={token}"))
        .await;
    assert!(ana.session().await.is_some());
}

#[tokio::test]
async fn looker_gets_a_signed_address() {
    let claims = json!({ "permissions": ["see_user_dashboards", "access_data"],
        "models": ["sales"], "group_ids": [4, 2] });
    let settings = shared("looker", json!({ "claims": claims }));
    let usher = TestServer::with(&linked(settings, "/embed/dashboards/{key}{?tab}")).await;
    let url = to(&land(&usher).await);
    let path = "/login/embed/%2Fembed%2Fdashboards%2F42%3Ftab%3Dnew";
    assert_eq!(url.path(), path);
    let sent = pairs(url.query().expect("a query"));
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("time", now.to_string().as_str()),
        ("session_length", "3600"),
        ("permissions", "[\"see_user_dashboards\",\"access_data\"]"),
        ("models", "[\"sales\"]"),
        ("group_ids", "[4,2]"),
        ("access_filters", "{}"),
        ("first_name", "\"Ana\""),
        ("force_logout_login", "true"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    assert!(sent["external_user_id"].starts_with('"') && sent["nonce"].starts_with('"'));
}

#[tokio::test]
async fn a_custom_one_says_what_the_admin_writes() {
    let more = json!({
        "address": "/in", "way": "query", "field": "t", "also": { "next": "{path}" },
        "life": 30, "subject": "id",
        "claims": {
            "who": "{subject}", "from": "{issuer}", "what": "{intent}:{type}", "run": "{launch}",
            "at": { "board": "{id(urn:boards)?}", "other": "{id(urn:x)?}", "tab": "{field(tab)}" },
            "fixed": [1, true, "x"],
        },
    });
    let usher = usher(shared("custom", more)).await;
    let url = to(&land(&usher).await);
    assert_eq!(url.path(), "/in");
    let sent = pairs(url.query().expect("a query"));
    assert_eq!(sent["next"], "/boards/42?tab=new");
    let (_, claims) = opened(&sent["t"], SECRET);
    let now = usher.clock.now().secs();
    let launch = usher.column("select id from launches").await;
    for (name, value) in [
        ("iat", json!(now)),
        ("exp", json!(now + 30)),
        ("at", json!({ "board": "42", "tab": "new" })),
        ("from", json!(PORTAL)),
        ("what", json!("view:board")),
        ("run", json!(launch[0])),
        ("fixed", json!([1, true, "x"])),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["who"].as_str().expect("text").starts_with("usr_"));
    assert!(claims["jti"].is_string());
}

/// A user who lacks a required claim is not sent; no incomplete token is.
#[tokio::test]
async fn an_unknown_attribute_gets_no_value() {
    let mut draft = linked(shared("zendesk", json!({})), "/boards/{key}");
    draft.person("ana").attributes.remove("mail");
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/app/board/42").await;
    stays(&usher, &page).await;
    // No record: the front page.
    let settings = shared("metabase-embed", json!({}));
    usher.seed(&linked(settings, "/boards/{key}")).await;
    let page = ana.peek("/go/app").await;
    stays(&usher, &page).await;
}

/// A client that sees an address can read its token.
#[tokio::test]
async fn a_special_record_does_not_travel_in_an_address() {
    for (settings, goes) in [
        (shared("metabase", json!({})), false),
        (shared("metabase-embed", json!({})), false),
        (json!({ "profile": "grafana" }), false),
        (shared("zendesk", json!({})), true),
    ] {
        let mut draft = linked(settings.clone(), "/boards#{key}");
        draft.context_type("board").sensitivity = Sensitivity::Special;
        let usher = TestServer::with(&draft).await;
        let mut ana = Browser::of(&usher, "ana").await;
        let page = ana.peek("/go/app/board/42").await;
        assert_eq!(page.status == 200, goes, "{settings}: {}", page.text());
        assert!(!page.headers.contains_key("location"), "{settings}");
    }
}

#[tokio::test]
async fn a_disabled_service_makes_no_token() {
    let usher = usher(shared("metabase", json!({}))).await;
    let mut ana = Browser::of(&usher, "ana").await;
    to(&ana.peek(RECORD).await);
    let mut closed = seed(shared("metabase", json!({})));
    closed.service("app").disabled = true;
    usher.seed(&closed).await;
    let page = ana.peek(RECORD).await;
    assert!(page.status >= 400 && !page.headers.contains_key("location"));
}
