//! The names of cookies. With another name, a user with the old cookie would be signed out, asked
//! for a second factor again, or shown another language.

use axum::{
    body::Body,
    http::{Request, header},
};

use support::{
    browser::Browser,
    draft::Draft,
    factor::{after_password, with_app},
    gate,
    server::{PASSWORD, TestServer},
};

const OURS: Option<&str> = Some("https://usher.test");
const LOOPBACK: &str = "http://127.0.0.1:7000";

/// The cookies that a browser was given.
fn assert_given(browser: &Browser<'_>, names: &[&str]) {
    for name in names {
        let begins = format!("{name}=");
        let line = browser.given.iter().find(|line| line.starts_with(&begins));
        let line = line.unwrap_or_else(|| panic!("no cookie {name}: {:?}", browser.given));
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
}

#[tokio::test]
async fn the_cookies_of_a_sign_in_keep_their_names() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert_given(
        &ana,
        &[
            "__Host-usher",
            "__Host-usher-browser",
            "__Host-usher-device",
        ],
    );
    let page = ana.get("/").await;
    ana.press(&page, "lang", "de").await;
    assert_given(&ana, &["__Host-usher-language"]);
}

#[tokio::test]
async fn the_cookie_of_a_trusted_device_keeps_its_name() {
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    let code = app.shows(usher.clock.now());
    let body = format!("way=app&code={code}&trust=1");
    ana.post(page.url.path(), OURS, &body).await;
    assert_given(&ana, &["__Host-usher-trusted"]);
}

#[tokio::test]
async fn the_cookie_behind_a_gateway_keeps_its_name() {
    let usher = gate::usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/figures").await;
    assert_given(&ana, &["__Host-usher-gate"]);
}

/// A request to a portal on loopback, and the cookies it sets.
async fn set_by(usher: &TestServer, request: Request<Body>) -> (String, Vec<String>) {
    let (_, headers, body) = usher.ask(request).await;
    let location = headers.get(header::LOCATION);
    let location = location.map_or("", |value| value.to_str().expect("a path"));
    let lines = headers.get_all(header::SET_COOKIE).iter();
    let pairs = lines.map(|line| {
        let line = line.to_str().expect("a cookie");
        line.split(';').next().unwrap_or_default().to_owned()
    });
    let pairs: Vec<String> = pairs.collect();
    assert!(!pairs.is_empty(), "no cookie: {body}");
    (location.to_owned(), pairs)
}

fn posted(path: &str, cookie: &str, body: String) -> Request<Body> {
    let request = Request::post(path)
        .header(header::ORIGIN, LOOPBACK)
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(Body::from(body)).expect("a request")
}

#[tokio::test]
async fn without_https_the_cookies_have_their_names_without_a_prefix() {
    let settings = [("USHER_SERVER__PUBLIC_URL", LOOPBACK)];
    let usher = TestServer::configured(&settings).await;
    usher.seed(&Draft::sample()).await;
    let begin = Request::get("/sign-in")
        .header(header::ACCEPT, "text/html")
        .body(Body::empty());
    let (attempt, given) = set_by(&usher, begin.expect("a request")).await;
    let browser = given.iter().find(|pair| pair.starts_with("usher-browser="));
    let browser = browser.unwrap_or_else(|| panic!("no usher-browser: {given:?}"));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("provider", "local")
        .append_pair("name", "ana")
        .append_pair("password", PASSWORD)
        .finish();
    let (_, given) = set_by(&usher, posted(&attempt, browser, body)).await;
    for name in ["usher=", "usher-device="] {
        let is_there = given.iter().any(|pair| pair.starts_with(name));
        assert!(is_there, "no {name}: {given:?}");
    }
    let body = "lang=de".to_owned();
    let (_, given) = set_by(&usher, posted("/language", browser, body)).await;
    let is_there = given.iter().any(|pair| pair.starts_with("usher-language="));
    assert!(is_there, "no usher-language: {given:?}");
}
