//! What a relying party reads before it trusts us.

use axum::{body::Body, http::Request};
use serde_json::Value;

use support::{
    browser::Browser,
    relying_party::{Ask, tokens},
    remote::json,
    server::{PORTAL, TestServer},
};

async fn get(usher: &TestServer, path: &str) -> Value {
    let request = Request::get(path).body(Body::empty());
    let (status, body) = json(usher, request.expect("a request")).await;
    assert_eq!(status, 200, "{path}");
    body
}

fn has(list: &Value, wanted: &str) -> bool {
    list.as_array()
        .expect("a list")
        .iter()
        .any(|one| one == wanted)
}

#[tokio::test]
async fn the_discovery_document_is_complete() {
    let usher = TestServer::open().await;
    let document = get(&usher, "/.well-known/openid-configuration").await;
    for (member, wanted) in [
        ("response_types_supported", "code"),
        ("response_types_supported", "id_token"),
        ("authorization_details_types_supported", "urn:usher:context"),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("scopes_supported", "address"),
        ("claims_supported", "phone_number"),
        ("response_modes_supported", "query"),
        ("response_modes_supported", "form_post"),
        ("grant_types_supported", "authorization_code"),
        (
            "grant_types_supported",
            "urn:usher:params:oauth:grant-type:launch-code",
        ),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("id_token_signing_alg_values_supported", "ES256"),
        (
            "token_endpoint_auth_methods_supported",
            "client_secret_basic",
        ),
        (
            "token_endpoint_auth_methods_supported",
            "client_secret_post",
        ),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("code_challenge_methods_supported", "S256"),
        ("scopes_supported", "openid"),
        ("prompt_values_supported", "none"),
        ("claims_supported", "urn:usher:launch"),
    ] {
        assert!(has(&document[member], wanted), "{member}: {wanted}");
    }
    assert!(!has(&document["code_challenge_methods_supported"], "plain"));
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(document["usher_handoff_supported"], true);
    for (member, value) in [
        ("claims_parameter_supported", true),
        ("request_parameter_supported", true),
        ("request_uri_parameter_supported", false),
    ] {
        assert_eq!(document[member], value, "{member}");
    }
}

#[tokio::test]
async fn the_issuer_is_the_same_bytes_everywhere() {
    let usher = TestServer::open().await;
    let document = get(&usher, "/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], PORTAL);
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu");
    assert_eq!(ana.peek(&ask.path()).await.sent()["iss"], PORTAL);
    let (_, claims) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(claims["iss"], PORTAL);
    let initiation = ana.peek("/go/crm/customer/C-1042").await.sent();
    assert_eq!(initiation["iss"], PORTAL);
}

#[tokio::test]
async fn every_endpoint_listed_answers() {
    let usher = TestServer::open().await;
    let document = get(&usher, "/.well-known/openid-configuration").await;
    for (member, method, status) in [
        ("authorization_endpoint", "GET", 400),
        ("authorization_endpoint", "POST", 303),
        ("token_endpoint", "POST", 400),
        ("userinfo_endpoint", "GET", 401),
        ("userinfo_endpoint", "POST", 401),
        ("jwks_uri", "GET", 200),
        ("end_session_endpoint", "GET", 303),
        ("end_session_endpoint", "POST", 303),
    ] {
        let address = document[member].as_str().expect("an address");
        let path = address.strip_prefix(PORTAL).expect("under the issuer");
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::empty()).expect("a request");
        assert_eq!(usher.ask(request).await.0, status, "{method} {path}");
    }
}

#[tokio::test]
async fn the_key_set_has_one_key_an_algorithm_and_nothing_private() {
    let usher = TestServer::open().await;
    let keys = get(&usher, "/oidc/jwks").await;
    let keys = keys["keys"].as_array().expect("keys");
    let mut algorithms: Vec<_> = keys.iter().map(|key| key["alg"].as_str()).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, [Some("ES256"), Some("RS256")]);
    for key in keys {
        assert_eq!(key["use"], "sig");
        assert!(key["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private} is published");
        }
    }
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
}

#[tokio::test]
async fn another_site_may_read_discovery_and_keys_and_nothing_else() {
    let usher = TestServer::open().await;
    for (path, open) in [
        ("/.well-known/openid-configuration", true),
        ("/oidc/jwks", true),
        ("/oidc/userinfo", false),
        ("/oidc/authorize", false),
    ] {
        let request = Request::get(path)
            .header("origin", "https://elsewhere.example")
            .body(Body::empty());
        let (_, headers, _) = usher.ask(request.expect("a request")).await;
        let allowed = headers.get("access-control-allow-origin");
        assert_eq!(allowed.is_some(), open, "{path}");
    }
}

#[tokio::test]
async fn keys_are_the_same_for_another_replica() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let kids = |keys: Value| {
        let keys = keys["keys"].as_array().expect("keys").clone();
        let mut kids: Vec<_> = keys.iter().map(|key| key["kid"].to_string()).collect();
        kids.sort();
        kids
    };
    let (ours, theirs) = (
        get(&usher, "/oidc/jwks").await,
        get(&replica, "/oidc/jwks").await,
    );
    assert_eq!(kids(ours), kids(theirs));
}
