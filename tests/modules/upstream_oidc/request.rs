//! The request that the browser is sent away with.

use serde_json::{Value, json};
use usher::{id::sha256, upstream::UpstreamWish};

use super::{CALLBACK, CLIENT, STATE, World, down};
use support::op::Mood;

#[tokio::test]
async fn a_request_carries_pkce_state_and_nonce_and_never_the_same_twice() {
    let world = World::new().await;
    let one = world.depart().await;
    let asked = world.op.request(&one.address);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", STATE),
        ("code_challenge_method", "S256"),
        ("ui_locales", "en"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    for absent in ["prompt", "login_hint", "acr_values", "request_uri"] {
        assert!(!asked.contains_key(absent), "{absent}");
    }
    // Whatever age is given, the provider has to report its time.
    assert_eq!(asked["max_age"], (365 * 86_400).to_string());
    let verifier = one.memory["verifier"].as_str().expect("kept here");
    assert_eq!(asked["code_challenge"], sha256(verifier));
    assert_eq!(one.memory["nonce"], asked["nonce"].as_str());
    assert!(!one.address.as_str().contains(verifier));
    let two = world.op.request(&world.depart().await.address);
    assert_ne!(asked["nonce"], two["nonce"]);
    assert_ne!(asked["code_challenge"], two["code_challenge"]);
}

#[tokio::test]
async fn what_is_wished_and_what_is_set_reaches_the_provider() {
    let world = World::with(json!({
        "scopes": ["openid", "groups"], "acr_values": ["silver"], "prompt": "select_account",
        "max_age": 600, "strong_acr": ["gold", "platinum"],
    }))
    .await;
    let asked = world.op.request(&world.depart().await.address);
    assert_eq!(asked["scope"], "openid groups");
    assert_eq!(asked["acr_values"], "silver");
    assert_eq!(asked["prompt"], "select_account");
    assert_eq!(asked["max_age"], "600");
    let wish = UpstreamWish {
        hint: Some("ana@example.org"),
        fresh: true,
        second_factor: true,
        language: "de",
        ..world.wish()
    };
    let asked = world.op.request(&world.depart_as(&wish).await.address);
    assert_eq!(asked["login_hint"], "ana@example.org");
    assert_eq!(asked["prompt"], "select_account login");
    assert_eq!(asked["max_age"], "0");
    assert_eq!(asked["acr_values"], "gold platinum");
    assert_eq!(asked["ui_locales"], "de");
}

#[tokio::test]
async fn a_name_typed_here_is_not_sent_where_the_admin_forbids_it() {
    let world = World::with(json!({"login_hint": false})).await;
    let wish = UpstreamWish {
        hint: Some("ana"),
        ..world.wish()
    };
    let asked = world.op.request(&world.depart_as(&wish).await.address);
    assert!(!asked.contains_key("login_hint"));
}

fn offering() -> Value {
    json!({"pushed_authorization_request_endpoint": null})
}

async fn pushing(settings: Value) -> World {
    let world = World::with(settings).await;
    let place = format!("{}/par", world.op.issuer);
    let mut metadata = offering();
    metadata["pushed_authorization_request_endpoint"] = place.into();
    world.op.mind().metadata = metadata;
    world
}

#[tokio::test]
async fn where_pushed_requests_are_offered_the_browser_carries_nothing_but_a_name() {
    let world = pushing(json!({})).await;
    let trip = world.depart().await;
    let names: Vec<String> = trip
        .address
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let (pushed, headers) = world.op.latest("/par");
    assert_eq!(pushed["state"], STATE);
    assert_eq!(pushed["redirect_uri"], CALLBACK);
    assert!(pushed.contains_key("code_challenge") && pushed.contains_key("nonce"));
    assert!(headers.contains_key("authorization"));
    let fields = world.op.consent(&trip.address);
    world.arrive(&trip, &fields).await.expect("vouched");
}

#[tokio::test]
async fn a_pushed_request_that_fails_is_not_sent_in_the_open_instead() {
    let world = pushing(json!({})).await;
    for mood in [
        Mood::Status(400),
        Mood::Status(503),
        Mood::Text("{}"),
        Mood::TooLong,
    ] {
        world.op.mind().moods.insert("/par", mood);
        let words = down(
            world
                .part
                .begin(&world.wish())
                .await
                .map(|began| began.step),
        );
        assert!(words.contains("pushed request"), "{words}");
    }
}

#[tokio::test]
async fn pushed_requests_are_as_the_admin_says() {
    let world = World::with(json!({"use_par": "require"})).await;
    let words = down(
        world
            .part
            .begin(&world.wish())
            .await
            .map(|began| began.step),
    );
    assert!(words.contains("offers no pushed requests"), "{words}");
    let world = pushing(json!({"use_par": "never"})).await;
    assert!(
        world
            .depart()
            .await
            .address
            .as_str()
            .contains("code_challenge")
    );
    let world = pushing(json!({"use_par": "never"})).await;
    world.op.mind().metadata["require_pushed_authorization_requests"] = true.into();
    let words = down(
        world
            .part
            .begin(&world.wish())
            .await
            .map(|began| began.step),
    );
    assert!(words.contains("requires pushed requests"), "{words}");
}

/// Some providers have a query of their own in the address (a policy, a tenant).
#[tokio::test]
async fn an_authorization_endpoint_keeps_its_own_query() {
    let world = pushing(json!({})).await;
    let place = format!("{}/authorize?p=policy", world.op.issuer);
    world.op.mind().metadata["authorization_endpoint"] = place.into();
    let trip = world.depart().await;
    assert!(trip.address.as_str().contains("?p=policy&client_id="));
    assert!(!world.op.latest("/par").0.contains_key("p"));
}
