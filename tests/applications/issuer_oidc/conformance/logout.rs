//! The plan for RP-Initiated Logout 1.0.

use url::form_urlencoded::Serializer;

use support::{
    browser::{Browser, Page},
    relying_party::{Ask, tokens},
    server::TestServer,
};

const HOME: &str = "https://crm-eu.test/";

/// The parameters of a relying party's logout request.
struct Leaving<'a> {
    hint: Option<&'a str>,
    address: Option<&'a str>,
    state: Option<&'a str>,
}

impl Leaving<'_> {
    fn path(&self) -> String {
        let given = [
            ("id_token_hint", self.hint),
            ("post_logout_redirect_uri", self.address),
            ("state", self.state),
        ];
        let given = given
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let query = Serializer::new(String::new()).extend_pairs(given).finish();
        format!("/oidc/end-session?{query}")
    }
}

/// A signed-in user asks to sign out, with a valid or invalid hint.
async fn leave(
    spoil: impl Fn(&str) -> Option<String>,
    address: Option<&str>,
    state: Option<&str>,
) -> (Page, bool) {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (given, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let hint = spoil(given["id_token"].as_str().expect("one"));
    let leaving = Leaving {
        hint: hint.as_deref(),
        address,
        state,
    };
    ana.stays = true;
    let page = ana.get(&leaving.path()).await;
    let is_over = ana.session().await.is_none();
    (page, is_over)
}

fn good(hint: &str) -> Option<String> {
    Some(hint.to_owned())
}

fn went_home(page: &Page) -> bool {
    page.trail.last().is_some_and(|last| last.starts_with(HOME))
}

fn asks(page: &Page) -> bool {
    page.status == 200 && page.says("Sign out?")
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let (page, is_over) = leave(good, Some(HOME), Some("a state")).await;
    assert!(is_over && went_home(&page));
    assert_eq!(page.away()["state"], "a state");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let (page, is_over) = leave(good, Some(HOME), None).await;
    assert!(is_over && went_home(&page));
    assert!(!page.away().contains_key("state"));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let (page, is_over) = leave(|_| None, None, None).await;
    assert!(asks(&page) && !is_over);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let (page, is_over) = leave(|_| None, None, Some("a state")).await;
    assert!(asks(&page) && !is_over && !went_home(&page));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let (page, is_over) = leave(good, None, None).await;
    assert!(is_over && !went_home(&page));
    assert!(page.says("You are signed out"), "{}", page.text());
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let (page, is_over) = leave(|_| None, Some(HOME), Some("a state")).await;
    assert!(asks(&page) && !is_over && !went_home(&page));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let (page, is_over) = leave(|_| Some("not.a.token".to_owned()), Some(HOME), None).await;
    assert!(asks(&page) && !is_over && !went_home(&page));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let spoil = |hint: &str| {
        let (signed, signature) = hint.rsplit_once('.').expect("parts");
        let turned: String = signature.chars().rev().collect();
        Some(format!("{signed}.{turned}"))
    };
    let (page, is_over) = leave(spoil, Some(HOME), None).await;
    assert!(asks(&page) && !is_over && !went_home(&page));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let (page, _) = leave(good, Some("https://evil.test/"), None).await;
    assert!(!went_home(&page) && !page.trail.iter().any(|at| at.starts_with("https://evil")));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let (page, _) = leave(good, Some("https://crm-eu.test/?foo=bar"), None).await;
    assert!(!went_home(&page), "{:?}", page.trail);
}
