//! From deep link to landing: what a link may contain, who may follow it where, and what happens to
//! its ticket.

mod choice;
mod closed;
mod form_jwt;
mod jwt;
mod link;
mod ticket;

use std::time::Duration;

use support::{
    browser::{Browser, Page},
    draft::Draft,
    remote::{launch_code, token},
    server::TestServer,
};

pub const RECORD: &str = "/go/crm/customer/C-1042";
pub const CHOICE: &str = "/go/reports/customer/C-1042";
const HOUR: Duration = Duration::from_secs(3600);

/// The page is in this application, at this path.
pub fn at(page: &Page, app: &str, path: &str) {
    assert_eq!(page.shown("app").as_deref(), Some(app), "{}", page.text());
    assert_eq!(page.shown("path").as_deref(), Some(path));
}

pub fn refused(page: &Page, status: u16, words: &str) {
    assert_eq!(page.status, status, "{}: {}", page.url, page.text());
    assert_eq!(page.url.host_str(), Some("usher.test"));
    assert!(page.says(words), "{}: {}", page.url, page.text());
}

#[tokio::test]
async fn what_a_link_may_not_say_is_refused_on_a_page_that_says_why() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let long = format!("/go/crm/customer/C-{}", "1".repeat(300));
    let many: String = (0..20).map(|n| format!("f{n}=1&")).collect();
    let many = format!("{RECORD}?{many}");
    for (link, status, words) in [
        ("/go/nowhere", 403, "You do not have access"),
        (
            "/go/nowhere/customer/C-1042",
            403,
            "You are signed in as Ana Almeida",
        ),
        ("/go/CRM/customer/C-1042", 404, "Page not found"),
        (&*long, 404, "Page not found"),
        ("/go/crm/ghost/C-1042", 404, "Unknown record type"),
        (
            "/go/crm/case/CS-2207",
            404,
            "CRM cannot open this record type",
        ),
        (
            "/go/crm/customer/C-1042?intent=burn",
            404,
            "CRM does not support this action",
        ),
        (
            "/go/crm/customer/C-1042?intent=%2F..",
            404,
            "Page not found",
        ),
        (
            "/go/crm?intent=edit",
            404,
            "CRM does not support this action",
        ),
        ("/go/crm/customer/C-1042?intent=audit", 403, "Access denied"),
        (
            "/go/crm/customer/C-1",
            400,
            "C- and four to six digits, like C-1042",
        ),
        (
            "/go/crm/customer/C-1042x",
            400,
            "“C-1042x” is not a valid number or ID",
        ),
        (
            "/go/crm/customer/C-1042?colour=red",
            400,
            "The part “colour” is not supported",
        ),
        (
            "/go/crm/customer/C-1042?tab=NOTES!",
            400,
            "The part “Tab” is missing",
        ),
        ("/go/crm?tab=notes", 400, "The part “tab” is not supported"),
        (
            "/go/crm/customer/C-1042?tab=a&tab=b",
            400,
            "This request could not be processed",
        ),
        (&*many, 400, "This request could not be processed"),
    ] {
        let page = ana.get(link).await;
        refused(&page, status, words);
        assert_eq!(page.trail.len(), 1, "{link}: {:?}", page.trail);
    }
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

#[tokio::test]
async fn a_bad_link_without_a_session_asks_for_a_sign_in_first_and_reveals_nothing() {
    let usher = TestServer::open().await;
    for (link, status) in [
        ("/go/nowhere/customer/C-1042", 403),
        ("/go/crm/ghost/C-1042", 404),
        ("/go/crm/customer/C-1", 400),
        ("/go/reports/customer/C-1042", 403),
    ] {
        let mut browser = Browser::new(&usher);
        let form = browser.get(link).await;
        assert_eq!(form.status, 200, "{link}");
        assert!(form.url.path().starts_with("/sign-in/att_"), "{}", form.url);
        assert!(!form.says("Reports"), "the service is not named yet");
        let page = browser.sign_in(&form, "ben").await;
        assert_eq!(page.status, status, "{link}: {}", page.text());
        assert!(browser.session().await.is_some(), "signed in is signed in");
    }
}

#[tokio::test]
async fn an_intent_for_admins_is_refused_to_others_and_opened_by_them() {
    let usher = TestServer::open().await;
    let link = format!("{RECORD}?intent=audit");
    refused(
        &Browser::of(&usher, "ana").await.get(&link).await,
        403,
        "Access denied",
    );
    let page = Browser::of(&usher, "cleo").await.get(&link).await;
    at(&page, "crm-eu", "/customers/C-1042/audit");
    assert_eq!(
        page.shown("context").as_deref(),
        Some("customer C-1042 audit")
    );
}

#[tokio::test]
async fn a_typed_field_arrives_in_the_link_and_in_the_claim() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/go/crm/customer/c-1042?tab=notes").await;
    at(&page, "crm-eu", "/customers/C-1042");
    assert_eq!(page.url.query(), Some("tab=notes"));
    let page = ana.peek("/go/tickets/customer/C-1042?tab=notes").await;
    let code = code_of(&page);
    let (status, tokens) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["ctx"][0]["fields"]["tab"], "notes");
}

/// The one-time code on a hand-off page.
pub fn code_of(page: &Page) -> String {
    let fields = page.forms().into_iter().flat_map(|form| form.fields);
    let code = fields.into_iter().find(|(name, _)| name == "code");
    code.unwrap_or_else(|| panic!("no code on {}", page.text()))
        .1
}

#[tokio::test]
async fn the_intent_view_is_the_same_as_none() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let plain = ana.peek(RECORD).await.sent();
    let view = ana.peek(&format!("{RECORD}?intent=view")).await.sent();
    assert_eq!(plain["target_link_uri"], view["target_link_uri"]);
    let page = ana.get(&format!("{RECORD}?intent=view")).await;
    assert_eq!(
        page.shown("context").as_deref(),
        Some("customer C-1042 view")
    );
}

#[tokio::test]
async fn a_service_one_may_not_see_is_one_that_does_not_exist() {
    let usher = TestServer::open().await;
    let mut ben = Browser::of(&usher, "ben").await;
    for link in [
        "/go/{}",
        "/go/{}/customer/C-1042",
        "/go/{}/customer/C-1",
        "/go/{}/ghost/x",
        "/go/{}/customer/C-1042?intent=burn",
        "/services/{}",
    ] {
        let hidden = ben.get(&link.replace("{}", "reports")).await;
        let absent = ben.get(&link.replace("{}", "nowhere")).await;
        assert_eq!(hidden.status, 403, "{link}");
        assert!(hidden.body.contains("data-menu"), "the user menu is there");
        same_answer(&hidden, &absent);
    }
    let origin = Some("https://usher.test");
    for body in ["instance=reports-us", "instance="] {
        let hidden = ben.post("/services/reports/instance", origin, body).await;
        let absent = ben.post("/services/nowhere/instance", origin, body).await;
        assert_eq!(hidden.status, 403);
        same_answer(&hidden, &absent);
    }
    let portal = ben.get("/").await;
    assert!(!portal.body.to_lowercase().contains("reports"), "no tile");
    let openers = ben.get("/open?type=customer&key=C-1042").await;
    assert!(!openers.body.contains("/go/reports"), "no opener");
}

/// Byte for byte, but for the request's own id.
fn same_answer(one: &Page, other: &Page) {
    let plain = |page: &Page| {
        let id = page.headers["x-request-id"].to_str().expect("an id");
        assert!(page.body.contains(id), "the page names its request");
        let mut headers = page.headers.clone();
        headers.remove("x-request-id");
        (page.status, page.body.replace(id, ""), headers)
    };
    assert_eq!(plain(one), plain(other));
}

#[tokio::test]
async fn no_matching_rule_is_said_with_a_link_to_why() {
    let usher = TestServer::open().await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let page = cleo.get("/go/attic/customer/C-1042").await;
    refused(&page, 404, "No instance of Attic is assigned to you");
    assert!(page.body.contains("href=\"/services/attic\""));
    let why = cleo.get("/services/attic").await;
    assert!(why.says("No rule applies to you") && why.says("Ghosts"));
    assert!(why.says("Does not apply"), "{}", why.text());
}

#[tokio::test]
async fn no_url_is_ever_taken_from_the_request() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for name in [
        "next",
        "url",
        "returnTo",
        "redirect",
        "redirect_uri",
        "target_link_uri",
        "RelayState",
        "iss",
        "login_hint",
        "base_url",
        "instance",
        "key",
    ] {
        for value in [
            "https://evil.example",
            "//evil.example",
            "/%5Cevil.example",
            "crm-us",
        ] {
            let page = ana.peek(&format!("{RECORD}?{name}={value}")).await;
            refused(&page, 400, &format!("The part “{name}” is not supported"));
        }
    }
    for key in KEYS {
        for service in ["crm", "wiki", "tickets"] {
            let page = ana.peek(&format!("/go/{service}/customer/{key}")).await;
            assert!((400..500).contains(&page.status), "{key}: {}", page.status);
        }
    }
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

/// Keys that would like to be addresses.
const KEYS: &[&str] = &[
    "/evil.example",
    "%2F%2Fevil.example",
    "%5C%5Cevil.example",
    "https:%2F%2Fevil.example",
    "javascript:alert(1)",
    "..%2f..%2fadmin",
    "%2e%2e%2fadmin",
    "%252e%252e%252fadmin",
    "..;%2fadmin",
    "C-1042%2f..%2f..",
    "C-1042%3Fnext=https:%2F%2Fevil.example",
    "C-1042%23@evil.example",
    "C-1042@evil.example",
    "C-1042%00",
    "C-1042%0d%0aLocation:%20https:%2F%2Fevil.example",
    "%EF%BC%8F%EF%BC%8Fevil.example",
    "%E3%80%82%E3%80%82",
    "..",
    "%2e",
    "%FF%FE",
];

#[tokio::test]
async fn an_unusual_key_without_a_session_is_stored_or_refused_but_breaks_nothing() {
    let usher = TestServer::open().await;
    for key in KEYS {
        let mut cold = Browser::new(&usher);
        let page = cold.get(&format!("/go/crm/customer/{key}?tab={key}")).await;
        assert!(page.status < 500, "{key}: {}", page.text());
        if page.url.path().starts_with("/sign-in/") {
            assert!(!page.says("evil"), "{}", page.text());
            let page = cold.sign_in(&page, "ana").await;
            assert!((400..500).contains(&page.status), "{key}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn where_any_key_is_allowed_it_still_stays_inside_the_instance() {
    let anything =
        Draft::changed(|draft| draft.context_type("customer").pattern = ".{1,60}".into());
    let usher = TestServer::with(&anything).await;
    let mut ana = Browser::of(&usher, "ana").await;
    for key in KEYS {
        let page = ana.peek(&format!("/go/wiki/customer/{key}")).await;
        if page.status == 303 {
            let location = page.location();
            let url = url::Url::parse(location).expect("an address");
            assert_eq!(url.host_str(), Some("wiki-eu.test"), "{key}: {location}");
            assert_eq!(url.as_str(), location, "nothing left to normalise");
            assert!(url.path().starts_with("/pages/"), "{key}: {location}");
            assert_eq!((url.query(), url.fragment()), (None, None), "{location}");
        } else {
            let bad = (400..500).contains(&page.status);
            assert!(bad, "{key} is not our fault: {}", page.status);
        }
    }
}

#[tokio::test]
async fn a_forged_host_does_not_lead_anywhere_else() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    for name in ["host", "x-forwarded-host", "x-original-url", "forwarded"] {
        browser.headers.push((name, "evil.example".to_owned()));
    }
    let page = browser.peek(RECORD).await;
    assert!(
        page.location().starts_with("/sign-in/"),
        "{}",
        page.location()
    );
    let mut ana = Browser::of(&usher, "ana").await;
    ana.headers = browser.headers;
    let page = ana.peek(RECORD).await;
    assert!(
        page.location()
            .starts_with("https://crm-eu.test/login/initiate?")
    );
    assert_eq!(page.sent()["iss"], "https://usher.test");
}

#[tokio::test]
async fn every_step_leaves_its_line_in_the_audit_trail() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.peek(RECORD).await;
    assert_eq!(usher.events_named("launch.departed").await, 1);
    assert_eq!(usher.events_named("launch.landed").await, 0);
    ana.get(RECORD).await;
    ana.get("/go/tickets/case/CS-2207").await;
    assert_eq!(usher.events_named("launch.departed").await, 3);
    assert_eq!(usher.events_named("launch.landed").await, 2);
    ana.get("/go/crm/customer/C-1").await;
    assert_eq!(usher.events_named("launch.refused").await, 1);
    let details = usher.app.store.recent_events(50).await.expect("events");
    let refused = details.iter().find(|(name, _)| name == "launch.refused");
    assert_eq!(
        refused.map(|(_, facts)| facts.value("reason")),
        Some("bad_key")
    );
    let told = format!("{details:?}");
    assert!(!told.contains("C-1"), "no keys in the trail: {told}");
}

#[tokio::test]
async fn a_misconfigured_landing_is_our_fault_and_leaves_nothing_half_written() {
    let without = Draft::changed(|draft| draft.client("crm-eu").initiate_login_uri = None);
    let usher = TestServer::with(&without).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(RECORD).await;
    refused(&page, 500, "An internal error occurred");
    assert!(
        !page.body.contains("initiate_login_uri"),
        "the cause is for the log"
    );
    assert_eq!(
        usher.column("select stage from launches").await,
        ["refused"]
    );
    assert!(usher.column("select id from grants").await.is_empty());
    assert!(
        usher
            .column("select handle_hash from launches where handle_hash is not null")
            .await
            .is_empty()
    );
    assert_eq!(usher.events_named("launch.departed").await, 0);
    assert_eq!(usher.events_named("launch.refused").await, 1);
    usher.seed(&Draft::sample()).await;
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
}
