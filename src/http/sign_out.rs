//! Signing out: it asks for confirmation, because a link must not sign a user out.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};

use super::{
    extract::Visit,
    layers::{CookieNames, set_cookie},
    logout,
    page::{self, Site, html},
    route::{Access, Route},
    sign_in::leave,
    view,
};
use crate::{app::App, error::Result};

pub const ROUTES: &[Route] = &[Route::get_and_post("/sign-out", Access::Anyone, || {
    get(ask_out).post(out)
})];

/// `GET /sign-out`: asks for confirmation.
pub async fn ask_out(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    if visit.visitor.signed_in.is_none() {
        return Ok(page::to("/signed-out"));
    }
    html(&view::SignOut {
        frame: site.frame(&visit),
        action: "/sign-out".to_owned(),
    })
}

/// `POST /sign-out`: signs out, here and then at the identity provider.
pub async fn out(State(app): State<App>, visit: Visit) -> Result<Response> {
    end_and_leave(&app, &visit).await
}

/// Ends the visitor's session here, and redirects the browser to end it at the identity provider.
pub async fn end_and_leave(app: &App, visit: &Visit) -> Result<Response> {
    let upstream = match &visit.visitor.signed_in {
        Some(who) => {
            app.sign_ins
                .sessions()
                .sign_out_upstream(who, visit.language.tag())
                .await
        }
        None => None,
    };
    let mut response = match upstream {
        Some(step) => leave(&app.site, visit, step, "")?,
        None => page::to("/signed-out"),
    };
    end(app, visit, &mut response).await?;
    Ok(response)
}

/// For how long the browser may see which applications were notified, in seconds.
const PARTING_LIFE: i64 = 600;

/// Ends the visitor's session, if there is one, and removes the cookie. The applications that used
/// the session are notified from now on; the browser gets a cookie for seeing which were.
pub async fn end(app: &App, visit: &Visit, response: &mut Response) -> Result<()> {
    let names = CookieNames::of(&app.site);
    if let Some(who) = &visit.visitor.signed_in {
        let parting = app.sign_ins.sessions().end(who).await?;
        let (site, life) = (&app.site, Some(PARTING_LIFE));
        set_cookie(response, site, names.parting, parting.as_str(), life);
        logout::deliver_now(app);
    }
    set_cookie(response, &app.site, names.session, "", Some(0));
    Ok(())
}
