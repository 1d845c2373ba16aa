//! The one limiter: failures per account and per address.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::task::JoinSet;
use usher::model::event::EventFacts;

use super::RECORD;
use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::TestServer,
};

const WINDOW: Duration = Duration::from_secs(15 * 60);

async fn wrong(browser: &mut Browser<'_>, name: &str) -> Page {
    let form = browser.get("/sign-in").await;
    browser
        .fill(&form, &[("Username", name), ("Password", "wrong")])
        .await
}

#[tokio::test]
async fn guessing_an_account_has_to_wait_even_with_the_right_password() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let target = browser.get(RECORD).await;
    for _ in 0..10 {
        assert_eq!(wrong(&mut browser, "ana").await.status, 422);
    }
    usher.advance(Duration::from_secs(60));
    let page = wrong(&mut browser, "ana").await;
    assert_eq!(page.status, 429);
    assert!(
        page.says("Too many attempts. Please try again in 14 minutes"),
        "{}",
        page.text()
    );
    assert_eq!(page.headers["retry-after"], "840");
    let mut elsewhere = Browser::new(&usher);
    for spelling in ["ana", "ANA", " ana ", "ａｎａ"] {
        let form = elsewhere.get("/sign-in").await;
        let page = elsewhere.sign_in(&form, spelling).await;
        assert_eq!(
            page.status, 429,
            "{spelling}: the right password is not even looked at"
        );
    }
    assert!(elsewhere.session().await.is_none());
    assert!(
        Browser::of(&usher, "ben").await.session().await.is_some(),
        "others are not held up"
    );
    usher.advance(WINDOW - Duration::from_secs(60));
    let page = browser.sign_in(&target, "ana").await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042"),
        "{}",
        page.text()
    );
    let events = usher.app.store.recent_events(50).await.expect("events");
    let is_throttled = |(name, facts): &(String, EventFacts)| {
        name == "sign_in.refused"
            && facts.provider() == Some("local")
            && facts.value("reason") == "throttled"
    };
    assert!(events.iter().any(is_throttled));
}

#[tokio::test]
async fn guessing_many_accounts_from_one_address_has_to_wait() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "5")]).await;
    usher.seed(&Draft::sample()).await;
    let mut browser = Browser::new(&usher);
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(wrong(&mut browser, name).await.status, 422);
    }
    let form = browser.get("/sign-in").await;
    browser.headers = vec![("x-forwarded-for", "198.51.100.9".to_owned())];
    let page = browser.sign_in(&form, "ana").await;
    assert_eq!(page.status, 429, "nor does a forged address help");
    assert!(page.headers.contains_key("retry-after"));
    let mut far = Browser::new(&usher);
    far.address = Some(SocketAddr::from(([198, 51, 100, 9], 4711)));
    let form = far.get("/sign-in").await;
    assert!(far.sign_in(&form, "ana").await.says("Hello, Ana"));
    usher.advance(WINDOW);
    let again = browser.get("/sign-in").await;
    let page = browser.sign_in(&again, "ana").await;
    assert!(page.says("Hello, Ana"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_guesses_at_once_are_sixteen_guesses() {
    let usher = Arc::new(TestServer::open().await);
    let mut forms = Vec::new();
    for _ in 0..16 {
        let mut browser = Browser::new(&usher);
        let form = browser.get("/sign-in").await;
        let cookie = browser.cookie("usher.test", "__Host-usher-browser");
        forms.push((form, cookie.expect("a cookie").to_owned()));
    }
    let mut guesses = JoinSet::new();
    for (form, cookie) in forms {
        let usher = usher.clone();
        guesses.spawn(async move {
            let mut browser = Browser::new(&usher);
            browser.set_cookie("usher.test", "__Host-usher-browser", &cookie);
            let typed = [("Username", "ana"), ("Password", "wrong")];
            browser.fill(&form, &typed).await.status
        });
    }
    let statuses = guesses.join_all().await;
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((count(422), count(429)), (10, 6), "{statuses:?}");
    assert_eq!(usher.events_named("sign_in.failed").await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_guesses_at_one_attempt_are_thirty_guesses() {
    let usher = Arc::new(TestServer::open().await);
    let mut first = Browser::new(&usher);
    let form = first.get("/sign-in").await;
    let browser = first
        .cookie("usher.test", "__Host-usher-browser")
        .expect("a cookie");
    let mut guesses = JoinSet::new();
    for _ in 0..30 {
        let (usher, form, cookie) = (usher.clone(), form.clone(), browser.to_owned());
        guesses.spawn(async move {
            let mut tab = Browser::new(&usher);
            tab.set_cookie("usher.test", "__Host-usher-browser", &cookie);
            let page = tab
                .fill(&form, &[("Username", "ana"), ("Password", "wrong")])
                .await;
            page.status
        });
    }
    let statuses = guesses.join_all().await;
    let verified = statuses.iter().filter(|status| **status == 422).count();
    assert_eq!(verified, 10, "{statuses:?}");
}

#[tokio::test]
async fn a_success_forgives_what_went_before() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    for _ in 0..2 {
        for _ in 0..9 {
            assert_eq!(wrong(&mut browser, "ana").await.status, 422);
        }
        assert!(Browser::of(&usher, "ana").await.session().await.is_some());
    }
}

#[tokio::test]
async fn a_success_of_one_user_does_not_forgive_guesses_at_others() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "6")]).await;
    usher.seed(&Draft::sample()).await;
    let mut browser = Browser::new(&usher);
    for _ in 0..5 {
        assert_eq!(wrong(&mut browser, "ana").await.status, 422);
        assert!(Browser::of(&usher, "ben").await.session().await.is_some());
    }
    assert_eq!(wrong(&mut browser, "ana").await.status, 422);
    assert_eq!(wrong(&mut browser, "ana").await.status, 429);
}

/// An IPv6 customer has 2^64 addresses: each used to have a count of its own.
#[tokio::test]
async fn password_spraying_from_one_ipv6_prefix_has_to_wait() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "5")]).await;
    usher.seed(&Draft::sample()).await;
    let mut statuses = Vec::new();
    for n in 1..=7_u16 {
        let mut browser = Browser::new(&usher);
        browser.address = Some(SocketAddr::from(([0x2001, 0xdb8, 0, 7, 0, 0, 0, n], 4711)));
        statuses.push(wrong(&mut browser, &format!("name{n}")).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429]);
    // A /48 has four times as much.
    let mut statuses = Vec::new();
    for n in 1..=20_u16 {
        let mut browser = Browser::new(&usher);
        browser.address = Some(SocketAddr::from((
            [0x2001, 0xdb8, 0, 100 + n, 0, 0, 0, 1],
            1,
        )));
        statuses.push(wrong(&mut browser, &format!("more{n}")).await.status);
    }
    assert_eq!(statuses[..15], [422; 15]);
    assert_eq!(statuses[15..], [429; 5]);
}

/// Eleven wrong passwords in a quarter of an hour used to lock any user out.
#[tokio::test]
async fn other_clients_do_not_lock_out_a_browser_that_signed_in_before() {
    let usher = TestServer::open().await;
    let mut own = Browser::of(&usher, "ana").await;
    let page = own.get("/sign-out").await;
    own.send(&page, "/sign-out").await;
    assert!(own.session().await.is_none());
    let mut stranger = Browser::new(&usher);
    for _ in 0..10 {
        assert_eq!(wrong(&mut stranger, "ana").await.status, 422);
    }
    assert_eq!(wrong(&mut stranger, "ana").await.status, 429);
    let form = own.get("/sign-in").await;
    let page = own.sign_in(&form, "ana").await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
    assert_eq!(
        wrong(&mut stranger, "ana").await.status,
        429,
        "which other clients do not learn"
    );
}

/// An attacker at the known browser gets no more guesses than at an unknown one, and none at
/// another account.
#[tokio::test]
async fn a_known_browser_has_a_count_and_no_more() {
    let usher = TestServer::open().await;
    let mut own = Browser::of(&usher, "ana").await;
    let device = own.cookie("usher.test", "__Host-usher-device");
    let device = device.expect("a cookie").to_owned();
    let mut thief = Browser::new(&usher);
    thief.set_cookie("usher.test", "__Host-usher-device", &device);
    for _ in 0..10 {
        assert_eq!(wrong(&mut thief, "ana").await.status, 422);
    }
    assert_eq!(wrong(&mut thief, "ana").await.status, 429);
    for _ in 0..10 {
        assert_eq!(wrong(&mut Browser::new(&usher), "ben").await.status, 422);
    }
    assert_eq!(wrong(&mut thief, "ben").await.status, 429, "it is ana's");
    assert!(Browser::of(&usher, "ana").await.session().await.is_some());
    let mut forged = Browser::new(&usher);
    forged.set_cookie("usher.test", "__Host-usher-device", "forged");
    assert_eq!(wrong(&mut forged, "ben").await.status, 429);
    let page = own.get("/").await;
    assert_eq!(page.status, 200);
}
