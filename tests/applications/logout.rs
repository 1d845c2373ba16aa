//! Logout truth: every application that used a session is notified of its end, whoever ended it,
//! and the outcome is visible.

mod conformance;
mod hanging;
mod page;

use std::time::Duration;

use serde_json::Value;
use usher::protocol::jose::{self, JwkSet};

use support::{
    browser::Browser,
    draft::Draft,
    listener::Listener,
    relying_party::{Ask, tokens},
    remote,
    server::TestServer,
};

/// The tests' catalogue, in which these clients are notified of a session's end at these paths.
fn seed(rp: &Listener, clients: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::sample();
    for (client, path) in clients {
        draft.client(client).registration.backchannel_logout_uri = Some(rp.at(path));
    }
    draft
}

/// A portal with it, which may reach loopback.
async fn usher(rp: &Listener, clients: &[(&str, &str)]) -> TestServer {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    usher.seed(&seed(rp, clients)).await;
    usher
}

/// Ana, signed in at the portal and at these clients.
async fn ana_at<'a>(usher: &'a TestServer, clients: &[&str]) -> Browser<'a> {
    let mut ana = Browser::of(usher, "ana").await;
    for client in clients {
        tokens(usher, &mut ana, &Ask::of(client)).await;
    }
    ana
}

async fn sign_out(browser: &mut Browser<'_>) {
    let page = browser.get("/sign-out").await;
    browser.send(&page, "/sign-out").await;
}

/// Delivers the notices that are due.
pub async fn deliver(usher: &TestServer) {
    let done = usher.app.issuer.logouts().deliver_due().await;
    done.expect("delivered");
}

/// Delivers until no notification is in progress: signing out starts to by itself.
pub async fn deliver_all(usher: &TestServer) {
    for _ in 0..200 {
        deliver(usher).await;
        let sql = "select party from notices where outcome = 'waiting' and last_error is null
                   union all select id from sessions where ended_at is not null and told_at is null";
        if usher.column(sql).await.is_empty() {
            return;
        }
        tokio::task::yield_now().await;
        tokio::time::timeout(Duration::from_millis(20), std::future::pending::<()>())
            .await
            .ok();
    }
    panic!("notifications are still in progress");
}

pub async fn outcomes(usher: &TestServer) -> Vec<String> {
    let sql = "select kind || ' ' || party || ' ' || outcome from notices order by party";
    usher.column(sql).await
}

/// The claims and header of a logout token, verified by the published keys.
pub async fn read(usher: &TestServer, body: &str) -> (Value, Value) {
    let token = body.strip_prefix("logout_token=").expect("one field");
    let request = axum::http::Request::get("/oidc/jwks").body(axum::body::Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let kind = remote::typed(&["logout+jwt"]);
    let verified = jose::verify(token, &keys, &jose::Algorithm::ALL, &kind).expect("a signature");
    let head = token.split('.').next().expect("a header");
    let head = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, head);
    let head = serde_json::from_slice(&head.expect("base64url")).expect("JSON");
    (head, verified.claims().expect("claims"))
}

#[tokio::test]
async fn each_application_of_the_session_is_notified_and_no_other() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes"), ("reports-eu", "/yes")]).await;
    let mut ana = ana_at(&usher, &["crm-eu", "wiki-eu", "crm-eu"]).await;
    let who = ana.session().await.expect("a session");
    let _other = ana_at(&usher, &["reports-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(
        outcomes(&usher).await,
        ["oidc crm-eu confirmed", "oidc wiki-eu impossible"]
    );
    let heard = rp.received();
    assert_eq!(heard.len(), 1, "once, and only who was there");
    let (_, claims) = read(&usher, &heard[0]).await;
    assert_eq!(claims["aud"], "crm-eu");
    assert_eq!(claims["sub"], who.user.id.as_str());
    let sid = usher.app.issuer.keys.sid("crm-eu", &who.session.id);
    assert_eq!(claims["sid"], sid, "its own name for the session");
    assert_eq!(usher.events_named("logout.delivered").await, 1);
}

#[tokio::test]
async fn every_way_a_session_ends_is_notified() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes")]).await;
    // By the user, from another browser.
    let ana = ana_at(&usher, &["crm-eu"]).await;
    let mut elsewhere = Browser::of(&usher, "ana").await;
    let page = elsewhere.get("/account").await;
    elsewhere
        .send(&page, "/account/sessions/others/sign-out")
        .await;
    assert!(ana.session().await.is_none());
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 1, "ended from another browser");
    // By the operator.
    let _ana = ana_at(&usher, &["crm-eu"]).await;
    let mut disabled = seed(&rp, &[("crm-eu", "/yes")]);
    disabled.person("ana").disabled = true;
    usher.seed(&disabled).await;
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 2, "disabled");
}

#[tokio::test]
async fn a_relying_party_that_hangs_delays_no_other() {
    let rp = Listener::start().await;
    let usher = TestServer::configured(&[
        ("USHER_NET__ALLOW", "127.0.0.1"),
        ("USHER_NET__TIMEOUT_MS", "300"),
    ])
    .await;
    let clients = [("crm-eu", "/never"), ("wiki-eu", "/yes")];
    usher.seed(&seed(&rp, &clients)).await;
    let mut ana = ana_at(&usher, &["crm-eu", "wiki-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(
        outcomes(&usher).await,
        ["oidc crm-eu waiting", "oidc wiki-eu confirmed"]
    );
    let errors = usher
        .column("select last_error from notices where last_error is not null")
        .await;
    assert!(errors[0].contains("did not answer in time"), "{errors:?}");
}

#[tokio::test]
async fn a_failing_one_is_tried_again_and_given_up_in_the_end() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/no"), ("wiki-eu", "/away")]).await;
    let mut ana = ana_at(&usher, &["crm-eu", "wiki-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    let tries = "select cast(tries as text) from notices where party = 'crm-eu'";
    assert_eq!(usher.column(tries).await, ["1"]);
    usher.advance(Duration::from_secs(9));
    deliver_all(&usher).await;
    assert_eq!(usher.column(tries).await, ["1"], "not yet");
    for (pause, count) in [(1, "2"), (60, "3"), (300, "4"), (1800, "5"), (7200, "6")] {
        usher.advance(Duration::from_secs(pause));
        deliver_all(&usher).await;
        assert_eq!(usher.column(tries).await, [count]);
    }
    assert_eq!(
        outcomes(&usher).await,
        ["oidc crm-eu failed", "oidc wiki-eu failed"]
    );
    assert_eq!(rp.received(), [""; 0], "a redirect is not followed");
    assert_eq!(usher.events_named("logout.failed").await, 2);
    usher.advance(Duration::from_secs(24 * 3600));
    deliver_all(&usher).await;
    assert_eq!(usher.column(tries).await, ["6"], "no more");
    let dead = "select key from jobs where kind = 'logout' and dead_at is not null order by key";
    assert_eq!(usher.column(dead).await, ["oidc crm-eu", "oidc wiki-eu"]);
}

/// Another try would not make it readable.
#[tokio::test]
async fn a_notice_that_cannot_be_read_is_a_dead_letter_at_once() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/no")]).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(outcomes(&usher).await, ["oidc crm-eu waiting"]);
    let sql = "update notices set outcome = 'unheard-of'";
    let done = sqlx::query(sql)
        .execute(&mut usher.connection().await)
        .await;
    assert_eq!(done.expect("written").rows_affected(), 1);
    let (log, _guard) = crate::refusal::log();
    usher.advance(Duration::from_secs(10));
    deliver(&usher).await;
    log.says("ERROR", "a logout notice cannot be read");
    log.says("ERROR", "unheard-of");
    let jobs = "select cast(tries as text) || ' ' || last_error from jobs
                where kind = 'logout' and dead_at is not null and due_at is null";
    let dead = ["2 internal: a notice is \"unheard-of\""];
    assert_eq!(usher.column(jobs).await, dead);
    assert_eq!(outcomes(&usher).await, ["oidc crm-eu failed"]);
    usher.advance(Duration::from_secs(24 * 3600));
    deliver(&usher).await;
    assert_eq!(usher.column(jobs).await, dead, "it is not tried again");
}

#[tokio::test]
async fn an_address_that_may_not_be_reached_is_a_failure_and_no_request() {
    let rp = Listener::start().await;
    let usher = TestServer::open().await;
    usher.seed(&seed(&rp, &[("crm-eu", "/yes")])).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(outcomes(&usher).await, ["oidc crm-eu waiting"]);
    assert!(rp.received().is_empty(), "THREATS: SSRF");
}

#[tokio::test]
async fn a_client_disabled_meanwhile_is_still_notified() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes")]).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    let mut disabled = seed(&rp, &[("crm-eu", "/yes")]);
    disabled.client("crm-eu").disabled = true;
    usher.seed(&disabled).await;
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 1);
}

#[tokio::test]
async fn a_grant_is_remembered_as_long_as_its_session_lives() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes")]).await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    usher.advance(Duration::from_secs(1500));
    ana.get("/").await;
    usher::queue::round(&usher.app).await.expect("a round");
    sign_out(&mut ana).await;
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 1, "the sweep came between");
}

#[tokio::test]
async fn two_replicas_notify_once() {
    let rp = Listener::start().await;
    let usher = usher(&rp, &[("crm-eu", "/yes")]).await;
    let replica = usher
        .replica_with(&[("USHER_NET__ALLOW", "127.0.0.1")])
        .await;
    let mut ana = ana_at(&usher, &["crm-eu"]).await;
    sign_out(&mut ana).await;
    let (one, two) = (&usher.app.issuer, &replica.app.issuer);
    let (one, two) = tokio::join!(one.logouts().deliver_due(), two.logouts().deliver_due());
    assert!(one.is_ok() && two.is_ok());
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 1);
}
