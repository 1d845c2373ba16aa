//! `usher serve`: runs until it receives a stop signal, and then lets running requests finish.

use std::{io::IsTerminal, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::timeout,
};

use crate::{
    app::{App, link_file, write_link},
    chance::Chance,
    clock::Clock,
    config::Config,
    error::{Error, Result},
    http::{self, server::descriptors},
    queue,
};

/// How long running requests may take to finish after the stop signal.
const GRACE: Duration = Duration::from_secs(10);
/// How long the database may take to be closed.
const CLOSE_LIMIT: Duration = Duration::from_secs(4);

pub async fn run(config: Config) -> Result<()> {
    descriptors::raise();
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    if app.catalog.snapshot().providers.is_empty() {
        tracing::warn!(
            "no user can sign in yet: create the first admin, or load a catalogue with `usher seed`"
        );
    }
    let listener = bind(&app).await?;
    show_link(&app).await?;
    let url = &app.parts.config.server.public_url;
    tracing::info!(url, "the portal answers");
    until_stopped(app, listener, stop()).await
}

/// The link by which a user becomes the first admin: on a terminal, where the operator reads it,
/// else in a file that only we can read. Other output is a log, which many users can read.
async fn show_link(app: &App) -> Result<()> {
    let config = &app.parts.config;
    let link = app.directory.admins().first_link().await?;
    let is_watched = std::io::stdout().is_terminal();
    let kept = link.as_deref().filter(|_| !is_watched);
    write_link(config, kept)?;
    match link {
        Some(link) if is_watched => {
            print_line!(
                "No admin exists yet. This link, valid for one hour, creates the first one:"
            );
            print_line!("  {link}");
        }
        Some(_) => tracing::warn!(
            file = %link_file(config).display(),
            "no admin exists yet: the link in this file, valid for one hour, creates the first one"
        ),
        None => {}
    }
    Ok(())
}

/// Binds the port.
pub async fn bind(app: &App) -> Result<TcpListener> {
    let address = app.parts.config.server.listen;
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::Invalid(format!("server.listen {address}: {error}")))
}

/// Serves until `stopped` and, while probes report that it stops, for `server.drain_seconds`
/// longer; then lets running requests end, and closes the database. Everything after the signal has
/// a limit.
pub async fn until_stopped(
    app: App,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    queue::prepare(&app).await?;
    let mut work = tokio::spawn(queue::run(app.clone()));
    let (stop_sender, stop_receiver) = tokio::sync::oneshot::channel::<()>();
    let (drain, pulse) = (app.parts.config.drain(), app.store.pulse.clone());
    let server = http::serve(app.clone(), listener, async move {
        stopped.await;
        pulse.stop();
        let _ = stop_sender.send(());
        tokio::time::sleep(drain).await;
    });
    let late = async {
        if stop_receiver.await.is_ok() {
            tokio::time::sleep(drain + GRACE).await;
            tracing::warn!("requests that did not end in time are cut short");
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
    if timeout(CLOSE_LIMIT, app.store.close()).await.is_err() {
        tracing::warn!("the database did not let go of its connections in time");
    }
    outcome
}

/// Waits for the signal to stop, and says so in the log: once for a process.
pub async fn stop() {
    signalled().await;
    tracing::info!("stopping");
}

/// Ctrl-C, or the signal of a service manager.
pub async fn signalled() {
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
}
