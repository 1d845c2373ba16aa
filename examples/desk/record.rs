//! The desk's own work: listing, showing and editing cases. Every handler takes a
//! [`Session`]; there is no way to a case without one.

use std::fmt::Display;
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::App;
use crate::arrival::Session;
use crate::case::{Case, Editable, Status};
use crate::demo::receipt::{confirm, turn_back};
use crate::demo::refusal::Refusal;
use crate::page::{self, Page};

/// `GET /`
pub async fn list(State(app): State<Arc<App>>, session: Session) -> Html<String> {
    let panel = session.arrivals.panel("/", None);
    let body = page::List {
        cases: &app.cases.all(),
        customer: None,
        panel,
    };
    draw(&app, &session, "Cases", body)
}

/// `GET /customers/{key}`: the cases of one customer.
pub async fn customer(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    uri: Uri,
) -> Result<Html<String>, Refusal> {
    let cases = app.cases.of_customer(&key);
    let name = cases
        .first()
        .map(|case| case.customer_name)
        .ok_or_else(Refusal::no_such_record)?;
    confirm(&app.provider, session.arrivals.unreported(uri.path()));
    let panel = session.arrivals.panel(uri.path(), Some(&key));
    let body = page::List {
        cases: &cases,
        customer: Some(&key),
        panel,
    };
    Ok(draw(&app, &session, &format!("Cases of {name}"), body))
}

/// `GET /cases/{key}`
pub async fn show(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let launch = session.arrivals.unreported(uri.path());
    let case = match find(&app, &key) {
        Ok(case) => case,
        Err(refusal) => return turn_back(&app.provider, launch).ok_or(refusal),
    };
    confirm(&app.provider, launch);
    let panel = session.arrivals.panel(uri.path(), Some(&key));
    let page = page::Record { case: &case, panel };
    Ok(draw(&app, &session, case.subject, page).into_response())
}

/// `GET /cases/{key}/edit`
pub async fn edit(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    uri: Uri,
) -> Result<Html<String>, Refusal> {
    let case = editable(&app, &key)?;
    confirm(&app.provider, session.arrivals.unreported(uri.path()));
    let panel = session.arrivals.panel(uri.path(), Some(&key));
    Ok(draw(
        &app,
        &session,
        case.subject,
        page::Edit {
            case: &case,
            panel,
            trouble: None,
        },
    ))
}

/// `POST /cases/{key}/edit`
pub async fn update(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<Editable>,
) -> Result<Response, Refusal> {
    if !app.settings.public_url.sent(&headers) {
        return Err(Refusal::foreign_post());
    }
    let case = editable(&app, &key)?;
    if let Some(trouble) = form.trouble() {
        let panel = session.arrivals.panel(uri.path(), Some(&key));
        let typed = Case {
            editable: form,
            ..case
        };
        let body = page::Edit {
            case: &typed,
            panel,
            trouble: Some(trouble),
        };
        let page = draw(&app, &session, typed.subject, body);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    app.cases.update(&key, form);
    Ok(Redirect::to(&format!("/cases/{}", case.key)).into_response())
}

fn draw<B: Display>(app: &App, session: &Session, title: &str, body: B) -> Html<String> {
    Html(Page::new(app, title, body).of(&session.person).draw())
}

fn find(app: &App, key: &str) -> Result<Case, Refusal> {
    app.cases.find(key).ok_or_else(Refusal::no_such_record)
}

/// The desk's own rule about changes. It is checked here and again when the form arrives, whatever
/// intent the portal sent.
fn editable(app: &App, key: &str) -> Result<Case, Refusal> {
    let case = find(app, key)?;
    if case.editable.status == Status::Closed {
        return Err(Refusal::forbidden(
            "closed_case",
            "This case is closed: it can be read but no longer changed.",
        )
        .with_link("Read the case", format!("/cases/{}", case.key)));
    }
    Ok(case)
}
