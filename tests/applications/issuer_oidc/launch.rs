//! A launch's context reaches an id_token only by its own handle: open, of this client, of this
//! session, once. Anything else is a plain sign-in, never a guess.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use usher::store::Before;

use support::{
    browser::{Browser, SESSION},
    relying_party::{Ask, RECORD, code, handle, redeem, tokens},
    remote::verify,
    server::TestServer,
};

fn with(hint: &str) -> Ask {
    Ask::of("crm-eu").with("login_hint", hint)
}

/// What the id_token says of a launch, after a request with this hint.
async fn carried(usher: &TestServer, browser: &mut Browser<'_>, ask: &Ask) -> Option<Value> {
    let (_, mut claims) = tokens(usher, browser, ask).await;
    claims.get_mut("urn:usher:launch").map(Value::take)
}

#[tokio::test]
async fn the_handle_of_an_open_launch_carries_its_record() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, "/go/crm/customer/c-1042?tab=orders").await;
    let launch = carried(&usher, &mut ana, &with(&handle)).await;
    let launch = launch.expect("a launch");
    assert_eq!(launch["intent"], "view");
    assert_eq!(
        launch["target_link_uri"],
        "https://crm-eu.test/customers/C-1042?tab=orders"
    );
    let id = json!({ "urn:usher:context:customer": "C-1042" });
    let ctx = json!([{ "type": "customer", "id": id, "fields": { "tab": "orders" } }]);
    assert_eq!(launch["ctx"], ctx);
    assert_eq!(usher.events_named("launch.landed").await, 1);
}

#[tokio::test]
async fn a_front_page_launch_carries_no_record() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, "/go/crm").await;
    let launch = carried(&usher, &mut ana, &with(&handle))
        .await
        .expect("a launch");
    assert_eq!(launch["ctx"], json!([]));
}

#[tokio::test]
async fn a_handle_used_twice_is_a_plain_sign_in() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
    for _ in 0..3 {
        assert_eq!(carried(&usher, &mut ana, &with(&handle)).await, None);
    }
    assert_eq!(usher.events_named("launch.landed").await, 1);
}

#[tokio::test]
async fn a_handle_brought_twenty_times_at_once_is_bound_to_one_code() {
    let usher = Arc::new(TestServer::open().await);
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    let cookie = ana.cookie("usher.test", SESSION).expect("one").to_owned();
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (usher, handle, cookie) = (usher.clone(), handle.clone(), cookie.clone());
        crowd.spawn(async move {
            let mut browser = Browser::new(&usher);
            browser.set_cookie("usher.test", SESSION, &cookie);
            carried(&usher, &mut browser, &with(&handle))
                .await
                .is_some()
        });
    }
    let carried = crowd.join_all().await;
    assert_eq!(carried.into_iter().filter(|one| *one).count(), 1);
}

#[tokio::test]
async fn a_handle_expires_after_two_minutes() {
    for (seconds, there) in [(119, true), (120, false), (121, false)] {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let handle = handle(&mut ana, RECORD).await;
        usher.advance(Duration::from_secs(seconds));
        let launch = carried(&usher, &mut ana, &with(&handle)).await;
        assert_eq!(launch.is_some(), there, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_handle_of_another_users_session_is_ignored_and_not_used_up() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    for name in ["cleo", "ana"] {
        // Another user, and the same user in another browser.
        let mut other = Browser::of(&usher, name).await;
        assert_eq!(
            carried(&usher, &mut other, &with(&handle)).await,
            None,
            "{name}"
        );
    }
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
}

#[tokio::test]
async fn a_handle_of_another_client_is_nothing_and_stays_that_clients() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    for client in ["crm-us", "wiki-eu", "reports-eu"] {
        let ask = Ask::of(client).with("login_hint", &handle);
        assert_eq!(carried(&usher, &mut ana, &ask).await, None, "{client}");
    }
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
}

#[tokio::test]
async fn a_handle_does_not_outlive_a_sign_out() {
    for next in ["cleo", "ana"] {
        let usher = TestServer::open().await;
        let mut browser = Browser::of(&usher, "ana").await;
        let handle = handle(&mut browser, RECORD).await;
        let page = browser.get("/sign-out").await;
        browser.send(&page, "/sign-out").await;
        browser.stays = true;
        let form = browser.get(&with(&handle).path()).await;
        let sent = browser.sign_in(&form, next).await.away();
        let (status, tokens) = redeem(&usher, "crm-eu", &sent["code"]).await;
        assert_eq!(status, 200);
        let claims = verify(&usher, "crm-eu", &tokens).await;
        assert_eq!(claims.get("urn:usher:launch"), None, "as {next}");
    }
}

#[tokio::test]
async fn a_handle_survives_being_asked_again() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let handle = handle(&mut ana, RECORD).await;
    usher.advance(Duration::from_secs(1));
    let form = ana.get(&with(&handle).with("prompt", "login").path()).await;
    usher.advance(Duration::from_secs(1));
    let sent = ana.sign_in(&form, "ana").await.away();
    let (_, tokens) = redeem(&usher, "crm-eu", &sent["code"]).await;
    let claims = verify(&usher, "crm-eu", &tokens).await;
    assert_eq!(claims["urn:usher:launch"]["intent"], "view");
}

#[tokio::test]
async fn a_handle_anywhere_but_in_login_hint_is_nothing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    for name in [
        "state",
        "nonce",
        "launch",
        "lti_message_hint",
        "target_link_uri",
    ] {
        let ask = Ask::of("crm-eu").with(name, &handle);
        assert_eq!(carried(&usher, &mut ana, &ask).await, None, "{name}");
    }
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
}

#[tokio::test]
async fn made_up_and_spoilt_handles_are_a_plain_sign_in() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    let launches = usher.column("select id from launches").await;
    for hint in [
        "ana",
        "lh_",
        &format!("lh_{}", "A".repeat(43)),
        &handle[..handle.len() - 1],
        &format!("{handle}A"),
        &handle.to_uppercase(),
        &format!(" {handle}"),
        &usher::id::sha256(&handle),
        &launches[0],
        "%",
        "' or 1=1 --",
    ] {
        let launch = carried(&usher, &mut ana, &with(hint)).await;
        assert_eq!(launch, None, "{hint}");
    }
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
}

/// Never "the latest launch": an application that starts its own sign-in gets no context.
#[tokio::test]
async fn a_request_without_a_hint_is_a_plain_sign_in_though_a_launch_is_open() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    assert_eq!(carried(&usher, &mut ana, &Ask::of("crm-eu")).await, None);
    assert!(carried(&usher, &mut ana, &with(&handle)).await.is_some());
}

#[tokio::test]
async fn two_tabs_with_two_records_get_each_their_own() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut handles = Vec::new();
    for key in ["C-1001", "C-1002", "C-1003"] {
        handles.push((
            key,
            handle(&mut ana, &format!("/go/crm/customer/{key}")).await,
        ));
    }
    for (key, handle) in handles.iter().rev() {
        let launch = carried(&usher, &mut ana, &with(handle))
            .await
            .expect("a launch");
        assert_eq!(launch["ctx"][0]["id"]["urn:usher:context:customer"], *key);
    }
}

/// A code that is bound to the launch and used wrongly has used the launch up.
#[tokio::test]
async fn a_burned_code_does_not_free_the_handle() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    let first = code(&mut ana, &with(&handle)).await;
    usher.advance(Duration::from_secs(61));
    assert_eq!(redeem(&usher, "crm-eu", &first).await.0, 400);
    assert_eq!(carried(&usher, &mut ana, &with(&handle)).await, None);
}

/// The sweep deletes grants; a launch whose code was never redeemed must not become usable again by
/// that.
#[tokio::test]
async fn the_sweep_does_not_free_a_handle() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let handle = handle(&mut ana, RECORD).await;
    code(&mut ana, &with(&handle)).await;
    usher.advance(Duration::from_secs(62));
    let now = usher.clock.now();
    let long_ago = now - Duration::from_secs(86_400);
    let before = Before {
        now,
        records: long_ago,
        trail: long_ago,
    };
    usher.app.store.sweep(&before).await.expect("swept");
    assert_eq!(carried(&usher, &mut ana, &with(&handle)).await, None);
}
