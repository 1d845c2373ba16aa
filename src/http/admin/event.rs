//! The audit trail.

mod words;

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use self::words::EventWords;
use crate::{
    admin::{Administration, AuditQuery},
    error::Result,
    http::{
        extract::{Admin, Query},
        page::{Site, html},
        route::{Access, Route},
        view,
    },
    model::{event::NOUNS, permission::Permission},
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
    let words = EventWords {
        texts,
        snapshot: &snapshot,
    };
    html(&view::AdminEvents {
        frame: site.frame(&admin.visit),
        lines: trail.lines.iter().map(|one| words.line(one)).collect(),
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
