//! The plan for providers with dynamic registration, module by module.

use serde_json::{Value, json};
use usher::protocol::jose::{self, Algorithm, SigningKey};

use crate::issuer_oidc::{
    client::key,
    registration::{
        CALLBACK, ask, code_after_consent, initial, notes_with, path, redeem, register, registered,
        send, text, tokens,
    },
};
use support::{
    browser::Browser,
    draft::Draft,
    listener::Listener,
    relying_party::error,
    remote::{self, json as read},
    server::{PORTAL, TestServer},
};

async fn refusal(usher: &TestServer, more: Value) -> Value {
    let token = initial(usher, 1).await;
    let (status, answer) = register(usher, &token, &notes_with(more)).await;
    assert_eq!(status, 400, "{answer}");
    answer
}

fn with_keys(keys: &[&SigningKey]) -> Value {
    let keys: Vec<_> = keys.iter().map(|key| key.public_jwk()).collect();
    json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": keys } })
}

/// A code, redeemed with an assertion for the issuer.
async fn redeem_by_key(
    usher: &TestServer,
    client: &Value,
    code: &str,
    key: &SigningKey,
) -> (u16, Value) {
    let id = text(client, "client_id");
    let now = usher.clock.now().secs();
    let jti = remote::random();
    let claims = json!({ "iss": id, "sub": id, "aud": PORTAL, "jti": jti, "exp": now + 60 });
    let jwt = key.sign(None, &claims).expect("a token");
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(support::relying_party::form(code, CALLBACK))
        .extend_pairs([
            ("client_assertion", jwt.as_str()),
            ("client_assertion_type", kind),
        ])
        .finish();
    let request = axum::http::Request::post("/oidc/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body));
    read(usher, request.expect("a request")).await
}

#[tokio::test]
async fn oidcc_server() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let ana = &mut Browser::of(&usher, "ana").await;
    let given = tokens(&usher, ana, &client, &ask(&client)).await;
    let claims = remote::verify(&usher, text(&client, "client_id"), &given).await;
    assert_eq!(claims["nonce"], "the nonce");
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let usher = TestServer::open().await;
    let document = usher.app.issuer.openid().discovery();
    let address = text(&document, "registration_endpoint");
    assert_eq!(address, format!("{PORTAL}/oidc/register"));
}

#[tokio::test]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let usher = TestServer::open().await;
    let own = key(Algorithm::Es256);
    let client = registered(&usher, with_keys(&[&own])).await;
    let ana = &mut Browser::of(&usher, "ana").await;
    let code = code_after_consent(ana, &ask(&client)).await;
    let (status, answer) = redeem_by_key(&usher, &client, &code, &own).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask(&client).without("redirect_uri").path()).await;
    assert_eq!(page.status, 400, "even where only one is registered");
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let usher = TestServer::open().await;
    let own = key(Algorithm::Es256);
    let client = registered(&usher, with_keys(&[&own])).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let now = usher.clock.now().secs();
    let mut inside = json!({ "iss": client["client_id"], "aud": PORTAL, "exp": now + 60 });
    for (name, value) in url::form_urlencoded::parse(ask(&client).query().as_bytes()) {
        inside[&*name] = json!(value);
    }
    inside["redirect_uri"] = json!("https://evil.test/");
    let object = own
        .sign(Some("oauth-authz-req+jwt"), &inside)
        .expect("a token");
    let page = ana
        .peek(&ask(&client).with("request", &object).path())
        .await;
    assert_eq!(
        page.status, 400,
        "what is inside counts, and is not registered"
    );
}

#[tokio::test]
async fn oidcc_idtoken_rs256() {
    let usher = TestServer::open().await;
    for (alg, more) in [
        ("RS256", json!({ "id_token_signed_response_alg": "RS256" })),
        ("RS256", json!({})),
        ("ES256", json!({ "id_token_signed_response_alg": "ES256" })),
    ] {
        let client = registered(&usher, more).await;
        assert_eq!(client["id_token_signed_response_alg"], alg);
        let ana = &mut Browser::of(&usher, "ana").await;
        let given = tokens(&usher, ana, &client, &ask(&client)).await;
        let id_token = text(&given, "id_token");
        let keys = serde_json::from_value(usher.app.issuer.jwks()).expect("keys");
        let only = [Algorithm::parse(alg).expect("known")];
        jose::verify(id_token, &keys, &only, &jose::kind::ID_TOKEN).expect("signed so");
    }
}

/// We sign always, and refuse to be asked for less.
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let usher = TestServer::open().await;
    let answer = refusal(&usher, json!({ "id_token_signed_response_alg": "none" })).await;
    assert_eq!(answer["error"], "invalid_client_metadata");
}

/// Userinfo is not signed; who asks for it sees that it is not registered.
#[tokio::test]
async fn oidcc_userinfo_rs256() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({ "userinfo_signed_response_alg": "RS256" })).await;
    assert!(client.get("userinfo_signed_response_alg").is_none());
    let document = usher.app.issuer.openid().discovery();
    assert!(
        document
            .get("userinfo_signing_alg_values_supported")
            .is_none()
    );
}

#[tokio::test]
async fn oidcc_redirect_uri_query_ok() {
    let usher = TestServer::open().await;
    let address = format!("{CALLBACK}?foo=bar");
    let client = registered(&usher, json!({ "redirect_uris": [address] })).await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let page = ana
        .get(&ask(&client).with("redirect_uri", &address).path())
        .await;
    let away = ana.press(&page, "answer", "yes").await.away();
    assert_eq!(away["foo"], "bar");
    assert!(away.contains_key("code"));
}

#[tokio::test]
async fn oidcc_redirect_uri_query_added() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let added = format!("{CALLBACK}?foo=bar");
    let page = ana
        .peek(&ask(&client).with("redirect_uri", &added).path())
        .await;
    assert_eq!(page.status, 400);
}

#[tokio::test]
async fn oidcc_redirect_uri_query_mismatch() {
    let usher = TestServer::open().await;
    let client = registered(
        &usher,
        json!({ "redirect_uris": [format!("{CALLBACK}?foo=bar")] }),
    )
    .await;
    let mut ana = Browser::of(&usher, "ana").await;
    for query in ["?bar=foo", "", "?foo=bar&x=y", "?foo=BAR"] {
        let other = format!("{CALLBACK}{query}");
        let page = ana
            .peek(&ask(&client).with("redirect_uri", &other).path())
            .await;
        assert_eq!(page.status, 400, "{query}");
    }
}

#[tokio::test]
async fn oidcc_redirect_uri_regfrag() {
    let usher = TestServer::open().await;
    let answer = refusal(
        &usher,
        json!({ "redirect_uris": [format!("{CALLBACK}#fragment")] }),
    )
    .await;
    assert_eq!(answer["error"], "invalid_redirect_uri");
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let usher = TestServer::open().await;
    let more = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    let client = registered(&usher, more).await;
    let ana = &mut Browser::of(&usher, "ana").await;
    let wide = ask(&client).with("scope", "openid email offline_access");
    let given = tokens(&usher, ana, &client, &wide).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&given, "refresh_token")),
    ];
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let (status, next) = remote::token_with(&usher, id, secret, &form).await;
    assert_eq!(status, 200, "{next}");
}

/// The client's keys take turns by an update: what the old one signs is refused, the grant stays.
#[tokio::test]
async fn oidcc_refresh_token_rp_key_rotation() {
    let usher = TestServer::open().await;
    let (old, new) = (key(Algorithm::Es256), key(Algorithm::Rs256));
    let client = registered(&usher, with_keys(&[&old])).await;
    let ana = &mut Browser::of(&usher, "ana").await;
    let code = code_after_consent(ana, &ask(&client)).await;
    let mut body = notes_with(with_keys(&[&new]));
    body["client_id"] = client["client_id"].clone();
    let token = text(&client, "registration_access_token");
    let (status, answer) = send(&usher, "PUT", &path(&client), token, Some(&body)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(redeem_by_key(&usher, &client, &code, &old).await.0, 401);
    assert_eq!(redeem_by_key(&usher, &client, &code, &new).await.0, 200);
}

/// A request by reference would have to be fetched: refused, whether it is registered and however
/// it is signed.
#[tokio::test]
async fn oidcc_request_uri_unsigned_and_signed_rs256() {
    let rp = Listener::start().await;
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    usher.seed(&Draft::sample()).await;
    let document = usher.app.issuer.openid().discovery();
    assert_eq!(document["request_uri_parameter_supported"], false);
    let there = rp.at("/yes");
    let mut ana = Browser::of(&usher, "ana").await;
    for alg in ["none", "RS256"] {
        let more = json!({ "request_uris": [there], "request_object_signing_alg": alg });
        let client = registered(&usher, more).await;
        assert!(client.get("request_uris").is_none());
        let by_reference = ask(&client).with("request_uri", &there);
        let error = error(&mut ana, &by_reference).await;
        assert_eq!(error, "request_uri_not_supported", "{alg}");
    }
    assert!(rp.received().is_empty());
}

/// We fetch nothing, and say so: the keys come by value.
#[tokio::test]
async fn oidcc_registration_jwks_uri() {
    let usher = TestServer::open().await;
    let more = json!({ "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "https://notes.test/jwks" });
    let answer = refusal(&usher, more).await;
    assert!(
        text(&answer, "error_description").contains("as jwks"),
        "{answer}"
    );
}

#[tokio::test]
async fn oidcc_registration_sector_uri_and_bad() {
    let usher = TestServer::open().await;
    let more = json!({ "subject_type": "pairwise",
        "sector_identifier_uri": "https://notes.test/sector" });
    let answer = refusal(&usher, more).await;
    assert_eq!(answer["error"], "invalid_client_metadata");
}

/// Pictures and links of unknown origin are on no page of ours.
#[tokio::test]
async fn oidcc_registration_logo_uri_policy_uri_and_tos_uri() {
    let usher = TestServer::open().await;
    let more = json!({ "logo_uri": "https://notes.test/logo.png",
        "policy_uri": "https://notes.test/policy", "tos_uri": "https://notes.test/tos" });
    let client = registered(&usher, more).await;
    for member in ["logo_uri", "policy_uri", "tos_uri"] {
        assert!(client.get(member).is_none(), "{member}");
    }
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(&ask(&client).path()).await;
    assert!(!page.body.contains("notes.test/logo.png"), "{}", page.body);
}

#[tokio::test]
async fn oidcc_server_rotate_keys() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let ana = &mut Browser::of(&usher, "ana").await;
    let code = code_after_consent(ana, &ask(&client)).await;
    usher
        .app
        .rotate_keys_by_hand(usher::keys::RotationReason::AtOnce)
        .await
        .expect("new keys");
    let (status, given) = redeem(&usher, &client, &code).await;
    assert_eq!(status, 200, "{given}");
    remote::verify(&usher, text(&client, "client_id"), &given).await;
}
