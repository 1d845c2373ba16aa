//! Removing an identity: with a proof, never the last, and its sessions end.

use std::time::Duration;

use super::{OURS, by, confirm, link_to, two_ways};
use support::{browser::Browser, server::TestServer};

const IDENTITY: &str = "/account/identities/";

/// Ana, who also signs in by the second provider, with Ben's account there.
async fn linked(usher: &TestServer) -> Browser<'_> {
    let mut ana = Browser::of(usher, "ana").await;
    let page = ana.get("/account").await;
    let form = ana.send(&page, "/account/links/branch").await;
    let page = ana.sign_in(&form, "ben").await;
    assert!(page.says("Linked."), "{}", page.text());
    ana
}

/// The page that asks before the way of this title goes.
async fn page_of(browser: &mut Browser<'_>, title: &str) -> String {
    let page = browser.get("/account").await;
    let (_, rest) = page
        .body
        .split_once(&format!("<h3>{title}</h3>"))
        .expect("the way");
    let (_, href) = rest.split_once("href=\"").expect("a link");
    let href = href.split('"').next().expect("an address").to_owned();
    assert!(href.starts_with(IDENTITY), "{href}");
    href
}

#[tokio::test]
async fn a_way_that_is_given_up_opens_nothing_and_its_sessions_end() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let other = by(&usher, "branch", "ben").await;
    let ana_is = ana.session().await.expect("signed in").user.id;
    assert_eq!(other.session().await.expect("signed in").user.id, ana_is);
    let href = page_of(&mut ana, "Branch account").await;
    let asked = ana.get(&href).await;
    assert!(
        asked.says("Remove “Branch account” as a sign-in method?"),
        "{}",
        asked.text()
    );
    assert!(other.session().await.is_some(), "a link only asks");
    let page = ana.send(&asked, &format!("{href}/removal")).await;
    assert!(
        page.says("Removed. It can no longer be used to sign in"),
        "{}",
        page.text()
    );
    assert!(other.session().await.is_none(), "at once");
    assert!(ana.session().await.is_some());
    let user = by(&usher, "branch", "ben").await.session().await;
    assert_ne!(user.expect("signed in").user.id, ana_is);
    assert_eq!(usher.events_named("identity.unlinked").await, 1);
    assert_eq!(usher.events_named("session.ended").await, 1);
}

#[tokio::test]
async fn what_only_that_provider_said_is_forgotten() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    by(&usher, "branch", "ben").await;
    let page = ana.get("/account").await;
    assert!(
        page.says("from Branch account") || page.says("americas"),
        "{}",
        page.text()
    );
    let href = page_of(&mut ana, "Branch account").await;
    let page = ana.post(&format!("{href}/removal"), OURS, "").await;
    assert!(!page.says("americas"), "{}", page.text());
}

#[tokio::test]
async fn the_last_way_stays() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let (first, second) = (
        page_of(&mut ana, "Branch account").await,
        page_of(&mut ana, "Sign in with your Usher account").await,
    );
    let page = ana.post(&format!("{first}/removal"), OURS, "").await;
    assert!(link_to(&page, IDENTITY).is_none(), "it is not offered");
    assert_eq!(ana.get(&second).await.status, 404);
    let page = ana.post(&format!("{second}/removal"), OURS, "").await;
    assert_eq!(page.status, 404, "{}", page.text());
    let left = usher
        .column("select provider from external_identities")
        .await;
    assert_eq!(left, ["local"]);
}

#[tokio::test]
async fn two_removals_at_once_leave_one_way() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let who = ana.session().await.expect("signed in");
    let identities = usher
        .app
        .directory
        .account()
        .identities(&who)
        .await
        .expect("two");
    assert_eq!(identities.len(), 2);
    let directory = &usher.app.directory;
    let handles: Vec<String> = identities.iter().map(|one| one.handle()).collect();
    let (first, second) = tokio::join!(
        directory.account().unlink(&who, &handles[0], "192.0.2.7"),
        directory.account().unlink(&who, &handles[1], "192.0.2.7"),
    );
    assert!(first.is_ok() != second.is_ok(), "one of them");
    assert_eq!(
        directory
            .account()
            .identities(&who)
            .await
            .expect("one")
            .len(),
        1
    );
    ana.get("/account").await;
}

#[tokio::test]
async fn giving_up_the_present_way_says_so_and_signs_out() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let href = page_of(&mut ana, "Sign in with your Usher account").await;
    let asked = ana.get(&href).await;
    assert!(
        asked.says("Your current session was started with it"),
        "{}",
        asked.text()
    );
    let page = ana.send(&asked, &format!("{href}/removal")).await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn an_old_session_proves_its_user_first() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let href = page_of(&mut ana, "Branch account").await;
    usher.advance(Duration::from_secs(601));
    let asked = ana.get(&href).await;
    let form = ana.send(&asked, &format!("{href}/removal")).await;
    assert_eq!(usher.events_named("identity.unlinked").await, 0);
    let page = confirm(&mut ana, &form, "ana").await;
    assert_eq!(page.url.path(), href, "{}", page.text());
    let page = ana.send(&page, &format!("{href}/removal")).await;
    assert!(page.says("Removed."), "{}", page.text());
}

#[tokio::test]
async fn no_user_removes_another_users_identity() {
    let usher = two_ways().await;
    let mut ana = linked(&usher).await;
    let href = page_of(&mut ana, "Branch account").await;
    let mut ben = Browser::of(&usher, "ben").await;
    assert_eq!(ben.get(&href).await.status, 404);
    let page = ben.post(&format!("{href}/removal"), OURS, "").await;
    assert_eq!(page.status, 404);
    assert_eq!(usher.events_named("identity.unlinked").await, 0);
}
