//! Signing in and out.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, Visit},
    launch,
    layers::{CookieNames, set_cookie},
    oidc,
    page::{self, Site, html},
    view,
};
use crate::{
    app::App,
    error::{Error, Result},
    id::{AttemptId, Bearer},
    launch::Launches,
    model::{
        attempt::{After, Attempt, LocalPath},
        launch::Ask,
    },
    sign_in::{Answer, Credentials, OpenProvider, Outcome, SignIns, Trouble},
};

#[derive(Deserialize)]
pub struct Which {
    provider: Option<String>,
}

#[derive(Deserialize)]
pub struct Typed {
    provider: String,
    name: String,
    password: Zeroizing<String>,
}

/// What a sign-in leads to.
pub enum Onward {
    Gone(Response),
    /// The dispatcher wants a sign-in (again).
    SignIn,
}

/// `GET /sign-in`: a new attempt that leads to the portal page.
pub async fn begin(State(sign_ins): State<SignIns>, visit: Visit) -> Result<Response> {
    if visit.visitor.signed_in.is_some() {
        return Ok(page::to("/"));
    }
    send_to(&sign_ins, &visit, After::Page(LocalPath::portal()), None).await
}

/// Sends a visitor to a new attempt.
pub async fn send_to(
    sign_ins: &SignIns,
    visit: &Visit,
    after: After,
    hint: Option<String>,
) -> Result<Response> {
    let attempt = sign_ins.begin(&visit.visitor, after, hint).await?;
    Ok(page::to(&format!("/sign-in/{attempt}")))
}

/// `GET /sign-in/{attempt}`: the form; or onward at once for who signed in meanwhile (in another
/// tab); or, for who came back to a used attempt, the way on.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let attempt = find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return already(&app, &visit, &attempt).await;
    }
    if visit.visitor.signed_in.is_some()
        && let Onward::Gone(response) = go_on(&app, &visit, &attempt.after).await?
    {
        app.sign_ins.settle(&attempt).await?;
        return Ok(response);
    }
    let name = attempt.hint.clone().unwrap_or_default();
    form(
        &app,
        &visit,
        &attempt,
        which.provider.as_deref(),
        name,
        None,
    )
    .await
}

/// `POST /sign-in/{attempt}`: what was typed.
pub async fn submit(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let attempt = find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return already(&app, &visit, &attempt).await;
    }
    let name = typed.name.clone();
    let answer = Answer::Password(Credentials {
        name: typed.name,
        password: typed.password,
    });
    match app
        .sign_ins
        .submit(&attempt, &visit.visitor, &typed.provider, answer)
        .await?
    {
        Outcome::In { who, token, after } => {
            let visit = visit.signed_in(*who);
            // Signed in is signed in: the cookie is set whatever becomes of the target.
            let mut response = match go_on(&app, &visit, &after).await {
                Ok(Onward::Gone(response)) => response,
                Ok(Onward::SignIn) => page::to("/sign-in"),
                Err(error) => error.into_response(),
            };
            keep(&mut response, &app, &token);
            response.extensions_mut().insert(visit);
            Ok(response)
        }
        Outcome::Again(trouble) => {
            form(
                &app,
                &visit,
                &attempt,
                Some(&typed.provider),
                name,
                Some(&trouble),
            )
            .await
        }
    }
}

async fn find(sign_ins: &SignIns, visit: &Visit, attempt: &str) -> Result<Attempt> {
    let id = AttemptId::parse(attempt).ok_or(Error::NotFound)?;
    sign_ins.attempt(&id, &visit.visitor).await
}

fn keep(response: &mut Response, app: &App, token: &Bearer) {
    let age = i64::try_from(app.sign_ins.rules.absolute.as_secs()).ok();
    let name = CookieNames::of(&app.site).session;
    set_cookie(response, &app.site, name, token.as_str(), age);
}

/// Where an attempt leads, by a function call and no redirect of our own.
async fn go_on(app: &App, visit: &Visit, after: &After) -> Result<Onward> {
    match after {
        After::Page(path) => Ok(Onward::Gone(page::to(path.as_str()))),
        After::Launch(id) => {
            let next = app.launches.resume(id, &visit.visitor).await?;
            launch::onward(&app.site, visit, next)
        }
        After::Authorize(id) => {
            let reply = app.provider.resume(id, &visit.visitor).await?;
            oidc::onward(&app.site, visit, reply)
        }
    }
}

/// Somebody came back (the back button, a second click) to an attempt that is done.
async fn already(app: &App, visit: &Visit, attempt: &Attempt) -> Result<Response> {
    if visit.visitor.signed_in.is_none() {
        return Err(Error::AttemptExpired);
    }
    let asked = match &attempt.after {
        After::Launch(id) => app.launches.asked(id, &visit.visitor).await?,
        _ => None,
    };
    let again = asked.map(|ask| {
        let snapshot = app.catalog.snapshot();
        let service = snapshot
            .service(&ask.service)
            .map_or("", |service| service.title.as_str());
        let record = ask.record.as_ref().map(|(_, key)| key.as_str());
        view::Link {
            label: view::destination(visit.texts(), service, record),
            href: ask.path(),
        }
    });
    html(&view::AlreadySignedIn {
        frame: app.site.frame(visit),
        again,
    })
}

async fn form(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    wanted: Option<&str>,
    name: String,
    trouble: Option<&Trouble>,
) -> Result<Response> {
    let providers = app.sign_ins.providers()?;
    let chosen = providers
        .iter()
        .find(|one| Some(one.slug.as_str()) == wanted);
    let Some(chosen) = chosen.or(providers.first()) else {
        return Err(Error::Internal(
            "there is no identity provider: seed one".to_owned(),
        ));
    };
    let action = format!("/sign-in/{}", attempt.id);
    let others = providers.iter().filter(|one| one.slug != chosen.slug);
    let page = view::SignIn {
        others: others.map(|one| other_way(&action, one)).collect(),
        frame: app.site.frame(visit),
        action,
        provider: chosen.slug.clone(),
        provider_title: chosen.title.clone(),
        name,
        trouble: trouble.map(in_view),
        onward: onward_words(&app.launches, visit, attempt).await?,
    };
    let mut response = html(&page)?;
    *response.status_mut() = trouble.map_or(StatusCode::OK, status);
    if let Some(Trouble::Throttled(wait)) = trouble {
        response
            .headers_mut()
            .insert("retry-after", wait.as_secs().max(1).into());
    }
    Ok(response)
}

fn other_way(action: &str, provider: &OpenProvider) -> view::Link {
    view::Link {
        label: provider.title.clone(),
        href: format!("{action}?provider={}", provider.slug),
    }
}

/// The record somebody is headed for, as their own link spells it. Its service is not named before
/// we know that they may see it.
async fn onward_words(
    launches: &Launches,
    visit: &Visit,
    attempt: &Attempt,
) -> Result<Option<String>> {
    let After::Launch(id) = &attempt.after else {
        return Ok(None);
    };
    let plain = |key: &str| {
        (1..=40).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let record = launches
        .asked(id, &visit.visitor)
        .await?
        .and_then(|ask: Ask| ask.record);
    Ok(record.map(|(_, key)| key).filter(|key| plain(key)))
}

fn in_view(trouble: &Trouble) -> view::Trouble {
    match trouble {
        Trouble::Wrong => view::Trouble::Wrong,
        Trouble::Throttled(wait) => view::Trouble::Throttled {
            seconds: wait.as_secs().max(1),
        },
        Trouble::Refused("disabled") => view::Trouble::Disabled,
        Trouble::Refused("expired") => view::Trouble::Expired,
        Trouble::Refused(_) => view::Trouble::Refused,
        Trouble::Down(_) => view::Trouble::Down,
        Trouble::Busy => view::Trouble::Busy,
    }
}

fn status(trouble: &Trouble) -> StatusCode {
    match trouble {
        Trouble::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        Trouble::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        Trouble::Refused(_) => StatusCode::FORBIDDEN,
        Trouble::Down(_) => StatusCode::BAD_GATEWAY,
        Trouble::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `GET /sign-out`: asks.
pub async fn ask_out(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    if visit.visitor.signed_in.is_none() {
        return Ok(page::to("/signed-out"));
    }
    html(&view::SignOut {
        frame: site.frame(&visit),
        action: "/sign-out".to_owned(),
    })
}

/// `POST /sign-out`: does.
pub async fn out(State(app): State<App>, visit: Visit) -> Result<Response> {
    let mut response = page::to("/signed-out");
    end(&app, &visit, &mut response).await?;
    Ok(response)
}

/// Ends the visitor's session, if there is one, and takes the cookie away.
pub async fn end(app: &App, visit: &Visit, response: &mut Response) -> Result<()> {
    if let Some(who) = &visit.visitor.signed_in {
        app.sign_ins.sign_out(who).await?;
    }
    set_cookie(
        response,
        &app.site,
        CookieNames::of(&app.site).session,
        "",
        Some(0),
    );
    Ok(())
}

/// `GET /signed-out`.
pub async fn signed_out(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    html(&view::SignedOut {
        frame: site.frame(&visit),
    })
}
