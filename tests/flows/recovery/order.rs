//! Recovery in every illegal order (THREATS: recovery flow, kind confusion, one-time artefacts).

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{Desk, NEW, PORTAL, gets_in, gets_in_with, opened, set};
use support::{
    browser::{Browser, Page},
    server::PASSWORD,
};

const BROWSER: &str = "__Host-usher-browser";
const OTHER: &str = "another six words nobody knows";

async fn post_password(browser: &mut Browser<'_>, link: &str, password: &str) -> Page {
    let body = format!("password={}", password.replace(' ', "+"));
    browser
        .post(&format!("{link}/password"), Some(PORTAL), &body)
        .await
}

/// The link is refused, at all of its addresses.
async fn is_void(browser: &mut Browser<'_>, link: &str) {
    for page in [
        browser.get(link).await,
        browser
            .post(&format!("{link}/opening"), Some(PORTAL), "")
            .await,
        post_password(browser, link, OTHER).await,
    ] {
        assert_eq!(page.status, 410, "{}: {}", page.url, page.text());
        assert!(page.says("Request a new link"), "{}", page.text());
        assert!(!page.body.contains("name=\"password\""));
    }
}

#[tokio::test]
async fn a_password_is_not_set_before_the_link_is_opened() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = post_password(&mut ana, &link, NEW).await;
    assert!(
        page.says("Choose a new password"),
        "back to the first page: {}",
        page.text()
    );
    assert!(gets_in(&desk.usher, "ana", PASSWORD).await);
    let page = opened(&mut ana, &link).await;
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
}

#[tokio::test]
async fn a_scanner_that_follows_the_link_does_not_use_it_up() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    for _ in 0..5 {
        let page = Browser::new(&desk.usher).get(&link).await;
        assert!(page.says("Choose a new password"));
        assert!(
            !page.says("ana") && !page.says("Almeida"),
            "{}",
            page.text()
        );
    }
    let stages = desk.usher.column("select stage from one_time_links").await;
    assert_eq!(stages, ["asked"]);
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
}

#[tokio::test]
async fn a_link_works_once() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    set(&mut ana, &page, NEW).await;
    is_void(&mut ana, &link).await;
    is_void(&mut Browser::new(&desk.usher), &link).await;
    assert!(gets_in(&desk.usher, "ana", NEW).await);
}

#[tokio::test]
async fn a_link_is_good_for_half_an_hour_at_every_stage() {
    let desk = Desk::open().await;
    let asked = desk.link("ana").await;
    let opened_link = desk.link("ben").await;
    let mut ben = Browser::new(&desk.usher);
    desk.usher.advance(Duration::from_secs(29 * 60));
    opened(&mut ben, &opened_link).await;
    desk.usher.advance(Duration::from_secs(60));
    is_void(&mut Browser::new(&desk.usher), &asked).await;
    is_void(&mut ben, &opened_link).await;
    assert!(gets_in(&desk.usher, "ana", PASSWORD).await);
    assert!(gets_in(&desk.usher, "ben", PASSWORD).await);
}

#[tokio::test]
async fn an_opened_link_goes_on_in_its_own_browser_only() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    let mut thief = Browser::new(&desk.usher);
    is_void(&mut thief, &link).await;
    assert!(thief.get(&link).await.says("opened in another browser"));
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
    assert!(!gets_in(&desk.usher, "ana", OTHER).await);
}

#[tokio::test]
async fn a_newer_link_is_the_only_one() {
    let desk = Desk::open().await;
    let older = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    opened(&mut ana, &older).await;
    let newer = desk.link("ana").await;
    is_void(&mut ana, &older).await;
    let page = opened(&mut ana, &newer).await;
    set(&mut ana, &page, NEW).await;
    is_void(&mut ana, &newer).await;
    is_void(&mut ana, &older).await;
}

#[tokio::test]
async fn a_link_dies_with_the_account_it_was_made_for() {
    for (change, at) in [
        (
            "update local_accounts set disabled_at = 1 where login = 'ana' returning login",
            "account",
        ),
        ("update users set disabled_at = 1 returning login", "person"),
        (
            "update local_accounts set password_hash = 'x' where login = 'ana' returning login",
            "password",
        ),
        (
            "update local_accounts set attributes = '{\"mail\":[\"x@example.org\"]}'
             where login = 'ana' returning login",
            "mail",
        ),
        (
            "delete from local_accounts where login = 'ana' returning login",
            "all of it",
        ),
    ] {
        let desk = Desk::open().await;
        Browser::of(&desk.usher, "ana").await;
        let link = desk.link("ana").await;
        let mut ana = Browser::new(&desk.usher);
        opened(&mut ana, &link).await;
        assert_eq!(desk.usher.column(change).await, ["ana"]);
        is_void(&mut ana, &link).await;
        let stage = desk.usher.column("select stage from one_time_links").await;
        assert_eq!(stage, ["opened"], "{at}");
    }
}

#[tokio::test]
async fn who_is_disabled_meanwhile_is_not_let_in_by_a_link() {
    let desk = Desk::open().await;
    let ana = Browser::of(&desk.usher, "ana").await.session().await;
    let ana = ana.expect("signed in").user.id;
    let link = desk.link("ana").await;
    let mut browser = Browser::new(&desk.usher);
    opened(&mut browser, &link).await;
    desk.usher.app.directory.disable(&ana).await.expect("done");
    is_void(&mut browser, &link).await;
    desk.usher.app.directory.enable(&ana).await.expect("done");
    let page = browser.get(&link).await;
    assert!(
        page.says("Your new password"),
        "it was the account that was shut"
    );
}

#[tokio::test]
async fn in_two_tabs_the_first_password_counts() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let first = opened(&mut ana, &link).await;
    let page = ana.post(&format!("{link}/opening"), Some(PORTAL), "").await;
    assert!(
        page.says("Your new password"),
        "opening it again here is no harm"
    );
    set(&mut ana, &first, NEW).await;
    assert_eq!(set(&mut ana, &page, OTHER).await.status, 410);
    assert!(gets_in(&desk.usher, "ana", NEW).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_passwords_at_once_are_one() {
    let desk = Arc::new(Desk::open().await);
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    opened(&mut ana, &link).await;
    let cookie = ana.cookie("usher.test", BROWSER).expect("one").to_owned();
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let (desk, link, cookie) = (desk.clone(), link.clone(), cookie.clone());
        tries.spawn(async move {
            let mut tab = Browser::new(&desk.usher);
            tab.set_cookie("usher.test", BROWSER, &cookie);
            let password = format!("{NEW} number {number}");
            (
                number,
                post_password(&mut tab, &link, &password).await.status,
            )
        });
    }
    let done = tries.join_all().await;
    let good: Vec<_> = done.iter().filter(|(_, status)| *status == 200).collect();
    assert_eq!(good.len(), 1, "{done:?}");
    assert!(
        done.iter().all(|(_, status)| [200, 410].contains(status)),
        "{done:?}"
    );
    let password = format!("{NEW} number {}", good[0].0);
    assert!(gets_in(&desk.usher, "ana", &password).await);
    assert_eq!(desk.usher.events_named("password.reset").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_browsers_that_open_a_link_are_one() {
    let desk = Arc::new(Desk::open().await);
    let link = desk.link("ana").await;
    let mut tries = JoinSet::new();
    for _ in 0..50 {
        let (desk, link) = (desk.clone(), link.clone());
        tries.spawn(async move {
            let mut browser = Browser::new(&desk.usher);
            let door = browser.get("/recover/sent").await;
            assert_eq!(door.status, 200);
            let page = browser
                .post(&format!("{link}/opening"), Some(PORTAL), "")
                .await;
            page.status
        });
    }
    let done = tries.join_all().await;
    assert_eq!(
        done.iter().filter(|status| **status == 200).count(),
        1,
        "{done:?}"
    );
}

#[tokio::test]
async fn a_second_factor_is_not_skipped() {
    let desk = Desk::open().await;
    Browser::of(&desk.usher, "ana").await;
    desk.usher
        .column(
            "insert into factors (id, user_id, kind, title, sealed_secret, created_at, confirmed_at)
             select 'fac_1', id, 'totp', 'Phone', 'x', 1, 1 from users returning id",
        )
        .await;
    desk.demand().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = ana.get(&link).await;
    let page = ana.send(&page, &format!("{link}/opening")).await;
    assert!(
        !page.body.contains("autocomplete=\"new-password\""),
        "{}",
        page.body
    );
    let page = post_password(&mut ana, &link, NEW).await;
    assert!(!page.says("Your password has been set"), "{}", page.text());
    assert!(!page.body.contains("autocomplete=\"new-password\""));
    assert!(!gets_in_with(&desk.usher, "ana", NEW).await);
    assert!(gets_in_with(&desk.usher, "ana", PASSWORD).await);
    let stages = desk.usher.column("select stage from one_time_links").await;
    assert_eq!(stages, ["opened"]);
}

#[tokio::test]
async fn the_link_stays_out_of_headers_and_caches() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let door = ana.peek(&link).await;
    let page = opened(&mut ana, &link).await;
    let weak = set(&mut ana, &page, "short").await;
    for page in [door, page, weak] {
        assert_eq!(page.headers["referrer-policy"], "strict-origin");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(
            !page.body.contains("action=\"/language\""),
            "its answer leads by the referrer"
        );
    }
    let dump = [
        desk.usher
            .column("select token_hash || detail from one_time_links")
            .await,
        desk.usher
            .column("select sealed_message || coalesce(last_error, '') from mails")
            .await,
        desk.usher
            .column("select kind || coalesce(data, '') || coalesce(target, '') from events")
            .await,
    ]
    .concat()
    .join("\n");
    let token = link.rsplit('/').next().expect("a token");
    assert!(
        !dump.contains(&token[3..]) && !dump.contains("example.org\",\"link"),
        "{dump}"
    );
}

#[tokio::test]
async fn many_users_at_once_and_none_gets_anothers_link() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        let mut links = Vec::new();
        for name in ["ana", "ben", "cleo"] {
            links.push((name, desk.link(name).await));
        }
        for (name, link) in &links {
            let mut browser = Browser::new(&desk.usher);
            let page = opened(&mut browser, link).await;
            let password = format!("{NEW} for {}", name.to_uppercase());
            assert_eq!(set(&mut browser, &page, &password).await.status, 200);
        }
        for (name, _) in &links {
            let password = format!("{NEW} for {}", name.to_uppercase());
            assert!(gets_in(&desk.usher, name, &password).await, "{name}");
        }
        desk.usher.advance(Duration::from_secs(15 * 60));
    }
}
