//! Tokens that are good only with a key (RFC 9449).

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use usher::{
    id::sha256,
    model::client::GrantType,
    protocol::jose::{Algorithm, Jwk, SigningKey},
};

use super::{
    client::basic,
    refresh::{refreshing, registered},
};
use support::{
    browser::Browser,
    relying_party::{Ask, access_token, callback, code, form, userinfo},
    remote,
    server::{PORTAL, TestServer},
};

const SECRET: &str = "secret-of-crm-eu-secret-of-crm-eu-secret";

/// What a proof says, to be spoilt.
fn claims(usher: &TestServer, method: &str, path: &str, token: Option<&str>) -> Value {
    let mut claims = json!({
        "jti": remote::random(), "htm": method, "htu": format!("{PORTAL}{path}"),
        "iat": usher.clock.now().secs(),
    });
    if let Some(token) = token {
        claims["ath"] = sha256(token).into();
    }
    claims
}

/// A client's own key.
pub struct Key {
    pair: EcdsaKeyPair,
    pub public: Jwk,
}

pub fn key() -> Key {
    let (pkcs8, key) = SigningKey::generate(Algorithm::Es256).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8);
    Key {
        pair: pair.expect("the same key"),
        public: key.public_jwk().clone(),
    }
}

/// A compact JWS with the key in its header.
fn sign(key: &Key, typ: &str, claims: &Value) -> String {
    let jwk = serde_json::to_value(&key.public).expect("a key");
    sign_with(
        key,
        &json!({ "typ": typ, "alg": "ES256", "jwk": jwk }),
        claims,
    )
}

pub fn sign_with(key: &Key, header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = key.pair.sign(&SystemRandom::new(), signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.expect("a signature"));
    format!("{signed}.{signature}")
}

fn proof(usher: &TestServer, key: &Key) -> String {
    sign(key, "dpop+jwt", &claims(usher, "POST", "/oidc/token", None))
}

async fn ask_token(usher: &TestServer, pairs: &[(&str, &str)], proofs: &[&str]) -> (u16, Value) {
    let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut request = Request::post("/oidc/token")
        .header(header::AUTHORIZATION, basic("crm-eu", SECRET))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for proof in proofs {
        request = request.header("DPoP", *proof);
    }
    remote::json(usher, request.body(Body::from(body)).expect("a request")).await
}

async fn redeem(usher: &TestServer, code: &str, proofs: &[&str]) -> (u16, Value) {
    let address = callback("crm-eu");
    ask_token(usher, &form(code, &address), proofs).await
}

async fn spend(
    usher: &TestServer,
    scheme: &str,
    token: &str,
    proof: Option<&str>,
) -> (u16, String) {
    let mut request =
        Request::get("/oidc/userinfo").header(header::AUTHORIZATION, format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("DPoP", proof);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (status, headers, _) = usher.ask(request).await;
    let challenge = headers.get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
    (status, challenge.unwrap_or_default())
}

#[tokio::test]
async fn a_bound_token_is_good_with_its_key_only() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (own, thief) = (key(), key());
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let (status, given) = redeem(&usher, &code, &[&proof(&usher, &own)]).await;
    assert_eq!(
        (status, &given["token_type"]),
        (200, &json!("DPoP")),
        "{given}"
    );
    let token = access_token(&given);
    let shown = |key: &Key| {
        let claims = claims(&usher, "GET", "/oidc/userinfo", Some(token));
        sign(key, "dpop+jwt", &claims)
    };
    assert_eq!(
        spend(&usher, "DPoP", token, Some(&shown(&own))).await.0,
        200
    );
    let (status, challenge) = spend(&usher, "DPoP", token, Some(&shown(&thief))).await;
    assert_eq!(status, 401);
    assert!(
        challenge.starts_with("DPoP") && challenge.contains("invalid_token"),
        "{challenge}"
    );
    assert_eq!(userinfo(&usher, token).await.0, 401, "as a bearer's");
    assert_eq!(spend(&usher, "DPoP", token, None).await.0, 401);
    // A proof for another token, another method, another address.
    for claims in [
        claims(&usher, "GET", "/oidc/userinfo", Some("another")),
        claims(&usher, "GET", "/oidc/userinfo", None),
        claims(&usher, "POST", "/oidc/userinfo", Some(token)),
        claims(&usher, "GET", "/oidc/token", Some(token)),
    ] {
        let proof = sign(&own, "dpop+jwt", &claims);
        assert_eq!(
            spend(&usher, "DPoP", token, Some(&proof)).await.0,
            401,
            "{claims}"
        );
    }
    // A proof is good once.
    let once = shown(&own);
    assert_eq!(spend(&usher, "DPoP", token, Some(&once)).await.0, 200);
    assert_eq!(spend(&usher, "DPoP", token, Some(&once)).await.0, 401);
}

#[tokio::test]
async fn a_bearers_token_is_no_bound_one() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let (_, given) = redeem(&usher, &code, &[]).await;
    assert_eq!(given["token_type"], "Bearer");
    let token = access_token(&given);
    let key = key();
    let proof = sign(
        &key,
        "dpop+jwt",
        &claims(&usher, "GET", "/oidc/userinfo", Some(token)),
    );
    assert_eq!(spend(&usher, "DPoP", token, Some(&proof)).await.0, 401);
}

#[tokio::test]
async fn a_faulty_proof_is_refused_before_the_code_is_used() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let (own, other) = (key(), key());
    let jwk = |key: &Key| serde_json::to_value(&key.public).expect("a key");
    let now = usher.clock.now().secs();
    let good = || claims(&usher, "POST", "/oidc/token", None);
    let mut bad = Vec::new();
    for (name, value) in [
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htu", json!("https://evil.test/oidc/token")),
        ("htu", json!(format!("{PORTAL}/oidc/token/"))),
        ("htu", json!("")),
        ("iat", json!(now - 61)),
        ("iat", json!(now + 61)),
        ("iat", json!(i64::MIN)),
        ("iat", json!(i64::MAX)),
        ("iat", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(300))),
        ("jti", Value::Null),
        ("ath", json!("x")),
    ] {
        let mut claims = good();
        claims[name] = value;
        bad.push(sign(&own, "dpop+jwt", &claims));
    }
    bad.push(sign(&own, "JWT", &good()));
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&other) });
    bad.push(sign_with(&own, &header, &good()));
    let mut private = jwk(&own);
    private["d"] = json!("AAAA");
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": private });
    bad.push(sign_with(&own, &header, &good()));
    bad.push(sign_with(
        &own,
        &json!({ "typ": "dpop+jwt", "alg": "ES256" }),
        &good(),
    ));
    bad.push("x".to_owned());
    for proof in &bad {
        let (status, answer) = redeem(&usher, &code, &[proof]).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_dpop_proof")),
            "{proof}"
        );
    }
    let two = [proof(&usher, &own), proof(&usher, &own)];
    let (_, answer) = redeem(&usher, &code, &[&two[0], &two[1]]).await;
    assert_eq!(answer["error"], "invalid_dpop_proof", "two headers");
    let mut queried = good();
    queried["htu"] = json!(format!("{PORTAL}/oidc/token?x=1#y"));
    let last = sign(&own, "dpop+jwt", &queried);
    assert_eq!(
        redeem(&usher, &code, &[&last]).await.0,
        200,
        "and the code still works"
    );
}

#[tokio::test]
async fn a_code_may_be_for_the_holder_of_a_key() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (own, thief) = (key(), key());
    let ask = Ask::of("crm-eu").with("dpop_jkt", &own.public.thumbprint());
    for (proofs, fits) in [
        (vec![], false),
        (vec![proof(&usher, &thief)], false),
        (vec![proof(&usher, &own)], true),
    ] {
        let code = code(&mut ana, &ask).await;
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let (status, answer) = redeem(&usher, &code, &proofs).await;
        assert_eq!(status == 200, fits, "{answer}");
        if !fits {
            assert_eq!(answer["error"], "invalid_grant");
        }
    }
    let odd = ask.with("dpop_jkt", "short");
    assert_eq!(
        support::relying_party::error(&mut ana, &odd).await,
        "invalid_request"
    );
}

#[tokio::test]
async fn a_client_may_have_to_bind_its_tokens() {
    let draft = registered(|crm| {
        crm.dpop_bound_access_tokens = true;
        crm.grant_types = vec![GrantType::ClientCredentials, GrantType::RefreshToken];
        crm.resources = vec!["https://api.test/".into()];
        crm.scopes = vec!["orders".into()];
    });
    let usher = TestServer::with(&draft).await;
    let grant = [
        ("grant_type", "client_credentials"),
        ("resource", "https://api.test/"),
    ];
    let (status, answer) = ask_token(&usher, &grant, &[]).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
    let own = key();
    let (status, given) = ask_token(&usher, &grant, &[&proof(&usher, &own)]).await;
    assert_eq!(
        (status, &given["token_type"]),
        (200, &json!("DPoP")),
        "{given}"
    );
    let payload = access_token(&given).split('.').nth(1).expect("a payload");
    let said = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let said: Value = serde_json::from_slice(&said).expect("claims");
    assert_eq!(said["cnf"]["jkt"], own.public.thumbprint());
    let body = Serializer::new(String::new())
        .append_pair("token", access_token(&given))
        .finish();
    let request = Request::post("/oidc/introspect")
        .header(header::AUTHORIZATION, basic("crm-eu", SECRET))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let (_, told) = remote::json(&usher, request.expect("a request")).await;
    assert_eq!(told["token_type"], "DPoP");
    assert_eq!(told["cnf"]["jkt"], own.public.thumbprint());
}

/// THREATS: one-time artefacts; the proof is one.
#[tokio::test]
async fn of_fifty_requests_with_one_proof_one_is_answered() {
    let draft = registered(|crm| {
        crm.grant_types = vec![GrantType::ClientCredentials];
        crm.scopes = vec!["orders".into()];
    });
    let usher = TestServer::with(&draft).await;
    let proof = proof(&usher, &key());
    let mut tries = Vec::new();
    for _ in 0..50 {
        let request = Request::post("/oidc/token")
            .header(header::AUTHORIZATION, basic("crm-eu", SECRET))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", &proof)
            .body(Body::from("grant_type=client_credentials"));
        tries.push(usher.ask(request.expect("a request")));
    }
    let answers = super::refresh::all_at_once(tries.into_iter()).await;
    let given = answers.iter().filter(|(status, ..)| *status == 200).count();
    assert_eq!(given, 1);
}

/// A refresh binds the new token to the key that is shown then, and to none if none is.
#[tokio::test]
async fn a_refreshed_token_is_bound_to_the_key_of_its_refresh() {
    let usher = TestServer::with(&refreshing()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let own = key();
    let ask = Ask::of("crm-eu").with("scope", "openid offline_access");
    let code = code(&mut ana, &ask).await;
    let (_, given) = redeem(&usher, &code, &[]).await;
    assert_eq!(given["token_type"], "Bearer");
    let refresh = |given: &Value| given["refresh_token"].as_str().expect("one").to_owned();
    let token = refresh(&given);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    let (_, bound) = ask_token(&usher, &form, &[&proof(&usher, &own)]).await;
    assert_eq!(bound["token_type"], "DPoP", "{bound}");
    let token = access_token(&bound);
    assert_eq!(userinfo(&usher, token).await.0, 401, "as a bearer's");
    let shown = sign(
        &own,
        "dpop+jwt",
        &claims(&usher, "GET", "/oidc/userinfo", Some(token)),
    );
    assert_eq!(spend(&usher, "DPoP", token, Some(&shown)).await.0, 200);
    let token = refresh(&bound);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    let (_, free) = ask_token(&usher, &form, &[]).await;
    assert_eq!(free["token_type"], "Bearer");
    assert_eq!(userinfo(&usher, access_token(&free)).await.0, 200);
}

/// A receipt has no field for a proof: a bound token is refused, whoever sends it.
#[tokio::test]
async fn a_bound_token_confirms_no_landing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let hint = support::relying_party::handle(&mut ana, support::relying_party::RECORD).await;
    let launch = usher.column("select id from launches").await.remove(0);
    let code = code(&mut ana, &Ask::of("crm-eu").with("login_hint", &hint)).await;
    let (_, given) = redeem(&usher, &code, &[&proof(&usher, &key())]).await;
    let request = Request::post(format!("/launches/{launch}/receipt"))
        .header(
            header::AUTHORIZATION,
            format!("Bearer {}", access_token(&given)),
        )
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(r#"{"outcome": "landed"}"#));
    let (status, ..) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 401);
    assert!(
        usher
            .column("select launch_id from receipts")
            .await
            .is_empty()
    );
}

/// A stolen bound token cannot be exchanged for an unbound one, nor for one that is bound to the
/// attacker's key.
#[tokio::test]
async fn a_bound_token_is_exchanged_with_its_own_key_only_and_stays_bound() {
    let api = "https://api.crm-eu.test/";
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let draft = registered(|crm| {
        crm.grant_types = vec![GrantType::TokenExchange];
        crm.resources = vec![api.into()];
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (own, thief) = (key(), key());
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let (status, given) = redeem(&usher, &code, &[&proof(&usher, &own)]).await;
    assert_eq!(status, 200, "{given}");
    let form = [
        ("grant_type", exchange),
        ("subject_token", access_token(&given)),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("resource", api),
    ];
    let foreign = proof(&usher, &thief);
    for proofs in [&[][..], &[foreign.as_str()]] {
        let (status, refused) = ask_token(&usher, &form, proofs).await;
        assert_eq!(
            (status, &refused["error"]),
            (400, &json!("invalid_dpop_proof")),
            "{refused}"
        );
    }
    let (status, next) = ask_token(&usher, &form, &[&proof(&usher, &own)]).await;
    assert_eq!(
        (status, &next["token_type"]),
        (200, &json!("DPoP")),
        "{next}"
    );
    let payload = access_token(&next).split('.').nth(1).expect("claims");
    let claims = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["cnf"]["jkt"], own.public.thumbprint());
}
