//! What the user is shown: sent back by the application, and on their list of recent records.

use usher::model::context::Sensitivity;

use super::{from_desk, landed, launched, refused};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::{PORTAL, TestServer},
};

/// Launches of one moment have no order.
const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

fn nothing_here(page: &Page) {
    assert_eq!(page.status, 404, "{}", page.url);
    assert!(page.says("Page not found"), "{}", page.text());
    assert!(!page.says("CS-2207") && !page.says("Tickets"));
}

#[tokio::test]
async fn who_is_sent_back_learns_who_said_no_and_what_to_do() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    assert_eq!(
        launch.return_uri,
        format!("{PORTAL}/launches/{}/refused", launch.id)
    );
    let page = ana
        .get(&format!("{}?reason=no_such_record", launch.return_uri))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.says("CS-2207 not found in Tickets"), "{}", page.text());
    assert!(
        page.body
            .contains("href=\"/open?type=case&#38;key=CS-2207\"")
            || page
                .body
                .contains("href=\"/open?type=case&amp;key=CS-2207\""),
        "{}",
        page.body
    );
    let page = ana
        .get(&format!("{}?reason=not_allowed", launch.return_uri))
        .await;
    assert!(page.says("Tickets denied access to CS-2207"));
    assert!(
        !page.body.contains("/open?"),
        "another number would not help"
    );
    // A link that any site can make a user follow writes nothing.
    assert_eq!(super::kept(&usher).await, (vec![], 0, 0));
}

#[tokio::test]
async fn another_instance_is_offered_where_users_may_choose_one() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/crm/customer/C-1042").await;
    let id = usher.column("select id from launches where service = 'crm'");
    let id = id.await.remove(0);
    let page = ana
        .get(&format!("/launches/{id}/refused?reason=no_such_record"))
        .await;
    assert!(page.says("Use a different instance"));
    assert!(page.body.contains("href=\"/services/crm\""));
}

/// Nothing of a sensitive record's key is shown again.
#[tokio::test]
async fn a_key_that_must_not_be_remembered_is_not_on_the_page() {
    let draft = Draft::changed(|draft| {
        draft.context_type("case").sensitivity = Sensitivity::Special;
        draft.target("tickets", "case", "view").template = "/cases{#key}".into();
        draft.target("tickets", "case", "edit").template = "/cases/edit{#key}".into();
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    for reason in ["no_such_record", "not_allowed"] {
        let page = ana
            .get(&format!("{}?reason={reason}", launch.return_uri))
            .await;
        assert_eq!(page.status, 200);
        assert!(page.says("Tickets") && !page.body.contains("CS-2207"));
    }
}

#[tokio::test]
async fn anything_else_is_the_plain_page_that_nothing_is_here() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let path = format!("/launches/{}/refused", launch.id);
    for query in [
        "",
        "?",
        "?reason=",
        "?reason=other",
        "?reason=No_Such_Record",
        "?reason=%00",
        "?reason=no_such_record&reason=no_such_record",
        "?reason=no_such_record&to=https://evil.example",
        "?x=1&reason=no_such_record",
    ] {
        nothing_here(&ana.get(&format!("{path}{query}")).await);
    }
    for id in ["x", "%00", "lau_00000000000000000000000000000000"] {
        nothing_here(
            &ana.get(&format!("/launches/{id}/refused?reason=not_allowed"))
                .await,
        );
    }
    let mut ben = Browser::of(&usher, "ben").await;
    nothing_here(&ben.get(&format!("{path}?reason=no_such_record")).await);
    // One that has not departed was refused by no application.
    let mut cleo = Browser::of(&usher, "cleo").await;
    let choice = cleo.get("/go/reports/customer/C-1042").await;
    let path = format!("{}/refused?reason=not_allowed", choice.url.path());
    nothing_here(&cleo.get(&path).await);
}

#[tokio::test]
async fn who_signed_out_meanwhile_signs_in_and_comes_to_the_same_page() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    ana.forget("usher.test");
    let page = ana
        .get(&format!("{}?reason=no_such_record", launch.return_uri))
        .await;
    let page = ana.sign_in(&page, "ana").await;
    assert!(page.says("CS-2207 not found in Tickets"), "{}", page.text());
}

#[tokio::test]
async fn recent_records_say_how_they_ended() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let says = async |ana: &mut Browser<'_>, words: &str| {
        let page = ana.get("/").await;
        assert!(page.says(&format!("in Tickets {words}")), "{}", page.text());
    };
    ana.peek(super::CASE).await;
    says(&mut ana, "just now").await;
    usher.advance(SECOND);
    let launch = launched(&usher, &mut ana).await;
    says(&mut ana, "Sent").await;
    assert_eq!(from_desk(&usher, &launch.id, &landed()).await, 204);
    says(&mut ana, "Opened").await;
    for (reason, words) in [
        ("no_such_record", "Not found"),
        ("not_allowed", "Access denied"),
        ("other", "Not opened"),
    ] {
        usher.advance(SECOND);
        let launch = launched(&usher, &mut ana).await;
        assert_eq!(from_desk(&usher, &launch.id, &refused(reason)).await, 204);
        says(&mut ana, words).await;
    }
    // In the other language too.
    ana.headers.push(("accept-language", "de".to_owned()));
    let page = ana.get("/").await;
    assert!(page.says("Nicht geöffnet"), "{}", page.text());
}

#[tokio::test]
async fn receipts_are_part_of_the_export_and_are_forgotten_with_the_records() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    assert_eq!(from_desk(&usher, &launch.id, &refused("other")).await, 204);
    let page = ana.post("/account/export", Some(PORTAL), "").await;
    let export: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
    let receipt = &export["launches"][0]["receipt"];
    assert_eq!(
        (&receipt["outcome"], &receipt["reason"]),
        (&"refused".into(), &"other".into())
    );
    usher.advance(std::time::Duration::from_secs(91 * 24 * 3600));
    let now = usher.clock.now();
    let days = |days: u64| now - std::time::Duration::from_secs(days * 24 * 3600);
    let before = usher::store::Before {
        now,
        records: days(90),
        trail: days(400),
    };
    usher.app.store.sweep(&before).await.expect("swept");
    assert_eq!(super::kept(&usher).await.0, Vec::<String>::new());
}
