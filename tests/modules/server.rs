//! The listening side: clients that open connections and send nothing, or never finish, do not
//! affect other clients; and TLS of its own.

mod tls;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    time::timeout,
};
use usher::http;

use support::server::TestServer;

/// Longer than anything here takes; reached only where something hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: usher.test\r\n\r\n";
const HALF: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: usher";

/// A client on an address of its own.
async fn connect(from: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, from), 0));
    socket.bind(from).expect("a loopback address");
    socket.connect(to).await.expect("it connects")
}

/// Whether the server has closed the connection, without an answer; waits until it does.
async fn is_cut(stream: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    matches!(read, Ok(Ok(0) | Err(_))) && answer.is_empty()
}

async fn is_answered(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 12];
    let asked = async {
        stream.write_all(LIVE).await?;
        stream.read_exact(&mut answer).await
    };
    matches!(timeout(PATIENCE, asked).await, Ok(Ok(_))) && &answer == b"HTTP/1.1 200"
}

/// A portal with these timeouts for a head, and for an idle connection.
async fn waiting(head: &str, idle: &str) -> TestServer {
    let head = ("USHER_SERVER__HEAD_TIMEOUT_MS", head);
    TestServer::configured(&[head, ("USHER_SERVER__IDLE_TIMEOUT_MS", idle)]).await
}

#[tokio::test]
async fn silent_sockets_of_one_address_do_not_take_the_portal_away() {
    let settings = [
        ("USHER_SERVER__MAX_CONNECTIONS", "60"),
        ("USHER_SERVER__MAX_CONNECTIONS_PER_ADDRESS", "20"),
        ("USHER_SERVER__HEAD_TIMEOUT_MS", "60000"),
    ];
    let usher = TestServer::configured(&settings).await;
    let portal = usher.listen().await;
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(1, portal.address()).await;
        stream.write_all(HALF).await.expect("half a head");
        held.push(stream);
    }
    for _ in 0..10 {
        let mut more = connect(1, portal.address()).await;
        assert!(is_cut(&mut more).await, "one address has had its share");
    }
    let mut other = connect(2, portal.address()).await;
    assert!(is_answered(&mut other).await, "others are answered");
    // They were kept open, not closed: the first to finish its head is answered.
    let rest = b".test\r\n\r\n";
    held[0].write_all(rest).await.expect("the rest of a head");
    let mut answer = [0; 12];
    held[0].read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn connections_of_many_addresses_leave_descriptors_for_the_next() {
    let settings = [
        ("USHER_SERVER__MAX_CONNECTIONS", "8"),
        ("USHER_SERVER__HEAD_TIMEOUT_MS", "300"),
    ];
    let usher = TestServer::configured(&settings).await;
    let portal = usher.listen().await;
    let mut held = Vec::new();
    for from in 1..=12 {
        held.push(connect(from, portal.address()).await);
    }
    let mut other = connect(20, portal.address()).await;
    assert!(
        is_answered(&mut other).await,
        "after their deadline at the latest"
    );
    for stream in &mut held {
        assert!(is_cut(stream).await);
    }
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_said_is_closed() {
    let usher = waiting("200", "60000").await;
    let portal = usher.listen().await;
    let mut silent = connect(1, portal.address()).await;
    assert!(is_cut(&mut silent).await);
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off_however_busily_it_is_sent() {
    let usher = waiting("300", "60000").await;
    let portal = usher.listen().await;
    let mut slow = connect(1, portal.address()).await;
    assert!(is_answered(&mut slow).await, "also on a connection in use");
    let mut answer = [0; 4096];
    slow.write_all(HALF).await.expect("half a head");
    let dribbled = async {
        loop {
            // A byte every few milliseconds, for as long as the server reads.
            let heard = timeout(Duration::from_millis(20), slow.read(&mut answer)).await;
            if matches!(heard, Ok(Ok(0) | Err(_))) || slow.write_all(b"x").await.is_err() {
                return;
            }
        }
    };
    timeout(PATIENCE, dribbled).await.expect("it is cut off");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let usher = waiting("60000", "1000").await;
    let portal = usher.listen().await;
    let mut busy = connect(1, portal.address()).await;
    for _ in 0..3 {
        assert!(is_answered(&mut busy).await, "the same connection again");
        let mut rest = vec![0; 4096];
        let read = timeout(Duration::from_millis(100), busy.read(&mut rest)).await;
        assert!(!matches!(read, Ok(Ok(0))), "not while it is in use");
        // What is left of the answer.
        while let Ok(Ok(1..)) = timeout(Duration::from_millis(20), busy.read(&mut rest)).await {}
    }
    assert!(is_cut(&mut busy).await, "then it idles");
}

#[tokio::test]
async fn a_request_under_way_ends_before_the_server_does() {
    let usher = TestServer::configured(&[]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let served = http::serve(usher.app.clone(), listener, async move {
        let _ = stopped.await;
    });
    let server = tokio::spawn(served);
    let mut idle = connect(1, address).await;
    assert!(is_answered(&mut idle).await);
    let mut late = connect(2, address).await;
    late.write_all(b"POST /oidc/token HTTP/1.1\r\nHost: usher.test\r\nContent-Length: 3\r\n\r\na=")
        .await
        .expect("half a body");
    // A later connection that is answered shows that the one before has been taken.
    assert!(is_answered(&mut connect(3, address).await).await);
    stop.send(()).expect("it listens");
    let mut rest = Vec::new();
    let ended = timeout(PATIENCE, idle.read_to_end(&mut rest)).await;
    assert!(matches!(ended, Ok(Ok(_))), "an idle connection is let go");
    assert!(!server.is_finished(), "the request is under way");
    late.write_all(b"b").await.expect("the rest of the body");
    let mut answer = String::new();
    late.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let outcome = timeout(PATIENCE, server).await.expect("it ends");
    outcome.expect("no panic").expect("a good end");
}
