//! Sign-ins and sign-outs: started by a user, by a deep link or by the portal, each
//! kept under its own `state` and bound to the browser it began in, so that two tabs
//! with two targets each land on their own.

use std::sync::Arc;

use axum::extract::{Form, FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

use crate::demo::arrival::Arrivals;
use crate::demo::logout::Message;
use crate::demo::provider::{IdToken, User};
use crate::demo::refusal::Refusal;
use crate::demo::site::cookie;
use crate::demo::store::random;
use crate::{App, LOGIN_LIFE, SESSION_LIFE, relying_party};

/// A signed-in user at this application.
#[derive(Clone)]
pub struct Session {
    pub person: User,
    pub arrivals: Arrivals,
    /// The session at the portal that this one came from, and ends with.
    sid: Option<String>,
    id_token: IdToken,
}

/// A sign-in in progress; its id in the store is the `state`.
pub struct Login {
    /// The value of the cookie that ties this sign-in to one browser.
    browser: String,
    target: Url,
    secrets: relying_party::Secrets,
}

/// OpenID Connect Core 1.0, section 4. Parameters it does not name are ignored.
#[derive(Deserialize)]
pub struct Initiation {
    #[serde(default)]
    iss: String,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
}

#[derive(Deserialize)]
pub struct Start {
    /// A page of this application to return to.
    to: Option<String>,
}

/// The authentication response (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
#[derive(Deserialize)]
pub struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /login`: a sign-in the user asked for here.
pub async fn new(
    State(app): State<Arc<App>>,
    Query(start): Query<Start>,
) -> Result<Response, Refusal> {
    let to = start.to.as_deref().unwrap_or("/");
    begin(&app, own_target(&app, to)?, None, &login_path(to)).await
}

/// `GET` and `POST /login/initiate`: the portal asks this application to begin a sign-in.
///
/// This is the one POST that comes from another site by design. It changes nothing but
/// to start a sign-in, whose `state` and cookie are made here and now.
pub async fn initiate(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(initiation): Form<Initiation>,
) -> Result<Response, Refusal> {
    if is_framed(&headers) {
        return Err(Refusal::forbidden(
            "framed",
            "A sign-in cannot be started inside a frame.",
        ));
    }
    if initiation.iss != app.provider.issuer.as_str() {
        return Err(Refusal::bad_request(
            "foreign_issuer",
            "The sign-in was started by an issuer this application does not trust.",
        ));
    }
    let target = own_target(&app, initiation.target_link_uri.as_deref().unwrap_or("/"))?;
    let again = initiation.address();
    begin(&app, target, initiation.login_hint, &again).await
}

/// `GET /callback`: the portal's answer to a sign-in begun here.
pub async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Refusal> {
    let login = take_login(&app, &headers, &answer.state).ok_or_else(|| {
        Refusal::bad_request(
            "bad_state",
            "This sign-in was not started in this browser, was used already, or is too old.",
        )
        .with_link("Start page", "/")
    })?;
    let target = login.target.clone();
    finish(&app, &headers, login, answer)
        .await
        .map_err(|refusal| refusal.with_link("Try again", login_path(target.as_str())))
}

/// `POST /logout`: out of this application, and then out of the portal.
pub async fn delete(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refusal> {
    if !app.settings.public_url.sent(&headers) {
        return Err(Refusal::foreign_post());
    }
    let session = session_id(&app, &headers).and_then(|id| app.sessions.take(id));
    let next = match session {
        Some(session) => relying_party::end_session_address(&app, &session.id_token).await,
        None => None,
    };
    let cookies = AppendHeaders([
        set_cookie(&app, "session", "", "/", 0),
        set_cookie(&app, "signed_out", "1", "/", 600),
    ]);
    let next = next.map_or_else(|| app.settings.public_url.address("/"), String::from);
    Ok((cookies, Redirect::to(&next)).into_response())
}

/// `POST /backchannel-logout`: the portal's server reports that a session there has ended. The
/// request has no cookie and no origin; only the token is checked.
pub async fn end(
    State(app): State<Arc<App>>,
    Form(message): Form<Message>,
) -> Result<StatusCode, Refusal> {
    let ended = message.verified(&app.provider, &app.logout_tokens).await?;
    let over = |session: &Session| ended.means(&session.person.sub, session.sid.as_deref());
    let count = app.sessions.drop_all(over);
    tracing::info!(count, "the portal ended sessions");
    // Whether there was one or not (section 2.7): it has ended.
    Ok(StatusCode::OK)
}

/// A user with a session. A user without one is sent to sign in and comes back to the same page:
/// this is what makes every address of the application a deep link.
impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        match find_session(app, &parts.headers) {
            Some(session) => Ok(session),
            None if parts.method == Method::GET => Err(begin_here(app, &parts.uri).await),
            None => Err(session_over().into_response()),
        }
    }
}

pub fn find_session(app: &App, headers: &HeaderMap) -> Option<Session> {
    app.sessions.look(session_id(app, headers)?, Session::clone)
}

/// Whether the user has just signed out, so that the start page does not sign them in
/// again at once.
pub fn has_signed_out(app: &App, headers: &HeaderMap) -> bool {
    cookie(headers, &app.cookie_name("signed_out")).is_some_and(|value| !value.is_empty())
}

/// Deletes that note.
pub fn forget_sign_out(app: &App) -> (HeaderName, String) {
    set_cookie(app, "signed_out", "", "/", 0)
}

/// Starts a sign-in that returns to the page now asked for.
pub async fn begin_here(app: &App, page: &Uri) -> Response {
    let path = page.path_and_query().map_or("/", |path| path.as_str());
    let started = match own_target(app, path) {
        Ok(target) => begin(app, target, None, path).await,
        Err(refusal) => Err(refusal),
    };
    started.unwrap_or_else(Refusal::into_response)
}

/// Sends the browser to the portal. Each sign-in has a cookie of its own: other tabs do
/// not overwrite it, and it can be set where a cross-site POST brought no cookies along.
async fn begin(
    app: &App,
    target: Url,
    login_hint: Option<String>,
    again: &str,
) -> Result<Response, Refusal> {
    let try_again = |trouble| {
        Refusal::from(trouble).with_link("Try again", app.settings.public_url.address(again))
    };
    let (question, secrets) = relying_party::Question::prepare(app)
        .await
        .map_err(try_again)?;
    let browser = random();
    let state = app.logins.keep(Login {
        browser: browser.clone(),
        target,
        secrets,
    });
    let bound = set_cookie(
        app,
        &login_cookie(&state),
        &browser,
        "/callback",
        seconds(LOGIN_LIFE),
    );
    let address = question
        .address(app, state, login_hint)
        .map_err(try_again)?;
    Ok((AppendHeaders([bound]), Redirect::to(address.as_str())).into_response())
}

async fn finish(
    app: &App,
    headers: &HeaderMap,
    login: Login,
    answer: Answer,
) -> Result<Response, Refusal> {
    if !relying_party::is_from_our_issuer(app, answer.iss.as_deref()).await? {
        return Err(Refusal::bad_request(
            "foreign_issuer",
            "The answer came from an issuer this application did not ask.",
        ));
    }
    let state = answer.state.clone();
    let code = code_of(answer)?;
    let signed_in = relying_party::redeem(app, code, login.secrets).await?;
    Ok(admit(app, headers, signed_in, &state, &login.target))
}

/// Gives the user a new session under a new id. The previous one ends, whichever user it belonged
/// to; only the same user keeps the data of their other tabs.
fn admit(
    app: &App,
    headers: &HeaderMap,
    signed_in: relying_party::SignedIn,
    state: &str,
    target: &Url,
) -> Response {
    let relying_party::SignedIn { vouched, id_token } = signed_in;
    let before = session_id(app, headers).and_then(|id| app.sessions.take(id));
    let mut arrivals = before
        .filter(|session| session.person.sub == vouched.person.sub)
        .map(|session| session.arrivals)
        .unwrap_or_default();
    arrivals.add(target.path(), vouched.launch);
    let id = app.sessions.keep(Session {
        person: vouched.person,
        arrivals,
        sid: vouched.sid,
        id_token,
    });
    let cookies = AppendHeaders([
        set_cookie(app, "session", &id, "/", seconds(SESSION_LIFE)),
        set_cookie(app, &login_cookie(state), "", "/callback", 0),
        forget_sign_out(app),
    ]);
    // To the clean address at once: the code must not stay in the address bar.
    (cookies, Redirect::to(target.as_str())).into_response()
}

/// The code, or the provider's error as a refusal. Its texts come through the browser,
/// so they are shown (escaped) and never acted upon.
fn code_of(answer: Answer) -> Result<String, Refusal> {
    if let Some(error) = answer.error {
        let description = answer.error_description.unwrap_or_default();
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "provider_error",
            "The portal did not sign you in",
            format!("It answered: {error}. {description}"),
        ));
    }
    answer
        .code
        .ok_or_else(|| Refusal::bad_request("no_code", "The answer holds no code."))
}

fn take_login(app: &App, headers: &HeaderMap, state: &str) -> Option<Login> {
    let browser = cookie(headers, &app.cookie_name(&login_cookie(state)))?;
    app.logins.take_if(state, |login| login.browser == browser)
}

fn own_target(app: &App, target: &str) -> Result<Url, Refusal> {
    app.settings.public_url.own(target).ok_or_else(|| {
        Refusal::bad_request(
            "foreign_target",
            "The page to open lies outside this application.",
        )
    })
}

/// Headers on a redirect do not keep it out of a frame; browsers say where a request is bound.
fn is_framed(headers: &HeaderMap) -> bool {
    let destination = headers.get("sec-fetch-dest").map(|value| value.as_bytes());
    destination
        .is_some_and(|value| [&b"iframe"[..], b"frame", b"embed", b"object"].contains(&value))
}

fn session_over() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "no_session",
        "You are no longer signed in",
        "Nothing was saved. Sign in and send the form again.",
    )
    .with_link("Sign in", "/login")
}

fn session_id<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, &app.cookie_name("session"))
}

fn set_cookie(app: &App, purpose: &str, value: &str, path: &str, age: u32) -> (HeaderName, String) {
    let name = app.cookie_name(purpose);
    (
        header::SET_COOKIE,
        app.settings.public_url.cookie(&name, value, path, age),
    )
}

/// The cookie of one sign-in; part of its `state` distinguishes it from others.
fn login_cookie(state: &str) -> String {
    let name = state.chars().filter(char::is_ascii_alphanumeric).take(16);
    format!("login_{}", name.collect::<String>())
}

impl Initiation {
    /// The same request as a link, for trying again.
    fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("iss", &self.iss);
        if let Some(hint) = &self.login_hint {
            query.append_pair("login_hint", hint);
        }
        if let Some(target) = &self.target_link_uri {
            query.append_pair("target_link_uri", target);
        }
        format!("/login/initiate?{}", query.finish())
    }
}

fn login_path(target: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("to", target)
        .finish();
    format!("/login?{query}")
}

fn seconds(life: std::time::Duration) -> u32 {
    u32::try_from(life.as_secs()).unwrap_or(u32::MAX)
}
