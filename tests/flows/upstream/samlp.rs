//! npm samlp: signatures in every place and kind, and unsolicited responses.

use std::fs;

use serde_json::{Value, json};

use super::{DENIED, INVALID, blames, landed, open, sign_in};
use support::{
    browser::{Browser, Page},
    form::pattern,
    idp::{PASSWORD, Samlp},
    process::{home, key_and_certificate, public_key},
    upstream::{Upstream, house_with, metadata},
};

fn upstream(idp: &Samlp) -> Upstream {
    Upstream::new("samlp", "saml", idp.settings())
}

#[tokio::test]
async fn a_signature_over_the_assertion_the_response_or_both_is_enough() {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    for options in [
        json!({}),
        json!({"signResponse": true, "signAssertion": false}),
        json!({"signResponse": true}),
        json!({"signResponse": true, "signatureNamespacePrefix": "ds"}),
    ] {
        idp.set(options).await;
        landed(&sign_in(&mut Browser::new(&usher), "samlp", "ana").await);
    }
}

async fn all_are_refused(cases: &[(&str, Value)]) {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    for (at, options) in cases {
        idp.set(options.clone()).await;
        let mut ana = Browser::new(&usher);
        let page = sign_in(&mut ana, "samlp", "ana").await;
        blames(&mut ana, &page, "samlp", INVALID, at).await;
    }
    idp.set(json!({})).await;
    landed(&sign_in(&mut Browser::new(&usher), "samlp", "ana").await);
}

#[tokio::test]
async fn no_signature_and_sha_1_are_refused() {
    all_are_refused(&[
        ("unsigned", json!({"signAssertion": false})),
        (
            "sha-1",
            json!({"signatureAlgorithm": "rsa-sha1", "digestAlgorithm": "sha1"}),
        ),
        ("sha-1 digest", json!({"digestAlgorithm": "sha1"})),
        ("sha-1 signature", json!({"signatureAlgorithm": "rsa-sha1"})),
        (
            "sha-1 around the response",
            json!({"signResponse": true, "signAssertion": false, "digestAlgorithm": "sha1"}),
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_unknown_key_is_refused_though_the_message_contains_it() {
    let stranger = home();
    key_and_certificate(stranger.path(), "stranger");
    let read = |name| fs::read_to_string(stranger.path().join(name)).expect("a file");
    let (key, cert) = (read("stranger.key"), read("stranger.pem"));
    all_are_refused(&[
        ("assertion", json!({"key": &key, "cert": &cert})),
        (
            "response",
            json!({"key": &key, "cert": &cert, "signResponse": true, "signAssertion": false}),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_response_for_another_audience_or_out_of_its_time_is_refused() {
    all_are_refused(&[
        ("audience", json!({"audience": "urn:somebody-else"})),
        (
            "recipient",
            json!({"recipient": "https://evil.example/acs"}),
        ),
        (
            "destination",
            json!({"destination": "https://evil.example/acs", "signResponse": true}),
        ),
        ("issuer", json!({"issuer": "urn:evil"})),
        ("another request", json!({"inResponseTo": "_another"})),
        ("expired", json!({"lifetimeInSeconds": -900})),
    ])
    .await;
}

#[tokio::test]
async fn an_assertion_encrypted_by_aes_gcm_is_read() {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    let text = metadata(&usher, "samlp").await;
    let cert = certificate(&text);
    for response in [false, true] {
        idp.set(json!({
            "signResponse": response,
            "encryptionPublicKey": public_key(&cert),
            "encryptionCert": &cert,
        }))
        .await;
        landed(&sign_in(&mut Browser::new(&usher), "samlp", "ana").await);
    }
}

/// The certificate of our key for encryption, as PEM.
fn certificate(metadata: &str) -> String {
    let found = pattern("(?s)use=\"encryption\".*?<(?:ds:)?X509Certificate>([^<]*)<");
    let found = found.captures(metadata).expect("a certificate");
    let text: String = found[1].split_whitespace().collect();
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

#[tokio::test]
async fn a_failure_at_the_provider_keeps_the_target() {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    idp.set(json!({"error": "urn:oasis:names:tc:SAML:2.0:status:Responder", "signResponse": true}))
        .await;
    let mut ana = Browser::new(&usher);
    let page = sign_in(&mut ana, "samlp", "ana").await;
    blames(&mut ana, &page, "samlp", DENIED, "a failure").await;
}

/// The name that the portal has at this provider.
async fn entity_id(usher: &support::server::TestServer, slug: &str) -> String {
    let text = metadata(usher, slug).await;
    let found = pattern("entityID=\"([^\"]*)\"").captures(&text);
    found.expect("an entityID")[1].to_owned()
}

/// Sends a user to the portal without a request; presses the button of the page that then asks.
async fn send_unasked(
    browser: &mut Browser<'_>,
    idp: &Samlp,
    us: &str,
    state: Option<&str>,
) -> Page {
    let page = browser
        .get(&idp.unsolicited("ana", "samlp", us, state))
        .await;
    assert!(
        browser.session().await.is_none(),
        "signed in behind their back"
    );
    browser.send(&page, "/upstream/samlp/response").await
}

#[tokio::test]
async fn an_unsolicited_response_is_accepted_only_where_the_admin_allows_it() {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    let us = entity_id(&usher, "samlp").await;
    let mut ana = Browser::new(&usher);
    let page = send_unasked(&mut ana, &idp, &us, None).await;
    assert!(page.says(INVALID), "{}", page.text());
    assert!(ana.session().await.is_none());

    let allowed = upstream(&idp).with(json!({"allow_unsolicited": true}));
    let usher = house_with(&[allowed]).await;
    let mut ana = Browser::new(&usher);
    let page = send_unasked(&mut ana, &idp, &us, Some("crm")).await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
    assert_eq!(page.shown("who").as_deref(), Some("Ana Almeida"));
}

#[tokio::test]
async fn a_relay_state_from_outside_is_never_an_address() {
    let idp = Samlp::start();
    let allowed = upstream(&idp).with(json!({"allow_unsolicited": true}));
    let usher = house_with(&[allowed]).await;
    let us = entity_id(&usher, "samlp").await;
    let states = [
        "https://evil.example/",
        "//evil.example",
        "/sign-out",
        "crm/../../sign-out",
        "st_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    for state in states {
        let mut ana = Browser::new(&usher);
        let page = ana
            .get(&idp.unsolicited("ana", "samlp", &us, Some(state)))
            .await;
        let page = match page
            .all_actions()
            .contains(&"/upstream/samlp/response".to_owned())
        {
            true => ana.send(&page, "/upstream/samlp/response").await,
            false => page,
        };
        let origin = page.url.origin().ascii_serialization();
        assert_eq!(origin, "https://usher.test", "{state}: {:#?}", page.trail);
        assert_ne!(page.url.path(), "/sign-out", "{state}");
    }
}

#[tokio::test]
async fn an_answer_comes_with_the_cookies_of_a_page_of_ours() {
    let idp = Samlp::start();
    let usher = house_with(&[upstream(&idp)]).await;
    let mut ana = Browser::new(&usher);
    let form = open(&mut ana, "samlp").await;
    let typed = [("User", "ana"), ("Secret", PASSWORD)];
    let page = ana.fill(&form, &typed).await;
    landed(&page);
    let doors = ["/upstream/samlp/acs", "/upstream/samlp/response"];
    let position = |door: &str| page.trail.iter().position(|url| url.ends_with(door));
    let places = doors.map(position);
    assert!(
        places[0].is_some() && places[0] < places[1],
        "{:#?}",
        page.trail
    );
}
