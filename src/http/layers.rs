//! What happens to every request on its way in and out.

use std::{
    any::Any,
    net::{IpAddr, Ipv4Addr},
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, time::timeout};

use super::{
    error,
    extract::{Admin, SignedInUser, Visit, cookie},
    kept,
    late::FaultForm,
    page::Site,
    policy::Policy,
    routes, sign_in,
};
use crate::{
    app::App,
    browser_state::STATE_LIFE,
    error::{Error, Result},
    id::{Artefact, Bearer, RequestId},
    model::{allowance::ClientNetwork, session::Visitor},
    store::Deadline,
    text::Language,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, looks up its route for all that follows, and logs how it ended: the route's
/// pattern, never the address itself, which holds keys of records.
pub async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = RequestId::new(app.parts.clock.now(), &app.parts.chance);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>();
    let route = path.and_then(|path| routes::find(path.as_str(), &method));
    request.extensions_mut().insert(id.clone());
    if let Some(route) = route {
        request.extensions_mut().insert(route);
    }
    let mut response = next.run(request).await;
    let route = route.map_or("-", |route| route.path);
    tracing::debug!(
        target: "usher::access", request = %id, method = method.as_str(), route,
        status = response.status().as_u16(), "answered"
    );
    if let Ok(value) = HeaderValue::try_from(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Security headers; a response that set one itself keeps its own.
pub async fn headers(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        Policy::page().set(headers);
    }
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(header::CACHE_CONTROL, "no-store");
    // Our forms must send their origin: not `no-referrer`, which makes `Origin: null`.
    default(header::REFERRER_POLICY, "same-origin");
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    if site.https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Applies the deadline, catches panics, and renders every error.
///
/// The deadline interrupts a request, and nothing is committed afterwards; only a commit that has
/// started by then is waited for, because its result must be reported. A client that disconnects
/// does not interrupt a request: see [`Completed`].
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let context = error::RequestContext::of(&app.site, &request);
    let form = FaultForm::of(&request);
    let limit = Duration::from_millis(app.parts.config.server.request_timeout_ms);
    let response = match Completed::of(within(limit, next.run(request))).await {
        Ok(response) => response,
        Err(fault) => form.respond(fault),
    };
    error::render(&app.site, context, response)
}

/// Runs a handler to its end, to its panic or to its deadline.
async fn within<F>(limit: Duration, handler: F) -> Result<Response>
where
    F: Future<Output = Response>,
{
    let deadline = Deadline::default();
    let handler = deadline.over(AssertUnwindSafe(handler).catch_unwind());
    let mut handler = pin!(handler);
    let mut done = timeout(limit, &mut handler).await;
    if done.is_err() && !deadline.pass() {
        done = timeout(limit, &mut handler).await;
    }
    match done {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(panic)) => Err(Error::Internal(format!(
            "a handler panicked: {}",
            message(&*panic)
        ))),
        Err(_) => Err(Error::TimedOut),
    }
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// Work that is always completed. The server drops the future of a request whose client has
/// disconnected, which must not interrupt a transaction: the rest of it continues as a task. A task
/// is spawned only in this case, so that other requests stay on the thread that reads them.
struct Completed(Option<BoxFuture<'static, Result<Response>>>);

impl Completed {
    fn of(work: impl Future<Output = Result<Response>> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl Future for Completed {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0 else {
            return Poll::Pending;
        };
        let outcome = ready!(work.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl Drop for Completed {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

/// Identifies the visitor: the browser by its cookie (a new one gets one), the session, the
/// address. A form that does not come from a page of ours is refused.
pub async fn visit(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Err(error) = from_our_page(&app.site, &parts) {
        return error.into_response();
    }
    let names = CookieNames::of(&app.site);
    let known = cookie(&parts.headers, names.browser)
        .and_then(|value| Bearer::parse(Artefact::Browser, value));
    let (browser, fresh) = match known {
        Some(browser) => (browser, false),
        None => (Bearer::mint(Artefact::Browser, &app.parts.chance), true),
    };
    let session = cookie(&parts.headers, names.session).unwrap_or_default();
    let trusted = cookie(&parts.headers, names.trusted)
        .and_then(|value| Bearer::parse(Artefact::TrustedDevice, value))
        .map(|device| device.hash());
    let signed_in = match app.sign_ins.sessions().find(session).await {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    let (had_session, is_in) = (!session.is_empty(), signed_in.is_some());
    let address = app.site.neighbours.client(&parts);
    // A HEAD request shows no page, so it uses nothing up.
    let is_shown = parts.method != Method::HEAD;
    let brought = cookie(&parts.headers, names.flash).filter(|_| is_shown);
    let brought = brought.map(str::to_owned);
    let visit = Visit {
        visitor: Arc::new(Visitor {
            browser: browser.hash(),
            trusted,
            signed_in,
            address: address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()),
            client: client_network(&app.site, address),
            device: cookie(&parts.headers, names.device).map(str::to_owned),
            user_agent: text(&parts.headers, header::USER_AGENT).to_owned(),
        }),
        language: language(&app.site, &parts.headers),
        fragment: parts.headers.contains_key("hx-request"),
        by_form: parts.method == Method::POST,
        known: !fresh,
        had_session: had_session && !is_in,
        notice: None,
        state: app.states.of(brought.as_deref()),
    };
    parts.extensions.insert(visit.clone());
    let at = sign_in::At::of(&parts, names.carried);
    let request = Request::from_parts(parts, body);
    let mut response = match kept::of(&app, &visit, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    };
    if error::is_expired(&response) {
        response = renew(&app, &visit, &at, response).await;
    }
    if fresh {
        set_cookie(
            &mut response,
            &app.site,
            names.browser,
            browser.as_str(),
            None,
        );
    }
    let state = visit.state.cookie();
    if state != brought {
        let (value, age) = match &state {
            Some(id) => (
                id.as_str(),
                i64::try_from(STATE_LIFE.as_secs()).unwrap_or(i64::MAX),
            ),
            None => ("", 0),
        };
        set_cookie(&mut response, &app.site, names.flash, value, Some(age));
    }
    // For the page of an error, which is rendered by an outer layer.
    if response.extensions().get::<Visit>().is_none() {
        response.extensions_mut().insert(visit);
    }
    response
}

/// The guard of routes for signed-in users.
pub async fn signed_in(_: SignedInUser, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// The guard of routes that require a permission: [`Admin`] checks it by the route.
pub async fn permitted(_: Admin, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// A sign-in that has expired, or that this browser does not know, starts again with the same
/// destination. A user who has signed in meanwhile keeps the cookie that was just set.
async fn renew(app: &App, visit: &Visit, at: &sign_in::At, expired: Response) -> Response {
    let visit = expired.extensions().get::<Visit>().unwrap_or(visit).clone();
    match sign_in::renew(app, &visit, at).await {
        Ok(None) => expired,
        Ok(Some(mut response)) => {
            error::copy_cookies(expired.headers(), response.headers_mut());
            response.extensions_mut().insert(visit);
            response
        }
        Err(error) => {
            let mut response = error.into_response();
            error::copy_cookies(expired.headers(), response.headers_mut());
            response
        }
    }
}

/// All clients without an address are counted as one.
pub fn client_network(site: &Site, address: Option<IpAddr>) -> ClientNetwork {
    let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    ClientNetwork::new(&site.allowances, address)
}

/// The names of our cookies. `__Host-` ties them to this host and TLS; plain http is for trials on
/// loopback, where browsers would drop them.
pub struct CookieNames {
    pub session: &'static str,
    pub browser: &'static str,
    pub language: &'static str,
    /// The provider the user signed in with before.
    pub provider: &'static str,
    /// What the answer to a form shows on the next page.
    pub flash: &'static str,
    /// Marks a browser that a user trusts.
    pub trusted: &'static str,
    /// Shows a browser that has signed out which applications were notified.
    pub parting: &'static str,
    /// The destination of a user who left for a provider, at the addresses they come back to.
    pub carried: &'static str,
    /// Marks a browser that a user has signed in with before.
    pub device: &'static str,
    /// At the host of a page behind a gateway: the session there.
    pub forward_auth: &'static str,
}

impl CookieNames {
    pub fn of(site: &Site) -> Self {
        if site.https {
            Self {
                session: "__Host-usher",
                browser: "__Host-usher-browser",
                language: "__Host-usher-language",
                provider: "__Host-usher-provider",
                flash: "__Host-usher-flash",
                trusted: "__Host-usher-trusted",
                parting: "__Host-usher-parting",
                carried: "__Secure-usher-carried",
                device: "__Host-usher-device",
                forward_auth: "__Host-usher-gate",
            }
        } else {
            Self {
                session: "usher",
                browser: "usher-browser",
                language: "usher-language",
                provider: "usher-provider",
                flash: "usher-flash",
                trusted: "usher-trusted",
                parting: "usher-parting",
                carried: "usher-carried",
                device: "usher-device",
                forward_auth: "usher-gate",
            }
        }
    }
}

/// Sets a cookie for this host, all paths; without an age it goes with the browser.
pub fn set_cookie(
    response: &mut Response,
    site: &Site,
    name: &str,
    value: &str,
    max_age: Option<i64>,
) {
    let secure = if site.https { "; Secure" } else { "" };
    let age = max_age.map_or(String::new(), |age| format!("; Max-Age={age}"));
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// Keeps the destination of a user who leaves, sealed, at the addresses below `path` that they come
/// back to: from a provider, perhaps too late for the attempt, or after signing out. Browsers accept
/// cookies of 4 kB. An empty one is forgotten.
pub fn carry_there(response: &mut Response, site: &Site, path: &str, sealed: &str) {
    let secure = if site.https { "; Secure" } else { "" };
    let fits = sealed.len() <= LONGEST_CARRIED;
    let (value, age) = match fits && !sealed.is_empty() {
        true => (sealed, CARRIED_LIFE),
        false => ("", 0),
    };
    let name = CookieNames::of(site).carried;
    let line =
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}; Max-Age={age}");
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

const LONGEST_CARRIED: usize = 3_500;
/// Seconds.
const CARRIED_LIFE: i64 = 24 * 3600;

/// A changing request must come from a page of ours (THREATS: login CSRF). Browsers send `Origin`
/// or `Sec-Fetch-Site`; a request with neither is refused.
fn from_our_page(site: &Site, parts: &Parts) -> Result<(), Error> {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let ours = match text(&parts.headers, header::ORIGIN) {
        "" | "null" => {
            text(&parts.headers, HeaderName::from_static("sec-fetch-site")) == "same-origin"
        }
        origin => origin == site.origin,
    };
    if ours { Ok(()) } else { Err(Error::CrossSite) }
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The language the user chose, or the browser requests.
pub fn language(site: &Site, headers: &HeaderMap) -> Language {
    cookie(headers, CookieNames::of(site).language)
        .and_then(Language::parse)
        .or_else(|| Language::accepted(text(headers, header::ACCEPT_LANGUAGE)))
        .unwrap_or(Language::En)
}
