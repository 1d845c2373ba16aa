//! OAuth 2.0 and OpenID Connect on the wire: requests parsed strictly, errors by their registered
//! names, the discovery document. RFC 6749, RFC 7636, RFC 9207, RFC 9700; OpenID Connect Core 1.0
//! and Discovery 1.0.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Parameters of a request, none of them given twice (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    /// The query as it came, where a signature is over its very text (SAML Bindings 3.4.4.1).
    raw: Option<String>,
}

impl Params {
    /// Reads a query or a form body. A repeated name is an error: two readers could disagree on
    /// which one counts (THREATS: redirect_uri bypass).
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if !names.insert(name.clone()) {
                return Err(OAuthError::request(format!(
                    "the parameter {name} is repeated"
                )));
            }
            if name.contains('\0') || value.contains('\0') {
                return Err(OAuthError::request("a parameter contains NUL"));
            }
            // An empty value is as good as none (RFC 6749 section 3.1).
            if !value.is_empty() {
                pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Self { pairs, raw: None })
    }

    /// Keeps the text that was read.
    #[must_use]
    pub fn with_raw(mut self, text: &str) -> Self {
        self.raw = Some(text.to_owned());
        self
    }

    pub fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    pub fn one(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.one(name).map(str::to_owned)
    }
}

/// An error as OAuth spells it: RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    pub code: &'static str,
    pub description: String,
}

impl OAuthError {
    pub fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
        }
    }

    pub fn request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    /// One answer for every way a code can be wrong: no oracle.
    pub fn grant() -> Self {
        Self::new(
            "invalid_grant",
            "the code is unknown, expired, used or not yours",
        )
    }

    pub fn client() -> Self {
        Self::new(
            "invalid_client",
            "the client is unknown or did not prove who it is",
        )
    }

    /// RFC 6749 section 5.2: 401 for a client that failed to authenticate, 400 otherwise.
    pub fn status(&self) -> u16 {
        match self.code {
            "invalid_client" => 401,
            "server_error" => 500,
            "temporarily_unavailable" => 503,
            _ => 400,
        }
    }

    pub fn to_json(&self) -> Value {
        json!({ "error": self.code, "error_description": self.description })
    }
}

/// How an authorization response travels: OAuth 2.0 Multiple Response Types, Form Post Mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    Query,
    FormPost,
}

/// An authorization request whose client and address are known good (Core 3.1.2.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client: String,
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// S256 challenge, RFC 7636.
    pub challenge: String,
    pub prompt: Vec<String>,
    /// Seconds.
    pub max_age: Option<u64>,
    /// The client asks for a second factor (`acr_values`, Core 3.1.2.1).
    #[serde(default)]
    pub second_factor: bool,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
}

/// Scopes we know; others are ignored (RFC 6749 section 3.3).
pub const SCOPES: &[&str] = &["openid", "profile", "email", "groups"];
/// The extension grant that redeems a launch's one-time code (RFC 6749 section 4.5).
pub const LAUNCH_CODE_GRANT: &str = "urn:usher:params:oauth:grant-type:launch-code";
/// Authentication context classes that we assert and that clients may ask for (`acr_values`).
pub const ACR_ONE_FACTOR: &str = "urn:usher:acr:1";
pub const ACR_TWO_FACTORS: &str = "urn:usher:acr:2";
/// RFC 7523 section 2.2.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl AuthorizationRequest {
    /// The parts of a request that go back to the client when they are wrong. `redirect_uri` has
    /// been matched already.
    pub fn parse(params: &Params, client: &str, redirect_uri: &str) -> Result<Self, OAuthError> {
        for (name, code) in [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
        ] {
            if params.one(name).is_some() {
                return Err(OAuthError::new(code, "send the parameters themselves"));
            }
        }
        match params.one("response_type") {
            Some("code") => {}
            Some(_) => return Err(OAuthError::new("unsupported_response_type", "only code")),
            None => return Err(OAuthError::request("response_type is missing")),
        }
        Ok(Self {
            client: client.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            mode: response_mode(params)?,
            scope: scope(params)?,
            state: params.owned("state"),
            nonce: params.owned("nonce"),
            challenge: challenge(params)?,
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            second_factor: wants_second_factor(params),
            login_hint: params.owned("login_hint"),
            id_token_hint: params.owned("id_token_hint"),
        })
    }

    pub fn prompts(&self, what: &str) -> bool {
        self.prompt.iter().any(|one| one == what)
    }
}

pub fn has_scope(granted: &str, scope: &str) -> bool {
    granted.split(' ').any(|one| one == scope)
}

fn response_mode(params: &Params) -> Result<ResponseMode, OAuthError> {
    match params.one("response_mode") {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(OAuthError::request("response_mode is query or form_post")),
    }
}

fn scope(params: &Params) -> Result<String, OAuthError> {
    let asked = params.one("scope").unwrap_or_default();
    if !has_scope(asked, "openid") {
        return Err(OAuthError::new(
            "invalid_scope",
            "the scope must contain openid",
        ));
    }
    let known = asked.split(' ').filter(|one| SCOPES.contains(one));
    Ok(known.collect::<Vec<_>>().join(" "))
}

/// PKCE is required, and only S256: `plain` would let whoever sees the request redeem the code
/// (RFC 7636 section 4.2; THREATS: PKCE downgrade).
fn challenge(params: &Params) -> Result<String, OAuthError> {
    let challenge = params
        .one("code_challenge")
        .ok_or_else(|| OAuthError::request("code_challenge is missing: PKCE is required"))?;
    if params.one("code_challenge_method") != Some("S256") {
        return Err(OAuthError::request("code_challenge_method must be S256"));
    }
    let fits = challenge.len() == 43
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        return Err(OAuthError::request(
            "code_challenge is not a base64url SHA-256",
        ));
    }
    Ok(challenge.to_owned())
}

fn prompt(params: &Params) -> Result<Vec<String>, OAuthError> {
    let prompt: Vec<String> = params
        .one("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let known = ["none", "login", "consent", "select_account"];
    if prompt.iter().any(|one| !known.contains(&one.as_str())) {
        return Err(OAuthError::request(
            "prompt is none, login, consent or select_account",
        ));
    }
    if prompt.len() > 1 && prompt.iter().any(|one| one == "none") {
        return Err(OAuthError::request("prompt=none stands alone"));
    }
    Ok(prompt)
}

/// Only the stronger class will do.
fn wants_second_factor(params: &Params) -> bool {
    let wanted = params.one("acr_values").unwrap_or_default();
    let mut known = wanted
        .split_whitespace()
        .filter(|value| [ACR_ONE_FACTOR, ACR_TWO_FACTORS].contains(value));
    known.next() == Some(ACR_TWO_FACTORS) && known.next().is_none()
}

fn max_age(params: &Params) -> Result<Option<u64>, OAuthError> {
    params
        .one("max_age")
        .map(|text| {
            text.parse()
                .map_err(|_| OAuthError::request("max_age is a number of seconds"))
        })
        .transpose()
}

/// What a client registered for its code verifier: 43 to 128 unreserved characters
/// (RFC 7636 section 4.1).
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// The discovery document (OpenID Connect Discovery 1.0 section 3). `issuer` has no final slash.
pub fn discovery(issuer: &str) -> Value {
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
        "grant_types_supported": ["authorization_code", LAUNCH_CODE_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": [ACR_ONE_FACTOR, ACR_TWO_FACTORS],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr",
            "at_hash", "sid", "name", "preferred_username", "email", "groups", "urn:usher:launch"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "usher_handoff_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "response_type=code&client_id=c&scope=openid+email+else&state=s\
        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn parse(text: &str) -> Result<AuthorizationRequest, OAuthError> {
        AuthorizationRequest::parse(&Params::parse(text)?, "c", "https://rp.example/cb")
    }

    #[test]
    fn a_good_request_keeps_known_scopes() {
        let request = parse(GOOD).unwrap();
        assert_eq!(request.scope, "openid email");
        assert_eq!(request.mode, ResponseMode::Query);
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        assert_eq!(
            parse(&format!("{GOOD}&state=t")).unwrap_err().code,
            "invalid_request"
        );
    }

    #[test]
    fn pkce_cannot_be_downgraded() {
        for bad in [
            GOOD.replace("&code_challenge_method=S256", ""),
            GOOD.replace("S256", "plain"),
            GOOD.replace(
                "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&",
                "",
            ),
            GOOD.replace("E9Mel", "!"),
        ] {
            assert_eq!(parse(&bad).unwrap_err().code, "invalid_request", "{bad}");
        }
    }

    #[test]
    fn what_we_do_not_do_is_said_by_its_name() {
        for (extra, code) in [
            ("&request=x", "request_not_supported"),
            ("&request_uri=https://evil", "request_uri_not_supported"),
            ("&prompt=none+login", "invalid_request"),
            ("&prompt=dance", "invalid_request"),
            ("&max_age=soon", "invalid_request"),
            ("&response_mode=fragment", "invalid_request"),
        ] {
            assert_eq!(
                parse(&format!("{GOOD}{extra}")).unwrap_err().code,
                code,
                "{extra}"
            );
        }
        let token = GOOD.replace("type=code", "type=token");
        assert_eq!(parse(&token).unwrap_err().code, "unsupported_response_type");
        let scope = GOOD.replace("openid+", "");
        assert_eq!(parse(&scope).unwrap_err().code, "invalid_scope");
    }
}
