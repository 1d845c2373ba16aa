//! What applications receive: claims, scopes, parameters, headers, identifiers.

use serde_json::Value;
use usher::id::Artefact;

use super::document;
use support::{
    browser::Browser,
    gate::{self, Knock, let_in},
    relying_party::{Ask, RECORD, field, handle, tokens},
    server::TestServer,
};

/// Lists of the discovery document, with values that clients have configured.
const SUPPORTED: &[(&str, &[&str])] = &[
    (
        "claims_supported",
        &[
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "at_hash",
            "sid",
            "urn:usher:launch",
            "name",
            "preferred_username",
            "given_name",
            "family_name",
            "locale",
            "email",
            "email_verified",
            "phone_number",
            "address",
            "groups",
        ],
    ),
    (
        "scopes_supported",
        &[
            "openid",
            "profile",
            "email",
            "address",
            "phone",
            "groups",
            "offline_access",
        ],
    ),
    (
        "grant_types_supported",
        &[
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:usher:params:oauth:grant-type:launch-code",
        ],
    ),
    (
        "acr_values_supported",
        &["urn:usher:acr:1", "urn:usher:acr:2"],
    ),
    (
        "authorization_details_types_supported",
        &["urn:usher:context"],
    ),
    ("response_types_supported", &["code", "id_token"]),
    (
        "response_modes_supported",
        &["query", "fragment", "form_post"],
    ),
    ("subject_types_supported", &["public", "pairwise"]),
    ("id_token_signing_alg_values_supported", &["ES256", "RS256"]),
    (
        "token_endpoint_auth_methods_supported",
        &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
    ),
    ("code_challenge_methods_supported", &["S256"]),
    (
        "prompt_values_supported",
        &["none", "login", "consent", "select_account"],
    ),
    ("dpop_signing_alg_values_supported", &["ES256", "RS256"]),
];

/// The claims of the id_token of a launch.
const ID_TOKEN: [&str; 16] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "email",
    "email_verified",
    "exp",
    "groups",
    "iat",
    "iss",
    "name",
    "nonce",
    "preferred_username",
    "sid",
    "sub",
];
const LAUNCH: &str = "urn:usher:launch";

/// What an application behind a gateway reads.
const IDENTITY_HEADERS: [&str; 6] = [
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-usher-assertion",
    "x-usher-omitted",
];

/// The prefixes of secrets: scanners for leaked secrets, logs and filters know them by these.
const PREFIXES: [&str; 19] = [
    "us_", "ub_", "lh_", "ac_", "hc_", "ua_", "st_", "ul_", "rt_", "pr_", "up_", "ti_", "gt_",
    "gs_", "ST-", "ia_", "ra_", "cs_", "td_",
];

#[tokio::test]
async fn the_discovery_document_promises_no_less() {
    let usher = TestServer::open().await;
    let discovery = document(&usher, "/.well-known/openid-configuration").await;
    for (member, values) in SUPPORTED {
        let list = discovery[*member].as_array();
        let list = list.unwrap_or_else(|| panic!("{member} is gone: clients read it"));
        for value in *values {
            let is_there = list.iter().any(|one| one == value);
            assert!(is_there, "{member}: {value} is gone: clients ask for it");
        }
    }
    for member in [
        "authorization_response_iss_parameter_supported",
        "backchannel_logout_session_supported",
        "backchannel_logout_supported",
        "claims_parameter_supported",
        "frontchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "request_parameter_supported",
        "usher_handoff_supported",
    ] {
        assert_eq!(discovery[member], true, "{member}: clients rely on it");
    }
}

#[tokio::test]
async fn the_id_token_of_a_launch_has_the_claims_that_clients_read() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let hint = handle(&mut ana, RECORD).await;
    let ask = Ask::of("crm-eu").with("login_hint", &hint);
    let (_, claims) = tokens(&usher, &mut ana, &ask).await;
    for claim in ID_TOKEN {
        assert!(claims.get(claim).is_some(), "{claim} is gone: {claims}");
    }
    let launch = &claims[LAUNCH];
    for member in ["ctx", "id", "intent", "return_uri", "target_link_uri"] {
        assert!(launch.get(member).is_some(), "{member} is gone: {launch}");
    }
    let record = &launch["ctx"][0];
    assert_eq!(record["type"], "customer");
    assert_eq!(record["id"]["urn:usher:context:customer"], "C-1042");
    assert!(record["fields"].is_object(), "fields is gone: {record}");
    let begins = |value: &Value, prefix: &str| {
        let text = value.as_str().unwrap_or_default();
        assert!(
            text.starts_with(prefix),
            "{text} does not begin with {prefix}"
        );
    };
    begins(&claims["sub"], "usr_");
    begins(&launch["id"], "lau_");
    begins(&launch["return_uri"], "https://usher.test/launches/lau_");
}

#[tokio::test]
async fn a_launch_sends_the_parameters_that_applications_read() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let sent = ana.peek(RECORD).await.sent();
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["iss", "login_hint", "target_link_uri"],
        "applications start a sign-in by these (OpenID Connect Core 1.0 section 4)"
    );
    let page = ana.peek("/go/tickets/case/CS-2207").await;
    assert!(field(&page, "code").starts_with("hc_"), "{}", page.text());
    assert_eq!(field(&page, "iss"), "https://usher.test");
}

#[tokio::test]
async fn the_headers_that_identify_a_user_to_a_page_keep_their_names() {
    let usher = gate::usher().await;
    let (_ana, cookie) = let_in(&usher, "ana").await;
    let (status, headers) = Knock::at("/figures").by(&cookie).ask(&usher).await;
    assert_eq!(status, 200);
    for name in IDENTITY_HEADERS {
        assert!(
            headers.contains_key(name),
            "{name} is gone: gateways copy it and pages read it"
        );
    }
    assert_eq!(headers["remote-user"], "ana");
    // The other way to ask, which nginx has.
    let knock = Knock::at("/figures")
        .without("x-forwarded-proto")
        .without("x-forwarded-host")
        .without("x-forwarded-uri")
        .with("x-original-url", "https://page-eu.test/figures");
    assert_eq!(
        knock.by(&cookie).status(&usher).await,
        200,
        "X-Original-URL"
    );
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let usher = TestServer::open().await;
    for path in ["/sign-in", "/nowhere", "/oidc/jwks", "/health/live"] {
        let page = Browser::new(&usher).peek(path).await;
        let id = page.headers.get("x-request-id");
        let id = id.unwrap_or_else(|| panic!("{path} has no X-Request-ID: logs refer to it"));
        assert!(id.to_str().expect("a text").starts_with("req_"), "{path}");
    }
}

#[test]
fn the_prefixes_of_secrets_stay() {
    let kinds = Artefact::ALL.into_iter().chain(usher::issuer::artefacts());
    let prefixes: Vec<&str> = kinds.map(Artefact::prefix).collect();
    for prefix in PREFIXES {
        assert!(
            prefixes.contains(&prefix),
            "{prefix} is gone: what carries it is void after an upgrade"
        );
    }
}
