//! Real gateways in front of a page: what a client can make them pass on, and what they send.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use support::{
    browser::Browser,
    draft::Draft,
    gate,
    gateway::{CADDY, Gateway, NGINX, Origin, TRAEFIK, free_port, head, header, reached, status},
    relying_party::field,
    server::{Listening, PORTAL, TestServer},
};

const HTML: &str = "Accept: text/html\r\n";
const LOOPBACK: (&str, &str) = ("USHER_SERVER__TRUSTED_PROXIES", "127.0.0.1");

/// Everything a gateway needs: the portal and the page, both on ports.
struct Scene {
    usher: TestServer,
    portal: Listening,
    page: Origin,
}

impl Scene {
    async fn open() -> Self {
        let usher = TestServer::configured(&[LOOPBACK]).await;
        let (portal, page) = (usher.listen().await, Origin::start().await);
        Self {
            usher,
            portal,
            page,
        }
    }

    /// A set-up of the documents, with the addresses of here.
    fn config(&self, text: &str) -> String {
        let portal = self.portal.url("");
        let portal: SocketAddr = portal
            .strip_prefix("http://")
            .and_then(|address| address.parse().ok())
            .expect("an address");
        text.replace("{PORTAL}", &portal.to_string())
            .replace("{PAGE}", &self.page.address.to_string())
            .replace("{HOST}", "127.0.0.1")
    }

    /// The catalogue, in which the figures are behind this gateway.
    async fn seed(&self, gateway: &Gateway) {
        self.seed_with(gateway, |_| ()).await;
    }

    /// The same with a change.
    async fn seed_with(&self, gateway: &Gateway, change: impl FnOnce(&mut Draft)) {
        let mut draft = support::gate::seed();
        draft.instance("page-eu").base_url = gateway.url();
        change(&mut draft);
        self.usher.seed(&draft).await;
    }

    /// Ana's cookie at the gateway's host, after she requested this page; and where she was sent.
    async fn let_in(&self, gateway: &Gateway, uri: &str) -> (String, String) {
        let mut ana = Browser::of(&self.usher, "ana").await;
        let entered = enter(&mut ana, gateway, uri).await;
        (cookie(&entered), header(&entered, "location").to_owned())
    }
}

/// The answer to the ticket of a user who requested this page.
async fn enter(browser: &mut Browser<'_>, gateway: &Gateway, uri: &str) -> String {
    let answer = gateway.ask("GET", uri, HTML, "").await;
    let there = header(&answer, "location");
    let there = there
        .strip_prefix(PORTAL)
        .expect("an address of the portal")
        .to_owned();
    let handed = browser.peek(&there).await;
    let form = format!("ticket={}", field(&handed, "ticket"));
    let ours = format!("Origin: {PORTAL}\r\n");
    let entered = gateway.ask("POST", "/.usher/enter", &ours, &form).await;
    assert_eq!(status(&entered), 303, "{entered}");
    entered
}

fn cookie(entered: &str) -> String {
    let cookie = header(entered, "set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

/// The common checks; `is_found` is the status for a user who is sent to sign in.
async fn holds(scene: &Scene, gateway: &Gateway, is_found: u16) {
    let usher = &scene.usher;
    // No user: redirected to us, or refused.
    let answer = gateway.ask("GET", "/figures?y=2026", HTML, "").await;
    assert_eq!(status(&answer), is_found, "{answer}");
    let door = format!("{PORTAL}/forward-auth/figures/enter?at=");
    assert!(header(&answer, "location").starts_with(&door), "{answer}");
    let answer = gateway
        .ask("GET", "/api", "Accept: application/json\r\n", "")
        .await;
    assert_eq!(status(&answer), 401, "{answer}");
    // What is public is, and spoofed headers are stripped.
    let spoof = "Remote-User: root\r\nRemote-Groups: admins\r\nX-Usher-Assertion: x\r\n";
    let answer = gateway.ask("GET", "/static/a.css", spoof, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(
        !answer.contains("root") && !answer.contains("admins"),
        "{answer}"
    );
    for uri in [
        "/static/../figures",
        "/static/%2e%2e/figures",
        "/static/..%2ffigures",
        "/static/..%20/figures",
        "/static/%EF%BC%8E%EF%BC%8E/figures",
        "/static/%E2%80%A5/figures",
        "/static/.../figures",
    ] {
        let answer = gateway.ask("GET", uri, HTML, "").await;
        assert_ne!(status(&answer), 200, "{uri}: {answer}");
    }
    // The client's own statement about its address is ignored.
    let lies = "X-Original-URL: http://127.0.0.1/static/x\r\nX-Forwarded-Uri: /static/x\r\n";
    let answer = gateway.ask("GET", "/figures", lies, "").await;
    assert_ne!(status(&answer), 200, "{answer}");

    // Ana signs in, and brings her ticket.
    let mut ana = Browser::of(usher, "ana").await;
    let entered = enter(&mut ana, gateway, "/figures?y=2026").await;
    let here = format!("{}/figures?y=2026", gateway.url());
    assert_eq!(header(&entered, "location"), here);
    let cookie = cookie(&entered);
    let signed_in = format!("{HTML}Cookie: {cookie}\r\n{spoof}");
    let answer = gateway.ask("GET", "/figures?y=2026", &signed_in, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(reached(&answer, "remote-user"), ["ana"], "{answer}");
    assert_eq!(reached(&answer, "remote-groups"), ["sales,staff"]);
    assert_eq!(reached(&answer, "remote-email"), ["ana@example.org"]);
    let signed = reached(&answer, "x-usher-assertion");
    assert_eq!(signed.len(), 1, "one, and it is ours");
    let claims = gate::verified(usher, signed[0]).await;
    assert_eq!(claims["preferred_username"], "ana");
    // No header that reads as `HTTP_REMOTE_USER` reaches the page beside ours, signed in or not.
    for forged in [
        "Remote_User",
        "remote_user",
        "Remote_Groups",
        "X_Usher_Assertion",
    ] {
        for uri in ["/figures", "/static/a.css"] {
            let more = format!("{HTML}Cookie: {cookie}\r\n{forged}: root\r\n");
            let answer = gateway.ask("GET", uri, &more, "").await;
            assert!(!answer.contains("root"), "{forged} at {uri}: {answer}");
        }
    }

    // She signs out: the page is closed at once.
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    let answer = gateway.ask("GET", "/figures", &signed_in, "").await;
    assert_eq!(status(&answer), is_found, "{answer}");
}

#[tokio::test]
async fn nginx_admits_only_users_we_allow_with_the_identity_we_send() {
    let scene = Scene::open().await;
    let nginx = Gateway::nginx(&scene.config(NGINX)).await;
    scene.seed(&nginx).await;
    holds(&scene, &nginx, 302).await;

    let (cookie, _) = scene.let_in(&nginx, "/figures").await;
    let more = format!("{HTML}Cookie: {cookie}\r\n");
    let answer = nginx.ask("GET", "/figures", &more, "").await;
    assert!(
        !answer.contains(&cookie),
        "the page does not get the cookie: {answer}"
    );
    // A socket, with and without her cookie.
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";
    assert_eq!(status(&nginx.ask("GET", "/socket", upgrade, "").await), 401);
    let mut socket = TcpStream::connect(("127.0.0.1", nginx.port))
        .await
        .expect("nginx");
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\n\
         Cookie: {cookie}\r\n{upgrade}\r\n",
        nginx.port
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let opened = head(&mut socket).await;
    assert_eq!(status(&opened), 101, "{opened}");
    socket.write_all(b"hello").await.expect("sent");
    let mut echo = [0; 5];
    socket.read_exact(&mut echo).await.expect("an echo");
    assert_eq!(&echo, b"hello");
}

/// THREATS, header spoofing: `Remote_User` and `Remote-User` are one variable to CGI.
#[tokio::test]
async fn caddy_admits_only_users_we_allow_with_the_identity_we_send() {
    let scene = Scene::open().await;
    let caddy = Gateway::caddy(&scene.config(CADDY)).await;
    scene.seed(&caddy).await;
    holds(&scene, &caddy, 303).await;
}

#[tokio::test]
async fn traefik_admits_only_users_we_allow_with_the_identity_we_send() {
    let scene = Scene::open().await;
    let traefik = Gateway::traefik(&scene.config(TRAEFIK)).await;
    scene.seed(&traefik).await;
    holds(&scene, &traefik, 303).await;
}

/// Set-ups of before the documents stripped such headers: the question itself is refused.
#[tokio::test]
async fn remote_user_with_an_underscore_is_refused_where_the_gateway_passes_it_on() {
    let scene = Scene::open().await;
    let caddy: Vec<_> = CADDY
        .lines()
        .filter(|line| !line.contains("request_header"))
        .collect();
    let caddy = Gateway::caddy(&scene.config(&caddy.join("\n"))).await;
    let traefik = TRAEFIK.replace("[usher-only, usher]", "[usher]");
    let traefik = Gateway::traefik(&scene.config(&traefik)).await;
    for gateway in [&caddy, &traefik] {
        scene.seed(gateway).await;
        let (cookie, _) = scene.let_in(gateway, "/figures").await;
        for forged in ["Remote_User", "remote_groups", "X-Usher_Assertion"] {
            for uri in ["/figures", "/static/a.css"] {
                let more = format!("{HTML}Cookie: {cookie}\r\n{forged}: root\r\n");
                let answer = gateway.ask("GET", uri, &more, "").await;
                assert_eq!(status(&answer), 403, "{forged} at {uri}: {answer}");
            }
        }
    }
}

/// A group as Entra ID names one.
fn guids(count: u32) -> Vec<String> {
    (0..count)
        .map(|n| format!("5f0c9a4e-6c1d-4b7a-9f3e-{n:012x}"))
        .collect()
}

/// The set-up of before the documents spoke of buffers: nginx's own are 4 kB.
fn small(config: &str) -> String {
    let lines = config.lines().filter(|line| !line.contains("_buffer"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn forty_groups_do_not_break_nginx() {
    let scene = Scene::open().await;
    let nginx = Gateway::nginx(&small(&scene.config(NGINX))).await;
    let groups = guids(40);
    scene
        .seed_with(&nginx, |draft| draft.person("ana").groups = groups.clone())
        .await;
    let (cookie, _) = scene.let_in(&nginx, "/figures").await;
    let more = format!("{HTML}Cookie: {cookie}\r\n");
    let answer = nginx.ask("GET", "/figures", &more, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(reached(&answer, "remote-groups"), [groups.join(",")]);
    assert!(reached(&answer, "x-usher-omitted").concat().is_empty());
    let claims = gate::verified(&scene.usher, reached(&answer, "x-usher-assertion")[0]).await;
    assert!(claims.get("groups").is_none());
    assert_eq!(claims["urn:usher:omitted"], serde_json::json!(["groups"]));

    // More than fit anywhere: the page still opens, and says that they are missing.
    scene
        .seed_with(&nginx, |draft| draft.person("ana").groups = guids(200))
        .await;
    let (cookie, _) = scene.let_in(&nginx, "/figures").await;
    let more = format!("{HTML}Cookie: {cookie}\r\n");
    let answer = nginx.ask("GET", "/figures", &more, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(reached(&answer, "remote-groups").concat().is_empty());
    assert_eq!(reached(&answer, "x-usher-omitted"), ["groups"]);
    assert_eq!(reached(&answer, "remote-user"), ["ana"]);
}

#[tokio::test]
async fn with_the_documented_buffers_forty_groups_arrive_signed() {
    let scene = Scene::open().await;
    let nginx = Gateway::nginx(&scene.config(NGINX)).await;
    let groups = guids(40);
    scene
        .seed_with(&nginx, |draft| {
            draft.person("ana").groups = groups.clone();
            draft.set("page-eu", "max_header_bytes", 12_000);
        })
        .await;
    let (cookie, _) = scene.let_in(&nginx, "/figures").await;
    let more = format!("{HTML}Cookie: {cookie}\r\n");
    let answer = nginx.ask("GET", "/figures", &more, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(reached(&answer, "remote-groups"), [groups.join(",")]);
    let claims = gate::verified(&scene.usher, reached(&answer, "x-usher-assertion")[0]).await;
    assert_eq!(claims["groups"], serde_json::json!(groups));
    assert!(claims.get("urn:usher:omitted").is_none());
}

/// The documented lines taken literally: `proxy_pass` is the portal's public address, and nginx
/// would write the way to sign in into one of its own.
#[tokio::test]
async fn nginx_whose_proxy_pass_is_the_public_address_does_not_loop() {
    let at = free_port();
    let public = format!("http://127.0.0.1:{at}");
    let usher = TestServer::configured(&[LOOPBACK, ("USHER_SERVER__PUBLIC_URL", &public)]).await;
    let portal = usher.listen_at(at).await;
    let page = Origin::start().await;
    let scene = Scene {
        usher,
        portal,
        page,
    };
    let nginx = Gateway::nginx(&scene.config(NGINX)).await;
    scene.seed(&nginx).await;
    let answer = nginx.ask("GET", "/figures", HTML, "").await;
    assert_eq!(status(&answer), 302, "{answer}");
    let door = format!("{public}/forward-auth/figures/enter?at=");
    assert!(header(&answer, "location").starts_with(&door), "{answer}");
}

#[tokio::test]
async fn a_long_address_comes_back_byte_for_byte_through_each_gateway() {
    let scene = Scene::open().await;
    let nginx = Gateway::nginx(&scene.config(NGINX)).await;
    let caddy = Gateway::caddy(&scene.config(CADDY)).await;
    let traefik = Gateway::traefik(&scene.config(TRAEFIK)).await;
    for gateway in [&nginx, &caddy, &traefik] {
        scene.seed(gateway).await;
        for length in [600, 1_600, 8_000] {
            let uri = format!("/figures?q=%22%5C{}", "a%2Bb.".repeat(2_000));
            let uri = &uri[..length];
            let (_, there) = scene.let_in(gateway, uri).await;
            assert_eq!(there, format!("{}{uri}", gateway.url()), "{length}");
        }
    }
}

/// What is run here is what an operator reads.
#[test]
fn the_docs_say_the_very_lines_that_are_run() {
    let docs = include_str!("../../../docs/gateways.md");
    for (block, run, from, own) in [
        ("```nginx\n", NGINX, "map $http_upgrade", "listen "),
        ("```yaml\n", TRAEFIK, "http:", "listen "),
        ("```caddy\n", CADDY, "bind 127.0.0.1", "bind "),
    ] {
        let (_, said) = docs.split_once(block).expect("a block");
        let (said, _) = said.split_once("```").expect("its end");
        let said: Vec<&str> = said.lines().map(str::trim).collect();
        let (_, run) = run.split_once(from).expect("the part in question");
        for line in run.lines().skip(1).map(str::trim) {
            let line = line
                .replace("http://{PORTAL}", "https://usher.example.org")
                .replace("{HOST}", "figures.example.org")
                .replace("{PAGE}", "figures:8080");
            if line.is_empty() || line.starts_with(own) {
                continue;
            }
            assert!(said.contains(&line.as_str()), "the docs do not say: {line}");
        }
    }
}
