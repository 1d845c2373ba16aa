//! How a user enters: a ticket, once, from a page of ours, at the host it is for.

use std::time::Duration;

use axum::{body::Body, extract::ConnectInfo, http::Request};

use support::{
    browser::Browser,
    draft::part,
    gate::{ADDRESS, Knock, let_in, seed, usher},
    relying_party::field,
    server::{PORTAL, TestServer},
};

struct Entry<'a> {
    ticket: &'a str,
    host: &'a str,
    origin: Option<&'a str>,
    service: &'a str,
    from: std::net::SocketAddr,
}

impl<'a> Entry<'a> {
    fn with(ticket: &'a str) -> Self {
        Self {
            ticket,
            host: "page-eu.test",
            origin: Some(PORTAL),
            service: "figures",
            from: ADDRESS,
        }
    }

    fn request(&self) -> Request<Body> {
        let mut request = Request::post(format!("/forward-auth/{}/entry", self.service))
            .extension(ConnectInfo(self.from))
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", self.host)
            .header("x-forwarded-uri", "/.usher/enter");
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        let body = format!("ticket={}", self.ticket);
        request.body(Body::from(body)).expect("a request")
    }

    async fn enter(&self, usher: &TestServer) -> u16 {
        usher.ask(self.request()).await.0
    }
}

async fn ticket(browser: &mut Browser<'_>, path: &str) -> String {
    let page = browser.peek(path).await;
    field(&page, "ticket")
}

#[tokio::test]
async fn a_ticket_works_once_and_for_a_minute() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let first = ticket(&mut ana, "/go/figures").await;
    let (status, headers, _) = usher.ask(Entry::with(&first).request()).await;
    assert_eq!(
        (status, &headers["location"]),
        (303, &"https://page-eu.test/".parse().expect("one"))
    );
    let cookie = headers["set-cookie"].to_str().expect("text");
    for part in [
        "__Host-usher-gate=gs_",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(Entry::with(&first).enter(&usher).await, 400, "again");
    let late = ticket(&mut ana, "/go/figures").await;
    usher.advance(Duration::from_secs(60));
    assert_eq!(Entry::with(&late).enter(&usher).await, 400, "late");
    for bad in ["", "gt_x", "x"] {
        assert_eq!(Entry::with(bad).enter(&usher).await, 400, "{bad}");
    }
}

/// THREATS, login CSRF: a link or a foreign form does not admit a user as another.
#[tokio::test]
async fn only_a_form_of_ours_at_the_right_host_by_a_known_gateway() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let good = ticket(&mut ana, "/go/figures").await;
    for origin in [
        None,
        Some("null"),
        Some("https://evil.test"),
        Some("https://page-eu.test"),
    ] {
        let entry = Entry {
            origin,
            ..Entry::with(&good)
        };
        assert_eq!(entry.enter(&usher).await, 403, "{origin:?}");
    }
    let stranger = Entry {
        from: ([198, 51, 100, 1], 1).into(),
        ..Entry::with(&good)
    };
    assert_eq!(stranger.enter(&usher).await, 403);
    assert_eq!(
        Entry::with(&good).enter(&usher).await,
        303,
        "none of it used the ticket up"
    );
    let ticket = ticket(&mut ana, "/go/figures").await;
    let elsewhere = Entry {
        host: "page-us.test",
        ..Entry::with(&ticket)
    };
    assert_eq!(
        elsewhere.enter(&usher).await,
        400,
        "another instance's host"
    );
    assert_eq!(
        Entry::with(&ticket).enter(&usher).await,
        400,
        "and that used it up"
    );
}

#[tokio::test]
async fn of_fifty_forms_with_one_ticket_one_is_let_in() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, "/go/figures").await;
    let tries = (0..50).map(|_| usher.ask(Entry::with(&ticket).request()));
    let tries: Vec<_> = tries.collect();
    let answers = crate::issuer_oidc::refresh::all_at_once(tries.into_iter()).await;
    let entered = answers.iter().filter(|(status, ..)| *status == 303).count();
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn a_ticket_dies_with_its_session() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, "/go/figures").await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert_eq!(Entry::with(&ticket).enter(&usher).await, 400);
}

/// THREATS, open redirect: the destination is the address that the gateway asked about, sealed by
/// us.
#[tokio::test]
async fn the_way_back_is_ours_to_seal_and_never_leaves_the_instance() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for uri in [
        "//evil.test/x",
        "/\\evil.test",
        "/.//evil.test",
        "/@evil.test",
    ] {
        let (status, headers) = Knock::at(uri).ask(&usher).await;
        assert_eq!(status, 303, "{uri}");
        let there = headers["location"].to_str().expect("text");
        let ticket = ticket(&mut ana, there.strip_prefix(PORTAL).expect("ours")).await;
        let (status, headers, _) = usher.ask(Entry::with(&ticket).request()).await;
        assert_eq!(status, 303, "{uri}");
        let away = headers["location"].to_str().expect("text");
        assert!(away.starts_with("https://page-eu.test/"), "{uri}: {away}");
    }
    let (_, headers) = Knock::at("/x").ask(&usher).await;
    let there = headers["location"].to_str().expect("text");
    let (_, sealed) = there.split_once("at=").expect("a seal");
    let turned: String = sealed.chars().rev().collect();
    for bad in ["", "x", &turned, "https://evil.test/"] {
        let page = ana
            .peek(&format!("/forward-auth/figures/enter?at={bad}"))
            .await;
        assert_eq!(page.status, 400, "{bad}");
    }
    let other = ana
        .peek(&format!("/forward-auth/crm/enter?at={sealed}"))
        .await;
    assert_eq!(other.status, 400, "sealed for another service");
    // Too late for the page, not for the instance.
    usher.advance(Duration::from_secs(24 * 3600));
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(
        &mut ana,
        &format!("/forward-auth/figures/enter?at={sealed}"),
    )
    .await;
    let (_, headers, _) = usher.ask(Entry::with(&ticket).request()).await;
    assert_eq!(headers["location"], "https://page-eu.test/");
}

/// A long address is stored for a while; a user who comes later arrives at the front page.
#[tokio::test]
async fn an_address_up_to_eight_kilobytes_comes_back_byte_for_byte() {
    let usher = usher().await;
    for length in [600, 601, 1_000, 1_500, 1_501, 4_000, 8_192] {
        let uri = format!("/figures?q=%22%5C{}", "a%2Bb%22,.".repeat(1_100));
        let uri = &uri[..length];
        let mut ana = Browser::new(&usher);
        let form = ana.get(&format!("https://page-eu.test{uri}")).await;
        let page = ana.sign_in(&form, "ana").await;
        assert_eq!(page.status, 200, "{length}");
        assert_eq!(page.url.as_str(), format!("https://page-eu.test{uri}"));
    }
    let (_, headers) = Knock::at(&format!("/{}", "x".repeat(4_000)))
        .ask(&usher)
        .await;
    let there = headers["location"].to_str().expect("text").to_owned();
    usher.advance(Duration::from_secs(2 * 3600));
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, there.strip_prefix(PORTAL).expect("ours")).await;
    let (_, headers, _) = usher.ask(Entry::with(&ticket).request()).await;
    assert_eq!(headers["location"], "https://page-eu.test/");
}

/// JSON spells some characters with two, and a seal is longer than its content: an address that is
/// too long to be stored leads to the front page.
#[tokio::test]
async fn an_address_that_is_too_long_to_be_kept_leads_to_the_front_page() {
    let usher = usher().await;
    let uri = format!("/figures?q={}", "\\".repeat(8_000));
    let (status, headers) = Knock::at(&uri).ask(&usher).await;
    assert_eq!(status, 303);
    let there = headers["location"].to_str().expect("text");
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, there.strip_prefix(PORTAL).expect("ours")).await;
    let (_, headers, _) = usher.ask(Entry::with(&ticket).request()).await;
    assert_eq!(headers["location"], "https://page-eu.test/");
}

/// The answer to the sign-in is the page that leads on: a reload sends the same form again.
#[tokio::test]
async fn a_reload_after_the_sign_in_leads_to_the_page_again() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("https://page-eu.test/figures?secret=K-1").await;
    let kept = usher.column("select request from pending_requests").await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("K-1"), "an address lies in the clear");
    for _ in 0..2 {
        let page = ana.sign_in(&form, "ana").await;
        assert_eq!(page.url.as_str(), "https://page-eu.test/figures?secret=K-1");
    }
}

/// An address that any client may ask about costs a row only where a user is sent to sign in.
#[tokio::test]
async fn a_long_address_of_a_script_or_a_public_page_is_not_kept() {
    let usher = usher().await;
    let long = "x".repeat(4_000);
    let script = Knock::at(&format!("/{long}")).with("accept", "application/json");
    assert_eq!(script.status(&usher).await, 401);
    let public = Knock::at(&format!("/static/{long}"));
    assert_eq!(public.status(&usher).await, 200);
    assert!(
        usher
            .column("select id from pending_requests")
            .await
            .is_empty()
    );
}

/// THREATS, anonymous writes: users of a network that has written too much are still admitted, to
/// the front page.
#[tokio::test]
async fn a_network_that_has_written_too_much_has_no_long_address_kept() {
    let usher = usher().await;
    let long = Knock::at(&format!("/{}", "x".repeat(4_000)));
    for _ in 0..700 {
        assert_eq!(long.status(&usher).await, 303);
    }
    let kept = usher.column("select id from pending_requests").await.len();
    assert!((600..700).contains(&kept), "{kept}");
    let (_, headers) = long.ask(&usher).await;
    let there = headers["location"].to_str().expect("text");
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, there.strip_prefix(PORTAL).expect("ours")).await;
    let (_, headers, _) = usher.ask(Entry::with(&ticket).request()).await;
    assert_eq!(headers["location"], "https://page-eu.test/");
}

#[tokio::test]
async fn a_user_who_may_not_see_the_service_is_not_admitted() {
    let usher = usher().await;
    let mut reserved = seed();
    reserved.service("figures").audience = Some(part("group = \"sales\""));
    usher.seed(&reserved).await;
    let mut ben = Browser::of(&usher, "ben").await;
    let (_, headers) = Knock::at("/x").ask(&usher).await;
    let there = headers["location"].to_str().expect("text");
    let page = ben.peek(there.strip_prefix(PORTAL).expect("ours")).await;
    assert_eq!(page.status, 403, "{}", page.text());
    let_in(&usher, "ana").await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_at_the_gate_too() {
    let usher = usher().await;
    let rule = "[[assurance]]\ntitle = \"Figures\"\nservice = \"figures\"\nsecond_factor = true";
    let (mut ana, cookie) = let_in(&usher, "ana").await;
    usher.seed(&seed().plus(rule)).await;
    let (status, headers) = Knock::at("/x").by(&cookie).ask(&usher).await;
    assert_eq!(status, 303, "who is in already is asked as well");
    let public = Knock::at("/static/a.css").by(&cookie);
    assert_eq!(
        public.status(&usher).await,
        200,
        "a public page is open to her too"
    );
    let there = headers["location"].to_str().expect("text");
    let page = ana.peek(there.strip_prefix(PORTAL).expect("ours")).await;
    assert!(
        page.location().starts_with("/sign-in/"),
        "{}",
        page.location()
    );
}
