//! The lab is notified server to server that a session has ended, and answers as real ones do:
//! signed, not signed, by RSA with SHA-1, not at all.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use usher::protocol::saml::{
    SamlFault,
    logout::{Ending, Sender, soap},
};

use super::{Ask, ana, key};
use support::{
    browser::Browser,
    lab::{ENTITY, key_descriptor, metadata},
    saml::{
        Signer, certificate,
        signature::{DIGEST_SHA1, Template},
    },
    server::TestServer,
};

const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

/// How the lab answers a notification.
#[derive(Clone, Copy)]
enum Says {
    Signed(Ending),
    Unsigned,
    Sha1,
    Broken,
}

/// The lab's endpoint; it ends with the value.
struct Ear {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
    says: Arc<Mutex<Says>>,
    task: JoinHandle<()>,
}

type Lab = (Arc<Mutex<Vec<String>>>, Arc<Mutex<Says>>);

impl Ear {
    async fn open(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/slo", listener.local_addr().expect("an address"));
        let (heard, says) = (Arc::default(), Arc::new(Mutex::new(says)));
        let lab: Lab = (Arc::clone(&heard), says.clone());
        let router = Router::new().route("/slo", post(receive)).with_state(lab);
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            address,
            heard,
            says,
            task,
        }
    }

    fn says(&self, says: Says) {
        *self.says.lock().expect("no panic") = says;
    }

    /// The values of an attribute or element in each request it received.
    fn received(&self, before: &str, after: &str) -> Vec<String> {
        let heard = self.heard.lock().expect("no panic");
        let cut = |text: &String| {
            let rest = text.split(before).nth(1).expect("it is there");
            rest.split(after).next().unwrap_or_default().to_owned()
        };
        heard.iter().map(cut).collect()
    }

    fn ids(&self) -> Vec<String> {
        self.received(" ID=\"", "\"")
    }

    fn indexes(&self) -> Vec<String> {
        self.received("<samlp:SessionIndex>", "<")
    }

    /// The lab's metadata, with this endpoint.
    fn metadata(&self) -> String {
        let ear = format!(
            "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" \
             Location=\"{}\"/>",
            self.address
        );
        metadata(&format!("{}{ear}", key_descriptor("signing", "sp")))
    }

    async fn usher(&self, mut changes: Value) -> TestServer {
        changes["metadata"] = json!(self.metadata());
        let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
        usher
            .seed(&support::lab::seed(
                "request_init",
                support::lab::settings(changes),
            ))
            .await;
        usher
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State((heard, says)): State<Lab>, body: String) -> axum::response::Response {
    let id = body
        .split(" ID=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let id = id.expect("an id").to_owned();
    let instant = body
        .split(" IssueInstant=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let instant = instant.expect("a moment").to_owned();
    heard.lock().expect("no panic").push(body);
    let says = *says.lock().expect("no panic");
    match says {
        Says::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Says::Signed(ending) => answer(&id, &instant, ending).into_response(),
        Says::Unsigned => soap::envelope(&unsigned(&id, &instant)).into_response(),
        Says::Sha1 => {
            let template = Template {
                algorithm: RSA_SHA1.to_owned(),
                digest: DIGEST_SHA1.to_owned(),
                ..Template::default()
            };
            let signed = Signer::of("sp").sign_by(&unsigned(&id, &instant), "_a", &template);
            soap::envelope(&signed).into_response()
        }
    }
}

fn answer(id: &str, instant: &str, ending: Ending) -> String {
    let sender = Sender {
        id: "_a",
        issued_at: usher::protocol::saml::time::parse(instant).expect("a moment"),
        issuer: ENTITY,
        destination: None,
    };
    soap::envelope(
        &sender
            .response(id, ending)
            .signed(&key("sp"))
            .expect("signed"),
    )
}

/// In canonical form, so that the tests' own signer can sign it.
fn unsigned(id: &str, instant: &str) -> String {
    format!(
        "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_a\" \
         InResponseTo=\"{id}\" IssueInstant=\"{instant}\" Version=\"2.0\">\
         <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{ENTITY}</saml:Issuer>\
         <samlp:Status><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>\
         </samlp:LogoutResponse>"
    )
}

async fn at_the_lab(usher: &TestServer, ana: &mut Browser<'_>, id: &str) -> String {
    super::logout::known_as(usher, ana, Ask::at(usher, id))
        .await
        .1
}

async fn sign_out(usher: &TestServer, ana: &mut Browser<'_>) {
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    notified(usher).await;
}

/// Until all due notifications are sent, including those that signing out sends in the background.
async fn notified(usher: &TestServer) {
    for _ in 0..200 {
        crate::logout::deliver(usher).await;
        let open = usher
            .column("select outcome from notices where outcome = 'waiting' and last_error is null")
            .await;
        let untold = usher
            .column("select id from sessions where ended_at is not null and told_at is null")
            .await;
        if open.is_empty() && untold.is_empty() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("a notification is still in progress");
}

async fn outcome(usher: &TestServer) -> (String, String) {
    let outcomes = usher.column("select outcome from notices").await;
    let errors = usher
        .column("select coalesce(last_error, '') from notices")
        .await;
    (outcomes.concat(), errors.concat())
}

/// Over there each assertion is a session: one request without the other leaves one alive.
#[tokio::test]
async fn a_lab_with_a_session_for_each_assertion_is_asked_about_every_one() {
    let ear = Ear::open(Says::Signed(Ending::Whole)).await;
    let usher = ear.usher(json!({})).await;
    let mut ana = ana(&usher).await;
    let first = at_the_lab(&usher, &mut ana, "_1").await;
    let second = at_the_lab(&usher, &mut ana, "_2").await;
    assert_ne!(first, second, "each assertion has an index of its own");
    sign_out(&usher, &mut ana).await;
    let mut asked = ear.indexes();
    asked.sort();
    let mut given = vec![first, second];
    given.sort();
    assert_eq!(asked, given);
    assert_eq!(outcome(&usher).await.0, "confirmed");
    assert!(
        ana.get("/signed-out")
            .await
            .says("Lab Europe has signed you out")
    );
}

/// A lab that accepts each id once calls a second try with the same one a replay.
#[tokio::test]
async fn every_try_to_notify_a_lab_has_an_id_of_its_own() {
    let ear = Ear::open(Says::Broken).await;
    let usher = ear.usher(json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    sign_out(&usher, &mut ana).await;
    assert_eq!(
        outcome(&usher).await,
        ("waiting".into(), "it answered 500".into())
    );
    ear.says(Says::Signed(Ending::Whole));
    usher.advance(Duration::from_secs(11));
    notified(&usher).await;
    assert_eq!(outcome(&usher).await.0, "confirmed");
    let ids = ear.ids();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

/// What one of two has confirmed is not requested again, and the page does not report the other.
#[tokio::test]
async fn a_lab_that_ends_one_of_two_sessions_is_not_said_to_have_signed_out() {
    let ear = Ear::open(Says::Broken).await;
    let usher = ear.usher(json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    at_the_lab(&usher, &mut ana, "_2").await;
    sign_out(&usher, &mut ana).await;
    assert_eq!(ear.ids().len(), 2);
    assert!(!ana.get("/signed-out").await.says("has signed you out"));
    ear.says(Says::Signed(Ending::UnknownUser));
    usher.advance(Duration::from_secs(11));
    notified(&usher).await;
    // It knows no session of hers any more: none is left.
    assert_eq!(outcome(&usher).await.0, "confirmed");
}

/// A lab's own request names one of its sessions; the other is still to be ended there.
#[tokio::test]
async fn a_lab_that_names_one_of_its_sessions_is_asked_about_the_other() {
    let ear = Ear::open(Says::Signed(Ending::Whole)).await;
    let usher = ear.usher(json!({})).await;
    let mut ana = ana(&usher).await;
    let (name, first) = super::logout::known_as(&usher, &mut ana, Ask::at(&usher, "_1")).await;
    let second = at_the_lab(&usher, &mut ana, "_2").await;
    let path = super::logout::request(&usher, "_out", &name, &second, "sp");
    let page = ana.peek(&path).await;
    assert_eq!(page.status, 303, "{}", page.text());
    assert!(ana.session().await.is_none());
    notified(&usher).await;
    assert_eq!(ear.indexes(), [first]);
    assert_eq!(outcome(&usher).await.0, "confirmed");
}

#[tokio::test]
async fn an_unsigned_answer_over_plain_http_proves_nothing() {
    let ear = Ear::open(Says::Unsigned).await;
    let usher = ear.usher(json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    sign_out(&usher, &mut ana).await;
    let (outcome, why) = outcome(&usher).await;
    assert_eq!(outcome, "waiting");
    assert!(why.contains("without a signature"), "{why}");
}

/// Profiles section 4.4.4.2: verified TLS to the registered address authenticates the answer. A
/// signature must still be valid, and theirs, if there is one.
#[test]
fn an_unsigned_answer_over_verified_tls_is_the_responder_s() {
    let keys = [certificate("sp")];
    let expected = |is_proved_by_tls| soap::ExpectedReply {
        issuer: ENTITY,
        keys: &keys,
        request: "_r",
        is_proved_by_tls,
    };
    let (now, text) = (
        "2026-11-18T11:06:40Z",
        unsigned("_r", "2026-11-18T11:06:40Z"),
    );
    let plain = soap::envelope(&text);
    assert_eq!(soap::answer(plain.as_bytes(), &expected(true)), Ok(true));
    let refused = |body: &str, is_proved: bool, words: &str| {
        let fault = soap::answer(body.as_bytes(), &expected(is_proved)).expect_err(words);
        assert!(fault.to_string().contains(words), "{fault}");
    };
    refused(&plain, false, "without a signature");
    let forged = soap::envelope(&Signer::of("attacker").sign(&text, "_a"));
    refused(&forged, true, "signature does not hold");
    refused(
        &plain.replace("\"_r\"", "\"_other\""),
        true,
        "answers something else",
    );
    refused(
        &plain.replace(ENTITY, "https://other.test/sp"),
        true,
        "Issuer is another entity",
    );
    refused(
        &plain.replace(&format!(" IssueInstant=\"{now}\""), ""),
        true,
        "IssueInstant",
    );
}

/// RSA with SHA-1 is accepted from a service provider whose settings allow it, and from no other.
#[tokio::test]
async fn an_answer_signed_with_sha1_counts_only_where_the_admin_allows_it() {
    let ear = Ear::open(Says::Sha1).await;
    let strict = ear.usher(json!({})).await;
    let mut hers = ana(&strict).await;
    at_the_lab(&strict, &mut hers, "_1").await;
    sign_out(&strict, &mut hers).await;
    let (first, why) = outcome(&strict).await;
    assert_eq!(first, "waiting");
    assert!(why.contains("algorithm is not allowed"), "{why}");

    let lenient = ear.usher(json!({ "allow_rsa_sha1": true })).await;
    let mut hers = ana(&lenient).await;
    at_the_lab(&lenient, &mut hers, "_2").await;
    sign_out(&lenient, &mut hers).await;
    assert_eq!(outcome(&lenient).await, ("confirmed".into(), String::new()));

    // Not by another key, and not by an unknown party's.
    let keys = [certificate("attacker").allowing_sha1(), certificate("sp")];
    let template = Template {
        algorithm: RSA_SHA1.to_owned(),
        digest: DIGEST_SHA1.to_owned(),
        ..Template::default()
    };
    let text = unsigned("_r", "2026-11-18T11:06:40Z");
    let signed = soap::envelope(&Signer::of("sp").sign_by(&text, "_a", &template));
    let expected = soap::ExpectedReply {
        issuer: ENTITY,
        keys: &keys,
        request: "_r",
        is_proved_by_tls: true,
    };
    let refused = soap::answer(signed.as_bytes(), &expected);
    assert!(
        matches!(refused, Err(SamlFault::Signature(_))),
        "{refused:?}"
    );
}
