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
    model::{account::HistoryEntry, device::Device},
};

pub const ROUTES: &[Route] = &[Route::get("/account/history", Access::SignedIn, || {
    get(list)
})];

#[derive(Deserialize)]
pub struct HistoryQuery {
    before: Option<String>,
}

/// `GET /account/history`: 25 lines, newest first, from before a line on.
pub async fn list(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
    Query(page): Query<HistoryQuery>,
) -> Result<Response> {
    let before = page.before.as_deref().map(EventId::parse);
    let before = before.map(|id| id.ok_or(Error::NotFound)).transpose()?;
    let telling = HistoryWords::of(&app, &visit);
    let history = app.directory.history(&who, before.as_ref()).await?;
    let older = history.older;
    html(&view::HistoryPage {
        frame: site.frame(&visit),
        lines: history
            .lines
            .iter()
            .map(|line| in_view(&telling, line))
            .collect(),
        older: older.map(|id| format!("/account/history?before={id}")),
        newest: before.map(|_| "/account/history"),
    })
}

pub(super) fn in_view(telling: &HistoryWords, line: &HistoryEntry) -> view::HistoryLine {
    let (icon, notable) = look(&line.kind);
    view::HistoryLine {
        icon,
        notable,
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

/// The icon of a line, and whether it is one to look at twice.
fn look(kind: &str) -> (&'static str, bool) {
    match kind {
        "sign_in.succeeded" | "sign_in.confirmed" => ("check", false),
        "sign_in.failed" | "sign_in.refused" => ("alert", true),
        "session.ended" | "sessions.ended_others" => ("exit", false),
        "user.disabled" | "code.reused" | "password.refused" | "recovery.asked"
        | "factor.refused" | "factors.reset" | "recovery_code.used" => ("alert", true),
        _ => ("lock", false),
    }
}

/// A line in a sentence. Its detail is a slug, or a slug and a machine word.
fn words(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let texts = telling.texts;
    let detail = line.detail.as_deref().unwrap_or_default();
    let (slug, word) = detail.split_once(": ").unwrap_or((detail, ""));
    let by = |key: &str| match slug {
        crate::sign_in::PASSKEY => texts.with(key, &[("provider", texts.say("passkey"))]),
        slug => texts.with(key, &[("provider", telling.provider(slug))]),
    };
    let say = |key| texts.say(key).to_owned();
    let about = |key| {
        let client = telling.snapshot.client(detail);
        let title = client.map_or(detail, |client| client.title.as_str());
        texts.with(key, &[("application", title)])
    };
    match line.kind.as_str() {
        "sign_in.succeeded" => by("history-signed-in"),
        "sign_in.confirmed" => say("history-confirmed"),
        "sign_in.failed" => by("history-failed"),
        "sign_in.refused" => match word {
            "throttled" => by("history-throttled"),
            "disabled" => by("history-disabled"),
            "expired" => by("history-expired"),
            "down" => by("history-down"),
            _ => by("history-refused"),
        },
        "session.ended" => match (slug, word) {
            (_, "upstream") => by("history-ended-upstream"),
            ("surplus", _) => say("history-ended-surplus"),
            ("unlinked", _) => say("history-ended-unlinked"),
            ("", _) => say("history-ended"),
            _ => say("history-ended-elsewhere"),
        },
        "sessions.ended_others" => {
            let count = detail.split_whitespace().count().to_string();
            texts.with("history-ended-others", &[("count", &count)])
        }
        "identity.linked" => by("history-linked"),
        "identity.unlinked" => by("history-unlinked"),
        "consent.given" => about("history-consent-given"),
        "consent.refused" => about("history-consent-refused"),
        "consent.withdrawn" => about("history-consent-withdrawn"),
        "account.exported" => say("history-exported"),
        "factor.enrolled" => say("history-factor-enrolled"),
        "factor.removed" => say("history-factor-removed"),
        "factor.refused" => say("history-factor-refused"),
        "factors.reset" => say("history-factors-reset"),
        "device.trusted" => say("history-device-trusted"),
        "devices.forgotten" => say("history-devices-forgotten"),
        "recovery_codes.made" => say("history-codes-made"),
        "recovery_code.used" => say("history-code-used"),
        "recovery.asked" => say("history-recovery-asked"),
        "password.reset" => say("history-password-reset"),
        "password.changed" if !word.is_empty() => by("change-history"),
        "password.changed" => say("history-password-changed"),
        "password.refused" => say("history-password-refused"),
        "mail.verified" => say("history-mail-verified"),
        "admin.granted" => say("history-admin-granted"),
        "admin.revoked" => say("history-admin-revoked"),
        "provider.checked" | "provider.refreshed" | "provider.imported" => {
            by("history-administered")
        }
        "key.rotated" => say("history-key-rotated"),
        "key.withdrawn" => say("history-key-withdrawn"),
        "key.confirmed" => say("history-key-confirmed"),
        "user.disabled" => say("history-user-disabled"),
        "user.enabled" => say("history-user-enabled"),
        "instance.chosen" => texts.with("history-chosen", &[("service", &service(telling, line))]),
        "code.reused" => say("history-code-reused"),
        _ => say("history-other"),
    }
}

fn service(telling: &HistoryWords, line: &HistoryEntry) -> String {
    let slug = line.service.as_deref().unwrap_or_default();
    let known = telling.snapshot.service(slug);
    known
        .map_or(slug, |service| service.title.as_str())
        .to_owned()
}
