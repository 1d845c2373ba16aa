//! An application that hangs: how many notifications wait for it at once, for how long, and that no
//! other is delayed.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};

use super::{ana_at, deliver, deliver_all, outcomes, seed, sign_out};
use support::{browser::Browser, listener::Listener, server::TestServer};

/// A portal whose CRM never answers and whose wiki does, and how long it waits.
async fn usher(rp: &Listener, timeout_ms: &str) -> TestServer {
    let usher = TestServer::configured(&[
        ("USHER_NET__ALLOW", "127.0.0.1"),
        ("USHER_NET__TIMEOUT_MS", timeout_ms),
    ])
    .await;
    set(&usher, rp, "/never").await;
    usher
}

async fn set(usher: &TestServer, rp: &Listener, crm: &str) {
    let clients = [("crm-eu", crm), ("wiki-eu", "/yes")];
    usher.seed(&seed(rp, &clients)).await;
}

/// So many more notices for the CRM, longer due than any other.
async fn owe_the_crm(usher: &TestServer, browser: &Browser<'_>, count: usize) {
    let who = browser.session().await.expect("a session");
    let rows: Vec<String> = (0..count)
        .map(|n| {
            let session = &who.session.id;
            format!("('{session}', 'oidc', 'crm-eu', 's{n}', 'waiting', 0, {n}, 5)")
        })
        .collect();
    let sql = format!(
        "insert into notices (session_id, kind, party, subject, outcome, tries, due_at, created_at)
         values {}",
        rows.join(",")
    );
    let mut connection = usher.connection().await;
    let done = connection.execute(AssertSqlSafe(sql)).await;
    done.expect("notices");
}

async fn a_moment() {
    let pause = Duration::from_millis(20);
    let never = std::future::pending::<()>();
    tokio::time::timeout(pause, never).await.ok();
}

#[tokio::test]
async fn a_party_that_hangs_delays_no_other_party() {
    let rp = Listener::start().await;
    let usher = usher(&rp, "30000").await;
    let mut ana = ana_at(&usher, &["wiki-eu"]).await;
    owe_the_crm(&usher, &ana, 300).await;
    let provider = usher.app.issuer.clone();
    let telling = tokio::spawn(async move { provider.logouts().deliver_due().await });
    while rp.unanswered() < 4 {
        a_moment().await;
    }
    // Ended while the others hang, and after 300 notices that are longer due.
    sign_out(&mut ana).await;
    while rp.received().is_empty() {
        a_moment().await;
    }
    assert_eq!(rp.unanswered(), 4, "four places, and no more");
    assert!(!telling.is_finished(), "they hang on");
    telling.abort();
}

#[tokio::test]
async fn after_three_timeouts_in_a_row_the_whole_party_rests() {
    let rp = Listener::start().await;
    let usher = usher(&rp, "300").await;
    let ana = ana_at(&usher, &[]).await;
    owe_the_crm(&usher, &ana, 40).await;
    deliver(&usher).await;
    assert_eq!(rp.unanswered(), 4, "the others were not tried");
    let tried = "select subject from notices where tries > 0";
    assert_eq!(usher.column(tried).await.len(), 4);
    usher.advance(Duration::from_secs(59));
    deliver(&usher).await;
    assert_eq!(rp.unanswered(), 4, "it rests");
    usher.advance(Duration::from_secs(1));
    deliver(&usher).await;
    assert_eq!(rp.unanswered(), 5, "one probes");
    usher.advance(Duration::from_secs(60));
    deliver(&usher).await;
    assert_eq!(rp.unanswered(), 5, "and it rests for twice as long");
    // It works again: the probe shows it, and all of them are delivered.
    set(&usher, &rp, "/yes").await;
    usher.advance(Duration::from_secs(7200));
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 40);
    let waiting = outcomes(&usher).await;
    assert!(
        waiting.iter().all(|one| one.ends_with("confirmed")),
        "{waiting:?}"
    );
}

#[tokio::test]
async fn a_replica_lets_the_party_rest_that_another_found_hanging() {
    let rp = Listener::start().await;
    let usher = usher(&rp, "300").await;
    let replica = usher
        .replica_with(&[
            ("USHER_NET__ALLOW", "127.0.0.1"),
            ("USHER_NET__TIMEOUT_MS", "300"),
        ])
        .await;
    let ana = ana_at(&usher, &[]).await;
    owe_the_crm(&usher, &ana, 40).await;
    deliver(&usher).await;
    deliver(&replica).await;
    assert_eq!(rp.unanswered(), 4);
}

/// A retry by an admin is tried at once.
#[tokio::test]
async fn a_party_that_rests_is_tried_when_an_admin_says_so() {
    let rp = Listener::start().await;
    let usher = usher(&rp, "300").await;
    let ana = ana_at(&usher, &[]).await;
    owe_the_crm(&usher, &ana, 4).await;
    deliver(&usher).await;
    let mut connection = usher.connection().await;
    let failed = "update notices set outcome = 'failed', due_at = null where subject = 's0'";
    connection.execute(failed).await.expect("failed");
    set(&usher, &rp, "/yes").await;
    let who = ana.session().await.expect("a session");
    let kind = usher::model::party::PartyKind::OIDC;
    let again = usher
        .app
        .issuer
        .logouts()
        .retry(&who, &who.session.id, kind, "crm-eu");
    assert!(again.await.expect("an answer"));
    deliver(&usher).await;
    assert_eq!(rp.received().len(), 4, "all remaining notices of the party");
}
