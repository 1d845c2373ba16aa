//! The provider in the whole portal: there and back, and attacks on its endpoints. The identity
//! provider is the tests' own.

use std::collections::BTreeMap;

use axum::{body::Body, http::Request};
use serde_json::json;
use usher::protocol::saml::{binding, ns, xml};

use support::{
    browser::{Browser, Page},
    campus::{Asked, SLO, bring, form, knock, portal, sign_in, time_of},
    saml::{ACS, Says, Signer, attribute, posted},
    server::{PORTAL, TestServer},
};

const INVALID: &str = "sent a response that could not be accepted";
const REPLAYED: &str = "You cannot sign in this way";
const MFA: &str = "https://refeds.org/profile/mfa";

async fn assert_refused(browser: &mut Browser<'_>, page: &Page, words: &str) {
    assert!(page.says(words), "{}", page.text());
    // An invalid response in a browser is no error of a gateway: it causes no alert.
    assert!([400, 403].contains(&page.status), "{}", page.status);
    assert!(browser.session().await.is_none());
}

#[tokio::test]
async fn a_user_signs_in_by_saml_and_is_the_same_next_time() {
    let usher = portal(json!({})).await;
    let mut first = Browser::new(&usher);
    sign_in(&usher, &mut first, |_| {}).await;
    let who = first.session().await.expect("signed in");
    assert_eq!(who.session.provider, "campus");
    assert_eq!(who.session.amr, "pwd");
    assert!(
        who.session
            .acr
            .expect("a context")
            .ends_with(":PasswordProtectedTransport")
    );
    let mut second = Browser::new(&usher);
    sign_in(&usher, &mut second, |says| {
        says.assertion_id = "_other".to_owned()
    })
    .await;
    assert_eq!(
        second.session().await.expect("signed in").user.id,
        who.user.id
    );
    let mut other = Browser::new(&usher);
    sign_in(&usher, &mut other, |says| {
        says.assertion_id = "_third".to_owned();
        says.name_id = "ben-4712".to_owned();
    })
    .await;
    assert_ne!(
        other.session().await.expect("signed in").user.id,
        who.user.id
    );
}

#[tokio::test]
async fn the_endpoint_of_the_response_passes_it_on_within_the_site() {
    let usher = portal(json!({})).await;
    let body = form(&[("SAMLResponse", "PHgvPg=="), ("RelayState", "crm")]);
    let request = Request::post("/upstream/campus/acs")
        .header("origin", "https://idp.test")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    let (status, _, text) = usher.ask(request).await;
    assert_eq!(status, 200);
    assert!(
        text.contains("action=\"/upstream/campus/response\""),
        "{text}"
    );
    assert!(
        !text.contains("data-auto-submit"),
        "unsolicited: the user presses the button"
    );
}

#[tokio::test]
async fn hostile_responses_sign_no_user_in() {
    let usher = portal(json!({})).await;
    for n in 0..6 {
        let mut browser = Browser::new(&usher);
        let asked = knock(&mut browser).await;
        let mut says = asked.says(&usher);
        let idp = Signer::of("idp");
        let response = match n {
            0 => says.response(&says.assertion()),
            1 => says.by(&Signer::of("attacker")),
            2 => says.by(&idp).replace("ana-4711", "admin"),
            3 => says.by(&idp).replace("ana-4711", "ana<!-- -->-4711"),
            4 => {
                says.audience = "https://other.test".to_owned();
                says.by(&idp)
            }
            _ => {
                says.confirmed_for = "_somebody_elses".to_owned();
                says.by(&idp)
            }
        };
        let page = bring(&mut browser, &response, &asked.state).await;
        assert_refused(&mut browser, &page, INVALID).await;
    }
    assert_eq!(usher.events_named("sign_in.failed").await, 6);
}

#[tokio::test]
async fn the_identity_providers_refusal_is_shown_as_such() {
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    let asked = knock(&mut browser).await;
    let mut says = asked.says(&usher);
    says.status = support::saml::status("Responder", "AuthnFailed", "no such user");
    let page = bring(&mut browser, &says.response(""), &asked.state).await;
    assert_refused(&mut browser, &page, "was cancelled or refused").await;
}

#[tokio::test]
async fn an_assertion_is_used_once() {
    let usher = portal(json!({ "allow_unsolicited": true })).await;
    let says = Says {
        in_response_to: String::new(),
        confirmed_for: String::new(),
        ..Says::at(time_of(&usher))
    };
    let response = says.by(&Signer::of("idp"));
    let mut first = Browser::new(&usher);
    bring(&mut first, &response, "").await;
    assert!(first.session().await.is_some());
    let mut second = Browser::new(&usher);
    let page = bring(&mut second, &response, "").await;
    assert_refused(&mut second, &page, REPLAYED).await;
    // Encoded otherwise it is the same assertion.
    let wrapped = Signer::of("idp").sign(&response, &says.response_id);
    let mut third = Browser::new(&usher);
    let page = bring(&mut third, &wrapped, "").await;
    assert_refused(&mut third, &page, REPLAYED).await;
}

#[tokio::test]
async fn of_many_replays_at_once_one_is_accepted() {
    let usher = portal(json!({ "allow_unsolicited": true })).await;
    let says = Says {
        in_response_to: String::new(),
        confirmed_for: String::new(),
        ..Says::at(time_of(&usher))
    };
    let response = posted(&says.by(&Signer::of("idp")));
    let body = form(&[("SAMLResponse", &response), ("pressed", "yes")]);
    let mut tries = tokio::task::JoinSet::new();
    let usher = std::sync::Arc::new(usher);
    for _ in 0..20 {
        let (usher, body) = (usher.clone(), body.clone());
        tries.spawn(async move {
            let mut browser = Browser::new(&usher);
            browser
                .post("/upstream/campus/response", Some(PORTAL), &body)
                .await;
            browser.session().await.is_some()
        });
    }
    let signed_in = tries
        .join_all()
        .await
        .into_iter()
        .filter(|done| *done)
        .count();
    assert_eq!(signed_in, 1);
}

#[tokio::test]
async fn an_unsolicited_response_is_refused_unless_the_admin_allows_it() {
    let usher = portal(json!({})).await;
    let says = Says {
        in_response_to: String::new(),
        confirmed_for: String::new(),
        ..Says::at(time_of(&usher))
    };
    let mut browser = Browser::new(&usher);
    let page = bring(&mut browser, &says.by(&Signer::of("idp")), "").await;
    assert_refused(&mut browser, &page, INVALID).await;
}

#[tokio::test]
async fn a_response_to_another_users_request_does_not_sign_in() {
    let usher = portal(json!({ "allow_unsolicited": true })).await;
    let (mut victim, mut attacker) = (Browser::new(&usher), Browser::new(&usher));
    let (theirs, asked) = (knock(&mut victim).await, knock(&mut attacker).await);
    let response = asked.says(&usher).by(&Signer::of("idp"));
    // In the attacker's name, in the victim's browser (THREATS: login CSRF).
    let page = bring(&mut victim, &response, &asked.state).await;
    assert_ne!(page.status, 200, "{}", page.text());
    assert!(victim.session().await.is_none());
    let page = bring(&mut victim, &response, &theirs.state).await;
    assert_refused(&mut victim, &page, INVALID).await;
    // As though it were unsolicited: it answers a request, so it is not.
    let page = bring(&mut victim, &response, "").await;
    assert_refused(&mut victim, &page, INVALID).await;
}

#[tokio::test]
async fn relay_state_is_never_an_address() {
    let usher = portal(json!({ "allow_unsolicited": true })).await;
    for (n, state) in [
        "https://evil.test/",
        "//evil.test",
        "/go/crm",
        "javascript:x",
    ]
    .iter()
    .enumerate()
    {
        let says = Says {
            assertion_id: format!("_unasked{n}"),
            in_response_to: String::new(),
            confirmed_for: String::new(),
            ..Says::at(time_of(&usher))
        };
        let mut browser = Browser::new(&usher);
        let page = bring(&mut browser, &says.by(&Signer::of("idp")), state).await;
        assert_eq!(page.url.as_str(), format!("{PORTAL}/"), "{state}");
    }
}

#[tokio::test]
async fn a_transient_name_id_identifies_no_user_without_a_permanent_attribute() {
    let transient = |says: &mut Says| {
        says.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".to_owned();
        says.name_id = format!("_{}", says.in_response_to);
        says.assertion_id = format!("_a{}", says.in_response_to);
        says.attributes = attribute(
            "urn:oasis:names:tc:SAML:attribute:pairwise-id",
            "pairwise-id",
            &["ANA@campus.test"],
        );
    };
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    let page = sign_in(&usher, &mut browser, transient).await;
    assert_refused(&mut browser, &page, INVALID).await;

    let usher = portal(json!({ "subject": "pairwise-id" })).await;
    let mut known = None;
    for _ in 0..2 {
        let mut browser = Browser::new(&usher);
        sign_in(&usher, &mut browser, transient).await;
        let user = browser.session().await.expect("signed in").user.id;
        assert_eq!(known.get_or_insert(user.clone()), &user);
    }
    let twice = |says: &mut Says| {
        transient(says);
        let name = "urn:oasis:names:tc:SAML:attribute:pairwise-id";
        says.attributes = attribute(name, "", &["ana@campus.test", "ben@campus.test"]);
    };
    let mut browser = Browser::new(&usher);
    let page = sign_in(&usher, &mut browser, twice).await;
    assert_refused(&mut browser, &page, INVALID).await;
}

#[tokio::test]
async fn a_name_of_another_format_than_the_admins_is_refused() {
    let usher = portal(json!({ "name_id_format": "email" })).await;
    let mut browser = Browser::new(&usher);
    let page = sign_in(&usher, &mut browser, |_| {}).await;
    assert_refused(&mut browser, &page, INVALID).await;
}

#[tokio::test]
async fn a_context_of_the_admins_list_counts_as_a_second_factor() {
    let usher = portal(json!({ "strong_contexts": [MFA] })).await;
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, |says| says.context = MFA.to_owned()).await;
    let session = browser.session().await.expect("signed in").session;
    assert!(session.factor_at.is_some());
    assert_eq!(session.amr, "mfa");
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, |says| {
        says.assertion_id = "_2".to_owned()
    })
    .await;
    let session = browser.session().await.expect("signed in").session;
    assert!(session.factor_at.is_none());
}

#[tokio::test]
async fn a_request_by_form_is_signed_and_the_policy_lets_it_go() {
    let usher = portal(json!({ "request_binding": "post" })).await;
    let mut browser = Browser::new(&usher);
    let attempt = browser.peek("/sign-in").await.location().to_owned();
    let page = browser.peek(&format!("{attempt}/to/campus")).await;
    let form = page
        .forms()
        .into_iter()
        .find(|form| form.action.contains("idp.test"));
    let form = form.expect("a form");
    assert_eq!(form.action, "https://idp.test/sso/post");
    let fields: BTreeMap<_, _> = form.fields.into_iter().collect();
    let bytes = binding::from_post(&fields["SAMLRequest"]).unwrap();
    let request = xml::parse(&bytes, &xml::MESSAGE).unwrap();
    assert!(request.only(ns::DSIG, "Signature").unwrap().is_some());
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action https://idp.test"), "{policy}");
    let asked = Asked {
        state: fields["RelayState"].clone(),
        request,
    };
    assert!(asked.state.len() <= 80);
    let response = asked.says(&usher).by(&Signer::of("idp"));
    bring(&mut browser, &response, &asked.state).await;
    assert!(browser.session().await.is_some());
}

#[tokio::test]
async fn our_metadata_is_the_same_on_every_replica_and_after_a_restart() {
    let usher = portal(json!({ "key": null })).await;
    let metadata = async |usher: &TestServer| {
        let request = Request::get("/upstream/campus/metadata").body(Body::empty());
        let (status, headers, text) = usher.ask(request.expect("a request")).await;
        assert_eq!(status, 200, "{text}");
        assert_eq!(headers["content-type"], "application/samlmetadata+xml");
        text
    };
    let first = metadata(&usher).await;
    assert!(first.contains(ACS) && first.contains(SLO), "{first}");
    assert_eq!(first, metadata(&usher.replica().await).await);
    // The key that was made is kept sealed.
    let kept = usher.column("select sealed_body from documents").await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("PRIVATE"), "{}", kept[0]);
}

/// An attribute that no rule uses ends no sign-in, whatever it holds (an address of eIDAS).
#[tokio::test]
async fn an_attribute_of_markup_is_ignored_unless_it_is_the_subject() {
    let address = "<eidas:CurrentAddress xmlns:eidas=\"urn:x\"><eidas:PostName>Lisboa\
                   </eidas:PostName></eidas:CurrentAddress>";
    let mail = attribute("mail", "", &["ana@example.org"]);
    let add = |says: &mut Says| {
        says.attributes = mail.clone() + &attribute("address", "CurrentAddress", &[address]);
    };
    let usher = portal(json!({})).await;
    let mut browser = Browser::new(&usher);
    sign_in(&usher, &mut browser, add).await;
    let who = browser.session().await.expect("signed in");
    assert_eq!(who.user.attributes.first("mail"), Some("ana@example.org"));
    assert_eq!(who.user.attributes.first("address"), None);

    let usher = portal(json!({"subject": "address"})).await;
    let mut browser = Browser::new(&usher);
    let page = sign_in(&usher, &mut browser, add).await;
    assert_refused(&mut browser, &page, INVALID).await;
}
