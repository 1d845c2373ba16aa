//! Errors in the client's format: a page, a fragment for htmx, or problem+json (RFC 9457). Every
//! one carries the request id, none its source. Logged here, once.

mod problem;

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use self::problem::problem;
use super::{
    extract::{Visit, request_id, shown_page},
    page::{Site, html},
    route,
};
use crate::{
    error::{Error, Refusal},
    model::{attempt::LocalPath, launch::TicketVoid, receipt},
    text::Language,
};

/// An error without a body, until [`render`] gives it one.
#[derive(Clone)]
struct Unrendered(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        if let Error::Throttled(wait) = self {
            retry_after(&mut response, wait);
        }
        response.extensions_mut().insert(Unrendered(Arc::new(self)));
        response
    }
}

/// Whether the answer is that a sign-in has expired.
pub fn is_expired(response: &Response) -> bool {
    let error = response.extensions().get::<Unrendered>();
    error.is_some_and(|Unrendered(error)| matches!(**error, Error::AttemptExpired))
}

/// RFC 9110 section 10.2.3, in whole seconds.
pub fn retry_after(response: &mut Response, wait: Duration) {
    let seconds = HeaderValue::from(wait.as_millis().div_ceil(1000).max(1) as u64);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
}

/// What is kept of a request for rendering its error.
pub struct RequestContext {
    id: String,
    json: bool,
    fragment: bool,
    language: Language,
    /// The route's pattern: never the address itself, which holds keys of records.
    route: Option<&'static str>,
    /// The address of the request, for trying again, where that is a link.
    link: Option<LocalPath>,
    /// The page of ours that the form was on. Browsers send it to the portal only (our
    /// `Referrer-Policy` is `same-origin`).
    form_page: Option<LocalPath>,
}

/// Paths that only programs request: an address below them that does not exist is no page.
const PROGRAMS: [&str; 9] = [
    "/.well-known/",
    "/forward-auth/",
    "/oidc/introspect",
    "/oidc/jwks",
    "/oidc/par",
    "/oidc/register",
    "/oidc/revoke",
    "/oidc/token",
    "/oidc/userinfo",
];

impl RequestContext {
    pub fn of(site: &Site, request: &Request) -> Self {
        let headers = request.headers();
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        let accept = accept.unwrap_or_default();
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let reading = matches!(*request.method(), Method::GET | Method::HEAD);
        let route = route::of(request.extensions());
        let is_for_programs = match route {
            Some(route) => route.access.format().is_json(),
            None => PROGRAMS.iter().any(|start| path.starts_with(start)),
        };
        Self {
            id: request_id(request.extensions()),
            json: accept.contains("json") && !accept.contains("html") || is_for_programs,
            fragment: headers.contains_key("hx-request"),
            language: super::layers::language(site, headers),
            route: route.map(|route| route.path),
            link: reading.then(|| LocalPath::of(path)),
            form_page: Some(shown_page(site, headers, header::REFERER.as_str()))
                .filter(|page| !reading && *page != LocalPath::portal()),
        }
    }

    /// Where the user can try again.
    fn again(&self) -> Option<&str> {
        let page = self.link.as_ref().or(self.form_page.as_ref());
        page.map(LocalPath::as_str)
    }
}

/// Renders an error; any other response passes. Headers that were set stay (in particular a session
/// cookie).
pub fn render(site: &Site, context: RequestContext, mut response: Response) -> Response {
    let visit = response.extensions_mut().remove::<Visit>();
    let Some(Unrendered(error)) = response.extensions_mut().remove::<Unrendered>() else {
        return bare(site, context, visit.as_ref(), response);
    };
    log(&error, &context);
    let rendered = form(site, &context, visit.as_ref(), &error);
    let mut rendered = rendered.unwrap_or_else(|_| status(&error).into_response());
    copy_cookies(response.headers(), rendered.headers_mut());
    rendered
}

/// Renders a page for an error that a layer answered without one (a body over the limit).
fn bare(
    site: &Site,
    context: RequestContext,
    visit: Option<&Visit>,
    response: Response,
) -> Response {
    if response.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return response;
    }
    form(site, &context, visit, &Error::TooLarge).unwrap_or(response)
}

pub fn copy_cookies(from: &HeaderMap, to: &mut HeaderMap) {
    for cookie in from.get_all(header::SET_COOKIE) {
        to.append(header::SET_COOKIE, cookie.clone());
    }
    if let Some(seconds) = from.get(header::RETRY_AFTER) {
        to.insert(header::RETRY_AFTER, seconds.clone());
    }
}

fn form(
    site: &Site,
    context: &RequestContext,
    visit: Option<&Visit>,
    error: &Error,
) -> Result<Response, Error> {
    if context.json {
        return Ok(problem_json(error, &context.id));
    }
    let mut page = problem(site, context, visit, error);
    page.request_id.clone_from(&context.id);
    let mut response = if context.fragment {
        html(&page.into_fragment())?
    } else {
        html(&page)?
    };
    *response.status_mut() = status(error);
    Ok(response)
}

/// RFC 9457. The type is a name of ours that does not change with the texts.
fn problem_json(error: &Error, id: &str) -> Response {
    let status = status(error);
    let mut body = json!({
        "type": format!("urn:usher:problem:{}", name(error)),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "request_id": id,
    });
    if let Error::Receipt(void) = error {
        body["detail"] = void.advice().into();
    }
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Error::Receipt(receipt::ReceiptVoid::Unproved(_)) = error {
        // RFC 9110 section 15.5.2: a 401 names the accepted schemes.
        let ways = HeaderValue::from_static("Basic realm=\"usher\", Bearer realm=\"usher\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, ways);
    }
    response
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Refused(refusal) => refusal_status(refusal),
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::CrossSite | Error::Forbidden(_) | Error::NoAccess => StatusCode::FORBIDDEN,
        Error::AttemptExpired | Error::Link(_) | Error::FirstAdminLink(_) => StatusCode::GONE,
        Error::Void {
            why: TicketVoid::Expired,
            ..
        } => StatusCode::GONE,
        Error::Void { .. } => StatusCode::CONFLICT,
        Error::Receipt(void) => receipt_status(void),
        Error::CookiesBlocked { .. }
        | Error::UnknownClient
        | Error::UnknownAddress
        | Error::BadAsk(_)
        | Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::TimedOut | Error::Away(_) | Error::NotSetUp => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) | Error::MasterKey(_) | Error::Unfit(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn receipt_status(void: &receipt::ReceiptVoid) -> StatusCode {
    match void {
        receipt::ReceiptVoid::Unreadable(_) => StatusCode::BAD_REQUEST,
        receipt::ReceiptVoid::Unproved(_) => StatusCode::UNAUTHORIZED,
        receipt::ReceiptVoid::Closed => StatusCode::FORBIDDEN,
        receipt::ReceiptVoid::Contradicts => StatusCode::CONFLICT,
        receipt::ReceiptVoid::Late => StatusCode::GONE,
    }
}

fn refusal_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::IntentForbidden { .. } => StatusCode::FORBIDDEN,
        Refusal::UnknownType { .. }
        | Refusal::UnknownIntent { .. }
        | Refusal::NotOpened { .. }
        | Refusal::NoInstance { .. } => StatusCode::NOT_FOUND,
        Refusal::Unanswered { .. } => StatusCode::FORBIDDEN,
        Refusal::BadKey { .. }
        | Refusal::UnknownField { .. }
        | Refusal::BadField { .. }
        | Refusal::MissingField { .. } => StatusCode::BAD_REQUEST,
        Refusal::ServiceClosed { .. } | Refusal::InstanceClosed { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refusal::Misconfigured { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The machine-readable name of an error: in problem types and logs.
fn name(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::NoAccess => "no_access",
        Error::Unauthenticated => "unauthenticated",
        Error::CrossSite | Error::Forbidden(_) => "forbidden",
        Error::AttemptExpired => "attempt_expired",
        Error::CookiesBlocked { .. } => "cookies_blocked",
        Error::Void {
            why: TicketVoid::Expired,
            ..
        } => "launch_expired",
        Error::Void {
            why: TicketVoid::Used,
            ..
        } => "launch_used",
        Error::Void {
            why: TicketVoid::Foreign,
            ..
        } => "launch_foreign",
        Error::Refused(refusal) => refusal.reason(),
        Error::Link(_) | Error::FirstAdminLink(_) => "link_void",
        Error::NotSetUp => "not_set_up",
        Error::Receipt(receipt::ReceiptVoid::Unreadable(_)) => "receipt_unreadable",
        Error::Receipt(receipt::ReceiptVoid::Unproved(_)) => "invalid_client",
        Error::Receipt(receipt::ReceiptVoid::Closed) => "receipt_closed",
        Error::Receipt(receipt::ReceiptVoid::Contradicts) => "receipt_contradicts",
        Error::Receipt(receipt::ReceiptVoid::Late) => "receipt_late",
        Error::UnknownClient => "unknown_client",
        Error::UnknownAddress => "unknown_address",
        Error::BadAsk(_) => "bad_ask",
        Error::Invalid(_) => "invalid",
        Error::WrongMethod => "wrong_method",
        Error::TooLarge => "too_large",
        Error::Throttled(_) => "too_many_requests",
        Error::TimedOut => "timed_out",
        Error::Away(_) => "database_away",
        Error::Internal(_) | Error::MasterKey(_) | Error::Unfit(_) => "internal",
    }
}

/// Internal faults are errors in the log. The reason for refusing an application or a gateway is a
/// warning: its operator asks the admin. User errors are logged at a lower level.
fn log(error: &Error, context: &RequestContext) {
    let name = name(error);
    match error {
        Error::BadAsk(_) | Error::UnknownClient | Error::UnknownAddress => {
            let why = one_line(&error.to_string());
            let route = context.route.unwrap_or("-");
            tracing::warn!(request.id = %context.id, name, route, why, "an application was refused");
        }
        Error::Forbidden(_) | Error::Invalid(_) => {
            let why = one_line(&error.to_string());
            let route = context.route.unwrap_or("-");
            tracing::info!(request.id = %context.id, name, route, why, "a request was refused");
        }
        Error::Internal(_) | Error::MasterKey(_) | Error::Unfit(_) | Error::TimedOut => {
            tracing::error!(request.id = %context.id, name, %error, "a request failed");
        }
        Error::Away(_) => {
            tracing::warn!(request.id = %context.id, name, %error, "the database did not answer");
        }
        Error::Refused(refusal) => {
            if let Refusal::Misconfigured { detail, service } = &**refusal {
                tracing::error!(request.id = %context.id, service, detail, "a service is misconfigured");
            } else {
                tracing::info!(request.id = %context.id, name, "a launch was refused");
            }
        }
        Error::NoAccess => {
            tracing::info!(request.id = %context.id, name, "a user has no access to a service");
        }
        _ => tracing::debug!(request.id = %context.id, name, "a request was refused"),
    }
}

/// Text from a client cannot begin a line of the log, and its length is limited.
fn one_line(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(300).collect()
}
