//! Signing out: it asks for confirmation, because a link must not sign a user out.

use axum::{extract::State, http::HeaderMap, response::Response, routing::get};

use super::{
    extract::{Query, Visit},
    layers::{CookieNames, carry_there, set_cookie},
    logout,
    page::{self, html},
    route::{Access, Route},
    sign_in::{OnwardQuery, leave},
    view,
};
use crate::{app::App, error::Result};

pub const ROUTES: &[Route] = &[Route::get_and_post("/sign-out", Access::Anyone, || {
    get(ask_out).post(out)
})];

/// `GET /sign-out`: asks for confirmation. Who wants to go on as another user keeps the destination.
pub async fn ask_out(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    Query(onward): Query<OnwardQuery>,
) -> Result<Response> {
    let sealed = onward.sealed(&app, &headers)?;
    let to = |path: &str| match &sealed {
        Some(sealed) => format!("{path}?to={sealed}"),
        None => path.to_owned(),
    };
    if visit.visitor.signed_in.is_none() {
        let path = if sealed.is_some() {
            "/sign-in"
        } else {
            "/signed-out"
        };
        return Ok(page::to(&to(path)));
    }
    html(&view::SignOut {
        frame: app.site.frame(&visit),
        action: to("/sign-out"),
        is_switch: sealed.is_some(),
    })
}

/// `POST /sign-out`: signs out, here and then at the identity provider.
pub async fn out(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    Query(onward): Query<OnwardQuery>,
) -> Result<Response> {
    let sealed = onward.sealed(&app, &headers)?;
    let mut response = end_and_leave(&app, &visit).await?;
    carry_there(
        &mut response,
        &app.site,
        SIGNED_OUT,
        &sealed.unwrap_or_default(),
    );
    Ok(response)
}

/// Where the browser is afterwards.
const SIGNED_OUT: &str = "/signed-out";

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
        None => page::to(SIGNED_OUT),
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
        let address = &visit.visitor.address;
        let parting = app.sign_ins.sessions().end(who, address).await?;
        let (site, life) = (&app.site, Some(PARTING_LIFE));
        set_cookie(response, site, names.parting, parting.as_str(), life);
        logout::deliver_now(app);
    }
    // That of a sign-out before.
    carry_there(response, &app.site, SIGNED_OUT, "");
    set_cookie(response, &app.site, names.session, "", Some(0));
    Ok(())
}
