//! Attempts to bypass the second factor (THREATS: MFA bypass on side paths, kind confusion, login
//! CSRF).

use super::{RECORD, house_with};
use support::{
    browser::{Browser, SESSION},
    draft::Draft,
    factor::{ALWAYS, OURS, OWN, after_password, with_app},
    server::{PASSWORD, TestServer},
};

/// A portal where all users need a factor, and ana and ben have one.
async fn guarded() -> (
    TestServer,
    support::authenticator::App,
    support::authenticator::App,
    Vec<String>,
) {
    let usher = house_with("").await;
    let (_, ana, codes) = with_app(&usher, "ana").await;
    let (_, ben, _) = with_app(&usher, "ben").await;
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
    (usher, ana, ben, codes)
}

#[tokio::test]
async fn nothing_but_a_factor_passes_the_factor_page() {
    let (usher, app, _, codes) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, RECORD, "ana").await;
    let path = form.url.path().to_owned();
    let code = app.shows(usher.clock.now());
    for (body, status) in [
        (String::new(), 400),
        ("code=".into(), 400),
        (format!("code={code}"), 400),
        ("way=".into(), 400),
        ("way=password".into(), 400),
        (format!("way=admin&code={code}"), 400),
        ("way=app".into(), 422),
        ("way=app&code=".into(), 422),
        ("way=app&code=000000".into(), 422),
        // A code of one kind is none of another.
        (format!("way=app&code={}", codes[0]), 422),
        (format!("way=recovery&code={code}"), 422),
        (format!("way=passkey&code={code}"), 422),
        ("way=recovery&code=".into(), 422),
        ("way=passkey".into(), 422),
        ("way=passkey&ceremony=&credential=%7B%7D".into(), 422),
        (format!("way=app&way=app&code={code}"), 400),
        (format!("way=app&code={code}&code=000000"), 400),
        ("{\"way\":\"app\"}".into(), 400),
    ]
    .into_iter()
    .map(|(body, status): (String, u16)| (body, status))
    {
        // Each in a window of its own: the limiter is another test's.
        usher.advance(std::time::Duration::from_secs(0));
        let page = ana.post(&path, OURS, &body).await;
        let waits = page.status == 429;
        assert!(
            page.status == status || waits,
            "{body}: {} {}",
            page.status,
            page.text()
        );
        assert!(ana.session().await.is_none(), "{body}");
    }
    // The limiter refuses further tries by now; no session was created.
    assert!(
        ana.given
            .iter()
            .all(|line| !line.starts_with(&format!("{SESSION}=")))
    );
}

#[tokio::test]
async fn the_factor_page_does_not_come_before_the_password() {
    let (usher, app, _, codes) = guarded().await;
    let mut thief = Browser::new(&usher);
    let form = thief.get(RECORD).await;
    let path = format!("{}/factor", form.url.path());
    let page = thief.get(&path).await;
    assert_eq!(page.url.path(), form.url.path(), "the password first");
    let code = app.shows(usher.clock.now());
    for body in [
        format!("way=app&code={code}"),
        format!("way=recovery&code={}", codes[0]),
    ] {
        let page = thief.post(&path, OURS, &body).await;
        assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
        assert!(thief.session().await.is_none(), "{body}: {}", page.text());
    }
    let factors = format!("{}/factors", form.url.path());
    for link in [
        format!("{path}/challenge"),
        format!("{factors}/app"),
        format!("{factors}/passkey"),
        format!("{factors}/passkey/challenge"),
    ] {
        let page = thief.post(&link, OURS, "").await;
        let is_asked = page.url.path().starts_with("/sign-in/") && page.url.path() != link;
        assert!(page.status >= 400 || is_asked, "{link}: {}", page.status);
    }
    assert!(thief.session().await.is_none());
}

#[tokio::test]
async fn who_has_a_factor_is_not_offered_to_set_up_another_instead() {
    let (usher, _, _, _) = guarded().await;
    let mut thief = Browser::new(&usher);
    let form = after_password(&mut thief, RECORD, "ana").await;
    let base = form.url.path().replace("/factor", "/factors");
    for link in ["app", "passkey", "passkey/challenge"] {
        let page = thief
            .post(&format!("{base}/{link}"), OURS, "ceremony=x&credential=y")
            .await;
        assert!(page.url.path().ends_with("/factor"), "{link}: {}", page.url);
        assert!(page.says("Enter the code shown in your authenticator app"));
    }
    assert_eq!(usher.column("select id from factors").await.len(), 2);
    assert!(thief.session().await.is_none());
}

#[tokio::test]
async fn the_factor_of_another_user_is_refused() {
    let (usher, _, bens, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let code = bens.shows(usher.clock.now());
    let page = ana.fill(&form, &[("Code", &code)]).await;
    assert_eq!(page.status, 422);
    assert!(ana.session().await.is_none());
    let mut ben = Browser::new(&usher);
    let form = after_password(&mut ben, "/", "ben").await;
    let page = ben.fill(&form, &[("Code", &code)]).await;
    assert!(page.says("Hello, Ben"), "and it is not used up");
}

#[tokio::test]
async fn a_half_done_sign_in_is_no_session_anywhere() {
    let (usher, _, _, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, RECORD, "ana").await;
    for link in ["/", OWN, "/services/crm", RECORD] {
        let page = ana.get(link).await;
        assert!(
            page.url.path().starts_with("/sign-in/"),
            "{link}: {}",
            page.url
        );
        assert_ne!(page.url.path(), form.url.path(), "another attempt");
        assert!(page.body.contains("name=\"password\""));
    }
    let attempt = form.url.path().replace("/factor", "");
    let page = ana.get(&attempt).await;
    assert!(page.url.path().ends_with("/factor"), "back to where it was");
}

#[tokio::test]
async fn login_csrf_a_factor_page_of_another_browser_is_not_found() {
    let (usher, app, _, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let mut other = Browser::new(&usher);
    other.get("/sign-in").await;
    let page = other.get(form.url.path()).await;
    assert_ne!(page.url.path(), form.url.path());
    let code = app.shows(usher.clock.now());
    let body = format!("way=app&code={code}");
    let page = other.post(form.url.path(), OURS, &body).await;
    assert_ne!(page.url.path(), form.url.path());
    assert!(other.session().await.is_none());
    let evil = Some("https://evil.example");
    assert_eq!(ana.post(form.url.path(), evil, &body).await.status, 403);
    let page = ana.post(form.url.path(), OURS, &body).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
}

#[tokio::test]
async fn a_user_disabled_meanwhile_does_not_get_in() {
    let (usher, app, _, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let mut disabled = Draft::sample().plus(ALWAYS);
    disabled.person("ana").disabled = true;
    usher.seed(&disabled).await;
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&form, &[("Code", &code)]).await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account is disabled"), "{}", page.text());
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn an_attempt_that_is_done_takes_no_second_factor() {
    let (usher, app, _, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let code = app.shows(usher.clock.now());
    assert!(ana.fill(&form, &[("Code", &code)]).await.says("Hello, Ana"));
    let sessions = usher.column("select id from sessions").await.len();
    usher.advance(std::time::Duration::from_secs(30));
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&form, &[("Code", &code)]).await;
    assert!(page.says("You are already signed in"), "{}", page.text());
    assert_eq!(
        usher.column("select id from sessions").await.len(),
        sessions
    );
}

#[tokio::test]
async fn a_password_changes_nothing_about_the_factor_that_is_asked_for() {
    let (usher, _, _, _) = guarded().await;
    let mut ana = Browser::new(&usher);
    let form = after_password(&mut ana, "/", "ana").await;
    let attempt = form.url.path().replace("/factor", "");
    // The form again, as another user: the factor page is theirs from now on.
    let body = format!(
        "provider=local&name=ben&password={}",
        PASSWORD.replace(' ', "+")
    );
    let page = ana.post(&attempt, OURS, &body).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    assert!(ana.session().await.is_none());
}
