//! The audit trail.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use super::moment;
use crate::{
    admin::{Administration, AuditQuery},
    catalog::Snapshot,
    error::Result,
    http::{
        extract::{Admin, Query},
        page::{Site, html},
        route::{Access, Route},
        view,
    },
    model::{
        event::{Actor, EventKind, NOUNS, TARGETS, Target},
        permission::Permission,
    },
    sign_in::PASSKEY,
    store::TrailLine,
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get(
    "/admin/events",
    Access::Can(Permission::ReadAudit),
    || get(list),
)];

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    kind: String,
    person: String,
    before: String,
}

/// Longer values match nothing.
const LONGEST: usize = 256;

/// `GET /admin/events`.
pub async fn list(
    State(site): State<Arc<Site>>,
    State(desk): State<Administration>,
    admin: Admin,
    Query(filter): Query<AuditFilter>,
) -> Result<Response> {
    let plain = |text: &str| text.len() <= LONGEST && !text.contains(char::is_control);
    let [kind, user, before] = [&filter.kind, &filter.person, &filter.before]
        .map(|text| if plain(text) { text.trim() } else { "" });
    let wanted = AuditQuery { kind, user, before };
    let trail = desk.trail(&wanted).await?;
    let here = |before: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("kind", kind), ("person", user), ("before", before)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/events?{}", query.finish())
    };
    let (texts, snapshot) = (admin.visit.texts(), desk.catalog.snapshot());
    html(&view::AdminEvents {
        frame: site.frame(&admin.visit),
        lines: trail
            .lines
            .iter()
            .map(|one| line(texts, &snapshot, one))
            .collect(),
        nouns: nouns(texts),
        kind: kind.to_owned(),
        person: user.to_owned(),
        newest: (!before.is_empty()).then(|| here("")),
        older: trail.older.as_deref().map(here),
    })
}

fn nouns(texts: &Texts) -> Vec<view::AdminNoun> {
    let each = NOUNS.iter().map(|&(name, key)| view::AdminNoun {
        name,
        words: texts.say(key).to_owned(),
    });
    each.collect()
}

fn line(texts: &Texts, snapshot: &Snapshot, line: &TrailLine) -> view::AdminEvent {
    let who = line.login.as_ref().or(line.user.as_ref());
    let kind = EventKind::named(&line.kind);
    view::AdminEvent {
        at: moment(line.at),
        words: kind.map_or_else(String::new, |kind| texts.say(kind.row().words).to_owned()),
        kind: line.kind.clone(),
        who: who.cloned().unwrap_or_default(),
        actor: actor(texts, line),
        service: line.service.clone().unwrap_or_default(),
        details: details(texts, snapshot, line),
        address: line.address.clone().unwrap_or_default(),
    }
}

/// Nothing for what a user has done to their own account.
fn actor(texts: &Texts, line: &TrailLine) -> String {
    let Some(actor) = &line.facts.actor else {
        return String::new();
    };
    let id = actor.id().unwrap_or_default();
    let name = match actor {
        Actor::User(_) if line.user.as_deref() == Some(id) => Some(String::new()),
        Actor::User(_) => None,
        Actor::Command => Some(texts.say("event-actor-command").to_owned()),
        Actor::Worker => Some(texts.say("event-actor-worker").to_owned()),
        Actor::Anonymous => Some(texts.say("event-actor-anonymous").to_owned()),
        Actor::Client(_) | Actor::Provider(_) => None,
    };
    name.unwrap_or_else(|| id.to_owned())
}

fn details(texts: &Texts, snapshot: &Snapshot, line: &TrailLine) -> Vec<(String, String)> {
    let target = line.facts.target.iter().map(|target| {
        let known = TARGETS.iter().find(|(kind, _)| *kind == target.kind);
        let label = known.map_or(&*target.kind, |(_, key)| texts.say(key));
        (label.to_owned(), target_name(texts, snapshot, line, target))
    });
    let data = line.facts.data.iter();
    let data = data.map(|(name, value)| (name.clone(), value.clone()));
    target.chain(data).collect()
}

/// The present name of an object, and its id: names are not unique, and clients that registered
/// themselves choose theirs. An object that does not exist any more is shown by its id.
fn target_name(texts: &Texts, snapshot: &Snapshot, line: &TrailLine, target: &Target) -> String {
    let id = target.id.as_str();
    let client = || snapshot.registered(id).map(|client| client.title.as_str());
    let name = match target.kind.as_str() {
        Target::PROVIDER if id == PASSKEY => Some(texts.say("passkey")),
        Target::PROVIDER => {
            let mut known = snapshot.providers.iter();
            let known = known.find(|provider| provider.slug == id);
            known.map(|provider| provider.title.as_str())
        }
        Target::CLIENT => client(),
        Target::APPLICATION => client().or_else(|| {
            let service = snapshot.service(id)?;
            Some(service.title.as_str())
        }),
        Target::INSTANCE => {
            let service = line.service.as_deref();
            let service = service.and_then(|slug| snapshot.service(slug));
            let instance = service.and_then(|service| service.instance(id));
            instance.map(|instance| instance.title.as_str())
        }
        _ => None,
    };
    match name.filter(|name| *name != id) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
}
