//! What a client may not say of itself.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;

use super::{CALLBACK, clients, initial, notes, notes_with, register, text};
use support::{remote::json as read, server::TestServer};

/// THREATS: redirect_uri bypass, script URLs. Refused with the code of RFC 7591 section 3.2.2 and a
/// sentence; nothing is registered, and the token is as good as before.
#[tokio::test]
async fn wrong_metadata_is_refused_with_a_sentence_and_costs_no_use() {
    let usher = TestServer::open().await;
    let token = initial(&usher, 1).await;
    let many: Vec<String> = (0..33).map(|i| format!("https://notes.test/{i}")).collect();
    let long = format!("https://notes.test/{}", "x".repeat(2048));
    let secret_key = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "d": "AA" }] });
    let weak = json!({ "keys": [{ "kty": "RSA", "n": "AQAB", "e": "AQAB" }] });
    for (members, word) in [
        (json!({ "redirect_uris": null }), "redirect_uris is missing"),
        (json!({ "redirect_uris": [] }), "redirect_uris is missing"),
        (json!({ "redirect_uris": CALLBACK }), "redirect_uris"),
        (json!({ "redirect_uris": [7] }), "redirect_uris"),
        (json!({ "redirect_uris": many }), "at most 32"),
        (json!({ "redirect_uris": [long] }), "2048"),
        (
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "https://",
        ),
        (
            json!({ "redirect_uris": [CALLBACK, "data:text/html,x"] }),
            "https://",
        ),
        (
            json!({ "redirect_uris": ["http://notes.test/"] }),
            "https://",
        ),
        (
            json!({ "redirect_uris": ["https://notes.test/#x"] }),
            "fragment",
        ),
        (
            json!({ "redirect_uris": ["https://usher.test@notes.test/"] }),
            "user name",
        ),
        (
            json!({ "redirect_uris": [" https://notes.test/"] }),
            "spaces",
        ),
        (
            json!({ "redirect_uris": ["https://notes.test/\n"] }),
            "spaces",
        ),
        (
            json!({ "redirect_uris": ["com.notes:/callback"] }),
            "https://",
        ),
        (json!({ "redirect_uris": ["/callback"] }), "absolute"),
        (
            json!({ "redirect_uris": ["https://*.notes.test:x/"] }),
            "absolute",
        ),
        (
            json!({ "grant_types": ["client_credentials"] }),
            "redirect_uris go with",
        ),
    ] {
        let (status, answer) = register(&usher, &token, &notes_with(members.clone())).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_redirect_uri")),
            "{members}"
        );
        assert!(
            text(&answer, "error_description").contains(word),
            "{members}: {answer}"
        );
    }
    for (members, word) in [
        (json!({ "client_name": "" }), ""),
        (json!({ "client_name": "  " }), "client_name"),
        (json!({ "client_name": "x".repeat(101) }), "client_name"),
        (json!({ "client_name": "CRM\u{202e}x" }), "client_name"),
        (json!({ "client_name": "CRM\u{200b}" }), "client_name"),
        (json!({ "client_name": "a\nb" }), "client_name"),
        (json!({ "client_name": "a\u{0}b" }), "NUL"),
        (json!({ "client_name": 7 }), "client_name"),
        (json!({ "logo_uri": ["\u{0}"] }), "NUL"),
        (
            json!({ "post_logout_redirect_uris": ["javascript:alert(1)"] }),
            "https://",
        ),
        (
            json!({ "initiate_login_uri": "http://notes.test/" }),
            "http://notes.test/",
        ),
        (
            json!({ "initiate_login_uri": "javascript:alert(1)" }),
            "https://",
        ),
        (
            json!({ "backchannel_logout_uri": "ftp://notes.test/" }),
            "https://",
        ),
        (
            json!({ "backchannel_logout_uri": "https://notes.test/#x" }),
            "fragment",
        ),
        (
            json!({ "frontchannel_logout_uri": "https://usher.test/" }),
            "redirect_uris",
        ),
        (
            json!({ "frontchannel_logout_uri": "javascript:alert(1)" }),
            "https://",
        ),
        (
            json!({ "token_endpoint_auth_method": "none" }),
            "private_key_jwt",
        ),
        (
            json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
            "private_key_jwt",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            "jwks",
        ),
        (
            json!({ "jwks": { "keys": [] } }),
            "jwks goes with private_key_jwt",
        ),
        (
            json!({ "jwks_uri": "https://notes.test/keys" }),
            "never fetched",
        ),
        (
            json!({ "sector_identifier_uri": "https://notes.test/s" }),
            "never fetched",
        ),
        (json!({ "jwks": "x" }), "jwks"),
        (json!({ "jwks": secret_key }), "private key"),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [] } }),
            "public keys",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": weak }),
            "public keys",
        ),
        (json!({ "id_token_signed_response_alg": "none" }), "ES256"),
        (json!({ "id_token_signed_response_alg": "HS256" }), "ES256"),
        (
            json!({ "grant_types": ["authorization_code", "password"] }),
            "password",
        ),
        (json!({ "grant_types": ["implicit"] }), "go together"),
        (
            json!({ "grant_types": ["authorization_code", "implicit"] }),
            "go together",
        ),
        (
            json!({ "response_types": ["code", "id_token"] }),
            "go together",
        ),
        (json!({ "response_types": [] }), "go together"),
        (json!({ "response_types": ["code", "token"] }), "token"),
        (
            json!({ "response_types": ["code id_token"] }),
            "code id_token",
        ),
        (json!({ "scope": "a\"b" }), "scope"),
        (json!({ "scope": "ü" }), "scope"),
        (json!({ "scope": ["openid"] }), "scope"),
        (json!({ "subject_type": "private" }), "subject_type"),
        (
            json!({ "subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://crm-eu.test/"] }),
            "one host",
        ),
        (
            json!({ "require_pushed_authorization_requests": "true" }),
            "require_pushed",
        ),
        (
            json!({ "require_signed_request_object": true }),
            "require_signed_request_object",
        ),
        (json!({ "dpop_bound_access_tokens": 1 }), "dpop_bound"),
        (
            json!({ "authorization_details_types": ["payment"] }),
            "payment",
        ),
    ] {
        if members["client_name"] == "" {
            continue; // as good as none
        }
        let (status, answer) = register(&usher, &token, &notes_with(members.clone())).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_client_metadata")),
            "{members}"
        );
        assert!(
            text(&answer, "error_description").contains(word),
            "{members}: {answer}"
        );
    }
    assert!(clients(&usher).await.is_empty());
    assert_eq!(register(&usher, &token, &notes()).await.0, 201);
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let usher = TestServer::open().await;
    let token = initial(&usher, 1).await;
    let deep = "[".repeat(10_000);
    for (kind, body) in [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "\"x\""),
        ("application/json", "\u{feff}{}"),
        ("application/json", deep.as_str()),
        ("text/plain", "{}"),
        (
            "application/x-www-form-urlencoded",
            "redirect_uris=https://notes.test/",
        ),
    ] {
        let request = Request::post("/oidc/register")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()));
        let (status, answer) = read(&usher, request.expect("a request")).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_client_metadata")),
            "{kind} {body:.9}"
        );
    }
    assert_eq!(register(&usher, &token, &notes()).await.0, 201);
}
