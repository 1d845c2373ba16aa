//! The application's own work: listing, showing and editing its records. Every handler
//! takes a [`Session`]; there is no way to a record without one.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};

use crate::customer::{Customer, Editable};
use crate::demo::receipt::{confirm, turn_back};
use crate::demo::refusal::Refusal;
use crate::page::{self, Page};
use crate::sign_in::{Session, begin_here, find_session, forget_sign_out, has_signed_out};
use crate::{App, Face};

/// `GET /`. The one page that may be seen without a session: right after signing out.
pub async fn list(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    match find_session(&app, &headers) {
        Some(session) => Html(overview(&app, &session)).into_response(),
        None if has_signed_out(&app, &headers) => {
            let page = Page::new(&app, "Signed out", page::SignedOut).draw();
            (AppendHeaders([forget_sign_out(&app)]), Html(page)).into_response()
        }
        None => begin_here(&app, &uri).await,
    }
}

/// `GET /customers/{key}`, `/pages/{key}` or `/reports/{key}`, whichever this variant has.
pub async fn show(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let launch = session.arrivals.unreported(uri.path());
    let customer = match find(&app, &key) {
        Ok(customer) => customer,
        Err(refusal) => return turn_back(&app.provider, launch).ok_or(refusal),
    };
    confirm(&app.provider, launch);
    let panel = session.arrivals.panel(uri.path(), Some(&key));
    let page = match app.face {
        Face::Crm => draw(
            &app,
            &session,
            &customer,
            page::Record {
                customer: &customer,
                panel,
            },
        ),
        Face::Wiki => draw(
            &app,
            &session,
            &customer,
            page::Article {
                customer: &customer,
                panel,
            },
        ),
        Face::Reports => draw(
            &app,
            &session,
            &customer,
            page::Report::of(&customer, panel),
        ),
    };
    Ok(Html(page).into_response())
}

/// `GET /customers/{key}/edit`
pub async fn edit(
    State(app): State<Arc<App>>,
    session: Session,
    Path(key): Path<String>,
    uri: Uri,
) -> Result<Html<String>, Refusal> {
    let customer = editable(&app, &key)?;
    confirm(&app.provider, session.arrivals.unreported(uri.path()));
    let panel = session.arrivals.panel(uri.path(), Some(&key));
    let form = page::Edit {
        customer: &customer,
        panel,
        trouble: None,
    };
    Ok(Html(draw(&app, &session, &customer, form)))
}

/// `POST /customers/{key}/edit`
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
    let customer = editable(&app, &key)?;
    if let Some(trouble) = form.trouble() {
        let panel = session.arrivals.panel(uri.path(), Some(&key));
        let typed = Customer {
            editable: form,
            ..customer
        };
        let form = page::Edit {
            customer: &typed,
            panel,
            trouble: Some(trouble),
        };
        let page = draw(&app, &session, &typed, form);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response());
    }
    app.customers.update(&key, form);
    Ok(Redirect::to(&app.face.path(customer.key)).into_response())
}

fn overview(app: &App, session: &Session) -> String {
    let rows = app.customers.all();
    let body = page::List {
        face: app.face,
        customers: &rows,
        panel: session.arrivals.panel("/", None),
    };
    Page::new(app, app.face.records(), body)
        .of(&session.person)
        .draw()
}

fn draw<B: std::fmt::Display>(
    app: &App,
    session: &Session,
    customer: &Customer,
    body: B,
) -> String {
    Page::new(app, customer.name, body)
        .of(&session.person)
        .draw()
}

fn find(app: &App, key: &str) -> Result<Customer, Refusal> {
    app.customers.find(key).ok_or_else(Refusal::no_such_record)
}

/// The application's own rule about changes. It is checked here and again when the form arrives,
/// whatever intent the portal sent.
fn editable(app: &App, key: &str) -> Result<Customer, Refusal> {
    let customer = find(app, key)?;
    if customer.closed {
        return Err(Refusal::forbidden(
            "closed_account",
            "This account is closed: it can be read but no longer changed.",
        )
        .with_link("Read the record", app.face.path(customer.key)));
    }
    Ok(customer)
}
