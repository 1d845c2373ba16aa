//! Key rotation: published before they sign and after, the same on every replica, sealed.

mod certificate;
mod page;
mod rekey;

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::Value;
use usher::{
    keys::{KeyState, RotationReason},
    queue,
};

use support::{
    browser::Browser,
    relying_party::{Ask, code, redeem, tokens},
    remote::{self, verify},
    server::TestServer,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The key ids that are published, for ES256.
async fn published(usher: &TestServer) -> Vec<String> {
    let request = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = remote::json(usher, request.expect("a request")).await;
    let keys = keys["keys"].as_array().expect("a list").iter();
    let own = keys.filter(|key| key["alg"] == "ES256");
    own.map(|key| key["kid"].as_str().expect("a name").to_owned())
        .collect()
}

fn signed_by(tokens: &Value) -> String {
    let head = tokens["id_token"]
        .as_str()
        .and_then(|text| text.split('.').next());
    let head = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        head.expect("a header"),
    );
    let head: Value = serde_json::from_slice(&head.expect("base64url")).expect("JSON");
    head["kid"].as_str().expect("a name").to_owned()
}

async fn sign_in(usher: &TestServer) -> Value {
    let mut ana = Browser::of(usher, "ana").await;
    tokens(usher, &mut ana, &Ask::of("crm-eu")).await.0
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_after() {
    let usher = TestServer::open().await;
    let old = published(&usher).await;
    assert_eq!(old.len(), 1);
    let made = usher
        .app
        .rotate_keys_by_hand(RotationReason::Early)
        .await
        .expect("made");
    assert_eq!(made, ["ES256", "RS256", "saml"]);
    let both = published(&usher).await;
    assert_eq!(both.len(), 2);
    assert_eq!(signed_by(&sign_in(&usher).await), old[0], "not yet");
    assert!(
        usher
            .app
            .rotate_keys_by_hand(RotationReason::Early)
            .await
            .expect("asked")
            .is_empty()
    );
    usher.advance(23 * HOUR);
    assert_eq!(signed_by(&sign_in(&usher).await), old[0], "not yet");
    usher.advance(HOUR);
    let new = signed_by(&sign_in(&usher).await);
    assert_ne!(new, old[0]);
    assert_eq!(
        published(&usher).await,
        both,
        "what it signed is still good"
    );
    usher.advance(2 * DAY);
    assert_eq!(published(&usher).await, [new]);
}

#[tokio::test]
async fn the_worker_makes_the_next_one_in_time() {
    let usher = TestServer::open().await;
    queue::round(&usher.app).await.expect("a round");
    usher.advance(89 * DAY);
    queue::round(&usher.app).await.expect("a round");
    assert_eq!(published(&usher).await.len(), 1);
    usher.advance(DAY);
    queue::round(&usher.app).await.expect("a round");
    assert_eq!(published(&usher).await.len(), 2);
    let states: Vec<_> = usher
        .app
        .issuer
        .keys
        .standing()
        .into_iter()
        .map(|one| one.state)
        .collect();
    assert_eq!(
        states,
        [
            KeyState::Next,
            KeyState::Current,
            KeyState::Next,
            KeyState::Current,
            KeyState::Current
        ],
        "the key for SAML is made by hand"
    );
}

#[tokio::test]
async fn what_the_old_key_signed_is_a_hint_while_it_is_published() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (before, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let waiting = code(&mut ana, &Ask::of("crm-eu")).await;
    usher.advance(SECOND);
    usher
        .app
        .rotate_keys_by_hand(RotationReason::AtOnce)
        .await
        .expect("made");
    // During a sign-in: the code from before gets a token by the new key.
    let (status, after) = redeem(&usher, "crm-eu", &waiting).await;
    assert_eq!(status, 200, "{after}");
    verify(&usher, "crm-eu", &after).await;
    assert_ne!(signed_by(&after), signed_by(&before));
    let hint = before["id_token"].as_str().expect("one");
    let ask = Ask::of("crm-eu")
        .with("prompt", "none")
        .with("id_token_hint", hint);
    code(&mut ana, &ask).await;
    usher.advance(2 * DAY);
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(
        support::relying_party::error(&mut ana, &ask).await,
        "login_required",
        "it is gone"
    );
}

#[tokio::test]
async fn a_replica_takes_over_what_another_has_made() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    usher.advance(SECOND);
    usher
        .app
        .rotate_keys_by_hand(RotationReason::AtOnce)
        .await
        .expect("made");
    assert_ne!(published(&replica).await, published(&usher).await);
    queue::round(&replica.app).await.expect("a round");
    assert_eq!(published(&replica).await, published(&usher).await);
    assert_eq!(
        signed_by(&sign_in(&replica).await),
        signed_by(&sign_in(&usher).await)
    );
}

#[tokio::test]
async fn replicas_that_rotate_together_make_one_key() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let (one, two) = tokio::join!(
        usher.app.rotate_keys_by_hand(RotationReason::Early),
        replica.app.rotate_keys_by_hand(RotationReason::Early)
    );
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(
        usher
            .column("select kid from signing_keys where algorithm = 'ES256'")
            .await
            .len(),
        2
    );
    queue::round(&usher.app).await.expect("a round");
    queue::round(&replica.app).await.expect("a round");
    assert_eq!(published(&replica).await, published(&usher).await);
}

#[tokio::test]
async fn users_keep_their_subjects_and_keys_stay_sealed() {
    let usher = TestServer::open().await;
    let user = usher::id::UserId::stored("usr_0".to_owned());
    let before = usher.app.issuer.keys.pairwise("crm.test", &user);
    usher.advance(SECOND);
    usher
        .app
        .rotate_keys_by_hand(RotationReason::AtOnce)
        .await
        .expect("made");
    usher.advance(100 * DAY);
    assert_eq!(usher.app.issuer.keys.pairwise("crm.test", &user), before);
    assert_eq!(
        usher
            .replica()
            .await
            .app
            .issuer
            .keys
            .pairwise("crm.test", &user),
        before
    );
    for sealed in usher.column("select sealed_key from signing_keys").await {
        assert!(!sealed.contains("PRIVATE"), "{sealed}");
    }
    let saml = usher.app.issuer.saml().metadata().await.expect("metadata");
    assert_eq!(
        saml.matches("X509Certificate>").count(),
        2,
        "one certificate, opened and closed"
    );
}
