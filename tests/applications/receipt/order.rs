//! Once, in time, by the client of the launch and by no other.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::task::JoinSet;

use super::{CASE, basic, from_desk, kept, landed, launched, refused, send};
use support::{browser::Browser, draft::Change, relying_party, server::TestServer};

#[tokio::test]
async fn a_receipt_is_kept_with_its_line_in_the_trail() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let first = launched(&usher, &mut ana).await;
    assert_eq!(from_desk(&usher, &first.id, &landed()).await, 204);
    assert_eq!(kept(&usher).await, (vec!["landed -".to_owned()], 1, 0));
    let second = launched(&usher, &mut ana).await;
    let body = json!({ "outcome": "refused", "reason": "other", "detail": "under repair" });
    assert_eq!(from_desk(&usher, &second.id, &body.to_string()).await, 204);
    let (receipts, confirmed, rejected) = kept(&usher).await;
    assert_eq!((receipts.len(), confirmed, rejected), (2, 1, 1));
    let details = usher.column("select coalesce(detail, '-') from receipts order by at, outcome");
    assert_eq!(details.await, ["-", "under repair"]);
}

#[tokio::test]
async fn the_same_receipt_again_changes_nothing_and_another_is_a_contradiction() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let first = refused("no_such_record");
    for _ in 0..3 {
        assert_eq!(from_desk(&usher, &launch.id, &first).await, 204);
    }
    let detailed = json!({ "outcome": "refused", "reason": "no_such_record", "detail": "x" });
    for other in [landed(), refused("not_allowed"), detailed.to_string()] {
        let (status, problem) = send(&usher, &launch.id, &basic("desk-eu"), &other).await;
        assert_eq!(status, 409, "{other}");
        assert_eq!(problem["type"], "urn:usher:problem:receipt_contradicts");
    }
    // A repetition is good after the time for a receipt, too: its answer may have been lost.
    usher.advance(Duration::from_secs(3600));
    assert_eq!(from_desk(&usher, &launch.id, &first).await, 204);
    let expected = (vec!["refused no_such_record".to_owned()], 0, 1);
    assert_eq!(kept(&usher).await, expected);
}

#[tokio::test]
async fn fifty_receipts_at_once_are_one() {
    let usher = Arc::new(TestServer::open().await);
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let (usher, id) = (usher.clone(), launch.id.clone());
        let body = if number % 2 == 0 {
            landed()
        } else {
            refused("other")
        };
        tries.spawn(async move { from_desk(&usher, &id, &body).await });
    }
    let answers = tries.join_all().await;
    let good = answers.iter().filter(|status| **status == 204).count();
    let contradictions = answers.iter().filter(|status| **status == 409).count();
    assert_eq!((good, contradictions), (25, 25), "{answers:?}");
    let (receipts, confirmed, rejected) = kept(&usher).await;
    assert_eq!((receipts.len(), confirmed + rejected), (1, 1));
}

#[tokio::test]
async fn a_receipt_is_taken_for_ten_minutes() {
    for (seconds, status) in [(599, 204), (600, 410), (86_400, 410)] {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let launch = launched(&usher, &mut ana).await;
        usher.advance(Duration::from_secs(seconds));
        assert_eq!(from_desk(&usher, &launch.id, &landed()).await, status);
        let (receipts, ..) = kept(&usher).await;
        assert_eq!(receipts.len(), usize::from(status == 204), "{seconds} s");
    }
}

/// THREATS: an oracle. Another client's launch looks like one that does not exist.
#[tokio::test]
async fn a_launch_of_another_client_is_not_there() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let nowhere = "lau_00000000000000000000000000000000";
    for thief in ["desk-us", "crm-eu", "wiki-eu"] {
        let theirs = send(&usher, &launch.id, &basic(thief), &landed()).await;
        let nobodys = send(&usher, nowhere, &basic(thief), &landed()).await;
        assert_eq!(theirs.0, 404, "{thief}");
        assert_eq!(theirs.1["type"], nobodys.1["type"]);
        assert_eq!(theirs.1.get("detail"), None);
    }
    for odd in ["x", "lau_", "%00", "lau_zz", nowhere] {
        let (status, _) = send(&usher, odd, &basic("desk-eu"), &landed()).await;
        assert_eq!(status, 404, "{odd}");
    }
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
}

#[tokio::test]
async fn a_launch_that_has_not_departed_has_no_receipt() {
    let usher = TestServer::open().await;
    // Without a user, waiting for a choice, refused: no client received any of these.
    Browser::new(&usher).get(CASE).await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    cleo.get("/go/reports/customer/C-1042").await;
    cleo.get("/go/tickets/case/wrong").await;
    let ids = usher.column("select id from launches where departed_at is null");
    let ids = ids.await;
    assert_eq!(ids.len(), 3);
    for id in ids {
        for client in ["desk-eu", "reports-eu", "reports-us"] {
            let (status, _) = send(&usher, &id, &basic(client), &landed()).await;
            assert_eq!(status, 404, "{client}");
        }
    }
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
}

#[tokio::test]
async fn the_access_token_of_the_launch_is_proof_and_no_other_is() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let one = launched(&usher, &mut ana).await;
    let other = launched(&usher, &mut ana).await;
    let by = |token: &str| format!("Bearer {token}");
    let foreign = send(&usher, &one.id, &by(&other.access), &landed()).await;
    assert_eq!(foreign.0, 404);
    for void in ["ua_x", "", &one.access[1..], "hc_x", &one.id] {
        let (status, _) = send(&usher, &one.id, &by(void), &landed()).await;
        assert_eq!(status, 401, "{void}");
    }
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
    let good = send(&usher, &one.id, &by(&one.access), &landed()).await;
    assert_eq!(good.0, 204);
    usher.advance(Duration::from_secs(301));
    let late = send(&usher, &other.id, &by(&other.access), &landed()).await;
    assert_eq!(late.0, 401, "the token lives for five minutes");
}

#[tokio::test]
async fn a_token_of_a_session_that_ended_is_no_proof() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    let by = format!("Bearer {}", launch.access);
    assert_eq!(send(&usher, &launch.id, &by, &landed()).await.0, 401);
    // The application itself may still report what happened before.
    assert_eq!(from_desk(&usher, &launch.id, &landed()).await, 204);
}

#[tokio::test]
async fn who_does_not_prove_itself_in_one_way_says_nothing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let secret = "secret-of-desk-eu-secret-of-desk-eu-secret";
    let post = json!({ "outcome": "landed", "client_id": "desk-eu", "client_secret": secret });
    let wrong = json!({ "outcome": "landed", "client_id": "desk-eu", "client_secret": "x" });
    let bare = json!({ "outcome": "landed", "client_id": "desk-eu" });
    let bearer = format!("Bearer {}", launch.access);
    for (authorization, body) in [
        ("", landed()),
        ("", wrong.to_string()),
        ("", bare.to_string()),
        ("Basic x", landed()),
        ("Digest x", landed()),
        (&basic("nobody"), landed()),
        (&basic("desk-eu"), post.to_string()),
        (&bearer, post.to_string()),
    ] {
        let (status, problem) = send(&usher, &launch.id, authorization, &body).await;
        assert_eq!(status, 401, "{authorization} {body}");
        assert!(!problem["detail"].as_str().expect("advice").is_empty());
    }
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
    let (status, _) = send(&usher, &launch.id, "", &post.to_string()).await;
    assert_eq!(status, 204, "client_secret_post, in the body");
}

#[tokio::test]
async fn a_body_that_is_not_of_the_shape_is_refused_with_what_to_change() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let long = format!(
        "{{\"outcome\":\"refused\",\"reason\":\"other\",\"detail\":\"{}\"}}",
        "x".repeat(201)
    );
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "\"landed\"",
        "{\"outcome\":\"Landed\"}",
        "{\"outcome\":\"lost\"}",
        "{\"outcome\":null}",
        "{\"outcome\":\"landed\",\"reason\":\"other\"}",
        "{\"outcome\":\"landed\",\"detail\":\"x\"}",
        "{\"outcome\":\"landed\",\"more\":1}",
        "{\"outcome\":\"landed\",\"outcome\":\"landed\"}",
        "{\"outcome\":\"landed\"} {}",
        "{\"outcome\":\"refused\"}",
        "{\"outcome\":\"refused\",\"reason\":\"mood\"}",
        "{\"outcome\":\"refused\",\"reason\":\"other\",\"detail\":\"\"}",
        "{\"outcome\":\"refused\",\"reason\":\"other\",\"detail\":\"a\\u0000b\"}",
        "{\"outcome\":\"refused\",\"reason\":\"other\",\"detail\":7}",
        "outcome=landed",
        "\u{0}",
        &long,
    ] {
        let (status, problem) = send(&usher, &launch.id, &basic("desk-eu"), body).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(problem["type"], "urn:usher:problem:receipt_unreadable");
        assert!(!problem["detail"].as_str().expect("advice").is_empty());
    }
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
}

/// Disabled client, user and service: checked when the receipt comes, too.
#[tokio::test]
async fn what_was_switched_off_since_has_no_receipt() {
    let changes: [(Change, u16); 2] = [
        (|draft| draft.client("desk-eu").disabled = true, 401),
        (|draft| draft.service("tickets").disabled = true, 403),
    ];
    for (change, status) in changes {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let launch = launched(&usher, &mut ana).await;
        usher.change(change).await;
        assert_eq!(from_desk(&usher, &launch.id, &landed()).await, status);
        assert_eq!(kept(&usher).await, (vec![], 0, 0));
    }
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let launch = launched(&usher, &mut ana).await;
    let id = ana.session().await.expect("signed in").user.id;
    usher.app.directory.disable(&id).await.expect("disabled");
    assert_eq!(from_desk(&usher, &launch.id, &landed()).await, 403);
    assert_eq!(kept(&usher).await, (vec![], 0, 0));
}

/// With the other hand-off: the relying party receives its launch in the id_token.
#[tokio::test]
async fn a_relying_party_confirms_the_launch_of_its_id_token() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/go/crm/customer/C-1042").await;
    assert_eq!(
        page.shown("context").as_deref(),
        Some("customer C-1042 view")
    );
    let ids = usher.column("select id from launches where client = 'crm-eu'");
    let id = ids.await.remove(0);
    let (status, _) = send(&usher, &id, &basic("crm-eu"), &landed()).await;
    assert_eq!(status, 204);
    assert_eq!(kept(&usher).await, (vec!["landed -".to_owned()], 1, 0));
    // Nor does a plain sign-in have a launch to confirm.
    let plain = relying_party::Ask::of("crm-eu");
    let (_, claims) = relying_party::tokens(&usher, &mut ana, &plain).await;
    assert_eq!(claims.get("urn:usher:launch"), None);
}
