//! The Config plan.

use axum::{body::Body, http::Request};
use serde_json::Value;

use support::{
    remote,
    server::{PORTAL, TestServer},
};

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let usher = TestServer::open().await;
    let request = Request::get("/.well-known/openid-configuration").body(Body::empty());
    let (status, said) = remote::json(&usher, request.expect("a request")).await;
    assert_eq!((status, &said["issuer"]), (200, &Value::from(PORTAL)));
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
    ] {
        let address = said[member].as_str().expect(member);
        assert!(address.starts_with("https://usher.test/"), "{member}");
    }
    for member in [
        "scopes_supported",
        "response_types_supported",
        "grant_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "claims_supported",
        "token_endpoint_auth_methods_supported",
    ] {
        let list = said[member].as_array().expect(member);
        assert!(
            !list.is_empty() && list.iter().all(Value::is_string),
            "{member}"
        );
    }
}
