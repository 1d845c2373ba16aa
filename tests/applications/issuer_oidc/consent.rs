//! Consent: asked once, and again for more; refused without harm; revoked with everything that was
//! issued for it.

use serde_json::json;
use usher::model::client::ConsentRule;

use super::refresh::registered;
use support::{
    browser::{Browser, Page},
    relying_party::{Ask, access_token, error, redeem, tokens, userinfo},
    server::TestServer,
};

async fn usher() -> TestServer {
    TestServer::with(&registered(|crm| crm.consent = ConsentRule::Ask)).await
}

async fn of<'a>(usher: &'a TestServer, name: &str) -> Browser<'a> {
    let mut browser = Browser::of(usher, name).await;
    browser.stays = true;
    browser
}

fn ask(scope: &str) -> Ask {
    Ask::of("crm-eu").with("scope", scope)
}

fn asks(page: &Page) -> bool {
    page.status == 200 && page.url.path().starts_with("/oidc/consent/pen_")
}

async fn answer(browser: &mut Browser<'_>, page: &Page, word: &str) -> Page {
    assert!(asks(page), "{}: {}", page.url, page.text());
    browser.press(page, "answer", word).await
}

#[tokio::test]
async fn a_user_is_asked_once_and_again_for_more() {
    let usher = usher().await;
    let mut ana = of(&usher, "ana").await;
    let page = ana.get(&ask("openid email").path()).await;
    assert!(
        page.says("Ana Almeida") && page.says("Your email address"),
        "{}",
        page.text()
    );
    assert!(!page.says("The groups you belong to"));
    let back = answer(&mut ana, &page, "yes").await.away();
    assert_eq!(back["state"], "the state");
    assert_eq!(redeem(&usher, "crm-eu", &back["code"]).await.0, 200);
    // Not again, nor for less.
    for scope in ["openid email", "openid"] {
        let page = ana.get(&ask(scope).path()).await;
        assert!(page.away().contains_key("code"), "{scope}");
    }
    // For more, and it says what is new.
    let page = ana.get(&ask("openid email groups").path()).await;
    assert!(page.says("Already allowed") && page.says("The groups you belong to"));
    answer(&mut ana, &page, "yes").await;
    let mut ben = of(&usher, "ben").await;
    let page = ben.get(&ask("openid email").path()).await;
    assert!(asks(&page), "each user is asked");
    assert_eq!(usher.events_named("consent.given").await, 2);
}

#[tokio::test]
async fn a_no_goes_back_to_the_application_and_uses_the_request_up() {
    let usher = usher().await;
    let mut ana = of(&usher, "ana").await;
    let page = ana.get(&ask("openid email").path()).await;
    let back = answer(&mut ana, &page, "no").await.away();
    assert_eq!(back["error"], "access_denied");
    assert_eq!(back["state"], "the state");
    assert_eq!(usher.events_named("consent.refused").await, 1);
    // The back button, and then yes: the request is over.
    let again = answer(&mut ana, &page, "yes").await;
    assert!(again.status >= 400, "{}", again.text());
    assert!(usher.column("select client from grants").await.is_empty());
    assert!(
        asks(&ana.get(&ask("openid email").path()).await),
        "a new one asks anew"
    );
}

#[tokio::test]
async fn prompt_none_does_not_ask_and_prompt_consent_always_does() {
    let usher = usher().await;
    let mut ana = of(&usher, "ana").await;
    let quiet = ask("openid email").with("prompt", "none");
    assert_eq!(error(&mut ana, &quiet).await, "consent_required");
    let trusted = Ask::of("wiki-eu").with("prompt", "consent");
    for _ in 0..2 {
        let page = ana.get(&trusted.path()).await;
        let back = answer(&mut ana, &page, "yes").await.away();
        assert!(back.contains_key("code"));
    }
    let page = ana.get(&Ask::of("wiki-eu").path()).await;
    assert!(
        page.away().contains_key("code"),
        "a trusted client does not ask"
    );
}

#[tokio::test]
async fn single_claims_and_context_require_consent_too() {
    let draft = registered(|crm| {
        crm.consent = ConsentRule::Ask;
        crm.resources = vec!["https://api.test/".into()];
        crm.authorization_details_types = vec!["urn:usher:context".into()];
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = of(&usher, "ana").await;
    let claims = json!({ "userinfo": { "phone_number": null } }).to_string();
    let request = ask("openid")
        .with("claims", &claims)
        .with("resource", "https://api.test/")
        .with(
            "authorization_details",
            r#"[{"type": "urn:usher:context"}]"#,
        );
    let page = ana.get(&request.path()).await;
    for words in [
        "Your phone number",
        "https://api.test/",
        "The record you want to open",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
}

#[tokio::test]
async fn the_question_waits_for_the_sign_in_and_is_its_browsers() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    ana.stays = true;
    let form = ana.get(&ask("openid email").path()).await;
    let page = ana.sign_in(&form, "ana").await;
    assert!(asks(&page), "{}: {}", page.url, page.text());
    let mut ben = of(&usher, "ben").await;
    let seen = ben.peek(page.url.path()).await;
    assert_eq!(seen.status, 410, "another browser's: {}", seen.text());
    let mut nobody = Browser::new(&usher);
    let seen = nobody.peek(page.url.path()).await;
    assert!(!seen.says("Your email address"));
    // A form of another site answers nothing.
    let foreign = ana
        .post(page.url.path(), Some("https://evil.test"), "answer=yes")
        .await;
    assert_eq!(foreign.status, 403, "{}", foreign.text());
    assert!(usher.column("select client from consents").await.is_empty());
    let asked = ana.session().await.expect("a session").user.id;
    for word in ["maybe", ""] {
        let odd = ana
            .post(
                page.url.path(),
                Some("https://usher.test"),
                &format!("answer={word}&asked={asked}"),
            )
            .await;
        assert_eq!(odd.status, 400, "{word:?}");
    }
    answer(&mut ana, &page, "yes").await;
}

/// THREATS, session mix-up: two tabs, and in the other one another user has signed in.
#[tokio::test]
async fn another_user_cannot_answer_for_the_one_who_was_asked() {
    let usher = usher().await;
    let mut browser = of(&usher, "ana").await;
    let page = browser.get(&ask("openid email").path()).await;
    assert!(page.says("Ana Almeida"));
    let out = browser.get("/sign-out").await;
    browser.send(&out, "/sign-out").await;
    let form = browser.get("/sign-in").await;
    browser.sign_in(&form, "ben").await;
    let again = answer(&mut browser, &page, "yes").await;
    assert!(asks(&again) && again.says("Ben Brooks"), "{}", again.text());
    assert!(usher.column("select client from consents").await.is_empty());
    assert!(usher.column("select client from grants").await.is_empty());
    let back = answer(&mut browser, &again, "yes").await.away();
    assert!(back.contains_key("code"));
}

#[tokio::test]
async fn what_is_taken_back_ends_its_tokens() {
    let usher = usher().await;
    let mut ana = of(&usher, "ana").await;
    let page = ana.get(&ask("openid email").path()).await;
    answer(&mut ana, &page, "yes").await;
    ana.stays = false;
    let (given, _) = tokens(&usher, &mut ana, &ask("openid email")).await;
    let list = ana.get("/account/applications").await;
    assert!(list.says("Your email address"), "{}", list.text());
    let mut ben = of(&usher, "ben").await;
    let foreign = ben
        .post(
            "/account/applications",
            Some("https://usher.test"),
            "client=crm-eu",
        )
        .await;
    assert_eq!(foreign.status, 404, "ben never allowed it");
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 200);
    let list = ana.press(&list, "client", "crm-eu").await;
    assert!(list.says("No application has access."), "{}", list.text());
    let done = "“crm-eu” no longer has access.";
    assert!(list.says(done), "{}", list.text());
    let again = ana.get("/account/applications").await;
    assert!(!again.says(done), "shown once: {}", again.text());
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 401);
    assert_eq!(usher.events_named("consent.withdrawn").await, 1);
    ana.stays = true;
    assert!(asks(&ana.get(&ask("openid email").path()).await));
    let history = ana.get("/account/history").await;
    assert!(history.says("You removed access for"), "{}", history.text());
}
