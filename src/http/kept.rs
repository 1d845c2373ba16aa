//! "Your session has ended": the form or page a user requested is restored once they have signed
//! in. A form is shown before it is sent again, and only to the user whose session it belonged to,
//! in the browser that sent it: an attacker cannot make another user send the attacker's form.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    extract::{Path, SignedInUser, Visit, cookie, shown_page},
    layers::CookieNames,
    page::{self, html},
    route::{self, Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    id::KeptFormId,
    model::{
        attempt::{After, LocalPath},
        kept::{LONGEST_FORM, may_be_kept},
    },
    sign_in::{Beginning, EndedSessionOwner},
};

pub const ROUTES: &[Route] = &[Route::get("/continue/{form}", Access::SignedIn, || {
    get(show)
})];

/// Where a request goes: to its handler; or, if its session has ended and the handler would only
/// refuse it, to a sign-in that leads back.
pub async fn of(app: &App, visit: &Visit, request: Request) -> Result<Request, Response> {
    if !visit.had_session || visit.fragment {
        return Ok(request);
    }
    let Some((token, is_for_admins)) = judged(app, &request) else {
        return Ok(request);
    };
    match app.sign_ins.kept_forms().owner(&token).await {
        Ok(Some(ended)) if ended.is_admin || !is_for_admins => {
            let begun = again(app, visit, request, ended).await;
            Err(begun.unwrap_or_else(IntoResponse::into_response))
        }
        Ok(_) => Ok(request),
        Err(error) => Err(error.into_response()),
    }
}

/// The cookie of a session, if the handler would not itself send the user to sign in: for forms,
/// and for admin pages, which do not exist for other users. With it, whether it is one of those.
fn judged(app: &App, request: &Request) -> Option<(String, bool)> {
    let route = route::of(request.extensions())?;
    let is_form = *request.method() == Method::POST;
    let is_for_admins = match route.access {
        Access::Can(_) => true,
        Access::SignedIn if is_form => false,
        _ => return None,
    };
    let name = CookieNames::of(&app.site).session;
    let token = cookie(request.headers(), name)?;
    Some((token.to_owned(), is_for_admins))
}

async fn again(
    app: &App,
    visit: &Visit,
    request: Request,
    ended: EndedSessionOwner,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let target = LocalPath::of(target);
    if parts.method != Method::POST {
        return sign_in::send_to(app, visit, Beginning::of(After::Page(target))).await;
    }
    let page = shown_page(&app.site, &parts.headers, header::REFERER.as_str());
    let after = match fields(body).await {
        Some(fields) => {
            let places = (target, page);
            let kept = app
                .sign_ins
                .kept_forms()
                .keep(ended, &visit.visitor, places, fields);
            LocalPath::of(&format!("/continue/{}", kept.await?))
        }
        None => page,
    };
    sign_in::send_to(app, visit, Beginning::of(After::Page(after))).await
}

/// The fields of a form that may be kept.
async fn fields(body: Body) -> Option<Vec<(String, String)>> {
    let body = to_bytes(body, LONGEST_FORM).await.ok()?;
    let text = std::str::from_utf8(&body).ok()?;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    let is_text = |text: &str| !text.contains('\0');
    let is_fine = fields
        .iter()
        .all(|(name, value)| is_text(name) && is_text(value));
    (is_fine && may_be_kept(&fields)).then_some(fields)
}

/// `GET /continue/{form}`: the form that was sent too late.
pub async fn show(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Path(form): Path<String>,
) -> Result<Response> {
    let id = KeptFormId::parse(&form).ok_or(Error::NotFound)?;
    let form = app
        .sign_ins
        .kept_forms()
        .find(&id, &who, &visit.visitor)
        .await?;
    let Some(form) = form else {
        return Ok(page::to("/"));
    };
    html(&view::KeptFormPage {
        frame: app.site.frame(&visit),
        action: form.action.as_str().to_owned(),
        fields: form.fields,
        back: form.page.as_str().to_owned(),
    })
}
