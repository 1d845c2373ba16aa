//! What has broken single sign-on before, tried on CAS (THREATS).

use std::sync::Arc;

use tokio::task::JoinSet;

use support::{
    browser::Browser,
    cas::{BOOKS, code, is_valid, login, ticket, ticket_of, usher},
};

/// THREATS: one-time artefact reused.
#[tokio::test]
async fn a_ticket_brought_fifty_times_at_once_is_good_once() {
    let usher = Arc::new(usher().await);
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    let mut crowd = JoinSet::new();
    for _ in 0..50 {
        let (usher, ticket) = (usher.clone(), ticket.clone());
        crowd.spawn(async move { is_valid(&usher, BOOKS, &ticket).await });
    }
    let all = crowd.join_all().await;
    assert_eq!(all.into_iter().filter(|good| *good).count(), 1);
}

/// THREATS: redirect_uri bypass. Shown to the user, never redirected.
#[tokio::test]
async fn service_bypass_an_address_that_is_not_registered_is_never_gone_to() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for service in [
        "https://evil.example/",
        "https://lib-eu.test.evil.example/",
        "https://lib-eu.test@evil.example/",
        "https://evil.example\\@lib-eu.test/",
        "https://lib-eu.test:8443/",
        "http://lib-eu.test/",
        "//lib-eu.test/",
        "lib-eu.test",
        "javascript:alert(1)",
        "https://lib-eu.test/a/../b",
        "https://lib-eu.test/a/%2e%2e/b",
        "https://lib-eu.test/a/..%2fb",
        "https://lib-eu.test/a\\b",
        "https://lib-eu.test/x?ticket=ST-of-somebody-else",
        // Registered, but with another protocol.
        "https://crm-eu.test/",
        "https://wiki-eu.test/",
    ] {
        for more in ["", "&gateway=true", "&renew=true", "&method=POST"] {
            let page = ana.peek(&login(service, more)).await;
            assert_eq!(page.status, 400, "{service}{more}");
            assert!(!page.headers.contains_key("location"), "{service}{more}");
            assert!(page.says("Unknown redirect address"), "{service}");
        }
    }
    assert!(
        usher
            .column("select url from service_tickets")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn parameters_given_twice_are_refused() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let twice = login(BOOKS, "&service=https%3A%2F%2Fevil.example%2F");
    assert_eq!(ana.peek(&twice).await.status, 400);
}

/// A ticket for one address is worth nothing at another, and is gone afterwards.
#[tokio::test]
async fn a_stolen_ticket_is_burned_where_it_does_not_belong() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for other in [
        "https://lib-eu.test/books",
        "https://lib-eu.test/books?shelf=a%20c",
        "https://lib-eu.test/books/?shelf=a%20b",
        "https://lib-us.test/books?shelf=a%20b",
        "https://evil.example/books?shelf=a%20b",
        "not an address",
    ] {
        let ticket = ticket(&mut ana, BOOKS).await;
        let refused = code(&usher, other, &ticket, "").await;
        assert_eq!(refused, "INVALID_SERVICE", "{other}");
        let again = code(&usher, BOOKS, &ticket, "").await;
        assert_eq!(again, "INVALID_TICKET", "{other}: burned");
    }
}

/// THREATS: disabled principal still works.
#[tokio::test]
async fn a_ticket_is_void_when_its_user_is_disabled_or_its_session_ends() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let before = ticket(&mut ana, BOOKS).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert_eq!(code(&usher, BOOKS, &before, "").await, "INVALID_TICKET");

    let mut ben = Browser::of(&usher, "ben").await;
    let before = ticket(&mut ben, "https://lib-us.test/").await;
    let who = ben.session().await.expect("a session").user.id;
    assert!(usher.app.directory.disable(&who).await.expect("done"));
    let code = code(&usher, "https://lib-us.test/", &before, "").await;
    assert_eq!(code, "INVALID_TICKET");
    let page = ben.peek(&login("https://lib-us.test/", "")).await;
    assert!(
        page.location().starts_with("/sign-in/"),
        "no longer signed in"
    );
}

/// THREATS: login CSRF. A sign-in that another user began leads nowhere.
#[tokio::test]
async fn a_request_belongs_to_the_browser_that_brought_it() {
    let usher = usher().await;
    let mut mallory = Browser::new(&usher);
    let form = mallory.get(&login(BOOKS, "")).await;
    // A user who opens its address starts again, for themselves; the request still waits for its
    // browser.
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(form.url.path()).await;
    assert!(is_valid(&usher, BOOKS, &ticket_of(&page)).await);
    let waiting = "select id from pending_requests where consumed_at is null";
    assert_eq!(usher.column(waiting).await.len(), 1);
}

/// A second click on what was answered gives no second ticket.
#[tokio::test]
async fn a_request_that_waited_is_answered_once() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(&login(BOOKS, "")).await;
    ana.stays = true;
    ana.sign_in(&form, "ana").await;
    ana.sign_in(&form, "ana").await;
    assert_eq!(
        usher.column("select url from service_tickets").await.len(),
        1
    );
}

#[tokio::test]
async fn a_ticket_is_stored_as_a_hash_until_it_opens_nothing() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    let everything = "select ticket_hash || session_id || service || instance || url
                      from service_tickets union all select subject from party_sessions";
    let dump = usher.column(everything).await.join("\n");
    assert!(!dump.is_empty() && !dump.contains(&ticket[3..]));
    assert!(is_valid(&usher, BOOKS, &ticket).await);
    let named = usher.column("select subject from party_sessions").await;
    assert_eq!(
        named,
        std::slice::from_ref(&ticket),
        "single logout names it"
    );
    assert!(!is_valid(&usher, BOOKS, &ticket).await);
}
