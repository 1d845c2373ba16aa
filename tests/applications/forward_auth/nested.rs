//! Gateway services nested at one host: the innermost decides, whichever the gateway names.

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::json;

use support::{
    browser::Browser,
    gate::{self, Knock, seed},
    relying_party::field,
    server::{PORTAL, TestServer},
};

/// Below the figures, for fewer users, and nothing of it public.
const ADMIN: &str = r#"
[[service]]
slug = "figadm"
title = "Figures: administration"
handoff = "forward_auth"
audience = { group = "figure-admins" }

[[service.instance]]
slug = "figadm"
title = "Administration"
base_url = "https://page-eu.test/admin"
settings = { client = "figures" }
"#;

async fn usher() -> TestServer {
    let mut draft = seed().plus(ADMIN);
    draft.set("page-eu", "public", json!(["/"]));
    TestServer::with(&draft).await
}

#[tokio::test]
async fn of_nested_gateway_services_the_innermost_decides() {
    let usher = usher().await;
    assert_eq!(Knock::at("/figures").status(&usher).await, 200, "public");
    for uri in ["/admin", "/admin/users", "/admin/"] {
        let (status, headers) = Knock::at(uri).ask(&usher).await;
        assert_eq!(status, 303, "{uri}");
        let door = headers["location"].to_str().expect("text");
        assert!(
            door.starts_with(&format!("{PORTAL}/forward-auth/figadm/enter")),
            "{door}"
        );
    }
    // A path that some server may read as one of the inner instance must not be allowed by the
    // outer one.
    for uri in [
        "/x/..%20/admin",
        "/x/../admin",
        "/ADMIN/users",
        "/%2e/admin",
        "//admin",
    ] {
        assert_eq!(Knock::at(uri).status(&usher).await, 403, "{uri}");
    }
    assert_eq!(Knock::at("/administration").status(&usher).await, 200);
    let inner = Knock::at("/figures").for_service("figadm");
    assert_eq!(inner.status(&usher).await, 403, "it is not around this");
}

#[tokio::test]
async fn a_cookie_of_the_outer_service_does_not_open_the_inner_one() {
    let usher = usher().await;
    let (_, outer) = support::gate::let_in(&usher, "ana").await;
    assert_eq!(
        Knock::at("/admin").by(&outer).status(&usher).await,
        303,
        "she must come in there as well"
    );
    let mut ana = Browser::of(&usher, "ana").await;
    let (_, headers) = Knock::at("/admin").ask(&usher).await;
    let door = headers["location"].to_str().expect("text");
    let page = ana.peek(door.strip_prefix(PORTAL).expect("ours")).await;
    assert_eq!(page.status, 403, "and she is not of those who may");
}

/// The gateway forwards `/.usher/enter` in the name of the outer service.
#[tokio::test]
async fn a_ticket_of_the_inner_service_is_taken_at_the_gateway_of_the_outer_one() {
    let usher = usher().await;
    let mut draft = seed().plus(ADMIN);
    draft.person("ana").groups = vec!["figure-admins".into()];
    usher.seed(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (_, headers) = Knock::at("/admin/users").ask(&usher).await;
    let door = headers["location"].to_str().expect("text");
    let handed = ana.peek(door.strip_prefix(PORTAL).expect("ours")).await;
    let entry = Request::post("/forward-auth/figures/entry")
        .extension(ConnectInfo(gate::ADDRESS))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "page-eu.test")
        .header("x-forwarded-uri", "/.usher/enter")
        .header("origin", PORTAL)
        .body(Body::from(format!("ticket={}", field(&handed, "ticket"))));
    let (status, headers, _) = usher.ask(entry.expect("a request")).await;
    assert_eq!(status, 303);
    assert_eq!(headers["location"], "https://page-eu.test/admin/users");
    let cookie = headers["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(['=', ';']).nth(1).expect("a value");
    let (status, told) = Knock::at("/admin/users").by(cookie).ask(&usher).await;
    assert_eq!(status, 200);
    assert_eq!(told["remote-user"], "ana");
}
