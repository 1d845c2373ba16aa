//! A database that does not respond: connections that are open and carry nothing. Each statement
//! has a deadline, its connection is closed, and afterwards the portal works again, however often.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use usher::{command::serve, queue};

use support::{
    browser::{Browser, SESSION},
    database::{is_sqlite, locked, released},
    server::TestServer,
};

const RECORD: &str = "/go/crm/customer/C-1042";

/// A proxy in front of a server that can stop forwarding: existing connections stay open and
/// receive nothing any more, also when new ones are forwarded again.
struct Proxy {
    url: String,
    is_silent: Arc<AtomicBool>,
    age: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Proxy {
    async fn before(database: &str) -> Self {
        let mut url = url::Url::parse(database).expect("a URL");
        let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
        let server: SocketAddr = format!("{host}:{port}").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        url.set_port(Some(address.port())).expect("a port");
        let is_silent = Arc::new(AtomicBool::new(false));
        let (age, seen) = watch::channel(0);
        let silent = is_silent.clone();
        let task = tokio::spawn(async move {
            let mut passing = JoinSet::new();
            loop {
                let (from, _) = listener.accept().await.expect("a connection");
                passing.spawn(pass(from, server, silent.clone(), seen.clone()));
            }
        });
        Self {
            url: url.to_string(),
            is_silent,
            age,
            task,
        }
    }

    fn fall_silent(&self) {
        self.is_silent.store(true, Ordering::SeqCst);
        self.age.send_modify(|age| *age += 1);
    }

    fn come_back(&self) {
        self.is_silent.store(false, Ordering::SeqCst);
        self.age.send_modify(|age| *age += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(
    mut from: TcpStream,
    server: SocketAddr,
    is_silent: Arc<AtomicBool>,
    mut age: watch::Receiver<u64>,
) {
    age.borrow_and_update();
    if !is_silent.load(Ordering::SeqCst) {
        let mut to = TcpStream::connect(server).await.expect("the server");
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
            _ = age.changed() => std::future::pending().await,
        }
    } else {
        std::future::pending().await
    }
}

/// Enough concurrent requests to use every connection.
async fn many_requests(usher: &Arc<TestServer>, cookie: &str) -> Vec<u16> {
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (usher, cookie) = (usher.clone(), cookie.to_owned());
        crowd.spawn(async move {
            let mut tab = Browser::new(&usher);
            tab.set_cookie("usher.test", SESSION, &cookie);
            tab.get(RECORD).await.status
        });
    }
    crowd.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_three_times_is_served_from_after_each() {
    let usher = TestServer::open().await;
    if is_sqlite(&usher) {
        // A file cannot stop responding; a writer that never ends is the closest equivalent.
        return writers_that_never_let_go(usher).await;
    }
    let proxy = Proxy::before(&usher.database).await;
    let settings = [
        ("USHER_DATABASE__URL", proxy.url.as_str()),
        ("USHER_DATABASE__TIMEOUT_MS", "1000"),
    ];
    let replica = Arc::new(usher.replica_with(&settings).await);
    let cookie = signed_in(&replica).await;
    for turn in 0..3 {
        assert_eq!(many_requests(&replica, &cookie).await, [200; 20], "{turn}");
        proxy.fall_silent();
        assert_eq!(many_requests(&replica, &cookie).await, [503; 20], "{turn}");
        assert!(queue::follow(&replica.app).await.is_err(), "{turn}");
        proxy.come_back();
        assert_eq!(many_requests(&replica, &cookie).await, [200; 20], "{turn}");
        queue::follow(&replica.app).await.expect("it follows");
    }
    ends(&replica, &proxy, &cookie).await;
}

/// Stopped while the database does not respond, it still ends.
async fn ends(replica: &Arc<TestServer>, proxy: &Proxy, cookie: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve::until_stopped(replica.app.clone(), listener, stopped));
    let live = format!("http://{address}/health/live");
    assert!(
        reqwest::get(&live)
            .await
            .expect("it serves")
            .status()
            .is_success()
    );
    proxy.fall_silent();
    assert_eq!(many_requests(replica, cookie).await, [503; 20]);
    stop.send(()).expect("it listens");
    let end = timeout(Duration::from_secs(20), serving).await;
    end.expect("the end has a limit")
        .expect("no panic")
        .expect("well");
}

async fn signed_in(usher: &TestServer) -> String {
    let ana = Browser::of(usher, "ana").await;
    ana.cookie("usher.test", SESSION).expect("one").to_owned()
}

async fn writers_that_never_let_go(usher: TestServer) {
    let settings = [("USHER_DATABASE__TIMEOUT_MS", "500")];
    let replica = Arc::new(usher.replica_with(&settings).await);
    let cookie = signed_in(&replica).await;
    for turn in 0..3 {
        let lock = locked(&usher).await;
        let mut tab = Browser::new(&replica);
        tab.set_cookie("usher.test", SESSION, &cookie);
        assert_eq!(tab.get(RECORD).await.status, 503, "{turn}");
        released(lock).await;
        assert_eq!(tab.get(RECORD).await.status, 200, "{turn}");
    }
}
