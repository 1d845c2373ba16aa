//! The listening side: connections are accepted, counted, given deadlines and passed to the router.
//! No client decides how long a connection is held (THREATS: heads and connections that never end).

mod connection;
mod connection_limit;
pub mod descriptors;
mod tls;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

use self::{
    connection::{Connection, ConnectionLimits},
    connection_limit::{ConnectionLimit, ConnectionSlot},
    tls::Tls,
};
use crate::{
    config,
    error::{Error, Result},
};

/// Serves until `stopped`; requests under way end first.
pub async fn serve(
    settings: &config::ServerConfig,
    router: Router,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send,
) -> Result<()> {
    let context = ServerContext {
        router,
        tls: Tls::open(settings)?.map(Arc::new),
        limits: ConnectionLimits {
            head: Duration::from_millis(settings.head_timeout_ms),
            idle: Duration::from_millis(settings.idle_timeout_ms),
        },
    };
    let limit = ConnectionLimit::open(settings);
    let (closing, closed) = watch::channel(());
    let mut stopped = pin!(stopped);
    loop {
        let next = async { (limit.permit().await, listener.accept().await) };
        let (room, accepted) = tokio::select! {
            next = next => next,
            () = &mut stopped => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(place) = limit.admit(room, peer.ip()) {
                    tokio::spawn(context.clone().attend(stream, peer, place, closed.clone()));
                }
            }
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::select! {
                    () = sleep(BREATH) => {}
                    () = &mut stopped => break,
                }
            }
        }
    }
    drop((listener, closed));
    closing.send_replace(());
    closing.closed().await;
    Ok(())
}

/// The pause before accepting again when the system is out of resources.
const BREATH: Duration = Duration::from_millis(500);

/// The client disconnected before it was accepted; the listener works.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// What every connection is served with.
#[derive(Clone)]
struct ServerContext {
    router: Router,
    tls: Option<Arc<Tls>>,
    limits: ConnectionLimits,
}

impl ServerContext {
    /// One connection from its first byte to its last.
    async fn attend(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        _place: ConnectionSlot,
        closed: watch::Receiver<()>,
    ) {
        // The connection works without the option, too.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            router: self.router,
            peer: SocketAddr::new(peer.ip().to_canonical(), peer.port()),
            limits: self.limits,
            closed,
        };
        let Some(tls) = self.tls else {
            return connection.serve(stream).await;
        };
        let greeted = async {
            let acceptor = tls.acceptor().await;
            acceptor
                .accept(stream)
                .await
                .map_err(|error| error.to_string())
        };
        match timeout(self.limits.head, greeted).await {
            Ok(Ok(stream)) => connection.serve(stream).await,
            Ok(Err(error)) => tracing::debug!(error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }
}

/// Whether the server uses TLS; an error gives the reason why it cannot.
pub fn uses_tls(settings: &config::ServerConfig) -> Result<bool> {
    Tls::open(settings).map(|tls| tls.is_some())
}

/// A sentence for an admin whose configuration cannot be served.
fn invalid(text: String) -> Error {
    Error::Invalid(text)
}
