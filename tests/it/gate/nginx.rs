//! A real nginx with `auth_request`, as docs/gateways.md sets it up, in front of a page that says
//! what reached it.

use std::{net::SocketAddr, path::Path, process::Command};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    oidc::relying_party::field,
    support::{
        browser::Browser,
        gate,
        house::{House, PORTAL, changed, variable},
    },
};

/// The page: it repeats the head of what it was asked, or opens a socket that repeats everything.
struct Origin {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Origin {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Self { address, task }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream) {
    let head = head(&mut stream).await;
    if head.to_lowercase().contains("upgrade: websocket") {
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
        let mut said = [0; 64];
        if let Ok(length) = stream.read(&mut said).await {
            let _ = stream.write_all(&said[..length]).await;
        }
        return;
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{head}",
        head.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut one = [0; 1];
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read(&mut one).await {
            Ok(1) => read.push(one[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// nginx, ended with the value.
struct Nginx {
    child: std::process::Child,
    port: u16,
    _home: tempfile::TempDir,
}

impl Nginx {
    fn start(portal: SocketAddr, page: SocketAddr, port: u16) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let config = include_str!("../support/nginx.conf")
            .replace("{HOME}", home.path().to_str().expect("a path"))
            .replace("{PORT}", &port.to_string())
            .replace("{PORTAL}", &portal.to_string())
            .replace("{PAGE}", &page.to_string());
        let file = home.path().join("nginx.conf");
        std::fs::write(&file, config).expect("written");
        let child = Command::new(program())
            .args(["-e", "stderr", "-p"])
            .arg(home.path())
            .arg("-c")
            .arg(&file)
            .spawn()
            .expect("nginx runs: `make deps`");
        Self {
            child,
            port,
            _home: home,
        }
    }

    async fn ready(&self) {
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::task::yield_now().await;
            tokio::time::timeout(
                std::time::Duration::from_millis(25),
                std::future::pending::<()>(),
            )
            .await
            .ok();
        }
        panic!("nginx does not listen");
    }

    /// What comes back for this very text: status line, headers, body.
    async fn ask(&self, method: &str, uri: &str, more: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("nginx");
        let request = format!(
            "{method} {uri} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Length: {}\r\n{more}\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An installed one, or the one `make deps` unpacked.
fn program() -> std::path::PathBuf {
    let here = variable("USHER_TEST_NGINX").map(std::path::PathBuf::from);
    here.filter(|path| path.exists()).unwrap_or_else(|| {
        let own = Path::new("/usr/sbin/nginx");
        assert!(own.exists(), "USHER_TEST_NGINX: run `make test`");
        own.to_owned()
    })
}

fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1).unwrap_or_default();
    word.parse()
        .unwrap_or_else(|_| panic!("no answer: {answer}"))
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let lines = answer.lines().take_while(|line| !line.is_empty());
    let found = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

const HTML: &str = "Accept: text/html\r\n";

#[tokio::test]
async fn nginx_lets_nobody_through_but_who_we_say_and_as_whom_we_say() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let house = House::configured(&[("USHER_SERVER__TRUSTED_PROXIES", "127.0.0.1")]).await;
    let here = format!("http://127.0.0.1:{port}");
    let figures = gate::SEED.replacen("https://page-eu.test", &here, 1);
    house.seed(&(changed(&[]) + &figures)).await;
    let (portal, page) = (house.listen().await, Origin::start().await);
    let portal_at: SocketAddr = portal
        .url("")
        .strip_prefix("http://")
        .expect("an address")
        .parse()
        .expect("an address");
    let nginx = Nginx::start(portal_at, page.address, port);
    nginx.ready().await;

    // Nobody: sent to us, or told no.
    let answer = nginx.ask("GET", "/figures?y=2026", HTML, "").await;
    assert_eq!(status(&answer), 302, "{answer}");
    let there = header(&answer, "location").to_owned();
    assert!(
        there.starts_with(&format!("{PORTAL}/forward-auth/figures/enter?at=")),
        "{there}"
    );
    let answer = nginx
        .ask("GET", "/api", "Accept: application/json\r\n", "")
        .await;
    assert_eq!(status(&answer), 401, "{answer}");
    // What is public is, and spoofed headers are stripped.
    let spoof = "Remote-User: root\r\nRemote-Groups: admins\r\nX-Usher-Assertion: x\r\n";
    let answer = nginx.ask("GET", "/static/a.css", spoof, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(
        !answer.contains("root") && !answer.contains("admins"),
        "{answer}"
    );
    for uri in [
        "/static/../figures",
        "/static/%2e%2e/figures",
        "/static/..%2ffigures",
    ] {
        let answer = nginx.ask("GET", uri, HTML, "").await;
        assert_ne!(status(&answer), 200, "{uri}: {answer}");
    }
    // What the client says of its address reaches nobody's ear.
    let lies = "X-Original-URL: http://127.0.0.1/static/x\r\nX-Forwarded-Uri: /static/x\r\n";
    let answer = nginx.ask("GET", "/figures", lies, "").await;
    assert_ne!(status(&answer), 200, "{answer}");

    // Ana signs in, and brings her ticket.
    let mut ana = Browser::of(&house, "ana").await;
    let handed = ana.peek(there.strip_prefix(PORTAL).expect("ours")).await;
    let form = format!("ticket={}", field(&handed, "ticket"));
    let foreign = nginx
        .ask(
            "POST",
            "/.usher/enter",
            "Origin: https://evil.test\r\n",
            &form,
        )
        .await;
    assert_eq!(status(&foreign), 403, "{foreign}");
    let ours = format!("Origin: {PORTAL}\r\n");
    let entered = nginx.ask("POST", "/.usher/enter", &ours, &form).await;
    assert_eq!(status(&entered), 303, "{entered}");
    assert_eq!(
        header(&entered, "location"),
        format!("{here}/figures?y=2026")
    );
    let cookie = header(&entered, "set-cookie")
        .split(';')
        .next()
        .expect("one")
        .to_owned();
    let signed_in = format!("{HTML}Cookie: {cookie}\r\n{spoof}");
    let answer = nginx.ask("GET", "/figures?y=2026", &signed_in, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    for told in [
        "Remote-User: ana",
        "Remote-Groups: sales,staff",
        "Remote-Email: ana@example.org",
    ] {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    assert!(
        !answer.contains("root") && !answer.contains("Remote-Groups: admins"),
        "{answer}"
    );
    assert!(
        !answer.contains(&cookie),
        "the page does not get the cookie: {answer}"
    );
    let lines = answer.lines().filter_map(|line| line.split_once(": "));
    let signed: Vec<&str> = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-usher-assertion"))
        .map(|(_, value)| value)
        .collect();
    assert_eq!(signed.len(), 1, "one, and it is ours");
    assert_eq!(
        gate::believed(&house, signed[0]).await["preferred_username"],
        "ana"
    );

    // A socket, with and without her cookie.
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";
    assert_eq!(status(&nginx.ask("GET", "/socket", upgrade, "").await), 401);
    let mut socket = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("nginx");
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n\
         Cookie: {cookie}\r\n{upgrade}\r\n"
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let opened = head(&mut socket).await;
    assert_eq!(status(&opened), 101, "{opened}");
    socket.write_all(b"hello").await.expect("sent");
    let mut echo = [0; 5];
    socket.read_exact(&mut echo).await.expect("an echo");
    assert_eq!(&echo, b"hello");

    // She signs out: the page is shut at once.
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    let answer = nginx.ask("GET", "/figures", &signed_in, "").await;
    assert_eq!(status(&answer), 302, "{answer}");
}

/// What is run here is what an operator reads.
#[test]
fn the_docs_say_the_very_lines_that_are_run() {
    let docs = include_str!("../../../docs/gateways.md");
    let (_, block) = docs.split_once("```nginx\n").expect("a block");
    let (block, _) = block.split_once("```").expect("its end");
    let said: Vec<&str> = block.lines().map(str::trim).collect();
    let run = include_str!("../support/nginx.conf");
    let (_, run) = run
        .split_once("map $http_upgrade")
        .expect("the part in question");
    let own = ["listen", "#", "}"];
    for line in run.lines().skip(1).map(str::trim) {
        let line = line
            .replace("http://{PORTAL}", "https://usher.example.org")
            .replace("{PAGE}", "figures");
        if line.is_empty() || own.iter().any(|word| line.starts_with(word)) {
            continue;
        }
        assert!(said.contains(&line.as_str()), "the docs do not say: {line}");
    }
}
