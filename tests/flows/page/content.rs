//! The portal page and "open a record": what is shown, in which order, and that data of others is
//! escaped.

use std::time::Duration;

use regex::Regex;

use support::{
    browser::{Browser, Page, SESSION},
    draft::{Draft, part},
    server::TestServer,
};

/// The titles of the tiles that are not hidden.
fn tiles(page: &Page) -> Vec<String> {
    let tile = Regex::new("(?s)<li class=\"tile\"([^>]*)>.*?<a class=\"cover\"[^>]*>([^<]*)</a>");
    let tile = tile.expect("a pattern");
    let shown = tile.captures_iter(&page.body);
    let shown = shown.filter(|found| !found[1].ends_with(" hidden"));
    shown.map(|found| found[2].to_owned()).collect()
}

#[tokio::test]
async fn every_user_sees_their_services_in_the_admins_order() {
    let usher = TestServer::open().await;
    for (name, expected) in [
        ("ana", &["CRM", "Tickets", "Wiki", "Reports"][..]),
        ("ben", &["CRM", "Tickets", "Wiki"]),
        ("cleo", &["CRM", "Tickets", "Wiki", "Reports", "Attic"]),
    ] {
        let page = Browser::of(&usher, name).await.get("/").await;
        assert_eq!(tiles(&page), expected, "{name}");
    }
    let page = Browser::of(&usher, "cleo").await.get("/").await;
    assert!(
        page.says("CRM Europe")
            && page.says("Several instances")
            && page.says("No instance assigned")
    );
}

#[tokio::test]
async fn the_search_works_without_javascript() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (query, expected) in [
        ("wiki", &["Wiki"][..]),
        ("WIKI+europe", &["Wiki"]),
        ("customers", &["CRM", "Tickets"]),
        ("nothing+at+all", &[]),
        ("attic", &[]),
        ("", &["CRM", "Tickets", "Wiki", "Reports"]),
        ("%20", &["CRM", "Tickets", "Wiki", "Reports"]),
    ] {
        let page = ana.get(&format!("/?q={query}")).await;
        assert_eq!(tiles(&page), expected, "{query}");
        let none = page.body.contains("data-search-none hidden");
        assert_eq!(none, !expected.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn open_a_record_shows_who_opens_it_and_where() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/open?type=customer&key=%20c-1042%20").await;
    for href in [
        "/go/crm/customer/C-1042",
        "/go/crm/customer/C-1042?intent=edit",
        "/go/wiki/customer/C-1042",
    ] {
        assert!(
            page.body.contains(&format!("href=\"{href}\"")),
            "{href}: {}",
            page.body
        );
    }
    assert!(!page.body.contains("audit"), "an intent for admins");
    assert!(page.says("CRM Europe") && page.says("Ticket desk Europe"));
    let cleo = Browser::of(&usher, "cleo")
        .await
        .get("/open?type=customer&key=C-1042")
        .await;
    assert!(cleo.body.contains("intent=audit") && cleo.says("Several instances"));
    assert!(!cleo.body.contains("/go/attic/"), "no rule leads there");
    for (query, words) in [
        (
            "type=customer&key=1042",
            "C- and four to six digits, like C-1042",
        ),
        (
            "type=case&key=C-1042",
            "CS- and four to six digits, like CS-2207",
        ),
        ("type=ghost&key=1", "Unknown record type"),
        (
            "type=customer&key=",
            "The services that can open the record will appear here",
        ),
        ("", "The services that can open the record will appear here"),
    ] {
        let page = ana.get(&format!("/open?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert!(page.says(words), "{query}: {}", page.text());
    }
}

#[tokio::test]
async fn recent_records_stand_newest_first_each_once_and_not_too_many() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert!(ana.get("/").await.says("Records you open will appear here"));
    for key in ["C-1001", "C-1002", "C-1003", "C-1001"] {
        usher.advance(Duration::from_secs(60));
        ana.get(&format!("/go/crm/customer/{key}")).await;
    }
    ana.get("/go/crm").await;
    ana.get("/go/crm/customer/C-9").await;
    usher.advance(Duration::from_secs(120));
    let page = ana.get("/").await;
    assert_eq!(recents(&page), ["C-1001", "C-1003", "C-1002"]);
    assert!(page.says("2 minutes ago"), "{}", page.text());
    let ben = Browser::of(&usher, "ben").await.get("/").await;
    assert!(recents(&ben).is_empty(), "no other user's");
    for key in 2000..2008 {
        usher.advance(Duration::from_secs(1));
        ana.get(&format!("/go/wiki/customer/C-{key}")).await;
    }
    let expected = ["C-2007", "C-2006", "C-2005", "C-2004", "C-2003", "C-2002"];
    assert_eq!(recents(&ana.get("/").await), expected);
}

#[tokio::test]
async fn a_record_of_a_service_no_longer_ones_own_is_forgotten() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/reports/customer/C-1042").await;
    assert_eq!(recents(&ana.get("/").await), ["C-1042"]);
    usher
        .change(|draft| draft.service("reports").audience = Some(part("group = \"admins\"")))
        .await;
    assert!(recents(&ana.get("/").await).is_empty());
}

fn recents(page: &Page) -> Vec<String> {
    let row =
        Regex::new("(?s)<a class=\"record\".*?<strong class=\"key\">([^<]*)<").expect("a pattern");
    row.captures_iter(&page.body)
        .map(|found| found[1].to_owned())
        .collect()
}

#[tokio::test]
async fn words_of_others_stay_words() {
    const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;";
    let draft = Draft::changed(|draft| {
        draft.person("ana").name = HOSTILE.into();
        draft.set_attribute("ana", "region", HOSTILE);
        draft.service("crm").title = HOSTILE.into();
        draft.rule("crm", "People in Europe").title = HOSTILE.into();
        draft.context_type("customer").title = HOSTILE.into();
    });
    let usher = TestServer::with(&draft).await;
    let query = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%3E%3Cimg%20src%3Dx%3E";
    let mut ana = Browser::new(&usher);
    let form = ana.get(&format!("/go/crm/customer/{query}")).await;
    let mut pages = vec![
        ana.fill(&form, &[("Username", HOSTILE), ("Password", "x")])
            .await,
        form,
    ];
    pages.push(ana.sign_in(&pages[1].clone(), "ana").await);
    for link in [
        format!("/?q={query}"),
        format!("/open?type=customer&key={query}"),
        format!("/open?type={query}&key={query}"),
        "/open?type=customer&key=C-1042".to_owned(),
        "/services/crm".to_owned(),
        format!("/services/{query}"),
        format!("/go/crm/customer/{query}"),
        format!("/go/wiki/customer/C-1042?{query}={query}"),
        format!("/go/wiki/customer/C-1042?tab={query}"),
        format!("/{query}?{query}"),
    ] {
        pages.push(ana.get(&link).await);
    }
    for page in pages {
        assert_eq!(page.url.host_str(), Some("usher.test"));
        assert_eq!(
            page.body.matches("<script").count(),
            1,
            "{}: {}",
            page.url,
            page.body
        );
        assert!(!page.body.contains("<img"), "{}", page.url);
        assert!(
            !page.body.contains("&lt;lt;") && !page.body.contains("&#38;#"),
            "escaped once"
        );
    }
    let portal = ana.get("/").await;
    assert!(
        portal.says("Hello, <script>alert(1)</script>\"'>"),
        "{}",
        portal.text()
    );
}

#[tokio::test]
async fn the_session_cookie_is_on_no_page() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let secrets = [SESSION, "__Host-usher-browser"].map(|name| ana.cookie("usher.test", name));
    let secrets = secrets.map(|secret| secret.expect("a cookie").to_owned());
    for link in ["/", "/services/crm", "/nowhere", "/sign-out", "/open"] {
        let page = ana.get(link).await;
        assert!(
            secrets.iter().all(|secret| !page.body.contains(secret)),
            "{link}"
        );
    }
}
