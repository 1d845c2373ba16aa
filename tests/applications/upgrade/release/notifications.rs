//! What the previous release could not send any more: mails, and notices that a session has ended.

use usher::queue;

use super::{MINUTE, Release};
use support::{
    browser::Browser,
    listener::Listener,
    mail::{MailSink, link_in},
};

const WAITS: &str = "CRM Europe could not be notified";

#[tokio::test]
async fn a_mail_that_was_queued_before_the_upgrade_is_sent_when_the_server_answers() {
    let release = Release::read();
    let sink = MailSink::start();
    let url = format!("smtp://127.0.0.1:{}", sink.port());
    let settings = [
        ("USHER_MAIL__URL", url.as_str()),
        ("USHER_MAIL__FROM", "Usher <usher@usher.test>"),
    ];
    let usher = release.upgraded_with(&settings).await;
    for _ in 0..30 {
        queue::run_due(&usher.app, "mail")
            .await
            .expect("it is sent");
        if !sink.mails().is_empty() {
            break;
        }
        usher.advance(MINUTE);
    }
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "once: {mails:?}");
    assert!(
        mails[0].contains("X-RcptTo: ben@example.org"),
        "{}",
        mails[0]
    );
    // The link in it was made before the upgrade.
    let mut ben = Browser::new(&usher);
    let link = link_in(&mails[0]);
    let page = ben.get(&link).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = ben.send(&page, &format!("{link}/opening")).await;
    assert_eq!(page.status, 200, "{}", page.text());
}

#[tokio::test]
async fn a_notice_that_waited_before_the_upgrade_is_delivered_when_the_application_answers() {
    let release = Release::read();
    let crm = Listener::start().await;
    let usher = release.upgraded_beside(&crm.at("/yes")).await;
    for _ in 0..30 {
        crate::logout::deliver(&usher).await;
        if !crm.received().is_empty() {
            break;
        }
        usher.advance(MINUTE);
    }
    let heard = crm.received();
    assert_eq!(heard.len(), 1, "once");
    let (_, claims) = crate::logout::read(&usher, &heard[0]).await;
    assert_eq!(claims["aud"], "crm-eu");
    assert_eq!(claims["sub"], release.bearer("ben_sub"));
    assert_eq!(claims["sid"], release.bearer("ended_sid"));
    usher.advance(MINUTE);
    crate::logout::deliver(&usher).await;
    assert_eq!(crm.received().len(), 1, "and not again");
}

#[tokio::test]
async fn what_became_of_a_sign_out_before_the_upgrade_is_still_shown() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let page = release
        .signed_in(&usher, "ben")
        .get("/account/logouts")
        .await;
    assert!(page.says(WAITS), "{}", page.text());
    let mut left = release.browser(&usher, "/bearer/parting");
    let page = left.get("/signed-out").await;
    assert!(page.says(WAITS), "{}", page.text());
    let page = release
        .signed_in(&usher, "cleo")
        .get("/admin/logouts")
        .await;
    assert!(page.says("Will be retried"), "{}", page.text());
}

#[tokio::test]
async fn the_work_that_recurs_goes_on_after_an_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    queue::round(&usher.app).await.expect("a round");
    usher.advance(MINUTE * 120);
    queue::round(&usher.app).await.expect("another");
    let page = release.signed_in(&usher, "ana").get("/").await;
    assert!(page.says("Hello, Ana Almeida"), "{}", page.text());
}
