//! Logout: requested by the service provider, and requested by us.

use serde_json::json;
use url::Url;
use usher::protocol::saml::{
    Address, NameId,
    binding::Redirected,
    logout::{Ending, LogoutRequest, LogoutResponse, MessageSource, Peer, Sender},
};

use super::{Ask, ana, key, now, ours, posted, verify};
use support::{
    browser::{Browser, Page},
    lab::{ENTITY, IDP, SLO, usher},
    server::TestServer,
};

const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const OURS: &str = "https://usher.test/saml/slo";

/// Signed in at the lab; the lab's id of her.
async fn at_the_lab(usher: &TestServer, ana: &mut Browser<'_>, id: &str) -> (NameId, String) {
    known_as(usher, ana, Ask::at(usher, id)).await
}

pub async fn known_as(usher: &TestServer, ana: &mut Browser<'_>, ask: Ask) -> (NameId, String) {
    let id = ask.id.as_str();
    let page = ana.peek(&ask.by_redirect()).await;
    let said = verify(usher, &posted(&page).1, Some(id), &[])
        .await
        .expect("verified");
    (
        said.name_id.expect("a NameID"),
        said.session_index.expect("an index"),
    )
}

pub fn request(usher: &TestServer, id: &str, name: &NameId, session: &str, by: &str) -> String {
    let destination = Address::parse(OURS).expect("an address");
    let sender = Sender {
        id,
        issued_at: now(usher),
        issuer: ENTITY,
        destination: Some(&destination),
    };
    let message = sender.request(name, Some(session));
    let url = message
        .redirect(&destination, Some("theirs"), &key(by))
        .expect("signed");
    format!("/saml/slo?{}", url.query().expect("a query"))
}

async fn peer<'a>(
    certificates: &'a [usher::protocol::saml::Certificate],
    usher: &TestServer,
) -> Peer<'a> {
    Peer {
        issuer: IDP,
        certificates,
        destination: SLO,
        keys: &[],
        allow_cbc: false,
        now: now(usher),
        skew: 0,
    }
}

#[tokio::test]
async fn a_logout_there_ends_the_session_here_and_is_answered_honestly() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let (name, session) = at_the_lab(&usher, &mut ana, "_1").await;
    for (id, by, session) in [("_a", "attacker", &*session), ("_b", "sp", "ses_other")] {
        ana.peek(&request(&usher, id, &name, session, by)).await;
        assert!(ana.session().await.is_some(), "{id}");
    }
    let unsigned = request(&usher, "_c", &name, &session, "sp");
    let unsigned = unsigned.split("&SigAlg").next().expect("a part");
    assert_eq!(ana.peek(unsigned).await.status, 400);
    assert!(ana.session().await.is_some());

    let path = request(&usher, "_d", &name, &session, "sp");
    let page = ana.peek(&path).await;
    assert!(ana.session().await.is_none());
    let url = Url::parse(page.location()).expect("an address");
    assert!(url.as_str().starts_with(SLO), "{url}");
    let query = url.query().expect("a query");
    assert!(query.contains("&RelayState=theirs&"));
    let certificates = ours(&usher).await;
    let carried = MessageSource::Redirect(Redirected::read(query).expect("read"));
    let answer = LogoutResponse::receive(&carried, &peer(&certificates, &usher).await);
    let answer = answer.expect("an answer");
    assert_eq!(answer.in_response_to.as_deref(), Some("_d"));
    assert!(answer.is_complete, "no other party used it");
    assert_eq!(ana.peek(&path).await.status, 400, "once");
}

#[tokio::test]
async fn a_party_that_could_not_be_notified_makes_the_answer_partial() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let (name, session) = at_the_lab(&usher, &mut ana, "_1").await;
    let ask = support::relying_party::Ask::of("crm-eu");
    support::relying_party::tokens(&usher, &mut ana, &ask).await;
    let page = ana
        .peek(&request(&usher, "_d", &name, &session, "sp"))
        .await;
    let url = Url::parse(page.location()).expect("an address");
    let certificates = ours(&usher).await;
    let carried =
        MessageSource::Redirect(Redirected::read(url.query().expect("one")).expect("read"));
    let answer = LogoutResponse::receive(&carried, &peer(&certificates, &usher).await);
    assert!(
        !answer.expect("an answer").is_complete,
        "the CRM cannot be notified"
    );
}

/// Signs out; the page that notifies the lab, however soon that was.
async fn signed_out(usher: &TestServer, ana: &mut Browser<'_>) -> Page {
    let page = ana.get("/sign-out").await;
    let at_once = ana.send(&page, "/sign-out").await;
    if at_once.body.contains("<iframe") {
        return at_once;
    }
    for _ in 0..200 {
        crate::logout::deliver(usher).await;
        let waiting = usher
            .column("select outcome from notices where outcome <> 'waiting'")
            .await;
        if waiting.len() == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    ana.get("/signed-out").await
}

/// The requests to the lab in the frames of a page.
async fn asked_in(usher: &TestServer, body: &str) -> Vec<LogoutRequest> {
    let mut all = Vec::new();
    for frame in body.split("<iframe").skip(1) {
        let source = frame
            .split("src=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let source = source.expect("an address").replace("&#38;", "&");
        all.push(request_in(usher, &Url::parse(&source).expect("an address")).await);
    }
    all
}

async fn request_in(usher: &TestServer, url: &Url) -> LogoutRequest {
    let certificates = ours(usher).await;
    let carried =
        MessageSource::Redirect(Redirected::read(url.query().expect("one")).expect("read"));
    let asked = LogoutRequest::receive(&carried, &peer(&certificates, usher).await);
    asked.expect("a request")
}

/// The lab's answer to a request of ours, as its redirect brings it.
fn answer(usher: &TestServer, to: &str, ending: Ending) -> String {
    let destination = Address::parse(OURS).expect("an address");
    let sender = Sender {
        id: "_answer",
        issued_at: now(usher),
        issuer: ENTITY,
        destination: Some(&destination),
    };
    let answer = sender.response(to, ending);
    let url = answer
        .redirect(&destination, None, &key("sp"))
        .expect("signed");
    format!("/saml/slo?{}", url.query().expect("one"))
}

async fn frame_of(usher: &TestServer, ana: &mut Browser<'_>) -> LogoutRequest {
    let page = signed_out(usher, ana).await;
    asked_in(usher, &page.body).await.remove(0)
}

/// Core section 3.7.1: by the name it was given, which the request may have chosen.
#[tokio::test]
async fn a_lab_that_asked_for_a_passing_name_is_asked_by_it() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let mut ask = Ask::at(&usher, "_1");
    ask.format = Some(TRANSIENT);
    let (name, _) = known_as(&usher, &mut ana, ask).await;
    let asked = frame_of(&usher, &mut ana).await;
    assert_eq!(asked.name_id, name);
}

#[tokio::test]
async fn signing_out_here_notifies_the_lab_in_a_frame_and_receives_its_answer() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let (name, session) = at_the_lab(&usher, &mut ana, "_1").await;
    let asked = frame_of(&usher, &mut ana).await;
    assert_eq!(asked.name_id, name);
    assert_eq!(asked.sessions, [session]);

    ana.peek(&answer(&usher, &asked.id, Ending::Whole)).await;
    let outcomes = usher.column("select outcome from notices").await;
    assert_eq!(outcomes, ["confirmed"]);
    assert!(
        ana.get("/signed-out")
            .await
            .says("Lab Europe has signed you out")
    );
}

/// The frame's answer comes to us: a page that may frame the lab alone blocks it.
#[tokio::test]
async fn an_answer_in_a_frame_reaches_us_and_is_shown_on_the_page() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    let page = signed_out(&usher, &mut ana).await;
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(
        policy.contains("frame-src 'self' https://lab.test"),
        "{policy}"
    );
    assert!(page.body.contains("data-again"), "it looks again by itself");
    assert!(
        page.body
            .contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"),
        "and without JavaScript: {}",
        page.body
    );
    assert!(page.says("Lab Europe is being notified"), "{}", page.text());
    let asked = asked_in(&usher, &page.body).await.remove(0);
    // In the frame: nothing is shown, and no frame of ours is spent on it.
    ana.headers.push(("sec-fetch-dest", "iframe".to_owned()));
    let answered = ana.peek(&answer(&usher, &asked.id, Ending::Whole)).await;
    assert_eq!(answered.status, 204, "{}", answered.text());
    assert_eq!(ana.peek("/signed-out").await.status, 204);
    ana.headers.clear();
    let page = ana.get("/signed-out").await;
    assert!(
        page.says("Lab Europe has signed you out"),
        "{}",
        page.text()
    );
    assert!(!page.body.contains("http-equiv"), "nothing is awaited");
}

#[tokio::test]
async fn a_frame_that_never_answers_is_not_awaited_for_ever() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    signed_out(&usher, &mut ana).await;
    usher.advance(std::time::Duration::from_secs(21));
    let page = ana.get("/signed-out").await;
    assert!(!page.body.contains("data-again"), "{}", page.body);
    assert!(page.says("but does not confirm it"), "{}", page.text());
}

/// Each assertion is a session over there; the page reports a logout only when all of them are
/// confirmed.
#[tokio::test]
async fn two_assertions_are_asked_in_two_frames_and_both_must_say_yes() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let (_, first) = at_the_lab(&usher, &mut ana, "_1").await;
    let (_, second) = at_the_lab(&usher, &mut ana, "_2").await;
    let page = signed_out(&usher, &mut ana).await;
    let asked = asked_in(&usher, &page.body).await;
    let mut sessions: Vec<_> = asked.iter().flat_map(|one| one.sessions.clone()).collect();
    sessions.sort();
    let mut given = vec![first, second];
    given.sort();
    assert_eq!(sessions, given);
    assert_ne!(asked[0].id, asked[1].id);
    ana.peek(&answer(&usher, &asked[0].id, Ending::Whole)).await;
    let page = ana.get("/signed-out").await;
    assert!(!page.says("has signed you out"), "{}", page.text());
    // The same answer twice is one answer.
    ana.peek(&answer(&usher, &asked[0].id, Ending::Whole)).await;
    assert_eq!(usher.column("select outcome from notices").await, ["asked"]);
    ana.peek(&answer(&usher, &asked[1].id, Ending::Whole)).await;
    assert_eq!(
        usher.column("select outcome from notices").await,
        ["confirmed"]
    );
}

#[tokio::test]
async fn a_lab_that_refuses_in_its_frame_has_not_signed_the_user_out() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    let page = signed_out(&usher, &mut ana).await;
    let asked = asked_in(&usher, &page.body).await.remove(0);
    ana.peek(&answer(&usher, &asked.id, Ending::Partial)).await;
    assert_eq!(
        usher.column("select outcome from notices").await,
        ["failed"]
    );
    // A later answer to the same request does not change the result.
    ana.peek(&answer(&usher, &asked.id, Ending::Whole)).await;
    assert_eq!(
        usher.column("select outcome from notices").await,
        ["failed"]
    );
}

/// Its cookies do not travel in a frame of another site: it would answer Success and keep its
/// session.
#[tokio::test]
async fn a_lab_that_needs_its_cookies_is_asked_by_a_page_that_comes_back_to_the_list() {
    let usher = usher("request_init", json!({ "logout_by": "page" })).await;
    let mut ana = ana(&usher).await;
    let (name, first) = at_the_lab(&usher, &mut ana, "_1").await;
    let (_, second) = at_the_lab(&usher, &mut ana, "_2").await;
    let page = signed_out(&usher, &mut ana).await;
    assert!(!page.body.contains("<iframe"), "{}", page.body);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let list = ana.get("/signed-out").await;
        assert!(
            list.body.contains("content=\"1; url=/signed-out/next\""),
            "{}",
            list.body
        );
        let hop = ana.peek("/signed-out/next").await;
        assert_eq!(hop.status, 303, "{}", hop.text());
        let url = Url::parse(hop.location()).expect("an address");
        assert!(url.as_str().starts_with(SLO), "{url}");
        let asked = request_in(&usher, &url).await;
        assert_eq!(asked.name_id, name);
        sessions.extend(asked.sessions.clone());
        let back = ana.peek(&answer(&usher, &asked.id, Ending::Whole)).await;
        assert_eq!(back.location(), "/signed-out");
    }
    sessions.sort();
    let mut given = vec![first, second];
    given.sort();
    assert_eq!(sessions, given);
    let list = ana.get("/signed-out").await;
    assert!(
        list.says("Lab Europe has signed you out"),
        "{}",
        list.text()
    );
    assert!(!list.body.contains("/signed-out/next"), "{}", list.body);
    // All were notified: the chain ends at the list.
    assert_eq!(ana.peek("/signed-out/next").await.location(), "/signed-out");
    let stranger = Browser::new(&usher)
        .peek("/signed-out/next")
        .await
        .location()
        .to_owned();
    assert_eq!(stranger, "/signed-out");
}

/// A page that never comes back blocks nothing: the list continues without it.
#[tokio::test]
async fn a_lab_whose_page_does_not_come_back_is_asked_once_and_said_to_be_silent() {
    let usher = usher("request_init", json!({ "logout_by": "page" })).await;
    let mut ana = ana(&usher).await;
    at_the_lab(&usher, &mut ana, "_1").await;
    signed_out(&usher, &mut ana).await;
    assert!(
        ana.peek("/signed-out/next")
            .await
            .location()
            .starts_with(SLO)
    );
    let list = ana.get("/signed-out").await;
    assert!(!list.body.contains("/signed-out/next"), "{}", list.body);
    usher.advance(std::time::Duration::from_secs(21));
    let list = ana.get("/signed-out").await;
    assert!(list.says("but does not confirm it"), "{}", list.text());
}
