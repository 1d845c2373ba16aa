//! Everything Usher stores about a user, as a download.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};

use crate::{
    app::App,
    error::{Error, Result},
    http::{
        extract::SignedInUser,
        route::{Access, Route},
    },
};

pub const ROUTES: &[Route] = &[Route::post("/account/export", Access::SignedIn, || {
    post(export)
})];

/// `POST /account/export`: a file that no cache may store. It is a form because it is recorded in
/// the trail.
pub async fn export(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let address = &visit.visitor.address;
    let export = app.directory.account().export(&who, address).await?;
    let text = serde_json::to_vec_pretty(&export)
        .map_err(|error| Error::Internal(format!("an export: {error}")))?;
    let day = app.parts.clock.now().utc();
    let name = format!("usher-{:04}-{:02}-{:02}.json", day.year, day.month, day.day);
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}
