//! Where a user is signed in, and how they end it.

use axum::{extract::State, response::Response, routing::post};

use super::HistoryWords;
use crate::{
    app::App,
    error::{Error, Result},
    http::{
        extract::{Path, SignedInUser},
        page,
        route::{Access, Route},
        sign_out, view,
    },
    id::SessionId,
    model::{
        account::OwnSession,
        device::{Device, Shape},
        session::{Session, SignedIn},
    },
    sign_in::PASSKEY,
};

pub const ROUTES: &[Route] = &[
    Route::post(
        "/account/sessions/others/sign-out",
        Access::SignedIn,
        || post(end_others),
    ),
    Route::post(
        "/account/sessions/{session}/sign-out",
        Access::SignedIn,
        || post(end),
    ),
];

/// `POST /account/sessions/{session}/sign-out`. The present one ends like a sign-out: also at the
/// identity provider.
pub async fn end(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Path(session): Path<String>,
) -> Result<Response> {
    let id = SessionId::parse(&session).ok_or(Error::NotFound)?;
    if id == who.session.id {
        return sign_out::end_and_leave(&app, &visit).await;
    }
    let address = &visit.visitor.address;
    app.directory
        .account()
        .end_session(&who, &id, address)
        .await?;
    Ok(page::to("/account?done=session"))
}

/// `POST /account/sessions/others/sign-out`.
pub async fn end_others(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let address = &visit.visitor.address;
    app.directory
        .account()
        .end_other_sessions(&who, address)
        .await?;
    Ok(page::to("/account?done=sessions"))
}

pub(super) fn session_row(
    telling: &HistoryWords,
    who: &SignedIn,
    own: &OwnSession,
) -> view::SessionRow {
    let (session, texts) = (&own.session, telling.texts);
    let device = Device::of(&own.user_agent);
    let known = device.browser.is_some() || device.system.is_some();
    let by = match session.provider.as_str() {
        PASSKEY => texts.say("session-by-passkey").to_owned(),
        slug => texts.with("session-by", &[("provider", telling.provider(slug))]),
    };
    view::SessionRow {
        icon: icon(device.shape),
        device: telling.device(&own.user_agent),
        raw: (!known && !own.user_agent.is_empty())
            .then(|| own.user_agent.chars().take(120).collect()),
        present: session.id == who.session.id,
        place: telling.place(&own.address),
        since: telling.moment(session.created_at),
        by,
        strength: texts.say(strength(session)).to_owned(),
        seen: telling.moment(session.seen_at),
        action: format!("/account/sessions/{}/sign-out", session.id),
    }
}

pub(super) fn icon(shape: Shape) -> &'static str {
    match shape {
        Shape::Computer => "laptop",
        Shape::Phone | Shape::Tablet => "mobile",
        Shape::Unknown => "globe",
    }
}

/// The strength of the sign-in of a session.
fn strength(session: &Session) -> &'static str {
    match session.factor_at {
        Some(_) => "session-strong",
        None => "session-plain",
    }
}
