//! `usher serve`: until it is told to stop, and then no request is cut short.

use std::time::Duration;

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    app::App,
    chance::Chance,
    clock::Clock,
    config::Config,
    error::{Error, Result},
    http::{self, server::descriptors},
    worker,
};

/// How long requests under way may take to end once we are told to stop.
const GRACE: Duration = Duration::from_secs(10);

pub async fn run(config: Config) -> Result<()> {
    descriptors::raise();
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    if app.catalog.snapshot().providers.is_empty() {
        tracing::warn!(
            "nobody can sign in yet: make an admin, or load a catalogue with `usher seed`"
        );
    }
    let listener = bind(&app).await?;
    let url = &app.parts.config.server.public_url;
    tracing::info!(url, "the portal answers");
    if let Some(link) = app.directory.first_admin_link().await? {
        println!(
            "Nobody is an admin yet. Whoever opens this link within an hour becomes the first:"
        );
        println!("  {link}");
    }
    until_stopped(app, listener, stop()).await
}

/// Takes the port.
pub async fn bind(app: &App) -> Result<TcpListener> {
    let address = app.parts.config.server.listen;
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::Invalid(format!("server.listen {address}: {error}")))
}

/// Serves until `stopped`, then lets what is under way end, and closes the database.
pub async fn until_stopped(
    app: App,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    worker::prepare(&app).await?;
    let mut work = tokio::spawn(worker::run(app.clone()));
    let (told, hear) = tokio::sync::oneshot::channel::<()>();
    let server = http::serve(app.clone(), listener, async move {
        stopped.await;
        let _ = told.send(());
    });
    let late = async {
        if hear.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let outcome = tokio::select! {
        outcome = server => outcome,
        () = late => Ok(()),
        error = &mut work => Err(error.unwrap_or_else(|error| Error::Internal(error.to_string()))),
    };
    work.abort();
    app.store.close().await;
    outcome
}

/// Ctrl-C, or the signal of a service manager.
pub async fn stop() {
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(terminate) => {
                terminate.recv().await;
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    tracing::info!("stopping");
}
