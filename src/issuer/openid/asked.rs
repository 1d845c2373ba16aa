//! The parameters of a client's request, read alike by the authorization endpoint and by the push:
//! plain parameters or a signed request object (RFC 9101), checked against the client's
//! registration.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{super::EndpointFault, OpenId};
use crate::{
    catalog::Snapshot,
    model::client::{Client, ClientAuth, GrantType, ResponseKind},
    protocol::{
        jose::{self, JoseError, Validation},
        oauth::{AuthorizationRequest, CONTEXT_DETAILS, OAuthError, OFFLINE, Params, ResponseType},
    },
};

/// Clocks may be this far apart, in seconds.
const LEEWAY: i64 = 30;
/// A request object valid for longer than this was not made for this request.
const LIFE: i64 = 3600;

impl OpenId<'_> {
    /// The effective parameters: those inside a signed request object, where there is one (RFC 9101
    /// section 6.3: the others are ignored). An object with an id (`jti`) is accepted once.
    pub(super) async fn opened<'a>(
        self,
        client: &Client,
        params: &'a Params,
    ) -> Result<Cow<'a, Params>, EndpointFault> {
        let Some(object) = params.one("request") else {
            return match client.registration.require_signed_request_object {
                true => {
                    Err(OAuthError::request("this client must sign its requests (RFC 9101)").into())
                }
                false => Ok(Cow::Borrowed(params)),
            };
        };
        if params.one("request_uri").is_some() {
            return Err(OAuthError::request("give request or request_uri, not both").into());
        }
        let mut claims = self.read_object(client, object)?;
        let exp = claims.get("exp").and_then(Value::as_i64);
        if let Some((jti, exp)) = claims.get("jti").and_then(Value::as_str).zip(exp)
            && !self.0.is_first(client, jti, exp).await?
        {
            return Err(unusable("it was used before (jti)").into());
        }
        for name in ["iss", "aud", "exp", "iat", "nbf", "jti"] {
            claims.remove(name);
        }
        Ok(Cow::Owned(Params::of_claims(&claims)))
    }

    /// The claims of a request object that is signed by this client, for us and currently valid.
    fn read_object(self, client: &Client, object: &str) -> Result<Map<String, Value>, OAuthError> {
        let ClientAuth::Keys(keys) = &client.auth else {
            return Err(OAuthError::new(
                "request_not_supported",
                "this client has no keys registered to sign a request with",
            ));
        };
        let wrong = |error: JoseError| unusable(&error.to_string());
        let kind = &jose::kind::REQUEST_OBJECT;
        let token = jose::verify(object, keys, &jose::Algorithm::ALL, kind).map_err(wrong)?;
        Validation {
            issuer: &client.id,
            audience: &[&self.0.issuer],
            now: self.0.clock.now().secs(),
            leeway: LEEWAY,
        }
        .check(&token)
        .map_err(wrong)?;
        let claims: Map<String, Value> = token.claims().map_err(wrong)?;
        self.check_object(client, &claims).map_err(unusable)?;
        Ok(claims)
    }

    fn check_object(
        self,
        client: &Client,
        claims: &Map<String, Value>,
    ) -> Result<(), &'static str> {
        if claims.get("client_id").and_then(Value::as_str) != Some(&client.id) {
            return Err("client_id inside is not the one outside");
        }
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err("a request object contains no other");
        }
        let exp = claims.get("exp").and_then(Value::as_i64);
        if exp.is_none_or(|exp| exp > self.0.clock.now().secs() + LIFE + LEEWAY) {
            return Err("exp is more than an hour away");
        }
        let jti = claims.get("jti");
        if jti.is_some_and(|jti| jti.as_str().is_none_or(str::is_empty)) {
            return Err("jti is no name");
        }
        Ok(())
    }
}

/// RFC 9101 section 6.3.
fn unusable(why: &str) -> OAuthError {
    OAuthError::new("invalid_request_object", why)
}

/// Reads a request whose client is known and whose `redirect_uri` was matched, and checks it
/// against the client's registration.
pub(super) fn read(
    snapshot: &Snapshot,
    client: &Client,
    params: &Params,
) -> Result<AuthorizationRequest, OAuthError> {
    if params.one("request_uri").is_some() {
        return Err(OAuthError::new(
            "request_uri_not_supported",
            "push the request (RFC 9126), or send it by value",
        ));
    }
    let address = params.one("redirect_uri").unwrap_or_default();
    let scopes = &client.registration.scopes;
    let request = AuthorizationRequest::parse(params, &client.id, address, scopes)?;
    within_registration(snapshot, client, request)
}

/// Checks that nothing exceeds the client's registration: a refresh token is not promised, a
/// resource it may not reach is refused (RFC 8707 section 2), as are other ways to be answered and
/// kinds of context that are not registered (RFC 9396 section 5).
fn within_registration(
    snapshot: &Snapshot,
    client: &Client,
    mut request: AuthorizationRequest,
) -> Result<AuthorizationRequest, OAuthError> {
    let registration = &client.registration;
    let known = &registration.resources;
    if request.resources.iter().any(|one| !known.contains(one)) {
        return Err(OAuthError::target(
            "a resource is not registered for this client",
        ));
    }
    let direct = registration.response_types.contains(&ResponseKind::IdToken);
    if request.kind == ResponseType::IdToken && !direct {
        return Err(OAuthError::new(
            "unauthorized_client",
            "this client is not registered for response_type=id_token",
        ));
    }
    if !request.details.is_empty() {
        let types = &registration.authorization_details_types;
        if !types.iter().any(|one| one == CONTEXT_DETAILS) {
            return Err(OAuthError::new(
                "invalid_authorization_details",
                "this client is not registered for this type",
            ));
        }
        let mut kinds = request.details.iter().flat_map(|one| &one.datatypes);
        if let Some(unknown) = kinds.find(|kind| snapshot.context_type(kind).is_none()) {
            return Err(OAuthError::new(
                "invalid_authorization_details",
                format!("there is no context of the kind {unknown}"),
            ));
        }
    }
    if !client.may(GrantType::RefreshToken) || request.kind == ResponseType::IdToken {
        let scope = request.scope.split(' ').filter(|one| *one != OFFLINE);
        request.scope = scope.collect::<Vec<_>>().join(" ");
    }
    Ok(request)
}
