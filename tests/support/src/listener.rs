//! A remote application's back channel on loopback: it receives logout notifications, and accepts,
//! refuses, or does not answer.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use tokio::{net::TcpListener, task::JoinHandle};

/// It ends with the value.
pub struct Listener {
    address: SocketAddr,
    received: Received,
    unanswered: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

type Received = Arc<Mutex<Vec<String>>>;

impl Listener {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Received::default();
        let unanswered = Arc::new(AtomicUsize::new(0));
        let count = unanswered.clone();
        let never = move || {
            count.fetch_add(1, Ordering::Relaxed);
            std::future::pending::<StatusCode>()
        };
        let router = Router::new()
            .route("/yes", post(yes))
            .route("/no", post(async || StatusCode::BAD_REQUEST))
            .route("/never", post(never))
            .route(
                "/away",
                post(async || (StatusCode::FOUND, [("location", "/yes")])),
            )
            .with_state(heard.clone());
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            address,
            received: heard,
            unanswered,
            task,
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many requests it has left without an answer.
    pub fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// The bodies of the requests that it accepted.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().expect("no panic").clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn yes(State(heard): State<Received>, body: String) -> StatusCode {
    heard.lock().expect("no panic").push(body);
    StatusCode::OK
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
