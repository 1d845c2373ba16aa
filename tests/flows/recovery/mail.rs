//! Mails on their way to a real server.

use std::{net::TcpListener, process::Command, time::Duration};

use usher::queue;

use super::{Desk, NEW, ask, opened, set};
use support::{
    browser::Browser,
    draft::Draft,
    mail::{MailSink, link_in},
    server::TestServer,
};

/// The setting of the sender.
pub(super) const FROM: (&str, &str) = ("USHER_MAIL__FROM", "Usher <usher@usher.test>");

/// The value of a header, unfolded.
fn header(mail: &str, name: &str) -> String {
    let unfolded = mail.replace("\r\n ", " ").replace("\r\n\t", " ");
    let start = format!("{name}: ");
    let found: Vec<&str> = unfolded
        .split("\r\n")
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix(&start))
        .collect();
    assert_eq!(found.len(), 1, "{name} in {mail}");
    found[0].to_owned()
}

#[tokio::test]
async fn a_mail_has_the_headers_of_a_machines_mail() {
    let desk = Desk::open().await;
    desk.link("ana").await;
    let mail = desk.sink.mails().remove(0);
    assert_eq!(header(&mail, "X-MailFrom"), "usher@usher.test");
    assert_eq!(header(&mail, "X-RcptTo"), "ana@example.org");
    assert!(
        header(&mail, "From").ends_with("<usher@usher.test>"),
        "{mail}"
    );
    assert!(header(&mail, "To").ends_with("<ana@example.org>"), "{mail}");
    assert!(header(&mail, "To").contains("Ana Almeida"), "{mail}");
    assert_eq!(header(&mail, "Subject"), "Reset your password at Usher");
    assert_eq!(
        header(&mail, "Date"),
        "Wed, 18 Nov 2026 11:06:40 +0000",
        "the clock's"
    );
    let id = header(&mail, "Message-ID");
    assert!(
        id.starts_with("<eml_") && id.ends_with("@usher.test>"),
        "{id}"
    );
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&mail, "Content-Language"), "en");
    assert!(header(&mail, "Content-Type").starts_with("text/plain"));
}

#[tokio::test]
async fn names_in_any_script_arrive_as_they_are() {
    let desk = Desk::open().await;
    desk.usher
        .change(|draft| draft.person("ana").name = "Añá Ærøskøbing 安娜".into())
        .await;
    desk.link("ana").await;
    let mail = desk.sink.mails().remove(0);
    let to = header(&mail, "To");
    assert!(to.is_ascii() && to.contains("=?utf-8?"), "RFC 2047: {to}");
    let read = "import email, email.policy, sys\n\
                m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)\n\
                print(m['To'].addresses[0].display_name, '|', m.get_content().splitlines()[0])";
    let path = desk.usher.scratch().join("mail.eml");
    std::fs::write(&path, &mail).expect("a file");
    let output = Command::new("python3")
        .args(["-c", read])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(std::fs::File::open(&path).expect("the file"))
        .output()
        .expect("python runs");
    let seen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        seen.trim(),
        "Añá Ærøskøbing 安娜 | Hello Añá Ærøskøbing 安娜,"
    );
}

#[tokio::test]
async fn header_injection_no_name_adds_a_header_or_a_reader() {
    for name in [
        "Ana\r\nBcc: eve@evil.example",
        "Ana\nBcc: eve@evil.example\n\nClick here",
        "\"Ana\" <eve@evil.example>",
        "Ana, eve@evil.example",
        "=?utf-8?q?Ana=0D=0ABcc:_eve@evil.example?=",
        "Win at https://evil.example now",
    ] {
        let desk = Desk::open().await;
        desk.usher
            .change(|draft| draft.person("ana").name = name.into())
            .await;
        desk.link("ana").await;
        let mails = desk.sink.mails();
        assert_eq!(mails.len(), 1, "{name}");
        let mail = &mails[0];
        assert_eq!(header(mail, "X-RcptTo"), "ana@example.org", "{name}");
        assert!(
            header(mail, "To").ends_with("<ana@example.org>"),
            "{name}: {mail}"
        );
        let (head, body) = mail.split_once("\r\n\r\n").expect("a head and a body");
        let strange = head
            .lines()
            .any(|line| line.to_lowercase().starts_with("bcc"));
        assert!(!strange, "{name}: {mail}");
        assert!(
            !body.contains("evil.example"),
            "{name}: no text of another user: {mail}"
        );
    }
}

#[tokio::test]
async fn an_address_that_is_none_gets_nothing() {
    let desk = Desk::open().await;
    for bad in [
        "ana@example.org\r\nBcc: eve@evil.example",
        "ana@example.org, eve@evil.example",
        "ana",
    ] {
        desk.usher
            .change(|draft| draft.set_attribute("ana", "mail", bad))
            .await;
        ask(&mut Browser::new(&desk.usher), "ana").await;
        assert!(desk.post().await.is_empty(), "{bad}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_costs_time_and_no_mail() {
    let mut sink = MailSink::start();
    let usher = Desk::usher(&sink).await;
    usher.seed(&Draft::sample()).await;
    let port = sink.port();
    sink.stop();
    ask(&mut Browser::new(&usher), "ana").await;
    queue::run_due(&usher.app, "mail")
        .await
        .expect("no error of ours");
    let waiting = "select last_error from jobs where last_error is not null";
    let errors = usher.column(waiting).await;
    assert!(
        errors.len() == 1 && errors[0].contains("no connection"),
        "{errors:?}"
    );
    assert!(
        !errors[0].contains("ana"),
        "no address of a user: {errors:?}"
    );
    queue::run_due(&usher.app, "mail").await.expect("done");
    let tries = usher
        .column("select 'n' || tries from jobs where kind = 'mail'")
        .await;
    assert_eq!(tries, ["n1"], "not before it is due again");
    usher.advance(Duration::from_secs(30));
    queue::run_due(&usher.app, "mail").await.expect("done");
    let tries = usher
        .column("select 'n' || tries from jobs where kind = 'mail'")
        .await;
    assert_eq!(tries, ["n2"]);

    let sink = MailSink::start();
    forward(port, sink.port()).await;
    usher.advance(Duration::from_secs(60));
    queue::run_due(&usher.app, "mail").await.expect("done");
    let desk = Desk { usher, sink };
    let mails = desk.sink.mails();
    assert_eq!(mails.len(), 1, "once");
    let link = link_in(&mails[0]);
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
    let left = desk
        .usher
        .column("select sealed_message from mails where sent_at is not null")
        .await;
    assert!(
        left.iter().all(String::is_empty),
        "what was sent is forgotten"
    );
}

/// A server that is back on its old port.
async fn forward(from: u16, to: u16) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", from)).await;
    let listener = listener.expect("the port is free again");
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let there = tokio::net::TcpStream::connect(("127.0.0.1", to)).await;
            let mut there = there.expect("the server");
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
            });
        }
    });
}

#[tokio::test]
async fn a_mail_is_not_tried_for_ever() {
    let nowhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = nowhere.local_addr().expect("an address").port();
    drop(nowhere);
    let url = format!("smtp://127.0.0.1:{port}");
    let usher = TestServer::configured(&[("USHER_MAIL__URL", &url), FROM]).await;
    usher.seed(&Draft::sample()).await;
    ask(&mut Browser::new(&usher), "ana").await;
    for _ in 0..30 {
        queue::run_due(&usher.app, "mail").await.expect("done");
        usher.advance(Duration::from_secs(3600));
    }
    let tries = usher
        .column(
            "select j.tries || m.sealed_message from jobs j join mails m on m.id = j.payload
             where j.dead_at is not null",
        )
        .await;
    assert_eq!(tries, ["20"], "and then what it said is forgotten");
}

/// A portal with this timeout for the server, and in which Ben's domain makes the server wait.
async fn beside_a_slow_domain(seconds: &str) -> Desk {
    let sink = MailSink::start();
    let url = format!("smtp://127.0.0.1:{}", sink.port());
    let patience = ("USHER_MAIL__TIMEOUT_SECONDS", seconds);
    let usher = TestServer::configured(&[("USHER_MAIL__URL", &url), FROM, patience]).await;
    usher
        .change(|draft| draft.set_attribute("ben", "mail", "ben@slow.example"))
        .await;
    Desk { usher, sink }
}

#[tokio::test]
async fn a_domain_that_hangs_delays_no_other_domain() {
    let desk = beside_a_slow_domain("60").await;
    for _ in 0..3 {
        ask(&mut Browser::new(&desk.usher), "ben").await;
    }
    let app = desk.usher.app.clone();
    let posting = tokio::spawn(async move { queue::run_due(&app, "mail").await });
    ask(&mut Browser::new(&desk.usher), "ana").await;
    while desk.sink.mails().is_empty() {
        let pause = tokio::time::timeout(Duration::from_millis(20), std::future::pending::<()>());
        pause.await.ok();
    }
    assert_eq!(header(&desk.sink.mails()[0], "X-RcptTo"), "ana@example.org");
    assert!(!posting.is_finished(), "Ben's hang on");
    posting.abort();
}

#[tokio::test]
async fn a_domain_that_hangs_rests_and_its_mails_are_kept() {
    let desk = beside_a_slow_domain("1").await;
    for _ in 0..3 {
        ask(&mut Browser::new(&desk.usher), "ben").await;
    }
    desk.post().await;
    let now = desk.usher.clock.now().millis();
    let waiting = "select cast(due_at as text) from jobs where kind = 'mail'";
    let waiting = desk.usher.column(waiting).await;
    assert_eq!(waiting.len(), 3, "none is lost");
    for due in waiting {
        let due: i64 = due.parse().expect("a number");
        assert_eq!(due - now, 60_000, "the domain rests as a whole");
    }
    let sent = "select distinct sealed_message from mails where sent_at is not null";
    assert_eq!(
        desk.usher.column(sent).await,
        [""],
        "what is done is forgotten"
    );
}

#[tokio::test]
async fn a_reader_who_does_not_exist_is_given_up_and_a_busy_server_is_not() {
    let desk = Desk::open().await;
    desk.usher
        .change(|draft| {
            draft.set_attribute("ana", "mail", "refused@example.org");
            draft.set_attribute("ben", "mail", "later@example.org");
        })
        .await;
    for name in ["ana", "ben"] {
        ask(&mut Browser::new(&desk.usher), name).await;
    }
    desk.post().await;
    desk.post().await;
    let column = "select last_error || case when dead_at is null then ': again' else ': dead' end
                  from jobs where last_error is not null order by last_error";
    let errors = desk.usher.column(column).await;
    assert_eq!(
        errors,
        [
            "the server answered 451: again",
            "the server answered 550: dead"
        ]
    );
    desk.link("cleo").await;
}

#[tokio::test]
async fn two_replicas_send_a_mail_once() {
    let desk = Desk::open().await;
    let url = format!("smtp://127.0.0.1:{}", desk.sink.port());
    let settings = [("USHER_MAIL__URL", url.as_str()), FROM];
    let other = desk.usher.replica_with(&settings).await;
    for _ in 0..3 {
        ask(&mut Browser::new(&desk.usher), "ana").await;
        let (one, two) = tokio::join!(
            queue::run_due(&desk.usher.app, "mail"),
            queue::run_due(&other.app, "mail")
        );
        one.and(two).expect("both go well");
    }
    assert_eq!(desk.sink.mails().len(), 3);
}

#[tokio::test]
async fn what_waits_is_sealed() {
    let desk = Desk::open().await;
    ask(&mut Browser::new(&desk.usher), "ana@example.org").await;
    let sealed = desk.usher.column("select sealed_message from mails").await;
    assert!(
        !sealed[0].is_empty() && !sealed[0].contains("ana"),
        "{sealed:?}"
    );
    desk.usher
        .column("update mails set sealed_message = 'AAAA' returning id")
        .await;
    // One that cannot be read delays no other, and is not tried again.
    ask(&mut Browser::new(&desk.usher), "ben").await;
    assert_eq!(desk.post().await.len(), 1, "the other's");
    let given_up = "select last_error from jobs where dead_at is not null";
    assert_eq!(desk.usher.column(given_up).await, ["it cannot be read"]);
    assert_eq!(desk.post().await.len(), 1);
}

/// Replicas of the previous version write no jobs.
#[tokio::test]
async fn a_mail_that_was_queued_without_a_job_is_given_one() {
    let desk = Desk::open().await;
    ask(&mut Browser::new(&desk.usher), "ana").await;
    for sql in [
        "delete from jobs where kind = 'mail' returning id",
        "update mails set due_at = created_at returning id",
    ] {
        assert_eq!(desk.usher.column(sql).await.len(), 1);
    }
    assert_eq!(desk.post().await.len(), 1);
    assert_eq!(desk.post().await.len(), 1, "once");
}
