//! Metadata that is refreshed: when, and what it may change.

use std::time::Duration;

use serde_json::json;
use usher::upstream::Import;

use super::{Says, Server, open, portal, until};
use support::{
    campus::theirs,
    saml::{IDP, Signer, certificate, pem, signed_metadata},
};

#[tokio::test]
async fn metadata_is_refreshed_when_it_is_due_and_failures_are_sentences() {
    let server = Server::start(&until(900_000));
    let usher = portal(&server, json!({})).await;
    let providers = usher.app.sign_ins.providers();
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
    assert_eq!(server.asked(), 1);
    for (says, words) in [
        (Says::Status("503 Service Unavailable"), "status 503"),
        (Says::Nothing, "cannot be reached"),
        (Says::Text(until(10)), "it has expired"),
        (
            Says::Text(theirs().replace(IDP, "https://other.test")),
            "another entity, https://other.test",
        ),
        (
            Says::Text(theirs().replace("Location=\"https:", "Location=\"javascript:")),
            "not an http or https URL",
        ),
        (Says::Text(format!("<!DOCTYPE x>{}", theirs())), "a DTD"),
        (
            Says::Endless { announced: true },
            "longer than net.max_body_bytes",
        ),
        (
            Says::Endless { announced: false },
            "longer than net.max_body_bytes",
        ),
    ] {
        server.says(says);
        usher.advance(Duration::from_secs(6 * 3600));
        let error = providers.refresh_now("campus").await.unwrap().unwrap_err();
        assert!(error.contains(words), "{error}");
        assert_eq!(open(&usher).await, Ok("idp.test".to_owned()), "{error}");
    }
}

/// THREATS row 5, at the door where it happens by itself.
#[tokio::test]
async fn a_refresh_never_lowers_a_security_setting_silently() {
    let far = until(900_000);
    let server = Server::start(&far);
    let usher = portal(&server, json!({})).await;
    let providers = usher.app.sign_ins.providers();
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
    let keys = ["idp", "idp-next"].map(|name| certificate(name).to_base64());
    let attacker = certificate("attacker").to_base64();
    let replaced = far
        .replace(&keys[0], &attacker)
        .replace(&keys[1], &attacker);
    let moved = far.replace("https://idp.test/sso\"", "https://evil.test/sso\"");
    for (text, words) in [
        (&replaced, "all signing keys are replaced"),
        (&moved, "moved from idp.test to evil.test"),
    ] {
        server.text(text);
        usher.advance(Duration::from_secs(6 * 3600));
        let error = providers.refresh_now("campus").await.unwrap().unwrap_err();
        assert!(error.contains(words), "{error}");
        assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    }
    // A roll-over is none: one of the keys stays.
    server.text(&far.replace(&keys[0], &attacker));
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
    // An admin who looks may.
    let import = |is_confirmed| Import {
        text: &moved,
        is_confirmed,
    };
    let told = providers
        .import("campus", &import(false))
        .await
        .unwrap()
        .unwrap();
    assert!(!told.is_kept && !told.weaker.is_empty(), "{told:?}");
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    let done = providers
        .import("campus", &import(true))
        .await
        .unwrap()
        .unwrap();
    assert!(done.is_kept, "{done:?}");
    assert_eq!(open(&usher).await, Ok("evil.test".to_owned()));
}

#[tokio::test]
async fn a_pinned_signer_may_change_everything_and_nobody_else_anything() {
    let far = until(900_000);
    let pinned = Signer::of("attacker");
    let server = Server::start(&signed_metadata(&far, &pinned));
    let changes = json!({ "metadata_certificate": pem("attacker") });
    let usher = portal(&server, changes).await;
    let providers = usher.app.sign_ins.providers();
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
    usher.advance(Duration::from_secs(6 * 3600));
    server.text(&far);
    let error = providers.refresh_now("campus").await.unwrap().unwrap_err();
    assert!(
        error.contains("it is not signed, and a certificate is pinned"),
        "{error}"
    );
    let moved = far.replace(
        "Location=\"https://idp.test/",
        "Location=\"https://new.test/",
    );
    server.text(&signed_metadata(&moved, &Signer::of("idp")));
    let error = providers.refresh_now("campus").await.unwrap().unwrap_err();
    assert!(error.contains("no key we know made it"), "{error}");
    server.text(&signed_metadata(&moved, &pinned));
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
    assert_eq!(open(&usher).await, Ok("new.test".to_owned()));
}
