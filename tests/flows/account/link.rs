//! Linking another way to sign in: proof on both sides, once, by the user who began it.
//! THREATS: account-linking takeover.

use std::time::Duration;

use super::{HOST, OURS, PASSWORD, SESSION, by, confirm, link_to, two_ways, two_ways_with};
use support::{
    browser::{Browser, Page},
    draft::part,
    factor::with_app,
    server::TestServer,
};

const LINK: &str = "/account/links/branch";
const MINUTE: Duration = Duration::from_secs(60);

/// From the account page to the provider's form.
async fn begin(browser: &mut Browser<'_>) -> Page {
    let page = browser.get("/account").await;
    browser.send(&page, LINK).await
}

/// Signs in by the second provider with this name; the user is left signed in.
async fn opens(usher: &TestServer, name: &str) -> String {
    let session = by(usher, "branch", name).await.session().await;
    session.expect("signed in").user.id.to_string()
}

async fn me(browser: &Browser<'_>) -> String {
    let session = browser.session().await.expect("signed in");
    session.user.id.to_string()
}

async fn identities(usher: &TestServer) -> usize {
    let rows = usher.column("select provider from external_identities");
    rows.await.len()
}

#[tokio::test]
async fn a_linked_way_opens_the_same_account() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let cookie = ana.cookie(HOST, SESSION).expect("a session").to_owned();
    let form = begin(&mut ana).await;
    assert!(form.says("Branch account"), "{}", form.text());
    assert!(form.says("as a sign-in method for the account of Ana Almeida"));
    assert!(!form.says("Other ways to sign in"));
    let page = ana.sign_in(&form, "ben").await;
    assert_eq!(page.url.path(), "/account");
    assert!(
        page.says("Linked. You can now sign in with this method"),
        "{}",
        page.text()
    );
    assert!(page.says("Branch account Account ID"), "{}", page.text());
    assert!(page.says("Last used Not used yet"), "{}", page.text());
    assert!(!page.body.contains(LINK), "it is not offered twice");
    assert_eq!(
        ana.cookie(HOST, SESSION),
        Some(&*cookie),
        "the session stays"
    );
    let ana_is = me(&ana).await;
    let user = ana.session().await.expect("signed in").user;
    assert_eq!(user.name, "Ana Almeida", "a link changes no name");
    assert_eq!(
        user.attributes.first("region"),
        Some("europe"),
        "and no fact"
    );
    assert_eq!(opens(&usher, "ben").await, ana_is, "the other way in");
    let ben = Browser::of(&usher, "ben").await;
    assert_ne!(me(&ben).await, ana_is, "Ben himself is another user");
    assert_eq!(usher.events_named("identity.linked").await, 1);
    assert!(
        ana.get("/account/history")
            .await
            .says("Linked “Branch account”")
    );
}

#[tokio::test]
async fn a_mail_address_or_a_name_links_nothing() {
    let usher = two_ways().await;
    let ana = Browser::of(&usher, "ana").await;
    // The same name, mail address and subject, vouched for by another provider.
    assert_ne!(opens(&usher, "ana").await, me(&ana).await);
}

#[tokio::test]
async fn an_identity_of_another_user_stays_theirs_and_its_owner_is_not_revealed() {
    let usher = two_ways().await;
    let ben_is = opens(&usher, "ben").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    let page = ana.sign_in(&form, "ben").await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("already linked to another account"),
        "{}",
        page.text()
    );
    assert!(!page.says("Ben Brooks"), "{}", page.text());
    assert!(page.body.contains("href=\"/account\""), "a way back");
    assert_eq!(opens(&usher, "ben").await, ben_is);
    assert_eq!(usher.events_named("identity.linked").await, 0);
    let refused = ana.get("/account/history").await;
    assert!(
        refused.says("“Branch account” was refused"),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn what_is_theirs_already_is_no_error() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let forms = [begin(&mut ana).await, begin(&mut ana).await];
    ana.sign_in(&forms[0], "ben").await;
    let page = ana.sign_in(&forms[1], "ben").await;
    assert!(
        page.says("already linked to your account"),
        "{}",
        page.text()
    );
    assert_eq!(usher.events_named("identity.linked").await, 1);
    assert_eq!(identities(&usher).await, 2);
}

#[tokio::test]
async fn two_tabs_link_two_ways() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let forms = [begin(&mut ana).await, begin(&mut ana).await];
    assert_ne!(forms[0].url, forms[1].url);
    for (form, name) in forms.iter().zip(["ben", "cleo"]) {
        let page = ana.sign_in(form, name).await;
        assert!(
            page.says("Linked. You can now sign in with this method"),
            "{}",
            page.text()
        );
    }
    let ana_is = me(&ana).await;
    for name in ["ben", "cleo"] {
        assert_eq!(opens(&usher, name).await, ana_is);
    }
}

#[tokio::test]
async fn a_link_attempt_used_twice_links_once() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    ana.sign_in(&form, "ben").await;
    let page = ana.sign_in(&form, "cleo").await;
    assert!(page.says("You are already signed in"), "{}", page.text());
    assert_eq!(identities(&usher).await, 2);
    assert_ne!(opens(&usher, "cleo").await, me(&ana).await);
}

#[tokio::test]
async fn another_user_signed_in_meanwhile_gets_nothing_linked() {
    let usher = two_ways().await;
    let mut browser = Browser::of(&usher, "ana").await;
    let form = begin(&mut browser).await;
    let out = browser.get("/sign-out").await;
    browser.send(&out, "/sign-out").await;
    let sign_in = browser.get("/sign-in").await;
    browser.sign_in(&sign_in, "ben").await;
    for name in ["cleo", "ben"] {
        let page = browser.sign_in(&form, name).await;
        assert_eq!(page.status, 403, "{}", page.text());
        assert!(
            page.says("no longer valid. Go back to your account"),
            "{}",
            page.text()
        );
    }
    assert_eq!(identities(&usher).await, 2, "Ana's and Ben's first ways");
}

#[tokio::test]
async fn nothing_is_linked_after_the_user_signed_out() {
    let usher = two_ways().await;
    let mut browser = Browser::of(&usher, "ana").await;
    let form = begin(&mut browser).await;
    let out = browser.get("/sign-out").await;
    browser.send(&out, "/sign-out").await;
    let page = browser.sign_in(&form, "ben").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(browser.session().await.is_none(), "and it signs no user in");
    assert_eq!(identities(&usher).await, 1);
}

#[tokio::test]
async fn a_disabled_user_links_nothing() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    let who = ana.session().await.expect("signed in").user.id;
    assert!(usher.app.directory.disable(&who).await.expect("done"));
    let page = ana.sign_in(&form, "ben").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert_eq!(identities(&usher).await, 1);
}

/// THREATS: login CSRF: no user completes what another began.
#[tokio::test]
async fn another_browsers_attempt_links_nothing() {
    let usher = two_ways().await;
    let mut attacker = Browser::of(&usher, "ben").await;
    let form = begin(&mut attacker).await;
    let mut victim = Browser::of(&usher, "ana").await;
    let page = victim.sign_in(&form, "cleo").await;
    assert!(!page.says("linked"), "{}", page.text());
    let body = format!(
        "provider=branch&name=cleo&password={}",
        PASSWORD.replace(' ', "+")
    );
    for origin in [None, Some("null"), Some("https://evil.example")] {
        let page = attacker.post(form.url.path(), origin, &body).await;
        assert_eq!(page.status, 403);
        assert_eq!(victim.post(LINK, origin, "").await.status, 403);
    }
    assert_eq!(identities(&usher).await, 2);
}

#[tokio::test]
async fn a_link_attempt_is_for_its_own_provider() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    let shown = ana
        .get(&format!("{}?provider=local", form.url.path()))
        .await;
    assert!(shown.says("Branch account"), "{}", shown.text());
    let body = format!(
        "provider=local&name=ben&password={}",
        PASSWORD.replace(' ', "+")
    );
    let page = ana.post(form.url.path(), OURS, &body).await;
    assert_eq!(page.status, 404, "{}", page.text());
    assert_eq!(identities(&usher).await, 1);
    for unknown in ["nobody", "%00", "lau_1"] {
        let link = format!("/account/links/{unknown}");
        assert_eq!(ana.get(&link).await.status, 404, "{unknown}");
        assert_eq!(ana.post(&link, OURS, "").await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn a_wrong_password_there_links_nothing_and_may_be_tried_again() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    let page = ana
        .fill(&form, &[("Username", "ben"), ("Password", "wrong")])
        .await;
    assert_eq!(page.status, 422);
    assert!(page.says("as a sign-in method for the account of Ana Almeida"));
    assert_eq!(identities(&usher).await, 1);
    let page = ana.sign_in(&page, "ben").await;
    assert!(page.says("Linked."), "{}", page.text());
}

#[tokio::test]
async fn an_old_session_proves_its_user_first() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(10 * MINUTE + Duration::from_secs(1));
    let form = begin(&mut ana).await;
    assert!(
        !form.says("Branch account Name"),
        "first they prove who they are"
    );
    let page = confirm(&mut ana, &form, "ana").await;
    assert_eq!(page.url.path(), LINK, "{}", page.text());
    assert!(page.says("Link “Branch account”"), "{}", page.text());
    let form = ana.send(&page, LINK).await;
    let page = ana.sign_in(&form, "ben").await;
    assert!(page.says("Linked."), "{}", page.text());
}

#[tokio::test]
async fn an_old_session_that_another_user_proves_links_nothing() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(11 * MINUTE);
    let form = begin(&mut ana).await;
    let page = confirm(&mut ana, &form, "ben").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert_eq!(identities(&usher).await, 1);
    assert!(link_to(&ana.get("/account").await, "/account/identities/").is_none());
}

#[tokio::test]
async fn a_form_left_open_for_too_long_links_nothing() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    usher.advance(21 * MINUTE);
    let page = ana.sign_in(&form, "ben").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.says("start again"), "{}", page.text());
    assert_eq!(identities(&usher).await, 1);
}

#[tokio::test]
async fn whom_admission_does_not_let_in_is_not_linked() {
    let usher = two_ways_with(|branch| branch.allow = Some(part("group = \"support\""))).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let form = begin(&mut ana).await;
    let page = ana.sign_in(&form, "cleo").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert_eq!(identities(&usher).await, 1);
    let page = ana.sign_in(&form, "ben").await;
    assert!(page.says("Linked."), "{}", page.text());
}

#[tokio::test]
async fn a_hidden_provider_is_not_offered() {
    let usher = two_ways_with(|branch| branch.hidden = true).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/account").await;
    assert!(!page.says("Branch account"), "{}", page.text());
}

/// THREATS: MFA bypass. A new identity must not bypass the second factor.
#[tokio::test]
async fn who_has_a_second_factor_proves_it_before_linking() {
    let usher = two_ways().await;
    let (mut ana, app, _) = with_app(&usher, "ana").await;
    usher.advance(11 * MINUTE);
    let page = begin(&mut ana).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    assert_eq!(identities(&usher).await, 1);
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.url.path(), LINK, "{}", page.text());
    let form = ana.send(&page, LINK).await;
    let page = ana.sign_in(&form, "ben").await;
    assert!(page.says("Linked."), "{}", page.text());
    assert!(page.says("1 set up"), "{}", page.text());
}
