//! Managing one's own factors: only with a recent proof.

use std::time::Duration;

use super::{EDIT, TO_EDIT, house_with};
use support::{
    browser::Browser,
    draft::Draft,
    factor::{OURS, OWN, codes_on, set_up_app, with_app, with_passkey},
    server::TestServer,
};

const LONG: Duration = Duration::from_secs(601);
const STEP: Duration = Duration::from_secs(30);

#[tokio::test]
async fn session_riding_a_session_found_open_enrols_nothing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let own = ana.get(OWN).await;
    usher.advance(LONG);
    let page = ana.send(&own, "/account/factors/app").await;
    assert!(page.body.contains("name=\"password\""), "{}", page.text());
    let page = ana.get("/account/factors/passkey").await;
    assert!(page.body.contains("name=\"password\""));
    assert!(usher.column("select id from factors").await.is_empty());
    // With the password it goes on where it was.
    let page = ana.sign_in(&page, "ana").await;
    assert_eq!(page.url.path(), OWN, "{}", page.text());
    let (page, _) = set_up_app(&mut ana, &page, usher.clock.now()).await;
    assert_eq!(codes_on(&page).len(), 10);
}

#[tokio::test]
async fn a_confirmation_by_another_user_is_refused() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(LONG);
    let page = ana.get("/account/factors/passkey").await;
    let page = ana.sign_in(&page, "ben").await;
    assert_eq!(page.status, 403);
    let who = ana.session().await.expect("still signed in");
    assert_eq!(who.user.login, "ana");
}

#[tokio::test]
async fn who_has_a_factor_proves_it_before_changing_any() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FACTOR_WHEN_ENROLLED", "false")]).await;
    usher.seed(&Draft::sample()).await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let id = usher.column("select id from factors").await.remove(0);
    // A fresh sign-in by password alone is not enough.
    let mut thief = Browser::of(&usher, "ana").await;
    for link in [
        format!("{OWN}/{id}/removal"),
        format!("{OWN}/app"),
        format!("{OWN}/codes"),
        format!("{OWN}/passkey/challenge"),
    ] {
        let page = thief.post(&link, OURS, "").await;
        assert!(page.url.path().ends_with("/factor"), "{link}: {}", page.url);
    }
    assert_eq!(usher.column("select id from factors").await.len(), 1);
    let page = thief.post(&format!("{OWN}/{id}/removal"), OURS, "").await;
    let code = app.shows(usher.clock.now());
    let page = thief.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.url.path(), OWN, "{}", page.text());
    let page = thief.post(&format!("{OWN}/{id}/removal"), OURS, "").await;
    assert!(
        page.says("You have not set up a second factor"),
        "{}",
        page.text()
    );
    assert!(
        usher
            .column("select code_hash from recovery_codes")
            .await
            .is_empty()
    );
    assert_eq!(usher.events_named("factor.removed").await, 1);
}

#[tokio::test]
async fn a_proof_of_ten_minutes_ago_is_too_old() {
    let usher = TestServer::open().await;
    let (mut ana, _, _) = with_app(&usher, "ana").await;
    let id = usher.column("select id from factors").await.remove(0);
    usher.advance(LONG);
    let page = ana.post(&format!("{OWN}/{id}/removal"), OURS, "").await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    assert_eq!(usher.column("select id from factors").await.len(), 1);
}

#[tokio::test]
async fn one_keeps_several_factors_with_names_and_removes_one() {
    let usher = TestServer::open().await;
    let (mut ana, _) = with_passkey(&usher, "ana").await;
    let page = ana.get(OWN).await;
    let (page, _) = set_up_app(&mut ana, &page, usher.clock.now()).await;
    assert_eq!(
        page.url.path(),
        OWN,
        "the codes there are stay: {}",
        page.text()
    );
    assert!(page.says("My key") && page.says("Authenticator app") && page.says("10 codes left"));
    let keys = usher
        .column("select id from factors where kind = 'webauthn'")
        .await;
    let link = format!("{OWN}/{}", keys[0]);
    let page = ana.get(&link).await;
    let page = ana.fill(&page, &[("Name", "  Blue <key>\n")]).await;
    assert!(
        page.says("Blue <key>") && !page.says("My key"),
        "{}",
        page.text()
    );
    let page = ana.post(&format!("{link}/removal"), OURS, "").await;
    assert!(
        !page.says("Blue") && page.says("10 codes left"),
        "{}",
        page.text()
    );
    assert_eq!(ana.get(&link).await.status, 404);
}

#[tokio::test]
async fn what_was_done_with_a_factor_is_confirmed_once() {
    let usher = TestServer::open().await;
    let (mut ana, _) = with_passkey(&usher, "ana").await;
    let page = ana.get(OWN).await;
    let (page, _) = set_up_app(&mut ana, &page, usher.clock.now()).await;
    assert_eq!(page.url.path(), OWN);
    let added = "The second factor has been added.";
    assert!(page.says(added), "{}", page.text());
    assert!(!ana.get(OWN).await.says(added), "shown once");
    let keys = usher
        .column("select id from factors where kind = 'webauthn'")
        .await;
    let link = format!("{OWN}/{}", keys[0]);
    let page = ana.get(&link).await;
    let page = ana.fill(&page, &[("Name", "Blue key")]).await;
    assert!(page.says("The name has been saved."), "{}", page.text());
    ana.headers = vec![("accept-language", "de".to_owned())];
    let page = ana.post(&format!("{link}/removal"), OURS, "").await;
    let removed = "Der zweite Faktor wurde entfernt.";
    assert!(page.says(removed), "{}", page.text());
    assert!(!ana.get(OWN).await.says(removed), "shown once");
}

#[tokio::test]
async fn anothers_factor_is_not_there() {
    let usher = TestServer::open().await;
    let (_, _, _) = with_app(&usher, "ana").await;
    let id = usher.column("select id from factors").await.remove(0);
    let mut ben = Browser::of(&usher, "ben").await;
    assert_eq!(ben.get(&format!("{OWN}/{id}")).await.status, 404);
    for (link, body) in [("title", "title=mine"), ("removal", "")] {
        let page = ben.post(&format!("{OWN}/{id}/{link}"), OURS, body).await;
        assert_eq!(page.status, 404, "{link}");
    }
    assert_eq!(
        ben.post(&format!("{OWN}/codes"), OURS, "").await.status,
        404,
        "nothing to recover"
    );
    let titles = usher.column("select title from factors").await;
    assert_eq!(titles, ["Authenticator app"]);
}

#[tokio::test]
async fn a_stale_session_that_must_have_a_factor_proves_its_password_before_setting_one_up() {
    let usher = house_with(TO_EDIT).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(LONG);
    let page = ana.get(EDIT).await;
    assert!(page.body.contains("name=\"password\""), "{}", page.text());
    let page = ana.sign_in(&page, "ana").await;
    assert!(page.says("Protect your account"), "{}", page.text());
    let (codes, _) = set_up_app(&mut ana, &page, usher.clock.now()).await;
    let onward = codes
        .body
        .split("href=\"")
        .find(|part| part.starts_with("/sign-in/att_"));
    let onward = onward.and_then(|part| part.split('"').next());
    let page = ana.get(onward.expect("a way on")).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042/edit")
    );
}

#[tokio::test]
async fn an_enrolment_that_never_worked_counts_for_nothing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let own = ana.get(OWN).await;
    let first = ana.send(&own, "/account/factors/app").await;
    let page = ana
        .fill(&first, &[("Code shown in the app", "000000")])
        .await;
    assert_eq!(page.status, 422);
    assert!(
        ana.get(OWN)
            .await
            .says("You have not set up a second factor")
    );
    usher.advance(STEP);
    let own = ana.get(OWN).await;
    ana.send(&own, "/account/factors/app").await;
    assert_eq!(
        ana.get(first.url.path()).await.status,
        404,
        "the newer one took its place"
    );
    assert_eq!(usher.column("select id from factors").await.len(), 1);
}

#[tokio::test]
async fn the_history_names_the_browser_in_which_a_factor_was_changed() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    ana.headers = vec![("user-agent", FIREFOX.to_owned())];
    let form = ana.get("/sign-in").await;
    ana.sign_in(&form, "ana").await;
    let page = ana.get(OWN).await;
    let (page, _) = set_up_app(&mut ana, &page, usher.clock.now()).await;
    assert_eq!(codes_on(&page).len(), 10, "{}", page.text());
    let id = usher.column("select id from factors").await.remove(0);
    ana.post(&format!("{OWN}/{id}/removal"), OURS, "").await;
    let history = ana.get("/account/history").await;
    let methods = "select data from events where kind in ('factor.enrolled', 'factor.removed')";
    assert_eq!(usher.column(methods).await, [r#"{"factor":"totp"}"#; 2]);
    for kind in ["added", "removed"] {
        let words = format!("A passkey or authenticator app was {kind}");
        let mut lines = history.body.split("<li class=\"happening");
        let line = lines.find(|line| line.contains(&words)).expect("a line");
        assert!(line.contains("Firefox on Linux"), "{kind}: {line}");
    }
}
