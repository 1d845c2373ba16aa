//! The authorization endpoint: who may be sent where, with what (THREATS: redirect_uri bypass,
//! PKCE downgrade, disabled principals).

use support::{
    browser::{Browser, Page},
    draft::{Change, Draft},
    relying_party::{Ask, callback, code, error, field, redeem},
    server::{PORTAL, TestServer},
};

/// An error page of ours: there is no redirect.
fn stays(page: &Page, at: &str) {
    assert_eq!(page.status, 400, "{at}: {}", page.text());
    assert!(!page.headers.contains_key("location"), "{at}");
    assert!(!page.body.contains("data-auto-submit"), "{at}");
    assert!(!page.body.contains("http-equiv=\"refresh\""), "{at}");
}

#[tokio::test]
async fn an_unknown_client_is_shown_to_the_user_and_not_redirected() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for client in ["nobody", "CRM-EU", "crm-eu ", ""] {
        let ask = Ask::of("crm-eu").with("client_id", client);
        let page = ana.peek(&ask.path()).await;
        stays(&page, client);
        assert!(page.says("Unknown application"), "{client}");
    }
    let page = ana
        .peek(&Ask::of("crm-eu").without("client_id").path())
        .await;
    stays(&page, "no client");
}

#[tokio::test]
async fn redirect_uri_bypass_only_the_registered_bytes_will_do() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for uri in [
        "https://crm-eu.test/callback/",
        "https://crm-eu.test/Callback",
        "https://CRM-EU.test/callback",
        "HTTPS://crm-eu.test/callback",
        "http://crm-eu.test/callback",
        "https://crm-eu.test:443/callback",
        "https://crm-eu.test:8443/callback",
        "https://crm-eu.test/callback?x=1",
        "https://crm-eu.test/callback?",
        "https://crm-eu.test/callback#x",
        "https://crm-eu.test/callback/../callback",
        "https://crm-eu.test/callback/..%2fevil",
        "https://crm-eu.test/callback%00",
        "https://crm-eu.test/call",
        "https://crm-eu.test/callback2",
        "https://crm-eu.test/",
        "https://crm-eu.test.evil.example/callback",
        "https://evil.example/callback",
        "https://crm-eu.test@evil.example/callback",
        "https://evil.example/https://crm-eu.test/callback",
        "https://crm-us.test/callback",
        "//crm-eu.test/callback",
        "/callback",
        " https://crm-eu.test/callback",
        "https://crm-eu.test/callback ",
        "https://crm-eu.test/callback\r\nx: y",
        "javascript:alert(1)",
        "data:text/html,x",
        "*",
        "",
    ] {
        for mode in ["query", "form_post"] {
            for broken in ["code", "token"] {
                let ask = Ask::of("crm-eu")
                    .with("redirect_uri", uri)
                    .with("response_mode", mode)
                    .with("response_type", broken);
                stays(&ana.peek(&ask.path()).await, uri);
            }
        }
    }
    let none = Ask::of("crm-eu").without("redirect_uri");
    stays(&ana.peek(&none.path()).await, "no redirect_uri");
    let unregistered = Ask::of("desk-eu");
    stays(
        &ana.peek(&unregistered.path()).await,
        "a client without any",
    );
    code(&mut ana, &Ask::of("crm-eu")).await;
}

#[tokio::test]
async fn duplicated_parameters_are_refused_whatever_they_are() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let good = Ask::of("crm-eu");
    for (name, value) in [
        ("redirect_uri", "https://crm-eu.test/callback"),
        ("redirect_uri", "https://evil.example/callback"),
        ("client_id", "crm-eu"),
        ("client_id", "crm-us"),
        ("response_type", "code"),
        ("state", "other"),
        ("scope", "openid"),
        ("code_challenge_method", "plain"),
        ("nonce", "other"),
    ] {
        let twice = good.clone().also(name, value);
        stays(&ana.peek(&twice.path()).await, name);
    }
    let unknown = good.clone().also("x", "1").also("x", "2");
    stays(&ana.peek(&unknown.path()).await, "unknown ones");
    // The same by form, which goes on as a query.
    let body = good.also("state", "other").query();
    let page = ana.post("/oidc/authorize", None, &body).await;
    stays(&page, "by form");
}

/// PostgreSQL stores no NUL: a request with one is refused before anything is written.
#[tokio::test]
async fn a_nul_is_refused_wherever_it_stands() {
    let usher = TestServer::open().await;
    let mut nobody = Browser::new(&usher);
    for name in [
        "client_id",
        "state",
        "nonce",
        "login_hint",
        "id_token_hint",
        "x\0",
    ] {
        let ask = Ask::of("crm-eu").with(name, "a\0b");
        stays(&nobody.peek(&ask.path()).await, name);
    }
    let form = [("grant_type", "authorization_code"), ("code", "ac_\0")];
    let (status, answer) = support::remote::token(&usher, "crm-eu", &form).await;
    assert_eq!(
        (status, answer["error"].as_str()),
        (400, Some("invalid_request"))
    );
}

/// An empty value is as good as none, but a name is still given twice.
#[tokio::test]
async fn duplicated_parameters_are_refused_though_one_is_empty() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for name in ["redirect_uri", "state", "client_id"] {
        let query = format!("/oidc/authorize?{name}=&{}", Ask::of("crm-eu").query());
        stays(&ana.peek(&query).await, name);
        let query = format!("{}&{name}=", Ask::of("crm-eu").path());
        stays(&ana.peek(&query).await, name);
    }
}

#[tokio::test]
async fn an_invalid_request_is_reported_to_its_client_with_state_and_issuer() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let good = || Ask::of("crm-eu");
    for (ask, word) in [
        // PKCE downgrade.
        (good().without("code_challenge"), "invalid_request"),
        (
            good()
                .without("code_challenge")
                .without("code_challenge_method"),
            "invalid_request",
        ),
        (good().without("code_challenge_method"), "invalid_request"),
        (
            good().with("code_challenge_method", "plain"),
            "invalid_request",
        ),
        (
            good().with("code_challenge_method", "s256"),
            "invalid_request",
        ),
        (good().with("code_challenge", "short"), "invalid_request"),
        (
            good().with("code_challenge", &"a".repeat(44)),
            "invalid_request",
        ),
        (
            good().with("code_challenge", &"=".repeat(43)),
            "invalid_request",
        ),
        // Flow downgrade.
        (
            good().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (
            good().with("response_type", "id_token token"),
            "unsupported_response_type",
        ),
        (
            good().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (
            good().with("response_type", "none"),
            "unsupported_response_type",
        ),
        (good().without("response_type"), "invalid_request"),
        (good().with("response_mode", "fragment"), "invalid_request"),
        (good().with("scope", "profile email"), "invalid_scope"),
        (good().with("scope", "OPENID"), "invalid_scope"),
        (good().without("scope"), "invalid_scope"),
        (good().with("request", "x"), "request_not_supported"),
        (
            good().with("request_uri", "https://evil.example/r"),
            "request_uri_not_supported",
        ),
        (good().with("prompt", "none login"), "invalid_request"),
        (good().with("prompt", "dance"), "invalid_request"),
        (good().with("max_age", "soon"), "invalid_request"),
        (good().with("max_age", "-1"), "invalid_request"),
    ] {
        assert_eq!(error(&mut ana, &ask).await, word, "{}", ask.query());
    }
}

#[tokio::test]
async fn every_response_names_its_issuer() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for ask in [
        Ask::of("crm-eu"),
        Ask::of("crm-eu").without("state"),
        Ask::of("crm-eu").without("code_challenge"),
        Ask::of("crm-eu")
            .with("prompt", "none")
            .with("max_age", "0"),
    ] {
        let sent = ana.peek(&ask.path()).await.sent();
        assert_eq!(sent["iss"], PORTAL, "{sent:?}");
        assert_eq!(
            sent.contains_key("state"),
            ask.query().contains("state=the"),
            "{sent:?}"
        );
        let ask = ask.with("response_mode", "form_post");
        let page = ana.peek(&ask.path()).await;
        assert_eq!(field(&page, "iss"), PORTAL);
    }
}

#[tokio::test]
async fn form_post_sends_the_response_by_a_form_that_only_goes_to_its_client() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu").with("response_mode", "form_post");
    let page = ana.peek(&ask.path()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data-auto-submit"));
    let mut actions = page.forms().into_iter().map(|form| form.action);
    assert!(actions.any(|action| action == callback("crm-eu")));
    assert_eq!(field(&page, "state"), "the state");
    let policy = page.headers["content-security-policy"].to_str();
    let policy = policy.expect("text");
    assert!(policy.contains("form-action https://crm-eu.test 'self';"));
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    let (status, tokens) = redeem(&usher, "crm-eu", &field(&page, "code")).await;
    assert_eq!(status, 200, "{tokens}");
}

#[tokio::test]
async fn script_urls_what_a_client_sends_is_text_on_the_page_that_posts() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let nasty = "\"><script>alert(1)</script>";
    let ask = Ask::of("crm-eu")
        .with("response_mode", "form_post")
        .with("state", nasty);
    let page = ana.peek(&ask.path()).await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(page.body.contains("alert(1)"), "the state is there");
}

#[tokio::test]
async fn a_request_may_be_posted() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let body = Ask::of("crm-eu")
        .with("response_mode", "form_post")
        .with("state", "a b&c=d#e")
        .query();
    let request = axum::http::Request::post("/oidc/authorize")
        .header("origin", "https://crm-eu.test")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body));
    let (status, headers, _) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 303);
    let next = headers["location"].to_str().expect("a path").to_owned();
    assert!(next.starts_with("/oidc/authorize?"), "{next}");
    let page = ana.peek(&next).await;
    assert_eq!(field(&page, "state"), "a b&c=d#e");
    assert_eq!(redeem(&usher, "crm-eu", &field(&page, "code")).await.0, 200);
}

#[tokio::test]
async fn a_service_that_a_user_may_not_see_denies_them() {
    let usher = TestServer::open().await;
    let mut ben = Browser::of(&usher, "ben").await;
    let denied = error(&mut ben, &Ask::of("reports-eu")).await;
    assert_eq!(denied, "access_denied");
    let silent = Ask::of("reports-eu").with("prompt", "none");
    assert_eq!(error(&mut ben, &silent).await, "access_denied");
    let mut ana = Browser::of(&usher, "ana").await;
    code(&mut ana, &Ask::of("reports-eu")).await;
    // Without a session: the same check after the sign-in.
    let mut cold = Browser::new(&usher);
    cold.stays = true;
    let form = cold.get(&Ask::of("reports-eu").path()).await;
    let page = cold.sign_in(&form, "ben").await;
    assert_eq!(page.away()["error"], "access_denied");
    assert_eq!(page.away()["iss"], PORTAL);
}

#[tokio::test]
async fn disabled_services_instances_and_clients_are_shut() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu");
    let closed: [(Change, &str); 2] = [
        (
            |draft| draft.instance("crm-eu").disabled = true,
            "the instance",
        ),
        (|draft| draft.service("crm").disabled = true, "the service"),
    ];
    for (change, what) in closed {
        usher.change(change).await;
        assert_eq!(error(&mut ana, &ask).await, "access_denied", "{what}");
    }
    usher
        .change(|draft| draft.client("crm-eu").disabled = true)
        .await;
    let page = ana.peek(&ask.path()).await;
    stays(&page, "a disabled client");
    assert!(page.says("Unknown application"));
    usher.seed(&Draft::sample()).await;
    code(&mut ana, &ask).await;
}
