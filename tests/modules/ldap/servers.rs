//! The servers of a directory: certificates, failures, failing over, and the output of `usher
//! check`.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::json;

use usher::{clock::Clock, upstream::ldap};

use super::{NOW, ana, assert_down, open, provider, try_to_open, with};
use support::slapd::{ACCOUNT, BASE, Certificate, Slapd, silent_server};

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let slapd = Slapd::start_with(Certificate::OtherAuthority);
    assert_down(
        &*provider(&slapd, json!({})),
        "signed by an unknown authority",
    )
    .await;
    let system = json!({"ca_pem": null});
    assert_down(&*provider(&slapd, system), "signed by an unknown authority").await;
    assert!(!slapd.log().contains("BIND"), "no password was sent");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let slapd = Slapd::start_with(Certificate::WrongName);
    let words = "the name does not match";
    assert_down(&*provider(&slapd, json!({})), words).await;
    let start_tls = json!({"servers": [slapd.ldap_url()], "start_tls": true});
    assert_down(&*provider(&slapd, start_tls), words).await;
    assert!(!slapd.log().contains("BIND"), "no password was sent");
}

#[tokio::test]
async fn plain_text_works_only_where_it_is_insisted_on() {
    let slapd = Slapd::start();
    let plain = with(slapd.settings(), json!({"servers": [slapd.ldap_url()]}));
    let error = try_to_open(&plain).err().expect("refused");
    assert!(error.contains("sends passwords readable"), "{error}");
    let insisted = with(plain, json!({"allow_plain_text": true}));
    assert!(ana(&*open(&insisted)).await.is_ok());
}

#[tokio::test]
async fn when_the_first_server_is_dead_or_dies_the_second_answers() {
    let (mut one, two) = (Slapd::start(), Slapd::start());
    let authorities = format!("{}{}", one.ca_pem(), two.ca_pem());
    let both = json!({"servers": [one.ldaps_url(), two.ldaps_url()], "ca_pem": authorities});
    let provider = provider(&one, both.clone());
    ana(&*provider).await.unwrap();
    assert!(!two.log().contains("SRCH"), "the first is first");

    one.stop();
    ana(&*provider).await.unwrap();
    assert!(two.log().contains("SRCH"), "the second took over");
    assert!(ana(&*open(&with(one.settings(), both))).await.is_ok());
}

#[tokio::test]
async fn when_all_servers_are_down_that_is_said_quickly() {
    let mut slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    slapd.stop();
    let started = now();
    assert_down(&*provider, "cannot be reached").await;
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn no_sign_in_waits_for_a_delayed_acknowledgement() {
    let slapd = Slapd::start();
    for changes in [
        json!({}),
        json!({"servers": [slapd.ldap_url()], "start_tls": true}),
    ] {
        let provider = provider(&slapd, changes);
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let started = now();
            ana(&*provider).await.unwrap();
            fastest = fastest.min(started.elapsed());
        }
        assert!(fastest < Duration::from_millis(35), "{fastest:?}");
    }
}

/// Real time: a real server is awaited.
#[expect(
    clippy::disallowed_methods,
    reason = "the deadline under test is one in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time_for_the_next() {
    let slapd = Slapd::start();
    let (_listener, address) = silent_server();
    let quick = json!({"connect_timeout_ms": 200, "operation_timeout_ms": 300});
    for silent in [format!("ldap://{address}"), format!("ldaps://{address}")] {
        let alone = json!({"servers": [silent], "allow_plain_text": true});
        let started = now();
        let provider_alone = open(&with(with(slapd.settings(), alone), quick.clone()));
        assert_down(&*provider_alone, "no answer in").await;
        assert!(started.elapsed() < Duration::from_secs(1));

        let first = json!({"servers": [silent, slapd.ldaps_url()], "allow_plain_text": true});
        let provider = open(&with(with(slapd.settings(), first), quick.clone()));
        assert!(ana(&*provider).await.is_ok());
        let started = now();
        assert!(ana(&*provider).await.is_ok());
        assert!(
            started.elapsed() < Duration::from_millis(200),
            "it is remembered who answers"
        );
    }
}

/// How many connections a silent server has been offered.
fn offered(listener: &TcpListener) -> usize {
    listener.set_nonblocking(true).expect("a socket");
    std::iter::from_fn(|| listener.accept().ok()).count()
}

#[tokio::test]
async fn a_directory_that_hangs_is_called_down_before_the_request_is_late() {
    let slapd = Slapd::start();
    let (_listener, address) = silent_server();
    let silent = format!("ldap://{address}");
    let settings = with(
        slapd.settings(),
        json!({"servers": [silent, silent, silent], "allow_plain_text": true}),
    );
    // By the settings alone it would take ten seconds.
    let patience = Duration::from_millis(400);
    let clock = Clock::manual(NOW);
    let provider = ldap::open(&settings, &clock, patience).expect("good settings");
    let started = now();
    assert_down(&*provider, "no answer in 400 ms").await;
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn no_sign_in_waits_for_servers_that_were_all_down_a_moment_ago() {
    let slapd = Slapd::start();
    let (listener, address) = silent_server();
    let quick = json!({"servers": [format!("ldap://{address}")], "allow_plain_text": true,
        "connect_timeout_ms": 200, "operation_timeout_ms": 300});
    let clock = Clock::manual(NOW);
    let settings = with(slapd.settings(), quick);
    let provider = ldap::open(&settings, &clock, super::PATIENCE).expect("good settings");
    assert_down(&*provider, "no answer in").await;
    let tried = offered(&listener);
    assert!(tried > 0);
    for _ in 0..20 {
        assert_down(&*provider, "no answer in").await;
    }
    assert_eq!(offered(&listener), 0, "it is not tried again");
    clock.advance(Duration::from_secs(10));
    assert_down(&*provider, "no answer in").await;
    assert!(offered(&listener) > 0, "after a moment it is");
}

/// A failure caused by one user's name must not affect the others.
#[tokio::test]
async fn a_question_that_is_refused_does_not_call_the_directory_down() {
    let slapd = Slapd::start();
    let nowhere = json!({"group_base_dn": format!("ou=nowhere,{BASE}")});
    let provider = provider(&slapd, nowhere);
    for _ in 0..2 {
        let failure = ana(&*provider).await.expect_err("no groups can be had");
        assert!(failure.contains("no such entry"), "{failure}");
        let wrong = super::sign_in(&*provider, "ana", "wrong").await;
        assert_eq!(wrong.expect_err("wrong"), "wrong", "it is asked");
    }
}

#[tokio::test]
async fn what_answers_but_is_no_directory_is_down_and_takes_nothing_with_it() {
    // A web server; LDAP framing around nonsense; an unsolicited search result.
    for said in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\x30\x05\x02\x01\x01\x61\x00",
        b"\x30\x00",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ldap://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(said);
            let _ = stream.read(&mut [0; 512]);
        });
        let settings = json!({
            "servers": [url], "allow_plain_text": true, "base_dn": BASE,
            "bind_dn": ACCOUNT, "bind_password": "x", "operation_timeout_ms": 300,
        });
        assert_down(&*open(settings.as_object().unwrap()), "").await;
    }
}

#[tokio::test]
async fn a_search_account_that_cannot_sign_in_or_search_is_down_in_words() {
    let slapd = Slapd::start();
    let wrong = json!({"bind_password": "wrong"});
    assert_down(
        &*provider(&slapd, wrong),
        "bind_dn cannot sign in: name or password is wrong",
    )
    .await;
    let anonymous = json!({"bind_dn": null, "bind_password": null});
    assert_down(
        &*provider(&slapd, anonymous),
        "cannot search \"dc=example,dc=org\"",
    )
    .await;
    let nowhere = json!({"base_dn": format!("ou=nowhere,{BASE}")});
    assert_down(&*provider(&slapd, nowhere), "there is no such entry").await;
}

#[tokio::test]
async fn a_referral_is_never_followed() {
    let slapd = Slapd::start();
    // The server knows nothing of this base and names another server; and it names one for a
    // branch of its own, which every search from above meets.
    let elsewhere = json!({"base_dn": "dc=example,dc=net"});
    assert_down(&*provider(&slapd, elsewhere), "referrals are not followed").await;
    let branch = json!({"base_dn": format!("ou=elsewhere,{BASE}")});
    assert_down(&*provider(&slapd, branch), "referrals are not followed").await;
    assert!(ana(&*provider(&slapd, json!({}))).await.is_ok());
    assert!(
        slapd.elsewhere_was_left_alone(),
        "there was no connection to it"
    );
}

#[tokio::test]
async fn check_says_which_server_is_wrong_and_why() {
    let (good, named_wrong) = (Slapd::start(), Slapd::start_with(Certificate::WrongName));
    let fine = provider(&good, json!({})).check().await.unwrap();
    assert_eq!(fine, format!("{}: 205 users", good.ldaps_url()));

    let authorities = format!("{}{}", good.ca_pem(), named_wrong.ca_pem());
    let servers = json!([good.ldaps_url(), named_wrong.ldaps_url()]);
    let both = json!({"servers": servers, "ca_pem": authorities});
    let error = provider(&good, both).check().await.unwrap_err();
    let words = "the name does not match: its certificate is not for \"127.0.0.1\"";
    assert!(
        error.starts_with(&format!("{}: {words}", named_wrong.ldaps_url())),
        "{error}"
    );

    for (changes, words) in [
        (
            json!({"ca_pem": named_wrong.ca_pem()}),
            "signed by an unknown authority",
        ),
        (
            json!({"bind_password": "x"}),
            "bind_dn cannot sign in: name or password is wrong",
        ),
        (
            json!({"user_filter": "(mobile={login})"}),
            "user_filter finds no users",
        ),
        (
            json!({"subject_attribute": "mobile"}),
            "none of 205 users has both uid and mobile",
        ),
        (
            json!({"group_base_dn": format!("ou=x,{BASE}")}),
            "cannot search \"ou=x,dc=example,dc=org\"",
        ),
        (
            json!({"servers": ["ldaps://127.0.0.1:1"]}),
            "ldaps://127.0.0.1:1: cannot be reached",
        ),
    ] {
        let error = provider(&good, changes).check().await.unwrap_err();
        assert!(error.contains(words), "{error}\ndoes not say\n{words}");
    }
}
