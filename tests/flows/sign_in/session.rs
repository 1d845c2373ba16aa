//! The session: its cookie, its lifetime, and that no other user has access to it.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{OURS, RECORD};
use support::{
    browser::{Browser, SESSION},
    draft::Draft,
    server::TestServer,
};

const HOST: &str = "usher.test";
const MINUTE: Duration = Duration::from_secs(60);

async fn lives(usher: &TestServer, cookie: &str) -> bool {
    let mut browser = Browser::new(usher);
    browser.set_cookie(HOST, SESSION, cookie);
    browser.session().await.is_some()
}

#[tokio::test]
async fn fixation_the_cookie_is_new_at_each_sign_in_and_the_old_one_void() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let forms = [
        browser.get("/sign-in").await,
        browser.get("/sign-in").await,
        browser.get("/sign-in").await,
    ];
    let mut cookies: Vec<String> = Vec::new();
    for (form, name) in forms.iter().zip(["ana", "ana", "ben"]) {
        browser.sign_in(form, name).await;
        let cookie = browser.cookie(HOST, SESSION).expect("a session").to_owned();
        for old in &cookies {
            assert_ne!(*old, cookie);
            assert!(!lives(&usher, old).await, "an old cookie is void");
        }
        assert!(lives(&usher, &cookie).await);
        cookies.push(cookie);
    }
}

#[tokio::test]
async fn fixation_a_planted_cookie_is_not_adopted() {
    let usher = TestServer::open().await;
    let attacker = Browser::of(&usher, "ben").await;
    let own = attacker
        .cookie(HOST, SESSION)
        .expect("a session")
        .to_owned();
    let made_up = format!("us_{}", "A".repeat(43));
    for planted in [own.as_str(), &made_up, "x", "us_", "' or 1=1 --"] {
        let mut victim = Browser::new(&usher);
        let form = victim.get(RECORD).await;
        victim.set_cookie(HOST, SESSION, planted);
        let page = victim.sign_in(&form, "ana").await;
        assert_eq!(page.shown("who").as_deref(), Some("Ana Almeida"));
        assert_ne!(victim.cookie(HOST, SESSION), Some(planted));
        assert!(!lives(&usher, planted).await, "{planted}");
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_over_tls_and_not_for_scripts() {
    let usher = TestServer::open().await;
    let mut browser = Browser::of(&usher, "ana").await;
    let portal = browser.get("/").await;
    browser.press(&portal, "lang", "de").await;
    let names: Vec<&str> = browser
        .given
        .iter()
        .filter_map(|line| line.split('=').next())
        .collect();
    assert_eq!(
        names,
        [
            "__Host-usher-browser",
            "__Host-usher",
            "__Host-usher-device",
            "__Host-usher-language"
        ]
    );
    for line in &browser.given {
        let attributes: Vec<&str> = line.split("; ").skip(1).collect();
        for wanted in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.contains(&wanted), "{wanted}: {line}");
        }
        assert!(
            attributes.iter().all(|one| !one.starts_with("Domain")),
            "{line}"
        );
    }
    let session = browser.cookie(HOST, SESSION).expect("a session");
    assert!(session.starts_with("us_") && session.len() == 46);
    let hashes = usher.column("select token_hash from sessions").await;
    assert!(
        !hashes.contains(&session.to_owned()),
        "only its hash is stored"
    );
}

#[tokio::test]
async fn other_artefacts_are_no_session_cookies() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = ana.peek(RECORD).await.sent()["login_hint"].clone();
    let browser = ana
        .cookie(HOST, "__Host-usher-browser")
        .expect("a cookie")
        .to_owned();
    let session = ana
        .session()
        .await
        .expect("signed in")
        .session
        .id
        .to_string();
    for artefact in [handle, browser, session] {
        let (_, random) = artefact.split_once('_').expect("a prefix");
        for cookie in [artefact.clone(), format!("us_{random}")] {
            assert!(!lives(&usher, &cookie).await, "{cookie}");
        }
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let cookie = ana.cookie(HOST, SESSION).expect("a session").to_owned();
    let asked = ana.get("/sign-out").await;
    assert!(
        asked.says("Sign out?") && lives(&usher, &cookie).await,
        "a link only asks"
    );
    ana.address = Some(([203, 0, 113, 9], 4711).into());
    let page = ana.send(&asked, "/sign-out").await;
    assert!(page.says("You are signed out"));
    assert_eq!(ana.cookie(HOST, SESSION), None, "the cookie is taken away");
    assert!(!lives(&usher, &cookie).await, "and would be void");
    let back = ana.get("/").await;
    assert!(back.url.path().starts_with("/sign-in/"), "{}", back.url);
    assert!(ana.get("/sign-out").await.says("You are signed out"));
    let from = "select address from events where kind = 'session.ended' and address is not null";
    assert_eq!(usher.column(from).await, ["203.0.113.9"]);
    assert_eq!(
        ana.post("/sign-out", OURS, "").await.status,
        200,
        "twice is no error"
    );
}

#[tokio::test]
async fn another_site_cannot_sign_a_user_out() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for origin in [None, Some("null"), Some("https://evil.example")] {
        assert_eq!(ana.post("/sign-out", origin, "").await.status, 403);
    }
    assert!(ana.session().await.is_some());
}

#[tokio::test]
async fn an_unused_session_ends() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for _ in 0..3 {
        usher.advance(479 * MINUTE);
        assert!(ana.get("/").await.says("Hello, Ana"), "use keeps it alive");
    }
    usher.advance(480 * MINUTE);
    let page = ana.get(RECORD).await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    let page = ana.sign_in(&page, "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn every_session_ends_after_a_week_however_much_it_is_used() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for _ in 0..167 {
        usher.advance(60 * MINUTE);
        ana.get("/").await;
    }
    assert!(ana.session().await.is_some());
    usher.advance(60 * MINUTE);
    assert!(ana.session().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_mix_up_many_users_at_once_are_never_mixed_up() {
    let mut draft = Draft::sample();
    for n in 0..8 {
        let (login, region) = (format!("p{n}"), ["europe", "americas"][n % 2]);
        draft.add_person(&login, &format!("Person {n}"));
        draft.set_attribute(&login, "region", region);
    }
    let usher = Arc::new(TestServer::with(&draft).await);
    let mut crowd = JoinSet::new();
    for n in 0..8 {
        let usher = usher.clone();
        crowd.spawn(async move { twenty_requests(&usher, n).await });
    }
    crowd.join_all().await;
}

async fn twenty_requests(usher: &TestServer, n: usize) {
    let name = format!("Person {n}");
    let app = ["crm-eu", "crm-us"][n % 2];
    let mut browser = Browser::of(usher, &format!("p{n}")).await;
    for round in 0..10 {
        let portal = browser.get("/").await;
        assert!(
            portal.says(&format!("Hello, {name} ")),
            "{name}: {}",
            portal.text()
        );
        for other in (0..8).filter(|other| *other != n) {
            assert!(
                !portal.says(&format!("Person {other}")),
                "{name} sees {other}"
            );
        }
        let page = browser
            .get(&format!("/go/crm/customer/C-10{n}{round}"))
            .await;
        assert_eq!(page.shown("who"), Some(name.clone()));
        assert_eq!(page.shown("app").as_deref(), Some(app));
        let context = format!("customer C-10{n}{round} view");
        assert_eq!(page.shown("context"), Some(context));
    }
}
