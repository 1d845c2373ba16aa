//! Arriving from the portal: a code is posted, redeemed, and becomes a session.
//!
//! Two steps, because of a cookie rule. The portal's form post is cross-site, so the browser sends
//! no `SameSite=Lax` cookies and the desk cannot see which user is signed in here. It therefore
//! keeps the verified arrival for a moment and redirects to itself: that GET has the cookies, and
//! the desk can see whether the user changes.

use std::sync::Arc;

use axum::extract::{Form, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

use crate::demo::arrival::{Arrivals, Launch};
use crate::demo::logout::Message;
use crate::demo::provider::{Trouble, User, Vouched};
use crate::demo::refusal::Refusal;
use crate::demo::site::{came_from, cookie};
use crate::demo::store::random;
use crate::page::{self, Page};
use crate::{App, SESSION_LIFE, WAITING_LIFE, case, redemption};

const SESSION: &str = "desk_session";
const WAITING: &str = "desk_arrival";

/// No code of the portal's is longer.
const CODE_LIMIT: usize = 512;

/// A signed-in user at the desk.
#[derive(Clone)]
pub struct Session {
    pub person: User,
    pub arrivals: Arrivals,
    /// The session at the portal that this one came from, and ends with.
    sid: Option<String>,
}

/// A verified arrival that has no session yet.
#[derive(Clone)]
pub struct Waiting {
    /// The value of the cookie that ties this arrival to one browser.
    browser: String,
    person: User,
    launch: Launch,
    target: Url,
    sid: Option<String>,
}

/// The portal's form.
#[derive(Deserialize)]
pub struct Handoff {
    #[serde(default)]
    code: String,
    #[serde(default)]
    iss: String,
}

/// `POST /handoff`: the portal's form arrives.
pub async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(handoff): Form<Handoff>,
) -> Result<Response, Refusal> {
    if !came_from(&headers, &app.provider.origin()) {
        return Err(Refusal::forbidden(
            "foreign_origin",
            "This hand-off does not come from the portal.",
        )
        .with_link("Open the portal", portal_address(&app, None, None)));
    }
    if handoff.iss != app.provider.issuer.as_str() {
        return Err(Refusal::bad_request(
            "foreign_issuer",
            "This hand-off was made by an issuer the desk does not trust.",
        ));
    }
    let code = Some(handoff.code).filter(|code| (1..=CODE_LIMIT).contains(&code.len()));
    let code =
        code.ok_or_else(|| Refusal::bad_request("no_code", "This hand-off holds no code."))?;
    let vouched = redemption::redeem(&app.provider, &code)
        .await
        .map_err(|error| refused(&app, error))?;
    let waiting = waiting(&app, vouched)?;
    let cookie = waiting.browser.clone();
    let path = format!("/arrivals/{}", app.waiting.keep(waiting));
    let cookie = set_cookie(&app, WAITING, &cookie, &path, WAITING_LIFE.as_secs());
    let address = app.settings.public_url.address(&path);
    Ok((AppendHeaders([cookie]), Redirect::to(&address)).into_response())
}

/// `GET /arrivals/{id}`: in at once, or a question first if another user is signed in.
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let waiting = look(&app, &id, &headers).ok_or_else(|| too_late(&app))?;
    match find_session(&app, &headers) {
        Some(present) if present.person.sub != waiting.person.sub => {
            let body = page::Change {
                id: &id,
                present: &present.person,
                next: &waiting.person,
            };
            Ok(Html(Page::new(&app, "Continue as someone else?", body).draw()).into_response())
        }
        _ => admit(&app, &headers, &id),
    }
}

/// `POST /arrivals/{id}`: yes, continue as the other user.
pub async fn accept(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if !app.settings.public_url.sent(&headers) {
        return Err(Refusal::foreign_post());
    }
    admit(&app, &headers, &id)
}

/// `POST /logout`: out of the desk. The portal's session is the portal's to end.
pub async fn delete(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refusal> {
    if !app.settings.public_url.sent(&headers) {
        return Err(Refusal::foreign_post());
    }
    if let Some(id) = cookie(&headers, SESSION) {
        app.sessions.take(id);
    }
    let body = page::SignedOut {
        portal: app.provider.issuer.as_str(),
    };
    let page = Html(Page::new(&app, "Signed out", body).draw());
    Ok((AppendHeaders([set_cookie(&app, SESSION, "", "/", 0)]), page).into_response())
}

/// `POST /backchannel-logout`: the portal's server reports that a session there has ended. The
/// request has no cookie and no origin; only the token is checked.
pub async fn end(
    State(app): State<Arc<App>>,
    Form(message): Form<Message>,
) -> Result<StatusCode, Refusal> {
    let ended = message.verified(&app.provider, &app.logout_tokens).await?;
    let over = |session: &Session| ended.means(&session.person.sub, session.sid.as_deref());
    let waits = |waiting: &Waiting| ended.means(&waiting.person.sub, waiting.sid.as_deref());
    let count = app.sessions.drop_all(over) + app.waiting.drop_all(waits);
    tracing::info!(count, "the portal ended sessions");
    // Whether there was one or not (section 2.7): it has ended.
    Ok(StatusCode::OK)
}

/// A user with a session. A user without one is referred to the portal.
impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        find_session(app, &parts.headers).ok_or_else(|| no_session(app, &parts.uri))
    }
}

fn find_session(app: &App, headers: &HeaderMap) -> Option<Session> {
    app.sessions.look(cookie(headers, SESSION)?, Session::clone)
}

/// The arrival, if this browser brought it.
fn look(app: &App, id: &str, headers: &HeaderMap) -> Option<Waiting> {
    let browser = cookie(headers, WAITING)?;
    app.waiting
        .look(id, Waiting::clone)
        .filter(|waiting| waiting.browser == browser)
}

/// What the id_token vouches for, if it names a launch that lands inside the desk.
fn waiting(app: &App, vouched: Vouched) -> Result<Waiting, Refusal> {
    let launch = vouched
        .launch
        .ok_or_else(|| Trouble::Unverified("the id_token names no launch".to_owned()))?;
    let target = app
        .settings
        .public_url
        .own(&launch.target_link_uri)
        .ok_or_else(|| {
            Refusal::bad_request("foreign_target", "The page to open lies outside the desk.")
        })?;
    Ok(Waiting {
        browser: random(),
        person: vouched.person,
        launch,
        target,
        sid: vouched.sid,
    })
}

/// Gives the user a new session under a new id. The previous one ends, whichever user it belonged
/// to; only the same user keeps the data of their other tabs.
fn admit(app: &App, headers: &HeaderMap, id: &str) -> Result<Response, Refusal> {
    let browser = cookie(headers, WAITING).unwrap_or_default();
    let arrived = app
        .waiting
        .take_if(id, |waiting| waiting.browser == browser)
        .ok_or_else(|| too_late(app))?;
    let before = cookie(headers, SESSION).and_then(|id| app.sessions.take(id));
    let mut arrivals = before
        .filter(|session| session.person.sub == arrived.person.sub)
        .map(|session| session.arrivals)
        .unwrap_or_default();
    arrivals.add(arrived.target.path(), Some(arrived.launch));
    let session = app.sessions.keep(Session {
        person: arrived.person,
        arrivals,
        sid: arrived.sid,
    });
    let cookies = AppendHeaders([
        set_cookie(app, SESSION, &session, "/", SESSION_LIFE.as_secs()),
        set_cookie(app, WAITING, "", &format!("/arrivals/{id}"), 0),
    ]);
    Ok((cookies, Redirect::to(arrived.target.as_str())).into_response())
}

/// A refused code is reported without a reason, as the portal sends none.
fn refused(app: &App, trouble: Trouble) -> Refusal {
    match trouble {
        Trouble::Refused(error) if error == "invalid_grant" => too_late(app),
        other => Refusal::from(other).with_link("Open the portal", portal_address(app, None, None)),
    }
}

fn too_late(app: &App) -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "code_refused",
        "This one-time code was used or is too old",
        "Open the record again from the portal. Nobody was signed in.",
    )
    .with_link("Open the portal", portal_address(app, None, None))
}

fn no_session(app: &App, page: &Uri) -> Refusal {
    let record = case::record_at(page.path());
    let address = portal_address(
        app,
        record.map(|(kind, key, _)| (kind, key)),
        record.and_then(|(_, _, intent)| intent),
    );
    Refusal::new(
        StatusCode::FORBIDDEN,
        "no_session",
        "Open this from the portal",
        "The desk has no sign-in of its own. The portal knows who you are and brings you here.",
    )
    .with_link("Open through the portal", address)
}

/// The portal's link to this desk, or to one of its records. Each part is encoded.
fn portal_address(app: &App, record: Option<(&str, &str)>, intent: Option<&str>) -> String {
    let mut address = app.provider.issuer.url().clone();
    if let Ok(mut path) = address.path_segments_mut() {
        path.pop_if_empty().extend(["go", &app.service]);
        if let Some((kind, key)) = record {
            path.extend([kind, key]);
        }
    }
    if let Some(intent) = intent {
        address.query_pairs_mut().append_pair("intent", intent);
    }
    address.into()
}

fn set_cookie(
    app: &App,
    name: &str,
    value: &str,
    path: &str,
    seconds: u64,
) -> (HeaderName, String) {
    let age = u32::try_from(seconds).unwrap_or(u32::MAX);
    (
        header::SET_COOKIE,
        app.settings.public_url.cookie(name, value, path, age),
    )
}
