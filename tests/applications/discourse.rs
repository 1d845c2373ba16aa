//! The DiscourseConnect provider: who gets an answer, its content, and the launch.

mod attack;
mod peer;

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use url::Url;

use support::{
    browser::{Browser, Page},
    draft::{Draft, settings},
    server::TestServer,
    shared_secret::{SEED, answered as fields_of, ask, secret},
};

/// Where answers of the European forum go.
pub const BACK: &str = "https://forum-eu.test/session/sso_login";

pub async fn usher() -> TestServer {
    TestServer::with(&seed()).await
}

/// The tests' catalogue with the forum.
pub fn seed() -> Draft {
    Draft::sample().plus(SEED)
}

/// What the answer says to which the page sends the browser.
pub fn answered(page: &Page, instance: &str) -> BTreeMap<String, String> {
    let to = Url::parse(page.location()).expect("an address");
    let back = format!("https://{instance}.test/session/sso_login?sso=");
    assert!(to.as_str().starts_with(&back), "{to}");
    fields_of(&to, &secret(instance))
}

#[tokio::test]
async fn a_signed_in_user_is_answered_at_once() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask("forum-eu", "n-1")).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.headers["cache-control"], "no-store");
    let told = answered(&page, "forum-eu");
    for (name, value) in [
        ("nonce", "n-1"),
        ("email", "ana@example.org"),
        ("username", "ana"),
        ("name", "Ana Almeida"),
        ("groups", "sales,staff"),
        ("require_activation", "true"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!(told.len(), 7, "and nothing else: {told:?}");
}

#[tokio::test]
async fn a_user_has_a_different_id_at_each_forum_and_the_same_each_time() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session").user.id;
    let mut names = Vec::new();
    for (forum, nonce) in [("forum-eu", "1"), ("forum-eu", "2"), ("forum-us", "3")] {
        let page = ana.peek(&ask(forum, nonce)).await;
        names.push(answered(&page, forum)["external_id"].clone());
    }
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
    assert_ne!(names[0], who.as_str(), "pairwise");
    assert_eq!(names[2], who.as_str(), "that forum is set to ids");
}

#[tokio::test]
async fn a_signed_out_user_signs_in_first_and_the_request_continues() {
    let usher = usher().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(&ask("forum-eu", "n-1")).await;
    assert!(form.url.path().starts_with("/sign-in/att_"), "{}", form.url);
    browser.stays = true;
    let page = browser.sign_in(&form, "ana").await;
    let last = page.trail.last().expect("an address");
    let told = fields_of(&Url::parse(last).expect("one"), &secret("forum-eu"));
    assert_eq!(told["nonce"], "n-1");
    assert!(browser.session().await.is_some());
}

#[tokio::test]
async fn a_mail_address_that_is_proved_needs_no_activation() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask("forum-us", "1")).await;
    let by_setting = answered(&page, "forum-us");
    assert_eq!(by_setting["require_activation"], "false");
    sqlx::query("update users set mail_verified_at = 1")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    let page = ana.peek(&ask("forum-eu", "2")).await;
    assert_eq!(answered(&page, "forum-eu")["require_activation"], "false");
}

#[tokio::test]
async fn who_has_no_mail_address_is_not_sent_without_one() {
    let mut draft = seed();
    draft.person("ana").attributes.remove("mail");
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask("forum-eu", "1")).await;
    assert!(page.status >= 400 && !page.headers.contains_key("location"));
    assert!(!page.body.contains("forum-eu.test"), "{}", page.text());
}

#[tokio::test]
async fn a_launch_lands_in_the_topic_and_is_bound_when_the_question_comes() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/forum/customer/c-1042?tab=new").await;
    let start = "https://forum-eu.test/session/sso?return_path=%2Ft%2FC-1042%3Ftab%3Dnew";
    assert_eq!(page.location(), start);
    let stages = "select stage from launches";
    assert_eq!(usher.column(stages).await, ["departed"]);
    ana.peek(&ask("forum-eu", "1")).await;
    assert_eq!(usher.column(stages).await, ["landed"]);

    let page = ana.get("/go/forum/customer/c-1042").await;
    assert_eq!(page.shown("app").as_deref(), Some("forum-eu"));
    assert_eq!(page.shown("path").as_deref(), Some("/t/C-1042"));
    assert_eq!(usher.column(stages).await, ["landed", "landed"]);
}

/// A launch is bound by its own session, at its own forum, and while it is fresh.
#[tokio::test]
async fn a_launch_is_not_bound_by_a_question_of_another_session_or_forum_or_hour() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut other = Browser::of(&usher, "ana").await;
    ana.peek("/go/forum/customer/c-1042").await;
    answered(&other.peek(&ask("forum-eu", "1")).await, "forum-eu");
    answered(&ana.peek(&ask("forum-us", "2")).await, "forum-us");
    usher.advance(Duration::from_secs(121));
    answered(&ana.peek(&ask("forum-eu", "3")).await, "forum-eu");
    assert_eq!(
        usher.column("select stage from launches").await,
        ["departed"]
    );
}

/// Several tabs: every request has its own answer; the launch is never guessed.
#[tokio::test]
async fn of_several_requests_each_is_answered_and_of_several_launches_none_is_guessed() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.peek("/go/forum/customer/c-1042").await;
    ana.peek("/go/forum/customer/c-1043").await;
    for nonce in ["1", "2"] {
        let page = ana.peek(&ask("forum-eu", nonce)).await;
        assert_eq!(answered(&page, "forum-eu")["nonce"], nonce);
    }
    let stages = usher.column("select stage from launches").await;
    assert_eq!(stages, ["departed", "departed"]);
}

/// Several tabs before a user signed in: each request waits in its own row.
#[tokio::test]
async fn several_requests_wait_for_one_user() {
    let usher = usher().await;
    let mut browser = Browser::new(&usher);
    let first = browser.get(&ask("forum-eu", "1")).await;
    let second = browser.get(&ask("forum-us", "2")).await;
    browser.stays = true;
    for (form, forum, nonce) in [(second, "forum-us", "2"), (first, "forum-eu", "1")] {
        let page = browser.sign_in(&form, "ana").await;
        let last = page.trail.last().expect("an address");
        let told = fields_of(&Url::parse(last).expect("one"), &secret(forum));
        assert_eq!(told["nonce"], nonce);
    }
}

#[tokio::test]
async fn a_service_that_wants_more_gets_more_before_an_answer() {
    let rule = "[[assurance]]\ntitle = \"Forum\"\nservice = \"forum\"\nmax_age_minutes = 15";
    let usher = TestServer::with(&seed().plus(rule)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let form = ana.get(&ask("forum-eu", "1")).await;
    assert!(form.url.path().starts_with("/sign-in/"), "{}", form.url);
    ana.stays = true;
    let page = ana.sign_in(&form, "ana").await;
    let last = page.trail.last().expect("an address");
    assert!(last.starts_with(BACK), "{last}");
}

#[tokio::test]
async fn invalid_settings_are_reported_when_seeded() {
    let usher = TestServer::open().await;
    let secret = "hunter2-hunter2-hunter2";
    for (bad, words) in [
        (json!({ "secret": "hunter2" }), "at least 16 bytes"),
        (
            json!({ "secret": 4_711_471_147_114_711_u64 }),
            "must be a text",
        ),
        (
            json!({ "external_id": "id" }),
            "the setting \"secret\" is missing",
        ),
        (
            json!({ "secret": secret, "external_id": "mail" }),
            "unknown variant",
        ),
        (
            json!({ "secret": secret, "return_sso_url": "https://f.test/x?y" }),
            "must have no query",
        ),
        (
            json!({ "secret": secret, "return_sso_url": "javascript:alert(1)" }),
            "https://",
        ),
        (
            json!({ "secret": secret, "secret_env": "X" }),
            "exactly one way",
        ),
        (
            json!({ "secret_env": "USHER_TEST_NO_SUCH_VARIABLE" }),
            "USHER_TEST_NO_SUCH_VARIABLE",
        ),
    ] {
        let mut draft = seed();
        draft.instance("forum-eu").settings = settings(bad.clone());
        let error = usher.app.seed(&draft.toml()).await;
        let error = error.expect_err(words).to_string();
        assert!(error.contains("instance \"forum-eu\""), "{bad}: {error}");
        assert!(error.contains(words), "{bad}: {error}");
        assert!(
            !error.contains("hunter2") && !error.contains("4711"),
            "{error}"
        );
    }
}

/// Logout truth: neither a forum nor an application with a token in its own format supports logout
/// notifications, and the user is informed that they are still signed in there.
#[tokio::test]
async fn an_application_that_cannot_be_notified_of_a_logout_is_on_the_list() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.peek(&ask("forum-eu", "n-1")).await;
    // The help desk knows users by their mail address, and hers is confirmed.
    sqlx::query("update users set mail_verified_at = 1")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    ana.peek("/go/help").await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    crate::logout::deliver_all(&usher).await;
    let page = ana.get("/signed-out").await;
    for title in ["Forum", "Help"] {
        assert!(page.says(title), "{title}: {}", page.text());
    }
    let parties = page.body.matches("data-outcome=").count();
    let deaf = page.body.matches("data-outcome=\"impossible\"").count();
    assert_eq!((parties, deaf), (2, 2), "{}", page.text());
}
