//! The `claims` parameter (Core 5.5) and context asked for by RFC 9396.

use serde_json::{Value, json};
use usher::model::client::Registration;

use super::refresh::registered;
use support::{
    browser::Browser,
    relying_party::{Ask, RECORD, access_token, error, handle, tokens, userinfo},
    server::TestServer,
};

/// The CRM may ask for context.
fn context(crm: &mut Registration) {
    crm.authorization_details_types = vec!["urn:usher:context".into()];
}

fn details(members: Value) -> String {
    let mut detail = json!({ "type": "urn:usher:context" });
    let all = detail.as_object_mut().expect("members");
    all.extend(members.as_object().expect("members").clone());
    json!([detail]).to_string()
}

#[tokio::test]
async fn a_client_that_requests_a_kind_of_context_receives_what_was_granted() {
    let usher = TestServer::with(&registered(context)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let granted = json!([{
        "type": "urn:usher:context", "datatypes": ["customer"], "actions": ["view"],
        "identifier": "C-1042",
    }]);
    for (asked, fits) in [
        (json!({}), true),
        (json!({ "datatypes": ["customer", "case"] }), true),
        (
            json!({ "datatypes": ["customer"], "identifier": "C-1042" }),
            true,
        ),
        (json!({ "datatypes": ["case"] }), false),
        (json!({ "actions": ["edit"] }), false),
        (json!({ "identifier": "C-1" }), false),
    ] {
        let hint = handle(&mut ana, RECORD).await;
        let ask = Ask::of("crm-eu")
            .with("login_hint", &hint)
            .with("authorization_details", &details(asked.clone()));
        let (given, claims) = tokens(&usher, &mut ana, &ask).await;
        let expected = if fits { &granted } else { &json!([]) };
        assert_eq!(&given["authorization_details"], expected, "{asked}");
        let told = claims["urn:usher:launch"]["ctx"]
            .as_array()
            .expect("a list");
        assert_eq!(told.len(), usize::from(fits), "exactly what was granted");
    }
}

#[tokio::test]
async fn without_a_launch_nothing_is_granted_and_without_asking_nothing_is_said() {
    let usher = TestServer::with(&registered(context)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu").with("authorization_details", &details(json!({})));
    let (given, _) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(given["authorization_details"], json!([]));
    let (given, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    assert!(given.get("authorization_details").is_none());
}

#[tokio::test]
async fn unknown_types_members_and_kinds_are_refused() {
    let usher = TestServer::with(&registered(context)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    for bad in [
        "x".to_owned(),
        "[]".to_owned(),
        json!([{ "type": "payment_initiation" }]).to_string(),
        details(json!({ "privileges": ["all"] })),
        details(json!({ "datatypes": ["spaceship"] })),
    ] {
        let ask = Ask::of("crm-eu").with("authorization_details", &bad);
        assert_eq!(
            error(&mut ana, &ask).await,
            "invalid_authorization_details",
            "{bad}"
        );
    }
    let ask = Ask::of("wiki-eu").with("authorization_details", &details(json!({})));
    let said = error(&mut ana, &ask).await;
    assert_eq!(
        said, "invalid_authorization_details",
        "not registered for it"
    );
}

#[tokio::test]
async fn claims_are_released_where_they_were_requested() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let asked = json!({
        "userinfo": { "email": { "essential": true }, "shoe_size": null },
        "id_token": { "groups": null, "auth_time": { "essential": true } },
    });
    let ask = Ask::of("crm-eu")
        .with("scope", "openid")
        .with("claims", &asked.to_string());
    let (given, claims) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(claims["groups"], json!(["sales", "staff"]));
    assert!(claims.get("email").is_none());
    let (_, info) = userinfo(&usher, access_token(&given)).await;
    assert_eq!(info["email"], "ana@example.org");
    assert!(info.get("groups").is_none() && info.get("shoe_size").is_none());
}

#[tokio::test]
async fn a_request_for_a_subject_is_answered_for_that_user_only() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut ben = Browser::of(&usher, "ben").await;
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let asked = json!({ "id_token": { "sub": { "value": claims["sub"] } } }).to_string();
    let ask = Ask::of("crm-eu").with("claims", &asked);
    tokens(&usher, &mut ana, &ask).await;
    assert_eq!(error(&mut ben, &ask).await, "login_required");
}

#[tokio::test]
async fn an_essential_class_asks_for_the_second_factor_or_ends_the_request() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let with = |acr: &str| {
        let asked = json!({ "id_token": { "acr": { "essential": true, "value": acr } } });
        Ask::of("crm-eu").with("claims", &asked.to_string())
    };
    let none = with("urn:mace:incommon:iap:gold");
    let said = error(&mut ana, &none).await;
    assert_eq!(said, "unmet_authentication_requirements");
    let strong = with("urn:usher:acr:2");
    let page = ana.peek(&strong.path()).await;
    assert!(
        page.location().starts_with("/sign-in/"),
        "{}",
        page.location()
    );
    let quiet = strong.with("prompt", "none");
    assert_eq!(error(&mut ana, &quiet).await, "interaction_required");
    for bad in ["{", "[]", "{\"userinfo\": 1}"] {
        let ask = Ask::of("crm-eu").with("claims", bad);
        assert_eq!(error(&mut ana, &ask).await, "invalid_request", "{bad}");
    }
}

/// RFC 9396 sections 9.1 and 9.2: the token and its introspection have the same details.
#[tokio::test]
async fn what_was_granted_stands_in_the_signed_token_and_in_what_is_said_of_it() {
    use axum::{body::Body, http::Request};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let draft = registered(|crm| {
        context(crm);
        crm.resources = vec!["https://api.test/".into()];
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let hint = handle(&mut ana, RECORD).await;
    let ask = Ask::of("crm-eu")
        .with("login_hint", &hint)
        .with("resource", "https://api.test/")
        .with("authorization_details", &details(json!({})));
    let (given, _) = tokens(&usher, &mut ana, &ask).await;
    let granted = &given["authorization_details"];
    assert_eq!(granted[0]["identifier"], "C-1042");
    let token = access_token(&given);
    let payload = token.split('.').nth(1).expect("claims");
    let said = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let said: Value = serde_json::from_slice(&said).expect("claims");
    assert_eq!(&said["authorization_details"], granted);
    let secret = "secret-of-crm-eu-secret-of-crm-eu-secret";
    let form = format!("token={token}&client_id=crm-eu&client_secret={secret}");
    let request = Request::post("/oidc/introspect")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form));
    let (_, told) = support::remote::json(&usher, request.expect("a request")).await;
    assert_eq!(&told["authorization_details"], granted);
}
