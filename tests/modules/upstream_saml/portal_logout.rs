//! Single logout in the whole portal, both ways: requested there, and here.

use serde_json::json;
use url::Url;
use usher::protocol::saml::{
    Address, NameId,
    binding::Redirected,
    logout::{Ending, LogoutRequest, LogoutResponse, MessageSource, Peer, Sender},
};

use support::{
    browser::Browser,
    campus::{SLO, portal, sign_in, time_of},
    saml::{IDP, SP, certificate, key},
    server::TestServer,
};

fn logout_request(usher: &TestServer, id: &str, name: &str, session: &str) -> String {
    with_relay_state(usher, id, (name, session), "theirs")
}

fn with_relay_state(
    usher: &TestServer,
    id: &str,
    (name, session): (&str, &str),
    relay_state: &str,
) -> String {
    let destination = Address::parse(SLO).unwrap();
    let sender = Sender {
        id,
        issued_at: time_of(usher),
        issuer: IDP,
        destination: Some(&destination),
    };
    let name_id = NameId {
        value: name.to_owned(),
        ..NameId::default()
    };
    let url = sender.request(&name_id, Some(session)).redirect(
        &destination,
        Some(relay_state),
        &key("idp"),
    );
    let url = url.unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test]
async fn a_logout_there_ends_the_session_here_and_is_answered() {
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, |_| {}).await;
    let other = logout_request(&usher, "_l1", "ana-4711", "_another_session");
    browser.peek(&other).await;
    assert!(
        browser.session().await.is_some(),
        "another session of theirs"
    );
    let unsigned = logout_request(&usher, "_l2", "ana-4711", "_session");
    let unsigned = unsigned.split("&SigAlg").next().unwrap();
    assert_eq!(browser.peek(unsigned).await.status, 400);
    assert!(browser.session().await.is_some(), "unsigned");

    let request = logout_request(&usher, "_l3", "ana-4711", "_session");
    let page = browser.peek(&request).await;
    assert!(browser.session().await.is_none());
    let answer = Url::parse(page.location()).unwrap();
    assert!(
        answer
            .as_str()
            .starts_with("https://idp.test/slo/back?SAMLResponse="),
        "{answer}"
    );
    assert!(
        answer.query().unwrap().contains("&RelayState=theirs&"),
        "{answer}"
    );
    let (certificates, keys) = ([certificate("sp")], []);
    let peer = Peer {
        issuer: SP,
        certificates: &certificates,
        destination: "https://idp.test/slo/back",
        keys: &keys,
        allow_cbc: false,
        now: time_of(&usher),
        skew: 60,
    };
    let carried = MessageSource::Redirect(Redirected::read(answer.query().unwrap()).unwrap());
    let answered = LogoutResponse::receive(&carried, &peer).unwrap();
    assert_eq!(answered.in_response_to.as_deref(), Some("_l3"));
    assert_eq!(browser.peek(&request).await.status, 400, "used before");
}

#[tokio::test]
async fn signing_out_here_asks_the_identity_provider_to_do_the_same() {
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, |_| {}).await;
    browser.stays = true;
    let page = browser.get("/sign-out").await;
    let page = browser.send(&page, "/sign-out").await;
    assert!(browser.session().await.is_none());
    assert!(page.says("One moment, please"), "{}", page.text());
    let last = Url::parse(page.trail.last().unwrap()).unwrap();
    assert!(
        last.as_str()
            .starts_with("https://idp.test/slo?SAMLRequest="),
        "{last}"
    );
    let (certificates, keys) = ([certificate("sp")], []);
    let peer = Peer {
        issuer: SP,
        certificates: &certificates,
        destination: "https://idp.test/slo",
        keys: &keys,
        allow_cbc: false,
        now: time_of(&usher),
        skew: 60,
    };
    let carried = MessageSource::Redirect(Redirected::read(last.query().unwrap()).unwrap());
    let request = LogoutRequest::receive(&carried, &peer).unwrap();
    assert_eq!(request.name_id.value, "ana-4711");
    assert_eq!(request.sessions, ["_session"]);

    // And back with their answer.
    let endpoint = Address::parse(SLO).unwrap();
    let sender = Sender {
        id: "_answer",
        issued_at: time_of(&usher),
        issuer: IDP,
        destination: Some(&endpoint),
    };
    let answer = sender.response(&request.id, Ending::Whole);
    let url = answer.redirect(&endpoint, None, &key("idp")).unwrap();
    let page = browser
        .get(&format!("{}?{}", url.path(), url.query().unwrap()))
        .await;
    assert_eq!(page.url.path(), "/signed-out");
}

/// It is theirs: opaque, and returned to no other party.
#[tokio::test]
async fn a_long_relay_state_of_an_identity_provider_comes_back_with_the_answer() {
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, |_| {}).await;
    let ours =
        |id, relay_state: &str| with_relay_state(&usher, id, ("ana-4711", "_session"), relay_state);
    let page = browser.peek(&ours("_l1", &"x".repeat(4097))).await;
    assert_ne!(page.status, 303, "{}", page.text());
    assert!(browser.session().await.is_some());
    let long = "https://idp.test/after?".repeat(60);
    let page = browser.peek(&ours("_l2", &long)).await;
    assert!(browser.session().await.is_none());
    let answer = Url::parse(page.location()).unwrap();
    let echoed = answer.query_pairs().find(|(name, _)| name == "RelayState");
    assert_eq!(echoed.unwrap().1, long);
}
