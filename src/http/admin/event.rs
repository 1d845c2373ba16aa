//! The audit trail.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use super::moment;
use crate::{
    admin::{Administration, AuditQuery, NOUNS},
    error::Result,
    http::{
        extract::{Admin, Query},
        page::{Site, html},
        route::{Access, Route},
        view,
    },
    model::permission::Permission,
    store::TrailLine,
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
    let [kind, person, before] = [&filter.kind, &filter.person, &filter.before]
        .map(|text| if plain(text) { text.trim() } else { "" });
    let wanted = AuditQuery {
        kind,
        person,
        before,
    };
    let trail = desk.trail(&wanted).await?;
    let here = |before: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("kind", kind), ("person", person), ("before", before)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/events?{}", query.finish())
    };
    html(&view::AdminEvents {
        frame: site.frame(&admin.visit),
        lines: trail.lines.iter().map(line).collect(),
        nouns: NOUNS,
        kind: kind.to_owned(),
        person: person.to_owned(),
        newest: (!before.is_empty()).then(|| here("")),
        older: trail.older.as_deref().map(here),
    })
}

fn line(line: &TrailLine) -> view::AdminEvent {
    let who = line.login.as_ref().or(line.user.as_ref());
    view::AdminEvent {
        at: moment(line.at),
        kind: line.kind.clone(),
        who: who.cloned().unwrap_or_default(),
        service: line.service.clone().unwrap_or_default(),
        detail: line.detail.clone().unwrap_or_default(),
        address: line.address.clone().unwrap_or_default(),
    }
}
