//! Home realm discovery: one field, then the right provider. The typed text is not kept; the
//! browser remembers the provider, nothing else.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::{
    extract::{Form, Path, Visit, cookie},
    flash,
    layers::{CookieNames, set_cookie},
    page::{self, Site, html},
    route::{Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    error::Result,
    model::attempt::{Attempt, AttemptPurpose},
    sign_in::Realm,
    upstream::ProviderForm,
};

pub const ROUTES: &[Route] = &[Route::get_and_post(
    "/sign-in/{attempt}/who",
    Access::Anyone,
    || get(show).post(find),
)];

const YEAR: i64 = 365 * 24 * 3600;
/// No name is longer.
const NAME_CHARS: usize = 256;

#[derive(Deserialize)]
pub struct RealmForm {
    who: String,
    remember: Option<String>,
}

/// `GET /sign-in/{attempt}/who`: "not you? choose another way". The remembered provider is deleted.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    Path(attempt): Path<String>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return Ok(page::to(&attempt.path()));
    }
    let shown: Option<RealmFlash> = flash::take(&visit, &path(&attempt)).await?;
    let mut response = match shown {
        Some(shown) => ask(&app, &visit, &attempt, &shown.who, true)?,
        None => ask(&app, &visit, &attempt, "", false)?,
    };
    if remembered(&app.site, &headers).is_some() {
        let name = CookieNames::of(&app.site).provider;
        set_cookie(&mut response, &app.site, name, "", Some(0));
    }
    Ok(response)
}

/// `POST /sign-in/{attempt}/who`: on to the provider. The answer depends on the domain alone, never
/// on whether the user has an account (THREATS: user enumeration).
pub async fn find(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Form(typed): Form<RealmForm>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return Ok(page::to(&attempt.path()));
    }
    let who = typed.who.trim();
    let odd = who.is_empty() || who.chars().count() > NAME_CHARS || who.contains(char::is_control);
    if odd {
        return lost(&app, &visit, &attempt, "").await;
    }
    let attempt = Attempt {
        hint: Some(who.to_owned()),
        ..sign_in::remembering(&app, attempt, typed.remember.is_some())
    };
    match app.sign_ins.realms().of_name(who, &visit.visitor)? {
        Realm::Provider(slug) => sign_in::go_to(&app, &visit, &attempt, &slug).await,
        Realm::Ask => lost(&app, &visit, &attempt, who).await,
    }
}

fn path(attempt: &Attempt) -> String {
    format!("{}/who", attempt.path())
}

/// The typed text, if it leads to no provider.
#[derive(Serialize, Deserialize)]
struct RealmFlash {
    who: String,
}

async fn lost(app: &App, visit: &Visit, attempt: &Attempt, who: &str) -> Result<Response> {
    let shown = RealmFlash {
        who: flash::short(who),
    };
    flash::redirect(app, visit, &path(attempt), shown).await
}

/// The page itself.
pub fn ask(app: &App, visit: &Visit, attempt: &Attempt, who: &str, lost: bool) -> Result<Response> {
    let action = attempt.path();
    let providers = app.sign_ins.providers().list()?;
    let listed = providers
        .iter()
        .filter(|one| app.sign_ins.realms().is_listed(&one.slug));
    let mut response = html(&view::WhoAreYou {
        frame: app.site.frame(visit),
        action: format!("{action}/who"),
        who: who.to_owned(),
        lost,
        notice: visit.notice.filter(|_| !lost),
        remember: sign_in::offers_to_remember(app).then_some(attempt.remember),
        choices: listed
            .map(|one| view::LabelledLink {
                label: one.title.clone(),
                href: match one.asks() {
                    ProviderForm::Away => format!("{action}/to/{}", one.slug),
                    ProviderForm::Password => format!("{action}?provider={}", one.slug),
                },
            })
            .collect(),
    })?;
    if lost {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The provider this browser signed in with before.
pub fn remembered<'a>(site: &Site, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, CookieNames::of(site).provider)
}

/// Remembers the provider the user signed in by, where there is a choice.
pub fn remember(response: &mut Response, app: &App, attempt: &Attempt, provider: &str) {
    let signs_in = attempt.purpose == AttemptPurpose::SignIn;
    if signs_in
        && app.sign_ins.realms().are_distinguished()
        && app.sign_ins.realms().is_known(provider)
    {
        let name = CookieNames::of(&app.site).provider;
        set_cookie(response, &app.site, name, provider, Some(YEAR));
    }
}
