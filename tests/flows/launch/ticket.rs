//! The ticket: its owner, its lifetime, and its single use.

use std::time::Duration;

use usher::model::context::Sensitivity;

use super::{CHOICE, HOUR, RECORD, at, refused};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::TestServer,
};

/// An admin at the page that asks which instance.
async fn at_the_choice(usher: &TestServer) -> (Browser<'_>, Page) {
    let mut cleo = Browser::of(usher, "cleo").await;
    let page = cleo.get(CHOICE).await;
    assert!(
        page.url.path().starts_with("/launches/lau_"),
        "{}",
        page.url
    );
    assert!(page.says("C-1042 can be opened in more than one instance"));
    (cleo, page)
}

#[tokio::test]
async fn several_instances_are_a_question_that_survives_a_reload() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    let again = cleo.get(page.url.path()).await;
    assert_eq!(again.text(), page.text());
    assert!(again.says("reports-eu.test") && again.says("reports-us.test"));
    let page = cleo.press(&again, "instance", "reports-us").await;
    at(&page, "reports-us", "/reports/C-1042");
}

#[tokio::test]
async fn an_instance_that_was_not_offered_is_asked_again() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    for slug in [
        "crm-eu",
        "nowhere",
        "",
        "https://evil.example",
        "REPORTS-EU",
    ] {
        let asked = cleo.press(&page, "instance", slug).await;
        assert_eq!(
            (asked.status, asked.url.path()),
            (200, page.url.path()),
            "{slug}"
        );
        assert!(asked.says("Choose an instance"));
    }
    let choice = format!("{}/choice", page.url.path());
    let empty = cleo.post(&choice, Some("https://usher.test"), "").await;
    assert_eq!(empty.status, 400);
    assert_eq!(usher.events_named("launch.departed").await, 0);
    let page = cleo.press(&page, "instance", "reports-eu").await;
    at(&page, "reports-eu", "/reports/C-1042");
}

#[tokio::test]
async fn a_launch_that_was_used_is_not_used_again() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    at(
        &cleo.press(&page, "instance", "reports-eu").await,
        "reports-eu",
        "/reports/C-1042",
    );
    refused(
        &cleo.get(page.url.path()).await,
        409,
        "This request has already been used",
    );
    let again = cleo.press(&page, "instance", "reports-us").await;
    refused(&again, 409, "This request has already been used");
    assert_eq!(usher.events_named("launch.departed").await, 1);
}

#[tokio::test]
async fn fifty_choices_at_once_are_one_departure() {
    let usher = std::sync::Arc::new(TestServer::open().await);
    let (cleo, page) = at_the_choice(&usher).await;
    let cookie = cleo.cookie("usher.test", support::browser::SESSION);
    let cookie = cookie.expect("a session").to_owned();
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (usher, page, cookie) = (usher.clone(), page.clone(), cookie.clone());
        tries.spawn(async move {
            let mut tab = Browser::new(&usher);
            tab.set_cookie("usher.test", support::browser::SESSION, &cookie);
            let body = "instance=reports-eu";
            let path = format!("{}/choice", page.url.path());
            tab.post(&path, Some("https://usher.test"), body).await.url
        });
    }
    let ends = tries.join_all().await;
    let landed = ends
        .iter()
        .filter(|url| url.host_str() == Some("reports-eu.test"));
    assert_eq!(landed.count(), 1);
    assert_eq!(usher.events_named("launch.departed").await, 1);
}

#[tokio::test]
async fn another_users_launch_is_foreign_and_reveals_nothing() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    let mut ben = Browser::of(&usher, "ben").await;
    let mut elsewhere = Browser::of(&usher, "cleo").await;
    for (browser, whose) in [(&mut ben, "ben's"), (&mut elsewhere, "their own")] {
        let choice = format!("{}/choice", page.url.path());
        let body = "instance=reports-us";
        let seen = [
            browser.get(page.url.path()).await,
            browser
                .post(&choice, Some("https://usher.test"), body)
                .await,
        ];
        for seen in seen {
            refused(&seen, 409, "This request was started elsewhere");
            let told = ["C-1042", "Reports", "reports"].map(|secret| seen.body.contains(secret));
            assert!(
                whose == "their own" || told == [false; 3],
                "{}",
                seen.text()
            );
        }
    }
    at(
        &cleo.press(&page, "instance", "reports-eu").await,
        "reports-eu",
        "/reports/C-1042",
    );
    let used = ben.get(page.url.path()).await;
    refused(&used, 409, "This request was started elsewhere");
}

#[tokio::test]
async fn a_launch_without_a_session_belongs_to_its_browser_only() {
    let usher = TestServer::open().await;
    let mut cold = Browser::new(&usher);
    let form = cold.get(RECORD).await;
    let id = usher.column("select id from launches").await.remove(0);
    let mut ben = Browser::of(&usher, "ben").await;
    let page = ben.get(&format!("/launches/{id}")).await;
    refused(&page, 409, "This request was started elsewhere");
    at(
        &cold.sign_in(&form, "ana").await,
        "crm-eu",
        "/customers/C-1042",
    );
}

#[tokio::test]
async fn a_launch_that_never_was_is_not_found() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for id in [
        "x",
        "lau_",
        "lau_00000000000000000000000000000000",
        "att_00000000000000000000000000000000",
    ] {
        refused(
            &ana.get(&format!("/launches/{id}")).await,
            404,
            "Page not found",
        );
    }
}

#[tokio::test]
async fn a_launch_is_void_after_its_hour() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    usher.advance(HOUR - Duration::from_secs(1));
    assert_eq!(cleo.get(page.url.path()).await.status, 200);
    usher.advance(Duration::from_secs(1));
    refused(
        &cleo.get(page.url.path()).await,
        410,
        "This request has expired",
    );
    let late = cleo.press(&page, "instance", "reports-eu").await;
    refused(&late, 410, "Please open the link again");
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

#[tokio::test]
async fn a_cold_link_left_too_long_says_so_and_keeps_its_destination() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    usher.advance(2 * HOUR);
    let page = browser.get(form.url.path()).await;
    assert!(page.says("This page has expired"), "{}", page.text());
    assert!(browser.session().await.is_none());
    let page = browser.sign_in(&form, "ana").await;
    at(&page, "crm-eu", "/customers/C-1042");
}

#[tokio::test]
async fn two_tabs_with_two_targets_each_land_on_their_own() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let crm = ana.get(RECORD).await;
    let desk = ana.get("/go/tickets/case/CS-2207").await;
    at(
        &ana.sign_in(&desk, "ana").await,
        "desk-eu",
        "/cases/CS-2207",
    );
    at(
        &ana.sign_in(&crm, "ana").await,
        "crm-eu",
        "/customers/C-1042",
    );
    assert_eq!(
        usher.column("select id from sessions").await.len(),
        1,
        "the same session goes on"
    );
}

#[tokio::test]
async fn a_tab_left_at_its_sign_in_page_goes_on_after_another_tab_signed_in() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let crm = ana.get(RECORD).await;
    let wiki = ana.get("/go/wiki/customer/C-2000").await;
    let choice = ana.get("/sign-in").await;
    at(&ana.sign_in(&wiki, "ana").await, "wiki-eu", "/pages/C-2000");
    at(
        &ana.get(crm.url.path()).await,
        "crm-eu",
        "/customers/C-1042",
    );
    assert_eq!(ana.get(choice.url.path()).await.url.path(), "/");
    let back = ana.get(crm.url.path()).await;
    assert!(back.says("You are already signed in"), "{}", back.text());
}

#[tokio::test]
async fn two_tabs_at_the_choice_survive_signing_in_again_in_a_third() {
    let usher = TestServer::open().await;
    let (mut cleo, one) = at_the_choice(&usher).await;
    let other = cleo.get("/go/reports/customer/C-2000").await;
    at(
        &cleo.press(&one, "instance", "reports-us").await,
        "reports-us",
        "/reports/C-1042",
    );
    at(
        &cleo.press(&other, "instance", "reports-eu").await,
        "reports-eu",
        "/reports/C-2000",
    );
}

#[tokio::test]
async fn the_back_button_after_landing_offers_to_open_it_again() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(&format!("{RECORD}?tab=notes")).await;
    assert!(form.says("you will be taken to C-1042"), "{}", form.text());
    at(
        &ana.sign_in(&form, "ana").await,
        "crm-eu",
        "/customers/C-1042",
    );
    for page in [
        ana.get(form.url.path()).await,
        ana.sign_in(&form, "ana").await,
    ] {
        assert!(page.says("You are already signed in"), "{}", page.text());
        assert!(page.says("Open C-1042 in CRM again"), "{}", page.text());
        let href = "href=\"/go/crm/customer/C-1042?tab=notes\"";
        assert!(page.body.contains(href), "{}", page.body);
    }
    at(
        &ana.get("/go/crm/customer/C-1042?tab=notes").await,
        "crm-eu",
        "/customers/C-1042",
    );
}

#[tokio::test]
async fn a_session_that_ended_at_the_choice_keeps_the_target() {
    let usher = TestServer::open().await;
    let (mut cleo, page) = at_the_choice(&usher).await;
    cleo.set_cookie("usher.test", support::browser::SESSION, "us_gone");
    let form = cleo.get(page.url.path()).await;
    assert!(form.url.path().starts_with("/sign-in/"), "{}", form.url);
    let page = cleo.sign_in(&form, "cleo").await;
    let again = page.body.contains("/go/reports/customer/C-1042");
    assert!(again || page.says("Choose an instance"), "{}", page.text());
}

#[tokio::test]
async fn a_record_too_sensitive_is_not_shown_again() {
    let draft = Draft::changed(|draft| {
        draft.context_type("case").sensitivity = Sensitivity::Special;
        draft.target("tickets", "case", "view").template = "/cases{#key}".into();
        draft.target("tickets", "case", "edit").template = "/cases/edit{#key}".into();
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/tickets/case/CS-2207").await;
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
    let portal = ana.get("/").await;
    assert!(
        portal.body.contains(&format!("href=\"{RECORD}\"")),
        "this one is"
    );
    assert!(
        !portal.body.contains("/go/tickets/case/"),
        "this one is not"
    );
}
