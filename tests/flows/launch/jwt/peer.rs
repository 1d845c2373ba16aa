//! Libraries of others read the tokens: PyJWT and jose; and Looker's signature is computed as in
//! its documentation.

use std::{io::Write, process::Stdio};

use serde_json::{Value, json};

use super::{SECRET, land, linked, published, shared, to, usher};
use support::{
    process::{node, python},
    relying_party::field,
    server::TestServer,
    shared_secret::pairs,
};

async fn pyjwt(given: Value) -> Value {
    let mut command = python("dictated_tokens.py");
    command.arg(given.to_string());
    let run = tokio::task::spawn_blocking(move || command.output());
    let done = run.await.expect("it ran").expect("python runs: make deps");
    let why = String::from_utf8_lossy(&done.stderr).into_owned();
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{why}"))
}

async fn jose(given: Value) -> Value {
    let mut command = node("dictated_tokens.mjs");
    let run = tokio::task::spawn_blocking(move || {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("node runs: make deps");
        let mut input = child.stdin.take().expect("a pipe");
        input
            .write_all(given.to_string().as_bytes())
            .expect("written");
        drop(input);
        child.wait_with_output().expect("its answer")
    });
    let done = run.await.expect("it ran");
    serde_json::from_slice(&done.stdout).expect("JSON")
}

#[tokio::test]
async fn pyjwt_and_jose_accept_tokens_signed_with_the_shared_secret() {
    let (none, embedded) = (json!({}), json!({ "address": "/embedded" }));
    for (profile, more, audience) in [
        ("zendesk", &none, None),
        ("metabase", &none, None),
        ("metabase-embed", &none, None),
        ("superset", &embedded, Some("https://app.test")),
        ("custom", &embedded, None),
    ] {
        let usher = usher(shared(profile, more.clone())).await;
        let page = land(&usher).await;
        let token = match profile {
            "zendesk" | "custom" => field(&page, "jwt"),
            "superset" => field(&page, "guest_token"),
            "metabase" => pairs(to(&page).query().expect("a query"))["jwt"].clone(),
            _ => {
                let url = to(&page);
                url.path().rsplit('/').next().expect("a segment").to_owned()
            }
        };
        let now = usher.clock.now().secs();
        let given = |key: &str, now: i64| json!({ "token": token, "key": key, "alg": "HS256", "now": now, "aud": audience });
        let jose_given = |key: &str, now: i64| {
            let mut given = given(key, now);
            let all = given.as_object_mut().expect("an object");
            all.retain(|_, value| !value.is_null());
            Value::Object(all.clone())
        };
        let (ours, theirs) = (
            pyjwt(given(SECRET, now)).await,
            jose(jose_given(SECRET, now)).await,
        );
        assert!(ours.get("fault").is_none(), "{profile}: {ours}");
        assert_eq!(ours, theirs, "{profile}");
        let other = "another-secret-of-thirty-two-bytes-or-more";
        assert_eq!(
            pyjwt(given(other, now)).await["fault"],
            "InvalidSignatureError"
        );
        let fault = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
        assert_eq!(jose(jose_given(other, now)).await["fault"], fault);
        if profile != "zendesk" {
            assert_eq!(
                jose(jose_given(SECRET, now + 601)).await["fault"],
                "ERR_JWT_EXPIRED"
            );
        }
    }
}

#[tokio::test]
async fn pyjwt_and_jose_accept_tokens_signed_with_our_published_keys() {
    for alg in ["ES256", "RS256"] {
        let usher = usher(json!({ "profile": "grafana", "alg": alg })).await;
        let url = to(&land(&usher).await);
        let token = pairs(url.query().expect("a query"))["auth_token"].clone();
        let keys = published(&usher).await;
        let all = keys["keys"].as_array().expect("keys");
        let key = all
            .iter()
            .find(|key| key["alg"] == alg)
            .expect("one of them");
        let (now, aud) = (usher.clock.now().secs(), "https://app.test");
        let given = json!({ "token": token, "key": key, "alg": alg, "now": now, "aud": aud });
        let ours = pyjwt(given).await;
        assert_eq!(ours["email"], "ana@example.org", "{ours}");
        let given = json!({ "token": token, "key": keys, "alg": alg, "now": now, "aud": aud });
        assert_eq!(jose(given).await, ours);
        let given =
            json!({ "token": token, "key": key, "alg": alg, "now": now, "aud": "https://x" });
        assert_eq!(pyjwt(given).await["fault"], "InvalidAudienceError");
    }
}

#[tokio::test]
async fn lookers_signature_is_what_its_documentation_says() {
    let claims = json!({ "permissions": ["access_data"], "models": ["a b", "ä"],
        "user_attributes": { "region": "{attribute(region)}" }, "external_group_id": "g 1" });
    let settings = shared("looker", json!({ "claims": claims }));
    let usher = TestServer::with(&linked(settings, "/embed/dashboards/{key}{?tab}")).await;
    let url = to(&land(&usher).await);
    let told = pyjwt(json!({ "looker": url.as_str(), "secret": SECRET })).await;
    assert_eq!(told["models"], json!(["a b", "ä"]), "{told}");
    assert_eq!(told["user_attributes"], json!({ "region": "europe" }));
    let changed = url.as_str().replace("europe", "mars");
    let fault = pyjwt(json!({ "looker": changed, "secret": SECRET })).await;
    assert_eq!(fault["fault"], "signature");
}
