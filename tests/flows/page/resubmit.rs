//! A form is answered by a redirect: no page that a browser would ask to send again.

use axum::{
    body::Body,
    http::{Method, Request},
};

use support::{
    browser::Browser,
    server::{PASSWORD, TestServer},
};

const OURS: Option<&str> = Some("https://usher.test");

#[tokio::test]
async fn a_wrong_password_is_shown_on_a_page_that_can_be_reloaded() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/go/crm/customer/C-1042").await;
    let body = "provider=local&name=ana&password=wrong&remember=1";
    let page = ana.post(form.url.path(), OURS, body).await;
    assert_eq!(page.trail.len(), 2, "{:?}", page.trail);
    assert_eq!(page.status, 422);
    assert!(page.says("Please try again"), "{}", page.text());
    assert!(
        page.body.contains("value=\"ana\""),
        "what was typed is kept"
    );
    assert!(page.body.contains(" checked"), "and what was ticked");
    assert!(!page.body.contains("wrong\""), "but for the password");
    let address = format!(
        "{}?{}",
        page.url.path(),
        page.url.query().unwrap_or_default()
    );
    let again = ana.get(&address).await;
    assert_eq!(again.status, 200, "shown once");
    assert!(!again.says("Please try again"), "{}", again.text());
    let page = ana.sign_in(&again, "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn what_an_answer_says_is_for_its_own_page_browser_and_minute() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    let body = "provider=local&name=ana&password=wrong";
    ana.stays = true;
    let answer = ana.peek_post(form.url.path(), OURS, body).await;
    assert_eq!(answer.status, 303);
    let flash = ana.cookie("usher.test", "__Host-usher-flash");
    let flash = flash.expect("a cookie").to_owned();
    let other = ana.get("/sign-in").await;
    assert_eq!(other.status, 200, "another page says nothing of it");
    usher.advance(std::time::Duration::from_secs(61));
    ana.set_cookie("usher.test", "__Host-usher-flash", &flash);
    let late = ana.get(form.url.path()).await;
    assert_eq!(late.status, 200, "{}", late.text());
    ana.set_cookie("usher.test", "__Host-usher-flash", "forged");
    assert_eq!(ana.get(form.url.path()).await.status, 200);
}

/// A probe of a page, by a browser's extension or a mail filter, uses nothing up.
#[tokio::test]
async fn a_head_request_does_not_take_what_the_page_is_to_say() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    ana.stays = true;
    let body = "provider=local&name=ana&password=wrong";
    let answer = ana.peek_post(form.url.path(), OURS, body).await;
    let cookies: Vec<String> = ["__Host-usher-browser", "__Host-usher-flash"]
        .iter()
        .filter_map(|name| Some(format!("{name}={}", ana.cookie("usher.test", name)?)))
        .collect();
    let address = answer.location().to_owned();
    let probe = Request::head(&address)
        .header("cookie", cookies.join("; "))
        .body(Body::empty());
    let (_, headers, _) = usher.ask(probe.expect("a request")).await;
    assert!(!headers.contains_key("set-cookie"), "{headers:?}");
    let page = ana.get(&address).await;
    assert_eq!(page.status, 422);
    assert!(page.says("Please try again"), "{}", page.text());
}

/// Cookies of a sibling application, or of a page behind the gateway, may hold any bytes.
#[tokio::test]
async fn another_application_s_cookie_does_not_hide_ours() {
    let usher = TestServer::open().await;
    let ana = Browser::of(&usher, "ana").await;
    let session = ana.cookie("usher.test", "__Host-usher").expect("signed in");
    for other in [
        &b"x=Jos\xc3\xa9"[..],
        b"x=\xff\xfe",
        b"=;;=x; __Host-usherx=1",
    ] {
        for is_first in [true, false] {
            let ours = format!("__Host-usher={session}").into_bytes();
            let both = match is_first {
                true => [other, b"; ", &ours].concat(),
                false => [&ours, &b"; "[..], other].concat(),
            };
            let value = axum::http::HeaderValue::from_bytes(&both).expect("a header");
            let request = Request::get("/account").header("cookie", value);
            let request = request.body(Body::empty()).expect("a request");
            assert_eq!(usher.ask(request).await.0, 200, "{other:?}");
        }
    }
}

#[tokio::test]
async fn a_name_of_any_length_does_not_lose_what_the_answer_says() {
    let usher = TestServer::open().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    for letter in ["n", "ü", "%00"] {
        let body = format!("provider=local&password=x&name={}", letter.repeat(9000));
        ana.given.clear();
        let page = ana.post(form.url.path(), OURS, &body).await;
        assert_eq!(page.status, 422, "{letter}: {}", page.text());
        assert!(page.says("Please try again"), "{letter}");
        let longest = ana.given.iter().map(String::len).max();
        assert!(longest < Some(4096), "{letter}: {longest:?}");
    }
}

/// Every form that a user fills in, sent with rubbish: the answer is a redirect or no page.
#[tokio::test]
async fn no_form_of_a_user_is_answered_by_a_page_that_would_be_sent_again() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut stranger = Browser::new(&usher);
    let form = stranger.get("/sign-in").await;
    let sign_in = form.url.path().to_owned();
    let long = format!("current={PASSWORD}&password=short");
    for (who, path, body) in [
        (0, sign_in.clone(), "provider=local&name=ana&password=x"),
        (0, format!("{sign_in}/who"), "who="),
        (0, "/recover".to_owned(), "who=ana"),
        (
            1,
            "/account/password".to_owned(),
            "current=x&password=short",
        ),
        (1, "/account/password".to_owned(), long.as_str()),
        (1, "/account/factors/app".to_owned(), ""),
        (1, "/account/mail".to_owned(), ""),
        (1, "/language".to_owned(), "lang=de"),
    ] {
        let browser = if who == 0 { &mut stranger } else { &mut ana };
        let answer = browser.peek_post(&path, OURS, body).await;
        assert!(
            (300..400).contains(&answer.status),
            "{} {path}: {} {}",
            Method::POST,
            answer.status,
            answer.text()
        );
    }
}
