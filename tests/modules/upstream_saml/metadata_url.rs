//! Metadata that is fetched: valid documents are stored, and others do not replace them. The server
//! is on loopback and answers as a test wants.

mod refresh;

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use usher::upstream::{IdentityProvider, Import};

use support::{
    browser::Browser,
    campus::{seed, settings, theirs},
    saml::{IDP, NOW, Signer, certificate},
    server::TestServer,
};

/// What the server answers.
#[derive(Clone)]
enum Says {
    Text(String),
    Status(&'static str),
    /// So many megabytes, announced or not.
    Endless {
        announced: bool,
    },
    Nothing,
}

struct Server {
    port: u16,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<usize>>,
}

impl Server {
    fn start(text: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let says = Arc::new(Mutex::new(Says::Text(text.to_owned())));
        let asked = Arc::new(Mutex::new(0));
        let (now, count) = (says.clone(), asked.clone());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                *count.lock().expect("no panic") += 1;
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let says = now.lock().expect("no panic").clone();
                let _ = answer(&mut stream, says);
            }
        });
        Self { port, says, asked }
    }

    fn says(&self, says: Says) {
        *self.says.lock().expect("no panic") = says;
    }

    fn text(&self, text: &str) {
        self.says(Says::Text(text.to_owned()));
    }

    fn asked(&self) -> usize {
        *self.asked.lock().expect("no panic")
    }

    fn settings(&self, changes: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/metadata", self.port);
        let mut all = json!({ "metadata": null, "metadata_url": url });
        let map = all.as_object_mut().expect("an object");
        map.extend(changes.as_object().expect("an object").clone());
        settings(all)
    }
}

fn answer(stream: &mut impl Write, says: Says) -> std::io::Result<()> {
    match says {
        Says::Nothing => Ok(()),
        Says::Status(line) => write!(
            stream,
            "HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ),
        Says::Text(text) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}",
                text.len()
            )
        }
        Says::Endless { announced } => {
            let length = if announced {
                "Content-Length: 1073741824\r\n"
            } else {
                ""
            };
            write!(stream, "HTTP/1.1 200 OK\r\n{length}\r\n")?;
            let piece = [b' '; 65_536];
            for _ in 0..16_384 {
                stream.write_all(&piece)?;
            }
            Ok(())
        }
    }
}

async fn portal(server: &Server, changes: Value) -> TestServer {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    usher.seed(&seed(server.settings(changes))).await;
    usher
}

/// The provider as the portal opens it.
fn provider(usher: &TestServer, server: &Server, changes: Value) -> Box<dyn IdentityProvider> {
    let settings = server.settings(changes);
    let settings = settings.as_object().expect("an object");
    let opened = usher
        .app
        .catalog
        .tools()
        .provider("campus", "saml", settings);
    opened.unwrap_or_else(|error| panic!("{error}"))
}

/// Where a sign-in leads: the identity provider's host, or the words of the page.
async fn open(usher: &TestServer) -> Result<String, String> {
    let mut browser = Browser::new(usher);
    let attempt = browser.peek("/sign-in").await.location().to_owned();
    let page = browser.peek(&format!("{attempt}/to/campus")).await;
    match page.body.contains("http-equiv=\"refresh\"") {
        true => {
            let url = url::Url::parse(page.location()).expect("an address");
            Ok(url.host_str().expect("a host").to_owned())
        }
        // What went wrong stands on the page that the answer leads to.
        false => Err(browser.get(page.location()).await.text()),
    }
}

const DOWN: &str = "“Campus” is not responding";

/// Metadata that is valid until so many seconds after the portal's start.
fn until(seconds: i64) -> String {
    use usher::protocol::saml::time;
    theirs().replace(&time::format(NOW + 86_400), &time::format(NOW + seconds))
}

#[tokio::test]
async fn metadata_is_fetched_when_it_is_first_needed_and_kept() {
    let server = Server::start(&theirs());
    let usher = portal(&server, json!({})).await;
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    server.says(Says::Nothing);
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    assert_eq!(server.asked(), 1);
    // Another process finds what was kept.
    let replica = usher.replica().await;
    assert_eq!(open(&replica).await, Ok("idp.test".to_owned()));
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn metadata_that_cannot_be_fetched_is_reported_and_an_import_is_offered() {
    let server = Server::start("");
    let usher = portal(&server, json!({})).await;
    for says in [
        Says::Nothing,
        Says::Status("404 Not Found"),
        Says::Status("302 Found"),
        Says::Text("<html>sign in to the network</html>".to_owned()),
        Says::Text(theirs().replace(IDP, "https://other.test")),
        Says::Text(until(0)),
        Says::Endless { announced: true },
        Says::Endless { announced: false },
    ] {
        server.says(says);
        usher.advance(Duration::from_secs(21));
        let words = open(&usher).await.expect_err("it is down");
        assert!(words.contains(DOWN), "{words}");
        assert!(words.contains("choose another way"), "{words}");
    }
}

#[tokio::test]
async fn a_fetch_that_failed_is_not_tried_again_by_every_click() {
    let server = Server::start("");
    let usher = portal(&server, json!({})).await;
    for _ in 0..5 {
        assert!(open(&usher).await.is_err());
    }
    assert_eq!(server.asked(), 1);
    server.text(&theirs());
    usher.advance(Duration::from_secs(21));
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
}

#[tokio::test]
async fn the_last_good_metadata_holds_until_it_expires() {
    let server = Server::start(&until(7200));
    let usher = portal(&server, json!({})).await;
    assert!(open(&usher).await.is_ok());
    for bad in [
        Says::Status("500 Internal Server Error"),
        Says::Text(theirs().replace(IDP, "https://other.test")),
        Says::Text(until(10)),
        Says::Endless { announced: false },
    ] {
        server.says(bad);
        usher.advance(Duration::from_secs(1000));
        assert!(
            usher
                .app
                .sign_ins
                .providers()
                .refresh_now("campus")
                .await
                .unwrap()
                .is_ok(),
            "not due yet"
        );
        assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    }
    usher.advance(Duration::from_secs(3200));
    let words = open(&usher).await.expect_err("it has expired");
    assert!(words.contains(DOWN), "{words}");
    server.text(&until(90_000));
    usher.advance(Duration::from_secs(21));
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
}

#[tokio::test]
async fn metadata_may_be_brought_by_an_admin() {
    let usher = TestServer::with(&seed(settings(json!({ "metadata": null })))).await;
    let words = open(&usher).await.expect_err("there is none yet");
    assert!(words.contains(DOWN), "{words}");
    let providers = usher.app.sign_ins.providers();
    let text = theirs();
    let import = |text| Import {
        text,
        is_confirmed: false,
    };
    let error = providers
        .import("campus", &import("<x/>"))
        .await
        .unwrap()
        .unwrap_err();
    assert!(error.contains("not SAML metadata"), "{error}");
    let done = providers
        .import("campus", &import(&text))
        .await
        .unwrap()
        .unwrap();
    assert!(done.is_kept && done.about.contains(IDP), "{done:?}");
    assert_eq!(open(&usher).await, Ok("idp.test".to_owned()));
    assert!(
        providers
            .check("campus")
            .await
            .unwrap()
            .unwrap()
            .contains("valid until")
    );
}

#[tokio::test]
async fn checking_says_what_is_there() {
    let server = Server::start(&theirs());
    let usher = portal(&server, json!({})).await;
    let part = provider(&usher, &server, json!({}));
    let words = part.check().await.unwrap();
    for expected in [
        &format!("metadata of {IDP}, valid until "),
        &certificate("idp").fingerprint(),
        "ours is at https://usher.test/upstream/campus/metadata",
    ] {
        assert!(words.contains(expected), "{words}");
    }
    server.says(Says::Status("404 Not Found"));
    assert!(part.check().await.unwrap_err().contains("status 404"));
}

/// The metadata of an identity provider that signs by these.
fn signing(names: &[&str]) -> String {
    let both = theirs();
    let mut text = both.clone();
    for name in ["idp", "idp-next"] {
        if !names.contains(&name) {
            let key = certificate(name).to_base64();
            let (before, after) = text.split_once(&key).expect("the key");
            let start = before.rfind("<md:KeyDescriptor").expect("its beginning");
            let end = after.find("</md:KeyDescriptor>").expect("its end");
            let rest = &after[end + "</md:KeyDescriptor>".len()..];
            text = format!("{}{rest}", &before[..start]);
        }
    }
    text
}

async fn comes_in(usher: &TestServer, signer: &'static str, id: &str) -> bool {
    let mut browser = Browser::new(usher);
    support::campus::sign_in_by(usher, &mut browser, &Signer::of(signer), |says| {
        id.clone_into(&mut says.assertion_id);
    })
    .await;
    browser.session().await.is_some()
}

#[tokio::test]
async fn a_new_key_of_the_identity_provider_is_learned_within_the_sign_in() {
    let server = Server::start(&signing(&["idp"]));
    let usher = portal(&server, json!({})).await;
    assert!(comes_in(&usher, "idp", "_1").await);
    assert_eq!(server.asked(), 1);
    server.text(&signing(&["idp", "idp-next"]));
    assert!(comes_in(&usher, "idp-next", "_2").await, "by the new key");
    assert_eq!(server.asked(), 2);
    assert!(comes_in(&usher, "idp", "_3").await, "and by the old one");
    // Signatures by unknown keys do not cause a fetch each time.
    for id in ["_4", "_5", "_6"] {
        assert!(!comes_in(&usher, "attacker", id).await);
    }
    assert_eq!(server.asked(), 2, "not again within half a minute");
    usher.advance(Duration::from_secs(31));
    for id in ["_7", "_8"] {
        assert!(!comes_in(&usher, "attacker", id).await);
    }
    assert_eq!(server.asked(), 3);
    assert!(comes_in(&usher, "idp-next", "_9").await);
}

#[tokio::test]
async fn a_check_does_not_praise_metadata_that_sign_ins_do_not_use() {
    let server = Server::start(&signing(&["idp"]));
    let usher = portal(&server, json!({})).await;
    assert!(comes_in(&usher, "idp", "_1").await);
    server.text(&signing(&["idp-next"]));
    assert!(!comes_in(&usher, "idp-next", "_2").await, "unconfirmed");
    let said = usher
        .app
        .sign_ins
        .providers()
        .check("campus")
        .await
        .expect("known");
    let why = said.expect_err("it is not used");
    assert!(why.contains("all signing keys are replaced"), "{why}");
}

#[tokio::test]
async fn the_only_name_id_format_of_the_metadata_is_requested_and_a_wrong_one_is_reported() {
    const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    let with = |formats: &[&str]| {
        let formats: String = formats
            .iter()
            .map(|format| format!("<md:NameIDFormat>{format}</md:NameIDFormat>"))
            .collect();
        let at = "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP";
        theirs().replacen(at, &format!("{formats}{at}"), 1)
    };
    let lasting = json!({"subject": "mail"});
    for (formats, changes, asked, warning) in [
        (vec![EMAIL], json!({}), Some(EMAIL), None),
        (vec![EMAIL, TRANSIENT], json!({}), None, None),
        (vec![], json!({}), None, None),
        (
            vec![EMAIL],
            json!({"name_id_format": "persistent"}),
            Some(support::saml::PERSISTENT),
            Some("InvalidNameIDPolicy"),
        ),
        (
            vec![EMAIL],
            json!({"name_id_format": "email"}),
            Some(EMAIL),
            None,
        ),
        (
            vec![TRANSIENT],
            json!({}),
            Some(TRANSIENT),
            Some("transient"),
        ),
        (vec![TRANSIENT], lasting, Some(TRANSIENT), None),
    ] {
        let server = Server::start(&with(&formats));
        let usher = portal(&server, changes.clone()).await;
        let format = support::campus::format_asked(&usher).await;
        assert_eq!(format.as_deref(), asked, "{formats:?} {changes}");
        let said = usher
            .app
            .sign_ins
            .providers()
            .check("campus")
            .await
            .expect("known");
        let said = said.expect("it can be used");
        match warning {
            None => assert!(!said.contains("warning"), "{said}"),
            Some(words) => assert!(said.contains("warning") && said.contains(words), "{said}"),
        }
    }
}

/// Users would be sent there, and their responses, without TLS: refused by imports and seeds alike.
#[tokio::test]
async fn metadata_with_addresses_in_the_clear_is_not_taken_over() {
    let far = until(900_000);
    let plain = far.replace("https://idp.test/sso\"", "http://idp.test/sso\"");
    let words = "\"http://idp.test/sso\" must begin with https://";
    let server = Server::start(&plain);
    let usher = portal(&server, json!({})).await;
    let providers = usher.app.sign_ins.providers();
    let error = providers.refresh_now("campus").await.unwrap().unwrap_err();
    assert!(error.contains(words), "{error}");
    for is_confirmed in [false, true] {
        let import = Import {
            text: &plain,
            is_confirmed,
        };
        let error = providers.import("campus", &import).await.unwrap();
        assert!(error.unwrap_err().contains(words));
    }
    for (changes, words) in [
        (
            json!({ "metadata": theirs().replace("https://idp.test/slo\"", "http://idp.test/slo\"") }),
            "\"http://idp.test/slo\" must begin with https://",
        ),
        (
            json!({ "metadata": null, "metadata_url": "http://idp.test/metadata" }),
            "\"metadata_url\": must begin with https://",
        ),
    ] {
        let draft = seed(settings(changes));
        let error = usher.app.seed(&draft.toml()).await;
        let error = error.expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
    }
    server.text(&far);
    assert_eq!(providers.refresh_now("campus").await.unwrap(), Ok(()));
}
