//! Our authentication at a provider, and settings that are refused.

use serde_json::{Value, json};
use usher::protocol::jose::{Algorithm, Jwk, JwkSet, SigningKey, Validation, kind, verify};

use super::{World, open, usher};
use support::op::{CLIENT, Op, SECRET};

#[tokio::test]
async fn a_secret_goes_by_header_or_form_and_never_by_address() {
    let world = World::new().await;
    world.sign_in().await.expect("client_secret_basic");
    let (form, headers) = world.op.latest("/token");
    assert!(headers.contains_key("authorization") && !form.contains_key("client_secret"));
    assert_eq!(form["grant_type"], "authorization_code");
    let world = World::with(json!({"client_auth": "client_secret_post"})).await;
    world.sign_in().await.expect("client_secret_post");
    let (form, headers) = world.op.latest("/token");
    assert!(!headers.contains_key("authorization"));
    assert_eq!(
        (form["client_id"].as_str(), form["client_secret"].as_str()),
        (CLIENT, SECRET)
    );
    let public = json!({"client_auth": "none", "client_secret": null});
    let world = World::with(public).await;
    world.sign_in().await.expect("a public client");
    let (form, headers) = world.op.latest("/token");
    assert!(!headers.contains_key("authorization") && !form.contains_key("client_secret"));
    assert!(form.contains_key("code_verifier"));
}

fn pem(pkcs8: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(pkcs8);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

fn by_key(pem: &str) -> Value {
    json!({"client_auth": "private_key_jwt", "client_secret": null, "client_key": pem})
}

fn checked(assertion: &str, key: &Jwk, issuer: &str, now: i64) -> Value {
    let keys = JwkSet::new(vec![key.clone()]);
    let verified =
        verify(assertion, &keys, &Algorithm::ALL, &kind::CLIENT_ASSERTION).expect("signed by us");
    let expected = Validation {
        issuer: CLIENT,
        audience: &[issuer],
        now,
        leeway: 0,
    };
    expected.check(&verified).expect("for the provider");
    verified.claims().expect("claims")
}

#[tokio::test]
async fn a_key_proves_us_at_both_endpoints_and_each_proof_is_another() {
    for algorithm in Algorithm::ALL {
        let (pkcs8, key) = SigningKey::generate(algorithm).expect("a key");
        let world = World::with(by_key(&pem(&pkcs8))).await;
        let place = format!("{}/par", world.op.issuer);
        world.op.mind().metadata = json!({"pushed_authorization_request_endpoint": place});
        world.sign_in().await.expect("private_key_jwt");
        let now = world.usher.clock.now().secs();
        let claims = ["/par", "/token"].map(|path| {
            let (form, headers) = world.op.latest(path);
            assert!(!headers.contains_key("authorization"));
            assert_eq!(
                form["client_assertion_type"],
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            );
            let assertion = &form["client_assertion"];
            checked(assertion, key.public_jwk(), &world.op.issuer, now)
        });
        for claims in &claims {
            assert_eq!(
                (&claims["sub"], &claims["aud"]),
                (&json!(CLIENT), &json!(world.op.issuer))
            );
            assert_eq!(claims["exp"], now + 60);
        }
        assert_ne!(claims[0]["jti"], claims[1]["jti"]);
    }
}

#[tokio::test]
async fn a_client_that_the_provider_does_not_know_is_its_admins_trouble() {
    let world = World::with(json!({"client_secret": "wrong"})).await;
    let words = super::down(world.sign_in().await);
    assert!(words.contains("invalid_client"), "{words}");
}

#[tokio::test]
async fn what_an_admin_wrote_wrongly_is_named_with_its_setting() {
    let usher = usher().await;
    let op = Op::start(&usher.clock).await;
    for (changes, words) in [
        (
            json!({"isuer": "x"}),
            "unknown setting \"isuer\"; the known ones are issuer, ",
        ),
        (json!({"issuer": null}), "\"issuer\" is missing"),
        (
            json!({"issuer": "op.example"}),
            "\"issuer\": \"op.example\" is not an absolute",
        ),
        (
            json!({"issuer": "http://op.example"}),
            "must begin with https://",
        ),
        (
            json!({"issuer": "https://op.example?x"}),
            "must have no query",
        ),
        (json!({"issuer": "https://op.example#x"}), "no fragment"),
        (json!({"issuer": 7}), "\"issuer\": invalid type"),
        (json!({"client_id": ""}), "\"client_id\""),
        (
            json!({"client_secret": null}),
            "\"client_secret\": is missing",
        ),
        (
            json!({"client_secret": ""}),
            "\"client_secret\": is missing",
        ),
        (
            json!({"client_auth": "client_secret_jwt"}),
            "\"client_auth\": is one of",
        ),
        (
            json!({"client_auth": "private_key_jwt"}),
            "\"client_key\": is missing",
        ),
        (
            by_key("hello"),
            "\"client_key\": is not a private key in PEM",
        ),
        (by_key(&pem(b"hello")), "\"client_key\": is neither"),
        (
            json!({"scopes": ["email"]}),
            "\"scopes\": must contain openid",
        ),
        (json!({"scopes": ["openid email"]}), "is not one word"),
        (json!({"scopes": "openid"}), "\"scopes\": invalid type"),
        (
            json!({"algorithms": ["none"]}),
            "\"algorithms\": \"none\" is not one of",
        ),
        (json!({"algorithms": ["HS256"]}), "\"HS256\" is not one of"),
        (json!({"algorithms": ["rs256"]}), "\"rs256\" is not one of"),
        (json!({"prompt": "none"}), "\"prompt\": is login"),
        (json!({"max_age": -1}), "\"max_age\": invalid value"),
        (json!({"clock_skew_seconds": 301}), "must be from 0 to 300"),
        (
            json!({"use_par": "yes"}),
            "\"use_par\": is one of auto, never, require",
        ),
        (
            json!({"iss_parameter": "never"}),
            "\"iss_parameter\": is one of",
        ),
        (
            json!({"require_acr": true}),
            "\"require_acr\": needs acr_values",
        ),
        (json!({"userinfo": "no"}), "\"userinfo\": invalid type"),
        (json!({"strong_amr": "mfa"}), "\"strong_amr\": invalid type"),
    ] {
        let error = open(&usher, &op, changes).err().expect("refused");
        assert!(error.contains(words), "{error}\ndoes not say\n{words}");
    }
}

#[tokio::test]
async fn a_secret_of_the_wrong_type_is_not_repeated() {
    let usher = usher().await;
    let op = Op::start(&usher.clock).await;
    for name in ["client_secret", "client_key"] {
        let error = open(&usher, &op, json!({name: 271_828})).err();
        assert_eq!(error, Some(format!("the setting \"{name}\": must be text")));
    }
}
