//! The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414).

use serde_json::{Value, json};

use super::{ACR_ONE_FACTOR, ACR_TWO_FACTORS, LAUNCH_CODE_GRANT, SCOPES, TOKEN_EXCHANGE};

/// The discovery document (OpenID Connect Discovery 1.0 section 3). `issuer` has no final slash.
pub fn discovery(issuer: &str) -> Value {
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
        "jwks_uri": format!("{issuer}/oidc/jwks"),
        "end_session_endpoint": format!("{issuer}/oidc/end-session"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
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
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": [ACR_ONE_FACTOR, ACR_TWO_FACTORS],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr",
            "at_hash", "sid", "name", "preferred_username", "email", "groups", "urn:usher:launch"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "usher_handoff_supported": true,
    })
}
