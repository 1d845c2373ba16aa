//! Client authentication at the token endpoint: RFC 6749 section 2.3, RFC 7523.

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, byte_serialize};
use usher::{
    model::client::AuthMethod,
    protocol::jose::{Algorithm, Jwk, SigningKey},
};

use support::{
    browser::Browser,
    relying_party::{Ask, callback, code, form},
    remote::json as read,
    server::{PORTAL, TestServer},
};

const SECRET: &str = "secret-of-crm-eu-secret-of-crm-eu-secret";
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}

/// A client with a fresh code, to be proven in some way.
struct Claim<'a> {
    usher: &'a TestServer,
    code: String,
}

impl<'a> Claim<'a> {
    async fn of(usher: &'a TestServer) -> Self {
        let mut ana = Browser::of(usher, "ana").await;
        let code = code(&mut ana, &Ask::of("crm-eu")).await;
        Self { usher, code }
    }

    async fn by(&self, header: Option<&str>, extra: &[(&str, &str)]) -> (u16, Value) {
        let callback = callback("crm-eu");
        let body = Serializer::new(String::new())
            .extend_pairs(form(&self.code, &callback))
            .extend_pairs(extra)
            .finish();
        let mut request = Request::post("/oidc/token")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(value) = header {
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        read(self.usher, request).await
    }

    async fn assertion(&self, jwt: &str, extra: &[(&str, &str)]) -> (u16, Value) {
        let mut form = vec![
            ("client_assertion", jwt),
            ("client_assertion_type", JWT_BEARER),
        ];
        form.extend_from_slice(extra);
        self.by(None, &form).await
    }
}

fn refused((status, answer): (u16, Value), at: &str) {
    assert_eq!(
        (status, &answer["error"]),
        (401, &json!("invalid_client")),
        "{at}: {answer}"
    );
}

#[tokio::test]
async fn a_client_without_the_right_secret_is_refused() {
    let usher = TestServer::open().await;
    let claim = Claim::of(&usher).await;
    let of_another = "secret-of-crm-us-secret-of-crm-us-secret";
    let hash = usher::id::sha256(SECRET);
    let headers = [
        basic("crm-eu", "wrong"),
        basic("crm-eu", ""),
        basic("crm-eu", of_another),
        basic("crm-eu", &hash),
        basic("crm-eu", &SECRET.to_uppercase()),
        basic("crm-eu", &SECRET[1..]),
        basic("nobody", SECRET),
        basic("", ""),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", STANDARD.encode("no colon")),
        format!("Bearer {SECRET}"),
        "Basic \u{fc}".to_owned(),
    ];
    for header in headers {
        refused(claim.by(Some(&header), &[]).await, &header);
    }
    for extra in [
        &[][..],
        &[("client_id", "crm-eu")],
        &[("client_id", "crm-eu"), ("client_secret", "wrong")],
        &[("client_id", "crm-eu"), ("client_secret", of_another)],
        &[("client_id", "crm-eu"), ("client_secret", "")],
        &[("client_secret", SECRET)],
        &[("client_id", "nobody"), ("client_secret", SECRET)],
    ] {
        refused(claim.by(None, extra).await, &format!("{extra:?}"));
    }
    let good = basic("crm-eu", SECRET);
    let mismatch = claim.by(Some(&good), &[("client_id", "crm-us")]).await;
    refused(mismatch, "two names");
    assert_eq!(
        claim.by(Some(&good), &[("client_id", "crm-eu")]).await.0,
        200
    );
}

#[tokio::test]
async fn two_methods_at_once_are_refused() {
    let usher = TestServer::open().await;
    let claim = Claim::of(&usher).await;
    let header = basic("crm-eu", SECRET);
    let post = [("client_id", "crm-eu"), ("client_secret", SECRET)];
    let jwt = [
        ("client_assertion", "x"),
        ("client_assertion_type", JWT_BEARER),
    ];
    for (header, extra) in [
        (Some(header.as_str()), post.to_vec()),
        (Some(header.as_str()), jwt.to_vec()),
        (None, [post, jwt].concat()),
        (Some(header.as_str()), [post, jwt].concat()),
    ] {
        let (status, answer) = claim.by(header, &extra).await;
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
    }
    assert_eq!(claim.by(None, &post).await.0, 200, "client_secret_post");
}

#[tokio::test]
async fn who_tried_basic_is_challenged() {
    let usher = TestServer::open().await;
    let request = Request::post("/oidc/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, basic("crm-eu", "wrong"))
        .body(Body::from("grant_type=authorization_code&code=x"));
    let (status, headers, _) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 401);
    let challenge = headers["www-authenticate"].to_str().expect("text");
    assert!(challenge.starts_with("Basic"), "{challenge}");
}

#[tokio::test]
async fn a_secret_may_have_any_characters_form_encoded() {
    let odd = "a+b%20c:d&e=f/ü ~ and so on, thirty-two of them";
    let usher = TestServer::open().await;
    usher
        .change(|draft| draft.client("crm-eu").secret = Some(odd.to_owned().into()))
        .await;
    let encoded: String = byte_serialize(odd.as_bytes()).collect();
    let claim = Claim::of(&usher).await;
    refused(claim.by(Some(&basic("crm-eu", odd)), &[]).await, "raw");
    let answer = claim.by(Some(&basic("crm-eu", &encoded)), &[]).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
    let claim = Claim::of(&usher).await;
    let post = [("client_id", "crm-eu"), ("client_secret", odd)];
    assert_eq!(claim.by(None, &post).await.0, 200);
}

/// The CRM in Europe as a client with a key of its own.
pub async fn with_key(usher: &TestServer, key: &SigningKey) {
    with_jwk(usher, key.public_jwk()).await;
}

pub async fn with_jwk(usher: &TestServer, key: &Jwk) {
    usher
        .change(|draft| {
            let client = draft.client("crm-eu");
            client.auth = AuthMethod::PrivateKeyJwt;
            client.secret = None;
            client.jwks = Some(vec![key.clone()]);
        })
        .await;
}

pub fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key").1
}

fn claims(usher: &TestServer, jti: &str) -> Value {
    let now = usher.clock.now().secs();
    json!({ "iss": "crm-eu", "sub": "crm-eu", "aud": PORTAL, "jti": jti, "iat": now, "exp": now + 60 })
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let usher = TestServer::open().await;
    let key = key(Algorithm::Es256);
    with_key(&usher, &key).await;
    let jwt = key
        .sign(Some("JWT"), &claims(&usher, "one"))
        .expect("a token");
    let answer = Claim::of(&usher).await.assertion(&jwt, &[]).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
    let claim = Claim::of(&usher).await;
    refused(claim.assertion(&jwt, &[]).await, "replayed");
    // The same jti in another token, too; ECDSA signs the same text differently each time.
    let again = key.sign(None, &claims(&usher, "one")).expect("a token");
    refused(claim.assertion(&again, &[]).await, "the jti again");
    // An hour is the longest life, and what some libraries always give.
    let mut next = claims(&usher, "two");
    next["exp"] = json!(usher.clock.now().secs() + 3600);
    let next = key.sign(None, &next).expect("a token");
    let named = claim.assertion(&next, &[("client_id", "crm-eu")]).await;
    assert_eq!(named.0, 200, "{}", named.1);
}

#[tokio::test]
async fn an_assertion_may_be_for_the_issuer_or_the_endpoint_and_by_rsa() {
    let usher = TestServer::open().await;
    let key = key(Algorithm::Rs256);
    with_key(&usher, &key).await;
    let endpoint = format!("{PORTAL}/oidc/token");
    for (jti, aud) in [
        ("issuer", json!(PORTAL)),
        ("endpoint", json!(endpoint)),
        ("list", json!(["https://other.example", endpoint])),
    ] {
        let mut claims = claims(&usher, jti);
        claims["aud"] = aud;
        let jwt = key.sign(None, &claims).expect("a token");
        let answer = Claim::of(&usher).await.assertion(&jwt, &[]).await;
        assert_eq!(answer.0, 200, "{jti}: {}", answer.1);
    }
}

#[tokio::test]
async fn a_faulty_assertion_proves_nothing() {
    let usher = TestServer::open().await;
    let (key, stranger) = (key(Algorithm::Es256), key(Algorithm::Es256));
    with_key(&usher, &key).await;
    let claim = Claim::of(&usher).await;
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("aud", json!("https://evil.example")),
        ("aud", json!(format!("{PORTAL}/"))),
        ("aud", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 3631)),
        ("exp", Value::Null),
        ("exp", json!(i64::MAX)),
        ("iat", json!(now + 3600)),
        ("nbf", json!(now + 3600)),
        ("sub", json!("crm-us")),
        ("sub", Value::Null),
        ("iss", json!("crm-us")),
        ("iss", json!("nobody")),
        ("iss", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
    ] {
        let mut claims = claims(&usher, "bad");
        claims[name] = value.clone();
        let jwt = key.sign(None, &claims).expect("a token");
        refused(claim.assertion(&jwt, &[]).await, &format!("{name} {value}"));
    }
    let good = key.sign(None, &claims(&usher, "good")).expect("a token");
    let by_stranger = stranger
        .sign(None, &claims(&usher, "good"))
        .expect("a token");
    let (head, payload) = good.split_once('.').expect("parts");
    let payload = payload.split('.').next().expect("a payload");
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let symmetric = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    for bad in [
        by_stranger,
        format!("{none}.{payload}."),
        format!("{symmetric}.{payload}.AAAA"),
        format!("{head}.{payload}."),
        format!("{head}.{payload}.AAAA"),
        format!("{good}x"),
        "x".to_owned(),
        "..".to_owned(),
    ] {
        refused(claim.assertion(&bad, &[]).await, &bad);
    }
    refused(
        claim.assertion(&good, &[("client_id", "crm-us")]).await,
        "another's name",
    );
    let wrong_type = [
        ("client_assertion", good.as_str()),
        ("client_assertion_type", "x"),
    ];
    let (status, answer) = claim.by(None, &wrong_type).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
    // Downgrade: a client with a key has no secret.
    for secret in [SECRET, ""] {
        refused(
            claim.by(Some(&basic("crm-eu", secret)), &[]).await,
            "a secret",
        );
    }
    assert_eq!(claim.assertion(&good, &[]).await.0, 200, "still good");
}

#[tokio::test]
async fn an_id_token_of_ours_is_no_assertion() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (tokens, _) = support::relying_party::tokens(&usher, &mut ana, &Ask::of("wiki-eu")).await;
    let id_token = tokens["id_token"].as_str().expect("one");
    with_key(&usher, &key(Algorithm::Es256)).await;
    let claim = Claim::of(&usher).await;
    refused(claim.assertion(id_token, &[]).await, "ours");
    refused(
        claim.assertion(id_token, &[("client_id", "crm-eu")]).await,
        "ours",
    );
}

/// Half a minute of difference is tolerated; minutes are an error that must be fixed.
#[tokio::test]
async fn an_assertion_minutes_off_is_refused_and_seconds_off_is_accepted() {
    let usher = TestServer::open().await;
    let key = key(Algorithm::Es256);
    with_key(&usher, &key).await;
    let claim = Claim::of(&usher).await;
    for seconds in [-900, -300, -120, 120, 300, 900] {
        let mut claims = claims(&usher, &format!("off by {seconds}"));
        for name in ["iat", "exp"] {
            claims[name] = json!(claims[name].as_i64().expect("seconds") + seconds);
        }
        let jwt = key.sign(None, &claims).expect("a token");
        refused(claim.assertion(&jwt, &[]).await, &format!("{seconds} s"));
    }
    let mut claims = claims(&usher, "a bit");
    claims["iat"] = json!(usher.clock.now().secs() + 25);
    let jwt = key.sign(None, &claims).expect("a token");
    assert_eq!(claim.assertion(&jwt, &[]).await.0, 200);
}
