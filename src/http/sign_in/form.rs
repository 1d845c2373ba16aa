//! The page of an attempt: one provider's form, the other ways, and what went wrong before.

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::offers_to_remember;
use crate::{
    app::App,
    catalog::OpenProvider,
    error::{Error, Result},
    http::{extract::Visit, flash, page::html, view},
    launch::Launches,
    model::{
        attempt::{After, Attempt, AttemptPurpose},
        launch::Ask,
    },
    sign_in::SignInTrouble,
    upstream::ProviderForm,
};

/// The form of the provider that is wanted, or of the first.
pub async fn form(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    wanted: Option<&str>,
    name: String,
    trouble: Option<view::SignInNotice>,
) -> Result<Response> {
    let providers = app.sign_ins.providers().list()?;
    let linking = matches!(attempt.purpose, AttemptPurpose::Link(_));
    let wanted = if linking {
        attempt.provider.as_deref()
    } else {
        wanted
    };
    if let Some(slug) = wanted {
        app.sign_ins.providers().check_opened(slug)?;
    }
    let chosen = providers
        .iter()
        .find(|one| Some(one.slug.as_str()) == wanted);
    let Some(chosen) = chosen.or(providers.first()) else {
        return Err(Error::NotSetUp);
    };
    let action = attempt.path();
    let others = providers.iter().filter(|one| {
        !linking && one.slug != chosen.slug && app.sign_ins.realms().is_listed(&one.slug)
    });
    let confirms = matches!(attempt.purpose, AttemptPurpose::Confirm(_));
    let elsewhere = !confirms && !linking && app.sign_ins.realms().are_distinguished();
    let page = view::SignInPage {
        confirms,
        confirmed_for: confirmed_for(app, visit, attempt).await?,
        linking: linking
            .then(|| visit.visitor.signed_in.as_ref())
            .flatten()
            .map(|who| who.user.name.clone()),
        passkeys: app.factors.signs_in_alone() && !linking,
        away: (chosen.asks() == ProviderForm::Away).then(|| format!("{action}/to/{}", chosen.slug)),
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

/// The result of a try, for the form that shows it.
#[derive(Serialize, Deserialize)]
pub struct SignInFlash {
    pub provider: String,
    pub name: String,
    pub remember: bool,
    pub trouble: view::SignInNotice,
}

/// The form again, with the error and the typed values (except the password).
pub async fn again(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    result: SignInFlash,
) -> Result<Response> {
    let provider: String =
        url::form_urlencoded::byte_serialize(result.provider.as_bytes()).collect();
    let address = match provider.is_empty() {
        true => attempt.path(),
        false => format!("{}?provider={provider}", attempt.path()),
    };
    flash::redirect(app, visit, &address, result).await
}

/// The status of a page that reports what went wrong, and when to retry.
pub fn mark(response: Response, trouble: view::SignInNotice) -> Response {
    let wait = match trouble {
        view::SignInNotice::Throttled { seconds } => Some(seconds),
        _ => None,
    };
    flash::marked(response, status(trouble), wait)
}

fn other_way(action: &str, provider: &OpenProvider) -> view::LabelledLink {
    view::LabelledLink {
        label: provider.title.clone(),
        href: format!("{action}?provider={}", provider.slug),
    }
}

/// The record the user is going to, as in the link they followed. Its service is not named before
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
        .original_ask(id, &visit.visitor)
        .await?
        .and_then(|ask: Ask| ask.record);
    Ok(record.map(|(_, key)| key).filter(|key| plain(key)))
}

pub fn sign_in_notice(trouble: &SignInTrouble) -> view::SignInNotice {
    match trouble {
        SignInTrouble::Wrong => view::SignInNotice::Wrong,
        SignInTrouble::Throttled(wait) => view::SignInNotice::Throttled {
            seconds: wait.as_secs().max(1),
        },
        SignInTrouble::Refused("disabled") => view::SignInNotice::Disabled,
        SignInTrouble::Refused("expired") | SignInTrouble::Expired => view::SignInNotice::Expired,
        SignInTrouble::Refused("account-expired") => view::SignInNotice::AccountExpired,
        SignInTrouble::Refused("not-now") => view::SignInNotice::NotNow,
        SignInTrouble::Refused("stale") => view::SignInNotice::Stale,
        SignInTrouble::Refused("untold") => view::SignInNotice::UnknownProofTime,
        SignInTrouble::Refused("another-person") => view::SignInNotice::AnotherUser,
        SignInTrouble::Refused("linked-elsewhere") => view::SignInNotice::LinkedElsewhere,
        SignInTrouble::Refused("link-person" | "link-late") => view::SignInNotice::LinkVoid,
        SignInTrouble::Refused("not-allowed") => view::SignInNotice::NotAllowed,
        SignInTrouble::Refused("not-known") => view::SignInNotice::NotKnown,
        SignInTrouble::Refused("unknown") => view::SignInNotice::Unknown,
        SignInTrouble::Refused("passkey-unknown") => view::SignInNotice::PasskeyUnknown,
        SignInTrouble::Refused("vouch-again") => view::SignInNotice::VouchAgain,
        SignInTrouble::Refused("cloned") => view::SignInNotice::Cloned,
        SignInTrouble::Refused(_) => view::SignInNotice::Refused,
        SignInTrouble::Denied(_) => view::SignInNotice::Denied,
        SignInTrouble::InvalidMessage(_) => view::SignInNotice::InvalidMessage,
        SignInTrouble::Invalid(_) => view::SignInNotice::Invalid,
        SignInTrouble::Down(_) => view::SignInNotice::Down,
        SignInTrouble::Busy => view::SignInNotice::Busy,
    }
}

fn status(trouble: view::SignInNotice) -> StatusCode {
    match trouble {
        view::SignInNotice::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        view::SignInNotice::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        view::SignInNotice::InvalidMessage => StatusCode::BAD_REQUEST,
        view::SignInNotice::Down | view::SignInNotice::Invalid => StatusCode::BAD_GATEWAY,
        view::SignInNotice::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The purpose of a confirmation, in words: "C-1042 in CRM". Access was already checked.
pub async fn confirmed_for(app: &App, visit: &Visit, attempt: &Attempt) -> Result<Option<String>> {
    let (AttemptPurpose::Confirm(_), After::Launch(id)) = (&attempt.purpose, &attempt.after) else {
        return Ok(None);
    };
    let Some(ask) = app.launches.original_ask(id, &visit.visitor).await? else {
        return Ok(None);
    };
    let snapshot = app.catalog.snapshot();
    let service = snapshot
        .service(&ask.service)
        .map_or("", |service| service.title.as_str());
    let record = ask.record.as_ref().map(|(_, key)| key.as_str());
    Ok(Some(view::destination(visit.texts(), service, record)))
}
