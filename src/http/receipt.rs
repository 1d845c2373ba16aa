//! How launches end at the remote: receipts, and users who are sent back.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    extract::{Path, SignedInUser},
    page::{Site, html},
    route::{Access, Format, Route},
    view,
};
use crate::{
    app::App,
    error::{Error, Result},
    id::LaunchId,
    issuer::{ClientProof, Issuer, ReceiptCredentials},
    launch::Rejected,
    model::receipt::{Reason, ReceiptBody, ReceiptVerdict, ReceiptVoid},
    protocol::oauth::{OAuthError, Params},
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::post(
        "/launches/{launch}/receipt",
        Access::Machine(Format::Problem),
        || post(create),
    ),
    Route::get("/launches/{launch}/refused", Access::SignedIn, || {
        get(refused)
    }),
];

/// The body: the receipt, and the client's credentials where they are not in the header. Unknown
/// and repeated members are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    outcome: ReceiptVerdict,
    reason: Option<Reason>,
    detail: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
}

/// `POST /launches/{launch}/receipt`: 204, also for the same receipt again.
pub async fn create(
    State(provider): State<Issuer>,
    Path(launch): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match receive(&provider, &launch, &headers, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

async fn receive(provider: &Issuer, launch: &str, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let body = read(headers, body)?;
    let witness = witness(headers, &body)?;
    let written = ReceiptBody {
        outcome: body.outcome,
        reason: body.reason,
        detail: body.detail,
    };
    let outcome = written.outcome()?;
    let id = LaunchId::parse(launch).ok_or(Error::NotFound)?;
    provider.receipts().receive(&id, &witness, &outcome).await
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Body> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    if !kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(ReceiptVoid::Unreadable("send application/json".to_owned()).into());
    }
    serde_json::from_slice(body).map_err(|error| ReceiptVoid::Unreadable(error.to_string()).into())
}

/// An access token or, as at the token endpoint, exactly one way of client authentication.
fn witness(headers: &HeaderMap, body: &Body) -> Result<ReceiptCredentials> {
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().map_err(|_| unproved_header()));
    let authorization = authorization.transpose()?;
    let given = [
        ("client_id", &body.client_id),
        ("client_secret", &body.client_secret),
        ("client_assertion_type", &body.client_assertion_type),
        ("client_assertion", &body.client_assertion),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish();
    let bearer = authorization
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if let Some((_, token)) = bearer {
        if !form.is_empty() {
            return Err(unproved(OAuthError::request(
                "authenticate the client in one way, not in several",
            )));
        }
        return Ok(ReceiptCredentials::AccessToken(token.trim().to_owned()));
    }
    let proof = Params::parse(&form).and_then(|params| ClientProof::read(authorization, &params));
    Ok(ReceiptCredentials::Client(proof.map_err(unproved)?))
}

fn unproved_header() -> Error {
    unproved(OAuthError::client())
}

fn unproved(error: OAuthError) -> Error {
    ReceiptVoid::Unproved(error.description).into()
}

/// `GET /launches/{launch}/refused?reason=`: the application sent its user back. Nothing is
/// recorded: any site can make a browser follow a link. Only the receipt counts.
pub async fn refused(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
    Path(launch): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let reason = reason(query.as_deref().unwrap_or_default()).ok_or(Error::NotFound)?;
    let id = LaunchId::parse(&launch).ok_or(Error::NotFound)?;
    let turned = app.launches.turned_away(&id, &who).await?;
    let texts = visit.texts();
    let (heading, advice) = words(texts, reason, &turned);
    html(&view::TurnedAway {
        heading,
        advice,
        icon: turned.icon.clone(),
        actions: actions(texts, reason, &turned),
        frame: site.frame(&visit),
    })
}

/// The only parameter: one of the listed reasons, which have texts.
fn reason(query: &str) -> Option<Reason> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (name, value) = pairs.next()?;
    let reason = Reason::parse(&value).filter(|reason| *reason != Reason::Other);
    reason.filter(|_| name == "reason" && pairs.next().is_none())
}

/// Headline and advice: those that name the record, or those that do without.
fn words(texts: &Texts, reason: Reason, turned: &Rejected) -> (String, String) {
    let (headline, advice) = match (reason, turned.key.is_some()) {
        (Reason::NoSuchRecord, true) => ("turned-away-no-record", "turned-away-no-record-advice"),
        (Reason::NoSuchRecord, false) => ("turned-away-nothing", "turned-away-nothing-advice"),
        (_, true) => ("turned-away-forbidden", "turned-away-forbidden-advice"),
        (_, false) => ("turned-away-shut", "turned-away-shut-advice"),
    };
    let record = turned.key.as_deref().unwrap_or_default();
    let variables = [("service", turned.service.as_str()), ("record", record)];
    (
        texts.with(headline, &variables),
        texts.with(advice, &variables),
    )
}

fn actions(texts: &Texts, reason: Reason, turned: &Rejected) -> Vec<view::LabelledLink> {
    let link = |label: &str, href: String| view::LabelledLink {
        label: texts.say(label).to_owned(),
        href,
    };
    let check = (reason == Reason::NoSuchRecord)
        .then(|| turned.check.clone())
        .flatten()
        .map(|href| link("turned-away-check", href));
    let elsewhere = turned.elsewhere.then(|| {
        link(
            "turned-away-elsewhere",
            format!("/services/{}", turned.slug),
        )
    });
    check.into_iter().chain(elsewhere).collect()
}
