//! The CAS server's handlers.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    extract::Visit,
    next, oidc,
    page::{self, html},
    route::{Access, Format, ProtocolFormat, Route},
    view,
};
use crate::{
    app::App,
    error::{Error, Result},
    issuer::{
        Issuer,
        cas::wire::{self, CasFailure, CasValidation},
    },
    protocol::oauth::Params,
};

/// CAS Protocol 3.0 section 2.4: two lines.
const LINES: Format = Format::Protocol(&ProtocolFormat {
    name: "cas-lines",
    is_json: false,
    respond: failed_by_lines,
});

/// Sections 2.5 to 2.8: XML, or JSON if the request asks for it.
const RESPONSE: Format = Format::Protocol(&ProtocolFormat {
    name: "cas-response",
    is_json: false,
    respond: failed_by_response,
});

pub const ROUTES: &[Route] = &[
    Route::get("/cas/login", Access::Anyone, || get(login)),
    Route::get_and_post("/cas/logout", Access::Anyone, || get(ask_out).post(out)),
    Route::get("/cas/validate", Access::Machine(LINES), || get(validate)),
    Route::get("/cas/serviceValidate", Access::Machine(RESPONSE), || {
        get(validate_service)
    }),
    Route::get("/cas/proxyValidate", Access::Machine(RESPONSE), || {
        get(validate_service)
    }),
    Route::get("/cas/p3/serviceValidate", Access::Machine(RESPONSE), || {
        get(validate_with_attributes)
    }),
    Route::get("/cas/p3/proxyValidate", Access::Machine(RESPONSE), || {
        get(validate_with_attributes)
    }),
];

fn read(query: Option<String>) -> Result<Params> {
    Params::parse(&query.unwrap_or_default()).map_err(|error| Error::Invalid(error.description))
}

/// `GET /cas/login`: without a service, the portal.
pub async fn login(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = read(query)?;
    match app.issuer.cas().login(&params, &visit.visitor).await? {
        Some(next) => next::answer(&app, &visit, next).await,
        None => Ok(page::to("/")),
    }
}

/// `GET /cas/logout`: asks for confirmation, because a link must not sign a user out.
pub async fn ask_out(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = read(query.clone())?;
    if visit.visitor.signed_in.is_none() {
        let onward = app.issuer.cas().onward(&params);
        return oidc::finish(&app, &visit, onward).await;
    }
    let action = match query {
        Some(query) => format!("/cas/logout?{query}"),
        None => "/cas/logout".to_owned(),
    };
    html(&view::SignOut {
        frame: app.site.frame(&visit),
        action,
        is_switch: false,
    })
}

/// `POST /cas/logout`: the user confirmed.
pub async fn out(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let onward = app.issuer.cas().onward(&read(query)?);
    oidc::finish(&app, &visit, onward).await
}

/// `GET /cas/validate`: version 1.
pub async fn validate(State(provider): State<Issuer>, RawQuery(query): RawQuery) -> Response {
    let (answer, _) = judge(&provider, query).await;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (headers, wire::to_lines(&answer)).into_response()
}

/// `GET /cas/serviceValidate`, `GET /cas/proxyValidate`: version 2.
pub async fn validate_service(
    State(provider): State<Issuer>,
    RawQuery(query): RawQuery,
) -> Response {
    let (answer, format) = judge(&provider, query).await;
    say(&answer, format, false)
}

/// `GET /cas/p3/serviceValidate`, `GET /cas/p3/proxyValidate`: version 3, with attributes.
pub async fn validate_with_attributes(
    State(provider): State<Issuer>,
    RawQuery(query): RawQuery,
) -> Response {
    let (answer, format) = judge(&provider, query).await;
    say(&answer, format, true)
}

/// Whether a validation asks for JSON.
fn wants_json(query: &str) -> bool {
    let format = read(Some(query.to_owned())).ok();
    let format = format.and_then(|params| params.one("format").map(str::to_owned));
    format.is_some_and(|format| format.eq_ignore_ascii_case("JSON"))
}

/// An internal error, for a client of version 1.
fn failed_by_lines(error: Error, _: &Uri) -> Response {
    log_late(&error);
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (headers, wire::to_lines(&Err(CasFailure::INTERNAL))).into_response()
}

/// An internal error, for a client of version 2 or 3.
fn failed_by_response(error: Error, uri: &Uri) -> Response {
    log_late(&error);
    let format = match wants_json(uri.query().unwrap_or_default()) {
        true => CasFormat::Json,
        false => CasFormat::Xml,
    };
    say(&Err(CasFailure::INTERNAL), format, false)
}

fn log_late(error: &Error) {
    tracing::error!(%error, "a ticket could not be validated in time");
}

/// What the application wants to read.
#[derive(Clone, Copy)]
enum CasFormat {
    Xml,
    Json,
}

/// The reason for a refusal is in the answer, which the application's admin may never see, and in
/// the log.
async fn judge(provider: &Issuer, query: Option<String>) -> (CasValidation, CasFormat) {
    let (answer, format) = judged(provider, query).await;
    if let Err(failure) = &answer {
        let CasFailure { code, description } = failure;
        tracing::warn!(
            code,
            why = description,
            "the validation of a CAS ticket was refused"
        );
    }
    (answer, format)
}

/// A request that cannot be read uses no ticket up.
async fn judged(provider: &Issuer, query: Option<String>) -> (CasValidation, CasFormat) {
    let Ok(params) = read(query) else {
        return (Err(CasFailure::REQUEST), CasFormat::Xml);
    };
    let format = params.one("format").map(str::to_ascii_uppercase);
    match format.as_deref() {
        None | Some("XML") => (provider.cas().validate(&params).await, CasFormat::Xml),
        Some("JSON") => (provider.cas().validate(&params).await, CasFormat::Json),
        Some(_) => (Err(CasFailure::REQUEST), CasFormat::Xml),
    }
}

fn say(answer: &CasValidation, format: CasFormat, with_attributes: bool) -> Response {
    match format {
        CasFormat::Json => Json(wire::to_json(answer, with_attributes)).into_response(),
        CasFormat::Xml => {
            let headers = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
            (headers, wire::to_xml(answer, with_attributes)).into_response()
        }
    }
}
