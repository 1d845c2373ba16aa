//! Addresses.

use axum::{body::Body, http::Request};

use support::server::{PORTAL, TestServer};

/// The methods of an address, the address, and what would break without it.
const PATHS: &[(&str, &str, &str)] = &[
    ("GET", "/", "bookmarks"),
    ("GET", "/open", "search forms and bookmarks for records"),
    ("GET", "/go/{service}", "links to services"),
    (
        "GET",
        "/go/{service}/{kind}/{key}",
        "links to records, in mails and in other applications",
    ),
    ("GET", "/services/{service}", "bookmarks"),
    ("GET", "/sign-in", "links to the sign-in"),
    ("GET POST", "/sign-out", "links to the sign-out"),
    ("GET", "/signed-out", "links to the sign-out"),
    ("GET", "/account", "bookmarks"),
    ("GET", "/account/factors", "instructions of help desks"),
    (
        "GET POST",
        "/account/password",
        "instructions of help desks",
    ),
    ("GET", "/account/history", "instructions of help desks"),
    ("GET POST", "/recover", "instructions of help desks"),
    ("GET", "/recover/{link}", "mails that were sent"),
    ("GET", "/invite/{link}", "mails that were sent"),
    ("GET POST", "/mail/{link}", "mails that were sent"),
    (
        "GET POST",
        "/welcome/{link}",
        "the link for the first administrator",
    ),
    (
        "POST",
        "/launches/{launch}/receipt",
        "applications that send landing receipts",
    ),
    (
        "GET",
        "/launches/{launch}/refused",
        "applications that send users back (return_uri)",
    ),
    (
        "GET",
        "/upstream/{provider}/callback",
        "redirect addresses registered at OpenID providers",
    ),
    (
        "POST",
        "/upstream/{provider}/response",
        "the page that passes a SAML response on",
    ),
    (
        "POST",
        "/upstream/{provider}/acs",
        "metadata that SAML identity providers have stored",
    ),
    (
        "GET",
        "/upstream/{provider}/metadata",
        "SAML identity providers that fetch it",
    ),
    (
        "GET POST",
        "/upstream/{provider}/logout",
        "identity providers that send logouts",
    ),
    (
        "GET",
        "/.well-known/openid-configuration",
        "every OpenID Connect client",
    ),
    ("GET POST", "/oidc/authorize", "configured clients"),
    ("POST", "/oidc/token", "configured clients"),
    ("GET POST", "/oidc/userinfo", "configured clients"),
    (
        "GET",
        "/oidc/jwks",
        "every application that verifies a signature",
    ),
    ("GET POST", "/oidc/end-session", "configured clients"),
    ("POST", "/oidc/introspect", "configured resource servers"),
    ("POST", "/oidc/revoke", "configured clients"),
    ("POST", "/oidc/par", "configured clients"),
    (
        "POST",
        "/oidc/register",
        "applications that register themselves",
    ),
    (
        "GET PUT DELETE",
        "/oidc/register/{client}",
        "the registration_client_uri that clients have stored",
    ),
    (
        "GET",
        "/saml/metadata",
        "the entity id that service providers have stored",
    ),
    (
        "GET POST",
        "/saml/sso",
        "metadata that service providers have stored",
    ),
    (
        "GET POST",
        "/saml/slo",
        "metadata that service providers have stored",
    ),
    (
        "POST",
        "/saml/slo/soap",
        "metadata that service providers have stored",
    ),
    ("GET", "/cas/login", "configured CAS clients"),
    ("GET POST", "/cas/logout", "configured CAS clients"),
    ("GET", "/cas/validate", "configured CAS clients"),
    ("GET", "/cas/serviceValidate", "configured CAS clients"),
    ("GET", "/cas/proxyValidate", "configured CAS clients"),
    ("GET", "/cas/p3/serviceValidate", "configured CAS clients"),
    ("GET", "/cas/p3/proxyValidate", "configured CAS clients"),
    (
        "GET",
        "/discourse/{service}",
        "discourse_connect_url in the forum's settings",
    ),
    ("GET", "/forward-auth/{service}", "configured gateways"),
    (
        "GET",
        "/forward-auth/{service}/enter",
        "addresses that gateways have passed on",
    ),
    (
        "POST",
        "/forward-auth/{service}/entry",
        "configured gateways",
    ),
    ("GET", "/health/live", "configured probes"),
    (
        "GET",
        "/health/ready",
        "configured probes and load balancers",
    ),
    ("GET", "/favicon.ico", "browsers"),
];

/// The address with a value for each parameter.
fn concrete(path: &str) -> String {
    let parameter = regex::Regex::new("\\{[a-z]+\\}").expect("a pattern");
    parameter.replace_all(path, "local").into_owned()
}

async fn status(usher: &TestServer, method: &str, path: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("origin", PORTAL)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty());
    usher.ask(request.expect("a request")).await.0
}

/// No address supports `PATCH`: one that exists answers 405, any other 404.
#[tokio::test]
async fn every_address_that_others_use_exists() {
    let usher = TestServer::open().await;
    for unknown in ["/nowhere", "/oidc/nowhere", "/go"] {
        assert_eq!(status(&usher, "PATCH", unknown).await, 404, "{unknown}");
    }
    for (_, path, who) in PATHS {
        let answered = status(&usher, "PATCH", &concrete(path)).await;
        assert_eq!(answered, 405, "{path} is gone: this breaks {who}");
    }
}

#[tokio::test]
async fn every_address_that_others_use_supports_its_methods() {
    let usher = TestServer::open().await;
    for (methods, path, who) in PATHS {
        for method in methods.split(' ') {
            let answered = status(&usher, method, &concrete(path)).await;
            assert!(
                answered != 405 && answered < 500,
                "{method} {path} answers {answered}: this breaks {who}"
            );
        }
    }
}
