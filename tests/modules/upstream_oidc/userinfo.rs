//! What the userinfo endpoint adds (OpenID Connect Core 1.0 section 5.3), and what it may not.

use serde_json::json;
use usher::upstream::ProviderFailure;

use super::{World, down};
use support::op::Mood;

#[tokio::test]
async fn userinfo_of_another_user_is_refused() {
    let world = World::new().await;
    for subject in [json!("ben-2"), json!("ANA-1"), json!(""), json!(null)] {
        let mut userinfo = json!({"email": "ben@example.org"});
        if !subject.is_null() {
            userinfo["sub"] = subject;
        }
        world.op.mind().userinfo = userinfo;
        world.refusal().await;
    }
}

#[tokio::test]
async fn userinfo_adds_and_never_overrides_what_is_signed() {
    let world = World::new().await;
    world.op.mind().userinfo =
        json!({"sub": "ana-1", "email": "evil@example.org", "phone_number": "+1", "acr": "gold"});
    let vouched = world.sign_in().await.expect("vouched");
    let attributes = &vouched.identity.attributes;
    assert_eq!(attributes["email"], ["ana@example.org"]);
    assert_eq!(attributes["phone_number"], ["+1"]);
    assert_eq!(vouched.acr, None);
    let (_, headers) = world.op.latest("/userinfo");
    assert_eq!(headers["authorization"], "Bearer at-2YotnFZFEjr1zCsicMWpAA");
}

#[tokio::test]
async fn userinfo_that_does_not_come_fails_the_sign_in_rather_than_half_filling_it() {
    let world = World::new().await;
    for mood in [Mood::Status(500), Mood::Status(403), Mood::TooLong] {
        world.op.mind().moods.insert("/userinfo", mood);
        assert!(down(world.sign_in().await).contains("userinfo"));
    }
    for text in ["", "<html>", "eyJ.eyJ.x"] {
        world.op.mind().moods.insert("/userinfo", Mood::Text(text));
        let outcome = world.sign_in().await;
        let refused = matches!(
            outcome,
            Err(ProviderFailure::Down(_) | ProviderFailure::Invalid(_))
        );
        assert!(refused, "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn userinfo_is_not_asked_where_the_admin_says_so_or_there_is_none() {
    let world = World::with(json!({"userinfo": false})).await;
    world.sign_in().await.expect("vouched");
    assert_eq!(world.op.visits("/userinfo"), 0);
    let world = World::new().await;
    world.op.mind().metadata = json!({"userinfo_endpoint": null});
    world.sign_in().await.expect("vouched");
    assert_eq!(world.op.visits("/userinfo"), 0);
}

/// Entra sends no groups of a user who is in many, but a pointer to them (Core 1.0 section 5.6.2).
#[tokio::test]
async fn groups_that_are_only_pointed_to_are_not_known_and_the_pointer_is_no_attribute() {
    let world = World::new().await;
    world.op.mind().claims = json!({
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x/getMemberObjects"}},
    });
    let identity = world.sign_in().await.expect("vouched").identity;
    assert!(identity.incomplete.contains("groups"));
    assert_eq!(identity.attributes.get("groups"), None);
    let mut names = identity.attributes.keys().chain(&identity.incomplete);
    assert!(
        !names.any(|name| name.starts_with("_claim")),
        "{identity:?}"
    );
}
