//! What was in progress at the moment of the upgrade: it continues, or the user is shown that the
//! page has expired and starts again. It never fails.

use super::{Release, TRUSTED};
use support::{
    browser::{Browser, Page},
    campus::bring,
    factor::{answer, use_key},
    saml::{Says, Signer},
    server::{PORTAL, TestServer},
};

const OURS: Option<&str> = Some(PORTAL);

impl Release {
    /// The browser of something that was under way, which does not leave the portal.
    fn waiting<'a>(&self, usher: &'a TestServer, name: &str) -> Browser<'a> {
        let mut browser = self.browser(usher, &format!("/pending/{name}/cookies"));
        browser.stays = true;
        browser
    }

    /// What is known of it: its path, and what else belongs to it.
    fn of_waiting(&self, name: &str, part: &str) -> &str {
        self.text(&format!("/pending/{name}/{part}"))
    }
}

/// Whether the page says that it has expired, and offers to start anew.
fn has_expired(page: &Page) -> bool {
    (400..500).contains(&page.status)
        && page.says("expired")
        && (page.body.contains("href=\"/sign-in") || page.body.contains("href=\"/\""))
}

fn assert_goes_on(page: &Page, there: &str, what: &str) {
    let end = page.trail.last().map_or("", String::as_str);
    assert!(
        page.status < 400 && end.starts_with(there) || has_expired(page),
        "{what}: {} at {:?}: {}",
        page.status,
        page.trail,
        page.text()
    );
}

#[tokio::test]
async fn a_sign_in_that_was_begun_before_the_upgrade_is_completed_after_it() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.waiting(&usher, "sign_in");
    ana.set_cookie("usher.test", TRUSTED, release.bearer("trusted_device"));
    let page = ana.get(release.of_waiting("sign_in", "path")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = ana.sign_in(&page, "ana").await;
    let is_in = page.says("Hello, Ana Almeida");
    assert!(is_in || has_expired(&page), "{}", page.text());
}

#[tokio::test]
async fn a_sign_in_page_that_was_open_during_the_upgrade_leads_to_its_destination() {
    let release = Release::read();
    for (what, there) in [
        ("launch", "https://crm-eu.test/login/initiate?"),
        ("authorization", "https://crm-eu.test/callback?code="),
        ("saml", "https://lab.test/acs"),
        ("cas", "https://lib-eu.test/books?ticket="),
        ("discourse", "https://forum-eu.test/session/sso_login?sso="),
        ("gateway", "https://page-eu.test/.usher/enter"),
    ] {
        let usher = release.upgraded().await;
        let mut ana = release.waiting(&usher, what);
        // On a device that she trusts, her password is enough.
        ana.set_cookie("usher.test", TRUSTED, release.bearer("trusted_device"));
        let page = ana.get(release.of_waiting(what, "path")).await;
        if has_expired(&page) {
            continue;
        }
        assert_eq!(page.status, 200, "{what}: {}", page.text());
        let page = ana.sign_in(&page, "ana").await;
        assert_goes_on(&page, there, what);
    }
}

#[tokio::test]
async fn a_second_factor_that_was_asked_for_before_the_upgrade_is_proved_after_it() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.waiting(&usher, "factor");
    let page = ana.get(release.of_waiting("factor", "path")).await;
    if has_expired(&page) {
        return;
    }
    let code = release.app().shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert_goes_on(&page, "https://crm-eu.test/login/initiate?", "a factor");
}

#[tokio::test]
async fn a_passkey_challenge_of_the_previous_release_is_answered_or_asked_again() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ben = release.waiting(&usher, "ceremony");
    let credential = release
        .passkey()
        .get(release.at("/pending/ceremony/options"));
    let body = answer(release.of_waiting("ceremony", "ceremony"), &credential);
    let path = format!("{}/passkey", release.of_waiting("ceremony", "path"));
    let page = ben.post(&path, OURS, &body).await;
    let is_in = page.says("Hello, Ben Brooks");
    assert!(is_in || page.status < 500, "{}", page.text());
    assert_eq!(ben.session().await.is_some(), is_in);
}

#[tokio::test]
async fn a_user_who_was_at_an_identity_provider_during_the_upgrade_comes_back() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut guest = release.waiting(&usher, "upstream");
    let request = release.of_waiting("upstream", "request");
    let says = Says {
        in_response_to: request.to_owned(),
        confirmed_for: request.to_owned(),
        ..Says::at(usher.clock.now().secs())
    };
    let response = says.by(&Signer::of("idp"));
    let state = release.of_waiting("upstream", "state");
    let page = bring(&mut guest, &response, state).await;
    let is_in = guest.session().await.is_some();
    assert!(
        is_in || (400..500).contains(&page.status),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_form_that_was_kept_for_its_user_is_shown_after_the_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ben = release.waiting(&usher, "form");
    let page = ben.get(release.of_waiting("form", "path")).await;
    if has_expired(&page) {
        return;
    }
    let page = ben.sign_in(&page, "ben").await;
    let page = use_key(&mut ben, &page, &mut release.passkey()).await;
    let is_shown = page.says("Send this form?") && page.says("crm-us");
    let is_back = page.says("because you chose it");
    assert!(is_shown || is_back, "{}: {}", page.url, page.text());
}

#[tokio::test]
async fn a_question_for_consent_that_was_open_during_the_upgrade_is_answered() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.signed_in(&usher, "ana");
    ana.stays = true;
    let page = ana.get(release.bearer("question")).await;
    if has_expired(&page) {
        return;
    }
    assert!(page.says("The groups you belong to"), "{}", page.text());
    let page = ana.press(&page, "answer", "yes").await;
    assert_goes_on(&page, "https://wiki-eu.test/callback?code=", "a consent");
}

#[tokio::test]
async fn a_launch_that_waited_for_a_choice_goes_on_after_the_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut cleo = release.signed_in(&usher, "cleo");
    let link = release.bearer("choice");
    let page = cleo.get(link).await;
    assert!(page.says("Choose an instance"), "{}", page.text());
    cleo.stays = true;
    let path = format!("{link}/choice");
    let page = cleo.post(&path, OURS, "instance=reports-us").await;
    assert_goes_on(&page, "https://reports-us.test/", "a choice");
}

/// A request that is lost says so on a page, whatever it was.
#[tokio::test]
async fn a_request_that_is_no_longer_known_gets_a_page_that_says_it_has_expired() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let none = "0".repeat(32);
    for path in [
        format!("/oidc/consent/aut_{none}"),
        format!("/saml/sso/sar_{none}"),
        format!("/sign-in/att_{none}"),
    ] {
        let page = release.signed_in(&usher, "ana").get(&path).await;
        let starts_anew = page.status == 200 && page.says("Ana Almeida");
        assert!(starts_anew || has_expired(&page), "{path}: {}", page.text());
    }
}
