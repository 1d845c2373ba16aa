//! What the page of a problem offers: the next step that fits it, and always the portal.

use axum::{body::Body, http::Request};
use regex::Regex;

use support::{
    browser::{Browser, Page, SESSION},
    draft::{Draft, part},
    server::TestServer,
};

const PORTAL_LINK: (&str, &str) = ("Back to the portal", "/");
const OTHER_USER: (&str, &str) = ("Sign in as another user", "/sign-out?again=1");

/// The steps that a page offers, in their order, as label and address. The first one is the main one.
fn steps(page: &Page) -> Vec<(String, String)> {
    let link = Regex::new("<a class=\"button( main)?\" href=\"([^\"]*)\">([^<]*)</a>");
    let link = link.expect("a pattern");
    let (mut steps, mut main) = (Vec::new(), Vec::new());
    for found in link.captures_iter(&page.body) {
        steps.push((found[3].to_owned(), found[2].to_owned()));
        main.push(found.get(1).is_some());
    }
    assert_eq!(main.first(), Some(&true), "{}", page.body);
    assert!(!main[1..].contains(&true), "{}", page.body);
    steps
}

#[track_caller]
fn offers(page: &Page, wanted: &[(&str, &str)]) {
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(label, href)| ((*label).to_owned(), (*href).to_owned()))
        .collect();
    assert_eq!(steps(page), wanted, "{}", page.text());
}

#[tokio::test]
async fn a_refused_link_offers_what_may_open_it() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let search = ("Open a record", "/open");
    let record = ("Open", "/go/crm/customer/C-1042");
    let record_at_tab = ("Open", "/go/crm/customer/C-1042?tab=a");
    // One that exists and one that does not are the same to Ana.
    for link in ["/go/attic", "/go/nowhere"] {
        let page = ana.get(link).await;
        assert_eq!(page.status, 403, "{link}: {}", page.text());
        offers(&page, &[PORTAL_LINK, OTHER_USER]);
    }
    for (link, status, step) in [
        ("/go/crm/customer/C-1042?intent=audit", 403, OTHER_USER),
        ("/go/crm/customer/x", 400, search),
        ("/go/crm/ghost/x", 404, search),
        ("/go/crm/case/CS-2207", 404, search),
        ("/go/crm/customer/C-1042?intent=shred", 404, record),
        (
            "/go/crm/customer/C-1042?intent=shred&tab=a",
            404,
            record_at_tab,
        ),
    ] {
        let page = ana.get(link).await;
        assert_eq!(page.status, status, "{link}: {}", page.text());
        offers(&page, &[step, PORTAL_LINK]);
    }
    let page = ana.get(OTHER_USER.1).await;
    assert!(page.says("Sign out?"), "a link alone signs no user out");
}

#[tokio::test]
async fn a_page_that_does_not_exist_offers_a_visitor_to_sign_in() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher).get("/nowhere").await;
    offers(&page, &[("Sign in", "/sign-in?again=1"), PORTAL_LINK]);
    let mut ana = Browser::of(&usher, "ana").await;
    offers(&ana.get("/nowhere").await, &[PORTAL_LINK]);
    offers(&ana.get("/admin").await, &[PORTAL_LINK]);
}

#[tokio::test]
async fn a_session_that_has_ended_offers_to_sign_in_again() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let ours = Some("https://usher.test");
    let page = browser
        .post("/services/crm/instance", ours, "instance=crm-eu")
        .await;
    assert_eq!(page.status, 401, "{}", page.text());
    offers(&page, &[("Sign in", "/sign-in"), PORTAL_LINK]);
}

#[tokio::test]
async fn too_many_requests_offer_to_try_again() {
    let usher = TestServer::configured(&[
        ("USHER_SERVER__ANONYMOUS_WRITES_PER_SECOND", "1"),
        ("USHER_SERVER__ANONYMOUS_WRITES_BURST", "1"),
    ])
    .await;
    usher.seed(&Draft::sample()).await;
    let link = "/go/crm/customer/C-1042";
    for _ in 0..5 {
        let page = Browser::new(&usher).peek(link).await;
        if page.status == 429 {
            return offers(&page, &[("Try again", link), PORTAL_LINK]);
        }
    }
    panic!("not limited");
}

#[tokio::test]
async fn a_portal_that_is_not_set_up_offers_to_try_again() {
    let usher = TestServer::empty().await;
    let page = Browser::new(&usher).get("/sign-in").await;
    assert_eq!(page.status, 503, "{}", page.text());
    offers(&page, &[("Try again", page.url.path()), PORTAL_LINK]);
}

#[tokio::test]
async fn a_form_that_was_not_processed_offers_its_page() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    let huge = "x".repeat(300_000);
    browser.headers = vec![("referer", form.url.to_string())];
    let typed = [("Username", "ana"), ("Password", &*huge)];
    let page = browser.fill(&form, &typed).await;
    assert_eq!(page.status, 413);
    offers(&page, &[("Try again", form.url.path()), PORTAL_LINK]);
    for foreign in [
        "https://evil.example/form",
        "https://usher.test.evil.example/form",
        "https://usher.test//evil.example/form",
        "https://usher.test/",
    ] {
        browser.headers = vec![("referer", foreign.to_owned())];
        let page = browser.fill(&form, &typed).await;
        assert_eq!(page.status, 413);
        offers(&page, &[PORTAL_LINK]);
    }
}

#[tokio::test]
async fn a_step_is_offered_in_the_users_language_and_on_pages_only() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.headers = vec![("accept-language", "de".to_owned())];
    offers(
        &ana.get("/go/attic").await,
        &[
            ("Zurück zum Portal", "/"),
            ("Als anderer Benutzer anmelden", "/sign-out?again=1"),
        ],
    );
    ana.headers = vec![("hx-request", "true".to_owned())];
    let part = ana.get("/go/attic").await;
    assert_eq!(part.status, 403);
    assert!(part.says("You do not have access"), "{}", part.text());
    assert!(!part.body.contains("<a "), "{}", part.body);
    let cookie = ana.cookie("usher.test", SESSION).expect("a session");
    let request = Request::get("/go/attic")
        .header("accept", "application/json")
        .header("cookie", format!("{SESSION}={cookie}"))
        .body(Body::empty());
    let (status, headers, body) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 403);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert!(!body.contains("/sign-out"), "{body}");
}

/// A browser that comes from this page of the portal.
fn coming_from(browser: &mut Browser<'_>, page: &Page) {
    browser.headers = vec![("referer", page.url.to_string())];
}

/// The action of the form that signs out and remembers where to go on.
fn switching(page: &Page) -> String {
    let action = Regex::new("action=\"(/sign-out\\?to=[^\"]+)\"").expect("a pattern");
    action.captures(&page.body).expect("the form")[1].to_owned()
}

/// Ben may not see the record; Ana may, and lands in it.
#[tokio::test]
async fn another_user_goes_on_to_the_record_that_this_one_may_not_open() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| {
            draft.service("crm").audience =
                Some(part("attribute = \"region\"\nequals = \"europe\""))
        })
        .await;
    let mut browser = Browser::of(&usher, "ben").await;
    let link = "/go/crm/customer/C-1042";
    let denied = browser.get(link).await;
    offers(&denied, &[PORTAL_LINK, OTHER_USER]);
    coming_from(&mut browser, &denied);
    let question = browser.get(OTHER_USER.1).await;
    assert!(
        question.says("continue where you are now"),
        "{}",
        question.text()
    );
    let left = browser.send(&question, &switching(&question)).await;
    browser.headers.clear();
    let (label, href) = steps(&left).remove(0);
    assert_eq!(label, OTHER_USER.0, "{}", left.text());
    let form = browser.get(&href.replace("&amp;", "&")).await;
    let landed = browser.sign_in(&form, "ana").await;
    assert_eq!(landed.shown("path").as_deref(), Some("/customers/C-1042"));
    // An ordinary sign-out afterwards leads to the portal again.
    let question = browser.get("/sign-out").await;
    let left = browser.send(&question, "/sign-out").await;
    assert_eq!(steps(&left)[0].1, "/sign-in", "{}", left.body);
}

/// The same where the record was refused at the end of a sign-in, whose address is used up.
#[tokio::test]
async fn another_user_goes_on_to_what_a_sign_in_led_to() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| {
            draft.service("crm").audience =
                Some(part("attribute = \"region\"\nequals = \"europe\""))
        })
        .await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/go/crm/customer/C-1042").await;
    let denied = browser.sign_in(&form, "ben").await;
    assert_eq!(denied.status, 403, "{}", denied.text());
    coming_from(&mut browser, &form);
    let question = browser.get(OTHER_USER.1).await;
    let left = browser.send(&question, &switching(&question)).await;
    browser.headers.clear();
    let href = steps(&left).remove(0).1;
    let form = browser.get(&href).await;
    let landed = browser.sign_in(&form, "ana").await;
    assert_eq!(landed.shown("path").as_deref(), Some("/customers/C-1042"));
}

/// What was not sealed here, and pages of other sites, lead nowhere but to the portal.
#[tokio::test]
async fn no_address_from_outside_is_a_destination() {
    let usher = TestServer::open().await;
    for (to, referer) in [
        ("?to=https://evil.example/", "https://usher.test/"),
        ("?to=AAAA", "https://usher.test/"),
        ("?again=1", "https://evil.example/go/crm"),
        ("?again=1", "https://usher.test.evil.example/go/crm"),
        ("?again=1", "https://usher.test//evil.example/"),
    ] {
        let mut browser = Browser::new(&usher);
        browser.headers = vec![("referer", referer.to_owned())];
        let form = browser.get(&format!("/sign-in{to}")).await;
        browser.headers.clear();
        let landed = browser.sign_in(&form, "ana").await;
        assert_eq!(landed.url.as_str(), "https://usher.test/", "{to} {referer}");
        let question = browser.get(&format!("/sign-out{to}")).await;
        assert!(question.status == 200, "{to}");
        assert!(!question.body.contains("evil"), "{}", question.body);
    }
}

#[tokio::test]
async fn a_visitor_who_signs_in_from_a_missing_page_comes_back_to_it() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let missing = browser.get("/nowhere?a=1").await;
    coming_from(&mut browser, &missing);
    let form = browser.get("/sign-in?again=1").await;
    browser.headers.clear();
    let landed = browser.sign_in(&form, "ana").await;
    assert_eq!((landed.status, landed.url.path()), (404, "/nowhere"));
}
