//! The Basic plan.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use crate::issuer_oidc::refresh::{first, portal, refresh, refresh_token};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    relying_party::{
        Ask, VERIFIER, access_token, callback, code, error, invalid_grant, redeem, tokens, userinfo,
    },
    remote,
    server::{PORTAL, TestServer},
};

/// What a user of the tests has, with telephone and address.
async fn usher() -> TestServer {
    let draft = Draft::changed(|draft| {
        for (name, value) in [
            ("phone", "+49 30 1234"),
            ("street", "Lindenstr. 1"),
            ("city", "Berlin"),
            ("given_name", "Ana"),
            ("family_name", "Almeida"),
        ] {
            draft.set_attribute("ana", name, value);
        }
    });
    TestServer::with(&draft).await
}

async fn flow(ask: &Ask) -> (Value, Value) {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (tokens, claims) = tokens(&usher, &mut ana, ask).await;
    let (status, info) = userinfo(&usher, access_token(&tokens)).await;
    assert_eq!(status, 200);
    assert_eq!(info["sub"], claims["sub"], "one user");
    (claims, info)
}

fn of(scope: &str) -> Ask {
    Ask::of("crm-eu").with("scope", scope)
}

fn asks(page: &Page) -> bool {
    page.url.path().starts_with("/sign-in/att_") && page.body.contains("name=\"password\"")
}

/// Claims about users that come only when asked for.
const PERSONAL: [&str; 9] = [
    "name",
    "preferred_username",
    "given_name",
    "family_name",
    "email",
    "phone_number",
    "address",
    "groups",
    "locale",
];

fn releases_only(told: &Value, wanted: &[&str]) {
    for claim in PERSONAL {
        let is_told = told.get(claim).is_some();
        assert_eq!(is_told, wanted.contains(&claim), "{claim}: {told}");
    }
}

#[tokio::test]
async fn oidcc_server() {
    let (claims, _) = flow(&Ask::of("crm-eu")).await;
    assert_eq!(claims["iss"], PORTAL);
    assert_eq!(claims["aud"], "crm-eu");
    assert_eq!(claims["nonce"], "the nonce");
    assert!(claims["at_hash"].is_string());
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu").without("response_type");
    assert_eq!(error(&mut ana, &ask).await, "invalid_request");
}

async fn by(request: axum::http::request::Builder, body: impl Fn(&str) -> Body) {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (tokens, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let token = access_token(&tokens);
    let is_form = request
        .headers_ref()
        .is_some_and(|headers| headers.contains_key(header::CONTENT_TYPE));
    let request = match is_form {
        true => request,
        false => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
    };
    let request = request.body(body(token)).expect("a request");
    let (status, info) = remote::json(&usher, request).await;
    assert_eq!((status, &info["sub"]), (200, &claims["sub"]));
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    by(Request::get("/oidc/userinfo"), |_| Body::empty()).await;
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    by(Request::post("/oidc/userinfo"), |_| Body::empty()).await;
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let request = Request::post("/oidc/userinfo")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    by(request, |token| Body::from(format!("access_token={token}"))).await;
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let (claims, _) = flow(&Ask::of("crm-eu").without("nonce")).await;
    assert!(claims.get("nonce").is_none());
}

#[tokio::test]
async fn oidcc_scope_profile() {
    let (_, info) = flow(&of("openid profile")).await;
    let wanted = ["name", "preferred_username", "given_name", "family_name"];
    releases_only(&info, &wanted);
    assert_eq!(info["given_name"], "Ana");
}

#[tokio::test]
async fn oidcc_scope_email() {
    let (_, info) = flow(&of("openid email")).await;
    releases_only(&info, &["email"]);
}

#[tokio::test]
async fn oidcc_scope_address() {
    let (_, info) = flow(&of("openid address")).await;
    releases_only(&info, &["address"]);
    let address = json!({ "street_address": "Lindenstr. 1", "locality": "Berlin" });
    assert_eq!(info["address"], address);
}

#[tokio::test]
async fn oidcc_scope_phone() {
    let (_, info) = flow(&of("openid phone")).await;
    releases_only(&info, &["phone_number"]);
    assert_eq!(info["phone_number"], "+49 30 1234");
}

#[tokio::test]
async fn oidcc_scope_all() {
    let (_, info) = flow(&of("openid profile email address phone")).await;
    let wanted = [
        "name",
        "preferred_username",
        "given_name",
        "family_name",
        "email",
        "phone_number",
        "address",
    ];
    releases_only(&info, &wanted);
}

#[tokio::test]
async fn oidcc_ensure_other_scope_order_succeeds() {
    let (_, info) = flow(&of("email openid")).await;
    releases_only(&info, &["email"]);
}

#[tokio::test]
async fn oidcc_display_page() {
    flow(&Ask::of("crm-eu").with("display", "page")).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    flow(&Ask::of("crm-eu").with("display", "popup")).await;
}

/// A second sign-in is really one, and later than the first.
#[tokio::test]
async fn oidcc_prompt_login() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let (_, first) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    usher.advance(Duration::from_secs(2));
    let page = ana
        .get(&Ask::of("crm-eu").with("prompt", "login").path())
        .await;
    assert!(asks(&page), "{}", page.text());
    usher.advance(Duration::from_secs(2));
    let back = ana.sign_in(&page, "ana").await.away();
    let (_, given) = redeem(&usher, "crm-eu", &back["code"]).await;
    let second = remote::verify(&usher, "crm-eu", &given).await;
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
    assert_eq!(second["sub"], first["sub"]);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let usher = TestServer::open().await;
    let mut nobody = Browser::new(&usher);
    let ask = Ask::of("crm-eu").with("prompt", "none");
    assert_eq!(error(&mut nobody, &ask).await, "login_required");
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (_, first) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let ask = Ask::of("crm-eu").with("prompt", "none");
    let (_, second) = tokens(&usher, &mut ana, &ask).await;
    for same in ["sub", "auth_time"] {
        assert_eq!(first[same], second[same], "{same}");
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    usher.advance(Duration::from_secs(2));
    let page = ana
        .get(&Ask::of("crm-eu").with("max_age", "1").path())
        .await;
    assert!(asks(&page), "{}", page.text());
    let back = ana.sign_in(&page, "ana").await.away();
    let (_, given) = redeem(&usher, "crm-eu", &back["code"]).await;
    let claims = remote::verify(&usher, "crm-eu", &given).await;
    assert_eq!(claims["auth_time"], usher.clock.now().secs());
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let (claims, _) = flow(&Ask::of("crm-eu").with("max_age", "10000")).await;
    assert!(claims["auth_time"].is_i64());
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    flow(&Ask::of("crm-eu").with("extra", "foobar")).await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (first, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let hint = first["id_token"].as_str().expect("one");
    let ask = Ask::of("crm-eu")
        .with("prompt", "none")
        .with("id_token_hint", hint);
    let (_, again) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(again["sub"], claims["sub"]);
    let mut ben = Browser::of(&usher, "ben").await;
    assert_eq!(error(&mut ben, &ask).await, "login_required");
}

#[tokio::test]
async fn oidcc_login_hint() {
    let usher = TestServer::open().await;
    let mut nobody = Browser::new(&usher);
    let page = nobody
        .get(&Ask::of("crm-eu").with("login_hint", "ana").path())
        .await;
    assert!(
        asks(&page) && page.body.contains("value=\"ana\""),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn oidcc_ui_locales() {
    flow(&Ask::of("crm-eu").with("ui_locales", "se de")).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    flow(&Ask::of("crm-eu").with("claims_locales", "se")).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let (claims, _) = flow(&Ask::of("crm-eu").with("acr_values", "1 2")).await;
    assert_eq!(claims["acr"], "urn:usher:acr:1");
}

async fn reuse(pause: Duration) {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let (status, given) = redeem(&usher, "crm-eu", &code).await;
    assert_eq!(status, 200);
    usher.advance(pause);
    invalid_grant(redeem(&usher, "crm-eu", &code).await, "again");
    let (status, _) = userinfo(&usher, access_token(&given)).await;
    assert_eq!(status, 401, "what it gave is taken back");
}

#[tokio::test]
async fn oidcc_codereuse() {
    reuse(Duration::ZERO).await;
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    reuse(Duration::from_secs(30)).await;
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let other = format!("{}?foo=bar", callback("crm-eu"));
    let page = ana
        .peek(&Ask::of("crm-eu").with("redirect_uri", &other).path())
        .await;
    assert_eq!(page.status, 400);
    assert!(!page.headers.contains_key("location"));
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let origin = Some("https://crm-eu.test");
    let page = ana
        .post("/oidc/authorize", origin, &Ask::of("crm-eu").query())
        .await;
    let (status, _) = redeem(&usher, "crm-eu", &page.away()["code"]).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", &callback("crm-eu"))
        .append_pair("code_verifier", VERIFIER)
        .append_pair("client_id", "crm-eu")
        .append_pair("client_secret", "secret-of-crm-eu-secret-of-crm-eu-secret")
        .finish();
    let request = Request::post("/oidc/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let (status, given) = remote::json(&usher, request.expect("a request")).await;
    assert_eq!(status, 200, "{given}");
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let object = format!(
        "{}.{}.",
        part(json!({ "alg": "none" })),
        part(json!({ "client_id": "crm-eu", "response_type": "code" }))
    );
    let ask = Ask::of("crm-eu").with("request", &object);
    assert_eq!(error(&mut ana, &ask).await, "request_not_supported");
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let asked = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let (claims, info) = flow(&of("openid").with("claims", &asked)).await;
    releases_only(&info, &["name"]);
    releases_only(&claims, &[]);
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    use crate::issuer_oidc::client::{key, with_key};
    let usher = TestServer::open().await;
    let key = key(usher::protocol::jose::Algorithm::Es256);
    with_key(&usher, &key).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let object = crate::issuer_oidc::request_object::signed(&usher, &key, &Ask::of("crm-eu"));
    let page = ana
        .peek(&format!(
            "/oidc/authorize?client_id=crm-eu&request={object}"
        ))
        .await;
    assert!(page.location().starts_with(&callback("crm-eu")));
    assert!(page.sent().contains_key("code"));
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200);
    let before = remote::verify(&usher, "crm-eu", &given).await;
    let after = remote::verify(&usher, "crm-eu", &next).await;
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(after[same], before[same], "{same}");
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    flow(&Ask::of("crm-eu")).await;
}
