//! What has broken single sign-on before, tried on DiscourseConnect (THREATS).

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::task::JoinSet;

use super::{BACK, answered, seed, usher};
use support::{
    browser::{Browser, Page},
    draft::{Change, part},
    server::TestServer,
    shared_secret::{ask, asking, hex, secret, signed},
};

fn refused(page: &Page, at: &str) {
    assert!(
        [400, 403, 410, 503].contains(&page.status),
        "{at}: {}",
        page.status
    );
    assert!(!page.headers.contains_key("location"), "{at}");
    assert!(!page.body.contains("/session/sso_login"), "{at}");
}

/// The question in an address, and its signature.
fn split(path: &str) -> (String, String) {
    let (_, query) = path.split_once('?').expect("a query");
    let all = support::shared_secret::pairs(query);
    (all["sso"].clone(), all["sig"].clone())
}

fn with(sso: &str, sig: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sso", sso)
        .append_pair("sig", sig)
        .finish();
    format!("/discourse/forum?{query}")
}

/// THREATS: which text was signed.
#[tokio::test]
async fn a_wrong_signature_is_no_question() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (sso, sig) = split(&ask("forum-eu", "1"));
    let other = STANDARD.encode(format!("nonce=1&return_sso_url={BACK}&x=1"));
    let decoded = STANDARD.decode(&sso).expect("base64");
    let decoded = String::from_utf8(decoded).expect("a text");
    let last = if sig.ends_with('0') { "1" } else { "0" };
    for (what, sso, sig) in [
        ("one digit", sso.clone(), format!("{}{last}", &sig[..63])),
        ("too short", sso.clone(), sig[..62].to_owned()),
        ("too long", sso.clone(), format!("{sig}00")),
        ("no hexadecimal", sso.clone(), format!("z{}", &sig[1..])),
        ("another text", other, sig.clone()),
        (
            "padding gone",
            sso.trim_end_matches('=').to_owned() + " ",
            sig,
        ),
        (
            "over the decoded",
            sso.clone(),
            hex(&decoded, &secret("forum-eu")),
        ),
        ("another secret", sso.clone(), hex(&sso, &secret("help-eu"))),
        ("no secret", sso.clone(), hex(&sso, "")),
    ] {
        let page = ana.peek(&with(&sso, &sig)).await;
        refused(&page, what);
        assert!(page.says("signature"), "{what}: {}", page.text());
    }
}

/// THREATS: redirect_uri bypass. Signed by the forum's own secret, and still nowhere else.
#[tokio::test]
async fn a_foreign_return_url_is_never_gone_to() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for back in [
        "https://evil.example/session/sso_login",
        "https://forum-eu.test.evil.example/session/sso_login",
        "https://forum-eu.test@evil.example/session/sso_login",
        "https://forum-eu.test/session/sso_login/",
        "https://forum-eu.test/session/sso_login?next=https://evil.example",
        "https://forum-eu.test/session/sso_login#x",
        "https://forum-eu.test/session/../session/sso_login",
        "https://forum-eu.test/session/sso_provider",
        "https://forum-eu.test:443/session/sso_login",
        "https://FORUM-EU.test/session/sso_login",
        "http://forum-eu.test/session/sso_login",
        "//forum-eu.test/session/sso_login",
        "/session/sso_login",
        "javascript:alert(1)",
        // Another instance's, with this one's secret.
        "https://forum-us.test/session/sso_login",
    ] {
        let words = [("nonce", "1"), ("return_sso_url", back)];
        let page = ana
            .peek(&asking("forum", &words, &secret("forum-eu")))
            .await;
        refused(&page, back);
        assert!(page.says("Unknown redirect address"), "{back}");
    }
}

#[tokio::test]
async fn parameters_given_twice_are_refused() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let good = ask("forum-eu", "1");
    let (sso, sig) = split(&good);
    for twice in [
        format!("{good}&sig={sig}"),
        format!("{good}&sso={}", sso.replace('+', "%2B")),
    ] {
        refused(&ana.peek(&twice).await, &twice);
    }
    // And within what is signed.
    for words in [
        [("nonce", "1"), ("nonce", "2"), ("return_sso_url", BACK)],
        [
            ("nonce", "1"),
            ("return_sso_url", BACK),
            ("return_sso_url", "https://evil.example/"),
        ],
    ] {
        let page = ana
            .peek(&asking("forum", &words, &secret("forum-eu")))
            .await;
        refused(&page, &format!("{words:?}"));
        assert!(page.says("repeated"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_read_is_refused() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let key = secret("forum-eu");
    let long = "n".repeat(256);
    for path in [
        "/discourse/forum".to_owned(),
        "/discourse/forum?sso=".to_owned(),
        signed("forum", "%%%", &key),
        signed("forum", &STANDARD.encode([0xff, 0xfe]), &key),
        asking("forum", &[("nonce", "1")], &key),
        asking("forum", &[("return_sso_url", BACK)], &key),
        asking("forum", &[("nonce", &long), ("return_sso_url", BACK)], &key),
        ask("forum-eu", "1").replace("/forum?", "/nowhere?"),
        // A service of another method.
        ask("forum-eu", "1").replace("/forum?", "/wiki?"),
        ask("forum-eu", "1").replace("/forum?", "/help?"),
    ] {
        refused(&ana.peek(&path).await, &path);
    }
}

/// Ruby breaks base64 into lines; the signature is over the text as it came.
#[tokio::test]
async fn base64_in_lines_is_read() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let text = STANDARD.encode(format!("nonce=1&return_sso_url={BACK}"));
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(60)
        .map(|line| String::from_utf8_lossy(line).into_owned() + "\n")
        .collect();
    let page = ana
        .peek(&signed("forum", &lines.concat(), &secret("forum-eu")))
        .await;
    assert_eq!(answered(&page, "forum-eu")["nonce"], "1");
}

/// THREATS: one-time artefact reused.
#[tokio::test]
async fn a_nonce_brought_fifty_times_at_once_is_answered_once() {
    let usher = Arc::new(usher().await);
    let cookie = {
        let ana = Browser::of(&usher, "ana").await;
        let name = support::browser::SESSION;
        let value = ana.cookie("usher.test", name).expect("signed in");
        value.to_owned()
    };
    let mut crowd = JoinSet::new();
    for _ in 0..50 {
        let (usher, cookie) = (usher.clone(), cookie.clone());
        crowd.spawn(async move {
            let mut browser = Browser::new(&usher);
            browser.set_cookie("usher.test", support::browser::SESSION, &cookie);
            browser.peek(&ask("forum-eu", "once")).await.status
        });
    }
    let all = crowd.join_all().await;
    assert_eq!(all.into_iter().filter(|status| *status == 303).count(), 1);
}

/// THREATS: login CSRF. A sign-in that another user began leads nowhere.
#[tokio::test]
async fn a_request_belongs_to_the_browser_that_brought_it() {
    let usher = usher().await;
    let mut mallory = Browser::new(&usher);
    let form = mallory.get(&ask("forum-eu", "1")).await;
    // A user who opens its address starts again, for themselves; the request still waits for its
    // browser.
    let mut ana = Browser::of(&usher, "ana").await;
    let told = answered(&ana.peek(form.url.path()).await, "forum-eu");
    assert_eq!(told["username"], "ana");
    let waiting = "select id from pending_requests where consumed_at is null";
    assert_eq!(usher.column(waiting).await.len(), 1);
}

/// A second click on what was answered gives no second answer.
#[tokio::test]
async fn a_request_that_waited_is_answered_once() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(&ask("forum-eu", "1")).await;
    ana.stays = true;
    let page = ana.sign_in(&form, "ana").await;
    assert!(page.trail.last().expect("one").starts_with(BACK));
    let page = ana.sign_in(&form, "ana").await;
    assert!(!page.trail.last().is_some_and(|last| last.starts_with(BACK)));
    let taken = "select id from pending_requests where consumed_at is not null";
    assert_eq!(usher.column(taken).await.len(), 1);
}

/// THREATS: disabled principal still works. Checked at the answer, whatever was true before.
#[tokio::test]
async fn a_disabled_user_is_not_answered() {
    let usher = usher().await;
    let mut ben = Browser::of(&usher, "ben").await;
    let who = ben.session().await.expect("a session").user.id;
    assert!(usher.app.directory.disable(&who).await.expect("done"));
    let page = ben.peek(&ask("forum-us", "1")).await;
    assert!(
        page.location().starts_with("/sign-in/"),
        "no longer signed in"
    );
}

#[tokio::test]
async fn a_disabled_service_or_instance_answers_no_user() {
    let closed: [(Change, &str); 2] = [
        (
            |draft| draft.service("forum").disabled = true,
            "the service",
        ),
        (
            |draft| draft.instance("forum-eu").disabled = true,
            "the instance",
        ),
    ];
    for (change, what) in closed {
        let usher = usher().await;
        let mut ana = Browser::of(&usher, "ana").await;
        answered(&ana.peek(&ask("forum-eu", "1")).await, "forum-eu");
        let mut late = Browser::new(&usher);
        let form = late.get(&ask("forum-eu", "2")).await;
        let mut draft = seed();
        change(&mut draft);
        usher.seed(&draft).await;
        refused(&ana.peek(&ask("forum-eu", "3")).await, what);
        // Closed while its user signed in.
        late.stays = true;
        let page = late.sign_in(&form, "ana").await;
        assert!(page.status >= 400, "{}", page.status);
    }
}

#[tokio::test]
async fn who_may_not_see_the_service_is_not_answered() {
    let mut reserved = seed();
    reserved.service("forum").audience = Some(part("group = \"sales\""));
    let usher = TestServer::with(&reserved).await;
    let mut ben = Browser::of(&usher, "ben").await;
    let page = ben.peek(&ask("forum-us", "1")).await;
    assert_eq!(page.status, 403);
    refused(&page, "ben");
    let mut ana = Browser::of(&usher, "ana").await;
    answered(&ana.peek(&ask("forum-us", "2")).await, "forum-us");
}
