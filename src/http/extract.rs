//! The arguments of handlers: the visit, the user (as proof of authorisation), forms.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use super::{layers, page::Site, route, sign_in, view::SignInReason};
use crate::{
    app::App,
    browser_state::BrowserState,
    error::{Error, Result},
    id::RequestId,
    model::{
        allowance::ClientNetwork,
        attempt::{After, LocalPath},
        permission::permits,
        session::{SignedIn, Visitor},
    },
    sign_in::Beginning,
    text::{Language, Texts},
};

/// One request of a browser. Created by `layers::visit`.
#[derive(Clone)]
pub struct Visit {
    pub visitor: Arc<Visitor>,
    pub language: Language,
    /// Requested by htmx: a fragment is enough.
    pub fragment: bool,
    /// The request is a form of ours; its answer must not redirect to another site.
    pub by_form: bool,
    /// The browser sent a cookie that it was given before.
    pub known: bool,
    /// It sent the cookie of a session that has ended.
    pub had_session: bool,
    /// Why the user is asked to sign in, where that needs an explanation.
    pub notice: Option<SignInReason>,
    /// The result of an earlier form, which is shown here.
    pub state: BrowserState,
}

impl Visit {
    pub fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// The same visit, by a user who has just signed in.
    pub fn signed_in(&self, who: SignedIn) -> Self {
        let visitor = Visitor {
            signed_in: Some(who),
            ..(*self.visitor).clone()
        };
        Self {
            visitor: Arc::new(visitor),
            ..self.clone()
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let visit = parts.extensions.get::<Visit>().cloned();
        visit.ok_or_else(|| Error::Internal("a page outside the visit layer".to_owned()))
    }
}

/// The client of a request without a visitor: for machine endpoints that may write.
impl FromRequestParts<App> for ClientNetwork {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let address = app.site.neighbours.client(parts);
        Ok(layers::client_network(&app.site, address))
    }
}

/// A signed-in user. A handler that takes one is not reached by other clients.
pub struct SignedInUser {
    pub who: SignedIn,
    pub visit: Visit,
}

/// A user who holds the permission that the route requires. For all other users, a handler that
/// takes one does not exist (THREATS: admin-plane authorisation).
pub struct Admin {
    pub who: SignedIn,
    pub visit: Visit,
}

impl FromRequestParts<App> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let required = route::of(&parts.extensions).and_then(|route| route.access.permission());
        let required = required.ok_or_else(|| {
            Error::Internal("an admin's handler at a route without a permission".to_owned())
        })?;
        let who = visit.visitor.signed_in.clone();
        let who = who.filter(|who| permits(&who.user, required));
        let who = who.ok_or(Error::NotFound)?;
        Ok(Self { who, visit })
    }
}

/// No user is signed in.
pub enum NotSignedIn {
    /// An attempt has begun that leads back to the page.
    Begun(Response),
    /// htmx follows a header where it would swallow a redirect.
    Fragment(String),
    Own(Error),
}

impl FromRequestParts<App> for SignedInUser {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NotSignedIn> {
        let visit = Visit::from_request_parts(parts, app)
            .await
            .map_err(NotSignedIn::Own)?;
        let reading = matches!(parts.method, Method::GET | Method::HEAD);
        match &visit.visitor.signed_in {
            Some(who) => Ok(SignedInUser {
                who: who.clone(),
                visit,
            }),
            None if visit.fragment => {
                let page = shown_page(&app.site, &parts.headers, "hx-current-url");
                let begun = sign_in::address(app, &visit, Beginning::of(After::Page(page))).await;
                Err(begun.map_or_else(NotSignedIn::Own, NotSignedIn::Fragment))
            }
            None if reading => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let after = After::Page(LocalPath::of(path));
                let begun = sign_in::send_to(app, &visit, Beginning::of(after)).await;
                Err(begun.map_or_else(NotSignedIn::Own, NotSignedIn::Begun))
            }
            None => Err(NotSignedIn::Own(Error::Unauthenticated)),
        }
    }
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        match self {
            NotSignedIn::Begun(response) => response,
            NotSignedIn::Fragment(address) => (
                axum::http::StatusCode::UNAUTHORIZED,
                [("hx-redirect", address)],
            )
                .into_response(),
            NotSignedIn::Own(error) => error.into_response(),
        }
    }
}

/// The page of ours that a header names as the one the user sees; else the portal page.
pub fn shown_page(site: &Site, headers: &HeaderMap, name: &str) -> LocalPath {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let path = text.and_then(|text| text.strip_prefix(site.origin.as_str()));
    path.map_or_else(LocalPath::portal, LocalPath::of)
}

/// A form of ours, completely read; a form that cannot be read is an error of our own kind.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let form = axum::Form::<T>::from_request(request, app).await;
        form.map(|axum::Form(form)| Form(form))
            .map_err(|rejection| match rejection.status() {
                axum::http::StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
                _ => Error::Invalid(rejection.body_text()),
            })
    }
}

/// The variable parts of a path; a path that is not UTF-8 (`%FF`) is no page of ours.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        axum::extract::Path::<T>::from_request_parts(parts, app)
            .await
            .map(|axum::extract::Path(path)| Path(path))
            .map_err(|_| Error::NotFound)
    }
}

/// A query of ours.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Query(query))
            .map_err(|rejection| Error::Invalid(rejection.body_text()))
    }
}

/// The value of a cookie. The first of a name counts: a browser sends the most specific first.
/// Cookies of others on the same host may hold any bytes: they do not hide ours.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .find_map(|pair| {
            let rest = pair.trim_ascii().strip_prefix(name.as_bytes())?;
            rest.strip_prefix(b"=")
        })
        .and_then(|value| std::str::from_utf8(value).ok())
}

/// The id of the request, for pages and logs.
pub fn request_id(parts: &axum::http::Extensions) -> String {
    parts
        .get::<RequestId>()
        .map(ToString::to_string)
        .unwrap_or_default()
}
