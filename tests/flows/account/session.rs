//! The sessions of a user, and how they end them: at once, everywhere, and only their own.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{FIREFOX, HOST, IPHONE, OURS, device, session_id};
use support::{
    browser::{Browser, SESSION},
    draft::Draft,
    relying_party::{Ask, access_token, tokens, userinfo},
    server::TestServer,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_session_is_shown_with_device_and_place() {
    let usher = TestServer::open().await;
    device(&usher, "ana", IPHONE, [203, 0, 113, 9]).await;
    usher.advance(90 * MINUTE);
    let mut ana = device(&usher, "ana", FIREFOX, [10, 1, 2, 3]).await;
    let page = ana.get("/account").await;
    for words in [
        "Safari on iPhone",
        "203.0.113.9",
        "Firefox on Linux This device",
        "10.1.2.3 (internal network)",
        "1 hour ago",
        "with “Sign in with your Usher account”",
        "single-factor",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert_eq!(page.body.matches("This device").count(), 1);
    let first = page.body.find("Firefox on Linux");
    assert!(
        first < page.body.find("Safari on iPhone"),
        "their own first"
    );
    assert!(
        page.body
            .contains("<time datetime=\"2026-11-18T11:06:40Z\">")
    );
}

#[tokio::test]
async fn a_device_we_do_not_know_is_shown_as_it_calls_itself() {
    let usher = TestServer::open().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut ana = device(&usher, "ana", hostile, [192, 0, 2, 7]).await;
    let page = ana.get("/account").await;
    assert!(page.says("Unknown device"));
    assert!(page.says(hostile), "as it stands: {}", page.text());
    assert_eq!(page.body.matches("<script").count(), 1);
    assert!(!page.body.contains("<img"));
}

#[tokio::test]
async fn an_ended_session_is_dead_at_once_on_every_replica() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let phone = device(&usher, "ana", IPHONE, [203, 0, 113, 9]).await;
    let cookie = phone.cookie(HOST, SESSION).expect("a session").to_owned();
    let mut ana = Browser::of(&usher, "ana").await;
    let action = format!("/account/sessions/{}/sign-out", session_id(&phone).await);
    let page = ana.get("/account").await;
    let page = ana.send(&page, &action).await;
    assert_eq!(page.url.path(), "/account");
    assert!(
        page.says("The device has been signed out"),
        "{}",
        page.text()
    );
    let shown = page.body.split("id=\"ways\"").next().expect("a part");
    assert!(!shown.contains("Safari on iPhone"), "{}", page.text());
    for usher in [&usher, &replica] {
        let mut elsewhere = Browser::new(usher);
        elsewhere.set_cookie(HOST, SESSION, &cookie);
        assert!(elsewhere.session().await.is_none());
        let page = elsewhere.get("/account").await;
        assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    }
    assert!(ana.session().await.is_some(), "their own goes on");
    let again = ana.post(&action, OURS, "").await;
    assert_eq!(again.status, 404, "it is gone");
    let ended = usher
        .column("select data from events where kind = 'session.ended'")
        .await;
    let by = session_id(&ana).await;
    let data = format!("{{\"by_session\":\"{by}\",\"reason\":\"elsewhere\"}}");
    assert_eq!(ended, [data]);
}

#[tokio::test]
async fn what_an_application_was_given_dies_with_the_session() {
    let usher = TestServer::open().await;
    let mut phone = Browser::of(&usher, "ana").await;
    let (answer, _) = tokens(&usher, &mut phone, &Ask::of("crm-eu")).await;
    let token = access_token(&answer);
    assert_eq!(userinfo(&usher, token).await.0, 200);
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/account").await;
    ana.send(&page, "/account/sessions/others/sign-out").await;
    assert_eq!(userinfo(&usher, token).await.0, 401);
}

#[tokio::test]
async fn all_other_sessions_of_the_user_end_and_no_other_users() {
    let usher = TestServer::open().await;
    let phone = device(&usher, "ana", IPHONE, [203, 0, 113, 9]).await;
    let desk = Browser::of(&usher, "ana").await;
    let ben = Browser::of(&usher, "ben").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/account").await;
    let page = ana.send(&page, "/account/sessions/others/sign-out").await;
    assert!(page.says("All other sessions have been signed out"));
    assert!(!page.body.contains("/account/sessions/others/sign-out"));
    assert!(phone.session().await.is_none() && desk.session().await.is_none());
    assert!(ana.session().await.is_some() && ben.session().await.is_some());
    let ended = usher
        .column("select data from events where kind = 'session.others_ended'")
        .await;
    assert_eq!(ended.len(), 1);
    assert!(ended[0].contains("\"count\":\"2\""), "{ended:?}");
    ana.post("/account/sessions/others/sign-out", OURS, "")
        .await;
    assert_eq!(usher.events_named("session.others_ended").await, 1);
}

#[tokio::test]
async fn ending_the_present_session_signs_out() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let cookie = ana.cookie(HOST, SESSION).expect("a session").to_owned();
    let action = format!("/account/sessions/{}/sign-out", session_id(&ana).await);
    let page = ana.get("/account").await;
    let page = ana.send(&page, &action).await;
    assert!(page.says("You are signed out"), "{}", page.text());
    assert_eq!(ana.cookie(HOST, SESSION), None);
    ana.set_cookie(HOST, SESSION, &cookie);
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn no_user_ends_or_sees_another_users_session() {
    let usher = TestServer::open().await;
    let ana = device(&usher, "ana", FIREFOX, [203, 0, 113, 9]).await;
    let theirs = session_id(&ana).await;
    let mut ben = device(&usher, "ben", IPHONE, [192, 0, 2, 7]).await;
    let page = ben.get("/account").await;
    for foreign in [theirs.as_str(), "Firefox", "203.0.113.9", "Almeida"] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
    for id in [theirs.as_str(), "ses_0", "x", "others%2f", "%00"] {
        let action = format!("/account/sessions/{id}/sign-out");
        let page = ben.post(&action, OURS, "").await;
        assert_eq!(page.status, 404, "{id}");
    }
    assert!(ana.session().await.is_some());
    assert_eq!(usher.events_named("session.ended").await, 0);
}

#[tokio::test]
async fn what_is_over_is_not_shown() {
    let usher = TestServer::open().await;
    device(&usher, "ana", IPHONE, [203, 0, 113, 9]).await;
    usher.advance(481 * MINUTE);
    let mut ana = device(&usher, "ana", FIREFOX, [192, 0, 2, 7]).await;
    let page = ana.get("/account").await;
    let sessions = page.body.split("id=\"ways\"").next().expect("a part");
    assert!(!sessions.contains("Safari on iPhone"), "idle for too long");
    assert!(!page.body.contains("others/sign-out"), "there are none");
}

/// THREATS: session mix-up under concurrency.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_users_at_once_see_only_their_own_account() {
    let mut draft = Draft::sample();
    for n in 0..6 {
        let login = format!("p{n}");
        draft.add_person(&login, &format!("Person {n}"));
        draft.set_attribute(&login, "mail", &format!("p{n}@example.org"));
    }
    let usher = Arc::new(TestServer::with(&draft).await);
    let mut crowd = JoinSet::new();
    for n in 0..6 {
        let usher = usher.clone();
        crowd.spawn(async move {
            let mut browser = Browser::of(&usher, &format!("p{n}")).await;
            for _ in 0..5 {
                for link in ["/account", "/account/history"] {
                    let page = browser.get(link).await;
                    for other in (0..6).filter(|other| *other != n) {
                        assert!(!page.says(&format!("Person {other}")), "{n}: {link}");
                        assert!(!page.says(&format!("p{other}@")), "{n}: {link}");
                    }
                }
                let page = browser.post("/account/export", OURS, "").await;
                assert!(page.body.contains(&format!("\"p{n}@example.org\"")));
                assert_eq!(
                    page.body.matches("@example.org").count(),
                    2,
                    "{}",
                    page.body
                );
            }
        });
    }
    crowd.join_all().await;
}
