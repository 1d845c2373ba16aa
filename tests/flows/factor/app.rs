//! Codes of an authenticator app.

use std::{sync::Arc, time::Duration};

use super::{EDIT, RECORD, TO_EDIT, amr, at_once, house_with};
use support::{
    browser::Browser,
    draft::Draft,
    factor::{ALWAYS, OWN, after_password, codes_on, key_on, set_up_app, with_app},
    server::TestServer,
};

const STEP: Duration = Duration::from_secs(30);
const WRONG: &str = "The code is incorrect or was used before";

#[tokio::test]
async fn who_has_no_factor_sets_one_up_on_the_way_and_arrives() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, RECORD, "ana").await;
    assert!(offer.says("Protect your account"), "{}", offer.text());
    assert!(ana.session().await.is_none(), "not yet");
    let (codes, app) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    assert_eq!(codes_on(&codes).len(), 10, "{}", codes.text());
    assert_eq!(amr(&ana).await, "pwd otp mfa");
    let onward = codes
        .body
        .split("href=\"")
        .find(|part| part.starts_with("/sign-in/att_"));
    let onward = onward.and_then(|part| part.split('"').next());
    let page = ana.get(onward.expect("a way on")).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));

    usher.advance(STEP);
    let mut again = Browser::new(&usher);
    let form = after_password(&mut again, RECORD, "ana").await;
    let code = app.shows(usher.clock.now());
    let page = again.fill(&form, &[("Code", &code)]).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    let who = again.session().await.expect("a session");
    assert_eq!(who.session.amr, "pwd otp mfa");
    assert_eq!(who.session.factor_at, Some(usher.clock.now()));
}

#[tokio::test]
async fn a_wrong_code_keeps_the_target_and_asks_again() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, RECORD, "ana").await;
    let (_, app) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    usher.advance(STEP);
    let mut again = Browser::new(&usher);
    let form = after_password(&mut again, RECORD, "ana").await;
    let page = again.fill(&form, &[("Code", "000000")]).await;
    assert_eq!(page.status, 422);
    assert!(page.says(WRONG), "{}", page.text());
    assert!(again.session().await.is_none());
    assert_eq!(usher.events_named("factor.refused").await, 1);
    let code = app.shows(usher.clock.now());
    let page = again.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn replay_a_code_works_once_and_no_earlier_one_after_it() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (_, app) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    let mut spy = Browser::new(&usher);
    let form = after_password(&mut spy, "/", "ana").await;
    let seen = app.shows(usher.clock.now());
    let page = spy.fill(&form, &[("Code", &seen)]).await;
    assert_eq!(page.status, 422, "the code that set it up");
    usher.advance(STEP * 2);
    let [earlier, now] = [usher.clock.now() - STEP, usher.clock.now()].map(|at| app.shows(at));
    let page = spy.fill(&form, &[("Code", &now)]).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
    let form = after_password(&mut Browser::new(&usher), "/", "ana").await;
    drop(form);
    let mut again = Browser::new(&usher);
    let form = after_password(&mut again, "/", "ana").await;
    for code in [&now, &earlier] {
        let page = again.fill(&form, &[("Code", code)]).await;
        assert_eq!(page.status, 422, "used, or older than what was used");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_uses_of_one_code_at_once_are_one_success() {
    let settings = [
        ("USHER_SIGN_IN__FAILURES_PER_ACCOUNT", "1000"),
        ("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "1000"),
        ("USHER_SESSION__MOST_PER_PERSON", "100"),
    ];
    let usher = Arc::new(TestServer::configured(&settings).await);
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (_, app) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    usher.advance(STEP);
    let code = app.shows(usher.clock.now());
    let statuses = at_once(&usher, "app", &code).await;
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    // On a busy machine some may have to wait for too long: they get an error, and no session.
    assert_eq!(
        (count(200), count(422) + count(503)),
        (1, 49),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn guessing_codes_has_to_wait_even_with_the_right_one() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (_, app) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    usher.advance(STEP);
    for _ in 0..5 {
        // A new attempt, a new browser: the count is the user's.
        let mut guesser = Browser::new(&usher);
        let form = after_password(&mut guesser, "/", "ana").await;
        for _ in 0..2 {
            let page = guesser.fill(&form, &[("Code", "000000")]).await;
            assert_eq!(page.status, 422);
        }
    }
    let mut guesser = Browser::new(&usher);
    let form = after_password(&mut guesser, "/", "ana").await;
    let code = app.shows(usher.clock.now());
    let page = guesser.fill(&form, &[("Code", &code)]).await;
    assert_eq!(page.status, 429, "{}", page.text());
    assert!(page.headers.contains_key("retry-after"));
    assert!(guesser.session().await.is_none());
    usher.advance(Duration::from_secs(15 * 60));
    let code = app.shows(usher.clock.now());
    let page = guesser.fill(&form, &[("Code", &code)]).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
}

#[tokio::test]
async fn step_up_says_what_it_is_for_and_lands_there() {
    let usher = house_with(TO_EDIT).await;
    let (mut ana, app, _) = with_app(&usher, "ana").await;
    usher.advance(Duration::from_secs(15 * 60));
    let page = ana.get(RECORD).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042"),
        "viewing needs none"
    );
    let before = ana.session().await.expect("a session").session;
    let page = ana.get(EDIT).await;
    assert!(
        page.says("Confirm your identity to edit Customer C-1042 in CRM."),
        "{}",
        page.text()
    );
    assert!(
        !page.body.contains("name=\"password\""),
        "a factor is enough"
    );
    let cookie = ana.cookie("usher.test", "__Host-usher").map(str::to_owned);
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042/edit")
    );
    let after = ana.session().await.expect("a session").session;
    assert_eq!(
        (&after.id, after.factor_at),
        (&before.id, Some(usher.clock.now()))
    );
    assert_ne!(
        ana.cookie("usher.test", "__Host-usher"),
        cookie.as_deref(),
        "a new cookie"
    );
    assert_eq!(
        after.authenticated_at, before.authenticated_at,
        "the password was not asked"
    );
    usher.advance(Duration::from_secs(14 * 60));
    let page = ana.get(EDIT).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042/edit"),
        "still fresh"
    );
    usher.advance(Duration::from_secs(61));
    assert!(ana.get(EDIT).await.says("Confirm your identity to edit"));
}

#[tokio::test]
async fn secrets_are_sealed_and_a_key_is_shown_to_its_owner_only_until_it_works() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let own = ana.get(OWN).await;
    let page = ana.send(&own, "/account/factors/app").await;
    let app = key_on(&page);
    assert!(page.body.contains("src=\"data:image/svg+xml;base64,"));
    assert_eq!(page.headers["cache-control"], "no-store");
    let key = page.body.split("class=\"secret\"").nth(1).expect("a key");
    let key: String = key
        .chars()
        .skip_while(|c| *c != '>')
        .skip(1)
        .take(9)
        .collect();
    for row in usher.column("select sealed_secret from factors").await {
        assert!(!row.contains(&key.replace(' ', "")), "sealed");
    }
    let mut ben = Browser::of(&usher, "ben").await;
    assert_eq!(ben.get(page.url.path()).await.status, 404, "not ben's");
    let code = app.shows(usher.clock.now());
    let label = "Code shown in the app";
    let done = ana.fill(&page, &[(label, &code)]).await;
    assert_eq!(codes_on(&done).len(), 10);
    assert_eq!(ana.get(page.url.path()).await.status, 404, "never again");
    assert_eq!(usher.events_named("factor.enrolled").await, 1);
}
