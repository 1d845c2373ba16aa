//! Refresh tokens: used once, followed by the next, and void with everything they depend on.

use std::time::Duration;

use serde_json::Value;
use usher::model::client::{GrantType, Registration};

use support::{
    browser::Browser,
    draft::Draft,
    relying_party::{Ask, access_token, invalid_grant, tokens, userinfo},
    remote::{self, token},
    server::TestServer,
};

const MORE: &str = "openid profile email groups offline_access";

/// The CRM in Europe is registered for refresh tokens.
pub async fn portal() -> TestServer {
    TestServer::with(&refreshing()).await
}

pub fn refreshing() -> Draft {
    registered(|crm| crm.grant_types = vec![GrantType::RefreshToken])
}

/// The tests' catalogue, in which the CRM in Europe registered more.
pub fn registered(change: impl FnOnce(&mut Registration)) -> Draft {
    Draft::changed(|draft| change(&mut draft.client("crm-eu").registration))
}

pub async fn first(usher: &TestServer, browser: &mut Browser<'_>) -> Value {
    tokens(usher, browser, &Ask::of("crm-eu").with("scope", MORE))
        .await
        .0
}

pub async fn refresh(usher: &TestServer, refresh_token: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    token(usher, "crm-eu", &form).await
}

pub fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().expect("a refresh token")
}

#[tokio::test]
async fn a_refresh_token_is_followed_by_the_next() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    assert_eq!(given["scope"], MORE);
    let before = remote::verify(&usher, "crm-eu", &given).await;
    usher.advance(Duration::from_secs(60));
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200, "{next}");
    assert_ne!(next["refresh_token"], given["refresh_token"]);
    let after = remote::verify(&usher, "crm-eu", &next).await;
    for same in ["iss", "sub", "aud", "auth_time", "sid", "email"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert!(after.get("nonce").is_none(), "Core 12.2");
    assert_eq!(after["iat"], before["iat"].as_i64().expect("iat") + 60);
    assert_eq!(userinfo(&usher, access_token(&next)).await.0, 200);
    assert_eq!(
        userinfo(&usher, access_token(&given)).await.0,
        401,
        "one access token at a time"
    );
}

#[tokio::test]
async fn a_used_refresh_token_takes_its_family_down() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let (_, next) = refresh(&usher, refresh_token(&given)).await;
    usher.advance(Duration::from_secs(6));
    invalid_grant(refresh(&usher, refresh_token(&given)).await, "the old one");
    invalid_grant(refresh(&usher, refresh_token(&next)).await, "the new one");
    assert_eq!(userinfo(&usher, access_token(&next)).await.0, 401);
    assert_eq!(usher.events_named("refresh_token.reused").await, 1);
    // Another family of the same user is not touched.
    let other = first(&usher, &mut ana).await;
    assert_eq!(refresh(&usher, refresh_token(&other)).await.0, 200);
}

#[tokio::test]
async fn a_client_that_asks_twice_at_once_keeps_what_it_got() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let (_, next) = refresh(&usher, refresh_token(&given)).await;
    invalid_grant(refresh(&usher, refresh_token(&given)).await, "at once");
    assert_eq!(refresh(&usher, refresh_token(&next)).await.0, 200);
    assert_eq!(usher.events_named("refresh_token.reused").await, 0);
}

#[tokio::test]
async fn of_fifty_refreshes_at_once_one_succeeds() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let shared = refresh_token(&given);
    let tries = (0..50).map(|_| refresh(&usher, shared));
    let answers = all_at_once(tries).await;
    let good: Vec<_> = answers
        .iter()
        .filter(|(status, _)| *status == 200)
        .collect();
    assert_eq!(good.len(), 1);
    assert_eq!(refresh(&usher, refresh_token(&good[0].1)).await.0, 200);
}

/// All of them at the same time, in their order.
pub async fn all_at_once<F: Future>(tries: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = tries.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (one, slot) in waiting.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(answer) = one.as_mut().poll(context)
            {
                *slot = Some(answer);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_scope_is_narrowed_and_never_widened() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let with_scope = async |refresh_token: &str, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("scope", scope),
        ];
        token(&usher, "crm-eu", &form).await
    };
    let (status, answer) = with_scope(refresh_token(&given), "openid address").await;
    assert_eq!((status, &answer["error"]), (400, &"invalid_scope".into()));
    let (status, less) = with_scope(refresh_token(&given), "openid email").await;
    assert_eq!((status, &less["scope"]), (200, &"openid email".into()));
    let (_, info) = userinfo(&usher, access_token(&less)).await;
    assert!(
        info.get("email").is_some() && info.get("name").is_none(),
        "{info}"
    );
    // What was narrowed once is not lost for the next time (RFC 6749 section 6).
    let (_, whole) = refresh(&usher, refresh_token(&less)).await;
    assert_eq!(whole["scope"], MORE);
}

#[tokio::test]
async fn only_registered_clients_that_ask_get_one() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (plain, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    assert!(plain.get("refresh_token").is_none(), "not asked for");
    let ask = Ask::of("wiki-eu").with("scope", MORE);
    let (stranger, _) = tokens(&usher, &mut ana, &ask).await;
    assert!(stranger.get("refresh_token").is_none(), "not registered");
    assert_eq!(stranger["scope"], "openid profile email groups");
    let given = first(&usher, &mut ana).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&given)),
    ];
    let (status, answer) = token(&usher, "wiki-eu", &form).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &"unauthorized_client".into())
    );
    let (status, answer) = token(&usher, "crm-eu", &form[..1]).await;
    assert_eq!((status, &answer["error"]), (400, &"invalid_request".into()));
    for bad in ["rt_short", access_token(&given), "nonsense"] {
        invalid_grant(refresh(&usher, bad).await, bad);
    }
    assert_eq!(refresh(&usher, refresh_token(&given)).await.0, 200);
}

#[tokio::test]
async fn it_ends_with_the_session_and_by_its_own_time() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    invalid_grant(refresh(&usher, refresh_token(&given)).await, "signed out");

    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    usher.advance(Duration::from_secs(25 * 3600));
    invalid_grant(refresh(&usher, refresh_token(&given)).await, "a day later");
}

#[tokio::test]
async fn a_disabled_user_or_service_refreshes_nothing() {
    let usher = portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = first(&usher, &mut ana).await;
    let mut closed = refreshing();
    closed.instance("crm-eu").disabled = true;
    usher.seed(&closed).await;
    invalid_grant(refresh(&usher, refresh_token(&given)).await, "closed");
    usher.seed(&refreshing()).await;
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200, "nothing was used up: {next}");
    let mut gone = refreshing();
    gone.person("ana").disabled = true;
    usher.seed(&gone).await;
    invalid_grant(refresh(&usher, refresh_token(&next)).await, "disabled");
}
