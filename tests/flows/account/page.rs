//! The page itself: its content about a user, in both languages, with all values escaped.

use super::{HOST, two_ways};
use support::{
    browser::{Browser, SESSION},
    draft::Draft,
    server::TestServer,
};

#[tokio::test]
async fn every_fact_is_shown_with_where_it_comes_from() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/account").await;
    for words in [
        "You sign in as ana",
        "Email address ana@example.org from your local account",
        "Groups sales staff from your local account",
        "Region europe",
        "None set up. Once you add one",
        "Change your password",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(page.body.contains("href=\"/account/factors\""));
    assert!(page.body.contains("href=\"/account/password\""));
}

#[tokio::test]
async fn the_menu_of_every_page_leads_here() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for link in ["/", "/services/crm", "/account/history", "/nowhere"] {
        let page = ana.get(link).await;
        assert!(page.body.contains("href=\"/account\""), "{link}");
    }
    let nobody = Browser::new(&usher).get("/sign-in").await;
    assert!(!nobody.body.contains("href=\"/account\""));
}

#[tokio::test]
async fn the_page_is_available_in_german() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let portal = ana.get("/").await;
    ana.press(&portal, "lang", "de").await;
    let page = ana.get("/account").await;
    for words in [
        "Ihr Konto",
        "Aktive Sitzungen",
        "gerade eben",
        "18. November 2026",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
}

#[tokio::test]
async fn words_of_others_stay_words() {
    const HOSTILE: &str = "<script>alert(1)</script>'><img src=x onerror=alert(1)>&lt;";
    let draft = Draft::changed(|draft| {
        draft.person("ana").name = HOSTILE.into();
        draft.person("ana").groups = vec![HOSTILE.into()];
        draft.set_attribute("ana", "region", HOSTILE);
        draft.provider("local").title = HOSTILE.into();
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    for link in [
        "/account",
        "/account/history",
        "/account?done=%3Cscript%3E",
        "/account/links/local",
        "/account/links/%3Cscript%3E",
        "/account/identities/%3Cscript%3E",
    ] {
        let page = ana.get(link).await;
        assert_eq!(
            page.body.matches("<script").count(),
            1,
            "{link}: {}",
            page.body
        );
        assert!(!page.body.contains("<img"), "{link}");
        let twice = page.body.contains("&lt;lt;") || page.body.contains("&#38;#");
        assert!(!twice, "{link}: escaped once");
    }
    assert!(ana.get("/account").await.says(HOSTILE));
}

#[tokio::test]
async fn no_page_here_is_kept_and_none_shows_the_cookie() {
    let usher = two_ways().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let cookie = ana.cookie(HOST, SESSION).expect("a session").to_owned();
    for link in ["/account", "/account/history", "/account/links/branch"] {
        let page = ana.get(link).await;
        assert_eq!(page.status, 200, "{link}");
        assert_eq!(page.headers["cache-control"], "no-store", "{link}");
        assert!(!page.body.contains(&cookie), "{link}");
    }
}
