//! "Open a record": the services that can open it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    extract::{Query, SignedInUser},
    page::{Site, html},
    portal::record_form,
    route::{Access, Route},
    view::{self, LabelledLink, OpenRecord, Results, TileDestination},
};
use crate::{
    catalog::{Catalog, Snapshot},
    error::{Error, Result},
    launch::{Launches, Openers, RecordOpener},
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get("/open", Access::SignedIn, || get(show))];

#[derive(Deserialize)]
pub struct RecordQuery {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    key: String,
}

/// `GET /open?type=&key=`: the page, or its results alone for htmx.
pub async fn show(
    State(site): State<Arc<Site>>,
    State(catalog): State<Catalog>,
    State(launches): State<Launches>,
    SignedInUser { who, visit }: SignedInUser,
    Query(wanted): Query<RecordQuery>,
) -> Result<Response> {
    let snapshot = catalog.snapshot();
    let results = if wanted.kind.is_empty() || wanted.key.trim().is_empty() {
        Results::Idle
    } else {
        match launches.openers(&who, &wanted.kind, &wanted.key).await {
            Ok(Ok(openers)) => found(&snapshot, visit.texts(), &wanted.kind, openers),
            Ok(Err(bad)) => Results::Invalid { hint: bad.hint },
            Err(Error::NotFound) => Results::UnknownType,
            Err(error) => return Err(error),
        }
    };
    let page = OpenRecord {
        frame: site.frame(&visit),
        form: record_form(&snapshot, &who, wanted.kind, wanted.key),
        results,
    };
    let mut response = if visit.fragment {
        html(&page.as_results())?
    } else {
        html(&page)?
    };
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("hx-request"));
    Ok(response)
}

fn found(snapshot: &Snapshot, texts: &Texts, kind: &str, openers: Openers) -> Results {
    let Some(kind) = snapshot.context_type(kind) else {
        return Results::UnknownType;
    };
    if openers.services.is_empty() {
        return Results::None {
            record: openers.key,
        };
    }
    Results::Found {
        record: openers.key,
        icon: kind.icon.clone(),
        type_title: kind.title.clone(),
        services: openers
            .services
            .into_iter()
            .map(|one| opener(texts, one))
            .collect(),
    }
}

fn opener(texts: &Texts, opener: RecordOpener) -> view::OpenerRow {
    let place = match opener.instance {
        Some(instance) => TileDestination::Ready(instance),
        None => TileDestination::Choose,
    };
    view::OpenerRow {
        service: opener.service,
        icon: opener.icon,
        place,
        intents: opener
            .links
            .into_iter()
            .map(|(intent, href)| LabelledLink {
                label: view::intent(texts, &intent),
                href,
            })
            .collect(),
    }
}
