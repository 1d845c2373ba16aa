//! Endpoints to which upstream providers send browsers and messages: each provider has its own.
//!
//! A provider's responses are accepted at the address of their kind only: a redirect's query at
//! `callback`, a form at `acs` and `response`.
//!
//! A SAML response comes as a form of another site, without our cookies (`SameSite=Lax`). Its
//! handler answers with a page that sends the same form once more, now from a page of ours; only
//! then is anything decided. A response we did not request is not sent on by itself: the user
//! presses the button, so that no site can sign them in unnoticed.

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    extract::{Path, Visit},
    layers,
    page::{self, html},
    route::{Access, Format, Route},
    sign_in, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    id::{Artefact, Bearer},
    protocol::oauth::Params,
    sign_in::{LoggedOut, PRESSED, ProviderCallback},
    upstream::{Answers, ProviderStep},
};

pub const ROUTES: &[Route] = &[
    Route::get("/upstream/{provider}/callback", Access::Anyone, || {
        get(callback)
    }),
    Route::post("/upstream/{provider}/response", Access::Anyone, || {
        post(response)
    }),
    Route::post(
        "/upstream/{provider}/acs",
        Access::Machine(Format::Page),
        || post(acs),
    ),
    Route::get(
        "/upstream/{provider}/metadata",
        Access::Machine(Format::Page),
        || get(metadata),
    ),
    Route::get_and_post(
        "/upstream/{provider}/logout",
        Access::Machine(Format::Page),
        || get(logout_by_link).post(logout_by_form),
    ),
];

fn params(text: &[u8]) -> Result<Params> {
    let text = std::str::from_utf8(text);
    let text = text.map_err(|_| Error::Invalid("the form is not UTF-8".to_owned()))?;
    Params::parse(text).map_err(|error| Error::Invalid(error.description))
}

/// `GET /upstream/{provider}/callback`: back from an OpenID provider.
pub async fn callback(
    State(app): State<App>,
    visit: Visit,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = params(query.unwrap_or_default().as_bytes())?;
    arrive(&app, &visit, &provider, ProviderCallback::Query(params)).await
}

/// `POST /upstream/{provider}/response`: the form of `acs`, sent again.
pub async fn response(
    State(app): State<App>,
    visit: Visit,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Response> {
    let params = params(&body)?;
    arrive(&app, &visit, &provider, ProviderCallback::Form(params)).await
}

async fn arrive(
    app: &App,
    visit: &Visit,
    provider: &str,
    brought: ProviderCallback,
) -> Result<Response> {
    // The provider's own form-action may apply to every redirect from here on: what leads to yet
    // another site is a page that continues by itself.
    let visit = Visit {
        by_form: true,
        ..visit.clone()
    };
    let (attempt, outcome) = app
        .sign_ins
        .arrive(provider, brought, &visit.visitor)
        .await?;
    let name = attempt.hint.clone().unwrap_or_default();
    sign_in::finish(app, &visit, &attempt, outcome, provider, name).await
}

/// `POST /upstream/{provider}/acs`: SAML's assertion consumer service (Bindings 3.5).
pub async fn acs(
    State(app): State<App>,
    headers: HeaderMap,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Response> {
    let params = params(&body)?;
    let providers = app.sign_ins.providers().list()?;
    let known = providers
        .iter()
        .find(|one| one.slug == provider && one.answers() == Answers::Form);
    let known = known.ok_or(Error::NotFound)?;
    let Some(message) = params.one("SAMLResponse") else {
        return Err(Error::Invalid("there is no SAMLResponse".to_owned()));
    };
    let relay = params.one("RelayState").unwrap_or_default();
    let asked = Bearer::parse(Artefact::State, relay).is_some();
    let pressed = if asked { "" } else { "yes" };
    html(&view::Repost {
        frame: app.site.bare_frame(layers::language(&app.site, &headers)),
        provider: known.title.clone(),
        action: format!("/upstream/{provider}/response"),
        fields: [
            ("SAMLResponse", message),
            ("RelayState", relay),
            (PRESSED, pressed),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, value.to_owned()))
        .collect(),
        asked,
    })
}

/// `GET /upstream/{provider}/metadata`: our metadata for a SAML identity provider.
pub async fn metadata(State(app): State<App>, Path(provider): Path<String>) -> Result<Response> {
    let text = app.sign_ins.providers().metadata(&provider).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/samlmetadata+xml"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, text).into_response())
}

/// `GET /upstream/{provider}/logout`: a SAML logout message by redirect.
pub async fn logout_by_link(
    State(app): State<App>,
    headers: HeaderMap,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    // A redirect's signature is over the text of its query, so that is passed on unchanged.
    let query = query.unwrap_or_default();
    let params = params(query.as_bytes())?.with_raw(&query);
    logout(&app, &headers, &provider, &params).await
}

/// `POST /upstream/{provider}/logout`: a back-channel logout token, or a SAML message by form.
pub async fn logout_by_form(
    State(app): State<App>,
    headers: HeaderMap,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Response> {
    logout(&app, &headers, &provider, &params(&body)?).await
}

async fn logout(
    app: &App,
    headers: &HeaderMap,
    provider: &str,
    params: &Params,
) -> Result<Response> {
    match app.sign_ins.sessions().logout(provider, params).await? {
        LoggedOut::Answered => Ok(page::to("/signed-out")),
        LoggedOut::Done(None) => Ok(StatusCode::OK.into_response()),
        LoggedOut::Done(Some(step)) => {
            let language = layers::language(&app.site, headers);
            match step {
                ProviderStep::Redirect(url) => page::away(&url),
                ProviderStep::Post { action, fields } => {
                    page::post_away(app.site.bare_frame(language), &action, fields, "")
                }
                ProviderStep::Ask => Ok(StatusCode::OK.into_response()),
            }
        }
        // Back-Channel Logout 1.0 section 2.8.
        LoggedOut::Refused(reason) => {
            let body = json!({ "error": "invalid_request", "error_description": reason });
            Ok((StatusCode::BAD_REQUEST, Json(body)).into_response())
        }
    }
}
