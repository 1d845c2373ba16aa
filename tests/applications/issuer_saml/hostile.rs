//! Refusals, each for its own reason, and where it is reported: on a page, as long as it is not
//! known where an answer may go.

use std::time::Duration;

use serde_json::json;
use usher::protocol::saml::binding;

use super::{Ask, ana, posted, status};
use support::{
    browser::Browser,
    database::rows,
    draft::{Change, part},
    lab::{ACS, ENTITY, key_descriptor, metadata, seed, settings, usher},
    server::TestServer,
};

async fn refused(browser: &mut Browser<'_>, path: &str, words: &str) {
    let page = browser.peek(path).await;
    assert_eq!(page.status, 400, "{words}: {}", page.text());
    assert!(page.says(words), "{words}: {}", page.text());
    assert!(
        page.forms()
            .iter()
            .all(|form| !form.action.contains("lab.test"))
    );
}

#[tokio::test]
async fn an_answer_goes_only_where_the_metadata_says() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let other = || {
        let mut ask = Ask::at(&usher, "_other");
        ask.recipient = "https://lab.test/other-acs".to_owned();
        ask
    };
    assert_eq!(
        posted(&ana.peek(&other().by_redirect()).await).0,
        "https://lab.test/other-acs"
    );
    for (at, foreign) in [
        "https://evil.test/acs",
        "https://lab.test/acs/",
        "https://lab.test/acs?x=1",
        "http://lab.test/acs",
        "https://LAB.test/acs",
        "javascript:alert(1)",
    ]
    .into_iter()
    .enumerate()
    {
        let mut ask = Ask::at(&usher, &format!("_foreign{at}"));
        ask.recipient = foreign.to_owned();
        let page = ana.peek(&ask.by_redirect()).await;
        assert_eq!(page.status, 400, "{foreign}: {}", page.text());
        assert!(
            page.forms().iter().all(|form| !form.action.contains("acs")),
            "{foreign}"
        );
    }
}

#[tokio::test]
async fn a_request_is_ours_fresh_and_answered_once() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let ask = Ask::at(&usher, "_once");
    let path = ask.by_redirect();
    posted(&ana.peek(&path).await);
    refused(&mut ana, &path, "answered before").await;

    let mut ask = Ask::at(&usher, "_there");
    ask.destination = "https://other.test/sso".to_owned();
    refused(
        &mut ana,
        &ask.by_redirect(),
        "Destination is not this address",
    )
    .await;
    let mut ask = Ask::at(&usher, "_late");
    ask.issued_at -= 301;
    refused(&mut ana, &ask.by_redirect(), "too old").await;
    let mut ask = Ask::at(&usher, "_early");
    ask.issued_at += 301;
    refused(&mut ana, &ask.by_redirect(), "do the clocks agree").await;
    let mut ask = Ask::at(&usher, "_slow");
    ask.issued_at -= 299;
    posted(&ana.peek(&ask.by_redirect()).await);

    let mut ask = Ask::at(&usher, "_nobody");
    ask.issuer = "https://nobody.test/sp".to_owned();
    let page = ana.peek(&ask.by_redirect()).await;
    assert_eq!(page.status, 400, "{}", page.text());
}

#[tokio::test]
async fn a_signature_must_hold_and_be_there_where_it_is_demanded() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let mut unsigned = Ask::at(&usher, "_unsigned");
    unsigned.key = None;
    posted(&ana.peek(&unsigned.by_redirect()).await);
    let mut forged = Ask::at(&usher, "_forged");
    forged.key = Some("attacker");
    refused(&mut ana, &forged.by_redirect(), "signature does not hold").await;
    let good = Ask::at(&usher, "_relayed").by_redirect();
    let swapped = good.replace("RelayState=relay", "RelayState=other");
    refused(&mut ana, &swapped, "signature does not hold").await;

    let strict = seed(
        "request_init",
        settings(json!({ "require_signed_requests": true })),
    );
    usher.seed(&strict).await;
    let mut unsigned = Ask::at(&usher, "_unsigned2");
    unsigned.key = None;
    refused(&mut ana, &unsigned.by_redirect(), "must be signed").await;
    let page = ana.post("/saml/sso", None, &unsigned.by_form()).await;
    assert_eq!(page.status, 400);
    posted(&ana.peek(&Ask::at(&usher, "_signed").by_redirect()).await);
}

/// THREATS: signature wrapping. What is read is what was signed, or nothing.
#[tokio::test]
async fn a_wrapped_request_gives_the_attacker_nothing() {
    let usher = usher("request_init", json!({ "require_signed_requests": true })).await;
    let form = Ask::at(&usher, "_good").by_form();
    let message = url::form_urlencoded::parse(form.as_bytes())
        .find(|(name, _)| name == "SAMLRequest")
        .expect("one")
        .1
        .into_owned();
    let good = String::from_utf8(binding::from_post(&message).expect("base64")).expect("text");
    let inner = good.clone();
    let evil = good.replacen("_good", "_evil", 1).replacen(
        "AssertionConsumerServiceURL=\"https://lab.test/acs\"",
        "AssertionConsumerServiceURL=\"https://lab.test/other-acs\"",
        1,
    );
    let close = "</samlp:AuthnRequest>";
    let wrapped = [
        evil.replacen(close, &format!("{inner}{close}"), 1),
        good.replacen("https://lab.test/acs\"", "https://lab.test/other-acs\"", 1),
        good.replacen(
            close,
            &format!("<x xmlns=\"urn:x\" ID=\"_good\"/>{close}"),
            1,
        ),
        format!("<!DOCTYPE x [<!ENTITY e \"x\">]>{good}"),
        good.replacen(
            ">https://lab.test/sp<",
            ">https://lab.test/sp<!-- x --><",
            1,
        ),
    ];
    for (at, text) in wrapped.iter().enumerate() {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLRequest", &binding::to_post(text))
            .finish();
        let mut nobody = Browser::new(&usher);
        let page = nobody.post("/saml/sso", None, &body).await;
        assert_eq!(page.status, 400, "{at}: {}", page.text());
    }
    assert!(
        usher
            .column("select id from pending_requests")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_user_without_access_is_refused_by_a_signed_response() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let closed: [Change; 3] = [
        |draft| draft.instance("lab-eu").disabled = true,
        |draft| draft.service("lab").disabled = true,
        |draft| {
            let others = "attribute = \"groups\"\nequals = \"it\"";
            draft.service("lab").audience = Some(part(others));
        },
    ];
    for (at, change) in closed.into_iter().enumerate() {
        let mut draft = seed("request_init", settings(json!({})));
        change(&mut draft);
        usher.seed(&draft).await;
        let id = format!("_closed{at}");
        let page = ana.peek(&Ask::at(&usher, &id).by_redirect()).await;
        assert_eq!(status(&usher, &page, &id).await, "RequestDenied");
    }
    assert!(
        usher
            .column("select party from party_sessions")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn an_unreadable_request_is_refused_and_stores_nothing() {
    let usher = usher("request_init", json!({})).await;
    for query in [
        "",
        "SAMLRequest=",
        "SAMLRequest=x",
        "SAMLRequest=%00",
        "SAMLRequest=PHg%2F",
        "SAMLRequest=a&SAMLRequest=b",
        "SAMLRequest=eJw%3D&SigAlg=x&Signature=y",
        "SAMLResponse=eJw%3D",
    ] {
        let page = Browser::new(&usher)
            .peek(&format!("/saml/sso?{query}"))
            .await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
        let page = Browser::new(&usher).post("/saml/sso", None, query).await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
        let page = Browser::new(&usher)
            .peek(&format!("/saml/slo?{query}"))
            .await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
    }
    usher.advance(Duration::from_secs(1));
    assert!(
        usher
            .column("select id from pending_requests")
            .await
            .is_empty()
    );
}

/// Metadata decides where assertions go: unsafe metadata is refused when it is registered, with a
/// sentence.
#[tokio::test]
async fn metadata_that_would_send_users_to_an_unsafe_address_is_refused() {
    let usher = TestServer::open().await;
    let good = metadata(&key_descriptor("signing", "sp"));
    for (bad, words) in [
        (
            good.replace(ACS, "javascript:alert(1)"),
            "not an http or https URL",
        ),
        (
            good.replace(ACS, "http://lab.test/acs"),
            "\"http://lab.test/acs\" must begin with https://",
        ),
        (
            good.replace("https://lab.test/slo", "http://lab.test/slo"),
            "\"http://lab.test/slo\" must begin with https://",
        ),
        (
            good.replace(
                "Location=\"https://lab.test/slo\"",
                "Location=\"https://lab.test/slo\" ResponseLocation=\"http://10.1.2.3/slo\"",
            ),
            "\"http://10.1.2.3/slo\" must begin with https://",
        ),
        (
            good.replace("HTTP-POST", "HTTP-Artifact"),
            "no AssertionConsumerService",
        ),
        (
            good.replace("SPSSODescriptor", "IDPSSODescriptor"),
            "no service provider",
        ),
        (
            good.replace("<md:EntityDescriptor", "<!DOCTYPE x><md:EntityDescriptor"),
            "DTD",
        ),
        (
            good.replace(&format!(" entityID=\"{ENTITY}\""), ""),
            "entityID",
        ),
        (
            metadata("").replace(
                "<md:SPSSODescriptor ",
                "<md:SPSSODescriptor AuthnRequestsSigned=\"true\" ",
            ),
            "no certificate for signatures",
        ),
        ("nonsense".to_owned(), "XML"),
    ] {
        let draft = seed("saml", settings(json!({ "metadata": bad })));
        let error = usher.app.seed(&draft.toml()).await.expect_err(words);
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
    let draft = seed(
        "request_init",
        settings(json!({ "initiator": "ftp://lab.test" })),
    );
    assert!(usher.app.seed(&draft.toml()).await.is_err());
}

/// Bindings section 3.5.3 allows 80 bytes; what is longer is opaque all the same, and goes back to
/// the registered address alone.
#[tokio::test]
async fn a_long_relay_state_of_a_service_provider_comes_back_byte_for_byte() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    for (at, length) in [80, 81, 1500, 4096].into_iter().enumerate() {
        let mut ask = Ask::at(&usher, &format!("_relay{at}"));
        ask.relay_state = format!("https://lab.test/x?{}", "ä&=".repeat(length))[..]
            .chars()
            .scan(0, |bytes, c| {
                *bytes += c.len_utf8();
                (*bytes <= length).then_some(c)
            })
            .collect();
        let page = ana.peek(&ask.by_redirect()).await;
        assert_eq!(
            support::relying_party::field(&page, "RelayState"),
            ask.relay_state,
            "{length}"
        );
    }
    let mut ask = Ask::at(&usher, "_too_long");
    ask.relay_state = "x".repeat(4097);
    refused(
        &mut ana,
        &ask.by_redirect(),
        "RelayState is longer than 4096",
    )
    .await;
    // By a form, through a sign-in of its own.
    let mut ask = Ask::at(&usher, "_form");
    ask.relay_state = "y".repeat(4000);
    let mut cold = Browser::new(&usher);
    cold.stays = true;
    let page = cold.post("/saml/sso", None, &ask.by_form()).await;
    let page = cold.sign_in(&page, "ana").await;
    let page = match page.forms().is_empty() {
        true => cold.peek(page.location()).await,
        false => page,
    };
    assert_eq!(
        support::relying_party::field(&page, "RelayState"),
        ask.relay_state
    );
}

/// Core section 3.2.1 and the schema: what it requires is required.
#[tokio::test]
async fn a_request_that_lacks_what_the_schema_requires_is_refused() {
    let usher = usher("request_init", json!({})).await;
    let mut ask = Ask::at(&usher, "_lacking");
    ask.key = None;
    ask.contexts = vec!["urn:oasis:names:tc:SAML:2.0:ac:classes:Password".to_owned()];
    let form = ask.by_form();
    let message = url::form_urlencoded::parse(form.as_bytes())
        .find(|(name, _)| name == "SAMLRequest")
        .expect("one")
        .1
        .into_owned();
    let good = String::from_utf8(binding::from_post(&message).expect("base64")).expect("text");
    let without = |name: &str| {
        let start = good.find(&format!(" {name}=\"")).expect("the attribute");
        let value = start + name.len() + 3;
        let end = value + good[value..].find('"').expect("its end") + 1;
        format!("{}{}", &good[..start], &good[end..])
    };
    let (start, end) = (
        good.find("<saml:AuthnContextClassRef").expect("a class"),
        good.find("</saml:AuthnContextClassRef>").expect("its end")
            + "</saml:AuthnContextClassRef>".len(),
    );
    let empty = format!("{}{}", &good[..start], &good[end..]);
    let declared = good.replace("AuthnContextClassRef", "AuthnContextDeclRef");
    let post = async |text: &str| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLRequest", &binding::to_post(text))
            .finish();
        Browser::new(&usher).post("/saml/sso", None, &body).await
    };
    for (bad, words) in [
        (without("IssueInstant"), "IssueInstant is missing"),
        (without("Version"), "Version is not 2.0"),
        (without("ID"), "ID is missing"),
        (empty, "RequestedAuthnContext is empty"),
    ] {
        let page = post(&bad).await;
        assert_eq!(page.status, 400, "{words}: {}", page.text());
        assert!(page.says(words), "{words}: {}", page.text());
    }
    // An unknown declaration is a context that cannot be given, not any context.
    let mut ana = ana(&usher).await;
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLRequest", &binding::to_post(&declared))
        .finish();
    let page = ana.post("/saml/sso", None, &body).await;
    assert_eq!(status(&usher, &page, "_lacking").await, "NoAuthnContext");
}

/// `:443` is in the metadata and in the request: other software compares text.
#[tokio::test]
async fn an_address_registered_with_its_port_is_compared_and_written_back_as_registered() {
    let registered = "https://HR.example.org:443/saml/acs";
    let xml = metadata(&key_descriptor("signing", "sp"))
        .replace(ACS, registered)
        .replace(support::lab::SLO, "https://HR.example.org:443/saml/slo");
    let usher = usher("request_init", json!({ "metadata": xml })).await;
    let mut ana = ana(&usher).await;
    for (at, asked) in [registered, "https://hr.example.org/saml/acs"]
        .into_iter()
        .enumerate()
    {
        let mut ask = Ask::at(&usher, &format!("_port{at}"));
        ask.recipient = asked.to_owned();
        let page = ana.peek(&ask.by_redirect()).await;
        let (action, response) = posted(&page);
        assert_eq!(action, "https://hr.example.org/saml/acs", "{asked}");
        let text = String::from_utf8(binding::from_post(&response).expect("base64"));
        let text = text.expect("text");
        assert!(
            text.contains(&format!(" Destination=\"{registered}\"")),
            "{text}"
        );
        assert!(
            text.contains(&format!(" Recipient=\"{registered}\"")),
            "{text}"
        );
    }
    let mut ask = Ask::at(&usher, "_elsewhere");
    ask.recipient = "https://hr.example.org:8443/saml/acs".to_owned();
    assert_eq!(ana.peek(&ask.by_redirect()).await.status, 400);
}

/// What a catalogue said before addresses in the clear were refused: the portal still starts.
#[tokio::test]
async fn a_portal_with_an_address_in_the_clear_survives_its_upgrade() {
    let usher = usher("request_init", json!({})).await;
    sqlx::query(
        "update instances set settings = replace(settings, 'https://lab.test/acs', 'http://lab.test/acs')",
    )
    .execute(&mut usher.connection().await)
    .await
    .expect("written");
    let later = usher.replica().await;
    let mut ana = ana(&later).await;
    let mut ask = Ask::at(&later, "_old");
    ask.recipient = "http://lab.test/acs".to_owned();
    assert_eq!(
        posted(&ana.peek(&ask.by_redirect()).await).0,
        "http://lab.test/acs"
    );
}

#[tokio::test]
async fn unsigned_requests_make_no_more_rows_than_their_network_may() {
    let portal = usher("request_init", json!({})).await;
    let limited = portal
        .replica_with(&[
            ("USHER_SERVER__ANONYMOUS_WRITES_PER_SECOND", "1"),
            ("USHER_SERVER__ANONYMOUS_WRITES_BURST", "6"),
        ])
        .await;
    let before = rows(&limited).await;
    let mut statuses = Vec::new();
    for turn in 0..10 {
        let ask = Ask::at(&limited, &format!("_turn{turn}"));
        let mut browser = Browser::new(&limited);
        browser.stays = true;
        let page = match turn % 2 {
            0 => browser.peek(&ask.by_redirect()).await,
            _ => {
                let from = Some("https://lab.test");
                browser.post("/saml/sso", from, &ask.by_form()).await
            }
        };
        statuses.push(page.status);
    }
    assert_eq!(statuses[6..], [429; 4], "{statuses:?}");
    // A request, its replay and an attempt each.
    assert!(rows(&limited).await <= before + 6 * 3);
}
