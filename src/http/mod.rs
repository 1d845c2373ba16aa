//! The handlers: each request is parsed, one function of one domain module is called, and its
//! result is rendered. Only the presentation is decided here.
//!
//! Each file of handlers has its own table of [`Route`]s, `ROUTES`; `TABLES` below lists them. The
//! [`Access`] of a route decides who reaches the handler, which layers a request passes, and in
//! which [`Format`] errors are sent: a handler cannot lack its guard.

mod account;
mod address;
mod admin;
mod assets;
mod cas;
mod consent;
mod discourse;
mod error;
mod extract;
mod factor;
mod flash;
mod forward_auth;
mod health;
mod kept;
mod language;
mod late;
mod launch;
mod layers;
mod logout;
mod next;
mod oidc;
mod own_password;
mod page;
mod policy;
mod portal;
mod realm;
mod receipt;
mod record;
mod recovery;
mod registration;
mod route;
mod routes;
mod saml;
pub mod server;
mod service;
mod sign_in;
mod sign_in_password;
mod sign_out;
mod upstream;
pub mod view;
mod welcome;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state};
use tokio::net::TcpListener;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    limit::RequestBodyLimitLayer,
};

pub use self::{
    page::Site,
    route::{Access, Format, Route},
    routes::routes,
};
use crate::{app::App, error::Result};

/// The tables of routes, one of each file of handlers.
const TABLES: &[&[Route]] = &[
    portal::ROUTES,
    record::ROUTES,
    service::ROUTES,
    launch::ROUTES,
    receipt::ROUTES,
    account::ROUTES,
    account::export::ROUTES,
    account::history::ROUTES,
    account::identity::ROUTES,
    account::session::ROUTES,
    own_password::ROUTES,
    sign_in::ROUTES,
    sign_in_password::ROUTES,
    realm::ROUTES,
    upstream::ROUTES,
    factor::ROUTES,
    factor::app::ROUTES,
    factor::passkey::ROUTES,
    factor::own::ROUTES,
    kept::ROUTES,
    sign_out::ROUTES,
    logout::ROUTES,
    recovery::ROUTES,
    welcome::ROUTES,
    admin::ROUTES,
    admin::event::ROUTES,
    admin::key::ROUTES,
    admin::provider::ROUTES,
    admin::service::ROUTES,
    oidc::ROUTES,
    registration::ROUTES,
    consent::ROUTES,
    saml::ROUTES,
    cas::ROUTES,
    forward_auth::ROUTES,
    discourse::ROUTES,
    language::ROUTES,
    health::ROUTES,
    assets::ROUTES,
];

/// The most an admin may send: metadata of a megabyte, in the encoding of a form.
const ADMIN_LIMIT: usize = 4 * 1024 * 1024;

/// Serves until `stopped`; requests under way end first.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send,
) -> Result<()> {
    let config = app.parts.config.clone();
    server::serve(&config.server, router(app), listener, stopped).await
}

/// The whole router. From the outside inwards: request id and log, security headers, deadline,
/// errors rendered; then, for browsers, the visitor and the check of where forms come from; body
/// limit; the guard of each route.
pub fn router(app: App) -> Router {
    let config = &app.parts.config.server;
    let up_to = RequestBodyLimitLayer::new;
    let administration = guarded(&app, |access| matches!(access, Access::Can(_)))
        .layer(DefaultBodyLimit::max(ADMIN_LIMIT))
        .layer(up_to(ADMIN_LIMIT));
    let pages = guarded(&app, |access| {
        matches!(access, Access::Anyone | Access::SignedIn)
    });
    let pages = pages
        .layer(up_to(config.body_limit_bytes))
        .merge(administration)
        .fallback(page::nowhere)
        .method_not_allowed_fallback(page::wrong_method)
        .layer(from_fn_with_state(app.clone(), layers::visit));
    let worth_it = SizeAbove::new(1024).and(NotForContentType::IMAGES);
    guarded(&app, Access::is_machine)
        .layer(up_to(config.body_limit_bytes))
        .merge(pages)
        .layer(from_fn_with_state(app.clone(), layers::guard))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(worth_it),
        )
        .layer(from_fn_with_state(app.site.clone(), layers::headers))
        .layer(from_fn_with_state(app.clone(), layers::trace))
        .with_state(app)
}

/// The routes of some kinds of access, each behind its guard.
fn guarded(app: &App, is_of_kind: fn(Access) -> bool) -> Router<App> {
    let routes = routes().filter(|route| is_of_kind(route.access));
    routes.fold(Router::new(), |router, route| {
        router.route(route.path, route.guarded(app))
    })
}
