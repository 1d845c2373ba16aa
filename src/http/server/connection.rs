//! One connection and its deadlines. A request head must be complete in time, counted from its
//! first byte (from the start, for the first request); between requests a connection may idle for a
//! while; and a response that the client does not read does not hold it for ever.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::{Request, Response, Version},
};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{Notify, watch},
    time::{Sleep, sleep},
};
use tower::ServiceExt;

/// How long a connection waits for its client.
#[derive(Clone, Copy)]
pub struct ConnectionLimits {
    /// For a request head to be complete, and for TLS to be agreed on.
    pub head: Duration,
    /// For any activity: the next request, or the client reading the next part of a response.
    pub idle: Duration,
}

/// A connection to be served.
pub struct Connection {
    pub router: Router,
    pub peer: SocketAddr,
    pub limits: ConnectionLimits,
    /// Changes when the server stops; held as long as the connection is open.
    pub closed: watch::Receiver<()>,
}

/// How often an HTTP/2 client is pinged to detect whether it is still connected.
const PING: Duration = Duration::from_secs(20);

impl Connection {
    /// Serves requests until the client disconnects, a deadline passes or the server stops.
    pub async fn serve<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Arc::new(ConnectionState::default());
        let (router, peer, beating) = (self.router, self.peer, pulse.clone());
        let service = hyper::service::service_fn(move |request| {
            answer(router.clone(), peer, RequestGuard::new(&beating), request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(self.limits.head);
        let io = TokioIo::new(Watched::new(stream, pulse.clone(), self.limits));
        let mut connection = pin!(builder.serve_connection(io, service));
        let mut closed = self.closed;
        let mut open = true;
        loop {
            tokio::select! {
                outcome = connection.as_mut() => {
                    if let Err(error) = outcome {
                        tracing::debug!(error, "a connection ended");
                    }
                    return;
                }
                () = pulse.expired.notified() => connection.as_mut().graceful_shutdown(),
                _ = closed.changed(), if open => {
                    open = false;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    turn: RequestGuard,
    mut request: Request<Incoming>,
) -> Result<Response<TrackedBody>, Infallible> {
    if request.version() == Version::HTTP_2 {
        turn.0.multiplexed.store(true, Ordering::Relaxed);
    }
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request.map(Body::new)).await?;
    Ok(response.map(|body| TrackedBody { body, turn }))
}

/// State shared by a connection and its requests.
#[derive(Default)]
struct ConnectionState {
    /// Requests that have begun and whose responses are not yet written.
    under_way: AtomicUsize,
    /// Incremented whenever something happens.
    beats: AtomicU64,
    /// HTTP/2: received bytes cannot be assigned to a request.
    multiplexed: AtomicBool,
    /// The connection has idled long enough.
    expired: Notify,
}

impl ConnectionState {
    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    fn is_resting(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Ordering::Relaxed)
    }
}

/// A request under way, until its response has been passed on or dropped.
struct RequestGuard(Arc<ConnectionState>);

impl RequestGuard {
    fn new(pulse: &Arc<ConnectionState>) -> Self {
        pulse.under_way.fetch_add(1, Ordering::Relaxed);
        pulse.beat();
        Self(pulse.clone())
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
        self.0.beat();
    }
}

/// A response's body; the request is in progress until it is dropped.
struct TrackedBody {
    body: Body,
    turn: RequestGuard,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() {
            self.turn.0.beat();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the connection is waiting for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitingFor {
    /// The rest of a request head.
    Head,
    /// The next request, or the client reading its response.
    Rest,
    /// The client has been notified of the end.
    End,
}

/// A stream that fails when its client keeps it waiting too long.
struct Watched<S> {
    stream: S,
    pulse: Arc<ConnectionState>,
    limits: ConnectionLimits,
    seen: u64,
    waiting: WaitingFor,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    fn new(stream: S, pulse: Arc<ConnectionState>, limits: ConnectionLimits) -> Self {
        Self {
            stream,
            pulse,
            limits,
            seen: 0,
            waiting: WaitingFor::Head,
            deadline: Box::pin(sleep(limits.head)),
        }
    }

    fn wait_for(&mut self, waiting: WaitingFor) {
        let limit = match waiting {
            WaitingFor::Rest => self.limits.idle,
            WaitingFor::Head | WaitingFor::End => self.limits.head,
        };
        self.waiting = waiting;
        self.deadline.as_mut().set(sleep(limit));
    }

    /// Something has happened since: the wait starts again.
    fn catch_up(&mut self) {
        let beats = self.pulse.beats.load(Ordering::Relaxed);
        if beats != self.seen {
            self.seen = beats;
            self.wait_for(WaitingFor::Rest);
        }
    }

    /// Bytes arrived: between two requests they start a request head.
    fn received(&mut self) {
        self.catch_up();
        let begins = self.waiting == WaitingFor::Rest && !self.pulse.is_multiplexed();
        if begins && self.pulse.is_resting() {
            self.wait_for(WaitingFor::Head);
        }
    }

    /// The connection waits for its client; an error once it has waited too long.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.catch_up();
        if self.deadline.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        if self.waiting != WaitingFor::Rest || !self.pulse.is_resting() {
            return Poll::Ready(io::ErrorKind::TimedOut.into());
        }
        self.pulse.expired.notify_one();
        self.wait_for(WaitingFor::End);
        self.deadline
            .as_mut()
            .poll(cx)
            .map(|()| io::ErrorKind::TimedOut.into())
    }

    fn wait_or<T>(
        &mut self,
        done: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        match done {
            Poll::Pending => self.wait(cx).map(Err),
            done => done,
        }
    }

    fn wrote(&mut self, done: &Poll<io::Result<usize>>) {
        // Over HTTP/2 it may be the response to a ping.
        if matches!(done, Poll::Ready(Ok(1..))) && !self.pulse.is_multiplexed() {
            self.pulse.beat();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let done = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            this.received();
        }
        this.wait_or(done, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.wrote(&done);
        this.wait_or(done, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.wrote(&done);
        this.wait_or(done, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_flush(cx);
        this.wait_or(done, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.wait_or(done, cx)
    }
}
