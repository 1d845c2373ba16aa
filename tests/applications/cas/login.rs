//! `/cas/login`: who gets a ticket, and where all other users go.

use std::time::Duration;

use support::{
    browser::Browser,
    cas::{BOOKS, code, is_valid, login, seed, ticket, ticket_of, usher, validate},
    draft::{Change, part},
    server::TestServer,
};

#[tokio::test]
async fn a_signed_in_user_is_sent_back_with_a_ticket_at_once() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&login(BOOKS, "")).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.headers["cache-control"], "no-store");
    let expected = format!("{BOOKS}&ticket=ST-");
    assert!(
        page.location().starts_with(&expected),
        "{}",
        page.location()
    );
    let told = validate(&usher, BOOKS, &ticket_of(&page), "").await;
    assert_eq!(told["authenticationSuccess"]["user"], "ana");
}

#[tokio::test]
async fn a_signed_out_user_signs_in_first_and_the_request_continues() {
    let usher = usher().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(&login(BOOKS, "")).await;
    assert!(form.url.path().starts_with("/sign-in/att_"), "{}", form.url);
    let page = browser.sign_in(&form, "ana").await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("lib-eu"),
        "{}",
        page.text()
    );
    assert_eq!(page.shown("path").as_deref(), Some("/books"));
    assert_eq!(page.shown("context").as_deref(), Some("none"));
    let who = browser.session().await;
    assert!(who.is_some(), "the sign-in is the portal's");
}

#[tokio::test]
async fn without_a_service_there_is_the_portal() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for path in ["/cas/login", "/cas/login?service=", "/cas/login?renew=true"] {
        let page = ana.peek(path).await;
        assert_eq!((page.status, page.location()), (303, "/"), "{path}");
    }
}

#[tokio::test]
async fn gateway_shows_no_page() {
    let usher = usher().await;
    let mut browser = Browser::new(&usher);
    let page = browser.peek(&login(BOOKS, "&gateway=true")).await;
    assert_eq!((page.status, page.location()), (303, BOOKS));
    // Renew takes precedence (section 2.1.1).
    let page = browser
        .peek(&login(BOOKS, "&gateway=true&renew=true"))
        .await;
    assert!(page.location().starts_with("/sign-in/"));
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&login(BOOKS, "&gateway=true")).await;
    assert!(is_valid(&usher, BOOKS, &ticket_of(&page)).await);
}

#[tokio::test]
async fn renew_asks_again_and_validation_can_insist_on_it() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(60));
    let ticket = ticket(&mut ana, BOOKS).await;
    assert_eq!(
        code(&usher, BOOKS, &ticket, "&renew=true").await,
        "INVALID_TICKET"
    );
    let used = code(&usher, BOOKS, &ticket, "").await;
    assert_eq!(used, "INVALID_TICKET", "and it was used up");

    ana.stays = true;
    let form = ana.get(&login(BOOKS, "&renew=true")).await;
    assert!(form.url.path().starts_with("/sign-in/"), "{}", form.url);
    usher.advance(Duration::from_secs(5));
    let page = ana.sign_in(&form, "ana").await;
    let told = validate(&usher, BOOKS, &ticket_of(&page), "&renew=true").await;
    let told = &told["authenticationSuccess"]["attributes"];
    assert_eq!(told["isFromNewLogin"][0], "true");
}

#[tokio::test]
async fn a_request_with_renew_is_not_answered_by_an_old_session() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&login(BOOKS, "&renew=true")).await;
    assert!(page.location().starts_with("/sign-in/"));
    assert!(
        usher
            .column("select url from service_tickets")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_ticket_can_go_by_a_form() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&login(BOOKS, "&method=POST")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.all_actions().iter().any(|to| to == BOOKS),
        "{:?}",
        page.all_actions()
    );
    let (_, rest) = page.body.split_once("value=\"ST-").expect("a ticket");
    let ticket = format!("ST-{}", rest.split('"').next().expect("its end"));
    assert!(is_valid(&usher, BOOKS, &ticket).await);
    for method in ["HEADER", "get", "PUT"] {
        let page = ana.peek(&login(BOOKS, &format!("&method={method}"))).await;
        assert_eq!(page.status, 400, "{method}");
    }
}

#[tokio::test]
async fn who_may_not_enter_gets_no_ticket() {
    let mut reserved = seed();
    reserved.service("library").audience = Some(part("group = \"sales\""));
    let usher = TestServer::with(&reserved).await;
    let mut ben = Browser::of(&usher, "ben").await;
    let page = ben.peek(&login(BOOKS, "")).await;
    assert_eq!(page.status, 403);
    let page = ben.peek(&login(BOOKS, "&gateway=true")).await;
    assert_eq!(page.location(), BOOKS, "and with gateway none either");
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    assert!(is_valid(&usher, BOOKS, &ticket).await);
}

#[tokio::test]
async fn a_closed_service_or_instance_gives_no_ticket() {
    let closed: [(Change, &str); 2] = [
        (
            |draft| draft.service("library").disabled = true,
            "the service",
        ),
        (
            |draft| draft.instance("lib-eu").disabled = true,
            "the instance",
        ),
    ];
    for (change, what) in closed {
        let usher = usher().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let before = ticket(&mut ana, BOOKS).await;
        let mut draft = seed();
        change(&mut draft);
        usher.seed(&draft).await;
        let page = ana.peek(&login(BOOKS, "")).await;
        assert!(page.status >= 400, "{what}: {}", page.status);
        assert!(!page.headers.contains_key("location"));
        let code = code(&usher, BOOKS, &before, "").await;
        assert_eq!(code, "UNAUTHORIZED_SERVICE", "{what}: at use, too");
    }
}

#[tokio::test]
async fn a_service_that_wants_more_gets_more_before_a_ticket() {
    let rule = "[[assurance]]\ntitle = \"Books\"\nservice = \"library\"\nmax_age_minutes = 15";
    let usher = TestServer::with(&seed().plus(rule)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let page = ana.peek(&login(BOOKS, "&gateway=true")).await;
    assert_eq!(page.location(), BOOKS);
    ana.stays = true;
    let form = ana.get(&login(BOOKS, "")).await;
    assert!(form.url.path().starts_with("/sign-in/"), "{}", form.url);
    let page = ana.sign_in(&form, "ana").await;
    assert!(is_valid(&usher, BOOKS, &ticket_of(&page)).await);
}

#[tokio::test]
async fn a_launch_carries_its_ticket_into_the_record() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/library/customer/c-1042?tab=loans").await;
    assert_eq!(page.status, 303, "one redirect");
    let target = "https://lib-eu.test/readers/C-1042?tab=loans";
    assert!(page.location().starts_with(&format!("{target}&ticket=ST-")));
    let told = validate(&usher, target, &ticket_of(&page), "").await;
    let told = &told["authenticationSuccess"]["attributes"];
    for (name, value) in [
        ("context_type", "customer"),
        ("context_system", "urn:usher:context:customer"),
        ("context_id", "C-1042"),
        ("context_field_tab", "loans"),
        ("launch_intent", "view"),
        ("department", "sales"),
    ] {
        assert_eq!(told[name][0], value, "{name}");
    }
    let landed = "select id from launches where stage = 'landed' and landed_at is not null";
    let landed = usher.column(landed).await;
    assert_eq!(told["launch_id"][0], landed[0].as_str());
}

#[tokio::test]
async fn attribute_names_that_cgi_drops_have_a_second_spelling() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/library/customer/c-1042?tab=loans").await;
    let target = "https://lib-eu.test/readers/C-1042?tab=loans";
    let told = validate(&usher, target, &ticket_of(&page), "").await;
    let told = told["authenticationSuccess"]["attributes"].as_object();
    let told = told.expect("attributes");
    for (name, twin) in [
        ("context_type", "contextType"),
        ("context_system", "contextSystem"),
        ("context_id", "contextId"),
        ("context_field_tab", "contextFieldTab"),
        ("launch_id", "launchId"),
        ("launch_intent", "launchIntent"),
    ] {
        assert!(told[name].is_array(), "{name}");
        assert_eq!(told[name], told[twin], "{twin}");
    }
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    for (name, values) in told {
        let has_twin = told
            .iter()
            .any(|(twin, same)| plain(twin) && same == values);
        assert!(
            has_twin,
            "{name} does not pass CGI, and nothing else says it"
        );
    }
}

/// CAS 3.0 section 3.7: strict clients refuse a ticket with any other character.
#[tokio::test]
async fn a_strict_client_takes_every_ticket() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for _ in 0..20 {
        let ticket = support::cas::ticket(&mut ana, BOOKS).await;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        assert!(ticket.bytes().all(fits), "{ticket}");
        assert!(is_valid(&usher, BOOKS, &ticket).await);
    }
}

#[tokio::test]
async fn an_ordinary_sign_in_carries_no_context() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.peek("/go/library/customer/c-1042").await;
    let target = "https://lib-eu.test/readers/C-1042";
    let ticket = ticket(&mut ana, target).await;
    let told = validate(&usher, target, &ticket, "").await;
    let told = &told["authenticationSuccess"]["attributes"];
    assert!(
        told["context_id"].is_null() && told["launch_id"].is_null(),
        "{told}"
    );
}
