//! Records: sent unsolicited, and in answer to the request that a launch causes.

use std::time::Duration;

use serde_json::json;

use super::{Ask, ana, posted, values, verify};
use support::{
    lab::{ACS, ENTITY, usher},
    relying_party::field,
    server::TestServer,
};

const LINK: &str = "/go/lab/customer/c-1042";

#[tokio::test]
async fn unasked_the_record_is_in_the_assertion_and_the_address_beside_it() {
    let usher = usher("saml", json!({})).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(LINK).await;
    let (action, response) = posted(&page);
    assert_eq!(action, ACS, "the default one");
    assert_eq!(
        field(&page, "RelayState"),
        "https://lab.test/customers/C-1042"
    );
    let said = verify(&usher, &response, None, &[])
        .await
        .expect("verified");
    assert_eq!(values(&said, "urn:usher:context:customer"), ["C-1042"]);
    assert_eq!(values(&said, "urn:usher:launch:intent"), ["view"]);
    let launch = usher.column("select id from launches").await;
    assert_eq!(values(&said, "urn:usher:launch:id"), launch);
    let stage = usher.column("select stage from launches").await;
    assert_eq!(stage, ["departed"], "no landing was reported");
    let party = usher
        .column("select kind || ' ' || party from party_sessions")
        .await;
    assert_eq!(party, [format!("saml {ENTITY}")]);
    assert!(
        verify(&usher, &response, Some("_1"), &[]).await.is_err(),
        "it answers no request"
    );
}

#[tokio::test]
async fn a_relay_state_is_short_whatever_the_record_is_called() {
    let usher = usher("saml", json!({ "relay_state": "launch" })).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(LINK).await;
    let launch = usher.column("select id from launches").await;
    assert_eq!(field(&page, "RelayState"), launch[0]);
}

#[tokio::test]
async fn the_request_a_launch_brings_about_carries_the_record_once() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(LINK).await;
    let sent = page.sent();
    assert!(page.location().starts_with("https://lab.test/start?"));
    assert_eq!(sent["entityID"], "https://usher.test/saml/metadata");
    assert_eq!(sent["target"], "https://lab.test/customers/C-1042");
    let answer = async |ana: &mut support::browser::Browser<'_>, id: &str| {
        let page = ana.peek(&Ask::at(&usher, id).by_redirect()).await;
        verify(&usher, &posted(&page).1, Some(id), &[])
            .await
            .expect("verified")
    };
    let said = answer(&mut ana, "_1").await;
    assert_eq!(values(&said, "urn:usher:context:customer"), ["C-1042"]);
    assert_eq!(usher.column("select stage from launches").await, ["landed"]);
    let said = answer(&mut ana, "_2").await;
    assert!(
        values(&said, "urn:usher:context:customer").is_empty(),
        "once"
    );
}

#[tokio::test]
async fn of_two_launches_on_their_way_none_is_guessed() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    ana.peek(LINK).await;
    ana.peek("/go/lab/customer/C-2000").await;
    let page = ana.peek(&Ask::at(&usher, "_1").by_redirect()).await;
    let said = verify(&usher, &posted(&page).1, Some("_1"), &[])
        .await
        .expect("verified");
    assert!(values(&said, "urn:usher:context:customer").is_empty());
    let stages = usher.column("select stage from launches").await;
    assert_eq!(stages, ["departed", "departed"]);
}

#[tokio::test]
async fn another_session_and_a_later_hour_get_no_record() {
    let usher = usher("request_init", json!({})).await;
    let mut ana_here = ana(&usher).await;
    ana_here.peek(LINK).await;
    let mut elsewhere = ana(&usher).await;
    let page = elsewhere.peek(&Ask::at(&usher, "_1").by_redirect()).await;
    let said = verify(&usher, &posted(&page).1, Some("_1"), &[])
        .await
        .expect("verified");
    assert!(
        values(&said, "urn:usher:context:customer").is_empty(),
        "another session"
    );
    usher.advance(Duration::from_secs(121));
    let page = ana_here.peek(&Ask::at(&usher, "_2").by_redirect()).await;
    let said = verify(&usher, &posted(&page).1, Some("_2"), &[])
        .await
        .expect("verified");
    assert!(
        values(&said, "urn:usher:context:customer").is_empty(),
        "too late"
    );
}

/// What a service provider takes differs: its setting says how much, a kilobyte by default.
#[tokio::test]
async fn a_long_address_goes_out_as_far_as_the_service_provider_takes_it() {
    let long = |key: &str| format!("/customers/{key}/{}", "x".repeat(900));
    let changed = |bytes: Option<usize>| {
        let mut draft = support::lab::seed(
            "saml",
            support::lab::settings(json!({ "relay_state_bytes": bytes })),
        );
        draft.target("lab", "customer", "view").template = long("{key}");
        draft
    };
    let usher = TestServer::with(&changed(None)).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(LINK).await;
    let target = format!("https://lab.test{}", long("C-1042"));
    assert!(target.len() > 900);
    assert_eq!(field(&page, "RelayState"), target);
    // Longer than it takes: left out, and never something else in its place.
    usher.seed(&changed(Some(200))).await;
    let page = ana.peek(LINK).await;
    assert!(!page.body.contains("RelayState"), "{}", page.body);
    let said = verify(&usher, &posted(&page).1, None, &[])
        .await
        .expect("verified");
    assert_eq!(values(&said, "urn:usher:context:customer"), ["C-1042"]);
    for wrong in [79, 4097] {
        let seeded = usher.app.seed(&changed(Some(wrong)).toml()).await;
        let error = seeded.expect_err("refused");
        assert!(
            error
                .to_string()
                .contains("relay_state_bytes is 80 to 4096"),
            "{error}"
        );
    }
}
