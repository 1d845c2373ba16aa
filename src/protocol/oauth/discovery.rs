//! The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414).

use serde_json::{Value, json};

use super::{
    ACR_ONE_FACTOR, ACR_TWO_FACTORS, CONTEXT_DETAILS, LAUNCH_CODE_GRANT, SCOPES, TOKEN_EXCHANGE,
};

/// The discovery document (OpenID Connect Discovery 1.0 section 3). `issuer` has no final slash;
/// `about_people` names the claims by scope.
pub fn discovery<'a>(issuer: &str, about_people: impl Iterator<Item = &'a str>) -> Value {
    let own = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "at_hash",
        "sid",
        "urn:usher:launch",
    ];
    let claims: Vec<&str> = own.into_iter().chain(about_people).collect();
    let client_auth = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ];
    let signing = ["ES256", "RS256"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oidc/authorize"),
        "token_endpoint": format!("{issuer}/oidc/token"),
        "userinfo_endpoint": format!("{issuer}/oidc/userinfo"),
        "registration_endpoint": format!("{issuer}/oidc/register"),
        "jwks_uri": format!("{issuer}/oidc/jwks"),
        "end_session_endpoint": format!("{issuer}/oidc/end-session"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code", "id_token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials",
            TOKEN_EXCHANGE, LAUNCH_CODE_GRANT],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": signing,
        "token_endpoint_auth_methods_supported": client_auth,
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "pushed_authorization_request_endpoint": format!("{issuer}/oidc/par"),
        "require_pushed_authorization_requests": false,
        "revocation_endpoint": format!("{issuer}/oidc/revoke"),
        "revocation_endpoint_auth_methods_supported": client_auth,
        "revocation_endpoint_auth_signing_alg_values_supported": signing,
        "introspection_endpoint": format!("{issuer}/oidc/introspect"),
        "introspection_endpoint_auth_methods_supported": client_auth,
        "introspection_endpoint_auth_signing_alg_values_supported": signing,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": signing,
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": [ACR_ONE_FACTOR, ACR_TWO_FACTORS],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "request_object_signing_alg_values_supported": signing,
        "require_signed_request_object": false,
        "authorization_details_types_supported": [CONTEXT_DETAILS],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "usher_handoff_supported": true,
    })
}
