//! The portal page.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use super::{
    extract::{Query, SignedInUser, Visit},
    page::{Site, html},
    route::{Access, Route},
    view::{self, Category, RecordForm, RecordType, Tile, TileDestination},
};
use crate::{
    catalog::{
        self, Catalog, Snapshot,
        locate::{RuleInput, locate_briefly},
    },
    clock::Time,
    error::Result,
    launch::Launches,
    model::{
        explanation::Located,
        launch::Ask,
        receipt::Reason,
        service::{ChosenInstance, Service, VIEW},
        session::SignedIn,
    },
    store::{Fate, RecentRecord},
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get("/", Access::SignedIn, || get(show))];

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// How many recent records the page shows.
const RECENT: usize = 6;

/// `GET /`.
pub async fn show(
    State(site): State<Arc<Site>>,
    State(catalog): State<Catalog>,
    State(launches): State<Launches>,
    SignedInUser { who, visit }: SignedInUser,
    Query(search): Query<Search>,
) -> Result<Response> {
    let snapshot = catalog.snapshot();
    let overrides = catalog.overrides(&who.user.id).await?;
    let recent = launches.recent(&who).await?;
    html(&view::PortalPage {
        frame: site.frame(&visit),
        query: search.q.chars().take(100).collect(),
        categories: categories(&snapshot, &who, &visit, &overrides),
        form: record_form(&snapshot, &who, String::new(), String::new()),
        recent: recents(
            &snapshot,
            &who,
            visit.texts(),
            &recent,
            launches.clock.now(),
        ),
    })
}

/// The form that opens a record: the types that something this user sees can open.
pub fn record_form(snapshot: &Snapshot, who: &SignedIn, chosen: String, key: String) -> RecordForm {
    let seen: Vec<&Service> = visible(snapshot, who).collect();
    let opened = snapshot
        .types
        .iter()
        .filter(|kind| seen.iter().any(|s| s.opens(&kind.slug)));
    RecordForm {
        types: opened
            .map(|kind| RecordType {
                slug: kind.slug.clone(),
                title: kind.title.clone(),
                example: kind.example.clone(),
            })
            .collect(),
        chosen,
        key,
    }
}

fn visible<'a>(snapshot: &'a Snapshot, who: &SignedIn) -> impl Iterator<Item = &'a Service> {
    snapshot
        .services
        .iter()
        .filter(|service| catalog::may_see(service, &who.user))
}

/// Tiles by category, both in the admin's order.
fn categories(
    snapshot: &Snapshot,
    who: &SignedIn,
    visit: &Visit,
    overrides: &BTreeMap<String, ChosenInstance>,
) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::new();
    for service in visible(snapshot, who) {
        let chosen = overrides.get(&service.slug).map(|one| one.slug.as_str());
        let tile = tile(service, who, visit.texts(), chosen);
        match categories
            .iter_mut()
            .find(|category| category.title == service.category)
        {
            Some(category) => category.tiles.push(tile),
            None => categories.push(Category {
                title: service.category.clone(),
                tiles: vec![tile],
            }),
        }
    }
    categories
}

fn tile(service: &Service, who: &SignedIn, texts: &Texts, chosen: Option<&str>) -> Tile {
    Tile {
        title: service.title.clone(),
        description: service.description.clone(),
        icon: service.icon.clone(),
        href: format!("/go/{}", service.slug),
        about: format!("/services/{}", service.slug),
        place: place(service, who, texts, chosen),
    }
}

fn place(
    service: &Service,
    who: &SignedIn,
    texts: &Texts,
    chosen: Option<&str>,
) -> TileDestination {
    let closed = || TileDestination::Closed(texts.say("tile-closed").to_owned());
    if service.disabled_at.is_some() {
        return closed();
    }
    match locate_briefly(
        service,
        &RuleInput {
            user: &who.user,
            context: None,
        },
        chosen,
    ) {
        Located::One(slug) => {
            let title = service
                .instance(&slug)
                .map(|instance| instance.title.clone());
            TileDestination::Ready(title.unwrap_or_default())
        }
        Located::Several(_) => TileDestination::Choose,
        Located::Closed(_) => closed(),
        Located::Nowhere => TileDestination::Closed(texts.say("tile-nowhere").to_owned()),
        Located::Unknown => TileDestination::Closed(texts.say("tile-unknown").to_owned()),
    }
}

/// The latest different records, without those whose type is too sensitive to be listed.
fn recents(
    snapshot: &Snapshot,
    who: &SignedIn,
    texts: &Texts,
    launches: &[RecentRecord],
    now: Time,
) -> Vec<view::RecentRow> {
    let mut shown: Vec<(&str, &str, &str)> = Vec::new();
    let mut rows = Vec::new();
    for launch in launches {
        let name = (
            launch.service.as_str(),
            launch.kind.as_str(),
            launch.key.as_str(),
        );
        if shown.contains(&name) {
            continue;
        }
        shown.push(name);
        rows.extend(recent(snapshot, who, texts, launch, now));
        if rows.len() == RECENT {
            break;
        }
    }
    rows
}

fn recent(
    snapshot: &Snapshot,
    who: &SignedIn,
    texts: &Texts,
    launch: &RecentRecord,
    now: Time,
) -> Option<view::RecentRow> {
    let service = catalog::visible(snapshot, &who.user, &launch.service).ok()?;
    let kind = snapshot.context_type(&launch.kind)?;
    if !kind.sensitivity.may_be_remembered() {
        return None;
    }
    let ask = Ask {
        service: launch.service.clone(),
        record: Some((launch.kind.clone(), launch.key.clone())),
        intent: VIEW.to_owned(),
        fields: BTreeMap::new(),
    };
    Some(view::RecentRow {
        icon: kind.icon.clone(),
        type_title: kind.title.clone(),
        key: launch.key.clone(),
        service: service.title.clone(),
        href: ask.path(),
        when: view::ago(texts, now.since(launch.at).as_secs()),
        fate: fate(texts, launch.fate),
    })
}

/// The outcome, as far as the application reported it; a mere departure is not mentioned.
fn fate(texts: &Texts, fate: Fate) -> Option<String> {
    let key = match fate {
        Fate::Sent => return None,
        Fate::Arrived => "recent-arrived",
        Fate::Confirmed => "recent-confirmed",
        Fate::Refused(Reason::NoSuchRecord) => "recent-no-such-record",
        Fate::Refused(Reason::NotAllowed) => "recent-not-allowed",
        Fate::Refused(Reason::Other) => "recent-refused",
    };
    Some(texts.say(key).to_owned())
}
