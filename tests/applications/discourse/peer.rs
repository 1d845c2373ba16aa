//! A library of others: pydiscourse builds the question and reads the answer.

use serde_json::{Value, json};

use super::{BACK, usher};
use support::{browser::Browser, process::python, shared_secret::secret};

async fn pydiscourse(asked: Value) -> Value {
    let mut command = python("discourse_sso.py");
    command.arg(asked.to_string());
    let run = tokio::task::spawn_blocking(move || command.output());
    let done = run.await.expect("it ran").expect("python runs: make deps");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let why = String::from_utf8_lossy(&done.stderr);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{why}"))
}

#[tokio::test]
async fn pydiscourse_asks_and_accepts_the_answer() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let key = secret("forum-eu");
    let words = json!({ "nonce": "cb68251eefb5211e58c00ff1395f0c0b", "return_sso_url": BACK });
    let query = pydiscourse(json!({ "act": "ask", "secret": key, "words": words })).await;
    let query = query.as_str().expect("a query");
    let page = ana.peek(&format!("/discourse/forum?{query}")).await;
    let sent = page.sent();
    let read = |secret: &str| json!({ "act": "read", "secret": secret, "sso": sent["sso"], "sig": sent["sig"] });
    let told = pydiscourse(read(&key)).await;
    assert_eq!(told["nonce"], words["nonce"]);
    assert_eq!(told["words"]["email"], "ana@example.org");
    assert_eq!(told["words"]["groups"], "sales,staff");
    let fault = pydiscourse(read("another-secret-of-somebody")).await;
    assert_eq!(fault["fault"], "Payload does not match signature.");
}

/// What pydiscourse answers as a provider is what we answer, letter by letter.
#[tokio::test]
async fn we_answer_as_pydiscourse_does() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana
        .peek(&support::shared_secret::ask("forum-eu", "n"))
        .await;
    let told = super::answered(&page, "forum-eu");
    // In our order: what is signed is a text.
    let words = json!([
        ["nonce", "n"],
        ["external_id", told["external_id"]],
        ["email", "ana@example.org"],
        ["username", "ana"],
        ["name", "Ana Almeida"],
        ["groups", "sales,staff"],
        ["require_activation", "true"],
    ]);
    let asked = json!({ "act": "ask", "secret": secret("forum-eu"), "words": words });
    let theirs = pydiscourse(asked).await;
    let theirs = support::shared_secret::pairs(theirs.as_str().expect("a query"));
    assert_eq!(page.sent(), theirs);
}
