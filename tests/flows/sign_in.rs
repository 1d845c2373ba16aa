//! Signing in: what is typed, the result, and the session.

mod assurance;
mod ended;
mod late;
mod new_password;
mod return_to;
mod rules;
mod session;
mod throttle;
mod typed;

use serde_json::json;

use support::{
    browser::{Browser, SESSION},
    draft::{Draft, settings},
    server::{PASSWORD, TestServer},
};

pub const RECORD: &str = "/go/crm/customer/C-1042";
pub const OURS: Option<&str> = Some("https://usher.test");
const WRONG: &str = "Incorrect username or password";

#[tokio::test]
async fn a_wrong_password_keeps_target_and_name() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    let page = browser
        .fill(&form, &[("Username", "ana"), ("Password", "wrong")])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(page.url.path(), form.url.path(), "the same attempt");
    assert!(page.says(WRONG) && page.says("you will be taken to C-1042"));
    assert!(page.body.contains("value=\"ana\""), "the name is kept");
    assert!(!page.body.contains("wrong\""), "the password is not");
    assert!(browser.session().await.is_none());
    let page = browser.sign_in(&page, "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn what_is_missing_is_refused_clearly_and_makes_no_session() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    let path = form.url.path();
    for (body, status, words) in [
        ("", 400, "This request could not be processed"),
        ("provider=local", 400, "This request could not be processed"),
        (
            "provider=local&name=ana",
            400,
            "This request could not be processed",
        ),
        (
            "name=ana&password=x",
            400,
            "This request could not be processed",
        ),
        (
            "provider=local&name=ana&name=ben&password=x&password=y",
            400,
            "This request could not be processed",
        ),
        (
            "{\"name\":\"ana\"}",
            400,
            "This request could not be processed",
        ),
        ("provider=local&name=&password=", 422, WRONG),
        ("provider=local&name=ana&password=", 422, WRONG),
        ("provider=local&name=&password=x", 422, WRONG),
        ("provider=local&name=ana%00&password=x", 422, WRONG),
        ("provider=local&name=*&password=x", 422, WRONG),
        ("provider=local&name=ana'--&password=x", 422, WRONG),
        ("provider=&name=ana&password=x", 404, "Page not found"),
        ("provider=nobody&name=ana&password=x", 404, "Page not found"),
    ] {
        let page = browser.post(path, OURS, body).await;
        assert_eq!(page.status, status, "{body}: {}", page.text());
        assert!(page.says(words), "{body}: {}", page.text());
        assert!(page.says("Request") || status == 422, "{body}");
    }
    assert!(usher.column("select id from sessions").await.is_empty());
    assert!(
        browser
            .given
            .iter()
            .all(|line| !line.starts_with(&format!("{SESSION}=")))
    );
}

#[tokio::test]
async fn a_password_that_is_too_long_is_wrong() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    let long = "x".repeat(2000);
    let page = browser
        .fill(&form, &[("Username", "ana"), ("Password", &long)])
        .await;
    assert_eq!(page.status, 422);
    let page = browser
        .fill(&form, &[("Username", &long), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn an_unknown_user_looks_like_a_wrong_password() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    let mut answers = Vec::new();
    for name in ["ana", "zed"] {
        let page = browser
            .fill(&form, &[("Username", name), ("Password", "wrong")])
            .await;
        let mut headers = page.headers.clone();
        headers.remove("x-request-id");
        let body = page.body.replace(&format!("value=\"{name}\""), "");
        answers.push((page.status, body, headers));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_user_disabled_in_the_seed_is_informed() {
    let draft = Draft::changed(|draft| draft.person("ana").disabled = true);
    let usher = TestServer::with(&draft).await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    let page = browser
        .fill(&form, &[("Username", "ana"), ("Password", "wrong")])
        .await;
    assert_eq!(
        page.status, 422,
        "only the holder of the password is informed"
    );
    let page = browser.sign_in(&form, "ana").await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account is disabled"));
    assert!(browser.session().await.is_none());
}

#[tokio::test]
async fn a_disabled_provider_is_no_way_in() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    usher
        .change(|draft| draft.provider("local").disabled = true)
        .await;
    let page = browser.sign_in(&form, "ana").await;
    assert_eq!(page.status, 404);
    assert!(browser.session().await.is_none());
}

#[tokio::test]
async fn an_attempt_left_for_half_an_hour_says_so_and_begins_anew() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    usher.advance(std::time::Duration::from_secs(1799));
    assert_eq!(browser.get(form.url.path()).await.status, 200, "a reload");
    usher.advance(std::time::Duration::from_secs(1));
    let page = browser.get(form.url.path()).await;
    assert_eq!(page.status, 200);
    assert!(page.says("This page has expired"), "{}", page.text());
    assert_ne!(page.url.path(), form.url.path());
    assert!(
        browser
            .sign_in(&form, "ana")
            .await
            .says("Hello, Ana Almeida")
    );
}

#[tokio::test]
async fn login_csrf_an_attempt_of_another_browser_is_refused() {
    let usher = TestServer::open().await;
    let mut attacker = Browser::new(&usher);
    let form = attacker.get("/sign-in").await;
    let mut victim = Browser::new(&usher);
    victim.get("/sign-in").await;
    let page = victim.get(form.url.path()).await;
    assert_ne!(page.url.path(), form.url.path(), "one of their own");
    assert!(victim.session().await.is_none());
    attacker.sign_in(&form, "ben").await;
    assert!(attacker.session().await.is_some(), "it was not used up");
    let used = victim.get(form.url.path()).await;
    assert_ne!(used.url.path(), form.url.path(), "it is not theirs");
    assert!(victim.session().await.is_none());
}

#[tokio::test]
async fn login_csrf_a_form_that_is_not_ours_makes_no_session() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    let body = format!(
        "provider=local&name=ana&password={}",
        PASSWORD.replace(' ', "+")
    );
    for origin in [
        None,
        Some("null"),
        Some(""),
        Some("https://evil.example"),
        Some("https://usher.test.evil.example"),
        Some("https://usher.test:444"),
        Some("http://usher.test"),
        Some("HTTPS://USHER.TEST"),
        Some("https://evil.example, https://usher.test"),
    ] {
        let page = browser.post(form.url.path(), origin, &body).await;
        assert_eq!(page.status, 403, "{origin:?}");
        assert!(page.says("This form came from another site"));
    }
    for site in ["cross-site", "same-site", "none"] {
        browser.headers = vec![("sec-fetch-site", site.to_owned())];
        let page = browser.post(form.url.path(), Some("null"), &body).await;
        assert_eq!(page.status, 403, "{site}");
    }
    assert!(usher.column("select id from sessions").await.is_empty());
    let page = browser.post(form.url.path(), OURS, &body).await;
    assert_eq!(page.status, 200, "and ours is taken");
}

#[tokio::test]
async fn the_requested_page_is_shown_after_the_sign_in() {
    let usher = TestServer::open().await;
    for link in [
        "/",
        "/services/crm",
        "/open?type=customer&key=C-1042",
        "/?q=wiki",
    ] {
        let mut browser = Browser::new(&usher);
        let form = browser.get(link).await;
        let page = browser.sign_in(&form, "ana").await;
        assert_eq!(page.url.as_str(), format!("https://usher.test{link}"));
        assert_eq!(page.status, 200, "{link}");
    }
    for link in [
        "https://usher.test//evil.example",
        "/open/..//evil.example",
        "/open?x=\\\\evil.example",
    ] {
        let mut browser = Browser::new(&usher);
        let page = browser.get(link).await;
        if page.url.path().starts_with("/sign-in/") {
            let page = browser.sign_in(&page, "ana").await;
            assert_eq!(page.url.host_str(), Some("usher.test"), "{link}");
        }
    }
}

#[tokio::test]
async fn attributes_are_refreshed_at_each_sign_in_with_their_source() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(RECORD).await;
    assert_eq!(page.shown("app").as_deref(), Some("crm-eu"));
    usher
        .change(|draft| {
            draft.set_attribute("ana", "region", "americas");
            draft.person("ana").attributes.remove("department");
        })
        .await;
    let mut again = Browser::of(&usher, "ana").await;
    let page = again.get(RECORD).await;
    assert_eq!(page.shown("app").as_deref(), Some("crm-us"));
    let why = again.get("/services/crm").await;
    let words = "region is “americas” (from your local account)";
    assert!(why.says(words), "{}", why.text());
    let who = again.session().await.expect("signed in");
    assert_eq!(who.user.attributes.first("department"), None, "forgotten");
    let region = who.user.attributes.named("region").expect("a region");
    assert_eq!(region.source, "local");
    assert_eq!(
        usher.column("select id from users").await.len(),
        1,
        "the same user"
    );
}

#[tokio::test]
async fn a_directory_that_is_down_is_not_reported_as_a_wrong_password() {
    let draft = Draft::changed(|draft| {
        let down = draft.add_provider("ldap", "ldap", "Company account");
        down.settings = settings(json!({
            "servers": ["ldap://127.0.0.1:1"], "allow_plain_text": true,
            "base_dn": "dc=example,dc=org",
        }));
    });
    let usher = TestServer::with(&draft).await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    assert!(form.says("Company account"), "the other way is offered");
    let form = browser
        .get(&format!("{}?provider=ldap", form.url.path()))
        .await;
    for _ in 0..12 {
        let page = browser.sign_in(&form, "ana").await;
        assert_eq!(page.status, 502, "never throttled: {}", page.text());
        assert!(page.says("is not responding"), "{}", page.text());
        assert!(page.says("choose another way to sign in below"));
        assert!(
            page.says("you will be taken to C-1042"),
            "the target is kept"
        );
        assert!(page.body.contains("value=\"ana\""), "the name is kept");
    }
    let other = format!("{}?provider=local", form.url.path());
    assert!(browser.sign_in(&form, "ana").await.body.contains(&other));
    let form = browser.get(&other).await;
    let page = browser.sign_in(&form, "ana").await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
    assert!(
        usher.events_named("sign_in.refused").await >= 12,
        "in the audit trail"
    );
}
