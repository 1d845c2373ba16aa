//! The SAML identity provider's handlers.

use axum::{
    body::Bytes,
    extract::{FromRequestParts, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{
    extract::{Path, Visit},
    layers, logout as parting, next, page,
    route::{Access, Format, ProtocolFormat, Route},
};
use crate::{
    app::App,
    error::{Error, Result},
    handoff::Landing,
    issuer::{SamlLogoutReply, SoapReply},
    model::{allowance::ClientNetwork, pending::id_in_address},
    protocol::{oauth::Params, saml::logout::soap},
};

/// SOAP 1.1.
const SOAP: Format = Format::Protocol(&ProtocolFormat {
    name: "soap",
    is_json: true,
    respond: failed_in_time,
});

pub const ROUTES: &[Route] = &[
    Route::get("/saml/metadata", Access::Machine(Format::Page), || {
        get(metadata)
    }),
    Route::get("/saml/sso", Access::Anyone, || get(sign_on)),
    Route::post("/saml/sso", Access::Machine(Format::Page), || {
        post(sign_on_by_form)
    }),
    Route::get("/saml/sso/{request}", Access::Anyone, || get(resume)),
    Route::get_and_post("/saml/slo", Access::Machine(Format::Page), || {
        get(logout).post(logout_by_form)
    }),
    Route::post("/saml/slo/soap", Access::Machine(SOAP), || {
        post(logout_by_soap)
    }),
];

/// The portal, where one of its services uses SAML. Otherwise these addresses do not exist, and
/// requests to them are not read.
pub struct SamlIssuer(App);

impl FromRequestParts<App> for SamlIssuer {
    type Rejection = Error;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self> {
        match app.issuer.saml().is_in_use() {
            true => Ok(Self(app.clone())),
            false => Err(Error::NotFound),
        }
    }
}

/// `GET /saml/metadata`: our metadata for service providers.
pub async fn metadata(SamlIssuer(app): SamlIssuer) -> Result<Response> {
    let headers = [
        (header::CONTENT_TYPE, "application/samlmetadata+xml"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, app.issuer.saml().metadata().await?).into_response())
}

/// `GET /saml/sso`: a request by redirect. Its signature is over the text of the query.
pub async fn sign_on(
    SamlIssuer(app): SamlIssuer,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let params = params(query.as_bytes())?.with_raw(&query);
    let next = app
        .issuer
        .saml()
        .by_redirect(&params, &visit.visitor)
        .await?;
    next::answer(&app, &visit, next).await
}

/// `POST /saml/sso`: a request by form. It comes from another site, without our cookies; it is
/// stored and continued at an address that receives them.
pub async fn sign_on_by_form(
    SamlIssuer(app): SamlIssuer,
    client: ClientNetwork,
    body: Bytes,
) -> Result<Response> {
    let id = app.issuer.saml().by_form(&params(&body)?, &client).await?;
    Ok(page::to(&format!("/saml/sso/{id}")))
}

/// `GET /saml/sso/{request}`: a stored request.
pub async fn resume(
    SamlIssuer(app): SamlIssuer,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = id_in_address(&id).ok_or(Error::NotFound)?;
    let next = app.issuer.resume(&id, &visit.visitor).await?;
    next::answer(&app, &visit, next).await
}

/// `GET /saml/slo`: a logout message by redirect.
pub async fn logout(
    SamlIssuer(app): SamlIssuer,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let params = params(query.as_bytes())?.with_raw(&query);
    log_out(&app, &headers, &params).await
}

/// `POST /saml/slo`: one by form.
pub async fn logout_by_form(
    SamlIssuer(app): SamlIssuer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    log_out(&app, &headers, &params(&body)?).await
}

/// `POST /saml/slo/soap`: server to server, answered in the same exchange (Bindings section 3.2.3.3
/// for refusals). A form of a page is not even read.
pub async fn logout_by_soap(
    SamlIssuer(app): SamlIssuer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let kind = headers.get(header::CONTENT_TYPE);
    if !kind.is_some_and(is_xml) {
        return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let spoken = match app.issuer.saml().logout_by_soap(body.into()).await {
        Err(error) if error.is_ours() => {
            tracing::error!(%error, "a logout by SOAP could not be answered");
            return Ok(failed());
        }
        spoken => spoken?,
    };
    let (status, envelope) = match spoken {
        SoapReply::Answer(envelope) => (StatusCode::OK, envelope),
        SoapReply::Refused(fault) => (StatusCode::FORBIDDEN, fault),
        SoapReply::Unreadable(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault),
    };
    let kind = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
    Ok((status, kind, envelope).into_response())
}

fn failed_in_time(error: Error, _: &Uri) -> Response {
    tracing::error!(%error, "a logout by SOAP could not be answered in time");
    failed()
}

/// An internal error in an envelope (SOAP 1.1 section 6.2: status 500).
fn failed() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
    let fault = soap::our_fault("something went wrong on our side: try again in a moment");
    (StatusCode::INTERNAL_SERVER_ERROR, kind, fault).into_response()
}

async fn log_out(app: &App, headers: &HeaderMap, params: &Params) -> Result<Response> {
    match app.issuer.saml().logout(params).await? {
        SamlLogoutReply::Received if parting::is_framed(headers) => {
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        SamlLogoutReply::Received => Ok(page::to("/signed-out")),
        SamlLogoutReply::Answer(Landing::Redirect(url)) => page::away(&url),
        SamlLogoutReply::Answer(Landing::Post { action, fields }) => {
            let frame = app.site.bare_frame(layers::language(&app.site, headers));
            page::post_away(frame, &action, fields, "")
        }
    }
}

/// `text/xml` by SOAP 1.1; some clients send `application/soap+xml`, which is 1.2's.
fn is_xml(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default();
    let bare = kind.split(';').next().unwrap_or_default().trim();
    bare.to_ascii_lowercase().ends_with("xml")
}

fn params(text: &[u8]) -> Result<Params> {
    let text = std::str::from_utf8(text)
        .map_err(|_| Error::BadAsk("what was sent is not UTF-8".to_owned()))?;
    Params::parse(text).map_err(|error| Error::BadAsk(error.description))
}
