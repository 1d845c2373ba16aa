//! The mail server: how it is named, and that only the right one is sent a mail.

use std::{path::Path, process::Command};

use usher::{app::App, config::Config, queue};

use super::{ask, mail::FROM};
use support::{
    browser::Browser,
    draft::Draft,
    mail::MailSink,
    process::{Process, home, python},
    server::TestServer,
};

/// A portal that sends by this URL, and the result of a mail.
async fn sent_by(settings: &[(&str, &str)]) -> (TestServer, Vec<String>) {
    let mut all = vec![FROM];
    all.extend_from_slice(settings);
    let usher = TestServer::configured(&all).await;
    usher.seed(&Draft::sample()).await;
    ask(&mut Browser::new(&usher), "ana").await;
    queue::run_due(&usher.app, "mail")
        .await
        .expect("no error of ours");
    let errors = usher
        .column("select last_error from jobs where last_error is not null")
        .await;
    (usher, errors)
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_but_on_loopback() {
    let sink = MailSink::start();
    // The same server, by an address that is not known for loopback.
    let far = format!("smtp://[::ffff:127.0.0.1]:{}", sink.port());
    let (_house, errors) = sent_by(&[("USHER_MAIL__URL", &far)]).await;
    assert_eq!(errors.len(), 1, "stripping: {errors:?}");
    assert!(sink.mails().is_empty());
    let plain = format!("smtp+plain://[::ffff:127.0.0.1]:{}", sink.port());
    let (_house, errors) = sent_by(&[("USHER_MAIL__URL", &plain)]).await;
    assert!(errors.is_empty(), "who says so gets it: {errors:?}");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_gets_no_mail() {
    let sink = MailSink::with_tls();
    let url = format!("smtp://localhost:{}", sink.port());
    let (_house, errors) = sent_by(&[("USHER_MAIL__URL", &url)]).await;
    assert!(
        errors.len() == 1 && errors[0].contains("invalid peer certificate"),
        "{errors:?}"
    );
    let wrapped = format!("smtps://localhost:{}", sink.port());
    let (_house, errors) = sent_by(&[("USHER_MAIL__URL", &wrapped)]).await;
    assert_eq!(
        errors.len(),
        1,
        "nor does a server that starts with plain SMTP"
    );
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn starttls_with_a_good_certificate_carries_the_mail() {
    let home = home();
    certificates(home.path());
    let authority = home.path().join("ca.pem");
    let authority = authority.to_str().expect("a path").to_owned();
    let mut sink = python("smtp_sink.py");
    sink.args([".", "sink.pem", "sink.key"])
        .current_dir(home.path());
    let sink = Process::start(home, sink);
    let url = format!("smtp://localhost:{}", sink.port);
    let settings = [
        ("USHER_MAIL__URL", url.as_str()),
        ("USHER_MAIL__CA_FILE", &authority),
    ];
    let (usher, errors) = sent_by(&settings).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert!(sink.home().join("0001.eml").exists());
    assert!(usher.app.directory.mails.check().await.is_ok());
    let other = format!("smtp://127.0.0.1:{}", sink.port);
    let settings = [
        ("USHER_MAIL__URL", other.as_str()),
        ("USHER_MAIL__CA_FILE", &authority),
    ];
    let (_house, errors) = sent_by(&settings).await;
    assert!(
        errors.len() == 1,
        "a certificate for another name: {errors:?}"
    );
}

/// An authority, and its certificate for `localhost`.
fn certificates(home: &Path) {
    std::fs::write(home.join("ext"), "subjectAltName=DNS:localhost\n").expect("a file");
    for line in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout sink.key -out sink.csr",
        "x509 -req -in sink.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext \
         -out sink.pem",
    ] {
        let made = Command::new("openssl")
            .args(line.split_whitespace())
            .current_dir(home)
            .output()
            .expect("openssl runs");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_said_at_the_start() {
    let dir = tempfile::tempdir().expect("a directory");
    for (settings, words) in [
        (&[("URL", "mail.example.org")][..], "is not a URL"),
        (
            &[("URL", "https://mail.example.org")],
            "must begin with smtps:",
        ),
        (
            &[("URL", "smtps://user:secret@mail.example.org")],
            "belongs in mail.password_file",
        ),
        (
            &[("URL", "smtps://mail.example.org/x")],
            "must end with the port",
        ),
        (&[("URL", "smtps:///")], "names no server"),
        (
            &[("URL", "smtps://mail.example.org"), ("FROM", "")],
            "mail.from must be an address",
        ),
        (
            &[("URL", "smtps://mail.example.org"), ("FROM", "a\r\nBcc: x")],
            "mail.from must be",
        ),
        (
            &[("URL", "smtps://mail.example.org"), ("PASSWORD", "x")],
            "names no user",
        ),
        (
            &[
                ("URL", "smtp+plain://u@mail.example.org"),
                ("PASSWORD", "x"),
            ],
            "would show the password",
        ),
        (
            &[("URL", "smtps://mail.example.org"), ("CA_FILE", "/nowhere")],
            "mail.ca_file /nowhere",
        ),
    ] {
        let mut variables = vec![
            (
                "USHER_DATA__DIR".to_owned(),
                dir.path().display().to_string(),
            ),
            ("USHER_MAIL__FROM".to_owned(), FROM.1.to_owned()),
        ];
        for (name, value) in settings {
            variables.push((format!("USHER_MAIL__{name}"), (*value).to_owned()));
        }
        let config = Config::layered(None, variables).expect("it can be read");
        let (clock, chance) = (
            usher::clock::Clock::system(),
            usher::chance::Chance::system(),
        );
        let error = App::open(config, clock, chance).await.err();
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains(words), "{settings:?}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
