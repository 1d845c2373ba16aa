//! The handlers for gateways (nginx, Traefik, Caddy), and for users whom a gateway has sent.

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use std::net::SocketAddr;

use super::{
    extract::{Path, Query, Visit, cookie},
    layers::{CookieNames, set_cookie},
    next,
    page::{self, Site},
    route::{Access, Format, Route},
};
use crate::{
    app::App,
    error::{Error, Result},
    issuer::{ForwardedIdentity, GatewayDecision},
    model::allowance::ClientNetwork,
    protocol::{
        gateway::{GatewayHeaders, IDENTITY_HEADERS, Requested, look_alike},
        oauth::Params,
    },
};

pub const ROUTES: &[Route] = &[
    Route::get(
        "/forward-auth/{service}",
        Access::Machine(Format::Problem),
        || get(check),
    ),
    Route::get("/forward-auth/{service}/enter", Access::Anyone, || {
        get(enter)
    }),
    Route::post(
        "/forward-auth/{service}/entry",
        Access::Machine(Format::Page),
        || post(entry),
    ),
];

const ORIGINAL_URL: &str = "x-original-url";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_URI: &str = "x-forwarded-uri";

/// `GET /forward-auth/{service}`: whether a request is allowed. 200 with the user's identity; 401,
/// or a redirect where the gateway passes it on, for a user who must sign in; 403.
pub async fn check(
    State(app): State<App>,
    Path(service): Path<String>,
    client: ClientNetwork,
    request: Request,
) -> Result<Response> {
    let headers = request.headers();
    let asked = asked(&app.site, &service, &request)?;
    let cookie = cookie(headers, CookieNames::of(&app.site).forward_auth);
    // To a gateway, everything but success is a refusal.
    let verdict = match app.issuer.gateways().check(&service, &asked, cookie).await {
        Err(Error::NotFound | Error::UnknownAddress) => {
            return Err(refused(
                &service,
                "the service has no instance at this address",
            ));
        }
        Err(Error::Forbidden(reason)) => return Err(refused(&service, reason)),
        other => other?,
    };
    Ok(match verdict {
        GatewayDecision::Pass(identity) => pass(&identity),
        GatewayDecision::Deny => return Err(Error::Forbidden("not for this user")),
        GatewayDecision::SignIn if is_navigation(headers) => {
            let url = app
                .issuer
                .gateways()
                .sign_in_address(&service, &asked, &client)
                .await?;
            let status = match asked.by_subrequest {
                true => StatusCode::UNAUTHORIZED,
                false => StatusCode::SEE_OTHER,
            };
            (status, [(header::LOCATION, url.to_string())]).into_response()
        }
        GatewayDecision::SignIn => return Err(Error::Unauthenticated),
    })
}

/// The reason for a refusal is for the gateway's operator, who reads it in the log.
fn refused(service: &str, reason: &'static str) -> Error {
    tracing::warn!(service, reason, "a gateway's question is refused");
    Error::Forbidden(reason)
}

/// All headers each time: one that is empty here must not keep the value that the client sent.
fn pass(identity: &ForwardedIdentity) -> Response {
    let mut response = StatusCode::OK.into_response();
    let values = [
        &identity.user,
        &identity.name,
        &identity.mail,
        &identity.groups,
        &identity.assertion,
        &identity.omitted,
    ];
    for (name, value) in IDENTITY_HEADERS.into_iter().zip(values) {
        let value = HeaderValue::from_bytes(value.as_bytes());
        let value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    response
}

/// Whether a user sees the response; scripts and sockets cannot use a sign-in page.
fn is_navigation(headers: &HeaderMap) -> bool {
    let has = |name: &str, wanted: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.to_ascii_lowercase().contains(wanted))
    };
    let method = ["x-original-method", "x-forwarded-method"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok());
    let reads = method.is_none_or(|method| matches!(method, "GET" | "HEAD"));
    let by_mode = match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => has("accept", "text/html"),
    };
    reads && by_mode && !headers.contains_key(header::UPGRADE)
}

/// Only a known gateway may describe the request, and each value only once; and the application
/// must not mistake a header of the request for one of ours (THREATS: header spoofing).
fn asked(site: &Site, service: &str, request: &Request) -> Result<Requested> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let known = peer.is_some_and(|ConnectInfo(peer)| site.neighbours.is_gateway(peer.ip()));
    let headers = request.headers();
    let asked = match known {
        true => read(headers),
        false => Err(Error::Forbidden(
            "forward authentication is asked by a gateway in server.gateways",
        )),
    };
    asked.map_err(|error| match error {
        Error::Forbidden(reason) => refused(service, reason),
        other => other,
    })
}

fn read(headers: &HeaderMap) -> Result<Requested> {
    if let Some(header) = look_alike(headers.keys().map(HeaderName::as_str)) {
        tracing::warn!(
            header,
            "a request brings a header that an application reads as ours"
        );
        return Err(Error::Forbidden(
            "a header of the request reads as one of ours and is spelt otherwise",
        ));
    }
    let said = GatewayHeaders {
        original_url: once(headers, ORIGINAL_URL)?,
        proto: once(headers, FORWARDED_PROTO)?,
        host: once(headers, FORWARDED_HOST)?,
        uri: once(headers, FORWARDED_URI)?,
    };
    Requested::read(&said).map_err(Error::Forbidden)
}

fn once<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::Forbidden("a header of the gateway's came twice"));
    }
    let text = first.map(|value| value.to_str());
    let text = text.transpose();
    let text = text.map_err(|_| Error::Forbidden("a header of the gateway's is no text"))?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// A user's destination, sealed.
#[derive(Deserialize)]
pub struct ReturnQuery {
    at: String,
}

/// `GET /forward-auth/{service}/enter`: a user whom a gateway has sent, on the way to their page.
pub async fn enter(
    State(app): State<App>,
    visit: Visit,
    Path(service): Path<String>,
    Query(state): Query<ReturnQuery>,
) -> Result<Response> {
    let next = app
        .issuer
        .gateways()
        .return_user(&service, &state.at, &visit.visitor)
        .await?;
    next::answer(&app, &visit, next).await
}

/// `POST /forward-auth/{service}/entry`: the request to `/.usher/enter` that the gateway forwards
/// to us. The form must come from a page of ours: a link cannot sign a user in under another user's
/// identity (THREATS: login CSRF).
pub async fn entry(
    State(app): State<App>,
    Path(service): Path<String>,
    request: Request,
) -> Result<Response> {
    let asked = asked(&app.site, &service, &request)?;
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_none_or(|origin| origin != app.site.origin.as_str()) {
        return Err(Error::CrossSite);
    }
    let body = axum::body::to_bytes(request.into_body(), LONGEST_FORM).await;
    let body: Bytes = body.map_err(|_| Error::TooLarge)?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::Invalid("the form".to_owned()))?;
    let form = Params::parse(text).map_err(|error| Error::Invalid(error.description))?;
    let ticket = form.one("ticket").unwrap_or_default();
    let (token, url) = app
        .issuer
        .gateways()
        .redeem(&service, &asked, ticket)
        .await?;
    let mut response = page::away(&url)?;
    let name = CookieNames::of(&app.site).forward_auth;
    set_cookie(&mut response, &app.site, name, token.as_str(), None);
    Ok(response)
}

/// The size of a form with one ticket.
const LONGEST_FORM: usize = 1024;
