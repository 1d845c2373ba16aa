//! Changing one's own password, and verifying one's own address.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{Desk, NEW, PORTAL, ask, gets_in};
use support::{
    browser::{Browser, Page, SESSION},
    mail::link_in,
    server::{PASSWORD, TestServer},
};

async fn change(browser: &mut Browser<'_>, current: &str, new: &str) -> Page {
    let page = browser.get("/account/password").await;
    let fields = [("Current password", current), ("New password", new)];
    browser.fill(&page, &fields).await
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_keeps_this_one() {
    let usher = TestServer::open().await;
    let elsewhere = Browser::of(&usher, "ana").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let old = ana.cookie("usher.test", SESSION).expect("one").to_owned();
    let id = ana.session().await.expect("signed in").session.id;
    let page = change(&mut ana, PASSWORD, NEW).await;
    assert!(
        page.says("Your password has been changed"),
        "{}",
        page.text()
    );
    assert_eq!(ana.session().await.expect("still").session.id, id);
    assert!(elsewhere.session().await.is_none());
    let mut stale = Browser::new(&usher);
    stale.set_cookie("usher.test", SESSION, &old);
    assert!(
        stale.session().await.is_none(),
        "session fixation: the old cookie is void"
    );
    assert!(gets_in(&usher, "ana", NEW).await);
    assert!(!gets_in(&usher, "ana", PASSWORD).await);
    assert_eq!(usher.events_named("password.changed").await, 1);
}

#[tokio::test]
async fn a_changed_password_does_not_keep_a_session_signed_in_that_was_not_to_be() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.given.clear();
    change(&mut ana, PASSWORD, NEW).await;
    let lines = ana.given.iter().filter(|line| line.starts_with(SESSION));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!lines[0].contains("Max-Age"), "{lines:?}");
}

#[tokio::test]
async fn every_change_needs_the_old_password() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = change(&mut ana, "wrong", NEW).await;
    assert_eq!(page.status, 422);
    assert!(
        page.says("The current password is incorrect"),
        "{}",
        page.text()
    );
    let page = change(&mut ana, PASSWORD, PASSWORD).await;
    assert!(
        page.says("This is your current password"),
        "{}",
        page.text()
    );
    let page = change(&mut ana, PASSWORD, "short").await;
    assert!(page.says("at least 12 characters"), "{}", page.text());
    for body in [
        "",
        "current=&password=",
        "password=seven+green+bottles",
        "current=x",
    ] {
        let page = ana.post("/account/password", Some(PORTAL), body).await;
        assert!((400..500).contains(&page.status), "{body}: {}", page.status);
    }
    assert!(gets_in(&usher, "ana", PASSWORD).await);
    assert_eq!(usher.events_named("password.changed").await, 0);
}

#[tokio::test]
async fn brute_force_a_stolen_session_allows_no_more_guesses_than_an_unknown_browser() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for _ in 0..10 {
        assert_eq!(change(&mut ana, "wrong", NEW).await.status, 422);
    }
    let page = change(&mut ana, PASSWORD, NEW).await;
    assert_eq!(page.status, 429);
    assert!(page.headers.contains_key("retry-after"));
    let mut stranger = Browser::new(&usher);
    let form = stranger.get("/sign-in").await;
    let page = stranger.sign_in(&form, "ana").await;
    assert_eq!(page.status, 429, "one count for both ways");
    usher.advance(Duration::from_secs(15 * 60));
    assert!(
        change(&mut ana, PASSWORD, NEW)
            .await
            .says("has been changed")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_guesses_at_once_are_twenty_guesses() {
    let usher = Arc::new(TestServer::open().await);
    let ana = Browser::of(&usher, "ana").await;
    let cookie = ana.cookie("usher.test", SESSION).expect("one").to_owned();
    let mut guesses = JoinSet::new();
    for _ in 0..20 {
        let (usher, cookie) = (usher.clone(), cookie.clone());
        guesses.spawn(async move {
            let mut tab = Browser::new(&usher);
            tab.set_cookie("usher.test", SESSION, &cookie);
            let body = "current=wrong&password=seven+green+bottles";
            tab.post("/account/password", Some(PORTAL), body)
                .await
                .status
        });
    }
    let statuses = guesses.join_all().await;
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((count(422), count(429)), (10, 10), "{statuses:?}");
}

#[tokio::test]
async fn a_change_voids_the_links_that_were_under_way() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::of(&desk.usher, "ana").await;
    change(&mut ana, PASSWORD, NEW).await;
    assert_eq!(ana.get(&link).await.status, 410);
    let mails = desk.post().await;
    let notice = mails.last().expect("a notice");
    assert!(notice.contains("was changed"), "{notice}");
}

#[tokio::test]
async fn whose_password_is_kept_elsewhere_has_no_such_page() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher
        .column("delete from external_identities returning subject")
        .await;
    assert_eq!(ana.get("/account/password").await.status, 404);
    let body = format!(
        "current={}&password=seven+green+bottles",
        PASSWORD.replace(' ', "+")
    );
    let page = ana.post("/account/password", Some(PORTAL), &body).await;
    assert_eq!(page.status, 404);
    assert_eq!(
        ana.post("/account/mail", Some(PORTAL), "").await.status,
        404
    );
}

/// Ana's account as if she had created it herself: her address is not verified.
async fn self_made(desk: &Desk) {
    desk.usher
        .column("update local_accounts set owner = null where login = 'ana' returning login")
        .await;
}

#[tokio::test]
async fn only_an_address_that_was_shown_to_be_theirs_gets_a_link() {
    let desk = Desk::open().await;
    self_made(&desk).await;
    let mut ana = Browser::of(&desk.usher, "ana").await;
    ask(&mut Browser::new(&desk.usher), "ana").await;
    assert!(
        desk.post().await.is_empty(),
        "account takeover by an unverified address"
    );

    let page = ana.get("/account/password").await;
    assert!(
        page.says("once you have confirmed this address"),
        "{}",
        page.text()
    );
    let page = ana.send(&page, "/account/mail").await;
    assert!(
        page.says("A confirmation email is on its way"),
        "{}",
        page.text()
    );
    let link = link_in(&desk.post().await[0]);
    assert!(link.starts_with("/mail/ul_"), "{link}");
    let mut phone = Browser::new(&desk.usher);
    let page = phone.get(&link).await;
    assert!(page.says("ana@example.org"), "{}", page.text());
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    let page = phone.send(&page, &link).await;
    assert!(page.says("Email address confirmed"), "{}", page.text());
    assert_eq!(phone.get(&link).await.status, 410, "it works once");
    assert!(phone.session().await.is_none(), "and signs no user in");
    assert_eq!(desk.usher.events_named("mail.verified").await, 1);
    assert!(
        ana.get("/account/password")
            .await
            .says("a reset link can be sent to ana@example.org.")
    );
    assert!(desk.link("ana").await.starts_with("/recover/ul_"));
}

#[tokio::test]
async fn another_address_has_to_be_shown_anew() {
    let desk = Desk::open().await;
    self_made(&desk).await;
    let mut ana = Browser::of(&desk.usher, "ana").await;
    ana.post("/account/mail", Some(PORTAL), "").await;
    let link = link_in(&desk.post().await[0]);
    let page = ana.get(&link).await;
    ana.send(&page, &link).await;
    desk.usher
        .column(
            "update local_accounts set attributes = '{\"mail\":[\"eve@example.org\"]}'
             where login = 'ana' returning login",
        )
        .await;
    let before = desk.post().await.len();
    ask(&mut Browser::new(&desk.usher), "ana").await;
    assert_eq!(desk.post().await.len(), before, "before the next sign-in");
    Browser::of(&desk.usher, "ana").await;
    desk.usher.advance(Duration::from_secs(15 * 60));
    ask(&mut Browser::new(&desk.usher), "ana").await;
    assert_eq!(desk.post().await.len(), before, "and after it");
}

#[tokio::test]
async fn a_link_about_an_address_dies_with_it() {
    let desk = Desk::open().await;
    self_made(&desk).await;
    let mut ana = Browser::of(&desk.usher, "ana").await;
    ana.post("/account/mail", Some(PORTAL), "").await;
    let link = link_in(&desk.post().await[0]);
    ana.post("/account/mail", Some(PORTAL), "").await;
    let newer = link_in(&desk.post().await[1]);
    assert_eq!(
        ana.get(&link).await.status,
        410,
        "a newer one took its place"
    );
    desk.usher.advance(Duration::from_secs(24 * 3600));
    assert_eq!(ana.get(&newer).await.status, 410);
    let mut ana = Browser::of(&desk.usher, "ana").await;
    ana.post("/account/mail", Some(PORTAL), "").await;
    let newest = link_in(&desk.post().await[2]);
    desk.usher
        .column("update users set attributes = '{}' returning id")
        .await;
    assert_eq!(ana.get(&newest).await.status, 410);
    assert_eq!(ana.post(&newest, Some(PORTAL), "").await.status, 410);
}
