//! Codes: one use, one minute, one client, one address, one verifier (THREATS: one-time artefacts
//! reused, PKCE downgrade).

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::task::JoinSet;

use support::{
    browser::Browser,
    draft::part,
    relying_party::{
        Ask, VERIFIER, access_token, callback, code, form, invalid_grant, launch_code, redeem,
        userinfo,
    },
    remote::{self, token},
    server::TestServer,
};

const CASE: &str = "/go/tickets/case/CS-2207";

async fn redeem_launch(usher: &TestServer, client: &str, code: &str) -> (u16, Value) {
    token(usher, client, &remote::launch_code(code)).await
}

#[tokio::test]
async fn a_wrong_verifier_or_address_burns_the_code() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let callback = callback("crm-eu");
    let other = callback.replace("callback", "other");
    let slash = format!("{callback}/");
    let wrong = "b".repeat(43);
    let long = VERIFIER.repeat(4);
    let challenge = usher::id::sha256(VERIFIER);
    for (name, value) in [
        ("code_verifier", Some(wrong.as_str())),
        ("code_verifier", Some(&VERIFIER[1..])),
        ("code_verifier", Some("short")),
        ("code_verifier", Some(&long)),
        ("code_verifier", Some(&challenge)),
        ("code_verifier", Some("")),
        ("code_verifier", None),
        ("redirect_uri", Some(&other)),
        ("redirect_uri", Some(&slash)),
        ("redirect_uri", Some("https://evil.example/")),
        ("redirect_uri", None),
    ] {
        let code = code(&mut ana, &Ask::of("crm-eu")).await;
        let mut spoilt = form(&code, &callback).to_vec();
        spoilt.retain(|(known, _)| *known != name);
        spoilt.extend(value.map(|value| (name, value)));
        let at = format!("{name} {value:?}");
        invalid_grant(token(&usher, "crm-eu", &spoilt).await, &at);
        invalid_grant(redeem(&usher, "crm-eu", &code).await, &at);
    }
}

#[tokio::test]
async fn another_clients_code_is_nothing_and_stays_its_owners() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let callback = callback("crm-eu");
    let authorization = code(&mut ana, &Ask::of("crm-eu")).await;
    let launch = launch_code(&mut ana, CASE).await;
    for thief in ["crm-us", "wiki-eu", "desk-us"] {
        let stolen = token(&usher, thief, &form(&authorization, &callback)).await;
        invalid_grant(stolen, thief);
        invalid_grant(redeem_launch(&usher, thief, &launch).await, thief);
    }
    let (status, tokens) = redeem(&usher, "crm-eu", &authorization).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(redeem_launch(&usher, "desk-eu", &launch).await.0, 200);
    // Nor can another client revoke what the first one got.
    for thief in ["crm-us", "desk-us"] {
        let stolen = token(&usher, thief, &form(&authorization, &callback)).await;
        invalid_grant(stolen, thief);
    }
    assert_eq!(userinfo(&usher, access_token(&tokens)).await.0, 200);
    assert_eq!(usher.events_named("code.reused").await, 0);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    for (seconds, good) in [(59, true), (60, false), (61, false), (3600, false)] {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let authorization = code(&mut ana, &Ask::of("crm-eu")).await;
        let launch = launch_code(&mut ana, CASE).await;
        usher.advance(Duration::from_secs(seconds));
        let answers = [
            redeem(&usher, "crm-eu", &authorization).await,
            redeem_launch(&usher, "desk-eu", &launch).await,
        ];
        for answer in answers {
            match good {
                true => assert_eq!(answer.0, 200, "after {seconds} s"),
                false => invalid_grant(answer, &format!("after {seconds} s")),
            }
        }
        assert_eq!(usher.events_named("code.reused").await, 0);
    }
}

#[tokio::test]
async fn a_code_redeemed_twice_takes_back_what_it_gave() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let authorization = code(&mut ana, &Ask::of("crm-eu")).await;
    let (_, tokens) = redeem(&usher, "crm-eu", &authorization).await;
    let launch = launch_code(&mut ana, CASE).await;
    let (_, launched) = redeem_launch(&usher, "desk-eu", &launch).await;
    for tokens in [&tokens, &launched] {
        assert_eq!(userinfo(&usher, access_token(tokens)).await.0, 200);
    }
    // Half a minute later, or after the code's own time: reuse is reuse.
    for pause in [30, 60] {
        usher.advance(Duration::from_secs(pause));
        invalid_grant(redeem(&usher, "crm-eu", &authorization).await, "again");
        invalid_grant(redeem_launch(&usher, "desk-eu", &launch).await, "again");
    }
    for tokens in [&tokens, &launched] {
        assert_eq!(userinfo(&usher, access_token(tokens)).await.0, 401);
    }
    assert_eq!(usher.events_named("code.reused").await, 4);
    // The session itself is the user's, and goes on.
    code(&mut ana, &Ask::of("crm-eu")).await;
}

#[tokio::test]
async fn fifty_redemptions_at_once_give_one_answer() {
    let usher = Arc::new(TestServer::open().await);
    let mut ana = Browser::of(&usher, "ana").await;
    let authorization = code(&mut ana, &Ask::of("crm-eu")).await;
    let launch = launch_code(&mut ana, CASE).await;
    let mut crowd = JoinSet::new();
    for n in 0..100 {
        let (usher, authorization, launch) = (usher.clone(), authorization.clone(), launch.clone());
        crowd.spawn(async move {
            let (status, answer) = match n % 2 {
                0 => redeem(&usher, "crm-eu", &authorization).await,
                _ => redeem_launch(&usher, "desk-eu", &launch).await,
            };
            if status != 200 {
                invalid_grant((status, answer), "one of fifty");
            }
            (n % 2, status == 200)
        });
    }
    let mut won: Vec<_> = crowd.join_all().await;
    won.retain(|(_, won)| *won);
    won.sort_unstable();
    assert_eq!(won, [(0, true), (1, true)]);
}

#[tokio::test]
async fn made_up_codes_are_nothing() {
    let usher = TestServer::open().await;
    for code in [
        "",
        "ac_",
        "ac_x",
        &format!("ac_{}", "A".repeat(43)),
        "' or 1=1 --",
    ] {
        let (status, answer) = redeem(&usher, "crm-eu", code).await;
        assert_eq!(status, 400, "{code}");
        let word = if code.is_empty() {
            "invalid_request"
        } else {
            "invalid_grant"
        };
        assert_eq!(answer["error"], word, "{code}");
    }
    assert_eq!(usher.events_named("code.reused").await, 0);
}

/// THREATS: a disabled principal still works. Between the code and its redemption.
#[tokio::test]
async fn a_user_disabled_meanwhile_gets_nothing_for_the_code() {
    for what in [
        "person", "session", "service", "instance", "audience", "client",
    ] {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let who = ana.session().await.expect("a session");
        let authorization = code(&mut ana, &Ask::of("reports-eu")).await;
        match what {
            "service" => {
                usher
                    .change(|draft| draft.service("reports").disabled = true)
                    .await;
            }
            "instance" => {
                usher
                    .change(|draft| draft.instance("reports-eu").disabled = true)
                    .await;
            }
            "audience" => {
                let others = Some(part("group = \"others\""));
                usher
                    .change(|draft| draft.service("reports").audience = others)
                    .await;
            }
            "client" => {
                usher
                    .change(|draft| draft.client("reports-eu").disabled = true)
                    .await;
            }
            "person" => {
                assert!(
                    usher
                        .app
                        .directory
                        .disable(&who.user.id)
                        .await
                        .expect("yes")
                );
            }
            _ => {
                let page = ana.get("/sign-out").await;
                ana.send(&page, "/sign-out").await;
            }
        }
        let (status, answer) = redeem(&usher, "reports-eu", &authorization).await;
        let expected = match what {
            "client" => (401, "invalid_client"),
            _ => (400, "invalid_grant"),
        };
        assert_eq!(
            (status, answer["error"].as_str()),
            (expected.0, Some(expected.1)),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_disabled_user_gets_nothing_for_a_launch_code() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session");
    let launch = launch_code(&mut ana, CASE).await;
    usher
        .app
        .directory
        .disable(&who.user.id)
        .await
        .expect("yes");
    invalid_grant(redeem_launch(&usher, "desk-eu", &launch).await, "disabled");
    usher.app.directory.enable(&who.user.id).await.expect("yes");
    invalid_grant(redeem_launch(&usher, "desk-eu", &launch).await, "burned");
}
