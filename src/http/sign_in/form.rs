//! The page of an attempt: one provider's form, the other ways, and what went wrong before.

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::offers_to_remember;
use crate::{
    app::App,
    error::{Error, Result},
    http::{extract::Visit, flash, page::html, view},
    launch::Launches,
    model::{
        attempt::{After, Attempt, Purpose},
        launch::Ask,
    },
    sign_in::{Asks, OpenProvider, Trouble},
};

/// The form of the provider that is wanted, or of the first.
pub async fn form(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    wanted: Option<&str>,
    name: String,
    trouble: Option<view::Trouble>,
) -> Result<Response> {
    let providers = app.sign_ins.providers()?;
    let linking = matches!(attempt.purpose, Purpose::Link(_));
    let wanted = if linking {
        attempt.provider.as_deref()
    } else {
        wanted
    };
    let chosen = providers
        .iter()
        .find(|one| Some(one.slug.as_str()) == wanted);
    let Some(chosen) = chosen.or(providers.first()) else {
        return Err(Error::NotSetUp);
    };
    let action = attempt.path();
    let others = providers
        .iter()
        .filter(|one| !linking && one.slug != chosen.slug && app.sign_ins.is_listed(&one.slug));
    let confirms = matches!(attempt.purpose, Purpose::Confirm(_));
    let elsewhere = !confirms && !linking && app.sign_ins.tells_realms();
    let page = view::SignIn {
        confirms,
        confirmed_for: confirmed_for(app, visit, attempt).await?,
        linking: linking
            .then(|| visit.visitor.signed_in.as_ref())
            .flatten()
            .map(|who| who.user.name.clone()),
        passkeys: app.factors.signs_in_alone() && !linking,
        away: (chosen.asks() == Asks::Away).then(|| format!("{action}/to/{}", chosen.slug)),
        remember: (offers_to_remember(app) && !linking).then_some(attempt.remember),
        elsewhere: elsewhere.then(|| format!("{action}/who")),
        forgot: format!("/recover?attempt={}", attempt.id),
        others: others.map(|one| other_way(&action, one)).collect(),
        change: chosen
            .changes_passwords()
            .then(|| format!("{action}/password?provider={}", chosen.slug)),
        frame: app.site.frame(visit),
        action,
        provider: chosen.slug.clone(),
        provider_title: chosen.title.clone(),
        name,
        notice: visit.notice.filter(|_| trouble.is_none()),
        trouble,
        onward: onward_words(&app.launches, visit, attempt).await?,
    };
    let response = html(&page)?;
    Ok(match trouble {
        Some(trouble) => mark(response, trouble),
        None => response,
    })
}

/// What a try came to, on its way to the form that shows it.
#[derive(Serialize, Deserialize)]
pub struct Told {
    pub provider: String,
    pub name: String,
    pub remember: bool,
    pub trouble: view::Trouble,
}

/// The form again, with what went wrong and what was typed (but for the password).
pub async fn again(app: &App, visit: &Visit, attempt: &Attempt, told: Told) -> Result<Response> {
    let provider: String = url::form_urlencoded::byte_serialize(told.provider.as_bytes()).collect();
    let address = match provider.is_empty() {
        true => attempt.path(),
        false => format!("{}?provider={provider}", attempt.path()),
    };
    flash::redirect(app, visit, &address, told).await
}

/// The status of a page that says what went wrong, and when to come back.
pub fn mark(response: Response, trouble: view::Trouble) -> Response {
    let wait = match trouble {
        view::Trouble::Throttled { seconds } => Some(seconds),
        _ => None,
    };
    flash::marked(response, status(trouble), wait)
}

fn other_way(action: &str, provider: &OpenProvider) -> view::Link {
    view::Link {
        label: provider.title.clone(),
        href: format!("{action}?provider={}", provider.slug),
    }
}

/// The record somebody is headed for, as their own link spells it. Its service is not named before
/// we know that they may see it.
async fn onward_words(
    launches: &Launches,
    visit: &Visit,
    attempt: &Attempt,
) -> Result<Option<String>> {
    let After::Launch(id) = &attempt.after else {
        return Ok(None);
    };
    let plain = |key: &str| {
        (1..=40).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let record = launches
        .asked(id, &visit.visitor)
        .await?
        .and_then(|ask: Ask| ask.record);
    Ok(record.map(|(_, key)| key).filter(|key| plain(key)))
}

pub fn in_view(trouble: &Trouble) -> view::Trouble {
    match trouble {
        Trouble::Wrong => view::Trouble::Wrong,
        Trouble::Throttled(wait) => view::Trouble::Throttled {
            seconds: wait.as_secs().max(1),
        },
        Trouble::Refused("disabled") => view::Trouble::Disabled,
        Trouble::Refused("expired") | Trouble::Expired => view::Trouble::Expired,
        Trouble::Refused("account-expired") => view::Trouble::AccountExpired,
        Trouble::Refused("not-now") => view::Trouble::NotNow,
        Trouble::Refused("stale") => view::Trouble::Stale,
        Trouble::Refused("untold") => view::Trouble::Untold,
        Trouble::Refused("another-person") => view::Trouble::AnotherPerson,
        Trouble::Refused("linked-elsewhere") => view::Trouble::LinkedElsewhere,
        Trouble::Refused("link-person" | "link-late") => view::Trouble::LinkVoid,
        Trouble::Refused("not-allowed") => view::Trouble::NotAllowed,
        Trouble::Refused("not-known") => view::Trouble::NotKnown,
        Trouble::Refused("unknown") => view::Trouble::Unknown,
        Trouble::Refused("passkey-unknown") => view::Trouble::PasskeyUnknown,
        Trouble::Refused("vouch-again") => view::Trouble::VouchAgain,
        Trouble::Refused("cloned") => view::Trouble::Cloned,
        Trouble::Refused(_) => view::Trouble::Refused,
        Trouble::Denied(_) => view::Trouble::Denied,
        Trouble::Unbelieved(_) => view::Trouble::Unbelieved,
        Trouble::Invalid(_) => view::Trouble::Invalid,
        Trouble::Down(_) => view::Trouble::Down,
        Trouble::Busy => view::Trouble::Busy,
    }
}

fn status(trouble: view::Trouble) -> StatusCode {
    match trouble {
        view::Trouble::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        view::Trouble::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        view::Trouble::Unbelieved => StatusCode::BAD_REQUEST,
        view::Trouble::Down | view::Trouble::Invalid => StatusCode::BAD_GATEWAY,
        view::Trouble::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}

/// What a confirmation is for, in words: "C-1042 in CRM". Whoever is asked was let that far.
pub async fn confirmed_for(app: &App, visit: &Visit, attempt: &Attempt) -> Result<Option<String>> {
    let (Purpose::Confirm(_), After::Launch(id)) = (&attempt.purpose, &attempt.after) else {
        return Ok(None);
    };
    let Some(ask) = app.launches.asked(id, &visit.visitor).await? else {
        return Ok(None);
    };
    let snapshot = app.catalog.snapshot();
    let service = snapshot
        .service(&ask.service)
        .map_or("", |service| service.title.as_str());
    let record = ask.record.as_ref().map(|(_, key)| key.as_str());
    Ok(Some(view::destination(visit.texts(), service, record)))
}
