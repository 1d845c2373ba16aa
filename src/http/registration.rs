//! Registration's handlers: for applications that present a token (RFC 7591, RFC 7592).

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;

use super::{
    oidc,
    route::{Access, Route},
};
use crate::{
    issuer::{EndpointFault, Issuer, RegistrationReply},
    protocol::oauth::OAuthError,
};

pub const ROUTES: &[Route] = &[
    Route::post("/oidc/register", Access::Machine(oidc::OAUTH), || {
        post(create)
    }),
    Route::new(
        &["GET", "PUT", "DELETE"],
        "/oidc/register/{client}",
        Access::Machine(oidc::OAUTH),
        || get(show).put(update).delete(delete),
    ),
];

/// `POST /oidc/register`.
pub async fn create(State(provider): State<Issuer>, headers: HeaderMap, body: Bytes) -> Response {
    let registration = provider.registration();
    let done = async {
        let admitted = registration.admit(bearer(&headers)).await?;
        registration
            .register(&admitted, &json(&headers, &body)?)
            .await
    };
    answer(StatusCode::CREATED, &headers, done.await)
}

/// `GET /oidc/register/{client}`.
pub async fn show(
    State(provider): State<Issuer>,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Response {
    let registration = provider.registration();
    let done = registration.managed(&client, bearer(&headers)).await;
    let done = done.map(|managed| registration.describe(&managed));
    answer(StatusCode::OK, &headers, done)
}

/// `PUT /oidc/register/{client}`.
pub async fn update(
    State(provider): State<Issuer>,
    Path(client): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let registration = provider.registration();
    let done = async {
        let managed = registration.managed(&client, bearer(&headers)).await?;
        let body = json(&headers, &body)?;
        registration.replace(managed, &body).await
    };
    answer(StatusCode::OK, &headers, done.await)
}

/// `DELETE /oidc/register/{client}`.
pub async fn delete(
    State(provider): State<Issuer>,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Response {
    let registration = provider.registration();
    let done = async {
        let managed = registration.managed(&client, bearer(&headers)).await?;
        registration.remove(&managed).await
    };
    match done.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(fault) => refusal(&headers, &fault),
    }
}

/// RFC 6750 section 2.1; a token is accepted in no other place.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let is = scheme.eq_ignore_ascii_case("bearer");
    is.then_some(token.trim())
}

fn json(headers: &HeaderMap, body: &[u8]) -> Result<Value, OAuthError> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    if !kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(OAuthError::metadata("send application/json"));
    }
    serde_json::from_slice(body)
        .map_err(|error| OAuthError::metadata(format!("the body is not JSON: {error}")))
}

fn answer(
    status: StatusCode,
    headers: &HeaderMap,
    done: Result<RegistrationReply, EndpointFault>,
) -> Response {
    match done {
        Ok(registered) => (status, Json(registered)).into_response(),
        Err(fault) => refusal(headers, &fault),
    }
}

/// RFC 6750 section 3: a client that sent no token gets no `error` code.
fn refusal(headers: &HeaderMap, fault: &EndpointFault) -> Response {
    let mut response = oidc::refusal(fault, false);
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = match headers.contains_key(header::AUTHORIZATION) {
            true => "Bearer realm=\"usher\", error=\"invalid_token\"",
            false => "Bearer realm=\"usher\"",
        };
        let value = HeaderValue::from_static(challenge);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
