//! The signing keys: their current state, and creating new ones ahead of schedule.

use std::sync::Arc;

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::moment;
use crate::{
    admin::{Administration, Has, PartyStanding},
    error::Result,
    http::{
        extract::{Admin, Form, Query},
        page::{self, Site, html},
        route::{Access, Route},
        view::{self, AdminKeys, CheckResult},
    },
    keys::{KeyState as Stage, KeyStatus, RotationReason},
    model::permission::Permission,
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/admin/keys", Access::Can(Permission::ManageKeys), || {
        get(list).post(rotate)
    }),
    Route::post(
        "/admin/keys/confirmations",
        Access::Can(Permission::ManageKeys),
        || post(confirm),
    ),
];

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct KeyDoneQuery {
    done: String,
}

#[derive(Deserialize)]
pub struct KeyForm {
    turn: String,
    /// "I know what this does", when ticked.
    confirmed: Option<String>,
}

/// `GET /admin/keys`.
pub async fn list(
    State(site): State<Arc<Site>>,
    State(desk): State<Administration>,
    admin: Admin,
    Query(done): Query<KeyDoneQuery>,
) -> Result<Response> {
    let parties = desk.service_providers().await?;
    html(&shown(&site, &desk, &admin, &done.done, &parties))
}

#[derive(Deserialize)]
pub struct Confirmed {
    entity: String,
    fingerprint: String,
}

/// `POST /admin/keys/confirmations`: records that a service provider has a certificate of ours.
pub async fn confirm(
    State(desk): State<Administration>,
    admin: Admin,
    Form(given): Form<Confirmed>,
) -> Result<Response> {
    desk.confirm_certificate(&admin.who, &given.entity, &given.fingerprint)
        .await?;
    Ok(done("confirmed"))
}

/// `POST /admin/keys`: creates new keys. What cannot be undone is confirmed first.
pub async fn rotate(
    State(desk): State<Administration>,
    admin: Admin,
    Form(wish): Form<KeyForm>,
) -> Result<Response> {
    let turn = match (wish.turn.as_str(), wish.confirmed.is_some()) {
        ("early", _) => RotationReason::Early,
        ("at-once", true) => RotationReason::AtOnce,
        ("leaked", true) => RotationReason::Leaked,
        ("at-once" | "leaked", false) => return Ok(done("unconfirmed")),
        _ => return Err(crate::error::Error::Invalid("no such turn".to_owned())),
    };
    let made = desk.rotate(&admin.who, turn).await?;
    Ok(done(match turn {
        _ if made.is_empty() => "waiting",
        RotationReason::AtOnce => "at-once",
        RotationReason::Leaked => "leaked",
        RotationReason::Due | RotationReason::Early => "early",
    }))
}

/// A reload of the page creates no more keys.
fn done(word: &str) -> Response {
    page::to(&format!("/admin/keys?done={word}"))
}

/// The message on what the form has just done; `None` for any other word.
fn verdict(texts: &Texts, word: &str) -> Option<CheckResult> {
    let key = match word {
        "early" => "admin-keys-done-early",
        "at-once" => "admin-keys-done-at-once",
        "leaked" => "admin-keys-done-leaked",
        "waiting" => "admin-keys-waiting",
        "unconfirmed" => "admin-keys-unconfirmed",
        "confirmed" => "admin-keys-done-confirmed",
        _ => return None,
    };
    Some(CheckResult {
        is_good: !matches!(word, "waiting" | "unconfirmed"),
        words: texts.say(key).to_owned(),
        detail: String::new(),
    })
}

fn shown(
    site: &Site,
    desk: &Administration,
    admin: &Admin,
    word: &str,
    parties: &[PartyStanding],
) -> AdminKeys {
    let texts = admin.visit.texts();
    let standing = desk.keys();
    let by_purpose = standing.chunk_by(|a, b| a.purpose == b.purpose);
    let purposes = by_purpose.map(|own| view::AdminKeyPurpose {
        title: title(texts, own),
        keys: own.iter().map(|key| line(texts, desk, own, key)).collect(),
    });
    let hours = desk.turns.publish.as_secs() / 3600;
    let newest = standing.iter().find(|one| one.ends.is_some());
    view::AdminKeys {
        warning: warning(texts, desk),
        newest: newest.map(|one| one.kid.clone()).unwrap_or_default(),
        parties: parties
            .iter()
            .map(|party| party_row(texts, party, newest))
            .collect(),
        frame: site.frame(&admin.visit),
        purposes: purposes.collect(),
        rotate_lead: texts.with("admin-keys-rotate-lead", &[("count", &hours.to_string())]),
        verdict: verdict(texts, word),
    }
}

/// The certificate that ends soon, while it has no successor.
fn warning(texts: &Texts, desk: &Administration) -> Option<String> {
    let ending = desk.keys.ending()?;
    let days = ending.days_left(desk.sign_ins.clock.now())?;
    Some(match days {
        ..=0 => texts.say("admin-keys-ended").to_owned(),
        _ => texts.with("admin-keys-ending", &[("count", &days.to_string())]),
    })
}

fn party_row(texts: &Texts, party: &PartyStanding, newest: Option<&KeyStatus>) -> view::AdminParty {
    let key = match party.has {
        Has::Unknown => "admin-keys-party-unknown",
        Has::Gone => "admin-keys-party-gone",
        Has::The(state) if newest.is_some_and(|newest| newest.state == state) => {
            "admin-keys-party-newest"
        }
        Has::The(_) => "admin-keys-party-older",
    };
    view::AdminParty {
        title: party.title.clone(),
        entity: party.entity.clone(),
        words: texts.say(key).to_owned(),
        is_open: key != "admin-keys-party-newest",
    }
}

fn title(texts: &Texts, own: &[KeyStatus]) -> String {
    purpose_title(texts, own.first().map_or("", |one| one.purpose.as_str()))
}

/// What keys of this purpose sign.
pub(super) fn purpose_title(texts: &Texts, purpose: &str) -> String {
    match purpose {
        "saml" => texts.say("admin-keys-saml").to_owned(),
        algorithm => texts.with("admin-keys-tokens", &[("algorithm", algorithm)]),
    }
}

fn line(
    texts: &Texts,
    desk: &Administration,
    own: &[KeyStatus],
    key: &KeyStatus,
) -> view::AdminKey {
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
    let ends = key.ends.map(|ends| ("admin-keys-ends", ends));
    view::AdminKey {
        icon,
        state: texts.say(state).to_owned(),
        times: times.into_iter().chain(ends).map(stamp).collect(),
        onward: (key.state == Stage::Current).then(|| onward(texts, desk, own, key)),
        named: texts.say(named).to_owned(),
        kid: key.kid.clone(),
    }
}

/// The successor of the current key, and when it starts to sign.
fn onward(texts: &Texts, desk: &Administration, own: &[KeyStatus], key: &KeyStatus) -> String {
    if own.iter().any(|one| one.state == Stage::Next) {
        return texts.say("admin-keys-followed").to_owned();
    }
    match (desk.turns.due(&key.purpose, key.from), key.ends) {
        (Some(due), _) => moment(due).shown,
        (None, Some(_)) => texts.say("admin-keys-saml-by-hand").to_owned(),
        (None, None) => texts.say("admin-keys-by-hand").to_owned(),
    }
}
