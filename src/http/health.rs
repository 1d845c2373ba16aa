//! Probes: is the process alive, and can it do its work?

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

/// `GET /health/live`: the process responds.
pub async fn live() -> &'static str {
    "ok"
}

/// `GET /health/ready`: it can do its work, or 503 and a line with the reason. A positive answer
/// has a line with the age of the last successful round of background work.
pub async fn ready(State(app): State<App>) -> Response {
    match app.readiness().await {
        Ok(age) => format!("ok\nlast round: {} s ago\n", age.as_secs()).into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}
