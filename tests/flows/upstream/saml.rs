//! SimpleSAMLphp: the behaviour of an identity provider of a university or an authority.

use std::time::Duration;

use serde_json::json;
use usher::clock::Clock;

use super::{INVALID, blames, landed, open};
use support::{
    browser::{Browser, Page},
    form::pattern,
    idp::{PASSWORD, SimpleSaml},
    server::TestServer,
    upstream::{Upstream, house_with, metadata, seed_with, trust},
};

async fn portal(idp: &SimpleSaml, changes: serde_json::Value) -> TestServer {
    let upstream = Upstream::new("saml", "saml", idp.settings()).with(changes);
    let usher = house_with(&[upstream]).await;
    trust(idp, &usher, "saml").await;
    usher
}

async fn fill(browser: &mut Browser<'_>, form: &Page) -> Page {
    let typed = [("Username", "ana"), ("Password", PASSWORD)];
    browser.fill(form, &typed).await
}

async fn sign_in(browser: &mut Browser<'_>) -> Page {
    let form = open(browser, "saml").await;
    fill(browser, &form).await
}

/// SimpleSAMLphp 1.19 encrypts by AES-CBC and nothing else.
fn encrypting() -> serde_json::Value {
    json!({"want_encrypted": true, "allow_cbc": true})
}

#[tokio::test]
async fn encrypted_assertions_are_read_whether_they_or_the_response_is_signed() {
    let mut idp = SimpleSaml::start();
    // Our metadata say whether assertions have to be signed themselves, and the provider obeys.
    for (signed_itself, left_unsigned) in [
        (false, "saml20.sign.assertion"),
        (true, "saml20.sign.response"),
    ] {
        let mut changes = encrypting();
        changes["want_assertions_signed"] = signed_itself.into();
        let usher = portal(&idp, changes).await;
        idp.set(json!({"assertion.encryption": true, left_unsigned: false}));
        landed(&sign_in(&mut Browser::new(&usher)).await);
    }
}

async fn is_refused(idp: &mut SimpleSaml, settings: serde_json::Value, options: serde_json::Value) {
    let usher = portal(idp, settings).await;
    idp.set(options);
    let mut ana = Browser::new(&usher);
    let page = sign_in(&mut ana).await;
    blames(&mut ana, &page, "saml", INVALID, "refused").await;
}

#[tokio::test]
async fn an_assertion_that_is_encrypted_and_not_signed_is_refused() {
    let unsigned = json!({
        "assertion.encryption": true, "saml20.sign.assertion": false, "saml20.sign.response": false,
    });
    is_refused(&mut SimpleSaml::start(), encrypting(), unsigned).await;
}

#[tokio::test]
async fn aes_cbc_is_refused_unless_the_admin_allows_it() {
    let encrypted = json!({"assertion.encryption": true});
    is_refused(&mut SimpleSaml::start(), json!({}), encrypted).await;
}

#[tokio::test]
async fn an_assertion_for_all_to_read_is_refused_where_it_should_be_encrypted() {
    is_refused(&mut SimpleSaml::start(), encrypting(), json!({})).await;
}

#[tokio::test]
async fn a_provider_that_knows_the_user_does_not_ask_again() {
    let idp = SimpleSaml::start();
    let usher = portal(&idp, json!({})).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana).await);
    ana.forget("usher.test");
    landed(&open(&mut ana, "saml").await);
}

#[tokio::test]
async fn requests_by_form_are_understood_too() {
    let idp = SimpleSaml::start();
    let usher = portal(&idp, json!({"request_binding": "post"})).await;
    landed(&sign_in(&mut Browser::new(&usher)).await);
}

/// Where the provider sends a user without a request.
async fn initiated(idp: &SimpleSaml, usher: &TestServer, state: Option<&str>) -> String {
    let text = metadata(usher, "saml").await;
    let found = pattern("entityID=\"([^\"]*)\"").captures(&text);
    idp.initiated(&found.expect("an entityID")[1], state)
}

#[tokio::test]
async fn an_unsolicited_sign_in_needs_the_admins_permission_and_the_users_confirmation() {
    for allowed in [false, true] {
        let idp = SimpleSaml::start();
        let usher = portal(&idp, json!({ "allow_unsolicited": allowed })).await;
        let mut ana = Browser::new(&usher);
        let form = ana.get(&initiated(&idp, &usher, Some("crm")).await).await;
        let page = fill(&mut ana, &form).await;
        assert!(ana.session().await.is_none(), "signed in behind their back");
        let page = ana.send(&page, "/upstream/saml/response").await;
        assert_eq!(ana.session().await.is_some(), allowed);
        if allowed {
            assert_eq!(
                page.shown("app").as_deref(),
                Some("crm-eu"),
                "{}",
                page.text()
            );
        } else {
            assert!(page.says(INVALID), "{}", page.text());
        }
    }
}

#[tokio::test]
async fn signing_out_here_signs_out_there_and_comes_back() {
    let idp = SimpleSaml::start();
    let usher = portal(&idp, json!({})).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana).await);
    let page = ana.get("/sign-out").await;
    let done = ana.send(&page, "/sign-out").await;
    assert!(ana.session().await.is_none());
    assert_eq!(
        done.url.path(),
        "/signed-out",
        "{:#?}\n{}",
        done.trail,
        idp.log()
    );
    let form = open(&mut ana, "saml").await;
    assert!(
        form.says("Enter your username and password"),
        "{}",
        form.text()
    );
}

#[tokio::test]
async fn signing_out_there_signs_out_here() {
    let idp = SimpleSaml::start();
    let usher = portal(&idp, json!({})).await;
    let mut ana = Browser::new(&usher);
    landed(&sign_in(&mut ana).await);
    let done = ana.get(&idp.sign_out()).await;
    assert!(ana.session().await.is_none(), "{:#?}", done.trail);
    let asked = done
        .trail
        .iter()
        .any(|url| url.contains("/upstream/saml/logout"));
    assert!(asked, "{:#?}", done.trail);
    assert_eq!(done.url.host_str(), Some("127.0.0.1"), "{:#?}", done.trail);
    assert!(!done.says("error"), "{}\n{}", done.text(), idp.log());
}

/// A portal that fetched the provider's metadata a day ago; its time is then the machine's.
async fn portal_of_yesterday(idp: &SimpleSaml) -> TestServer {
    let yesterday = Clock::system().now() - DAY;
    let usher = TestServer::beside_peers_at(Clock::manual(yesterday)).await;
    let upstream = Upstream::new("saml", "saml", idp.settings());
    usher.seed(&seed_with(&[upstream])).await;
    refresh(&usher).await.expect("fetched");
    usher.advance(DAY);
    usher
}

/// The worker's run.
async fn refresh(usher: &TestServer) -> Result<(), String> {
    let refreshed = usher.app.sign_ins.providers().refresh_now("saml").await;
    refreshed.expect("there is such a provider")
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_key_that_was_announced_takes_over_without_a_restart() {
    let mut idp = SimpleSaml::start();
    let usher = portal_of_yesterday(&idp).await;
    trust(&idp, &usher, "saml").await;
    landed(&sign_in(&mut Browser::new(&usher)).await);
    idp.announce_key();
    refresh(&usher).await.expect("the new key is taken over");
    landed(&sign_in(&mut Browser::new(&usher)).await);
    idp.roll_over();
    landed(&sign_in(&mut Browser::new(&usher)).await);
}

#[tokio::test]
async fn keys_that_change_all_at_once_are_for_an_admin_to_confirm() {
    let mut idp = SimpleSaml::start();
    let usher = portal_of_yesterday(&idp).await;
    trust(&idp, &usher, "saml").await;
    idp.roll_over();
    let why = refresh(&usher).await.expect_err("nobody announced it");
    assert!(
        why.contains("all signing keys are replaced at once"),
        "{why}"
    );
    let mut ana = Browser::new(&usher);
    let page = sign_in(&mut ana).await;
    blames(&mut ana, &page, "saml", INVALID, "an unknown key").await;
}
