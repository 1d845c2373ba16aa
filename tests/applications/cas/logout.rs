//! `/cas/logout`, and the notification of applications.

use crate::logout::{deliver_all, outcomes};
use support::{
    browser::Browser,
    cas::{BOOKS, is_valid, seed, ticket},
    listener::Listener,
    server::TestServer,
};

#[tokio::test]
async fn a_link_signs_no_user_out() {
    let usher = support::cas::usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let path = format!("/cas/logout?service={}", support::cas::escaped(BOOKS));
    let page = ana.get(&path).await;
    assert!(ana.session().await.is_some(), "she is asked first");
    ana.stays = true;
    let page = ana.send(&page, &path).await;
    assert!(ana.session().await.is_none());
    assert_eq!(page.location(), BOOKS);
    // Without a session there is nothing to confirm.
    let page = ana.peek(&path).await;
    assert_eq!(page.location(), BOOKS);
}

/// THREATS: open redirect.
#[tokio::test]
async fn logout_leads_to_registered_services_only() {
    let usher = support::cas::usher().await;
    let mut nobody = Browser::new(&usher);
    for query in [
        "",
        "?service=https%3A%2F%2Fevil.example%2F",
        "?service=https%3A%2F%2Fcrm-eu.test%2F",
        "?url=https%3A%2F%2Flib-eu.test%2F",
    ] {
        let page = nobody.peek(&format!("/cas/logout{query}")).await;
        assert_eq!(
            (page.status, page.location()),
            (303, "/signed-out"),
            "{query}"
        );
    }
}

async fn seeded(logout_uri: &str) -> TestServer {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let mut draft = seed();
    draft.set("lib-eu", "logout_uri", logout_uri);
    usher.seed(&draft).await;
    usher
}

async fn signed_out_of(logout_uri: &str) -> (TestServer, String) {
    let usher = seeded(logout_uri).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let used = ticket(&mut ana, BOOKS).await;
    assert!(is_valid(&usher, BOOKS, &used).await);
    ticket(&mut ana, BOOKS).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    (usher, used)
}

#[tokio::test]
async fn an_application_is_notified_of_the_end_by_the_ticket_it_validated() {
    let app = Listener::start().await;
    let (usher, ticket) = signed_out_of(&app.at("/yes")).await;
    assert_eq!(outcomes(&usher).await, ["cas library asked"]);
    let heard = app.received();
    assert_eq!(
        heard.len(),
        1,
        "a ticket that was not validated began no session"
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(heard[0].as_bytes())
        .into_owned()
        .collect();
    let [(name, message)] = form.as_slice() else {
        panic!("one field: {form:?}");
    };
    assert_eq!(name, "logoutRequest");
    let index = format!("<samlp:SessionIndex>{ticket}</samlp:SessionIndex>");
    assert!(message.contains(&index), "{message}");
    assert!(
        message.contains("Version=\"2.0\" IssueInstant=\"2026-"),
        "{message}"
    );
}

/// The protocol has no answer to a logout request: a redirect to a front page is not "could not be
/// reached", and 200 from one is not "signed out".
#[tokio::test]
async fn any_http_answer_is_asked_and_never_signed_out() {
    for path in ["/yes", "/no", "/away", "/absent"] {
        let app = Listener::start().await;
        let (usher, _) = signed_out_of(&app.at(path)).await;
        assert_eq!(outcomes(&usher).await, ["cas library asked"], "{path}");
        assert_eq!(usher.events_named("logout.delivered").await, 1, "{path}");
        assert_eq!(usher.events_named("logout.failed").await, 0, "{path}");
    }
}

#[tokio::test]
async fn the_page_after_signing_out_says_that_it_was_asked() {
    let app = Listener::start().await;
    let usher = seeded(&app.at("/away")).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let used = ticket(&mut ana, BOOKS).await;
    assert!(is_valid(&usher, BOOKS, &used).await);
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    let page = ana.get("/signed-out").await;
    assert!(
        page.body.contains("was asked to sign you out"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("has signed you out"), "{}", page.body);
    assert!(
        !page.body.contains("could not be notified"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn an_application_that_cannot_be_reached_is_tried_again() {
    let app = Listener::start().await;
    let gone = app.at("/yes");
    drop(app);
    let (usher, _) = signed_out_of(&gone).await;
    assert_eq!(outcomes(&usher).await, ["cas library waiting"]);
}
