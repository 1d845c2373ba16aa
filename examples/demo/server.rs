//! The protection of every page, and an orderly start and end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::map_response_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::refusal::Refusal;
use super::settings::Settings;

/// No form of these applications is longer.
const BODY_LIMIT: usize = 16 * 1024;

/// How long requests under way may take to finish after a stop signal.
const GRACE: Duration = Duration::from_secs(3);

/// The settings of that protection.
pub trait Application: Send + Sync + 'static {
    const STYLE: &'static str;
    const ICON: &'static str;

    fn settings(&self) -> &Settings;
    fn draw(&self, refusal: &Refusal) -> String;
    /// Browsers apply `form-action` to redirects after a POST too, so an application
    /// whose sign-out form ends at the portal must name the portal here.
    fn form_targets(&self) -> String;
}

/// Puts limits, refusal pages and security headers around an application's routes.
pub fn armoured<A: Application>(routes: Router<Arc<A>>, app: Arc<A>) -> Router {
    routes
        .route("/health", get(async || "ok"))
        .route(
            "/style.css",
            get(async || asset("text/css; charset=utf-8", A::STYLE)),
        )
        .route("/icon.svg", get(async || asset("image/svg+xml", A::ICON)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(map_response_with_state(Arc::clone(&app), drawn::<A>))
        .layer(map_response_with_state(Arc::clone(&app), with_headers::<A>))
        .with_state(app)
}

/// Serves until SIGINT or SIGTERM, then gives the requests under way a moment to finish.
pub async fn serve(settings: &Settings, app: Router) -> Result<(), String> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let stop = stop_signal().map_err(|error| error.to_string())?;
    let patience = stop_signal().map_err(|error| error.to_string())?;
    tracing::info!(instance = settings.client_id, address = %settings.listen, "ready");
    tokio::select! {
        end = axum::serve(listener, app).with_graceful_shutdown(stop) => {
            end.map_err(|error| error.to_string())
        }
        // A client that never finishes a request must not keep the program alive.
        () = async { patience.await; sleep(GRACE).await } => Ok(()),
    }
}

/// Log lines go to stderr, one a refusal; the level is fixed because there is so little to say.
pub fn log_to_stderr() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .init();
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, text).into_response()
}

fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

/// Logs a refusal and draws its page; answers that axum refused by itself get one too.
async fn drawn<A: Application>(State(app): State<Arc<A>>, response: Response) -> Response {
    let status = response.status();
    let refusal = match response.extensions().get::<Refusal>() {
        Some(refusal) => refusal.clone(),
        None if is_bare_refusal(&response) => Refusal::of_status(status),
        None => return response,
    };
    let instance = &app.settings().client_id;
    tracing::warn!(
        instance,
        reason = refusal.reason,
        status = status.as_u16(),
        "refused"
    );
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    (status, parts.headers, Html(app.draw(&refusal))).into_response()
}

/// A refusal without a page of its own; a form sent back with its faults marked has one.
fn is_bare_refusal(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (status.is_client_error() || status.is_server_error()) && !is_page
}

async fn with_headers<A: Application>(
    State(app): State<Arc<A>>,
    mut response: Response,
) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        app.form_targets()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in FIXED_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Every page names a user or a record; only the style sheet says otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `strict-origin`, not `no-referrer`: with the latter browsers send `Origin: null` on a form, and
/// the next application could not identify its sender.
const FIXED_HEADERS: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "strict-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];
