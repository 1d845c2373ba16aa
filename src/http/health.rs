//! Probes: is the process alive, and can it do its work?

use std::time::Duration;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};

use super::route::{Access, Format, Route};
use crate::app::App;

pub const ROUTES: &[Route] = &[
    Route::get("/health/live", Access::Machine(Format::Page), || get(live)),
    Route::get("/health/ready", Access::Machine(Format::Page), || {
        get(ready)
    }),
];

/// A replica that has been out of date for this long is not ready.
const STALE: Duration = Duration::from_secs(60);
/// Nor is one whose clock differs this much from the database's, in milliseconds.
const MOST_SKEW: i64 = 30_000;

/// `GET /health/live`: the process responds.
pub async fn live() -> &'static str {
    "ok"
}

/// `GET /health/ready`: it can do its work, or 503 and a line with the reason. A positive answer
/// has a line with the age of the last successful round of background work.
pub async fn ready(State(app): State<App>) -> Response {
    match readiness(&app).await {
        Ok(age) => format!("ok\nlast round: {} s ago\n", age.as_secs()).into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// Whether this replica is ready: since when, or why not.
async fn readiness(app: &App) -> Result<Duration, String> {
    let pulse = &app.store.pulse;
    if pulse.is_stopping() {
        return Err("stopping".to_owned());
    }
    if app.store.ping().await.is_err() {
        return Err("the database does not answer".to_owned());
    }
    let age = app.parts.clock.now().since(pulse.good_at());
    if age > STALE {
        let secs = age.as_secs();
        return Err(format!(
            "no round of background work has succeeded for {secs} s: the log says why"
        ));
    }
    match pulse.skew() {
        skew if skew.abs() > MOST_SKEW => Err(format!(
            "the clock is {} s from the database's",
            skew.abs() / 1000
        )),
        _ => Ok(age),
    }
}
