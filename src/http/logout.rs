//! Which applications were notified that a session has ended: for the browser, the user, and the
//! admin.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{
    admin::moment,
    extract::{Admin, Form, SignedInUser, Visit, cookie},
    layers::CookieNames,
    page::{self, Site, html},
    policy::Policy,
    route::{Access, Route},
    view,
};
use crate::{
    app::App,
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    id::{Artefact, Bearer, SessionId},
    model::{
        notice::{LogoutDelivery, NoticeOutcome},
        party::PartyKind,
        permission::Permission,
    },
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get("/signed-out", Access::Anyone, || get(signed_out)),
    Route::get("/signed-out/next", Access::Anyone, || get(next)),
    Route::get("/account/logouts", Access::SignedIn, || get(list_own)),
    Route::get_and_post(
        "/admin/logouts",
        Access::Can(Permission::ManageLogouts),
        || get(list).post(retry),
    ),
];

/// `GET /signed-out`.
pub async fn signed_out(
    State(app): State<App>,
    visit: Visit,
    headers: axum::http::HeaderMap,
) -> Result<Response> {
    if is_framed(&headers) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let (is_untold, notices) = parting(&app, &headers).await?;
    // A fragment could not load frames: those wait for a whole page.
    let frames = match visit.fragment {
        true => Vec::new(),
        false => app.issuer.logouts().ask_browser(&notices).await?,
    };
    let is_under_way = |notice: &LogoutDelivery| {
        notice.outcome == NoticeOutcome::Waiting && notice.last_error.is_none()
    };
    let now = app.parts.clock.now();
    let is_awaited = |notice: &LogoutDelivery| is_awaited(notice, now);
    // Notified by a frame of this page, or by a page that comes next.
    let is_being_asked = |notice: &LogoutDelivery| {
        notice.at.kind == PartyKind::SAML && notice.outcome == NoticeOutcome::Browser
    };
    let is_by_page = |notice: &LogoutDelivery| app.issuer.saml().is_notified_by_page(notice);
    let by_frame =
        |notice: &LogoutDelivery| notice.outcome == NoticeOutcome::Browser && !is_by_page(notice);
    let is_busy = is_untold
        || notices
            .iter()
            .any(|notice| is_under_way(notice) || is_awaited(notice));
    // Pages navigate the browser away: they come when nothing else is in progress in it.
    let next = !is_busy && frames.is_empty() && notices.iter().any(is_by_page);
    let snapshot = app.catalog.snapshot();
    let mut response = html(&view::SignedOut {
        parties: notices
            .iter()
            .map(|notice| {
                let is_going_on = is_awaited(notice) || is_being_asked(notice);
                party(visit.texts(), &snapshot, notice, is_going_on)
            })
            .collect(),
        frames: frames.iter().map(Url::to_string).collect(),
        more: is_busy || !frames.is_empty(),
        only_browser: visit.fragment && (next || notices.iter().any(by_frame)),
        next: next && !visit.fragment,
        onward: onward(&app, &headers),
        frame: app.site.frame(&visit),
    })?;
    Policy::page()
        .frame_src(&frames)
        .set(response.headers_mut());
    Ok(response)
}

/// The sign-in of a user who signed out to go on as another one.
fn onward(app: &App, headers: &axum::http::HeaderMap) -> Option<String> {
    let sealed = cookie(headers, CookieNames::of(&app.site).carried)?;
    let is_ours = app.sign_ins.attempts().open_return(sealed).is_some();
    is_ours.then(|| format!("/sign-in?to={sealed}"))
}

/// `GET /signed-out/next`: on to the next application that signs out on a page of its own. The
/// application sends the browser back to `/saml/slo`, which redirects to the list.
pub async fn next(
    State(app): State<App>,
    visit: Visit,
    headers: axum::http::HeaderMap,
) -> Result<Response> {
    let (_, notices) = parting(&app, &headers).await?;
    match app.issuer.saml().next_page(&notices).await? {
        Some(landing) => page::leave(&app.site, &visit, landing, ""),
        None => Ok(page::to("/signed-out")),
    }
}

/// What the browser that signed out may see: its notifications, and whether they are still to be
/// written.
async fn parting(
    app: &App,
    headers: &axum::http::HeaderMap,
) -> Result<(bool, Vec<LogoutDelivery>)> {
    let parting = cookie(headers, CookieNames::of(&app.site).parting)
        .and_then(|value| Bearer::parse(Artefact::Parting, value));
    match &parting {
        Some(parting) => app.issuer.logouts().parting(parting).await,
        None => Ok((false, Vec::new())),
    }
}

/// Whether it is loaded in a frame, as the response to a logout of ours comes back: it is not
/// visible, and frames of its own would not be loaded.
pub fn is_framed(headers: &axum::http::HeaderMap) -> bool {
    let place = headers.get("sec-fetch-dest");
    place.is_some_and(|place| matches!(place.as_bytes(), b"iframe" | b"frame"))
}

/// A service provider must answer in its frame within this time.
const AWAITED: Duration = Duration::from_secs(20);

fn is_awaited(notice: &LogoutDelivery, now: Time) -> bool {
    notice.at.kind == PartyKind::SAML
        && notice.outcome == NoticeOutcome::Asked
        && notice.settled_at.is_some_and(|asked| now < asked + AWAITED)
}

/// `GET /account/logouts`: the user's own, of the last days.
pub async fn list_own(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let notices = app.issuer.logouts().own(&who).await?;
    let snapshot = app.catalog.snapshot();
    let (texts, now) = (visit.texts(), app.parts.clock.now());
    let of_one = |a: &LogoutDelivery, b: &LogoutDelivery| a.at.session == b.at.session;
    let sessions = notices.chunk_by(of_one).map(|notices| view::EndedSession {
        at: view::Moment::of(texts, notices[0].created_at, now),
        parties: notices
            .iter()
            .map(|notice| party(texts, &snapshot, notice, false))
            .collect(),
    });
    html(&view::Logouts {
        sessions: sessions.collect(),
        frame: site.frame(&visit),
    })
}

/// `GET /admin/logouts`: failed notifications first.
pub async fn list(State(app): State<App>, admin: Admin) -> Result<Response> {
    let texts = admin.visit.texts();
    let snapshot = app.catalog.snapshot();
    let lines = app.issuer.logouts().latest().await?;
    let lines = lines.into_iter().map(|line| {
        let notice = line.notice;
        let title = title(&snapshot, &notice);
        let has_waited = notice.outcome == NoticeOutcome::Waiting && notice.last_error.is_some();
        view::AdminLogout {
            at: moment(notice.created_at),
            who: line.login,
            again: texts.with("admin-logouts-again-at", &[("party", &title)]),
            title,
            words: texts.say(for_admins(&notice)).to_owned(),
            error: notice.last_error.unwrap_or_default(),
            tries: notice.tries,
            // One that waits for its next try may be sent at once.
            has_failed: notice.outcome == NoticeOutcome::Failed || has_waited,
            session: notice.at.session.to_string(),
            kind: notice.at.kind.as_str().to_owned(),
            party: notice.at.party,
        }
    });
    html(&view::AdminLogouts {
        lines: lines.collect(),
        frame: app.site.frame(&admin.visit),
    })
}

/// The notification an admin wants to repeat.
#[derive(Deserialize)]
pub struct Again {
    session: String,
    kind: String,
    party: String,
}

/// `POST /admin/logouts`: tries a failed one from the start.
pub async fn retry(
    State(app): State<App>,
    admin: Admin,
    Form(again): Form<Again>,
) -> Result<Response> {
    let session = SessionId::parse(&again.session).ok_or(Error::NotFound)?;
    let found = app
        .issuer
        .logouts()
        .retry(
            &admin.who,
            &session,
            PartyKind::named(again.kind),
            &again.party,
        )
        .await?;
    if !found {
        return Err(Error::NotFound);
    }
    deliver_now(&app);
    Ok(page::to("/admin/logouts"))
}

/// Sends the notifications without making a request wait for them. The worker sends the rest.
pub fn deliver_now(app: &App) {
    let provider = app.issuer.clone();
    tokio::spawn(async move {
        if let Err(error) = provider.logouts().deliver_due().await {
            tracing::warn!(%error, "logout notifications were not sent; the worker tries again");
        }
    });
}

/// The status shown to an admin, in terms of delivery rather than of what the user can do.
fn for_admins(notice: &LogoutDelivery) -> &'static str {
    match notice.outcome {
        NoticeOutcome::Waiting if notice.last_error.is_none() => "notice-waiting",
        NoticeOutcome::Waiting => "notice-again",
        NoticeOutcome::Confirmed => "notice-confirmed",
        NoticeOutcome::Failed => "notice-failed",
        NoticeOutcome::Browser => "notice-browser",
        NoticeOutcome::Asked => "notice-asked",
        NoticeOutcome::Impossible => "notice-impossible",
    }
}

fn party(
    texts: &Texts,
    snapshot: &Snapshot,
    notice: &LogoutDelivery,
    is_going_on: bool,
) -> view::NotifiedApplication {
    let (key, icon) = match notice.outcome {
        _ if is_going_on => ("party-waiting", "clock"),
        NoticeOutcome::Waiting if notice.last_error.is_none() => ("party-waiting", "clock"),
        NoticeOutcome::Waiting => ("party-again", "clock"),
        NoticeOutcome::Confirmed => ("party-confirmed", "check"),
        NoticeOutcome::Failed => ("party-failed", "alert"),
        NoticeOutcome::Browser | NoticeOutcome::Asked => ("party-asked", "globe"),
        NoticeOutcome::Impossible => ("party-impossible", "alert"),
    };
    view::NotifiedApplication {
        title: title(snapshot, notice),
        words: texts.say(key).to_owned(),
        icon,
        outcome: notice.outcome.as_str(),
    }
}

/// The name of the application that is notified; its id if it has none any more.
fn title(snapshot: &Snapshot, notice: &LogoutDelivery) -> String {
    let party = notice.at.party.as_str();
    application_title(snapshot, party)
        .unwrap_or(party)
        .to_owned()
}

/// The name of an application, by the id that its protocol knows it by: that of the instance it is,
/// else the one it registered with.
pub fn application_title<'a>(snapshot: &'a Snapshot, id: &str) -> Option<&'a str> {
    let homes = snapshot.homes(id);
    let home = homes.first().map(|(_, instance)| instance.title.as_str());
    let entity = || {
        let (_, instance, _) = snapshot.service_provider(id)?;
        Some(instance.title.as_str())
    };
    let client = || snapshot.registered(id).map(|client| client.title.as_str());
    let service = || snapshot.service(id).map(|service| service.title.as_str());
    home.or_else(entity).or_else(client).or_else(service)
}
