//! The token endpoint's answer, and what the id_token says.

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usher::id::sha256;

use support::{
    browser::Browser,
    relying_party::{Ask, access_token, callback, code, form, launch_code, tokens},
    remote::{self, token, verify},
    server::{PORTAL, TestServer},
};

#[tokio::test]
async fn the_id_token_says_who_when_and_for_whom() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session");
    usher.advance(std::time::Duration::from_secs(5));
    let (answer, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("iss", json!(PORTAL)),
        ("sub", json!(who.user.id.as_str())),
        ("aud", json!("crm-eu")),
        ("iat", json!(now)),
        ("auth_time", json!(now - 5)),
        ("nonce", json!("the nonce")),
        ("amr", json!(["pwd"])),
        (
            "sid",
            json!(usher.app.issuer.keys.sid("crm-eu", &who.session.id)),
        ),
        ("name", json!("Ana Almeida")),
        ("email", json!("ana@example.org")),
        ("groups", json!(["sales", "staff"])),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    let life = claims["exp"].as_i64().expect("exp") - now;
    assert!((1..=600).contains(&life), "{life}");
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["scope"], "openid profile email groups");
    assert!(claims.get("urn:usher:launch").is_none());
}

#[tokio::test]
async fn at_hash_is_the_access_tokens() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (answer, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let whole = sha256(access_token(&answer));
    let whole = URL_SAFE_NO_PAD.decode(whole).expect("base64url");
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&whole[..16]));
}

#[tokio::test]
async fn a_nonce_is_echoed_only_when_it_was_given() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu").without("nonce")).await;
    assert!(claims.get("nonce").is_none());
    let nonce = "a \"nonce\" with ümlauts & more";
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu").with("nonce", nonce)).await;
    assert_eq!(claims["nonce"], nonce);
}

#[tokio::test]
async fn claims_come_by_scope() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (scope, granted, there) in [
        ("openid", "openid", &[][..]),
        ("email openid else", "email openid", &["email"]),
        (
            "openid profile",
            "openid profile",
            &["name", "preferred_username"],
        ),
        ("openid groups", "openid groups", &["groups"]),
    ] {
        let ask = Ask::of("crm-eu").with("scope", scope);
        let (answer, claims) = tokens(&usher, &mut ana, &ask).await;
        assert_eq!(answer["scope"], granted);
        let (_, info) = support::relying_party::userinfo(&usher, access_token(&answer)).await;
        for name in ["email", "name", "preferred_username", "groups"] {
            assert_eq!(claims.get(name).is_some(), there.contains(&name), "{name}");
            assert_eq!(info.get(name), claims.get(name), "{name}");
        }
    }
}

#[tokio::test]
async fn the_subject_is_the_same_at_every_sign_in_and_at_every_client() {
    let usher = TestServer::open().await;
    let mut subjects = Vec::new();
    for client in ["crm-eu", "wiki-eu", "crm-eu"] {
        let mut ana = Browser::of(&usher, "ana").await;
        let (_, claims) = tokens(&usher, &mut ana, &Ask::of(client)).await;
        subjects.push(claims["sub"].as_str().expect("a subject").to_owned());
    }
    subjects.dedup();
    assert_eq!(subjects.len(), 1);
    assert!(subjects[0].len() <= 255 && subjects[0].is_ascii());
    let mut ben = Browser::of(&usher, "ben").await;
    let (_, claims) = tokens(&usher, &mut ben, &Ask::of("crm-us")).await;
    assert_ne!(claims["sub"], subjects[0].as_str());
}

#[tokio::test]
async fn a_client_that_wants_rs256_gets_rs256() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| draft.client("crm-eu").id_token_alg = "RS256".into())
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (client, algorithm) in [("crm-eu", "RS256"), ("wiki-eu", "ES256")] {
        let (answer, _) = tokens(&usher, &mut ana, &Ask::of(client)).await;
        let head = answer["id_token"]
            .as_str()
            .and_then(|t| t.split('.').next());
        let head = URL_SAFE_NO_PAD.decode(head.expect("a header"));
        let head: Value = serde_json::from_slice(&head.expect("base64url")).expect("JSON");
        assert_eq!(head["alg"], algorithm);
        assert!(head["kid"].is_string());
    }
    // The context comes signed with the other key as well.
    let page = ana.get("/go/crm/customer/C-1042").await;
    assert_eq!(
        page.shown("context").as_deref(),
        Some("customer C-1042 view")
    );
}

#[tokio::test]
async fn a_launch_code_gives_the_launch_beside_the_token_too() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = launch_code(&mut ana, "/go/tickets/case/cs-2207?intent=edit").await;
    let (status, answer) = token(&usher, "desk-eu", &remote::launch_code(&code)).await;
    assert_eq!(status, 200, "{answer}");
    let claims = verify(&usher, "desk-eu", &answer).await;
    let launch = &claims["urn:usher:launch"];
    assert_eq!(answer["launch_id"], launch["id"]);
    assert_eq!(answer["intent"], "edit");
    assert_eq!(
        answer["target_link_uri"],
        "https://desk-eu.test/cases/CS-2207/edit"
    );
    assert_eq!(launch["target_link_uri"], answer["target_link_uri"]);
    assert_eq!(
        answer["ctx"],
        json!([{ "type": "case", "id": { "urn:usher:context:case": "CS-2207" }, "fields": {} }])
    );
    assert_eq!(launch["ctx"], answer["ctx"]);
    assert!(claims.get("nonce").is_none());
}

async fn post(usher: &TestServer, kind: Option<&str>, body: &str) -> (u16, Value) {
    let mut request = Request::post("/oidc/token").header(
        header::AUTHORIZATION,
        super::client::basic("crm-eu", "secret-of-crm-eu-secret-of-crm-eu-secret"),
    );
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let request = request.body(Body::from(body.to_owned()));
    remote::json(usher, request.expect("a request")).await
}

#[tokio::test]
async fn a_request_that_is_no_form_is_no_token_request() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let callback = callback("crm-eu");
    let good = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form(&code, &callback))
        .finish();
    for kind in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data"),
        Some("application/x-www-form-urlencoded-not"),
    ] {
        let (status, answer) = post(&usher, kind, &good).await;
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
    }
    let form = Some("application/x-www-form-urlencoded");
    for (body, word) in [
        (String::new(), "invalid_request"),
        (format!("{good}&code=again"), "invalid_request"),
        (
            format!("{good}&grant_type=authorization_code"),
            "invalid_request",
        ),
        (
            good.replace("grant_type=authorization_code", ""),
            "invalid_request",
        ),
        (good.replace("code=", "cod="), "invalid_request"),
        (
            "grant_type=password&username=ana&password=x".into(),
            "unsupported_grant_type",
        ),
        (
            "grant_type=client_credentials".into(),
            "unauthorized_client",
        ),
        (
            "grant_type=refresh_token&refresh_token=x".into(),
            "unauthorized_client",
        ),
        (
            "grant_type=AUTHORIZATION_CODE&code=x".into(),
            "unsupported_grant_type",
        ),
    ] {
        let (status, answer) = post(&usher, form, &body).await;
        assert_eq!((status, &answer["error"]), (400, &json!(word)), "{body}");
    }
    let charset = "application/x-www-form-urlencoded; charset=UTF-8";
    let (status, answer) = post(&usher, Some(charset), &good).await;
    assert_eq!(
        status, 200,
        "nothing of the above used the code up: {answer}"
    );
}

#[tokio::test]
async fn nothing_that_carries_an_artefact_is_kept_by_a_cache() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu");
    let page = ana.peek(&ask.path()).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    let refused = ana
        .peek(&ask.clone().with("redirect_uri", "x").path())
        .await;
    assert_eq!(refused.headers["cache-control"], "no-store");
    let callback = callback("crm-eu");
    let code = page.sent().remove("code").expect("a code");
    let secret = "secret-of-crm-eu-secret-of-crm-eu-secret";
    let mut access = String::new();
    // The second time it is an error.
    for status in [200, 400] {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form(&code, &callback))
            .finish();
        let request = Request::post("/oidc/token")
            .header(
                header::AUTHORIZATION,
                super::client::basic("crm-eu", secret),
            )
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        let (answered, headers, body) = usher.ask(request.expect("a request")).await;
        assert_eq!(
            (answered, &headers["cache-control"]),
            (status, &"no-store".parse().expect("text"))
        );
        assert!(
            headers["content-type"]
                .to_str()
                .expect("text")
                .starts_with("application/json")
        );
        let body: Value = serde_json::from_str(&body).expect("JSON");
        if status == 200 {
            access = access_token(&body).to_owned();
        }
    }
    let request = Request::get("/oidc/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {access}"))
        .body(Body::empty());
    let (_, headers, _) = usher.ask(request.expect("a request")).await;
    assert_eq!(headers["cache-control"], "no-store");
}
