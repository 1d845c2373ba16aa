//! The password of the user's own local account, and the mail address by which it is recovered.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, SignedInUser, Visit},
    flash,
    page::{self, Site, html},
    recovery::{private, weak_password},
    route::{Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    directory::Own,
    error::{Error, Result},
    model::link::LinkKind,
    sign_in::Changed,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/account/password", Access::SignedIn, || {
        get(show).post(change)
    }),
    Route::post("/account/mail", Access::SignedIn, || post(ask_verification)),
    Route::get("/mail/confirmed", Access::Anyone, || get(mail_verified)),
    Route::get_and_post("/mail/{link}", Access::Anyone, || {
        get(show_mail).post(verify_mail)
    }),
];

#[derive(Deserialize)]
pub struct ChangePasswordForm {
    current: Zeroizing<String>,
    password: Zeroizing<String>,
}

#[derive(Deserialize)]
pub struct ChangedQuery {
    #[serde(default)]
    done: String,
}

/// `GET /account/password`: for users with a local account.
pub async fn show(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Query(query): Query<ChangedQuery>,
) -> Result<Response> {
    let own = own(&app, &who.user.id).await?;
    if let Some(trouble) = flash::take::<view::ChangeTrouble>(&visit, PAGE).await? {
        let page = html(&form(&app, &visit, &own, None, Some(trouble)))?;
        return Ok(marked(page, trouble));
    }
    let done = match query.done.as_str() {
        "password" => Some(view::PasswordDone::Changed),
        "mail" => Some(view::PasswordDone::Sent),
        _ => None,
    };
    html(&form(&app, &visit, &own, done, None))
}

/// `POST /account/password`.
pub async fn change(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Form(typed): Form<ChangePasswordForm>,
) -> Result<Response> {
    let own = own(&app, &who.user.id).await?;
    let language = visit.language.tag();
    let passwords = (typed.current, typed.password);
    let changed = app
        .sign_ins
        .password_changes()
        .change(
            &app.directory,
            &own,
            &who,
            &visit.visitor,
            passwords,
            language,
        )
        .await?;
    let trouble = match changed {
        Changed::Done(token) => {
            let mut response = page::to("/account/password?done=password");
            sign_in::set_session_cookie(&mut response, &app, &token, &visit);
            return Ok(response);
        }
        Changed::Throttled(wait) => view::ChangeTrouble::Throttled(wait.as_secs().max(1)),
        Changed::Wrong => view::ChangeTrouble::Wrong,
        Changed::Same => view::ChangeTrouble::Same,
        Changed::Weak(weak) => view::ChangeTrouble::Weak(weak_password(weak)),
        Changed::Busy => view::ChangeTrouble::Busy,
    };
    flash::redirect(&app, &visit, PAGE, trouble).await
}

const PAGE: &str = "/account/password";

/// The page with the status that fits its message.
fn marked(page: Response, trouble: view::ChangeTrouble) -> Response {
    let (status, wait) = match trouble {
        view::ChangeTrouble::Throttled(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
        view::ChangeTrouble::Busy => (StatusCode::SERVICE_UNAVAILABLE, None),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, None),
    };
    flash::marked(page, status, wait)
}

async fn own(app: &App, user: &crate::id::UserId) -> Result<Own> {
    app.directory
        .local_accounts()
        .of_user(user)
        .await?
        .ok_or(Error::NotFound)
}

fn form(
    app: &App,
    visit: &Visit,
    own: &Own,
    done: Option<view::PasswordDone>,
    trouble: Option<view::ChangeTrouble>,
) -> view::OwnPassword {
    let mails = app.directory.mails.is_set_up();
    view::OwnPassword {
        frame: app.site.frame(visit),
        login: own.account.account.login.clone(),
        shortest: app.directory.rules.shortest,
        done,
        trouble,
        mail: own
            .mail()
            .filter(|_| mails)
            .map(|(mail, known)| (mail.to_owned(), known)),
    }
}

/// `POST /account/mail`: sends a link to the user's own address.
pub async fn ask_verification(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let own = own(&app, &who.user.id).await?;
    let asked = app
        .sign_ins
        .password_changes()
        .ask_verification(
            &app.directory,
            &own,
            &who,
            &visit.visitor,
            visit.language.tag(),
        )
        .await?;
    match asked {
        Ok(()) => Ok(page::to("/account/password?done=mail")),
        Err(wait) => {
            let trouble = view::ChangeTrouble::Throttled(wait.as_secs().max(1));
            flash::redirect(&app, &visit, PAGE, trouble).await
        }
    }
}

/// `GET /mail/{link}`: asks for confirmation, so that a scanner that follows the link confirms
/// nothing.
pub async fn show_mail(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response> {
    let mail = app.directory.local_accounts().address_of(&link).await?;
    let page = view::VerifyMail {
        frame: app.site.frame(&visit),
        action: format!("{}{link}", LinkKind::VerifyMail.path()),
        mail,
    };
    Ok(private(html(&page)?))
}

/// `POST /mail/{link}`.
pub async fn verify_mail(State(app): State<App>, Path(link): Path<String>) -> Result<Response> {
    app.directory.local_accounts().verify_mail(&link).await?;
    Ok(page::to("/mail/confirmed"))
}

/// `GET /mail/confirmed`.
pub async fn mail_verified(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    html(&view::MailVerified {
        frame: site.frame(&visit),
    })
}
