//! Changing the password during a sign-in, for providers that support it.

use axum::{extract::State, response::Response, routing::get};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, Visit},
    flash,
    page::html,
    route::{Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    model::attempt::Attempt,
    sign_in::{PasswordChangeOutcome, SignInOutcome, SignInTrouble},
    upstream::{Credentials, PASSWORD_FIXED, PASSWORD_TOO_YOUNG, WEAK_PASSWORD},
};

pub const ROUTES: &[Route] = &[Route::get_and_post(
    "/sign-in/{attempt}/password",
    Access::Anyone,
    || get(edit).post(update),
)];

#[derive(Deserialize)]
pub struct PasswordQuery {
    provider: String,
}

#[derive(Deserialize)]
pub struct NewPasswordForm {
    provider: String,
    name: String,
    password: Zeroizing<String>,
    new: Zeroizing<String>,
    again: Zeroizing<String>,
    remember: Option<String>,
}

/// `GET /sign-in/{attempt}/password`: the form.
pub async fn edit(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Query(which): Query<PasswordQuery>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return sign_in::already(&app, &visit, &attempt).await;
    }
    if let Some(result) = flash::take::<NewPasswordFlash>(&visit, &path(&attempt)).await? {
        let attempt = sign_in::remembering(&app, attempt, result.remember);
        let (name, trouble) = (result.name, Some(result.trouble));
        return form(&app, &visit, &attempt, &which.provider, name, trouble);
    }
    let name = attempt.hint.clone().unwrap_or_default();
    form(&app, &visit, &attempt, &which.provider, name, None)
}

fn path(attempt: &Attempt) -> String {
    format!("{}/password", attempt.path())
}

/// The result of a try, for the form that shows it.
#[derive(Serialize, Deserialize)]
struct NewPasswordFlash {
    name: String,
    remember: bool,
    trouble: view::PasswordTrouble,
}

async fn show_trouble(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    provider: &str,
    name: String,
    trouble: view::PasswordTrouble,
) -> Result<Response> {
    let result = NewPasswordFlash {
        name: flash::short(&name),
        remember: attempt.remember,
        trouble,
    };
    let slug: String = url::form_urlencoded::byte_serialize(provider.as_bytes()).collect();
    let address = format!("{}?provider={slug}", path(attempt));
    flash::redirect(app, visit, &address, result).await
}

/// `POST /sign-in/{attempt}/password`: the old one and the new one.
pub async fn update(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Form(typed): Form<NewPasswordForm>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return sign_in::already(&app, &visit, &attempt).await;
    }
    let attempt = sign_in::remembering(&app, attempt, typed.remember.is_some());
    let (provider, name) = (typed.provider.clone(), typed.name.clone());
    if let Some(slip) = invalid_input(&typed) {
        return show_trouble(&app, &visit, &attempt, &provider, name, slip).await;
    }
    let old = Credentials {
        name: typed.name,
        password: typed.password,
    };
    let change = app.sign_ins.password_changes().replace(
        &attempt,
        &visit.visitor,
        &provider,
        old,
        typed.new,
    );
    match change.await? {
        PasswordChangeOutcome::Refused(SignInOutcome::Again(trouble)) => {
            again(&app, &visit, &attempt, &provider, name, &trouble).await
        }
        PasswordChangeOutcome::Made(outcome) | PasswordChangeOutcome::Refused(outcome) => {
            sign_in::finish(&app, &visit, &attempt, outcome, &provider, name).await
        }
    }
}

/// Mistakes that can be found without asking the provider.
fn invalid_input(typed: &NewPasswordForm) -> Option<view::PasswordTrouble> {
    if typed.new != typed.again {
        Some(view::PasswordTrouble::Differ)
    } else if typed.new == typed.password {
        Some(view::PasswordTrouble::Same)
    } else if typed.new.is_empty() {
        Some(view::PasswordTrouble::Weak)
    } else {
        None
    }
}

/// The form again, or for a user whose password must be changed.
pub async fn again(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    provider: &str,
    name: String,
    trouble: &SignInTrouble,
) -> Result<Response> {
    show_trouble(
        app,
        visit,
        attempt,
        provider,
        name,
        password_trouble(trouble),
    )
    .await
}

fn password_trouble(trouble: &SignInTrouble) -> view::PasswordTrouble {
    match trouble {
        SignInTrouble::Expired => view::PasswordTrouble::Due,
        SignInTrouble::Wrong => view::PasswordTrouble::Wrong,
        SignInTrouble::Refused(WEAK_PASSWORD) => view::PasswordTrouble::Weak,
        SignInTrouble::Refused(PASSWORD_TOO_YOUNG) => view::PasswordTrouble::TooYoung,
        SignInTrouble::Refused(PASSWORD_FIXED) => view::PasswordTrouble::Fixed,
        other => view::PasswordTrouble::Other(sign_in::sign_in_notice(other)),
    }
}

fn form(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    provider: &str,
    name: String,
    trouble: Option<view::PasswordTrouble>,
) -> Result<Response> {
    let providers = app.sign_ins.providers().list()?;
    let provider = providers
        .iter()
        .find(|one| one.slug == provider && one.changes_passwords())
        .ok_or(Error::NotFound)?;
    let back = format!("{}?provider={}", attempt.path(), provider.slug);
    let response = html(&view::NewPasswordPage {
        frame: app.site.frame(visit),
        action: format!("{}/password", attempt.path()),
        back,
        provider: provider.slug.clone(),
        provider_title: provider.title.clone(),
        name,
        remember: attempt.remember,
        trouble,
    })?;
    Ok(match trouble {
        None => response,
        Some(view::PasswordTrouble::Due) => sign_in::mark(response, view::SignInNotice::Expired),
        Some(view::PasswordTrouble::Other(trouble)) => sign_in::mark(response, trouble),
        Some(_) => sign_in::mark(response, view::SignInNotice::Wrong),
    })
}
