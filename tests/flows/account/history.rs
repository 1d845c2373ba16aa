//! What happened, in words, a page at a time.

use std::time::Duration;

use super::{FIREFOX, OURS, device, link_to};
use support::{browser::Browser, server::TestServer};

#[tokio::test]
async fn the_history_is_in_words_newest_first() {
    let usher = TestServer::open().await;
    let mut ana = device(&usher, "ana", FIREFOX, [10, 0, 0, 4]).await;
    usher.advance(Duration::from_secs(3600));
    let mut thief = Browser::new(&usher);
    thief.address = Some(([203, 0, 113, 9], 4711).into());
    let form = thief.get("/sign-in").await;
    for name in ["ana", "ANA", "zed"] {
        let page = thief
            .fill(&form, &[("Username", name), ("Password", "x")])
            .await;
        assert_eq!(page.status, 422);
    }
    usher.advance(Duration::from_secs(60));
    ana.post("/account/export", OURS, "").await;
    let page = ana.get("/account/history").await;
    let told = [
        "Your data was downloaded",
        "Incorrect password for your username",
        "Incorrect password for your username",
        "Signed in with “Sign in with your Usher account”",
    ];
    let text = page.text();
    let mut rest = text.as_str();
    for words in told {
        let (_, after) = rest
            .split_once(words)
            .unwrap_or_else(|| panic!("{words}: {text}"));
        rest = after;
    }
    assert!(
        !rest.contains("wrong password"),
        "zed's is not theirs: {text}"
    );
    for words in [
        "203.0.113.9",
        "Firefox on Linux",
        "10.0.0.4 (internal network)",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let ben = Browser::of(&usher, "ben")
        .await
        .get("/account/history")
        .await;
    assert!(
        !ben.says("wrong password") && !ben.says("203.0.113.9"),
        "{}",
        ben.text()
    );
}

#[tokio::test]
async fn the_history_comes_in_pages_of_25() {
    let usher = TestServer::open().await;
    for _ in 0..26 {
        Browser::of(&usher, "ana").await;
        usher.advance(Duration::from_secs(1));
    }
    let mut ben = Browser::of(&usher, "ben").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let lines = |body: &str| body.matches("<li class=\"happening").count();
    let page = ana.get("/account/history").await;
    assert_eq!(lines(&page.body), 25);
    assert!(!page.says("Newest"), "this is the newest");
    let older = link_to(&page, "/account/history?before=").expect("more");
    let page = ana.get(&older).await;
    assert!(lines(&page.body) >= 2, "{}", page.text());
    assert!(
        page.says("Newest") && !page.says("Older"),
        "{}",
        page.text()
    );
    let theirs = ben.get(&older).await;
    assert_eq!(lines(&theirs.body), 0, "a page of another user is empty");
    assert!(theirs.says("No activity yet"));
    for bad in ["x", "ses_1", "evt_1", "%00", "' or 1=1"] {
        let page = ana.get(&format!("/account/history?before={bad}")).await;
        assert_eq!(page.status, 404, "{bad}");
    }
    let page = ana.get("/account").await;
    assert_eq!(lines(&page.body), 5, "the latest only");
}

#[tokio::test]
async fn launches_are_not_part_of_the_sign_in_history() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/crm/customer/C-1042").await;
    ana.get("/go/crm/customer/wrong").await;
    let page = ana.get("/account/history").await;
    assert!(
        !page.says("C-1042") && !page.says("launch"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn logout_notifications_are_not_lines_of_the_history() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let user = ana.session().await.expect("signed in").user.id;
    let sql = "insert into events (id, at, kind, user_id, detail) values ('evt_1', 1, 'logout.told', $1, 'crm')";
    let done = sqlx::query(sql)
        .bind(user.as_str())
        .execute(&mut usher.connection().await)
        .await;
    done.expect("written");
    let page = ana.get("/account/history").await;
    assert!(
        !page.says("logout.told") && !page.says("Other activity"),
        "{}",
        page.text()
    );
}
