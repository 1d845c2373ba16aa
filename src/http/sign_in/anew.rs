//! Starting a sign-in, and restarting it. The address of a sign-in carries its destination, sealed:
//! an attempt that has expired, or that this browser does not know (an office program may follow a
//! link before it passes the last address to the browser), starts again with the same destination
//! and without any user's identity.

use axum::{
    http::{HeaderMap, Method, header, request::Parts},
    response::Response,
};

use super::ask;
use crate::{
    app::App,
    error::{Error, Result},
    http::{
        extract::{Visit, cookie, shown_page},
        next, page,
        view::SignInReason,
    },
    model::{
        assurance::Demand,
        attempt::{After, Attempt, AttemptPurpose, LocalPath, SignInDemand},
        next::{Next, SignInNeed},
        return_to::ReturnTo,
    },
    sign_in::Beginning,
};

/// The result of a restart.
pub enum Anew {
    /// To a new attempt.
    Attempt(Attempt),
    /// On at once, for a signed-in user.
    Gone(Response),
}

/// Sends a visitor to a new attempt.
pub async fn send_to(app: &App, visit: &Visit, beginning: Beginning) -> Result<Response> {
    Ok(page::to(&address(app, visit, beginning).await?))
}

/// The address of a new attempt, with the reason why the visitor is asked.
pub async fn address(app: &App, visit: &Visit, beginning: Beginning) -> Result<String> {
    let attempt = start(app, visit, beginning).await?;
    let ended = visit.had_session.then_some(SignInReason::SessionEnded);
    Ok(noted(&attempt, visit.notice.or(ended)))
}

fn noted(attempt: &Attempt, notice: Option<SignInReason>) -> String {
    match notice {
        Some(notice) => format!("{}?notice={}", attempt.path(), notice.as_str()),
        None => attempt.path(),
    }
}

/// Sends a signed-in user to give the required proof; an old proof is renewed by the second factor
/// if one is required, else by signing in again.
pub async fn send_to_confirm(
    app: &App,
    visit: &Visit,
    after: After,
    demand: Demand,
) -> Result<Response> {
    let user = visit.visitor.user_id().ok_or(Error::Unauthenticated)?;
    let beginning = Beginning {
        purpose: AttemptPurpose::Confirm(user.clone()),
        demand: SignInDemand {
            fresh: !demand.second_factor,
            second_factor: demand.second_factor,
        },
        ..Beginning::of(after)
    };
    send_to(app, visit, beginning).await
}

/// A new attempt, with its destination sealed.
async fn start(app: &App, visit: &Visit, beginning: Beginning) -> Result<Attempt> {
    let visitor = &visit.visitor;
    let to = match &beginning.after {
        // Linking belongs to a user, so it cannot be restarted.
        _ if matches!(beginning.purpose, AttemptPurpose::Link(_)) => None,
        After::Page(path) => ReturnTo::page(path),
        After::Launch(id) => {
            let asked = app.launches.original_ask(id, visitor).await?;
            asked.map(ReturnTo::Launch)
        }
        After::Request(id) => {
            let stored = app.issuer.return_to(id, visitor).await?;
            stored.map(ReturnTo::Request)
        }
    };
    let return_to = match to {
        Some(to) => app.sign_ins.attempts().seal_return(to)?,
        None => None,
    };
    let attempt = app.sign_ins.attempts().begin(visitor, beginning).await?;
    Ok(Attempt {
        return_to,
        ..attempt
    })
}

/// The address of a request that was answered with an expired attempt.
pub struct At {
    is_form: bool,
    path: String,
    /// The destination of a user who left for a provider, sealed.
    carried: Option<String>,
}

impl At {
    pub fn of(parts: &Parts, carried: &str) -> Self {
        Self {
            is_form: !matches!(parts.method, Method::GET | Method::HEAD),
            path: parts.uri.path().to_owned(),
            carried: cookie(&parts.headers, carried).map(str::to_owned),
        }
    }
}

/// The replacement for an attempt that this browser does not have; `None` for other addresses, and
/// for scripts, which cannot use a page.
pub async fn renew(app: &App, visit: &Visit, at: &At) -> Result<Option<Response>> {
    let Some(rest) = at.path.strip_prefix("/sign-in/") else {
        return back_late(app, visit, at).await;
    };
    let (segment, below) = rest.split_once('/').unwrap_or((rest, ""));
    if visit.fragment || below.ends_with("challenge") {
        return Ok(None);
    }
    if !visit.known && (at.is_form || !below.is_empty()) {
        // It was given a cookie with the previous page.
        let again = Some(format!("/sign-in/{segment}"));
        return Err(Error::CookiesBlocked { again });
    }
    let (_, sealed) = Attempt::read_segment(segment);
    renewed(app, visit, sealed).await.map(Some)
}

/// A return from a provider, in another browser or too late.
async fn back_late(app: &App, visit: &Visit, at: &At) -> Result<Option<Response>> {
    let is_way_back = at.path.starts_with("/upstream/");
    match (is_way_back && visit.known, &at.carried) {
        (true, Some(sealed)) => renewed(app, visit, Some(sealed)).await.map(Some),
        (false, _) if is_way_back => Err(Error::CookiesBlocked { again: None }),
        _ => Ok(None),
    }
}

async fn renewed(app: &App, visit: &Visit, sealed: Option<&str>) -> Result<Response> {
    let notice = visit.known.then_some(SignInReason::PageExpired);
    let visit = Visit {
        notice,
        ..visit.clone()
    };
    match anew(app, &visit, sealed).await? {
        Anew::Gone(response) => Ok(response),
        Anew::Attempt(attempt) if visit.known => Ok(page::to(&noted(&attempt, notice))),
        // Shown here, because a browser without cookies would be redirected endlessly.
        Anew::Attempt(attempt) => ask(app, &visit, &attempt, None).await,
    }
}

/// Restarts at the destination that an address carries, as if it were requested just now.
pub async fn anew(app: &App, visit: &Visit, sealed: Option<&str>) -> Result<Anew> {
    let to = sealed.and_then(|sealed| app.sign_ins.attempts().open_return(sealed));
    let portal = || ReturnTo::Page(LocalPath::portal().as_str().to_owned());
    match destination_need(app, visit, to.unwrap_or_else(portal)).await? {
        DestinationNeed::SignIn(beginning) => start(app, visit, beginning).await.map(Anew::Attempt),
        DestinationNeed::Gone(response) => Ok(Anew::Gone(response)),
    }
}

/// The destination that the page stands for which the user comes from, sealed: that of a sign-in,
/// or the page itself. `None` for the portal page, and for no page of ours.
pub fn sealed_shown_page(app: &App, headers: &HeaderMap) -> Result<Option<String>> {
    let shown = shown_page(&app.site, headers, header::REFERER.as_str());
    if let Some(rest) = shown.as_str().strip_prefix("/sign-in/") {
        let segment = rest.split(['/', '?']).next().unwrap_or_default();
        return Ok(Attempt::read_segment(segment).1.map(str::to_owned));
    }
    match ReturnTo::page(&shown) {
        Some(to) => app.sign_ins.attempts().seal_return(to),
        None => Ok(None),
    }
}

/// What a destination requires.
enum DestinationNeed {
    SignIn(Beginning),
    Gone(Response),
}

async fn destination_need(app: &App, visit: &Visit, to: ReturnTo) -> Result<DestinationNeed> {
    let visitor = &visit.visitor;
    let next = match to {
        ReturnTo::Launch(ask) => app.launches.open(ask, visitor).await?,
        ReturnTo::Request(stored) => app.issuer.ask_anew(stored, visitor).await?,
        ReturnTo::Page(path) => match (LocalPath::of(&path), &visitor.signed_in) {
            (path, Some(_)) => Next::Page(path),
            (path, None) => Next::SignIn(SignInNeed::of(After::Page(path))),
        },
    };
    match next {
        Next::SignIn(need) => Ok(DestinationNeed::SignIn(next::beginning(need))),
        next => next::answer(app, visit, next)
            .await
            .map(DestinationNeed::Gone),
    }
}
