//! The first admin's page. It exists for the holder of the link that was printed at the start,
//! until there is an admin.

use axum::{extract::State, http::StatusCode, response::Response, routing::get};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Visit},
    flash,
    page::html,
    recovery::{private, weak_password},
    route::{Access, Route},
    view,
};
use crate::{
    app::App,
    directory::{FirstAdminFault, FirstAdminOutcome, NewAdminForm},
    error::Result,
    model::{
        attempt::{After, LocalPath},
        link::LinkKind,
    },
    sign_in::Beginning,
    upstream::{Credentials, ProviderResponse},
};

pub const ROUTES: &[Route] = &[Route::get_and_post(
    "/welcome/{link}",
    Access::Anyone,
    || get(show).post(create),
)];

#[derive(Deserialize)]
pub struct FirstAdminForm {
    login: String,
    name: String,
    mail: String,
    password: Zeroizing<String>,
}

/// `GET /welcome/{link}`.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response> {
    app.directory.admins().awaits_first(&link).await?;
    let here = format!("{}{link}", LinkKind::FirstAdmin.path());
    if let Some(result) = flash::take::<FirstAdminFlash>(&visit, &here).await? {
        let newcomer = NewAdminForm {
            login: result.login,
            name: result.name,
            mail: result.mail,
        };
        let page = form(&app, &visit, &link, newcomer, Some(result.fault))?;
        return Ok(flash::marked(page, StatusCode::UNPROCESSABLE_ENTITY, None));
    }
    let empty = NewAdminForm {
        login: String::new(),
        name: String::new(),
        mail: String::new(),
    };
    form(&app, &visit, &link, empty, None)
}

/// `POST /welcome/{link}`: creates the first admin and signs them in with what they typed, as the
/// sign-in page would: a second factor is set up on the way, and then the admin's page is shown.
pub async fn create(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
    Form(typed): Form<FirstAdminForm>,
) -> Result<Response> {
    let newcomer = NewAdminForm {
        login: typed.login,
        name: typed.name,
        mail: typed.mail,
    };
    let welcomed = app
        .directory
        .admins()
        .welcome(
            &link,
            newcomer.clone(),
            typed.password.clone(),
            visit.language,
        )
        .await?;
    match welcomed {
        FirstAdminOutcome::Made { provider, login } => {
            app.catalog.refresh().await?;
            app.forget_first_admin_link();
            sign_in(&app, &visit, &provider, login, typed.password).await
        }
        FirstAdminOutcome::Not(fault) => {
            let result = FirstAdminFlash {
                login: flash::short(&newcomer.login),
                name: flash::short(&newcomer.name),
                mail: flash::short(&newcomer.mail),
                fault: fault_in_view(fault),
            };
            let here = format!("{}{link}", LinkKind::FirstAdmin.path());
            flash::redirect(&app, &visit, &here, result).await
        }
    }
}

async fn sign_in(
    app: &App,
    visit: &Visit,
    provider: &str,
    login: String,
    password: Zeroizing<String>,
) -> Result<Response> {
    let beginning = Beginning::of(After::Page(LocalPath::of("/admin")));
    let attempt = app
        .sign_ins
        .attempts()
        .begin(&visit.visitor, beginning)
        .await?;
    let answer = ProviderResponse::Password(Credentials {
        name: login.clone(),
        password,
    });
    let outcome = app
        .sign_ins
        .submit(&attempt, &visit.visitor, provider, answer)
        .await?;
    super::sign_in::finish(app, visit, &attempt, outcome, provider, login).await
}

fn form(
    app: &App,
    visit: &Visit,
    link: &str,
    newcomer: NewAdminForm,
    fault: Option<view::FirstAdminFormFault>,
) -> Result<Response> {
    let page = view::Welcome {
        frame: app.site.frame(visit),
        action: format!("{}{link}", LinkKind::FirstAdmin.path()),
        login: newcomer.login,
        name: newcomer.name,
        mail: newcomer.mail,
        shortest: app.directory.rules.shortest,
        fault,
    };
    Ok(private(html(&page)?))
}

/// The typed values, and what is wrong with them.
#[derive(Serialize, Deserialize)]
struct FirstAdminFlash {
    login: String,
    name: String,
    mail: String,
    fault: view::FirstAdminFormFault,
}

fn fault_in_view(fault: FirstAdminFault) -> view::FirstAdminFormFault {
    match fault {
        FirstAdminFault::Login => view::FirstAdminFormFault::Login,
        FirstAdminFault::Taken => view::FirstAdminFormFault::Taken,
        FirstAdminFault::Name => view::FirstAdminFormFault::Name,
        FirstAdminFault::Mail => view::FirstAdminFormFault::Mail,
        FirstAdminFault::Password(weak) => view::FirstAdminFormFault::Password(weak_password(weak)),
    }
}
