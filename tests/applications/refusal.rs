//! Why an application was refused: in words, in the log, at the default level. The operator of the
//! application asks the admin, who has only the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{body::Body, http::Request};
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use support::{browser::Browser, server::TestServer};

/// What would be in the log.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic")).into_owned()
    }

    #[track_caller]
    pub fn says(&self, level: &str, words: &str) {
        let text = self.text();
        let mut lines = text.lines();
        let found = lines.any(|line| line.contains(level) && line.contains(words));
        assert!(found, "{level} {words}:\n{text}");
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// The log of this thread, on which a test's requests are answered.
pub fn log() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("usher=info,warn,tower_sessions_core=error"))
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn why_a_service_provider_was_refused_is_in_the_log_in_words() {
    let usher = support::lab::usher("request_init", json!({})).await;
    let mut ana = crate::issuer_saml::ana(&usher).await;
    let (log, _guard) = log();
    let mut forged = crate::issuer_saml::Ask::at(&usher, "_forged");
    forged.key = Some("attacker");
    ana.peek(&forged.by_redirect()).await;
    log.says(
        "WARN",
        "https://lab.test/sp: the signature does not hold: no key we know made it for this",
    );
    let mut unknown = crate::issuer_saml::Ask::at(&usher, "_unknown");
    unknown.issuer = "https://nobody.test/sp".to_owned();
    ana.peek(&unknown.by_redirect()).await;
    log.says("WARN", "why=\"unknown client\"");
    let mut elsewhere = crate::issuer_saml::Ask::at(&usher, "_elsewhere");
    elsewhere.recipient = "https://evil.test/acs".to_owned();
    ana.peek(&elsewhere.by_redirect()).await;
    log.says("WARN", "why=\"unregistered address\"");
    let mut closed = support::lab::seed("request_init", support::lab::settings(json!({})));
    closed.service("lab").disabled = true;
    usher.seed(&closed).await;
    ana.peek(&crate::issuer_saml::Ask::at(&usher, "_closed").by_redirect())
        .await;
    log.says("WARN", "the service is closed, or closed to this user");
    assert!(!log.text().contains("Ana"), "no user is named");
}

#[tokio::test]
async fn why_a_cas_application_was_refused_is_in_the_log_in_words() {
    let usher = support::cas::usher().await;
    let (log, _guard) = log();
    let mut somebody = Browser::new(&usher);
    somebody
        .peek(&support::cas::login("https://evil.test/", ""))
        .await;
    log.says("WARN", "route=\"/cas/login\" why=\"unregistered address\"");
    let validation = "/cas/serviceValidate?ticket=ST-unknown&service=https://lib-eu.test/";
    let request = Request::get(validation).body(Body::empty());
    usher.ask(request.expect("a request")).await;
    log.says("WARN", "INVALID_TICKET");
    log.says("WARN", "the ticket is unknown, used or too old");
}

#[tokio::test]
async fn why_a_forum_and_a_client_were_refused_is_in_the_log_in_words() {
    let usher = crate::discourse::usher().await;
    let (log, _guard) = log();
    let mut somebody = Browser::new(&usher);
    let question = support::shared_secret::ask("forum-eu", "n-1");
    let forged = question.replace("sig=", "sig=00");
    assert_ne!(question, forged);
    somebody.peek(&forged).await;
    log.says("WARN", "sig is not the signature of sso");
    let client = "/oidc/authorize?client_id=nobody&redirect_uri=https://evil.test/";
    somebody.peek(client).await;
    log.says("WARN", "route=\"/oidc/authorize\" why=\"unknown client\"");
    // Text of an unauthenticated client begins no line of its own.
    somebody.peek("/cas/login?method=x%0aWARN&service=a").await;
    assert!(
        log.text().lines().all(|line| line.contains("usher")),
        "{}",
        log.text()
    );
}

/// The answer to a peer is a sentence, not the portal's own types.
#[tokio::test]
async fn a_refused_logout_message_is_answered_in_words() {
    let usher: TestServer = support::campus::portal(json!({})).await;
    for (path, words) in [
        (
            "/upstream/campus/logout?SAMLRequest=x",
            "not the message it should be",
        ),
        (
            "/upstream/campus/logout?SAMLResponse=x",
            "not the message it should be",
        ),
    ] {
        let request = Request::get(path)
            .header("accept", "application/json")
            .body(Body::empty());
        let (status, _, text) = usher.ask(request.expect("a request")).await;
        assert_eq!(status, 400, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
        assert!(!text.contains("Invalid("), "{path}: {text}");
    }
}
