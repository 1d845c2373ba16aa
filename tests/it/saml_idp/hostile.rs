//! What is refused, each for its own reason, and where it is said: on a page, while it is not known
//! where an answer may go.

use std::time::Duration;

use serde_json::json;
use usher::protocol::saml::binding;

use super::{
    ACS, Ask, ENTITY, ana, house, key_descriptor, metadata, posted, seed, settings, status,
};
use crate::support::{browser::Browser, house::House};

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
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let other = || {
        let mut ask = Ask::at(&house, "_other");
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
        let mut ask = Ask::at(&house, &format!("_foreign{at}"));
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
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let ask = Ask::at(&house, "_once");
    let path = ask.by_redirect();
    posted(&ana.peek(&path).await);
    refused(&mut ana, &path, "answered before").await;

    let mut ask = Ask::at(&house, "_there");
    ask.destination = "https://other.test/sso".to_owned();
    refused(
        &mut ana,
        &ask.by_redirect(),
        "Destination is not this address",
    )
    .await;
    let mut ask = Ask::at(&house, "_late");
    ask.issued_at -= 301;
    refused(&mut ana, &ask.by_redirect(), "too old").await;
    let mut ask = Ask::at(&house, "_early");
    ask.issued_at += 301;
    refused(&mut ana, &ask.by_redirect(), "do the clocks agree").await;
    let mut ask = Ask::at(&house, "_slow");
    ask.issued_at -= 299;
    posted(&ana.peek(&ask.by_redirect()).await);

    let mut ask = Ask::at(&house, "_nobody");
    ask.issuer = "https://nobody.test/sp".to_owned();
    let page = ana.peek(&ask.by_redirect()).await;
    assert_eq!(page.status, 400, "{}", page.text());
    let mut ask = Ask::at(&house, "_relay");
    ask.relay_state = "x".repeat(81);
    refused(&mut ana, &ask.by_redirect(), "RelayState is longer").await;
    ask.relay_state = "x".repeat(80);
    posted(&ana.peek(&ask.by_redirect()).await);
}

#[tokio::test]
async fn a_signature_must_hold_and_be_there_where_it_is_demanded() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let mut unsigned = Ask::at(&house, "_unsigned");
    unsigned.key = None;
    posted(&ana.peek(&unsigned.by_redirect()).await);
    let mut forged = Ask::at(&house, "_forged");
    forged.key = Some("attacker");
    refused(&mut ana, &forged.by_redirect(), "signature does not hold").await;
    let good = Ask::at(&house, "_relayed").by_redirect();
    let swapped = good.replace("RelayState=relay", "RelayState=other");
    refused(&mut ana, &swapped, "signature does not hold").await;

    let strict = seed(
        "request_init",
        settings(json!({ "require_signed_requests": true })),
    );
    house.seed(&strict).await;
    let mut unsigned = Ask::at(&house, "_unsigned2");
    unsigned.key = None;
    refused(&mut ana, &unsigned.by_redirect(), "must be signed").await;
    let page = ana.post("/saml/sso", None, &unsigned.by_form()).await;
    assert_eq!(page.status, 400);
    posted(&ana.peek(&Ask::at(&house, "_signed").by_redirect()).await);
}

/// THREATS: signature wrapping. What is read is what was signed, or nothing.
#[tokio::test]
async fn a_wrapped_request_gives_the_attacker_nothing() {
    let house = house("request_init", json!({ "require_signed_requests": true })).await;
    let form = Ask::at(&house, "_good").by_form();
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
        let mut nobody = Browser::new(&house);
        let page = nobody.post("/saml/sso", None, &body).await;
        assert_eq!(page.status, 400, "{at}: {}", page.text());
    }
    assert!(
        house
            .column("select id from saml_requests")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn who_may_not_enter_is_told_so_by_a_signed_no() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let open = seed("request_init", settings(json!({})));
    for (at, (from, to)) in [
        ("slug = \"lab-eu\"", "slug = \"lab-eu\"\ndisabled = true"),
        ("slug = \"lab\"\n", "slug = \"lab\"\ndisabled = true\n"),
        (
            "slug = \"lab\"\n",
            "slug = \"lab\"\naudience = { attribute = \"groups\", equals = \"it\" }\n",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(open.contains(from), "{from}: {open}");
        house.seed(&open.replacen(from, to, 1)).await;
        let id = format!("_closed{at}");
        let page = ana.peek(&Ask::at(&house, &id).by_redirect()).await;
        assert_eq!(status(&house, &page, &id).await, "RequestDenied");
    }
    assert!(
        house
            .column("select party from party_sessions")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn garbage_is_told_so_and_keeps_nothing() {
    let house = house("request_init", json!({})).await;
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
        let page = Browser::new(&house)
            .peek(&format!("/saml/sso?{query}"))
            .await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
        let page = Browser::new(&house).post("/saml/sso", None, query).await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
        let page = Browser::new(&house)
            .peek(&format!("/saml/slo?{query}"))
            .await;
        assert_eq!(page.status, 400, "{query}: {}", page.text());
    }
    house.advance(Duration::from_secs(1));
    assert!(
        house
            .column("select id from saml_requests")
            .await
            .is_empty()
    );
}

/// Metadata decides where assertions go: what it cannot be trusted with is refused when it is
/// registered, by a sentence.
#[tokio::test]
async fn metadata_that_would_send_people_astray_is_refused() {
    let house = House::open().await;
    let good = metadata(&key_descriptor("signing", "sp"));
    for (bad, words) in [
        (
            good.replace(ACS, "javascript:alert(1)"),
            "not an http or https URL",
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
        let text = seed("saml", settings(json!({ "metadata": bad })))
            .replace("{PASSWORD}", crate::support::house::PASSWORD);
        let error = house.app.seed(&text).await.expect_err(words);
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
    let text = seed(
        "request_init",
        settings(json!({ "initiator": "ftp://lab.test" })),
    )
    .replace("{PASSWORD}", crate::support::house::PASSWORD);
    assert!(house.app.seed(&text).await.is_err());
}
