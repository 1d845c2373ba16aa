//! Requesting a link does not reveal who has an account (THREATS: user enumeration).

use std::{net::SocketAddr, time::Duration};

use axum::http::HeaderMap;
use serde_json::json;

use super::{Desk, ask, gets_in};
use support::{
    browser::Browser,
    draft::settings,
    mail::{MailSink, link_in},
    server::{PASSWORD, TestServer},
};

const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Everything that could distinguish one answer from another: all but what is different each time.
fn plain(headers: &HeaderMap) -> Vec<(String, String)> {
    let telling = |name: &str| !["x-request-id", "set-cookie"].contains(&name);
    let mut plain: Vec<_> = headers
        .iter()
        .filter(|(name, _)| telling(name.as_str()))
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    plain.sort();
    plain
}

#[tokio::test]
async fn enumeration_known_and_unknown_users_get_the_same_answer() {
    let desk = Desk::open().await;
    desk.usher
        .column("update local_accounts set disabled_at = 1 where login = 'ben' returning login")
        .await;
    let mut answers = Vec::new();
    for typed in [
        "ana",
        "ANA",
        "ben",
        "cleo@example.org",
        "nobody",
        "nobody@example.org",
        "",
        " ",
        "\u{0}",
        "%",
        "' or 1=1 --",
        "ana\r\nBcc: x",
    ] {
        let mut browser = Browser::new(&desk.usher);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("who", typed)
            .finish();
        let before = queued(&desk.usher).await;
        let first = browser.post("/recover", Some(super::PORTAL), &body).await;
        // One row each: the request's work is the same, too.
        assert_eq!(queued(&desk.usher).await, before + 1, "{typed:?}");
        assert_eq!(links(&desk.usher).await, 0, "{typed:?}");
        answers.push((first.status, plain(&first.headers), first.body, first.trail));
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    let mails = desk.post().await;
    let mut to: Vec<String> = mails.iter().map(|mail| recipient(mail)).collect();
    to.sort();
    assert_eq!(
        to,
        ["ana@example.org", "ana@example.org", "cleo@example.org"]
    );
}

async fn queued(usher: &TestServer) -> usize {
    usher.column("select id from mails").await.len()
}

async fn links(usher: &TestServer) -> usize {
    usher
        .column("select token_hash from one_time_links")
        .await
        .len()
}

fn recipient(mail: &str) -> String {
    let line = mail
        .lines()
        .find_map(|line| line.strip_prefix("X-RcptTo: "));
    line.expect("an envelope").to_owned()
}

#[tokio::test]
async fn requests_over_the_limit_have_to_wait_for_any_name() {
    let desk = Desk::open().await;
    for typed in ["ana", "nobody"] {
        let mut browser = Browser::new(&desk.usher);
        for _ in 0..10 {
            assert_eq!(ask(&mut browser, typed).await.status, 200);
        }
        let page = ask(
            &mut Browser::new(&desk.usher),
            &format!(" {} ", typed.to_uppercase()),
        )
        .await;
        assert_eq!(page.status, 429);
        assert!(
            page.says("Please try again in 15 minutes"),
            "{}",
            page.text()
        );
        assert_eq!(page.headers["retry-after"], "900");
    }
    assert!(
        gets_in(&desk.usher, "ana", PASSWORD).await,
        "requests of others do not prevent a sign-in"
    );
    desk.usher.advance(WINDOW);
    assert_eq!(ask(&mut Browser::new(&desk.usher), "ana").await.status, 200);
}

#[tokio::test]
async fn one_address_cannot_ask_for_a_whole_directory() {
    let limit = [("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "5")];
    let usher = TestServer::configured(&limit).await;
    let mut browser = Browser::new(&usher);
    browser.address = Some(SocketAddr::from(([198, 51, 100, 9], 4711)));
    for name in ["a", "b", "c", "d", "e"] {
        let body = format!("who={name}");
        let page = browser.post("/recover", Some(super::PORTAL), &body).await;
        assert_eq!(page.status, 200);
    }
    let page = browser.post("/recover", Some(super::PORTAL), "who=f").await;
    assert_eq!(page.status, 429);
    browser.address = None;
    let page = browser.post("/recover", Some(super::PORTAL), "who=f").await;
    assert_eq!(page.status, 200, "others may");
}

#[tokio::test]
async fn a_mailbox_is_not_filled_by_requests_of_others() {
    let desk = Desk::open().await;
    for _ in 0..6 {
        ask(&mut Browser::new(&desk.usher), "ana").await;
        ask(&mut Browser::new(&desk.usher), "ana@example.org").await;
    }
    assert_eq!(
        desk.post().await.len(),
        3,
        "three links in a quarter of an hour"
    );
    desk.usher.advance(WINDOW);
    ask(&mut Browser::new(&desk.usher), "ana").await;
    assert_eq!(desk.post().await.len(), 4);
}

#[tokio::test]
async fn who_is_shut_out_gets_no_link() {
    let desk = Desk::open().await;
    let ana = Browser::of(&desk.usher, "ana").await.session().await;
    let ana = ana.expect("signed in").user.id;
    desk.usher.app.directory.disable(&ana).await.expect("done");
    desk.usher
        .column("update local_accounts set disabled_at = 1 where login = 'ben' returning login")
        .await;
    for typed in ["ana", "ana@example.org", "ben"] {
        ask(&mut Browser::new(&desk.usher), typed).await;
    }
    assert!(desk.post().await.is_empty());
    assert_eq!(links(&desk.usher).await, 0);
}

#[tokio::test]
async fn a_user_with_a_password_elsewhere_is_notified_and_the_requester_is_not() {
    let desk = Desk::open().await;
    desk.usher
        .change(|draft| {
            let corp = draft.add_provider("corp", "ldap", "Your Corp account");
            corp.settings = settings(json!({
                "servers": ["ldap://127.0.0.1:1"], "allow_plain_text": true,
                "base_dn": "dc=example,dc=org",
            }));
        })
        .await;
    desk.usher
        .column(
            "insert into users (id, login, name, attributes, created_at, refreshed_at) values
             ('usr_1', 'Dora', 'Dora Dorn',
              '{\"mail\":{\"values\":[\"Dora@Corp.example\"],\"source\":\"corp\"}}', 1, 1)
             returning id",
        )
        .await;
    desk.usher
        .column(
            "insert into external_identities (provider, subject, user_id, linked_at)
             values ('corp', 'd', 'usr_1', 1) returning subject",
        )
        .await;
    for typed in ["dora", "dora@corp.example"] {
        let page = ask(&mut Browser::new(&desk.usher), typed).await;
        assert!(!page.says("Corp"), "{}", page.text());
    }
    let mails = desk.post().await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert_eq!(recipient(&mail), "Dora@Corp.example");
        // Long lines are folded (RFC 2045 section 6.7).
        let words = mail.replace("=\r\n", "").replace("=\n", "");
        assert!(words.contains("Your Corp account"), "{mail}");
        assert!(!mail.contains("ul_"), "no link");
    }
    assert_eq!(links(&desk.usher).await, 0);
    // However often it is requested, and by whatever name: three mails an address and window.
    for turn in 0..9 {
        let typed = ["dora", "DORA", "dora@corp.example"][turn % 3];
        ask(&mut Browser::new(&desk.usher), typed).await;
    }
    assert_eq!(desk.post().await.len(), 3, "the mailbox is not filled");
    desk.usher.advance(std::time::Duration::from_secs(16 * 60));
    ask(&mut Browser::new(&desk.usher), "dora").await;
    assert_eq!(desk.post().await.len(), 4);
}

#[tokio::test]
async fn two_accounts_with_one_address_get_a_link_each() {
    let desk = Desk::open().await;
    desk.usher
        .change(|draft| draft.set_attribute("ben", "mail", "ana@example.org"))
        .await;
    ask(&mut Browser::new(&desk.usher), "ana@example.org").await;
    let mails = desk.post().await;
    let greets = |name: &str| {
        mails
            .iter()
            .any(|mail| mail.contains(&format!("Hello {name}")))
    };
    assert_eq!(mails.len(), 2);
    assert!(greets("Ana Almeida") && greets("Ben Brooks"));
    assert_ne!(link_in(&mails[0]), link_in(&mails[1]));
}

#[tokio::test]
async fn a_similar_address_finds_no_user() {
    let desk = Desk::open().await;
    for typed in [
        "ana_example.org",
        "%@example.org",
        "_na@example.org",
        "na@example.org",
        "sales",
        "europe",
        "ana@example.org.evil.example",
        "ana@example.or",
    ] {
        ask(&mut Browser::new(&desk.usher), typed).await;
    }
    assert!(desk.post().await.is_empty());
}

#[tokio::test]
async fn without_a_mail_server_the_help_desk_is_the_way() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get("/sign-in").await;
    assert!(form.says("Can’t sign in?"), "there is always a way on");
    let page = browser.get("/recover").await;
    assert!(
        page.says("Please contact your help desk for a link"),
        "{}",
        page.text()
    );
    assert!(!page.body.contains("name=\"who\""));
    browser
        .post("/recover", Some(super::PORTAL), "who=ana")
        .await;
    assert_eq!(queued(&usher).await, 0, "nothing waits for ever");
}

#[tokio::test]
async fn a_provider_that_is_switched_off_gives_no_links() {
    let sink = MailSink::start();
    let usher = Desk::usher(&sink).await;
    usher
        .change(|draft| draft.provider("local").disabled = true)
        .await;
    let desk = Desk { usher, sink };
    ask(&mut Browser::new(&desk.usher), "ana").await;
    assert!(desk.post().await.is_empty());
}
