//! The lists of notifications: for the browser that signed out, for the user, for admins, and for
//! no other.

use std::time::Duration;

use super::{ana_at, deliver_all, sign_out, usher};
use support::{browser::Browser, listener::Listener};

#[tokio::test]
async fn the_browser_that_signed_out_sees_which_applications_were_notified() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes"), ("wiki-eu", "/no")]).await;
    let mut ana = ana_at(&usher, &["crm-eu", "wiki-eu", "reports-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    let page = ana.get("/signed-out").await;
    for line in [
        "CRM Europe has signed you out",
        "could not be notified; we will try again",
        "cannot be notified. Please sign out there; on a shared computer, close it as well",
    ] {
        assert!(page.says(line), "{line}: {}", page.text());
    }
    assert!(!page.body.contains("data-again"), "nothing is under way");
    let stranger = Browser::new(&usher).get("/signed-out").await;
    assert!(!stranger.says("CRM"), "{}", stranger.text());
}

#[tokio::test]
async fn a_page_that_comes_too_early_looks_again() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/never")]).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    let page = ana.get("/sign-out").await;
    let page = ana.send(&page, "/sign-out").await;
    assert!(page.body.contains("data-again"), "{}", page.body);
}

#[tokio::test]
async fn the_user_and_the_admin_see_the_same_list() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/no")]).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    sign_out(&mut ana).await;
    for pause in [0, 10, 60, 300, 1800, 7200] {
        usher.advance(Duration::from_secs(pause));
        deliver_all(&usher).await;
    }
    let mut ana = Browser::of(&usher, "ana").await;
    let own = ana.get("/account/logouts").await;
    assert!(
        own.says("CRM Europe could not be notified"),
        "{}",
        own.text()
    );
    let mut ben = Browser::of(&usher, "ben").await;
    assert!(!ben.get("/account/logouts").await.says("CRM"));
    assert_eq!(ben.peek("/admin/logouts").await.status, 404);

    let mut cleo = Browser::of(&usher, "cleo").await;
    support::admin::make_admin(&usher, "cleo").await;
    let list = cleo.get("/admin/logouts").await;
    assert!(list.says("Failed it answered 400"), "{}", list.text());
    let trail = cleo.get("/admin/events?kind=logout.failed").await;
    for words in [
        "Background work",
        "Application: CRM Europe crm-eu",
        "Protocol: OpenID Connect",
    ] {
        assert!(trail.says(words), "{words}: {}", trail.text());
    }
    cleo.send(&list, "/admin/logouts").await;
    deliver_all(&usher).await;
    let tries = usher
        .column("select cast(tries as text) from notices")
        .await;
    assert_eq!(tries, ["1"], "from the start");
}
