//! The OpenID provider's handlers.

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;

use super::{
    extract::Visit,
    next,
    page::{self, html},
    route::{Access, Format, ProtocolFormat, Route},
    sign_out, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    handoff::Landing,
    issuer::{
        EndSessionRequest, EndpointFault, Issuer, Presented, ProofContext, TokenReply, log_refusal,
    },
    protocol::oauth::{OAuthError, Params},
};

/// RFC 6749 section 5.2 and what is based on it.
pub const OAUTH: Format = Format::Protocol(&ProtocolFormat {
    name: "oauth",
    is_json: true,
    respond: failed,
});

pub const ROUTES: &[Route] = &[
    Route::get(
        "/.well-known/openid-configuration",
        Access::Machine(Format::Problem),
        || get(discovery),
    ),
    Route::get("/oidc/jwks", Access::Machine(Format::Problem), || get(jwks)),
    Route::get("/oidc/authorize", Access::Anyone, || get(authorize)),
    Route::post("/oidc/authorize", Access::Machine(Format::Page), || {
        post(authorize_by_form)
    }),
    Route::post("/oidc/token", Access::Machine(OAUTH), || post(token)),
    Route::post("/oidc/par", Access::Machine(OAUTH), || post(push)),
    Route::post("/oidc/introspect", Access::Machine(OAUTH), || {
        post(introspect)
    }),
    Route::post("/oidc/revoke", Access::Machine(OAUTH), || post(revoke)),
    Route::get_and_post("/oidc/userinfo", Access::Machine(OAUTH), || {
        get(userinfo).post(userinfo)
    }),
    Route::get("/oidc/end-session", Access::Anyone, || get(end_session)),
    Route::post("/oidc/end-session", Access::Machine(Format::Page), || {
        post(end_session_by_form)
    }),
    Route::post("/oidc/end-session/confirm", Access::Anyone, || {
        post(confirm_end)
    }),
];

/// `GET /.well-known/openid-configuration`; readable by scripts of any origin.
pub async fn discovery(State(provider): State<Issuer>) -> Response {
    public(provider.openid().discovery())
}

/// `GET /oidc/jwks`.
pub async fn jwks(State(provider): State<Issuer>) -> Response {
    public(provider.jwks())
}

fn public(body: Value) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, Json(body)).into_response()
}

/// `GET /oidc/authorize`.
pub async fn authorize(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = Params::parse(&query.unwrap_or_default())
        .map_err(|error| Error::Invalid(error.description))?;
    let next = app
        .issuer
        .openid()
        .authorize(&params, &visit.visitor)
        .await?;
    next::answer(&app, &visit, next).await
}

/// `POST /oidc/authorize` (Core 3.1.2.1). A form from another site comes without our cookies; the
/// same request by GET comes with them.
pub async fn authorize_by_form(body: Bytes) -> Response {
    by_query("/oidc/authorize", &body)
}

/// `POST /oidc/end-session`: likewise.
pub async fn end_session_by_form(body: Bytes) -> Response {
    by_query("/oidc/end-session", &body)
}

fn by_query(path: &str, body: &[u8]) -> Response {
    // Parsed and serialised again, so that the query after the question mark is well-formed.
    let pairs = url::form_urlencoded::parse(body);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    page::to(&format!("{path}?{query}"))
}

/// `POST /oidc/token`.
pub async fn token(State(provider): State<Issuer>, headers: HeaderMap, body: Bytes) -> Response {
    match asked(&headers, &body) {
        Ok((authorization, params)) => {
            match redeem(&provider, authorization, &headers, &params).await {
                Ok(tokens) => Json(tokens).into_response(),
                Err(fault) => refused("token", authorization, &params, &fault),
            }
        }
        Err(error) => unread("token", &headers, error),
    }
}

async fn redeem(
    provider: &Issuer,
    authorization: Option<&str>,
    headers: &HeaderMap,
    params: &Params,
) -> Result<TokenReply, EndpointFault> {
    let proof = dpop(headers)?;
    provider.openid().token(authorization, proof, params).await
}

/// The one proof of possession that came with a request (RFC 9449 section 4.3).
fn dpop(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let wrong = || {
        OAuthError::new(
            "invalid_dpop_proof",
            "there must be one DPoP header, of text",
        )
    };
    let mut proofs = headers.get_all("dpop").iter();
    let proof = proofs.next();
    if proofs.next().is_some() {
        return Err(wrong());
    }
    let text = proof.map(|proof| proof.to_str().map_err(|_| wrong()));
    text.transpose()
}

/// `POST /oidc/par`.
pub async fn push(State(provider): State<Issuer>, headers: HeaderMap, body: Bytes) -> Response {
    match asked(&headers, &body) {
        Ok((authorization, params)) => match provider.openid().push(authorization, &params).await {
            Ok(pushed) => (StatusCode::CREATED, Json(pushed)).into_response(),
            Err(fault) => refused("par", authorization, &params, &fault),
        },
        Err(error) => unread("par", &headers, error),
    }
}

/// `POST /oidc/introspect`.
pub async fn introspect(
    State(provider): State<Issuer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match asked(&headers, &body) {
        Ok((authorization, params)) => {
            match provider.openid().introspect(authorization, &params).await {
                Ok(answer) => Json(answer).into_response(),
                Err(fault) => refused("introspect", authorization, &params, &fault),
            }
        }
        Err(error) => unread("introspect", &headers, error),
    }
}

/// `POST /oidc/revoke`.
pub async fn revoke(State(provider): State<Issuer>, headers: HeaderMap, body: Bytes) -> Response {
    match asked(&headers, &body) {
        Ok((authorization, params)) => match provider.openid().revoke(authorization, &params).await
        {
            Ok(()) => StatusCode::OK.into_response(),
            Err(fault) => refused("revoke", authorization, &params, &fault),
        },
        Err(error) => unread("revoke", &headers, error),
    }
}

/// A client's credentials and the parameters of its request.
fn asked<'a>(headers: &'a HeaderMap, body: &[u8]) -> Result<(Option<&'a str>, Params), OAuthError> {
    let params = form(headers, body)?;
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().map_err(|_| OAuthError::client()));
    Ok((authorization.transpose()?, params))
}

fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    if !kind
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(OAuthError::request(
            "send application/x-www-form-urlencoded",
        ));
    }
    let text = std::str::from_utf8(body);
    Params::parse(text.map_err(|_| OAuthError::request("the body is not UTF-8"))?)
}

/// A refusal that is logged for the admin.
fn refused(
    endpoint: &str,
    authorization: Option<&str>,
    params: &Params,
    fault: &EndpointFault,
) -> Response {
    log_refusal(endpoint, authorization, params, fault);
    refusal(fault, authorization.is_some())
}

/// A request that could not be parsed.
fn unread(endpoint: &str, headers: &HeaderMap, error: OAuthError) -> Response {
    tracing::warn!(
        endpoint,
        why = error.description,
        "a client's request cannot be read"
    );
    refusal(&error.into(), headers.contains_key(header::AUTHORIZATION))
}

pub fn refusal(fault: &EndpointFault, challenged: bool) -> Response {
    if let EndpointFault::Own(error) = fault {
        tracing::error!(%error, "a protocol endpoint failed");
    }
    let error = fault.to_oauth();
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Json(error.to_json())).into_response();
    // RFC 6749 section 5.2: a client that tried Basic gets a challenge.
    if status == StatusCode::UNAUTHORIZED && challenged {
        let value = HeaderValue::from_static("Basic realm=\"usher\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

fn failed(error: Error, _: &Uri) -> Response {
    refusal(&EndpointFault::Own(error), false)
}

/// `GET|POST /oidc/userinfo`: the token in the header, or a bearer's in a form (RFC 6750 section 2,
/// RFC 9449 section 7.1).
pub async fn userinfo(
    State(provider): State<Issuer>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let from_header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| Some((is_bound(scheme)?, token.trim().to_owned())));
    let from_form = || {
        let form = form(&headers, &body).ok()?;
        Some((false, form.one("access_token")?.to_owned()))
    };
    let Some((bound, token)) = from_header.or_else(from_form) else {
        return unauthorized(None, false);
    };
    let proof = match dpop(&headers) {
        Ok(proof) => proof,
        Err(error) => return unauthorized(Some(error.code), true),
    };
    let presented = Presented {
        token: &token,
        bound,
        occasion: ProofContext {
            method: method.as_str(),
            path: "/oidc/userinfo",
            proof,
        },
    };
    match provider.openid().userinfo(&presented).await {
        Ok(claims) => Json(claims).into_response(),
        Err(EndpointFault::OAuth(error)) => unauthorized(Some(error.code), bound),
        Err(fault) => refusal(&fault, false),
    }
}

/// Whether the scheme is DPoP; `None` for any scheme but DPoP and Bearer.
fn is_bound(scheme: &str) -> Option<bool> {
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    match () {
        () if is("bearer") => Some(false),
        () if is("dpop") => Some(true),
        () => None,
    }
}

/// RFC 6750 section 3, RFC 9449 section 7.1.
fn unauthorized(error: Option<&str>, bound: bool) -> Response {
    let mut challenge = match bound {
        true => "DPoP algs=\"ES256 RS256\"".to_owned(),
        false => "Bearer realm=\"usher\"".to_owned(),
    };
    if let Some(code) = error {
        challenge = format!("{challenge}, error=\"{code}\"");
    }
    let headers = [(header::WWW_AUTHENTICATE, challenge)];
    (StatusCode::UNAUTHORIZED, headers).into_response()
}

/// `GET /oidc/end-session`: an authenticated request is followed; for any other the user is asked.
pub async fn end_session(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let params = Params::parse(&query).map_err(|error| Error::Invalid(error.description))?;
    let request = app.issuer.openid().end_session(&params, &visit.visitor);
    if visit.visitor.signed_in.is_some() && !request.certain {
        let action = format!("/oidc/end-session/confirm?{query}");
        return html(&view::SignOut {
            frame: app.site.frame(&visit),
            action,
            is_switch: false,
        });
    }
    part(&app, &visit, request).await
}

/// `POST /oidc/end-session/confirm`: the user confirmed.
pub async fn confirm_end(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let params = Params::parse(&query.unwrap_or_default())
        .map_err(|error| Error::Invalid(error.description))?;
    let request = app.issuer.openid().end_session(&params, &visit.visitor);
    part(&app, &visit, request).await
}

/// Ends the session and goes where the client wanted; where no admin vouches for that address, the
/// user decides.
async fn part(app: &App, visit: &Visit, request: EndSessionRequest) -> Result<Response> {
    let Some((url, client)) = request.onward.as_ref().zip(request.unvouched.as_ref()) else {
        return finish(app, visit, request.onward).await;
    };
    let landing = Landing::Redirect(url.clone());
    let mut response = page::ask_to_leave(&app.site, visit, landing, client)?;
    sign_out::end(app, visit, &mut response).await?;
    Ok(response)
}

/// Ends the session, and sends the browser on.
pub async fn finish(app: &App, visit: &Visit, onward: Option<url::Url>) -> Result<Response> {
    let mut response = match onward {
        Some(url) => {
            let host = url.host_str().unwrap_or_default().to_owned();
            page::leave(&app.site, visit, Landing::Redirect(url), &host)?
        }
        None => page::to("/signed-out"),
    };
    sign_out::end(app, visit, &mut response).await?;
    Ok(response)
}
