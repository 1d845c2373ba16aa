//! The keys we sign with: how they stand, and new ones before their time.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::moment;
use crate::{
    admin::Desk,
    error::Result,
    http::{
        extract::{Admin, Form, Query},
        page::{self, Site, html},
        view::{self, AdminKeys, Verdict},
    },
    keys::{Standing, State as Stage, Turn},
    text::Texts,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Done {
    done: String,
}

#[derive(Deserialize)]
pub struct Wish {
    turn: String,
    /// "I know what this does", when ticked.
    confirmed: Option<String>,
}

/// `GET /admin/keys`.
pub async fn list(
    State(site): State<Arc<Site>>,
    State(desk): State<Desk>,
    admin: Admin,
    Query(done): Query<Done>,
) -> Result<Response> {
    html(&shown(&site, &desk, &admin, &done.done))
}

/// `POST /admin/keys`: makes new ones. What cannot be taken back is confirmed first.
pub async fn rotate(
    State(desk): State<Desk>,
    admin: Admin,
    Form(wish): Form<Wish>,
) -> Result<Response> {
    let turn = match (wish.turn.as_str(), wish.confirmed.is_some()) {
        ("early", _) => Turn::Early,
        ("at-once", true) => Turn::AtOnce,
        ("leaked", true) => Turn::Leaked,
        ("at-once" | "leaked", false) => return Ok(done("unconfirmed")),
        _ => return Err(crate::error::Error::Invalid("no such turn".to_owned())),
    };
    let made = desk.rotate(&admin.who, turn).await?;
    Ok(done(match turn {
        _ if made.is_empty() => "waiting",
        Turn::AtOnce => "at-once",
        Turn::Leaked => "leaked",
        Turn::Due | Turn::Early => "early",
    }))
}

/// A page that is loaded again makes no more keys.
fn done(word: &str) -> Response {
    page::to(&format!("/admin/keys?done={word}"))
}

/// What the form has just done. Any other word is nobody's.
fn verdict(texts: &Texts, word: &str) -> Option<Verdict> {
    let key = match word {
        "early" => "admin-keys-done-early",
        "at-once" => "admin-keys-done-at-once",
        "leaked" => "admin-keys-done-leaked",
        "waiting" => "admin-keys-waiting",
        "unconfirmed" => "admin-keys-unconfirmed",
        _ => return None,
    };
    Some(Verdict {
        is_good: !matches!(word, "waiting" | "unconfirmed"),
        words: texts.say(key).to_owned(),
    })
}

fn shown(site: &Site, desk: &Desk, admin: &Admin, word: &str) -> AdminKeys {
    let texts = admin.visit.texts();
    let standing = desk.keys();
    let by_purpose = standing.chunk_by(|a, b| a.purpose == b.purpose);
    let purposes = by_purpose.map(|own| view::AdminKeyPurpose {
        title: title(texts, own),
        keys: own.iter().map(|key| line(texts, desk, own, key)).collect(),
    });
    let hours = desk.turns.publish.as_secs() / 3600;
    view::AdminKeys {
        frame: site.frame(&admin.visit),
        purposes: purposes.collect(),
        rotate_lead: texts.with("admin-keys-rotate-lead", &[("count", &hours.to_string())]),
        verdict: verdict(texts, word),
    }
}

fn title(texts: &Texts, own: &[Standing]) -> String {
    match own.first().map_or("", |one| one.purpose.as_str()) {
        "saml" => texts.say("admin-keys-saml").to_owned(),
        algorithm => texts.with("admin-keys-tokens", &[("algorithm", algorithm)]),
    }
}

fn line(texts: &Texts, desk: &Desk, own: &[Standing], key: &Standing) -> view::AdminKey {
    let (icon, state, times) = match key.state {
        Stage::Next => (
            "clock",
            "admin-keys-next",
            vec![("admin-keys-from", key.from)],
        ),
        Stage::Current => (
            "key",
            "admin-keys-current",
            vec![("admin-keys-since", key.from)],
        ),
        Stage::Retiring => (
            "exit",
            "admin-keys-retiring",
            key.until
                .map(|until| ("admin-keys-until", until))
                .into_iter()
                .collect(),
        ),
    };
    let named = match key.purpose.as_str() {
        "saml" => "admin-keys-fingerprint",
        _ => "admin-keys-kid",
    };
    let stamp = |(name, at)| (texts.say(name).to_owned(), moment(at));
    view::AdminKey {
        icon,
        state: texts.say(state).to_owned(),
        times: times.into_iter().map(stamp).collect(),
        onward: (key.state == Stage::Current).then(|| onward(texts, desk, own, key)),
        named: texts.say(named).to_owned(),
        kid: key.kid.clone(),
    }
}

/// What follows the current key, and when.
fn onward(texts: &Texts, desk: &Desk, own: &[Standing], key: &Standing) -> String {
    if own.iter().any(|one| one.state == Stage::Next) {
        return texts.say("admin-keys-followed").to_owned();
    }
    match desk.turns.due(key.from) {
        Some(due) => moment(due).shown,
        None => texts.say("admin-keys-by-hand").to_owned(),
    }
}
