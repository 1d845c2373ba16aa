//! The admin's pages. Every handler here takes an [`Admin`]: all other users get "not found".

pub mod event;
pub mod key;
pub mod provider;
pub mod service;

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};

use super::{
    extract::Admin,
    page::{Site, html},
    route::{Access, Route},
    view,
};
use crate::{
    admin::Administration, app::App, clock::Time, error::Result, model::permission::Permission,
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get(
    "/admin",
    Access::Can(Permission::ViewAdministration),
    || get(show),
)];

/// `GET /admin`.
pub async fn show(
    State(site): State<Arc<Site>>,
    State(app): State<App>,
    State(desk): State<Administration>,
    admin: Admin,
) -> Result<Response> {
    let counts = desk.counts().await?;
    let snapshot = desk.catalog.snapshot();
    let texts = admin.visit.texts();
    let count = |key, number: i64| texts.with(key, &[("count", &number.to_string())]);
    let many = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
    html(&view::AdminHome {
        people: [
            count("admin-people", counts.users),
            count("admin-people-disabled", counts.disabled),
            count("admin-people-admins", counts.admins),
            count("admin-sessions", counts.sessions),
        ],
        providers: count("admin-providers-count", many(snapshot.providers.len())),
        services: count("admin-services-count", many(snapshot.services.len())),
        clients: count("admin-clients-count", many(snapshot.clients().count())),
        next: next_steps(&app, texts),
        frame: site.frame(&admin.visit),
    })
}

/// What a new portal still lacks.
fn next_steps(app: &App, texts: &Texts) -> Vec<String> {
    let snapshot = app.catalog.snapshot();
    let only_local = snapshot.providers.iter().all(|one| one.kind == "local");
    let steps = [
        (snapshot.services.is_empty(), "admin-next-catalogue"),
        (only_local, "admin-next-provider"),
        (!app.directory.mails.is_set_up(), "admin-next-mail"),
        (app.site.help_desk.is_empty(), "admin-next-help-desk"),
    ];
    let open = steps.into_iter().filter(|(open, _)| *open);
    open.map(|(_, key)| texts.say(key).to_owned()).collect()
}

/// A moment, shown in the same time zone to every admin.
pub(super) fn moment(at: Time) -> view::ShownMoment {
    let machine = at.utc().to_string();
    view::ShownMoment {
        shown: machine.replace('T', " ").replace('Z', " UTC"),
        machine,
    }
}
