//! The handler for forums that authenticate users by DiscourseConnect.

use axum::{
    extract::{RawQuery, State},
    response::Response,
    routing::get,
};

use super::{
    extract::{Path, Visit},
    next,
    route::{Access, Route},
};
use crate::{
    app::App,
    error::{Error, Result},
    protocol::oauth::Params,
};

pub const ROUTES: &[Route] = &[Route::get("/discourse/{service}", Access::Anyone, || {
    get(ask)
})];

/// `GET /discourse/{service}`: the forum's `discourse_connect_url`.
pub async fn ask(
    State(app): State<App>,
    visit: Visit,
    Path(service): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = Params::parse(&query.unwrap_or_default());
    let params = params.map_err(|error| Error::BadAsk(error.description))?;
    let next = app
        .issuer
        .forums()
        .answer(&service, &params, &visit.visitor)
        .await?;
    next::answer(&app, &visit, next).await
}
