//! What pages have in common: headers, languages, forms of an error, assets.

mod asset;
mod content;
mod problem;
mod resubmit;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request, header},
};
use regex::Regex;

use support::{
    browser::{Browser, Page, SESSION},
    server::TestServer,
};

const RECORD: &str = "/go/crm/customer/C-1042";
const CHOICE: &str = "/go/reports/customer/C-1042";

/// A request with some headers; a POST comes from a page of ours unless they say otherwise.
fn request(method: &str, path: &str, headers: &[(&'static str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    let sent = request.headers_mut().expect("a good request");
    if method != "GET" {
        sent.insert("origin", HeaderValue::from_static("https://usher.test"));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        sent.insert(header::CONTENT_TYPE, form);
    }
    for (name, value) in headers {
        sent.insert(*name, value.parse().expect("a header"));
    }
    request.body(Body::empty()).expect("a request")
}

/// Every kind of page there is, as a user meets them.
async fn pages(usher: &TestServer) -> Vec<Page> {
    let mut cleo = Browser::new(usher);
    let form = cleo.get(RECORD).await;
    let mut pages = vec![
        cleo.fill(&form, &[("Username", "cleo"), ("Password", "wrong")])
            .await,
        form.clone(),
    ];
    cleo.sign_in(&form, "cleo").await;
    for link in [
        "/",
        "/?q=wiki",
        "/open",
        "/open?type=customer&key=C-1042",
        "/open?type=customer&key=x",
        "/open?type=ghost&key=x",
        "/services/crm",
        "/services/attic",
        "/services/reports",
        CHOICE,
        "/sign-out",
        "/signed-out",
        form.url.path(),
        "/nowhere",
        "/go/attic",
        "/go/crm/customer/x",
    ] {
        pages.push(cleo.get(link).await);
    }
    pages.push(cleo.peek("/go/tickets/case/CS-2207").await);
    pages
}

#[tokio::test]
async fn no_page_holds_a_script_or_style_of_its_own() {
    let usher = TestServer::open().await;
    let tag = |pattern: &str| Regex::new(pattern).expect("a pattern");
    let script = tag("(?s)<script\\b([^>]*)>(.*?)</script>");
    let forbidden =
        tag("(?i)<style|\\sstyle=|\\son[a-z]+=|hx-on|javascript:|<base|<iframe|<object");
    for page in pages(&usher).await {
        let found: Vec<_> = script.captures_iter(&page.body).collect();
        assert_eq!(found.len(), page.body.matches("<script").count());
        for found in found {
            assert!(found[1].contains(" src=\"/assets/app-"), "{}", &found[0]);
            assert_eq!(&found[2], "", "{}", page.url);
        }
        let hit = forbidden.find(&page.body).map(|hit| hit.as_str());
        assert_eq!(hit, None, "{}", page.url);
        let policy = policy(&page.headers);
        assert!(
            policy.contains("script-src 'self'; style-src 'self'"),
            "{policy}"
        );
    }
}

fn policy(headers: &HeaderMap) -> &str {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    policy.expect("a policy").to_str().expect("text")
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let cookie = format!(
        "{SESSION}={}",
        ana.cookie("usher.test", SESSION).expect("one")
    );
    let css = asset::path(&ana.get("/").await, "css");
    let etag = format!("\"{}\"", css.trim_start_matches("/assets/"));
    for (status, request) in [
        (303, request("GET", "/", &[])),
        (303, request("GET", RECORD, &[])),
        (303, request("GET", RECORD, &[("cookie", &cookie)])),
        (200, request("GET", "/", &[("cookie", &cookie)])),
        (200, request("GET", "/go/tickets", &[("cookie", &cookie)])),
        (
            200,
            request(
                "GET",
                "/open",
                &[("cookie", &cookie), ("hx-request", "true")],
            ),
        ),
        (404, request("GET", "/nowhere", &[])),
        (
            404,
            request("GET", "/nowhere", &[("accept", "application/json")]),
        ),
        (405, request("DELETE", "/", &[])),
        (
            403,
            request("POST", "/language", &[("origin", "https://evil.example")]),
        ),
        (200, request("GET", &css, &[])),
        (304, request("GET", &css, &[("if-none-match", &etag)])),
        (404, request("GET", "/assets/nothing.css", &[])),
        (200, request("GET", "/favicon.ico", &[])),
        (200, request("GET", "/health/live", &[])),
        (200, request("GET", "/health/ready", &[])),
        (200, request("GET", "/oidc/jwks", &[])),
        (
            200,
            request("GET", "/.well-known/openid-configuration", &[]),
        ),
        (401, request("GET", "/oidc/userinfo", &[])),
        (400, request("GET", "/oidc/authorize", &[])),
    ] {
        let about = format!("{} {}", request.method(), request.uri());
        let (got, headers, _) = usher.ask(request).await;
        assert_eq!(got, status, "{about}");
        secured(&headers, &about);
    }
}

fn secured(headers: &HeaderMap, about: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        let found = headers.get(name).map(|found| found.as_bytes());
        assert_eq!(found, Some(value.as_bytes()), "{about}: {name}");
    }
    let policy = policy(headers);
    for part in [
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{about}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{about}: {policy}");
    for name in [
        "cache-control",
        "referrer-policy",
        "permissions-policy",
        "x-request-id",
    ] {
        assert!(headers.contains_key(name), "{about}: {name}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{about}: {name}");
    }
}

#[tokio::test]
async fn pages_of_a_user_are_never_cached() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for link in [
        "/",
        RECORD,
        "/go/tickets",
        "/services/crm",
        "/nowhere",
        "/open",
        "/sign-in",
    ] {
        let page = ana.peek(link).await;
        assert_eq!(page.headers["cache-control"], "no-store", "{link}");
    }
}

#[tokio::test]
async fn the_hand_off_page_may_post_to_its_remote_and_nowhere_else() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/tickets/case/CS-2207").await;
    let policy = policy(&page.headers);
    assert!(
        policy.contains("form-action https://desk-eu.test 'self'; "),
        "{policy}"
    );
    assert_eq!(policy.matches("form-action").count(), 1);
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    assert_eq!(page.headers["cache-control"], "no-store");
    let portal = ana.get("/").await;
    assert!(self::policy(&portal.headers).contains("form-action 'self'; "));
    assert_eq!(portal.headers["referrer-policy"], "same-origin");
}

#[tokio::test]
async fn a_machine_gets_its_errors_as_problem_json() {
    let usher = TestServer::open().await;
    let ana = Browser::of(&usher, "ana").await;
    let cookie = format!(
        "{SESSION}={}",
        ana.cookie("usher.test", SESSION).expect("one")
    );
    for (method, path, status, name) in [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/go/nowhere", 403, "no_access"),
        ("GET", "/go/crm/customer/x", 400, "bad_key"),
        ("GET", "/go/crm/ghost/x", 404, "unknown_type"),
        (
            "GET",
            "/go/crm/customer/C-1042?intent=audit",
            403,
            "intent_forbidden",
        ),
        ("GET", "/go/crm/customer/C-1042?x=1", 400, "unknown_field"),
        ("DELETE", "/", 405, "wrong_method"),
        ("POST", "/launches/x/choice", 400, "invalid"),
        ("POST", "/services/tickets/instance", 400, "invalid"),
        (
            "POST",
            "/services/tickets/instance?instance=desk-us",
            403,
            "forbidden",
        ),
    ] {
        let headers = [("accept", "application/json"), ("cookie", &*cookie)];
        // A form's fields stand behind the path here.
        let (place, form) = match method {
            "POST" => path.split_once('?').unwrap_or((path, "")),
            _ => (path, ""),
        };
        let asked = request(method, place, &headers).map(|_| Body::from(form));
        let (got, headers, body) = usher.ask(asked).await;
        assert_eq!(got, status, "{path}: {body}");
        assert_eq!(headers["content-type"], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(
            problem["type"],
            format!("urn:usher:problem:{name}"),
            "{path}"
        );
        assert_eq!(problem["status"], status);
        let id = problem["request_id"].as_str().expect("an id");
        assert!(id.starts_with("req_"));
        assert_eq!(headers["x-request-id"], id);
    }
}

#[tokio::test]
async fn what_cannot_even_be_read_gets_a_page_too() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for path in [
        "/go/crm/customer/%FF",
        "/go/%FF",
        "/services/%FF",
        "/launches/%FF",
        "/sign-in/%FF",
        "/?q=a&q=b",
    ] {
        let page = ana.get(path).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(
            page.body.starts_with("<!doctype html>"),
            "{path}: {}",
            page.body
        );
        assert!(page.says("Request ID: req_"), "{path}: {}", page.text());
    }
}

#[tokio::test]
async fn htmx_gets_fragments_and_is_sent_to_sign_in_by_a_header() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.headers = vec![("hx-request", "true".to_owned())];
    for (link, status, words) in [
        (
            "/open?type=customer&key=c-1042",
            200,
            "Where to open C-1042",
        ),
        (
            "/open?type=customer&key=1",
            200,
            "C- and four to six digits",
        ),
        ("/services/nowhere", 403, "You do not have access"),
    ] {
        let part = ana.get(link).await;
        assert_eq!(part.status, status, "{link}");
        assert!(
            !part.body.contains("<html") && !part.body.contains("<script"),
            "{link}"
        );
        assert!(part.says(words), "{link}: {}", part.text());
    }
    let page = ana.get("/open").await;
    assert_eq!(page.headers["vary"], "hx-request");
    let headers = [("hx-request", "true")];
    let (status, headers, body) = usher.ask(request("GET", "/open", &headers)).await;
    assert_eq!((status, body.as_str()), (401, ""));
    let to = headers["hx-redirect"].to_str().expect("text");
    assert!(to.starts_with("/sign-in/att_"), "{to}");
    // Back to the page that the user saw.
    let headers = [
        ("hx-request", "true"),
        ("hx-current-url", "https://usher.test/open?type=case"),
    ];
    let (_, headers, _) = usher.ask(request("GET", "/open", &headers)).await;
    let to = headers["hx-redirect"].to_str().expect("text").to_owned();
    let mut ana = Browser::new(&usher);
    let form = ana.get(&to).await;
    let page = ana.sign_in(&form, "ana").await;
    assert_eq!(page.url.as_str(), "https://usher.test/open?type=case");
}

#[tokio::test]
async fn the_language_is_the_visitors_by_header_and_then_by_choice() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    assert!(
        browser
            .get("/sign-in")
            .await
            .body
            .contains("<html lang=\"en\">")
    );
    browser.headers = vec![(
        "accept-language",
        "fr;q=0.9, de-AT;q=0.8, en;q=0.3".to_owned(),
    )];
    let page = browser.get("/sign-in").await;
    assert!(page.body.contains("<html lang=\"de\">") && page.says("Passwort"));
    assert!(browser.get("/nowhere").await.says("Zurück zum Portal"));
    let page = browser.press(&page, "lang", "en").await;
    assert!(
        browser.get("/sign-in").await.says("Password"),
        "the choice wins"
    );
    browser.press(&page, "lang", "de").await;
    browser.headers.clear();
    assert!(browser.get("/sign-in").await.says("Passwort"));
    let page = browser.get("/sign-in").await;
    let page = browser.press(&page, "lang", "xx").await;
    assert!(
        page.body.contains("<html lang=\"de\">"),
        "an unknown one changes nothing"
    );
}

#[tokio::test]
async fn an_error_is_in_the_visitors_language_however_early_it_happens() {
    let usher = TestServer::open().await;
    let german = ("accept-language", "de");
    let foreign = [german, ("origin", "https://evil.example")];
    let (status, _, body) = usher.ask(request("POST", "/sign-out", &foreign)).await;
    assert_eq!(status, 403);
    assert!(body.contains("<html lang=\"de\">"), "{body}");
    let long = [german, ("content-length", "99999999")];
    let (status, _, body) = usher.ask(request("POST", "/language", &long)).await;
    assert_eq!(status, 413);
    assert!(body.contains("<html lang=\"de\">"), "{body}");
}

#[tokio::test]
async fn the_language_switch_leads_back_and_never_away() {
    let usher = TestServer::open().await;
    for (referer, back) in [
        (
            "https://usher.test/open?type=customer&key=C-1042",
            "/open?type=customer&key=C-1042",
        ),
        ("https://usher.test/", "/"),
        ("https://evil.example/open", "/"),
        ("https://usher.test.evil.example/", "/"),
        ("http://usher.test/open", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        assert_eq!(switched(&usher, referer).await, back, "{referer}");
    }
    for referer in [
        "https://usher.test//evil.example/",
        "https://usher.test/\\evil.example/",
        "https://usher.test/%2F/evil.example",
        "https://usher.test///evil.example",
        "https://usher.test/.//evil.example",
    ] {
        let back = switched(&usher, referer).await;
        let portal = url::Url::parse("https://usher.test/").expect("a URL");
        let url = portal.join(&back).expect("a link");
        assert_eq!(
            url.host_str(),
            Some("usher.test"),
            "open redirect: {referer} to {back}"
        );
    }
}

async fn switched(usher: &TestServer, referer: &str) -> String {
    let mut request = request("POST", "/language", &[("referer", referer)]);
    *request.body_mut() = Body::from("lang=de");
    let (status, headers, _) = usher.ask(request).await;
    assert_eq!(status, 303);
    headers["location"].to_str().expect("a path").to_owned()
}

#[tokio::test]
async fn a_body_over_the_limit_gets_a_page() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    let huge = "x".repeat(300_000);
    let page = browser
        .fill(&form, &[("Username", "ana"), ("Password", &huge)])
        .await;
    assert_eq!(page.status, 413);
    assert!(page.says("The form is too large") && page.says("Request ID: req_"));
    let announced = request("POST", form.url.path(), &[("content-length", "300000")]);
    let (status, _, body) = usher.ask(announced).await;
    assert_eq!(status, 413);
    assert!(body.contains("The form is too large"), "{body}");
    let machine = request("POST", "/oidc/token", &[("content-length", "300000")]);
    assert_eq!(usher.ask(machine).await.0, 413);
}
