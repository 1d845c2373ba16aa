//! Signing out: asked first, because a link must not sign anybody out.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{
    extract::Visit,
    layers::{CookieNames, set_cookie},
    page::{self, Site, html},
    sign_in::leave,
    view,
};
use crate::{app::App, error::Result};

/// `GET /sign-out`: asks.
pub async fn ask_out(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    if visit.visitor.signed_in.is_none() {
        return Ok(page::to("/signed-out"));
    }
    html(&view::SignOut {
        frame: site.frame(&visit),
        action: "/sign-out".to_owned(),
    })
}

/// `POST /sign-out`: does, here and then where the person came from.
pub async fn out(State(app): State<App>, visit: Visit) -> Result<Response> {
    let upstream = match &visit.visitor.signed_in {
        Some(who) => app.sign_ins.farewell(who, visit.language.tag()).await,
        None => None,
    };
    let mut response = match upstream {
        Some(step) => leave(&app.site, &visit, step, "")?,
        None => page::to("/signed-out"),
    };
    end(&app, &visit, &mut response).await?;
    Ok(response)
}

/// Ends the visitor's session, if there is one, and takes the cookie away.
pub async fn end(app: &App, visit: &Visit, response: &mut Response) -> Result<()> {
    if let Some(who) = &visit.visitor.signed_in {
        app.sign_ins.sign_out(who).await?;
    }
    set_cookie(
        response,
        &app.site,
        CookieNames::of(&app.site).session,
        "",
        Some(0),
    );
    Ok(())
}

/// `GET /signed-out`.
pub async fn signed_out(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    html(&view::SignedOut {
        frame: site.frame(&visit),
    })
}
