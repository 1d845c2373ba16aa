//! "I forgot my password", and the pages behind the links that lead to a new one.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, Visit},
    page::{self, Site, html},
    view,
};
use crate::{
    app::App,
    directory::{Chosen, Shown},
    error::Result,
    id::AttemptId,
    model::{link::LinkKind, password::Weak},
};

#[derive(Deserialize)]
pub struct Given {
    /// The sign-in that is given up for this; its target is kept.
    attempt: Option<String>,
}

#[derive(Deserialize)]
pub struct Typed {
    who: String,
    attempt: Option<String>,
}

#[derive(Deserialize)]
pub struct NewPassword {
    password: Zeroizing<String>,
}

/// `GET /recover`.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(given): Query<Given>,
) -> Result<Response> {
    html(&form(&app, &visit, String::new(), given.attempt, None))
}

/// `POST /recover`: the same answer for everybody.
pub async fn ask(
    State(app): State<App>,
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let attempt = typed.attempt.as_deref().and_then(AttemptId::parse);
    let language = visit.language.tag();
    let asked = app
        .sign_ins
        .forgot(
            &app.directory,
            &visit.visitor,
            &typed.who,
            language,
            attempt,
        )
        .await?;
    match asked {
        Ok(()) => Ok(page::to("/recover/sent")),
        Err(wait) => {
            let page = form(&app, &visit, typed.who, typed.attempt, Some(wait));
            throttled(html(&page)?, wait)
        }
    }
}

fn form(
    app: &App,
    visit: &Visit,
    who: String,
    attempt: Option<String>,
    wait: Option<Duration>,
) -> view::Recover {
    view::Recover {
        frame: app.site.frame(visit),
        by_mail: app.directory.mails.is_set_up(),
        who,
        attempt: attempt.unwrap_or_default(),
        wait: wait.map(seconds),
    }
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs().max(1)
}

/// An answer to somebody who has to wait.
pub fn throttled(mut response: Response, wait: Duration) -> Result<Response> {
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let wait = HeaderValue::from(seconds(wait));
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    Ok(response)
}

/// `GET /recover/sent`.
pub async fn sent(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    html(&view::RecoverySent {
        frame: site.frame(&visit),
    })
}

/// `GET /recover/done`: on to the sign-in, the one that was given up if this browser still has it.
pub async fn done(
    State(app): State<App>,
    visit: Visit,
    Query(given): Query<Given>,
) -> Result<Response> {
    let attempt = given.attempt.as_deref().and_then(AttemptId::parse);
    let onward = match attempt {
        Some(id) => match app.sign_ins.attempt(&id, &visit.visitor).await {
            Ok(attempt) if attempt.consumed_at.is_none() => format!("/sign-in/{id}"),
            _ => "/sign-in".to_owned(),
        },
        None => "/sign-in".to_owned(),
    };
    html(&view::RecoveryDone {
        frame: app.site.frame(&visit),
        onward,
    })
}

pub async fn reset(app: State<App>, visit: Visit, link: Path<String>) -> Result<Response> {
    follow(app.0, visit, LinkKind::Reset, link.0).await
}

pub async fn invite(app: State<App>, visit: Visit, link: Path<String>) -> Result<Response> {
    follow(app.0, visit, LinkKind::Invite, link.0).await
}

pub async fn open_reset(app: State<App>, visit: Visit, link: Path<String>) -> Result<Response> {
    open(app.0, visit, LinkKind::Reset, link.0).await
}

pub async fn open_invite(app: State<App>, visit: Visit, link: Path<String>) -> Result<Response> {
    open(app.0, visit, LinkKind::Invite, link.0).await
}

pub async fn choose_reset(
    app: State<App>,
    visit: Visit,
    link: Path<String>,
    form: Form<NewPassword>,
) -> Result<Response> {
    choose(app.0, visit, LinkKind::Reset, link.0, form.0).await
}

pub async fn choose_invite(
    app: State<App>,
    visit: Visit,
    link: Path<String>,
    form: Form<NewPassword>,
) -> Result<Response> {
    choose(app.0, visit, LinkKind::Invite, link.0, form.0).await
}

/// A link's page. A mail scanner may fetch it as often as it likes.
async fn follow(app: App, visit: Visit, kind: LinkKind, link: String) -> Result<Response> {
    let shown = app.directory.follow(kind, &link, &visit.visitor).await?;
    match shown {
        Shown::Door => {
            let page = view::LinkDoor {
                frame: app.site.frame(&visit),
                invited: kind == LinkKind::Invite,
                action: format!("{}{link}/opening", kind.path()),
            };
            Ok(private(html(&page)?))
        }
        Shown::SecondFactor => Ok(private(html(&view::LinkShut {
            frame: app.site.frame(&visit),
        })?)),
        Shown::Password => password_page(&app, &visit, kind, &link, None),
    }
}

async fn open(app: App, visit: Visit, kind: LinkKind, link: String) -> Result<Response> {
    app.directory.open(kind, &link, &visit.visitor).await?;
    Ok(page::to(&format!("{}{link}", kind.path())))
}

async fn choose(
    app: App,
    visit: Visit,
    kind: LinkKind,
    link: String,
    form: NewPassword,
) -> Result<Response> {
    let language = visit.language.tag();
    let chosen = app
        .directory
        .choose(kind, &link, &visit.visitor, form.password, language)
        .await?;
    match chosen {
        Chosen::Done(None) => Ok(page::to("/recover/done")),
        Chosen::Done(Some(attempt)) => Ok(page::to(&format!("/recover/done?attempt={attempt}"))),
        Chosen::NotYet => Ok(page::to(&format!("{}{link}", kind.path()))),
        Chosen::Weak(weak) => {
            let mut response = password_page(&app, &visit, kind, &link, Some(weak))?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

fn password_page(
    app: &App,
    visit: &Visit,
    kind: LinkKind,
    link: &str,
    weak: Option<Weak>,
) -> Result<Response> {
    let page = view::LinkPassword {
        frame: app.site.frame(visit),
        action: format!("{}{link}/password", kind.path()),
        shortest: app.directory.rules.shortest,
        weak: weak.map(in_view),
    };
    Ok(private(html(&page)?))
}

/// The address of such a page is a secret: no other request says where it came from. (Not
/// `no-referrer`, which would make `Origin: null` of its forms.)
pub fn private(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
    response
}

pub fn in_view(weak: Weak) -> view::Weak {
    match weak {
        Weak::Short(shortest) => view::Weak::Short(shortest),
        Weak::Long => view::Weak::Long,
        Weak::Personal => view::Weak::Personal,
        Weak::Guessable => view::Weak::Guessable,
    }
}
