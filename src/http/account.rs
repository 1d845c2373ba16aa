//! A user's own account: where they are signed in, how they sign in, what is stored about them and
//! what happened. Every call to a domain module is made for the signed-in user.

pub mod export;
pub mod history;
pub mod identity;
pub mod session;

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use serde::Deserialize;

use super::{
    extract::{Query, SignedInUser, Visit},
    page::{Site, html},
    route::{Access, Route},
    view,
};
use crate::{
    app::App,
    catalog::Snapshot,
    clock::Time,
    error::Result,
    model::{device::Device, session::SignedIn, user::GROUPS},
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get("/account", Access::SignedIn, || get(show))];

/// Lines of the history that the page itself shows.
const LATEST: usize = 5;

#[derive(Deserialize)]
pub struct DoneQuery {
    #[serde(default)]
    done: String,
}

/// The context of the sentences: the user, the time, the language.
struct HistoryWords<'a> {
    texts: &'a Texts,
    snapshot: Arc<Snapshot>,
    now: Time,
}

impl<'a> HistoryWords<'a> {
    fn of(app: &App, visit: &Visit) -> Self {
        Self {
            texts: visit.texts(),
            snapshot: app.catalog.snapshot(),
            now: app.parts.clock.now(),
        }
    }

    fn moment(&self, at: Time) -> view::Moment {
        view::Moment::of(self.texts, at, self.now)
    }

    /// A provider's title; one that does not exist any more is called by its slug.
    fn provider<'b>(&'b self, slug: &'b str) -> &'b str {
        let mut known = self.snapshot.providers.iter();
        let known = known.find(|provider| provider.slug == slug);
        known.map_or(slug, |provider| provider.title.as_str())
    }

    fn is_local(&self, slug: &str) -> bool {
        let mut known = self.snapshot.providers.iter();
        known.any(|provider| provider.slug == slug && provider.kind == "local")
    }

    fn device(&self, user_agent: &str) -> String {
        device_name(self.texts, user_agent)
    }

    /// A network address, with its kind where it has one.
    fn place(&self, address: &str) -> String {
        let internal = address.parse().is_ok_and(crate::model::device::is_internal);
        if internal {
            self.texts.with("place-internal", &[("address", address)])
        } else {
            address.to_owned()
        }
    }
}

/// "Firefox on Windows", as far as the `User-Agent` shows it.
pub fn device_name(texts: &Texts, user_agent: &str) -> String {
    let device = Device::of(user_agent);
    match (device.browser, device.system) {
        (Some(browser), Some(system)) => {
            texts.with("device", &[("browser", browser), ("system", system)])
        }
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => texts.say("device-unknown").to_owned(),
    }
}

/// `GET /account`.
pub async fn show(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
    Query(done): Query<DoneQuery>,
) -> Result<Response> {
    let telling = HistoryWords::of(&app, &visit);
    let identities = app.directory.account().identities(&who).await?;
    let sessions = app.directory.account().sessions(&who).await?;
    let history = app.directory.account().history(&who, None).await?;
    let lines = history.lines.iter().take(LATEST);
    html(&view::AccountPage {
        frame: site.frame(&visit),
        name: who.user.name.clone(),
        login: who.user.login.clone(),
        done: done_words(telling.texts, &done.done),
        sessions: sessions
            .iter()
            .map(|one| session::session_row(&telling, &who, one))
            .collect(),
        linkable: identity::linkable(&app, &identities)?,
        password: identities.iter().any(|one| telling.is_local(&one.provider)),
        factors: factors(
            telling.texts,
            app.directory.account().factors(&who).await?,
            app.sign_ins.factor_policy.when_enrolled,
        ),
        identities: identity::identity_row(&telling, &identities),
        facts: facts(&telling, &who),
        lines: lines
            .map(|line| history::history_line(&telling, line))
            .collect(),
    })
}

/// The message on what a form of this page has just done; `None` for any other word.
fn done_words(texts: &Texts, word: &str) -> Option<String> {
    let key = match word {
        "session" => "account-done-session",
        "sessions" => "account-done-sessions",
        "linked" => "account-done-linked",
        "known" => "account-done-known",
        "unlinked" => "account-done-unlinked",
        _ => return None,
    };
    Some(texts.say(key).to_owned())
}

/// How many second factors a user has, and when they are asked for.
fn factors(texts: &Texts, count: usize, when_enrolled: bool) -> String {
    match count {
        0 if when_enrolled => texts.say("account-factors-none").to_owned(),
        0 => texts.say("account-factors-none-rules").to_owned(),
        _ => texts.with("account-factors", &[("count", &count.to_string())]),
    }
}

/// All attributes stored about a user, with their sources.
fn facts(telling: &HistoryWords, who: &SignedIn) -> Vec<view::Fact> {
    let known = who.user.attributes.iter();
    let each = known.flat_map(|(name, attribute)| {
        // Groups of all providers count; of other attributes, only the latest value.
        let most = if name == GROUPS { usize::MAX } else { 1 };
        let said = attribute.statements().take(most);
        said.map(move |said| (name, said))
    });
    each.map(|(name, said)| view::Fact {
        name: attribute_name(telling.texts, name),
        values: said.values.clone(),
        gap: said
            .is_incomplete
            .then(|| telling.texts.say("fact-incomplete").to_owned()),
        source: source(telling.texts, &telling.snapshot, &said.source),
    })
    .collect()
}

/// The label of an attribute that most portals have; any other is shown by its own name.
fn attribute_name(texts: &Texts, name: &str) -> String {
    let key = match name {
        "mail" => "attribute-mail",
        "groups" => "attribute-groups",
        "department" => "attribute-department",
        "region" => "attribute-region",
        "phone" => "attribute-phone",
        "title" => "attribute-title",
        "language" => "attribute-language",
        "company" => "attribute-company",
        "office" => "attribute-office",
        "employee" => "attribute-employee",
        _ => return name.to_owned(),
    };
    texts.say(key).to_owned()
}

/// Where a fact comes from, in words. What is no provider's was set here.
pub fn source(texts: &Texts, snapshot: &Snapshot, slug: &str) -> String {
    let mut known = snapshot.providers.iter();
    match known.find(|provider| provider.slug == slug) {
        Some(provider) if provider.kind != "local" => {
            texts.with("source-provider", &[("provider", &provider.title)])
        }
        Some(_) => texts.say("source-local").to_owned(),
        None => texts.say("source-here").to_owned(),
    }
}
