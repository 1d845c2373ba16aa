//! A client of others: python-cas.

use serde_json::Value;
use url::Url;
use usher::issuer::cas::wire::logout_request;

use support::{
    browser::Browser,
    cas::{ticket_of, usher},
    process::python,
};

/// Runs it beside the server of this test, not instead of it.
async fn python_cas(arguments: &[&str]) -> Value {
    let mut command = python("cas_client.py");
    command.args(arguments);
    let run = tokio::task::spawn_blocking(move || command.output());
    let done = run.await.expect("it ran").expect("python runs: make deps");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let why = String::from_utf8_lossy(&done.stderr);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{why}"))
}

#[tokio::test]
async fn python_cas_signs_users_in_and_finds_the_record() {
    let usher = usher().await;
    let listening = usher.listen().await;
    let server = listening.url("/cas/");
    let mut ana = Browser::of(&usher, "ana").await;

    // By its own sign-in.
    let service = "https://lib-eu.test/login?next=%2Fbooks%3Fa%3Db";
    let url = python_cas(&[&server, service, "login"]).await;
    let url = Url::parse(url.as_str().expect("an address")).expect("one");
    let page = ana.peek(&url[url::Position::BeforePath..]).await;
    let ticket = ticket_of(&page);
    let told = python_cas(&[&server, service, "verify", &ticket]).await;
    assert_eq!(told[0], "ana");
    assert_eq!(told[1]["mail"], "ana@example.org");
    assert_eq!(told[1]["groups"], serde_json::json!(["sales", "staff"]));
    assert!(told[2].is_null(), "no proxy ticket");
    let again = python_cas(&[&server, service, "verify", &ticket]).await;
    assert!(again[0].is_null(), "once");

    // By a launch.
    let page = ana.peek("/go/library/customer/c-1042").await;
    let record = "https://lib-eu.test/readers/C-1042";
    let ticket = ticket_of(&page);
    let told = python_cas(&[&server, record, "verify", &ticket]).await;
    assert_eq!(told[0], "ana");
    assert_eq!(told[1]["context_id"], "C-1042");

    let message = logout_request("1", &ticket, usher.clock.now().secs());
    for (named, fits) in [(ticket.as_str(), true), ("ST-another", false)] {
        let known = python_cas(&[&server, record, "logout", &message, named]).await;
        assert_eq!(known, fits);
    }
}
