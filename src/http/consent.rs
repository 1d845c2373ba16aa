//! Whether an application may receive data about a user, or act for them: asked on the way to it,
//! listed and revoked on the account page.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    extract::{Form, SignedInUser},
    flash, next,
    page::{self, Site, html},
    route::{Access, Route},
    view,
};
use crate::{
    app::App,
    catalog::Snapshot,
    error::{Error, Result},
    model::{consent::Item, pending::id_in_address},
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/oidc/consent/{request}", Access::SignedIn, || {
        get(ask).post(answer)
    }),
    Route::get_and_post(LIST_PAGE, Access::SignedIn, || get(list).post(withdraw)),
];

/// The page of the user's consents.
const LIST_PAGE: &str = "/account/applications";

/// The answer, and the user who gave it; only an explicit yes is consent.
#[derive(Deserialize)]
pub struct ConsentForm {
    answer: String,
    #[serde(default)]
    asked: String,
}

/// `GET /oidc/consent/{request}`.
pub async fn ask(
    State(app): State<App>,
    Path(request): Path<String>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let id = id_in_address(&request).ok_or(Error::NotFound)?;
    let question = app
        .issuer
        .consents()
        .question(&id, &visit.visitor, &who)
        .await?;
    let texts = visit.texts();
    let (known, new): (Vec<&Item>, Vec<&Item>) = question
        .items
        .iter()
        .partition(|item| question.known.contains(item));
    let words = |items: &[&Item]| items.iter().map(|item| item_words(texts, item)).collect();
    html(&view::ConsentPage {
        action: format!("/oidc/consent/{id}"),
        client: question.client,
        unvouched_host: question.unvouched_host,
        asked: who.user.id.to_string(),
        person: who.user.name.clone(),
        login: who.user.login.clone(),
        new: words(&new),
        known: words(&known),
        frame: app.site.frame(&visit),
    })
}

/// `POST /oidc/consent/{request}`.
pub async fn answer(
    State(app): State<App>,
    Path(request): Path<String>,
    SignedInUser { who, visit }: SignedInUser,
    Form(given): Form<ConsentForm>,
) -> Result<Response> {
    let id = id_in_address(&request).ok_or(Error::NotFound)?;
    // Another user has signed in meanwhile, in another tab: they must not answer for the first one.
    if given.asked != who.user.id.as_str() {
        return Ok(page::to(&format!("/oidc/consent/{id}")));
    }
    let consents = app.issuer.consents();
    let next = match given.answer.as_str() {
        "yes" => consents.agree(&id, &visit.visitor, &who).await?,
        "no" => consents.decline(&id, &visit.visitor, &who).await?,
        _ => return Err(Error::Invalid("the answer is yes or no".to_owned())),
    };
    next::answer(&app, &visit, next).await
}

/// `GET /account/applications`.
pub async fn list(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
) -> Result<Response> {
    let (texts, now) = (visit.texts(), app.parts.clock.now());
    let snapshot = app.catalog.snapshot();
    let withdrawn = flash::take(&visit, LIST_PAGE).await?;
    let given = app.issuer.consents().given_by(&who).await?;
    let applications = given.iter().map(|one| view::Allowed {
        title: title(&snapshot, &one.client),
        since: view::Moment::of(texts, one.given_at, now),
        items: one
            .items
            .iter()
            .map(|item| item_words(texts, item))
            .collect(),
        client: one.client.clone(),
    });
    html(&view::Applications {
        applications: applications.collect(),
        withdrawn,
        frame: site.frame(&visit),
    })
}

/// Which application.
#[derive(Deserialize)]
pub struct Withdrawn {
    client: String,
}

/// `POST /account/applications`: revokes consent.
pub async fn withdraw(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Form(withdrawn): Form<Withdrawn>,
) -> Result<Response> {
    app.issuer
        .consents()
        .withdraw(&who, &withdrawn.client)
        .await?;
    let title = title(&app.catalog.snapshot(), &withdrawn.client);
    flash::redirect(&app, &visit, LIST_PAGE, title).await
}

/// The name of an application; one that does not exist any more is shown by its id.
fn title(snapshot: &Snapshot, client: &str) -> String {
    let known = snapshot.client(client);
    known.map_or_else(|| client.to_owned(), |client| client.title.clone())
}

/// The text for an item.
fn item_words(texts: &Texts, item: &Item) -> String {
    let key = match item {
        Item::Scope(scope) => match scope.as_str() {
            "profile" => "consent-profile",
            "email" => "consent-email",
            "address" => "consent-address",
            "phone" => "consent-phone",
            "groups" => "consent-groups",
            "offline_access" => "consent-offline",
            other => return texts.with("consent-scope", &[("scope", other)]),
        },
        Item::Resource(resource) => {
            return texts.with("consent-resource", &[("resource", resource)]);
        }
        Item::Context => "consent-context",
    };
    texts.say(key).to_owned()
}
