//! Logout server to server: a service provider's logout request in a SOAP envelope, answered in the
//! same exchange; and what is refused.

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::json;
use usher::protocol::saml::{
    Address, NameId, SamlFault,
    logout::{Sender, soap},
};

use super::{Ask, ana, key, now, ours};
use support::{
    browser::Browser,
    lab::{ENTITY, IDP, key_descriptor, metadata, seed, settings, usher},
    saml::PERSISTENT,
    server::TestServer,
};

const HERE: &str = "https://usher.test/saml/slo/soap";
const OTHER: &str = "https://other.test/sp";

/// The lab's message, and ways to invalidate it.
struct Word<'a> {
    id: &'a str,
    name: &'a NameId,
    session: Option<&'a str>,
    issuer: &'a str,
    by: &'a str,
    destination: Option<&'a str>,
    issued_at: i64,
}

impl<'a> Word<'a> {
    fn of(usher: &TestServer, id: &'a str, (name, session): &'a (NameId, String)) -> Self {
        Self {
            id,
            name,
            session: Some(session),
            issuer: ENTITY,
            by: "sp",
            destination: Some(HERE),
            issued_at: now(usher),
        }
    }

    fn message(&self) -> String {
        let destination = self
            .destination
            .map(|to| Address::parse(to).expect("an address"));
        let sender = Sender {
            id: self.id,
            issued_at: self.issued_at,
            issuer: self.issuer,
            destination: destination.as_ref(),
        };
        let request = sender.request(self.name, self.session);
        request.signed(&key(self.by)).expect("signed")
    }

    fn envelope(&self) -> String {
        soap::envelope(&self.message())
    }
}

async fn post(usher: &TestServer, kind: &str, body: &str) -> (u16, String) {
    let request = Request::post("/saml/slo/soap")
        .header("content-type", kind)
        .header(
            "soapaction",
            "http://www.oasis-open.org/committees/security",
        )
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let (status, headers, text) = usher.ask(request).await;
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(headers["cache-control"], "no-store");
    if matches!(status, 200 | 403 | 500) {
        assert_eq!(headers["content-type"], "text/xml; charset=utf-8", "{text}");
    }
    (status, text)
}

/// The content of the answer, verified by our own code for answers: whether all has ended.
async fn answered(usher: &TestServer, envelope: &str, id: &str) -> Result<bool, SamlFault> {
    let (status, text) = post(usher, "text/xml; charset=utf-8", envelope).await;
    assert_eq!(status, 200, "{text}");
    assert!(!text.contains("Destination"), "it goes nowhere else");
    let expected = soap::ExpectedReply {
        issuer: IDP,
        keys: &ours(usher).await,
        request: id,
        is_proved_by_tls: false,
    };
    soap::answer(text.as_bytes(), &expected)
}

async fn refused(usher: &TestServer, envelope: &str, status: u16, words: &str) {
    let (got, text) = post(usher, "text/xml", envelope).await;
    assert_eq!(got, status, "{words}: {text}");
    assert!(
        text.contains("<faultcode xmlns=\"\">soap:Client</faultcode>")
            || text.contains("<faultcode>soap:Client</faultcode>"),
        "{text}"
    );
    assert!(text.contains(words), "{words}: {text}");
    assert!(!text.contains("LogoutResponse"), "{words}: {text}");
}

/// Signed in at the lab; the lab's id of her.
async fn known(usher: &TestServer, ana: &mut Browser<'_>) -> (NameId, String) {
    super::logout::known_as(usher, ana, Ask::at(usher, "_in")).await
}

#[tokio::test]
async fn a_lab_ends_the_session_by_soap_and_is_answered_at_once() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let envelope = Word::of(&usher, "_a", &at).envelope();
    assert_eq!(answered(&usher, &envelope, "_a").await, Ok(true));
    assert!(ana.session().await.is_none());
    assert_eq!(usher.events_named("session.ended").await, 1);
    let outcomes = usher.column("select outcome from notices").await;
    assert_eq!(outcomes, ["confirmed"], "it knows already");
    // It never received our answer, and asks again: the session has ended already.
    let envelope = Word::of(&usher, "_b", &at).envelope();
    assert_eq!(answered(&usher, &envelope, "_b").await, Ok(true));
}

#[tokio::test]
async fn our_metadata_lists_the_soap_endpoint() {
    let usher = usher("request_init", json!({})).await;
    let request = Request::get("/saml/metadata").body(Body::empty());
    let text = usher.ask(request.expect("a request")).await.2;
    let place = format!(
        "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"{HERE}\"/>"
    );
    assert!(text.contains(&place), "{text}");
}

#[tokio::test]
async fn without_a_session_index_all_her_sessions_end() {
    let usher = usher("request_init", json!({})).await;
    let (mut here, mut there) = (ana(&usher).await, ana(&usher).await);
    let at = known(&usher, &mut here).await;
    let other = super::logout::known_as(&usher, &mut there, Ask::at(&usher, "_in_there")).await;
    assert_eq!(at.0, other.0, "the same user to the lab");
    let one = Word::of(&usher, "_one", &at).envelope();
    assert_eq!(answered(&usher, &one, "_one").await, Ok(true));
    assert!(here.session().await.is_none());
    assert!(there.session().await.is_some(), "only the one it named");
    let mut all = Word::of(&usher, "_all", &at);
    all.session = None;
    // Core section 3.2.1: a machine need not say where it sends what it signs.
    all.destination = None;
    assert_eq!(answered(&usher, &all.envelope(), "_all").await, Ok(true));
    assert!(there.session().await.is_none());
}

#[tokio::test]
async fn a_party_that_could_not_be_notified_makes_a_soap_answer_partial() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let ask = support::relying_party::Ask::of("crm-eu");
    support::relying_party::tokens(&usher, &mut ana, &ask).await;
    let envelope = Word::of(&usher, "_a", &at).envelope();
    assert_eq!(answered(&usher, &envelope, "_a").await, Ok(false));
    assert!(ana.session().await.is_none());
}

/// The issuer must be the signer, and registered: any client that can reach us can post here.
#[tokio::test]
async fn an_unsigned_a_forged_and_an_unknown_partys_soap_request_end_nothing() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let good = Word::of(&usher, "_a", &at);
    let message = good.message();
    let (start, end) = (
        message.find("<ds:Signature").expect("a signature"),
        message.find("</ds:Signature>").expect("its end") + "</ds:Signature>".len(),
    );
    let unsigned = soap::envelope(&format!("{}{}", &message[..start], &message[end..]));
    refused(&usher, &unsigned, 403, "without a signature").await;
    let by = |by| {
        Word {
            by,
            ..Word::of(&usher, "_a", &at)
        }
        .envelope()
    };
    refused(&usher, &by("attacker"), 403, "signature does not hold").await;
    let mut stranger = Word::of(&usher, "_a", &at);
    stranger.issuer = "https://nobody.test/sp";
    refused(&usher, &stranger.envelope(), 403, "unknown client").await;
    let changed = good.envelope().replace("_a", "_c");
    refused(&usher, &changed, 403, "signature does not hold").await;
    let mut elsewhere = Word::of(&usher, "_a", &at);
    // Signed for transport by a browser: no other client may bring it here.
    elsewhere.destination = Some("https://usher.test/saml/slo");
    refused(&usher, &elsewhere.envelope(), 403, "Destination").await;
    assert!(ana.session().await.is_some());
    assert_eq!(answered(&usher, &good.envelope(), "_a").await, Ok(true));
}

#[tokio::test]
async fn an_expired_an_early_and_a_replayed_soap_request_end_nothing() {
    let usher = usher("request_init", json!({})).await;
    let mut here = ana(&usher).await;
    let at = known(&usher, &mut here).await;
    let issued = |id, by: i64| {
        let word = Word::of(&usher, id, &at);
        let issued_at = word.issued_at + by;
        Word { issued_at, ..word }.envelope()
    };
    refused(&usher, &issued("_old", -361), 403, "has expired").await;
    refused(&usher, &issued("_early", 61), 403, "not valid yet").await;
    assert!(here.session().await.is_some());
    let mut all = Word::of(&usher, "_once", &at);
    all.session = None;
    let once = all.envelope();
    assert_eq!(answered(&usher, &once, "_once").await, Ok(true));
    // She is back; an old message must not sign her out again.
    let mut again = ana(&usher).await;
    super::logout::known_as(&usher, &mut again, Ask::at(&usher, "_again")).await;
    refused(&usher, &once, 403, "used before").await;
    usher.advance(Duration::from_secs(361));
    refused(&usher, &once, 403, "has expired").await;
    assert!(again.session().await.is_some());
}

/// The tests' catalogue with the lab and another service provider, whose key is the attacker's.
async fn beside_another() -> TestServer {
    let mut draft = seed("request_init", settings(json!({})));
    let mut other = draft.service("lab").clone();
    other.slug = "other".into();
    other.instance[0].slug = "other-eu".into();
    other.rule[0].instances = vec!["other-eu".into()];
    draft.seed.service.push(other);
    let metadata = metadata(&key_descriptor("signing", "attacker")).replace(ENTITY, OTHER);
    draft.set("other-eu", "metadata", metadata);
    TestServer::with(&draft).await
}

/// A service provider ends what it knows of users, under the names it was given for them.
#[tokio::test]
async fn a_name_id_of_another_party_ends_nothing() {
    let usher = beside_another().await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let unknown = |answer: Result<bool, SamlFault>| match answer {
        Err(SamlFault::Status(status)) => assert_eq!(status.code, "UnknownPrincipal"),
        other => panic!("{other:?}"),
    };
    // Another service provider that received the name and the session.
    let mut theirs = Word::of(&usher, "_theirs", &at);
    (theirs.issuer, theirs.by) = (OTHER, "attacker");
    unknown(answered(&usher, &theirs.envelope(), "_theirs").await);
    // In the lab's name, by the other's key.
    theirs.issuer = ENTITY;
    refused(&usher, &theirs.envelope(), 403, "signature does not hold").await;
    // The lab, about a user it never received.
    let nobody = NameId {
        value: "somebody".to_owned(),
        format: Some(PERSISTENT.to_owned()),
        ..NameId::default()
    };
    let stranger = (nobody, at.1.clone());
    let envelope = Word::of(&usher, "_nobody", &stranger).envelope();
    unknown(answered(&usher, &envelope, "_nobody").await);
    // A session that is not hers.
    let foreign = (at.0.clone(), "ses_other".to_owned());
    let envelope = Word::of(&usher, "_foreign", &foreign).envelope();
    assert_eq!(answered(&usher, &envelope, "_foreign").await, Ok(true));
    assert!(ana.session().await.is_some());
}

/// THREATS: signature wrapping. The message that is executed is the one that was signed.
#[tokio::test]
async fn a_wrapped_soap_request_ends_nothing() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let nobody = (
        NameId {
            value: "somebody".to_owned(),
            ..NameId::default()
        },
        "ses_other".to_owned(),
    );
    let good = Word::of(&usher, "_good", &nobody).message();
    let signed = Word::of(&usher, "_evil", &at).message();
    let (start, end) = (
        signed.find("<ds:Signature").expect("a signature"),
        signed.find("</ds:Signature>").expect("its end") + "</ds:Signature>".len(),
    );
    let evil = format!("{}{}", &signed[..start], &signed[end..]);
    let close = "</samlp:LogoutRequest>";
    let space = "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"";
    let envelopes = [
        soap::envelope(&format!("{evil}{good}")),
        soap::envelope(&format!("{good}{evil}")),
        soap::envelope(&evil.replacen(close, &format!("{good}{close}"), 1)),
        format!(
            "<soap:Envelope {space}><soap:Header>{good}</soap:Header><soap:Body>{evil}</soap:Body></soap:Envelope>"
        ),
        format!(
            "<soap:Envelope {space}><soap:Body>{good}</soap:Body><soap:Body>{evil}</soap:Body></soap:Envelope>"
        ),
        soap::envelope(&good.replacen("somebody", &at.0.value, 1)),
    ];
    for (number, envelope) in envelopes.iter().enumerate() {
        let (status, text) = post(&usher, "text/xml", envelope).await;
        assert!(matches!(status, 403 | 500), "{number}: {status} {text}");
        assert!(ana.session().await.is_some(), "{number}");
    }
}

#[tokio::test]
async fn a_message_that_is_no_soap_request_gets_a_fault() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let at = known(&usher, &mut ana).await;
    let good = Word::of(&usher, "_a", &at).envelope();
    let header = |must: &str| {
        let header = format!(
            "<soap:Header><x:t xmlns:x=\"urn:x\" soap:mustUnderstand=\"{must}\"/></soap:Header><soap:Body>"
        );
        good.replacen("<soap:Body>", &header, 1)
    };
    for (bad, words) in [
        (String::new(), "empty"),
        ("nonsense".to_owned(), "XML"),
        (
            format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{good}"),
            "DTD",
        ),
        (good.replacen("<soap:Body>", "<soap:Body>&e;", 1), "entity"),
        (Word::of(&usher, "_a", &at).message(), "SOAP 1.1 envelope"),
        (
            good.replace(
                "http://schemas.xmlsoap.org/soap/envelope/",
                "http://www.w3.org/2003/05/soap-envelope",
            ),
            "SOAP 1.1 envelope",
        ),
        (soap::envelope(""), "not one message"),
        (soap::envelope("<x xmlns=\"urn:x\"/>"), "Issuer is missing"),
        (header("1"), "not understood"),
    ] {
        refused(&usher, &bad, 500, words).await;
    }
    for kind in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
    ] {
        let (status, _) = post(&usher, kind, &good).await;
        assert_eq!(status, 415, "{kind}: what a form of a page can send");
    }
    let large = good.replacen(
        "<soap:Body>",
        &format!("<soap:Body>{}", " ".repeat(300_000)),
        1,
    );
    assert_eq!(post(&usher, "text/xml", &large).await.0, 413);
    assert!(ana.session().await.is_some());
    assert_eq!(answered(&usher, &header("0"), "_a").await, Ok(true));
    assert!(ana.session().await.is_none());
}
