//! The response that the browser brings back, valid or not.

use serde_json::json;
use usher::upstream::{ProviderFailure, ProviderResponse, UpstreamArrival, Vouched};

use super::World;
use support::{
    op::Fields,
    uncounted::{Uncounted, client},
};

/// Comes back with the valid response changed.
async fn back(world: &World, change: impl FnOnce(&mut Fields)) -> Result<Vouched, ProviderFailure> {
    let trip = world.depart().await;
    let mut fields = world.op.consent(&trip.address);
    change(&mut fields);
    world.arrive(&trip, &fields).await
}

fn invalid(outcome: Result<Vouched, ProviderFailure>) -> String {
    match outcome {
        Err(ProviderFailure::InvalidMessage(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

fn set(name: &str, value: &str) -> impl FnOnce(&mut Fields) {
    move |fields| {
        fields.insert(name.to_owned(), value.to_owned());
    }
}

#[tokio::test]
async fn mix_up_an_answer_of_another_issuer_is_refused_before_its_code_is_sent_anywhere() {
    let world = World::new().await;
    let issuer = world.op.issuer.clone();
    for other in [
        "https://evil.example".to_owned(),
        format!("{issuer}/"),
        issuer.to_uppercase(),
        format!(" {issuer}"),
    ] {
        let words = invalid(back(&world, set("iss", &other)).await);
        assert!(words.contains("another issuer (iss)"), "{words}");
    }
    assert_eq!(world.op.visits("/token"), 0);
}

#[tokio::test]
async fn mix_up_an_error_of_another_issuer_is_refused_as_well() {
    let world = World::new().await;
    let outcome = back(&world, |fields| {
        fields.remove("code");
        set("error", "access_denied")(fields);
        set("iss", "https://evil.example")(fields);
    });
    assert!(invalid(outcome.await).contains("another issuer (iss)"));
}

#[tokio::test]
async fn mix_up_an_answer_without_iss_is_refused_where_it_is_promised() {
    let world = World::new().await;
    for missing in ["", "removed"] {
        let outcome = back(&world, |fields| {
            fields.insert("iss".to_owned(), String::new());
            if missing == "removed" {
                fields.remove("iss");
            }
        });
        assert!(invalid(outcome.await).contains("does not say of whom"));
    }
    let old = World::new().await;
    old.op.mind().metadata = json!({"authorization_response_iss_parameter_supported": null});
    let without = |fields: &mut Fields| {
        fields.remove("iss");
    };
    back(&old, without).await.expect("it was not announced");
    let words = invalid(back(&old, set("iss", "https://evil.example")).await);
    assert!(
        words.contains("another issuer"),
        "if it is there it must be right"
    );
    let strict = World::with(json!({"iss_parameter": "require"})).await;
    strict.op.mind().metadata = json!({"authorization_response_iss_parameter_supported": null});
    assert!(invalid(back(&strict, without).await).contains("does not say of whom"));
}

#[tokio::test]
async fn an_answer_to_another_request_is_refused() {
    let world = World::new().await;
    let other = format!("st_{}", "B".repeat(43));
    assert!(invalid(back(&world, set("state", &other)).await).contains("(state)"));
    let outcome = back(&world, |fields| {
        fields.remove("state");
    });
    assert!(invalid(outcome.await).contains("(state)"));
    assert_eq!(world.op.visits("/token"), 0);
}

#[tokio::test]
async fn login_csrf_an_unsolicited_response_is_refused() {
    let world = World::new().await;
    let trip = world.depart().await;
    let fields = world.op.consent(&trip.address);
    let answer = ProviderResponse::Message(super::params(&fields));
    for memory in [
        None,
        Some(&json!(null)),
        Some(&json!({"state": fields["state"]})),
    ] {
        let arrival = UpstreamArrival {
            answer: &answer,
            client: &client(),
            entries: &Uncounted,
            memory,
            now: world.usher.clock.now(),
        };
        let words = invalid(world.part.complete(&arrival).await);
        assert!(words.contains("not asked for"), "{words}");
    }
    assert_eq!(world.op.visits("/token"), 0);
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_distinguished_from_its_failure() {
    let world = World::new().await;
    let said = |error: &'static str| {
        back(&world, move |fields| {
            fields.remove("code");
            set("error", error)(fields);
            set("error_description", "in its words\r\n2026 ERROR forged")(fields);
        })
    };
    for error in [
        "access_denied",
        "login_required",
        "interaction_required",
        "odd",
    ] {
        let Err(ProviderFailure::Denied(words)) = said(error).await else {
            panic!("{error} is a no");
        };
        assert!(
            words.starts_with(&format!("{error}: in its words")),
            "{words}"
        );
        assert!(!words.contains('\n'));
    }
    for error in ["server_error", "temporarily_unavailable"] {
        assert!(
            matches!(said(error).await, Err(ProviderFailure::Down(_))),
            "{error}"
        );
    }
}

#[tokio::test]
async fn code_injection_a_stolen_code_is_useless_without_its_verifier() {
    let world = World::new().await;
    let victim = world.depart().await;
    let stolen = world.op.consent(&victim.address)["code"].clone();
    let outcome = back(&world, set("code", &stolen)).await;
    assert_eq!(invalid(outcome), "the code is refused");
}

#[tokio::test]
async fn a_code_is_redeemed_once() {
    let world = World::new().await;
    let trip = world.depart().await;
    let fields = world.op.consent(&trip.address);
    world.arrive(&trip, &fields).await.expect("the first time");
    assert_eq!(
        invalid(world.arrive(&trip, &fields).await),
        "the code is refused"
    );
    let nothing = Fields::from([("state".to_owned(), fields["state"].clone())]);
    let mut nothing = nothing;
    nothing.insert("iss".to_owned(), world.op.issuer.clone());
    assert!(invalid(world.arrive(&trip, &nothing).await).contains("neither code nor error"));
}
