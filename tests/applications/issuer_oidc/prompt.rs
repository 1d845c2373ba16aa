//! `prompt`, `max_age`, `id_token_hint` and `login_hint`: when a user is asked, and who they are
//! (OpenID Connect Core 1.0 section 3.1.2.1).

use std::time::Duration;

use serde_json::Value;

use support::{
    browser::{Browser, Page},
    relying_party::{Ask, code, error, handle, redeem, tokens},
    remote::verify,
    server::{PASSWORD, TestServer},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A browser that stops before it leaves for an application.
async fn of<'a>(usher: &'a TestServer, name: &str) -> Browser<'a> {
    let mut browser = Browser::of(usher, name).await;
    browser.stays = true;
    browser
}

fn asks(page: &Page) -> bool {
    page.url.path().starts_with("/sign-in/att_") && page.body.contains("name=\"password\"")
}

async fn claims(usher: &TestServer, client: &str, code: &str) -> Value {
    let (status, tokens) = redeem(usher, client, code).await;
    assert_eq!(status, 200, "{tokens}");
    verify(usher, client, &tokens).await
}

#[tokio::test]
async fn prompt_none_without_a_session_is_login_required() {
    let usher = TestServer::open().await;
    let ask = Ask::of("crm-eu").with("prompt", "none");
    let mut nobody = Browser::new(&usher);
    assert_eq!(error(&mut nobody, &ask).await, "login_required");
    let mut ana = Browser::of(&usher, "ana").await;
    code(&mut ana, &ask).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert_eq!(error(&mut ana, &ask).await, "login_required");
}

#[tokio::test]
async fn a_warm_session_answers_at_once() {
    let usher = TestServer::open().await;
    let mut ana = of(&usher, "ana").await;
    for prompt in ["none", ""] {
        let page = ana
            .peek(&Ask::of("crm-eu").with("prompt", prompt).path())
            .await;
        assert!(page.sent().contains_key("code"), "{prompt}");
    }
}

#[tokio::test]
async fn a_cold_request_goes_on_after_the_sign_in() {
    let usher = TestServer::open().await;
    let mut cold = Browser::new(&usher);
    cold.stays = true;
    let form = cold.get(&Ask::of("crm-eu").path()).await;
    assert!(asks(&form), "{}", form.url);
    let wrong = [("Username", "ana"), ("Password", "wrong")];
    let form = cold.fill(&form, &wrong).await;
    let sent = cold.sign_in(&form, "ana").await.away();
    assert_eq!(sent["state"], "the state");
    let claims = claims(&usher, "crm-eu", &sent["code"]).await;
    assert_eq!(claims["nonce"], "the nonce");
}

#[tokio::test]
async fn prompt_login_and_select_account_ask_again_and_auth_time_moves() {
    let usher = TestServer::open().await;
    let mut ana = of(&usher, "ana").await;
    for prompt in ["login", "select_account", "login select_account"] {
        let (_, before) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
        usher.advance(MINUTE);
        let form = ana
            .get(&Ask::of("crm-eu").with("prompt", prompt).path())
            .await;
        assert!(asks(&form), "{prompt}: {}", form.url);
        let reloaded = ana.get(form.url.path()).await;
        assert!(asks(&reloaded), "a reload is no way around it");
        usher.advance(MINUTE);
        let sent = ana.sign_in(&form, "ana").await.away();
        let after = claims(&usher, "crm-eu", &sent["code"]).await;
        let moved = |claims: &Value| claims["auth_time"].as_i64().expect("a time");
        assert_eq!(moved(&after), moved(&before) + 120, "{prompt}");
        assert_eq!(after["sub"], before["sub"]);
    }
}

#[tokio::test]
async fn max_age_asks_who_signed_in_longer_ago() {
    let usher = TestServer::open().await;
    let mut ana = of(&usher, "ana").await;
    for (max_age, asked) in [("0", true), ("1", false), ("10000", false)] {
        let ask = Ask::of("crm-eu").with("max_age", max_age);
        assert_eq!(asks(&ana.get(&ask.path()).await), asked, "{max_age}, now");
    }
    usher.advance(Duration::from_secs(2));
    for (max_age, asked) in [("0", true), ("1", true), ("2", false), ("10000", false)] {
        let ask = Ask::of("crm-eu").with("max_age", max_age);
        assert_eq!(asks(&ana.get(&ask.path()).await), asked, "{max_age}, later");
        let silent = ask.with("prompt", "none");
        let sent = ana.peek(&silent.path()).await.sent();
        let word = sent.get("error").map(String::as_str);
        assert_eq!(word, asked.then_some("login_required"), "{max_age}");
    }
    let form = ana
        .get(&Ask::of("crm-eu").with("max_age", "1").path())
        .await;
    let sent = ana.sign_in(&form, "ana").await.away();
    let claims = claims(&usher, "crm-eu", &sent["code"]).await;
    assert_eq!(claims["auth_time"], usher.clock.now().secs());
    for enormous in ["9223372036854775807", "18446744073709551615"] {
        code(&mut ana, &Ask::of("crm-eu").with("max_age", enormous)).await;
    }
}

#[tokio::test]
async fn an_id_token_hint_of_another_user_is_login_required() {
    let usher = TestServer::open().await;
    let (mut ana, mut ben) = (of(&usher, "ana").await, of(&usher, "ben").await);
    let hint = |tokens: Value| tokens["id_token"].as_str().expect("one").to_owned();
    let of_ana = hint(tokens(&usher, &mut ana, &Ask::of("crm-eu")).await.0);
    let of_ben = hint(tokens(&usher, &mut ben, &Ask::of("wiki-us")).await.0);
    let ask = Ask::of("crm-eu");
    for prompt in ["none", ""] {
        let ask = ask.clone().with("prompt", prompt);
        code(&mut ana, &ask.clone().with("id_token_hint", &of_ana)).await;
        for bad in [of_ben.as_str(), "not-a-token", &of_ana[..of_ana.len() - 4]] {
            let ask = ask.clone().with("id_token_hint", bad);
            assert_eq!(error(&mut ana, &ask).await, "login_required", "{bad}");
        }
    }
    // Expired ones count, and a sign-in as another user does not help.
    usher.advance(Duration::from_secs(3600));
    code(&mut ana, &ask.clone().with("id_token_hint", &of_ana)).await;
    let mut cold = Browser::new(&usher);
    cold.stays = true;
    let form = cold.get(&ask.with("id_token_hint", &of_ana).path()).await;
    let sent = cold.sign_in(&form, "ben").await.away();
    assert_eq!(sent["error"], "login_required");
}

#[tokio::test]
async fn a_login_hint_that_is_a_name_fills_the_form() {
    let usher = TestServer::open().await;
    let named = |page: &Page, name: &str| page.body.contains(&format!("value=\"{name}\""));
    let mut nobody = Browser::new(&usher);
    nobody.stays = true;
    let ask = Ask::of("crm-eu");
    let form = nobody
        .get(&ask.clone().with("login_hint", "ana").path())
        .await;
    assert!(asks(&form) && named(&form, "ana"), "{}", form.body);
    let sent = nobody.fill(&form, &[("Password", PASSWORD)]).await.away();
    assert!(sent.contains_key("code"), "{sent:?}");
    let nasty = nobody
        .get(
            &ask.clone()
                .with("prompt", "login")
                .with("login_hint", "\"><b>")
                .path(),
        )
        .await;
    assert!(asks(&nasty) && !nasty.body.contains("\"><b>"));
    // A handle is no user's name: it is not shown.
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, support::relying_party::RECORD).await;
    let mut cold = Browser::new(&usher);
    let form = cold.get(&ask.with("login_hint", &handle).path()).await;
    assert!(asks(&form) && !form.body.contains(&handle));
}

#[tokio::test]
async fn flow_state_a_waiting_request_is_not_found_in_another_browser() {
    let usher = TestServer::open().await;
    let mut victim = Browser::new(&usher);
    let form = victim.get(&Ask::of("crm-eu").path()).await;
    let mut thief = Browser::of(&usher, "ben").await;
    // A user who opens its address starts again, for themselves.
    thief.stays = true;
    let page = thief.get(form.url.path()).await;
    let back = page.trail.last().expect("an address").clone();
    assert!(
        back.starts_with("https://crm-eu.test/callback?code="),
        "{back}"
    );
    let waiting = "select id from pending_requests where consumed_at is null";
    assert_eq!(
        usher.column(waiting).await.len(),
        1,
        "the victim's waits on"
    );
    victim.stays = true;
    let own = victim.sign_in(&form, "ana").await;
    let own = own.trail.last().expect("an address");
    assert!(
        own.starts_with("https://crm-eu.test/callback?code="),
        "{own}"
    );
}

#[tokio::test]
async fn a_waiting_request_gives_one_code() {
    let usher = TestServer::open().await;
    let mut cold = Browser::new(&usher);
    cold.stays = true;
    let form = cold.get(&Ask::of("crm-eu").path()).await;
    let first = cold.sign_in(&form, "ana").await;
    assert!(first.away().contains_key("code"));
    for again in [
        cold.get(form.url.path()).await,
        cold.sign_in(&form, "ana").await,
    ] {
        assert!(!again.body.contains("code="), "{}", again.body);
        assert!(again.says("You are already signed in"), "{}", again.text());
    }
}
