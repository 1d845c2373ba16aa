//! The portal under test: the whole server, with a manual clock and seeded randomness.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{draft::Draft, template};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, Response},
};
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;
use usher::{
    app::App,
    chance::Chance,
    clock::{Clock, Time},
    config::Config,
    http, queue,
};

/// The portal's address in tests; https, so that cookies are what they are in service.
pub const PORTAL: &str = "https://usher.test";
/// The password of all users.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running portal.
pub struct TestServer {
    pub app: App,
    pub clock: Clock,
    pub database: String,
    router: Router,
    dir: TempDir,
}

/// A portal that answers on a port.
pub struct Listening {
    address: SocketAddr,
    task: JoinHandle<usher::error::Result<()>>,
}

impl Listening {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address there of a path of the portal.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A Saturday in 2026.
const START: Time = Time::from_secs(1_795_000_000);

impl TestServer {
    /// A portal with the users, services and clients of `seed.toml`.
    pub async fn open() -> Self {
        let sample = Draft::sample();
        if !is_first() {
            return Self::with(&sample).await;
        }
        let dir = tempfile::tempdir().expect("a temporary directory");
        let database = template::copied(&dir, Some(&sample), START).await;
        Self::on(dir, database, &[], Clock::manual(START)).await
    }

    /// A portal with a catalogue of the test's own.
    pub async fn with(draft: &Draft) -> Self {
        let usher = Self::empty().await;
        usher.seed(draft).await;
        usher
    }

    pub async fn empty() -> Self {
        Self::configured(&[]).await
    }

    /// A portal without a catalogue and with some settings of its own.
    pub async fn configured(settings: &[(&str, &str)]) -> Self {
        let (dir, clock) = (tempfile::tempdir(), Clock::manual(START));
        let dir = dir.expect("a temporary directory");
        let database = match is_first() && !settings.iter().any(|(name, _)| is_made_by(name)) {
            true => template::copied(&dir, None, START).await,
            false => database(&dir).await,
        };
        Self::on(dir, database, settings, clock).await
    }

    /// A portal with real peers: it may reach loopback, and uses the machine's time.
    pub async fn beside_peers() -> Self {
        Self::beside_peers_at(Clock::system()).await
    }

    /// The same with a clock that can be moved; it should start at the machine's time.
    pub async fn beside_peers_at(clock: Clock) -> Self {
        Self::at(&[("USHER_NET__ALLOW", "127.0.0.1")], clock).await
    }

    async fn at(settings: &[(&str, &str)], clock: Clock) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let database = database(&dir).await;
        Self::on(dir, database, settings, clock).await
    }

    /// A portal on a database that exists, with the data directory that belongs to it.
    pub async fn on(
        dir: TempDir,
        database: String,
        settings: &[(&str, &str)],
        clock: Clock,
    ) -> Self {
        let mut variables = vec![
            ("USHER_SERVER__PUBLIC_URL", PORTAL),
            ("USHER_DATABASE__URL", database.as_str()),
            ("USHER_SERVER__TRUSTED_PROXIES", "192.0.2.80"),
            (
                "USHER_DATA__DIR",
                dir.path().to_str().expect("a readable path"),
            ),
        ];
        variables.extend_from_slice(settings);
        let variables = variables
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let config = Config::layered(None, variables).expect("a good configuration");
        let app = App::open(config, clock.clone(), Chance::system())
            .await
            .expect("it opens");
        queue::prepare(&app).await.expect("jobs are there");
        let router = http::router(app.clone());
        Self {
            app,
            clock,
            database,
            router,
            dir,
        }
    }

    /// Loads this catalogue instead of the one before.
    pub async fn seed(&self, draft: &Draft) {
        let seeded = self.app.seed(&draft.toml()).await;
        seeded.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Loads the sample catalogue with a change.
    pub async fn change(&self, change: impl FnOnce(&mut Draft)) {
        self.seed(&Draft::changed(change)).await;
    }

    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Its directory, when it is no longer needed as a portal.
    pub fn into_dir(self) -> TempDir {
        self.dir
    }

    /// A directory of this portal's own.
    pub fn scratch(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Another replica on the same database.
    pub async fn replica(&self) -> Self {
        self.replica_with(&[]).await
    }

    /// One with some settings of its own.
    pub async fn replica_with(&self, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::copy(
            self.dir.path().join("master.key"),
            dir.path().join("master.key"),
        )
        .expect("the master key");
        let mut variables = vec![
            ("USHER_SERVER__PUBLIC_URL", PORTAL),
            ("USHER_DATABASE__URL", self.database.as_str()),
            (
                "USHER_DATA__DIR",
                dir.path().to_str().expect("a readable path"),
            ),
        ];
        variables.extend_from_slice(settings);
        let variables = variables
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let config = Config::layered(None, variables).expect("a good configuration");
        let app = App::open(config, self.clock.clone(), Chance::system())
            .await
            .expect("it opens");
        let router = http::router(app.clone());
        Self {
            app,
            clock: self.clock.clone(),
            database: self.database.clone(),
            router,
            dir,
        }
    }

    /// The same portal on a loopback port, for peers that cannot be called in this process: the
    /// back channels of identity providers. It ends with the value.
    pub async fn listen(&self) -> Listening {
        self.listen_at(0).await
    }

    /// The same on a port that was free just now.
    pub async fn listen_at(&self, port: u16) -> Listening {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = http::serve(self.app.clone(), listener, std::future::pending());
        let task = tokio::spawn(served);
        Listening { address, task }
    }

    /// One request, straight to the router.
    pub async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        let peer = SocketAddr::from(([192, 0, 2, 7], 4711));
        if request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .is_none()
        {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let answered = self.router.clone().oneshot(request).await;
        let response = answered.expect("the router answers");
        assert_headers_survive_cgi(response.headers());
        response
    }

    /// One request, and the whole answer: status, headers, body.
    pub async fn ask(&self, request: Request<Body>) -> (u16, HeaderMap, String) {
        let (parts, body) = self.send(request).await.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (parts.status.as_u16(), parts.headers, text)
    }

    /// A connection of the test's own to the same database.
    pub async fn connection(&self) -> AnyConnection {
        Self::connect(&self.database).await
    }

    /// A connection to any database.
    pub async fn connect(url: &str) -> AnyConnection {
        sqlx::any::install_default_drivers();
        let connection = AnyConnection::connect(url).await;
        connection.expect("the database answers")
    }

    /// The texts of a query's one column.
    pub async fn column(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql)
            .fetch_all(&mut self.connection().await)
            .await
            .expect("a column of texts")
    }

    /// How many lines of this name the audit trail has.
    pub async fn events_named(&self, name: &str) -> usize {
        let events = self.events().await;
        events.iter().filter(|kind| *kind == name).count()
    }

    /// The names of the latest events, newest first.
    pub async fn events(&self) -> Vec<String> {
        let events = self.app.store.recent_events(500).await.expect("events");
        events.into_iter().map(|(kind, _)| kind).collect()
    }
}

/// Whether this is the first portal of the test. A second one is another portal, with other keys.
fn is_first() -> bool {
    static MADE: AtomicBool = AtomicBool::new(false);
    !MADE.swap(true, Ordering::SeqCst)
}

/// Whether a setting decides what a portal makes of an empty database.
fn is_made_by(setting: &str) -> bool {
    let makers = ["USHER_DATABASE__", "USHER_DATA__", "USHER_KEYS__"];
    makers.iter().any(|maker| setting.starts_with(maker))
}

/// A header whose name has another character than letters, digits and `-` does not reach a program
/// behind a gateway. Every answer of every test is checked for that.
fn assert_headers_survive_cgi(headers: &HeaderMap) {
    for name in headers.keys() {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        assert!(name.as_str().bytes().all(plain), "{name}");
    }
}

/// An empty database without a portal.
pub async fn scratch_database(dir: &TempDir) -> String {
    database(dir).await
}

/// A database of this test's own.
async fn database(dir: &TempDir) -> String {
    match variable("USHER_TEST_DATABASE").as_deref() {
        None | Some("sqlite") => {
            format!("sqlite:{}?mode=rwc", dir.path().join("usher.db").display())
        }
        Some("postgres") => fresh_postgres().await,
        Some(other) => panic!("USHER_TEST_DATABASE is sqlite or postgres, not {other}"),
    }
}

async fn fresh_postgres() -> String {
    let server = variable("USHER_TEST_POSTGRES_URL")
        .expect("USHER_TEST_POSTGRES_URL names the server: run `make test`");
    let random = Chance::system().bytes::<8>();
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let name = format!("test_{name}");
    let mut connection = sqlx::PgConnection::connect(&server)
        .await
        .expect("PostgreSQL answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to use"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
