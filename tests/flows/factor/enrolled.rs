//! A second factor that is set up is asked for; a trusted device; admins, who need one.

use std::time::Duration;

use super::house_with;
use support::{
    admin::make_admin,
    authenticator::App,
    browser::{Browser, Page},
    draft::Draft,
    factor::{ALWAYS, OWN, after_password, codes_on, set_up_app, with_app},
    server::{PASSWORD, TestServer},
};

const TRUSTED: &str = "__Host-usher-trusted";
const STEP: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);

/// Proves the app on a factor page, trusting the device.
async fn prove_and_trust(
    browser: &mut Browser<'_>,
    page: &Page,
    usher: &TestServer,
    app: &App,
) -> Page {
    assert!(
        page.says("Trust this device for 30 days"),
        "{}",
        page.text()
    );
    let code = app.shows(usher.clock.now());
    let body = format!("way=app&code={code}&trust=1");
    let page = browser
        .post(page.url.path(), Some("https://usher.test"), &body)
        .await;
    usher.advance(STEP);
    page
}

#[tokio::test]
async fn a_second_factor_that_is_set_up_is_asked_for_at_every_new_sign_in() {
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    for _ in 0..2 {
        let mut ana = Browser::new(&usher);
        let page = after_password(&mut ana, "/go/crm/customer/C-1042", "ana").await;
        assert!(
            ana.session().await.is_none(),
            "a password alone opens nothing"
        );
        let code = app.shows(usher.clock.now());
        let page = ana.fill(&page, &[("Code", &code)]).await;
        assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
        usher.advance(STEP);
    }
    // Who has none is asked for nothing.
    let ben = Browser::of(&usher, "ben").await;
    assert!(ben.session().await.is_some());
}

#[tokio::test]
async fn where_the_portal_leaves_it_to_rules_an_enrolled_factor_is_not_asked_for() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FACTOR_WHEN_ENROLLED", "false")]).await;
    usher.seed(&Draft::sample()).await;
    let (mut ana, _, _) = with_app(&usher, "ana").await;
    assert!(Browser::of(&usher, "ana").await.session().await.is_some());
    let page = ana.get(OWN).await;
    assert!(page.says("rules decide when"), "{}", page.text());
}

#[tokio::test]
async fn a_trusted_device_is_not_asked_again_until_its_time_is_over() {
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    let page = prove_and_trust(&mut ana, &page, &usher, &app).await;
    assert_eq!(page.url.path(), "/", "{}", page.text());
    let line = ana.given.iter().find(|line| line.starts_with(TRUSTED));
    let line = line.expect("a cookie");
    assert!(line.contains("HttpOnly") && line.contains("Max-Age=2592000"));
    let trusted = ana.cookie("usher.test", TRUSTED).expect("one").to_owned();
    let page = ana.get(OWN).await;
    assert!(page.says("Expires in 30 days"), "{}", page.text());

    let mut again = Browser::new(&usher);
    again.set_cookie("usher.test", TRUSTED, &trusted);
    let page = again.get("/sign-in").await;
    again.sign_in(&page, "ana").await;
    let session = again.session().await.expect("in by password").session;
    assert!(session.factor_at.is_none(), "and no factor is claimed");

    // The trust of one user does not apply to another in the same browser.
    let (_, _, _) = with_app(&usher, "ben").await;
    let mut other = Browser::new(&usher);
    other.set_cookie("usher.test", TRUSTED, &trusted);
    after_password(&mut other, "/sign-in", "ben").await;

    usher.advance(30 * DAY);
    let mut late = Browser::new(&usher);
    late.set_cookie("usher.test", TRUSTED, &trusted);
    after_password(&mut late, "/sign-in", "ana").await;
}

/// A device that ana trusts: its cookie.
async fn trusting<'a>(usher: &'a TestServer, app: &App) -> (Browser<'a>, String) {
    let mut ana = Browser::new(usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    prove_and_trust(&mut ana, &page, usher, app).await;
    let trusted = ana.cookie("usher.test", TRUSTED).expect("one").to_owned();
    (ana, trusted)
}

/// Whether a new browser with this cookie is asked for the factor after the password.
async fn is_asked(usher: &TestServer, trusted: &str, password: &str) -> bool {
    let mut browser = Browser::new(usher);
    browser.set_cookie("usher.test", TRUSTED, trusted);
    let page = browser.get("/sign-in").await;
    let fields = [("Username", "ana"), ("Password", password)];
    let page = browser.fill(&page, &fields).await;
    page.url.path().ends_with("/factor")
}

#[tokio::test]
async fn trust_in_a_device_ends_with_what_it_rested_on() {
    const NEW: &str = "seven green bottles standing";
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let (mut ana, trusted) = trusting(&usher, &app).await;
    assert!(!is_asked(&usher, &trusted, PASSWORD).await);
    let page = ana.get(OWN).await;
    ana.send(&page, "/account/factors/devices/removal").await;
    assert!(is_asked(&usher, &trusted, PASSWORD).await, "taken back");
    assert_eq!(usher.events_named("device.untrusted").await, 1);

    let (mut ana, trusted) = trusting(&usher, &app).await;
    let page = ana.get("/account/password").await;
    let fields = [("Current password", PASSWORD), ("New password", NEW)];
    ana.fill(&page, &fields).await;
    assert!(is_asked(&usher, &trusted, NEW).await, "another password");
}

#[tokio::test]
async fn a_trusted_device_satisfies_no_rule_and_is_not_offered_where_one_stands() {
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let (_, trusted) = trusting(&usher, &app).await;
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
    assert!(is_asked(&usher, &trusted, PASSWORD).await);
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    assert!(!page.says("Trust this device"), "{}", page.text());
}

#[tokio::test]
async fn an_admin_without_a_factor_enrols_at_the_next_sign_in() {
    let usher = house_with("").await;
    Browser::of(&usher, "cleo").await;
    make_admin(&usher, "cleo").await;
    let mut cleo = Browser::new(&usher);
    let page = after_password(&mut cleo, "/sign-in", "cleo").await;
    assert!(cleo.session().await.is_none());
    assert!(page.says("Protect your account"), "{}", page.text());
    let (page, app) = set_up_app(&mut cleo, &page, usher.clock.now()).await;
    assert_eq!(codes_on(&page).len(), 10, "{}", page.text());
    let page = cleo.get("/admin").await;
    assert_eq!(page.status, 200, "{}", page.text());
    usher.advance(STEP);

    // A device that was trusted before she became one does not exempt her.
    let mut again = Browser::new(&usher);
    let page = after_password(&mut again, "/sign-in", "cleo").await;
    assert!(!page.says("Trust this device"), "{}", page.text());
    let code = app.shows(usher.clock.now());
    let page = again.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.url.path(), "/", "{}", page.text());
}

#[tokio::test]
async fn an_admin_who_lost_the_factor_comes_back_by_a_reset() {
    let usher = TestServer::open().await;
    let (ana, _, _) = with_app(&usher, "ana").await;
    make_admin(&usher, "ana").await;
    let user = ana.session().await.expect("signed in").user.id;
    assert_eq!(usher.app.factors.reset(&user).await.expect("done"), 1);
    assert!(ana.session().await.is_none(), "every session ends");
    assert!(usher.column("select id from factors").await.is_empty());
    assert_eq!(usher.events_named("factor.reset").await, 1);
    let mut again = Browser::new(&usher);
    let page = after_password(&mut again, "/sign-in", "ana").await;
    assert!(page.says("Protect your account"), "{}", page.text());
}
