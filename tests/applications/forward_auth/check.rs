//! A gateway's check of each request.

use std::time::Duration;

use serde_json::{Value, json};

use support::{
    draft::{Change, part},
    gate::{Knock, let_in, seed, usher, verified},
    server::PORTAL,
};

#[tokio::test]
async fn who_was_let_in_passes_with_name_and_a_signed_header() {
    let usher = usher().await;
    let (ana, cookie) = let_in(&usher, "ana").await;
    let who = ana.session().await.expect("a session");
    let (status, headers) = Knock::at("/figures?x=1").by(&cookie).ask(&usher).await;
    assert_eq!(status, 200);
    for (name, value) in [
        ("remote-user", "ana"),
        ("remote-name", "Ana Almeida"),
        ("remote-email", "ana@example.org"),
        ("remote-groups", "sales,staff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let claims = verified(&usher, headers["x-usher-assertion"].to_str().expect("text")).await;
    let now = usher.clock.now().secs();
    for (name, value) in [
        ("exp", json!(now + 60)),
        ("preferred_username", json!("ana")),
        ("groups", json!(["sales", "staff"])),
        (
            "sid",
            json!(usher.app.issuer.keys.sid("figures", &who.session.id)),
        ),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_ne!(
        claims["sub"],
        who.user.id.as_str(),
        "its client is a pairwise one"
    );
    assert!(claims.get("urn:usher:launch").is_none());
}

#[tokio::test]
async fn what_is_not_released_is_sent_empty_not_left_out() {
    let usher = usher().await;
    let (ben, cookie) = let_in(&usher, "ben").await;
    let knock = Knock::at("/reports/x")
        .with("x-forwarded-host", "page-us.test")
        .by(&cookie);
    let (status, headers) = knock.ask(&usher).await;
    assert_eq!(status, 200);
    let id = ben.session().await.expect("a session").user.id;
    assert_eq!(headers["remote-user"], id.as_str());
    assert_eq!(headers["remote-email"], "");
    assert_eq!(headers["remote-groups"], "");
    // No user, on a public page: headers from the client must still be overwritten.
    let (status, headers) = Knock::at("/static/a.css").ask(&usher).await;
    assert_eq!(status, 200);
    for name in [
        "remote-user",
        "remote-name",
        "remote-email",
        "remote-groups",
        "x-usher-assertion",
        "x-usher-omitted",
    ] {
        assert_eq!(headers[name], "", "{name}");
    }
}

#[tokio::test]
async fn a_group_with_a_comma_is_not_two_groups() {
    let usher = usher().await;
    let mut draft = seed();
    draft.person("ana").groups = vec!["sales,admins".into(), "staff".into()];
    usher.seed(&draft).await;
    let (_, cookie) = let_in(&usher, "ana").await;
    let (_, headers) = Knock::at("/").by(&cookie).ask(&usher).await;
    assert_eq!(headers["remote-groups"], "staff");
    let claims = verified(&usher, headers["x-usher-assertion"].to_str().expect("text")).await;
    assert_eq!(claims["groups"], json!(["sales,admins", "staff"]));
}

#[tokio::test]
async fn the_record_of_a_launch_is_sent_to_its_page_and_to_no_other() {
    let usher = usher().await;
    let (mut ana, _) = let_in(&usher, "ana").await;
    let page = ana.get("/go/figures/customer/C-1042?tab=orders").await;
    assert_eq!(
        page.url.as_str(),
        "https://page-eu.test/customers/C-1042?tab=orders"
    );
    assert_eq!(
        page.shown("context").as_deref(),
        Some("customer C-1042 view")
    );
    assert_eq!(usher.events_named("launch.landed").await, 2);
    let cookie = ana
        .cookie("page-eu.test", "__Host-usher-gate")
        .expect("one")
        .to_owned();
    let (_, headers) = Knock::at("/customers/C-1043?tab=orders")
        .by(&cookie)
        .ask(&usher)
        .await;
    let claims = verified(&usher, headers["x-usher-assertion"].to_str().expect("text")).await;
    assert_eq!(claims.get("urn:usher:launch"), None::<&Value>);
}

#[tokio::test]
async fn a_signed_out_user_is_sent_to_sign_in_and_comes_back_to_the_same_page() {
    let usher = usher().await;
    let (status, headers) = Knock::at("/figures?y=2026").ask(&usher).await;
    assert_eq!(status, 303, "Traefik and Caddy hand it on");
    let there = headers["location"].to_str().expect("text");
    assert!(there.starts_with(&format!("{PORTAL}/forward-auth/figures/enter?at=")));
    assert!(!there.contains("2026"), "the page is sealed: {there}");
    let nginx = Knock::at("/")
        .without("x-forwarded-uri")
        .without("x-forwarded-proto")
        .without("x-forwarded-host")
        .with("x-original-url", "https://page-eu.test/figures");
    let (status, headers) = nginx.ask(&usher).await;
    assert_eq!(status, 401, "nginx does not");
    assert!(headers.contains_key("location"));
    let mut ana = support::browser::Browser::new(&usher);
    let form = ana.get("https://page-eu.test/figures?y=2026").await;
    let page = ana.sign_in(&form, "ana").await;
    assert_eq!(page.url.as_str(), "https://page-eu.test/figures?y=2026");
    assert_eq!(page.shown("who").as_deref(), Some("Ana Almeida"));
}

#[tokio::test]
async fn scripts_sockets_and_forms_are_refused_and_not_redirected_to_a_page() {
    let usher = usher().await;
    for (name, value) in [
        ("accept", "application/json"),
        ("upgrade", "websocket"),
        ("sec-fetch-mode", "cors"),
        ("x-forwarded-method", "POST"),
        ("x-original-method", "DELETE"),
    ] {
        let (status, headers) = Knock::at("/socket").with(name, value).ask(&usher).await;
        assert_eq!(status, 401, "{name}");
        assert!(!headers.contains_key("location"), "{name}");
    }
    let (_, cookie) = let_in(&usher, "ana").await;
    let socket = Knock::at("/socket")
        .with("upgrade", "websocket")
        .by(&cookie);
    assert_eq!(
        socket.status(&usher).await,
        200,
        "who is let in may open a socket"
    );
}

/// THREATS, URL normalisation: no spelling of a path makes it a public one.
#[tokio::test]
async fn url_normalisation_no_spelling_opens_what_is_not_public() {
    let usher = usher().await;
    assert_eq!(Knock::at("/static/a.css").status(&usher).await, 200);
    assert_eq!(Knock::at("/static").status(&usher).await, 200);
    for uri in [
        "/static/../admin",
        "/static/..%2fadmin",
        "/static/%2e%2e/admin",
        "/static/%252e%252e/admin",
        "/static/..;/admin",
        "/static;/../admin",
        "/static//../admin",
        "/static/.%2e/admin",
        "/static%2f..%2fadmin",
        "/static%5c..%5cadmin",
        "/static\\..\\admin",
        "/static/..%20/admin",
        "/static/%EF%BC%8E%EF%BC%8E/admin",
        "/static/%E2%80%A5/admin",
        "/static/.../admin",
        "/static/.%E2%80%8B./admin",
        "/static/%00/../admin",
        "/static/%ff",
        "/static/%",
        "//static/a.css",
        "/./static/a.css",
        "/staticadmin",
        "/STATIC/a.css",
        "/admin?/static/",
        "/admin%3f/static",
    ] {
        let status = Knock::at(uri).status(&usher).await;
        assert_eq!(status, 303, "{uri}");
    }
    // An instance with a path of its own is only what is surely below it.
    for (uri, status) in [
        ("/reports/static/a.css", 200),
        ("/reports/figures", 303),
        ("/reports", 303),
        ("/reportsx", 403),
        ("/", 403),
        ("/reports/../admin", 403),
        ("/reports/%2e%2e/admin", 403),
        ("//reports/static", 403),
    ] {
        let knock = Knock::at(uri).with("x-forwarded-host", "page-us.test");
        assert_eq!(knock.status(&usher).await, status, "{uri}");
    }
}

/// THREATS, header spoofing: CGI reads `Remote_User` as `Remote-User`, signed in or not.
#[tokio::test]
async fn a_header_that_reads_as_ours_and_is_spelt_otherwise_is_refused() {
    let usher = usher().await;
    let (_, cookie) = let_in(&usher, "ana").await;
    for name in [
        "Remote_User",
        "remote_user",
        "REMOTE_NAME",
        "Remote_Email",
        "remote_groups",
        "X_Usher_Assertion",
        "X-Usher_Assertion",
        "x_usher-omitted",
        "Remote.User",
    ] {
        for uri in ["/figures", "/static/a.css"] {
            let knock = Knock::at(uri).by(&cookie).with(name, "admin");
            assert_eq!(knock.status(&usher).await, 403, "{name} at {uri}");
        }
    }
    for name in ["Remote-User", "X-Usher-Assertion", "Remote_Users", "X_User"] {
        let knock = Knock::at("/figures").by(&cookie).with(name, "admin");
        assert_eq!(knock.status(&usher).await, 200, "{name}");
    }
}

#[tokio::test]
async fn only_a_gateway_we_know_is_answered_and_only_if_it_is_of_one_mind() {
    let usher = usher().await;
    let (_, cookie) = let_in(&usher, "ana").await;
    let good = || Knock::at("/").by(&cookie);
    assert_eq!(good().status(&usher).await, 200);
    for (what, knock) in [
        ("an unknown peer asks", good().from([198, 51, 100, 1])),
        (
            "both kinds",
            good().with("x-original-url", "https://page-eu.test/static/x"),
        ),
        ("twice", good().also("x-forwarded-uri", "/static/x")),
        ("two hosts", good().also("x-forwarded-host", "page-us.test")),
        ("another host", good().with("x-forwarded-host", "evil.test")),
        (
            "a host with a name in front",
            good().with("x-forwarded-host", "page-eu.test@evil.test"),
        ),
        ("another scheme", good().with("x-forwarded-proto", "http")),
        (
            "another port",
            good().with("x-forwarded-host", "page-eu.test:8443"),
        ),
        ("no path", good().without("x-forwarded-uri")),
        (
            "a path with a line break",
            good().with("x-forwarded-uri", "/a\tb"),
        ),
        ("a service that is none", good().for_service("crm")),
        ("nothing", good().for_service("nobody")),
    ] {
        assert_eq!(knock.status(&usher).await, 403, "{what}");
    }
    let host = good().with("x-forwarded-host", "PAGE-EU.test:443");
    assert_eq!(host.status(&usher).await, 200, "the same host");
}

/// THREATS, disabled principal: each of these shuts the page at the next request.
#[tokio::test]
async fn a_session_that_ended_is_refused_at_the_next_request() {
    let changes: [(&str, Change); 4] = [
        ("the service", |draft| {
            draft.service("figures").disabled = true;
        }),
        ("the instance", |draft| {
            draft.instance("page-eu").disabled = true;
        }),
        ("the audience", |draft| {
            draft.service("figures").audience = Some(part("group = \"nobody\""));
        }),
        ("the person", |draft| draft.person("ana").disabled = true),
    ];
    for (what, change) in changes {
        let usher = usher().await;
        let (_, cookie) = let_in(&usher, "ana").await;
        let knock = Knock::at("/").by(&cookie);
        assert_eq!(knock.status(&usher).await, 200);
        let mut draft = seed();
        change(&mut draft);
        usher.seed(&draft).await;
        assert_ne!(knock.status(&usher).await, 200, "{what}");
    }
    let usher = usher().await;
    let (mut ana, cookie) = let_in(&usher, "ana").await;
    let knock = Knock::at("/").by(&cookie);
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert_eq!(knock.status(&usher).await, 303, "signed out");
    let (_, cookie) = let_in(&usher, "ana").await;
    let knock = Knock::at("/").by(&cookie);
    usher.advance(Duration::from_secs(23 * 3600));
    assert_eq!(knock.status(&usher).await, 303, "idle");
}

#[tokio::test]
async fn a_page_that_is_used_keeps_the_session_alive() {
    let usher = usher().await;
    let (_, cookie) = let_in(&usher, "ana").await;
    let knock = Knock::at("/").by(&cookie);
    let idle = usher.app.parts.config.idle();
    for _ in 0..3 {
        usher.advance(idle - Duration::from_secs(60));
        assert_eq!(knock.status(&usher).await, 200);
    }
}

/// THREATS, kind confusion: nothing else is accepted as the cookie, and it is accepted nowhere
/// else.
#[tokio::test]
async fn the_cookie_is_of_its_kind_and_its_instance() {
    let usher = usher().await;
    let (ana, cookie) = let_in(&usher, "ana").await;
    let session = ana
        .cookie("usher.test", "__Host-usher")
        .expect("one")
        .to_owned();
    assert_eq!(Knock::at("/").by(&session).status(&usher).await, 303);
    let elsewhere = Knock::at("/reports").with("x-forwarded-host", "page-us.test");
    assert_eq!(
        elsewhere.by(&cookie).status(&usher).await,
        303,
        "another instance's"
    );
    let mut other = support::browser::Browser::new(&usher);
    other.set_cookie("usher.test", "__Host-usher", &cookie);
    assert!(other.session().await.is_none());
    for bad in ["", "gs_x", "x"] {
        assert_eq!(Knock::at("/").by(bad).status(&usher).await, 303, "{bad}");
    }
}

#[tokio::test]
async fn signing_out_says_that_the_page_is_shut() {
    let usher = usher().await;
    let (mut ana, _) = let_in(&usher, "ana").await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    crate::logout::deliver_all(&usher).await;
    let page = ana.get("/signed-out").await;
    assert!(page.says("Figures"), "{}", page.text());
    assert!(page.body.contains("data-outcome=\"confirmed\""));
}

#[tokio::test]
async fn an_unknown_time_of_sign_in_is_not_signed() {
    let usher = usher().await;
    let (_, cookie) = let_in(&usher, "ana").await;
    let mut database = usher.connection().await;
    let untold = "update sessions set proved_at = null";
    sqlx::Executor::execute(&mut database, untold)
        .await
        .expect("done");
    let (_, headers) = Knock::at("/figures").by(&cookie).ask(&usher).await;
    let claims = verified(&usher, headers["x-usher-assertion"].to_str().expect("text")).await;
    assert!(claims.get("auth_time").is_none(), "{claims}");
}
