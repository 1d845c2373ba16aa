//! Left again: asked by the service provider, and asked by us.

use serde_json::json;
use url::Url;
use usher::protocol::saml::{
    NameId,
    binding::Redirected,
    logout::{Carried, Ending, LogoutRequest, LogoutResponse, Peer, Sender},
};

use super::{Ask, ENTITY, IDP, SLO, ana, believe, house, key, now, ours, posted};
use crate::support::{browser::Browser, house::House};

const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const OURS: &str = "https://usher.test/saml/slo";

/// Signed in at the lab; how it knows her.
async fn at_the_lab(house: &House, ana: &mut Browser<'_>, id: &str) -> (NameId, String) {
    known_as(house, ana, Ask::at(house, id)).await
}

pub async fn known_as(house: &House, ana: &mut Browser<'_>, ask: Ask) -> (NameId, String) {
    let id = ask.id.as_str();
    let page = ana.peek(&ask.by_redirect()).await;
    let said = believe(house, &posted(&page).1, Some(id), &[])
        .await
        .expect("believed");
    (
        said.name_id.expect("a NameID"),
        said.session_index.expect("an index"),
    )
}

fn request(house: &House, id: &str, name: &NameId, session: &str, by: &str) -> String {
    let destination = Url::parse(OURS).expect("an address");
    let sender = Sender {
        id,
        issued_at: now(house),
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
    house: &House,
) -> Peer<'a> {
    Peer {
        issuer: IDP,
        certificates,
        destination: SLO,
        keys: &[],
        allow_cbc: false,
        now: now(house),
        skew: 0,
    }
}

#[tokio::test]
async fn a_logout_there_ends_the_session_here_and_is_answered_honestly() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let (name, session) = at_the_lab(&house, &mut ana, "_1").await;
    for (id, by, session) in [("_a", "attacker", &*session), ("_b", "sp", "ses_other")] {
        ana.peek(&request(&house, id, &name, session, by)).await;
        assert!(ana.session().await.is_some(), "{id}");
    }
    let unsigned = request(&house, "_c", &name, &session, "sp");
    let unsigned = unsigned.split("&SigAlg").next().expect("a part");
    assert_eq!(ana.peek(unsigned).await.status, 400);
    assert!(ana.session().await.is_some());

    let path = request(&house, "_d", &name, &session, "sp");
    let page = ana.peek(&path).await;
    assert!(ana.session().await.is_none());
    let url = Url::parse(page.location()).expect("an address");
    assert!(url.as_str().starts_with(SLO), "{url}");
    let query = url.query().expect("a query");
    assert!(query.contains("&RelayState=theirs&"));
    let certificates = ours(&house).await;
    let carried = Carried::Redirect(Redirected::read(query).expect("read"));
    let answer = LogoutResponse::receive(&carried, &peer(&certificates, &house).await);
    let answer = answer.expect("an answer");
    assert_eq!(answer.in_response_to.as_deref(), Some("_d"));
    assert!(answer.is_complete, "nobody else knew of it");
    assert_eq!(ana.peek(&path).await.status, 400, "once");
}

#[tokio::test]
async fn what_somebody_else_could_not_be_told_makes_it_partial() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let (name, session) = at_the_lab(&house, &mut ana, "_1").await;
    let ask = crate::oidc::relying_party::Ask::of("crm-eu");
    crate::oidc::relying_party::tokens(&house, &mut ana, &ask).await;
    let page = ana
        .peek(&request(&house, "_d", &name, &session, "sp"))
        .await;
    let url = Url::parse(page.location()).expect("an address");
    let certificates = ours(&house).await;
    let carried = Carried::Redirect(Redirected::read(url.query().expect("one")).expect("read"));
    let answer = LogoutResponse::receive(&carried, &peer(&certificates, &house).await);
    assert!(
        !answer.expect("an answer").is_complete,
        "the CRM cannot be told"
    );
}

/// Signs out, and reads what a frame of the page that follows asks the lab.
async fn frame_of(house: &House, ana: &mut Browser<'_>) -> LogoutRequest {
    let page = ana.get("/sign-out").await;
    let at_once = ana.send(&page, "/sign-out").await;
    for _ in 0..50 {
        house.app.provider.tell().await.expect("told");
        if house
            .column("select outcome from notices where outcome <> 'waiting'")
            .await
            .len()
            == 1
        {
            break;
        }
        tokio::task::yield_now().await;
    }
    let page = ana.get("/signed-out").await;
    // Each is asked once, on whichever page comes first.
    let body = format!("{}{}", at_once.body, page.body);
    let frame = body.split("<iframe").nth(1).expect("a frame");
    let source = frame
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let source = source.expect("an address").replace("&#38;", "&");
    let url = Url::parse(&source).expect("an address");
    let certificates = ours(house).await;
    let carried = Carried::Redirect(Redirected::read(url.query().expect("one")).expect("read"));
    let asked = LogoutRequest::receive(&carried, &peer(&certificates, house).await);
    asked.expect("a request")
}

/// Core section 3.7.1: by the name it was given, which the request may have chosen.
#[tokio::test]
async fn a_lab_that_asked_for_a_passing_name_is_asked_by_it() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let mut ask = Ask::at(&house, "_1");
    ask.format = Some(TRANSIENT);
    let (name, _) = known_as(&house, &mut ana, ask).await;
    let asked = frame_of(&house, &mut ana).await;
    assert_eq!(asked.name_id, name);
}

#[tokio::test]
async fn signing_out_here_asks_the_lab_in_a_frame_and_hears_its_answer() {
    let house = house("request_init", json!({})).await;
    let mut ana = ana(&house).await;
    let (name, session) = at_the_lab(&house, &mut ana, "_1").await;
    let asked = frame_of(&house, &mut ana).await;
    assert_eq!(asked.name_id, name);
    assert_eq!(asked.sessions, [session]);

    let destination = Url::parse(OURS).expect("an address");
    let sender = Sender {
        id: "_answer",
        issued_at: now(&house),
        issuer: ENTITY,
        destination: Some(&destination),
    };
    let answer = sender.response(&asked.id, Ending::Whole);
    let url = answer
        .redirect(&destination, None, &key("sp"))
        .expect("signed");
    ana.peek(&format!("/saml/slo?{}", url.query().expect("one")))
        .await;
    let outcomes = house.column("select outcome from notices").await;
    assert_eq!(outcomes, ["confirmed"]);
    assert!(
        ana.get("/signed-out")
            .await
            .says("Lab Europe has signed you out")
    );
}
