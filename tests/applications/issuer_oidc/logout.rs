//! RP-initiated logout: an authenticated request is followed, for any other the user is asked, and
//! there is no redirect to an address that is not registered.

use std::time::Duration;

use url::form_urlencoded::Serializer;

use support::{
    browser::{Browser, Page},
    relying_party::{Ask, tokens},
    server::TestServer,
};

const HOME: &str = "https://crm-eu.test/";

fn path(parameters: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("/oidc/end-session?{query}")
}

async fn id_token(usher: &TestServer, browser: &mut Browser<'_>, client: &str) -> String {
    let (tokens, _) = tokens(usher, browser, &Ask::of(client)).await;
    tokens["id_token"].as_str().expect("one").to_owned()
}

/// A signed-in user, and what the CRM knows of them.
async fn signed_in(usher: &TestServer) -> (Browser<'_>, String) {
    let mut ana = Browser::of(usher, "ana").await;
    let hint = id_token(usher, &mut ana, "crm-eu").await;
    ana.stays = true;
    (ana, hint)
}

fn asks(page: &Page) -> bool {
    page.status == 200 && page.says("Sign out?")
}

/// Presses the button of the page that asks.
async fn confirm(browser: &mut Browser<'_>, page: &Page) -> Page {
    assert!(asks(page), "{}", page.text());
    let mut actions = page.forms().into_iter().map(|form| form.action);
    let action = actions.find(|action| action.contains("end-session"));
    let action = action.expect("a form");
    browser.send(page, &action).await
}

#[tokio::test]
async fn a_valid_hint_ends_the_session_at_once_and_goes_home_with_state() {
    for posted in [false, true] {
        let usher = TestServer::open().await;
        let (mut ana, hint) = signed_in(&usher).await;
        let parameters = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", HOME),
            ("state", "a b&c"),
        ];
        let path = path(&parameters);
        let page = match posted {
            false => ana.get(&path).await,
            true => {
                let (path, body) = path.split_once('?').expect("a query");
                ana.post(path, Some("https://crm-eu.test"), body).await
            }
        };
        assert!(page.trail.last().expect("one").starts_with(HOME));
        assert_eq!(page.away()["state"], "a b&c");
        assert!(ana.session().await.is_none());
        assert_eq!(usher.events_named("session.ended").await, 1);
    }
}

#[tokio::test]
async fn an_expired_hint_counts() {
    let usher = TestServer::open().await;
    let (mut ana, hint) = signed_in(&usher).await;
    usher.advance(Duration::from_secs(1200));
    assert!(ana.session().await.is_some(), "the session is alive");
    let page = ana.get(&path(&[("id_token_hint", &hint)])).await;
    assert!(page.says("You are signed out"), "{}", page.text());
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn an_unauthenticated_request_asks_the_user() {
    let usher = TestServer::open().await;
    let (mut ana, hint) = signed_in(&usher).await;
    let mut elsewhere = Browser::of(&usher, "ana").await;
    let of_elsewhere = id_token(&usher, &mut elsewhere, "crm-eu").await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let of_cleo = id_token(&usher, &mut cleo, "crm-eu").await;
    let mut modified = hint.clone();
    let last = modified.pop().expect("a character");
    modified.push(if last == 'A' { 'Q' } else { 'A' });
    let unsigned = format!("{}.", hint.rsplit_once('.').expect("parts").0);
    for parameters in [
        &[][..],
        &[("state", "alone")],
        &[("client_id", "crm-eu")],
        &[("client_id", "nobody")],
        &[("id_token_hint", &of_elsewhere)],
        &[("id_token_hint", &of_cleo)],
        &[("id_token_hint", &modified)],
        &[("id_token_hint", &unsigned)],
        &[("id_token_hint", "x")],
        &[("id_token_hint", &hint), ("client_id", "crm-us")],
        &[("post_logout_redirect_uri", HOME)],
        &[("logout_hint", "ana")],
    ] {
        let page = ana.get(&path(parameters)).await;
        assert!(asks(&page), "{parameters:?}: {}", page.text());
        assert!(ana.session().await.is_some(), "{parameters:?}");
    }
    assert_eq!(usher.events_named("session.ended").await, 0);
    for browser in [&elsewhere, &cleo] {
        assert!(browser.session().await.is_some());
    }
    let page = ana.get("/oidc/end-session").await;
    let page = confirm(&mut ana, &page).await;
    assert!(page.says("You are signed out"));
    assert!(ana.session().await.is_none());
    assert!(elsewhere.session().await.is_some(), "only this browser");
}

#[tokio::test]
async fn after_confirmation_the_user_returns_to_an_identified_client() {
    let usher = TestServer::open().await;
    let (mut ana, _) = signed_in(&usher).await;
    let parameters = [
        ("client_id", "crm-eu"),
        ("post_logout_redirect_uri", HOME),
        ("state", "s"),
    ];
    let page = ana.get(&path(&parameters)).await;
    let page = confirm(&mut ana, &page).await;
    assert_eq!(
        page.trail.last().expect("one"),
        "https://crm-eu.test/?state=s"
    );
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn open_redirect_no_redirect_to_an_unregistered_address() {
    let usher = TestServer::open().await;
    for uri in [
        "https://crm-eu.test",
        "https://crm-eu.test/?x=1",
        "https://crm-eu.test/#x",
        "https://crm-eu.test/bye",
        "https://CRM-EU.test/",
        "http://crm-eu.test/",
        "https://crm-eu.test:443/",
        "https://crm-us.test/",
        "https://evil.example/",
        "https://crm-eu.test/callback",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let (mut ana, hint) = signed_in(&usher).await;
        for parameters in [
            vec![("client_id", "crm-eu")],
            vec![("id_token_hint", hint.as_str())],
            vec![("id_token_hint", hint.as_str()), ("client_id", "crm-eu")],
        ] {
            let parameters = [parameters, vec![("post_logout_redirect_uri", uri)]].concat();
            let mut page = ana.get(&path(&parameters)).await;
            if asks(&page) {
                page = confirm(&mut ana, &page).await;
            }
            assert!(page.says("You are signed out"), "{uri}: {:?}", page.trail);
            assert_eq!(page.url.path(), "/signed-out", "{uri}");
            assert!(ana.session().await.is_none());
        }
    }
}

#[tokio::test]
async fn open_redirect_no_redirect_for_a_client_that_is_not_identified() {
    let usher = TestServer::open().await;
    for wrong in ["", "crm-us", "nobody"] {
        let (mut ana, hint) = signed_in(&usher).await;
        let parameters = [
            (
                "id_token_hint",
                if wrong.is_empty() { "" } else { hint.as_str() },
            ),
            ("client_id", wrong),
            ("post_logout_redirect_uri", HOME),
        ];
        let page = ana.get(&path(&parameters)).await;
        let page = confirm(&mut ana, &page).await;
        assert_eq!(page.url.path(), "/signed-out", "{wrong}: {:?}", page.trail);
    }
}

#[tokio::test]
async fn a_signed_out_user_is_not_asked() {
    let usher = TestServer::open().await;
    let (mut ana, hint) = signed_in(&usher).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    for (parameters, end) in [
        (&[][..], "https://usher.test/signed-out"),
        (&[("state", "s")], "https://usher.test/signed-out"),
        (
            &[("id_token_hint", &hint), ("post_logout_redirect_uri", HOME)],
            HOME,
        ),
        (
            &[
                ("id_token_hint", &hint),
                ("post_logout_redirect_uri", "https://evil.example/"),
            ],
            "https://usher.test/signed-out",
        ),
    ] {
        let page = ana.get(&path(parameters)).await;
        assert_eq!(page.trail.last().expect("one"), end, "{parameters:?}");
    }
}

#[tokio::test]
async fn duplicated_parameters_are_refused() {
    let usher = TestServer::open().await;
    let (mut ana, hint) = signed_in(&usher).await;
    let twice = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", HOME),
        ("post_logout_redirect_uri", "https://evil.example/"),
    ];
    assert_eq!(ana.get(&path(&twice)).await.status, 400);
    assert!(ana.session().await.is_some());
}

/// The confirmation is a form of ours: another site cannot send it.
#[tokio::test]
async fn cross_site_request_forgery_another_site_cannot_say_yes() {
    let usher = TestServer::open().await;
    let (mut ana, _) = signed_in(&usher).await;
    for origin in [None, Some("null"), Some("https://evil.example")] {
        let page = ana.post("/oidc/end-session/confirm", origin, "").await;
        assert_eq!(page.status, 403, "{origin:?}");
    }
    assert!(ana.session().await.is_some());
}
