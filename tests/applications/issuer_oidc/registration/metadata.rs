//! The metadata a client may register, and the errors it gets.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use usher::protocol::jose::Algorithm;

use super::{
    CALLBACK, ask, clients, code_after_consent, initial, notes_with, path, register, registered,
    send, text, tokens,
};
use crate::issuer_oidc::client::key;
use support::{
    browser::Browser,
    listener::Listener,
    relying_party::{access_token, form},
    remote::{self, json as read, token_with},
    server::{PORTAL, TestServer},
};

#[tokio::test]
async fn everything_we_know_is_echoed_as_it_is_stored() {
    let usher = TestServer::open().await;
    let said = json!({
        "client_name": "Notes & more",
        "redirect_uris": [CALLBACK, "https://notes.test/other?x=1", "http://127.0.0.1:8123/"],
        "post_logout_redirect_uris": ["https://notes.test/bye"],
        "initiate_login_uri": "https://notes.test/login/initiate",
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
        "response_types": ["code", "id_token"],
        "scope": "openid profile email address phone groups offline_access notes.read",
        "subject_type": "public",
        "require_pushed_authorization_requests": true,
        "require_signed_request_object": false,
        "dpop_bound_access_tokens": true,
        "authorization_details_types": ["urn:usher:context"],
        "backchannel_logout_uri": "https://notes.test/logout",
        "frontchannel_logout_uri": "https://notes.test/logged-out",
    });
    let (status, made) = register(&usher, &initial(&usher, 1).await, &said).await;
    assert_eq!(status, 201, "{made}");
    for (member, value) in said.as_object().expect("members") {
        assert_eq!(&made[member], value, "{member}");
    }
    let now = usher.clock.now().secs();
    assert_eq!(made["client_id_issued_at"], now);
    assert_eq!(made["client_secret_expires_at"], 0);
    let id = text(&made, "client_id");
    let uri = format!("{PORTAL}/oidc/register/{id}");
    assert_eq!(made["registration_client_uri"], uri.as_str());
    // The same is read later, without the secret.
    let token = text(&made, "registration_access_token");
    let (status, shown) = send(&usher, "GET", &path(&made), token, None).await;
    let mut expected = made.clone();
    let secret = expected
        .as_object_mut()
        .expect("members")
        .remove("client_secret");
    assert!(secret.is_some());
    assert_eq!((status, shown), (200, expected));
    let kept = usher.column("select registration from clients where owner = 'registration'");
    let kept: Value = serde_json::from_str(&kept.await[0]).expect("JSON");
    assert_eq!(kept["consent"], "ask");
    assert_eq!(
        (&kept["resources"], &kept["serves"]),
        (&json!([]), &json!([]))
    );
}

#[tokio::test]
async fn what_is_left_out_is_what_the_standards_say_and_the_unknown_is_ignored() {
    let usher = TestServer::open().await;
    let made = registered(
        &usher,
        json!({
            "client_name": null,
            "logo_uri": "javascript:alert(1)",
            "client_name#de": "Notizen",
            "contacts": ["me@notes.test"],
            // Ours, not RFC 7591's: a client cannot give itself what only an admin gives.
            "resources": ["https://api.crm-eu.test/"],
            "serves": ["https://api.crm-eu.test/"],
            "consent": "trusted",
            "sector": "crm-eu.test",
            "id": "crm-eu",
            "client_id": "crm-eu",
            "client_secret": "a secret of my own, of thirty-two characters",
            "disabled_at": 1,
        }),
    )
    .await;
    for (member, value) in [
        ("client_name", json!("notes.test")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("subject_type", json!("public")),
        ("scope", json!("openid profile email address phone groups")),
        ("post_logout_redirect_uris", json!([])),
        ("dpop_bound_access_tokens", json!(false)),
    ] {
        assert_eq!(made[member], value, "{member}");
    }
    for member in [
        "logo_uri",
        "client_name#de",
        "contacts",
        "resources",
        "sector",
        "consent",
    ] {
        assert!(made.get(member).is_none(), "{member}");
    }
    assert_ne!(made["client_id"], "crm-eu");
    assert!(text(&made, "client_secret").starts_with("cs_"));
    let kept = usher.column("select registration from clients where owner = 'registration'");
    let kept: Value = serde_json::from_str(&kept.await[0]).expect("JSON");
    for (member, value) in [
        ("consent", json!("ask")),
        ("resources", json!([])),
        ("serves", json!([])),
        ("sector", Value::Null),
    ] {
        assert_eq!(kept[member], value, "{member}");
    }
}

/// THREATS: SSRF. Whatever address a stranger registers, nothing of it is fetched then.
#[tokio::test]
async fn nothing_that_is_registered_is_fetched() {
    let rp = Listener::start().await;
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let there = rp.at("/yes");
    let token = initial(&usher, 1).await;
    for members in [
        json!({ "jwks_uri": there }),
        json!({ "sector_identifier_uri": there }),
        json!({ "logo_uri": there, "policy_uri": there, "request_uris": [there],
                "client_uri": there, "backchannel_logout_uri": there }),
    ] {
        register(&usher, &token, &notes_with(members)).await;
    }
    assert_eq!(clients(&usher).await.len(), 1);
    assert!(rp.received().is_empty());
}

#[tokio::test]
async fn a_client_with_keys_has_no_secret_and_proves_itself_with_them() {
    let usher = TestServer::open().await;
    let own = key(Algorithm::Es256);
    let made = registered(
        &usher,
        json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [own.public_jwk()] },
            "grant_types": ["authorization_code", "client_credentials"],
            "require_signed_request_object": true,
        }),
    )
    .await;
    assert!(made.get("client_secret").is_none());
    assert!(made.get("client_secret_expires_at").is_none());
    assert_eq!(made["jwks"]["keys"][0]["kid"], own.kid());
    let id = text(&made, "client_id");
    let now = usher.clock.now().secs();
    let claims = json!({ "iss": id, "sub": id, "aud": PORTAL, "jti": "1", "exp": now + 60 });
    let jwt = own.sign(None, &claims).expect("a token");
    let form = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", jwt.as_str()),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = Request::post("/oidc/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let (status, answer) = read(&usher, request.expect("a request")).await;
    assert_eq!(status, 200, "{answer}");
    let mut ana = Browser::of(&usher, "ana").await;
    let refused = support::relying_party::error(&mut ana, &ask(&made)).await;
    assert_eq!(refused, "invalid_request", "it must sign");
}

#[tokio::test]
async fn an_application_without_users_registers_without_addresses() {
    let usher = TestServer::open().await;
    let body = json!({ "grant_types": ["client_credentials"], "scope": "jobs.run" });
    let (status, made) = register(&usher, &initial(&usher, 1).await, &body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["grant_types"], json!(["client_credentials"]));
    assert_eq!(made["response_types"], json!([]));
    assert_eq!(made["scope"], "jobs.run");
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    assert_eq!(made["client_name"], id);
    let form = [("grant_type", "client_credentials")];
    let (status, answer) = token_with(&usher, id, secret, &form).await;
    assert_eq!(
        (status, &answer["scope"]),
        (200, &json!("jobs.run")),
        "{answer}"
    );
    let own = access_token(&answer);
    assert_eq!(support::relying_party::userinfo(&usher, own).await.0, 401);
    // Not for what only an admin gives, whatever name it uses.
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://api.crm-eu.test/"),
    ];
    let (_, answer) = token_with(&usher, id, secret, &form).await;
    assert_eq!(answer["error"], "invalid_target");
}

#[tokio::test]
async fn a_registered_client_keeps_to_what_it_registered() {
    let usher = TestServer::open().await;
    let made = registered(&usher, json!({ "subject_type": "pairwise" })).await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (member, value) in [
        ("redirect_uri", "https://notes.test/callback/"),
        ("redirect_uri", "https://notes.test/callback?x"),
        ("redirect_uri", "https://NOTES.test/callback"),
        ("redirect_uri", "https://crm-eu.test/callback"),
    ] {
        let page = ana.peek(&ask(&made).with(member, value).path()).await;
        assert_eq!(page.status, 400, "{value}");
    }
    let more = ask(&made).with("scope", "openid offline_access notes.read");
    let given = tokens(&usher, &mut ana, &made, &more).await;
    assert_eq!(given["scope"], "openid", "no more than it registered");
    assert!(given.get("refresh_token").is_none());
    let claims = remote::verify(&usher, text(&made, "client_id"), &given).await;
    let who = ana.session().await.expect("a session").user.id;
    assert_ne!(claims["sub"], who.as_str(), "pairwise");
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let form = [("grant_type", "client_credentials")];
    let (_, answer) = token_with(&usher, id, secret, &form).await;
    assert_eq!(answer["error"], "unauthorized_client");
}

#[tokio::test]
async fn another_registered_client_cannot_redeem_its_code() {
    let usher = TestServer::open().await;
    let (one, two) = (
        registered(&usher, json!({})).await,
        registered(&usher, json!({})).await,
    );
    let ana = &mut Browser::of(&usher, "ana").await;
    let code = code_after_consent(ana, &ask(&one)).await;
    let (id, secret) = (text(&two, "client_id"), text(&two, "client_secret"));
    let (status, answer) = token_with(&usher, id, secret, &form(&code, CALLBACK)).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    // Nor is it accepted with the other's secret.
    let (status, _) = token_with(
        &usher,
        text(&one, "client_id"),
        secret,
        &form(&code, CALLBACK),
    )
    .await;
    assert_eq!(status, 401);
    assert_eq!(super::redeem(&usher, &one, &code).await.0, 200);
}
