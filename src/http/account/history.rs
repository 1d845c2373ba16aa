//! What happened around an account, in words.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use super::HistoryWords;
use crate::{
    app::App,
    error::{Error, Result},
    http::{
        extract::{Query, SignedInUser},
        page::{Site, html},
        route::{Access, Route},
        view,
    },
    id::EventId,
    model::{
        account::HistoryEntry,
        device::Device,
        event::{EventKind, Target},
    },
};

pub const ROUTES: &[Route] = &[Route::get("/account/history", Access::SignedIn, || {
    get(list)
})];

#[derive(Deserialize)]
pub struct HistoryQuery {
    before: Option<String>,
}

/// `GET /account/history`: 25 lines, newest first, starting before a given line.
pub async fn list(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
    Query(page): Query<HistoryQuery>,
) -> Result<Response> {
    let before = page.before.as_deref().map(EventId::parse);
    let before = before.map(|id| id.ok_or(Error::NotFound)).transpose()?;
    let telling = HistoryWords::of(&app, &visit);
    let history = app
        .directory
        .account()
        .history(&who, before.as_ref())
        .await?;
    let older = history.older;
    html(&view::HistoryPage {
        frame: site.frame(&visit),
        lines: history
            .lines
            .iter()
            .map(|line| history_line(&telling, line))
            .collect(),
        older: older.map(|id| format!("/account/history?before={id}")),
        newest: before.map(|_| "/account/history"),
    })
}

pub(super) fn history_line(telling: &HistoryWords, line: &HistoryEntry) -> view::HistoryLine {
    let row = EventKind::named(&line.kind).map(EventKind::row);
    view::HistoryLine {
        icon: row.map_or("lock", |row| row.icon),
        notable: row.is_some_and(|row| row.is_notable),
        words: words(telling, line),
        place: place(telling, line),
        at: telling.moment(line.at),
    }
}

/// "Firefox on Windows, 192.0.2.7", as far as both are known.
fn place(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let known = |agent: &&String| {
        let device = Device::of(agent);
        device.browser.is_some() || device.system.is_some()
    };
    let agent = line.user_agent.as_ref().filter(known);
    let device = agent.map(|agent| telling.device(agent));
    let place = line.address.as_deref().map(|at| telling.place(at));
    let both: Vec<String> = device.into_iter().chain(place).collect();
    both.join(" · ")
}

/// A line as a sentence. Each text uses the variables that it needs.
fn words(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let provider = provider(telling, line);
    let application = application(telling, line);
    let service = service(telling, line);
    let variables = [
        ("provider", provider.as_str()),
        ("application", application.as_str()),
        ("service", service.as_str()),
        ("count", line.facts.value("count")),
    ];
    telling.texts.with(key(line), &variables)
}

/// The key of the text: that of the kind, or one of its reasons.
fn key(line: &HistoryEntry) -> &'static str {
    let Some(kind) = EventKind::named(&line.kind) else {
        return "history-other";
    };
    let special = match kind {
        EventKind::SignInRefused => refused(line.facts.value("reason")),
        EventKind::SessionEnded => ended(line.facts.value("reason")),
        EventKind::PasswordChanged => line.facts.provider().map(|_| "change-history"),
        _ => None,
    };
    special.or(kind.row().history).unwrap_or("history-other")
}

fn refused(reason: &str) -> Option<&'static str> {
    match reason {
        "throttled" => Some("history-throttled"),
        "disabled" => Some("history-disabled"),
        "expired" => Some("history-expired"),
        "down" => Some("history-down"),
        _ => None,
    }
}

fn ended(reason: &str) -> Option<&'static str> {
    match reason {
        "" => None,
        "upstream" => Some("history-ended-upstream"),
        "surplus" => Some("history-ended-surplus"),
        "unlinked" => Some("history-ended-unlinked"),
        _ => Some("history-ended-elsewhere"),
    }
}

fn provider(telling: &HistoryWords, line: &HistoryEntry) -> String {
    match line.facts.provider().unwrap_or_default() {
        crate::sign_in::PASSKEY => telling.texts.say("passkey").to_owned(),
        slug => telling.provider(slug).to_owned(),
    }
}

fn application(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let id = line.facts.target(Target::CLIENT).unwrap_or_default();
    let known = telling.snapshot.client(id);
    known.map_or(id, |client| client.title.as_str()).to_owned()
}

fn service(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let slug = line.service.as_deref().unwrap_or_default();
    let known = telling.snapshot.service(slug);
    known
        .map_or(slug, |service| service.title.as_str())
        .to_owned()
}
