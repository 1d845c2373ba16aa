//! Real gateways (nginx, Caddy, Traefik), configured as in docs/gateways.md, in front of a page
//! that repeats what reached it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{process::in_target, server::variable};

/// The set-ups that the documents show, on loopback.
pub const NGINX: &str = include_str!("nginx.conf");
pub const CADDY: &str = include_str!("Caddyfile");
pub const TRAEFIK: &str = include_str!("traefik.yaml");

/// The page: it repeats the head of what it was asked, or opens a socket that repeats everything.
pub struct Origin {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Origin {
    pub async fn start() -> Self {
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

/// A request's or answer's head, to the empty line.
pub async fn head(stream: &mut TcpStream) -> String {
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

/// A gateway, ended with the value.
pub struct Gateway {
    child: Child,
    pub port: u16,
    _home: tempfile::TempDir,
}

async fn pause() {
    let pause = std::time::Duration::from_millis(25);
    tokio::time::timeout(pause, std::future::pending::<()>())
        .await
        .ok();
}

/// A port that was free just now.
pub fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").port()
}

impl Gateway {
    pub async fn nginx(config: &str) -> Self {
        Self::start(config, "nginx.conf", |file, home| {
            let mut nginx = Command::new(program("NGINX", "nginx"));
            nginx.args(["-e", "stderr", "-p"]).arg(home);
            nginx.arg("-c").arg(file);
            nginx
        })
        .await
    }

    pub async fn caddy(config: &str) -> Self {
        Self::start(config, "Caddyfile", |file, home| {
            let mut caddy = Command::new(program("CADDY", "caddy"));
            caddy.args(["run", "--adapter", "caddyfile", "--config"]);
            caddy.arg(file);
            // What it keeps goes away with the test.
            for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
                caddy.env(name, home);
            }
            caddy
        })
        .await
    }

    pub async fn traefik(config: &str) -> Self {
        let port = free_port();
        let traefik = Self::start_at(port, config, "traefik.yaml", |file, _| {
            let mut traefik = Command::new(program("TRAEFIK", "venv/bin/traefik"));
            traefik
                .arg(format!("--entrypoints.web.address=127.0.0.1:{port}"))
                .arg(format!("--providers.file.filename={}", file.display()))
                .arg("--providers.file.watch=false")
                .args(["--global.checknewversion=false", "--log.level=ERROR"]);
            traefik
        })
        .await;
        // It listens before it has read its routes.
        for _ in 0..1200 {
            if status(&traefik.ask("GET", "/.usher/none", "", "").await) != 404 {
                return traefik;
            }
            pause().await;
        }
        panic!("Traefik has no routes");
    }

    async fn start(config: &str, name: &str, command: impl Fn(&Path, &Path) -> Command) -> Self {
        Self::start_at(free_port(), config, name, command).await
    }

    async fn start_at(
        port: u16,
        config: &str,
        name: &str,
        command: impl Fn(&Path, &Path) -> Command,
    ) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let config = config
            .replace("{HOME}", home.path().to_str().expect("a path"))
            .replace("{PORT}", &port.to_string());
        let file = home.path().join(name);
        std::fs::write(&file, config).expect("written");
        let mut command = command(&file, home.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let gateway = Self {
            child: child.expect("the gateway runs: `make deps`"),
            port,
            _home: home,
        };
        gateway.ready().await;
        gateway
    }

    async fn ready(&self) {
        for _ in 0..1200 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            pause().await;
        }
        panic!("the gateway does not listen");
    }

    /// Its address, as the page behind it is known by.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What comes back for this very text: status line, headers, body.
    pub async fn ask(&self, method: &str, uri: &str, more: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("the gateway");
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

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one in the environment, or the one `make deps` put beside the unpacked nginx, or an
/// installed one.
fn program(name: &str, beside: &str) -> PathBuf {
    let named = variable(&format!("USHER_TEST_{name}")).map(PathBuf::from);
    let nginx = variable("USHER_TEST_NGINX").map(PathBuf::from);
    let beside_it = nginx.and_then(|nginx| Some(nginx.parent()?.join(beside)));
    let here = in_target(beside);
    let file = Path::new(beside).file_name().expect("a name");
    let installed = ["/usr/sbin", "/usr/bin"].map(|folder| Path::new(folder).join(file));
    let mut all = [named, beside_it, Some(here)]
        .into_iter()
        .flatten()
        .chain(installed);
    let found = all.find(|path| path.exists());
    found.unwrap_or_else(|| panic!("there is no {beside}: run `make deps`"))
}

pub fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1).unwrap_or_default();
    word.parse()
        .unwrap_or_else(|_| panic!("no answer: {answer}"))
}

pub fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let lines = answer.lines().take_while(|line| !line.is_empty());
    let found = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// The values of a header in the head that the page repeated.
pub fn reached<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let lines = body.lines().filter_map(|line| line.split_once(':'));
    lines
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}
