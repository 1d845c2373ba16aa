//! The provider's documents: fetched, stored, renewed; with providers that are down, send false
//! data or change their keys.

use std::time::Duration;

use serde_json::{Value, json};
use usher::upstream::ProviderFailure;

use super::{World, down, usher};
use support::op::{Mood, Op, key::Key};

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_document_is_fetched_once_however_many_sign_in() {
    let world = World::new().await;
    for _ in 0..5 {
        world.sign_in().await.expect("vouched");
    }
    let (wish, mut departures) = (world.wish(), Vec::new());
    for _ in 0..5 {
        departures.push(world.part.begin(&wish));
    }
    for departure in departures {
        assert!(departure.await.is_ok());
    }
    assert_eq!(
        (world.op.visits(DOCUMENT), world.op.visits("/jwks")),
        (1, 1)
    );
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    let world = World::new().await;
    let issuer = world.op.issuer.clone();
    for other in [
        "https://evil.example".to_owned(),
        format!("{issuer}/"),
        issuer.replace("http://", "HTTP://"),
        issuer.replace("127.0.0.1", "127.1"),
    ] {
        world.op.mind().metadata = json!({"issuer": other});
        let words = down(
            world
                .part
                .begin(&world.wish())
                .await
                .map(|began| began.step),
        );
        assert!(words.contains("another issuer"), "{words}");
        world.usher.advance(Duration::from_secs(11));
    }
}

#[tokio::test]
async fn script_urls_in_a_discovery_document_are_refused() {
    for (name, address) in [
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "data:text/html,x"),
        ("authorization_endpoint", "http://op.example/authorize"),
        (
            "authorization_endpoint",
            "https://user@op.example/authorize",
        ),
        ("end_session_endpoint", "javascript:alert(1)"),
        ("end_session_endpoint", "http://op.example/end"),
    ] {
        let world = World::new().await;
        world.op.mind().metadata = json!({name: address});
        let words = down(
            world
                .part
                .begin(&world.wish())
                .await
                .map(|began| began.step),
        );
        assert!(words.contains("must "), "{name} {address}: {words}");
    }
}

#[tokio::test]
async fn ssrf_by_addresses_in_a_discovery_document_is_refused() {
    for place in [
        "http://169.254.169.254/keys",
        "http://10.0.0.1/",
        "file:///etc/passwd",
    ] {
        let world = World::new().await;
        world.op.mind().metadata = json!({"jwks_uri": place});
        let words = down(
            world
                .part
                .begin(&world.wish())
                .await
                .map(|began| began.step),
        );
        assert!(
            words.contains("net.allow") || words.contains("scheme"),
            "{words}"
        );
    }
    let world = World::new().await;
    world.op.mind().metadata = json!({"token_endpoint": "http://169.254.169.254/token"});
    assert!(down(world.sign_in().await).contains("net.allow"));
    let world = World::new().await;
    world.op.mind().metadata = json!({"userinfo_endpoint": "http://192.168.0.1/userinfo"});
    assert!(down(world.sign_in().await).contains("net.allow"));
}

#[tokio::test]
async fn documents_that_are_none_are_refused() {
    for (place, mood) in [
        (DOCUMENT, Mood::Status(404)),
        (DOCUMENT, Mood::Status(500)),
        (DOCUMENT, Mood::Text("")),
        (DOCUMENT, Mood::Text("<html>")),
        (DOCUMENT, Mood::Text("[]")),
        (DOCUMENT, Mood::TooLong),
        ("/jwks", Mood::Status(500)),
        ("/jwks", Mood::Text("{}")),
        ("/jwks", Mood::Text("{\"keys\":[]}")),
        (
            "/jwks",
            Mood::Text("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"),
        ),
        ("/jwks", Mood::TooLong),
    ] {
        let world = World::new().await;
        world.op.mind().moods.insert(place, mood);
        let words = down(
            world
                .part
                .begin(&world.wish())
                .await
                .map(|began| began.step),
        );
        assert!(!words.is_empty(), "{place}");
    }
}

#[tokio::test]
async fn weak_private_and_secret_keys_of_a_set_are_passed_over() {
    let world = World::new().await;
    let good = world.op.mind().key.public();
    let mut private = Key::new("k1", "ES256").public();
    private["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    let weak = json!({"kty": "RSA", "kid": "k1", "n": "_".repeat(86), "e": "AQAB"});
    let secret = json!({"kty": "oct", "kid": "k1", "k": "c2VjcmV0"});
    let other = json!({"kty": "EC", "crv": "secp256k1", "kid": "k1", "x": "AA", "y": "AA"});
    let keys = json!([private, weak, secret, other, "text", null, good]);
    world.op.mind().published = Some(keys);
    world.sign_in().await.expect("the one that is good");
}

#[tokio::test]
async fn a_key_that_is_changed_there_is_learned_without_a_restart() {
    let world = World::new().await;
    world.sign_in().await.expect("by the old key");
    world.op.mind().key = Key::new("k2", "ES256");
    world.sign_in().await.expect("by the new key");
    assert_eq!(world.op.visits("/jwks"), 2);
    // A key that keeps its name is learned, too, after a while.
    world.usher.advance(Duration::from_secs(31));
    world.op.mind().key = Key::new("k2", "ES256");
    world.sign_in().await.expect("by the newest key");
    assert_eq!(
        (world.op.visits("/jwks"), world.op.visits(DOCUMENT)),
        (3, 1)
    );
}

#[tokio::test]
async fn hammering_unknown_keys_do_not_make_us_ask_each_time() {
    let world = World::new().await;
    world.op.mind().published = Some(json!([Key::new("k0", "ES256").public()]));
    for _ in 0..5 {
        world.refusal().await;
    }
    assert_eq!(
        world.op.visits("/jwks"),
        2,
        "once to begin with, once to look again"
    );
    world.usher.advance(Duration::from_secs(31));
    world.refusal().await;
    assert_eq!(world.op.visits("/jwks"), 3);
    // And a set that is worse than what we have changes nothing.
    world.op.mind().published = None;
    world.usher.advance(Duration::from_secs(31));
    world.sign_in().await.expect("the right key at last");
    world
        .op
        .mind()
        .moods
        .insert("/jwks", Mood::Text("{\"keys\":[]}"));
    world.op.mind().header = json!({"kid": "k9"});
    world.usher.advance(Duration::from_secs(31));
    world.refusal().await;
    world.op.mind().header = json!({});
    world.sign_in().await.expect("the keys we had");
}

#[tokio::test]
async fn the_last_documents_of_a_provider_that_is_down_are_used() {
    let world = World::new().await;
    world.sign_in().await.expect("vouched");
    world.op.mind().moods.insert(DOCUMENT, Mood::Status(503));
    world.usher.advance(Duration::from_secs(2 * 3600));
    world.sign_in().await.expect("by the old document");
    world.sign_in().await.expect("by the old document");
    assert_eq!(
        world.op.visits(DOCUMENT),
        2,
        "and it is not asked every time"
    );
    world.usher.advance(Duration::from_secs(11));
    world.sign_in().await.expect("by the old document");
    assert_eq!(world.op.visits(DOCUMENT), 3);
    world.op.mind().moods.clear();
    world.usher.advance(Duration::from_secs(11));
    world.sign_in().await.expect("by a new one");
    world.sign_in().await.expect("by a new one");
    assert_eq!(world.op.visits(DOCUMENT), 4);
    // But not for ever.
    world.op.mind().moods.insert(DOCUMENT, Mood::Status(503));
    world.usher.advance(Duration::from_secs(8 * 86_400));
    assert!(down(world.sign_in_begun().await).contains("503"));
}

#[tokio::test]
async fn a_provider_that_is_down_at_the_start_is_found_when_it_is_up() {
    let world = World::new().await;
    world.op.mind().moods.insert(DOCUMENT, Mood::Status(502));
    for _ in 0..3 {
        assert!(down(world.sign_in_begun().await).contains("502"));
    }
    assert_eq!(
        world.op.visits(DOCUMENT),
        1,
        "a moment's rest between tries"
    );
    world.op.mind().moods.clear();
    world.usher.advance(Duration::from_secs(11));
    world.sign_in().await.expect("vouched");
}

#[tokio::test]
async fn the_last_good_documents_survive_a_restart_and_serve_other_replicas() {
    let world = World::new().await;
    world.sign_in().await.expect("vouched");
    let visits = (world.op.visits(DOCUMENT), world.op.visits("/jwks"));
    let replica = super::open(&world.usher, &world.op, json!({})).expect("it opens");
    let world = World {
        part: replica,
        ..world
    };
    world.sign_in().await.expect("vouched");
    assert_eq!(
        (world.op.visits(DOCUMENT), world.op.visits("/jwks")),
        visits
    );
    world.op.mind().moods.insert(DOCUMENT, Mood::Status(503));
    world.usher.advance(Duration::from_secs(3 * 3600));
    let part = super::open(&world.usher, &world.op, json!({})).expect("it opens");
    let world = World { part, ..world };
    world.sign_in().await.expect("by the kept document");
}

#[tokio::test]
async fn kept_documents_of_another_issuer_are_not_used() {
    let world = World::new().await;
    world.sign_in().await.expect("vouched");
    let other = Op::start(&world.usher.clock).await;
    let part = super::open(&world.usher, &other, json!({})).expect("it opens");
    other.mind().moods.insert(DOCUMENT, Mood::Status(503));
    let outcome = part.begin(&world.wish()).await.map(|began| began.step);
    assert!(down(outcome).contains("503"));
}

#[tokio::test]
async fn the_worker_renews_documents_before_a_sign_in_waits_for_them() {
    let world = World::new().await;
    let refresh = || world.part.refresh(world.usher.clock.now());
    refresh().await.expect("fetched");
    refresh().await.expect("nothing is due");
    assert_eq!(world.op.visits(DOCUMENT), 1);
    world.usher.advance(Duration::from_secs(1801));
    refresh().await.expect("fetched again");
    assert_eq!(world.op.visits(DOCUMENT), 2);
    world.op.mind().moods.insert(DOCUMENT, Mood::Text("<html>"));
    world.usher.advance(Duration::from_secs(1801));
    assert!(refresh().await.is_err());
    world.sign_in().await.expect("what was good stays");
}

#[tokio::test]
async fn a_provider_that_moves_its_endpoints_is_followed() {
    let usher = usher().await;
    let op = Op::start(&usher.clock).await;
    let world = World::of(usher, op, json!({}));
    world.sign_in().await.expect("vouched");
    let place = format!("{}/token2", world.op.issuer);
    world.op.mind().metadata = json!({"token_endpoint": place});
    world.usher.advance(Duration::from_secs(3601));
    let outcome = world.sign_in().await;
    assert!(
        matches!(outcome, Err(ProviderFailure::Down(_))),
        "{outcome:?}"
    );
    assert_eq!(world.op.visits("/token2"), 1);
}

impl World {
    pub(super) async fn sign_in_begun(&self) -> Result<Value, ProviderFailure> {
        let began = self.part.begin(&self.wish()).await;
        began.map(|began| began.memory)
    }
}
