//! A link resets one factor, never two: a user with a second one proves it first (THREATS: MFA
//! bypass on side paths).

use std::time::Duration;

use super::{Desk, NEW, PORTAL, gets_in_with, set};
use support::{
    browser::{Browser, Page},
    factor::{after_password, answer, challenge, use_key, with_app, with_passkey},
};

const APP: &str = "Code";
const CODE: &str = "Recovery code";

/// Opens a link of a user who has a second factor: the page that asks for it.
async fn asked(browser: &mut Browser<'_>, link: &str) -> Page {
    let page = browser.get(link).await;
    let page = browser.send(&page, &format!("{link}/opening")).await;
    assert_eq!(page.url.path(), format!("{link}/factor"), "{}", page.text());
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    assert!(!page.body.contains("action=\"/language\""));
    page
}

async fn stage(desk: &Desk) -> String {
    let stages = "select stage from one_time_links where kind = 'reset' and stage <> 'void'";
    desk.usher.column(stages).await.concat()
}

#[tokio::test]
async fn an_app_is_asked_for_and_its_code_is_used_up() {
    let desk = Desk::open().await;
    let (_, app, _) = with_app(&desk.usher, "ana").await;
    desk.demand().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let form = asked(&mut ana, &link).await;
    let page = ana.fill(&form, &[(APP, "000000")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(stage(&desk).await, "opened");
    let code = app.shows(desk.usher.clock.now());
    let page = ana.fill(&form, &[(APP, &code)]).await;
    assert!(page.says("Your new password"), "{}", page.text());
    assert_eq!(stage(&desk).await, "proven");
    let mut elsewhere = Browser::new(&desk.usher);
    let form = after_password(&mut elsewhere, "/", "ana").await;
    let again = elsewhere.fill(&form, &[(APP, &code)]).await;
    assert_eq!(again.status, 422, "the code was used for the link");
    let page = set(&mut ana, &page, NEW).await;
    assert!(page.says("Your password has been set"), "{}", page.text());
    assert!(gets_in_with(&desk.usher, "ana", NEW).await);
}

#[tokio::test]
async fn a_recovery_code_does_as_well_and_works_once() {
    let desk = Desk::open().await;
    let (_, _, codes) = with_app(&desk.usher, "ana").await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    asked(&mut ana, &link).await;
    let form = ana.get(&format!("{link}/factor?way=recovery")).await;
    let page = ana.fill(&form, &[(CODE, &codes[0])]).await;
    assert!(page.says("Your new password"), "{}", page.text());
    let second = desk.link("ana").await;
    asked(&mut ana, &second).await;
    let form = ana.get(&format!("{second}/factor?way=recovery")).await;
    assert_eq!(ana.fill(&form, &[(CODE, &codes[0])]).await.status, 422);
    assert_eq!(desk.usher.events_named("recovery_code.used").await, 1);
}

#[tokio::test]
async fn a_passkey_does_and_its_challenge_is_for_this_link_alone() {
    let desk = Desk::open().await;
    let (_, mut key) = with_passkey(&desk.usher, "ana").await;
    desk.demand().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let elsewhere = form.url.path().to_owned();
    let page = asked(&mut ana, &link).await;
    let (id, options) = challenge(&mut ana, &format!("{elsewhere}/challenge")).await;
    let body = answer(&id, &key.get(&options));
    let wrong = ana.post(page.url.path(), Some(PORTAL), &body).await;
    assert_eq!(wrong.status, 422, "a challenge of a sign-in");
    let (id, options) = challenge(&mut ana, &format!("{link}/factor/challenge")).await;
    let body = answer(&id, &key.get(&options));
    assert_eq!(ana.post(&elsewhere, Some(PORTAL), &body).await.status, 422);
    let page = use_key(&mut ana, &page, &mut key).await;
    assert!(page.says("Your new password"), "{}", page.text());
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
}

#[tokio::test]
async fn nothing_is_proved_before_the_link_is_opened_or_in_another_browser() {
    let desk = Desk::open().await;
    let (_, app, codes) = with_app(&desk.usher, "ana").await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let code = app.shows(desk.usher.clock.now());
    let proof = format!("way=app&code={code}");
    let page = ana
        .post(&format!("{link}/factor"), Some(PORTAL), &proof)
        .await;
    assert!(page.says("Choose a new password"), "{}", page.text());
    assert_eq!(stage(&desk).await, "asked");
    asked(&mut ana, &link).await;
    let mut thief = Browser::new(&desk.usher);
    for body in [proof.clone(), format!("way=recovery&code={}", codes[0])] {
        let page = thief
            .post(&format!("{link}/factor"), Some(PORTAL), &body)
            .await;
        assert_eq!(page.status, 410);
    }
    let page = thief
        .post(&format!("{link}/factor/challenge"), Some(PORTAL), "")
        .await;
    assert_eq!(page.status, 410);
    let page = ana
        .post(&format!("{link}/factor"), Some(PORTAL), &proof)
        .await;
    assert!(
        page.says("Your new password"),
        "nothing was used up: {}",
        page.text()
    );
    let body = "password=seven+green+bottles+on+a+wall";
    let page = thief
        .post(&format!("{link}/password"), Some(PORTAL), body)
        .await;
    assert_eq!(page.status, 410);
    for body in [
        "",
        "way=none&code=1",
        "way=app",
        "way=passkey&ceremony=x&credential=x",
    ] {
        let page = ana
            .post(&format!("{link}/factor"), Some(PORTAL), body)
            .await;
        assert!(
            page.status == 200 || page.status == 400,
            "{body}: {}",
            page.status
        );
    }
}

#[tokio::test]
async fn another_users_code_is_wrong() {
    let desk = Desk::open().await;
    let (_, _, _) = with_app(&desk.usher, "ana").await;
    let (_, bens, codes) = with_app(&desk.usher, "ben").await;
    let link = desk.link("ana").await;
    let mut browser = Browser::new(&desk.usher);
    let form = asked(&mut browser, &link).await;
    let code = bens.shows(desk.usher.clock.now());
    assert_eq!(browser.fill(&form, &[(APP, &code)]).await.status, 422);
    let form = browser.get(&format!("{link}/factor?way=recovery")).await;
    assert_eq!(browser.fill(&form, &[(CODE, &codes[0])]).await.status, 422);
    assert_eq!(stage(&desk).await, "opened");
}

#[tokio::test]
async fn brute_force_links_and_sign_ins_share_one_count() {
    let desk = Desk::open().await;
    let (_, app, _) = with_app(&desk.usher, "ana").await;
    desk.demand().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let form = asked(&mut ana, &link).await;
    for _ in 0..5 {
        assert_eq!(ana.fill(&form, &[(APP, "000000")]).await.status, 422);
    }
    let mut elsewhere = Browser::new(&desk.usher);
    let sign_in = after_password(&mut elsewhere, "/", "ana").await;
    for _ in 0..5 {
        let page = elsewhere.fill(&sign_in, &[(APP, "000000")]).await;
        assert_eq!(page.status, 422);
    }
    let code = app.shows(desk.usher.clock.now());
    let page = ana.fill(&form, &[(APP, &code)]).await;
    assert_eq!(page.status, 429, "even the right code");
    assert!(page.headers.contains_key("retry-after"));
    assert_eq!(stage(&desk).await, "opened");
    desk.usher.advance(Duration::from_secs(15 * 60));
    let code = app.shows(desk.usher.clock.now());
    let page = ana.fill(&form, &[(APP, &code)]).await;
    assert!(page.says("Your new password"), "{}", page.text());
}

#[tokio::test]
async fn a_factor_that_is_set_up_meanwhile_is_asked_for_all_the_same() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut thief = Browser::new(&desk.usher);
    let page = super::opened(&mut thief, &link).await;
    with_app(&desk.usher, "ana").await;
    let page = set(&mut thief, &page, NEW).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    assert!(!gets_in_with(&desk.usher, "ana", NEW).await);
}
