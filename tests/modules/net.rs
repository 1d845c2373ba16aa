//! Outgoing requests (THREATS: SSRF): what Usher does not connect to, and what it does not wait for
//! or read. The other end is a server on loopback that a test writes byte by byte.

use std::{
    io::{Read, Write},
    net::{IpAddr, Shutdown, TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use url::Url;
use usher::{
    config::Config,
    net::{HttpReply, Lookup, Net, NetError, Request},
};

/// A server on loopback: every connection's request head is kept and answered by a function.
struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let head = read_head(&mut stream);
                seen.lock().expect("no panic").push(head);
                answer(&mut stream);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        Self { port, heads }
    }

    fn saying(text: &'static str) -> Self {
        Self::start(move |stream| {
            let _ = stream.write_all(text.as_bytes());
        })
    }

    fn url(&self, host: &str) -> Url {
        url(&format!("http://{host}:{}/well?secret=sesame", self.port))
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

// Without `Connection: close` the client may send its next request over a connection that the
// server is about to close.
const FINE: &str =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\nX-Word: yes\r\n\r\nok";

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn settings(allow: &str, more: &[(&str, &str)]) -> usher::config::NetConfig {
    let mut variables = vec![("USHER_NET__ALLOW", allow)];
    variables.extend_from_slice(more);
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::layered(None, variables).expect("settings").net
}

fn net(allow: &str) -> Net {
    Net::open(&settings(allow, &[])).expect("it opens")
}

/// A client whose names lead where the test says, one answer after the other, and how often one
/// was asked for.
fn net_resolving(allow: &str, answers: &[&[&str]]) -> (Net, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let answers: Vec<Vec<IpAddr>> = answers
        .iter()
        .map(|one| one.iter().map(|ip| ip.parse().expect("an IP")).collect())
        .collect();
    let lookup: Lookup = Arc::new(move |_| {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        let answer = answers[turn.min(answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    });
    let net = Net::resolving(&settings(allow, &[]), lookup).expect("it opens");
    (net, asked)
}

async fn get(net: &Net, url: &Url) -> Result<HttpReply, NetError> {
    net.get(url, "application/json").await
}

fn words(outcome: Result<HttpReply, NetError>) -> String {
    match outcome {
        Err(NetError::Refused(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_with_status_headers_and_body() {
    let server = Server::saying(FINE);
    let reply = get(&net("127.0.0.1"), &server.url("127.0.0.1")).await;
    let reply = reply.expect("an answer");
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"ok"[..]));
    assert_eq!(reply.header("x-word"), Some("yes"));
    let head = server.heads().remove(0);
    assert!(head.starts_with("GET /well?secret=sesame HTTP/1.1\r\n"));
    assert!(head.contains("accept: application/json\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("accept-encoding"), "{head}");
}

#[tokio::test]
async fn a_form_is_sent_as_one() {
    let server = Server::saying(FINE);
    let request = Request::form(&server.url("127.0.0.1"), [("a", "b c"), ("d", "&")]);
    net("127.0.0.1").send(request).await.expect("an answer");
    let head = server.heads().remove(0);
    assert!(head.starts_with("POST /well"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(head.contains("content-length: 11\r\n"), "{head}");
}

#[tokio::test]
async fn ssrf_to_addresses_of_this_machine_and_network_is_refused_in_every_spelling() {
    let server = Server::saying(FINE);
    let net = net("");
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[::127.0.0.1]",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        for scheme in ["http", "https"] {
            let target = url(&format!("{scheme}://{host}:{}/", server.port));
            let words = words(get(&net, &target).await);
            assert!(words.contains("net.allow"), "{target}: {words}");
        }
    }
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn ssrf_by_a_name_that_leads_inside_is_refused() {
    let server = Server::saying(FINE);
    let inside: &[&[&str]] = &[&["127.0.0.1"]];
    let (closed, _) = net_resolving("other.test, st.test", inside);
    let (open, _) = net_resolving("host.test", inside);
    for host in ["host.test", "host.test.", "HOST.test"] {
        let words = words(get(&closed, &server.url(host)).await);
        assert!(words.contains("net.allow"), "{words}");
        assert!(!words.contains("sesame"), "{words}");
        assert!(server.heads().is_empty());
    }
    for host in ["host.test", "host.test.", "HOST.test"] {
        let reply = get(&open, &server.url(host)).await;
        assert!(reply.is_ok(), "{host}: {reply:?}");
    }
    let words = words(get(&closed, &server.url("localhost")).await);
    assert!(words.contains("net.allow"), "{words}");
}

#[tokio::test]
async fn ssrf_to_cloud_metadata_is_refused_even_by_a_listed_name() {
    let (net, _) = net_resolving("metadata.test, 10.0.0.0/8", &[&["169.254.169.254"]]);
    let words = words(get(&net, &url("http://metadata.test/latest")).await);
    assert!(words.contains("net.allow"), "{words}");
}

#[tokio::test]
async fn dns_rebinding_finds_the_address_pinned() {
    let server = Server::saying(FINE);
    // The address that passed the check is the one connected to: one look-up, and no second one.
    let answers: &[&[&str]] = &[&["127.0.0.1"], &["10.0.0.1"]];
    let (net, asked) = net_resolving("127.0.0.1", answers);
    let target = server.url("rebind.test");
    assert_eq!(get(&net, &target).await.expect("an answer").status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // The next connection is checked again.
    let words = words(get(&net, &target).await);
    assert!(words.contains("net.allow"), "{words}");
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn dns_rebinding_with_mixed_answers_reaches_only_what_is_permitted() {
    let server = Server::saying(FINE);
    let mixed: &[&[&str]] = &[&["10.0.0.1", "::1", "169.254.169.254", "127.0.0.1"]];
    let (net, _) = net_resolving("127.0.0.1", mixed);
    let reply = get(&net, &server.url("mixed.test")).await;
    assert_eq!(reply.expect("an answer").status, 200);
}

#[tokio::test]
async fn plain_http_to_a_public_host_is_refused_even_if_it_is_listed() {
    let (net, _) = net_resolving("public.test, 0.0.0.0/0", &[&["93.184.216.34"]]);
    for target in ["http://public.test/", "http://93.184.216.34/"] {
        let words = words(get(&net, &url(target)).await);
        assert!(words.contains("by https"), "{words}");
    }
}

#[tokio::test]
async fn a_scheme_that_is_not_http_and_a_user_name_in_the_address_are_refused() {
    let net = net("localhost, 127.0.0.1");
    for (target, why) in [
        ("file:///etc/passwd", "scheme"),
        ("ftp://127.0.0.1/", "scheme"),
        ("gopher://127.0.0.1:6379/_x", "scheme"),
        ("data:text/plain,x", "scheme"),
        ("http://user@127.0.0.1/", "user name"),
        ("http://:password@127.0.0.1/", "user name"),
        ("https://idp.example%2f@127.0.0.1/", "user name"),
    ] {
        let words = words(get(&net, &url(target)).await);
        assert!(words.contains(why), "{target}: {words}");
        assert!(!words.contains("password"), "{words}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inside = Server::saying(FINE);
    let port = inside.port;
    let outside = Server::start(move |stream| {
        let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ";
        let _ = write!(stream, "{head}http://127.0.0.1:{port}/\r\n\r\n");
    });
    let reply = get(&net("127.0.0.1"), &outside.url("127.0.0.1")).await;
    assert_eq!(reply.expect("an answer").status, 302);
    assert!(inside.heads().is_empty());
}

#[tokio::test]
async fn a_gigabyte_that_is_announced_is_not_begun() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\nx");
    let outcome = get(&net("127.0.0.1"), &server.url("127.0.0.1")).await;
    assert!(matches!(outcome, Err(NetError::TooLarge(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_gigabyte_that_is_not_announced_is_cut_off_early() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let server = Server::start(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 65_536], b"\r\n"].concat();
        while count.load(Ordering::SeqCst) < 1 << 30 && stream.write_all(&chunk).is_ok() {
            count.fetch_add(65_536, Ordering::SeqCst);
        }
    });
    let outcome = get(&net("127.0.0.1"), &server.url("127.0.0.1")).await;
    assert!(matches!(outcome, Err(NetError::TooLarge(_))), "{outcome:?}");
    // The limit, and what lies in the buffers of two sockets.
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent < 64 << 20, "{sent} bytes");
}

#[tokio::test]
async fn a_body_just_within_the_limit_is_taken() {
    let server = Server::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n");
        let _ = stream.write_all(&[b'x'; 1024]);
    });
    let net = Net::open(&settings(
        "127.0.0.1",
        &[("USHER_NET__MAX_BODY_BYTES", "1024")],
    ));
    let reply = get(&net.expect("it opens"), &server.url("127.0.0.1")).await;
    assert_eq!(reply.expect("an answer").body.len(), 1024);
}

/// Silence before the answer, or in the middle of it: the deadline is for the whole.
#[tokio::test]
async fn a_server_that_falls_silent_is_not_waited_for() {
    for beginning in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (close, closed) = std::sync::mpsc::channel::<()>();
        let server = Server::start(move |stream| {
            let _ = stream.write_all(beginning.as_bytes());
            let _ = closed.recv();
        });
        let net = Net::open(&settings("127.0.0.1", &[("USHER_NET__TIMEOUT_MS", "150")]));
        let outcome = get(&net.expect("it opens"), &server.url("127.0.0.1")).await;
        assert!(matches!(outcome, Err(NetError::TimedOut(_))), "{outcome:?}");
        drop(close);
    }
}

/// It takes 64 requests at most; requests to others continue.
#[tokio::test]
async fn a_host_that_hangs_does_not_take_all_connections() {
    let (close, closed) = std::sync::mpsc::channel::<()>();
    let hanging = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = hanging.local_addr().expect("an address").port();
    // Connections wait in the system's queue; no server accepts them.
    thread::spawn(move || {
        let _ = closed.recv();
        drop(hanging);
    });
    let impatient = [
        ("USHER_NET__TIMEOUT_MS", "20000"),
        ("USHER_NET__CONNECT_TIMEOUT_MS", "500"),
    ];
    let net = Net::open(&settings("127.0.0.1", &impatient)).expect("it opens");
    let target = url(&format!("http://127.0.0.1:{port}/"));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..65 {
        let (net, target) = (net.clone(), target.clone());
        waiting.spawn(async move { get(&net, &target).await });
    }
    let first = waiting
        .join_next()
        .await
        .expect("one of them")
        .expect("no panic");
    assert!(matches!(first, Err(NetError::Busy(_))), "{first:?}");
    let other = Server::saying(FINE);
    let reply = get(&net, &other.url("127.0.0.1")).await;
    assert_eq!(reply.expect("an answer").status, 200);
    drop(close);
    waiting.abort_all();
}

#[tokio::test]
async fn a_server_that_is_down_or_not_http_is_named_without_the_query() {
    let net = net("127.0.0.1");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = nobody.local_addr().expect("an address").port();
    drop(nobody);
    let chatter = Server::saying("220 mail.example ESMTP\r\n");
    for port in [port, chatter.port] {
        let target = url(&format!("http://127.0.0.1:{port}/?secret=sesame"));
        let error = get(&net, &target).await.expect_err("no answer");
        assert!(matches!(error, NetError::Unreachable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("127.0.0.1 cannot be reached: "), "{text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let port = tls_server();
    let target = url(&format!("https://localhost:{port}/?secret=sesame"));
    let error = get(&net("localhost"), &target).await.expect_err("no trust");
    let text = error.to_string();
    assert!(text.contains("certificate"), "{text}");
    assert!(!text.contains("sesame"), "{text}");
}

/// Shakes hands with a certificate of its own making.
fn tls_server() -> u16 {
    let dir = tempfile::tempdir().expect("a directory");
    let made = Command::new("openssl")
        .current_dir(dir.path())
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-subj", "/CN=localhost", "-addext"])
        .args(["subjectAltName=DNS:localhost", "-keyout", "key.pem"])
        .args(["-out", "cert.pem"])
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{made:?}");
    let cert = CertificateDer::from_pem_file(dir.path().join("cert.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(dir.path().join("key.pem")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let session = rustls::ServerConnection::new(Arc::new(config.clone()));
            let _ = session.expect("a session").complete_io(&mut stream);
        }
    });
    port
}

const INNER: &str = "USHER_TEST_BEHIND_A_PROXY";

/// The environment belongs to a process, so the test runs itself once more, in one that has a
/// proxy.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    let server = Server::saying(FINE);
    if let Some(port) = support::server::variable(INNER) {
        let target = url(&format!("http://127.0.0.1:{port}/"));
        get(&net("127.0.0.1"), &target).await.expect("an answer");
        return;
    }
    let proxy = Server::saying(FINE);
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "net::a_proxy_of_the_environment_is_not_used"])
        .env(INNER, server.port.to_string())
        .envs(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, &address)))
        .output()
        .expect("it runs");
    assert!(status.status.success(), "{status:?}");
    assert_eq!((server.heads().len(), proxy.heads().len()), (1, 0));
}
