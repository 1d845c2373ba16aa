//! The wire format of OAuth 2.0 and OpenID Connect: requests parsed strictly, errors by their
//! registered names, the discovery document. RFC 6749, RFC 7636, RFC 9207, RFC 9700; OpenID Connect
//! Core 1.0 and Discovery 1.0.

use serde_json::{Value, json};

mod claims;
mod details;
mod discovery;
mod registration;
mod request;

pub use self::{
    claims::ClaimsRequest,
    details::{CONTEXT_DETAILS, Detail, details},
    discovery::discovery,
    registration::{ClientMetadata, Identified},
    request::{AuthorizationRequest, ResponseMode, ResponseType},
};

/// Parameters of a request, none of them given twice (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    /// The query as it was received, where a signature is over its exact text (SAML Bindings
    /// 3.4.4.1).
    raw: Option<String>,
}

/// RFC 8707 section 2 allows several of these.
const REPEATABLE: &str = "resource";

impl Params {
    /// Reads a query or a form body. A repeated name is an error: two readers could disagree on
    /// which one counts (THREATS: redirect_uri bypass).
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if !names.insert(name.clone()) && name != REPEATABLE {
                return Err(OAuthError::request(format!(
                    "the parameter {name} is repeated"
                )));
            }
            if name.contains('\0') || value.contains('\0') {
                return Err(OAuthError::request("a parameter contains NUL"));
            }
            // An empty value is treated as missing (RFC 6749 section 3.1).
            if !value.is_empty() {
                pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Self { pairs, raw: None })
    }

    /// Parameters from the claims of a signed request (RFC 9101 section 4): text unchanged, numbers
    /// as their digits, objects and lists as JSON; a list of resources as repeated parameters.
    pub fn of_claims(claims: &serde_json::Map<String, Value>) -> Self {
        let mut pairs = Vec::new();
        for (name, value) in claims {
            match value {
                Value::Null => {}
                Value::String(text) => pairs.push((name.clone(), text.clone())),
                Value::Array(many) if name == REPEATABLE => {
                    let texts = many.iter().filter_map(Value::as_str);
                    pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
                }
                other => pairs.push((name.clone(), other.to_string())),
            }
        }
        pairs.retain(|(_, value)| !value.is_empty() && !value.contains('\0'));
        Self { pairs, raw: None }
    }

    /// Keeps the original text.
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

    /// Every value of the one parameter that may be repeated.
    pub fn resources(&self) -> Vec<String> {
        let named = self.pairs.iter().filter(|(known, _)| known == REPEATABLE);
        named.map(|(_, value)| value.clone()).collect()
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.one(name).map(str::to_owned)
    }
}

/// An error in OAuth's terms: RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6.
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

    /// One answer for every defect of a code: no oracle.
    pub fn grant() -> Self {
        Self::new(
            "invalid_grant",
            "the code is unknown, expired, used or not yours",
        )
    }

    /// Likewise for a refresh token.
    pub fn refresh() -> Self {
        Self::new(
            "invalid_grant",
            "the refresh token is unknown, expired, used or not yours, or its user has signed out",
        )
    }

    /// RFC 8707 section 2.
    pub fn target(description: impl Into<String>) -> Self {
        Self::new("invalid_target", description)
    }

    pub fn client() -> Self {
        Self::new(
            "invalid_client",
            "the client is unknown or did not prove who it is",
        )
    }

    /// RFC 7591 section 3.2.2, as the next.
    pub fn metadata(description: impl Into<String>) -> Self {
        Self::new("invalid_client_metadata", description)
    }

    pub fn redirect(description: impl Into<String>) -> Self {
        Self::new("invalid_redirect_uri", description)
    }

    /// RFC 6750 section 3.1. One answer for every defect of a token: no oracle.
    pub fn token() -> Self {
        Self::new(
            "invalid_token",
            "the token is unknown, expired, used up, revoked or for something else",
        )
    }

    /// RFC 6749 section 5.2 and RFC 6750 section 3.1: 401 for a client that did not authenticate,
    /// 400 otherwise.
    pub fn status(&self) -> u16 {
        match self.code {
            "invalid_client" | "invalid_token" => 401,
            "server_error" => 500,
            "temporarily_unavailable" => 503,
            _ => 400,
        }
    }

    pub fn to_json(&self) -> Value {
        json!({ "error": self.code, "error_description": self.description })
    }
}

/// Supported scopes; others are ignored (RFC 6749 section 3.3).
pub const SCOPES: &[&str] = &[
    "openid", "profile", "email", "address", "phone", "groups", OFFLINE,
];
/// Asks for a refresh token (Core 11); known to clients registered for that grant.
pub const OFFLINE: &str = "offline_access";
/// The extension grant that redeems a launch's one-time code (RFC 6749 section 4.5).
pub const LAUNCH_CODE_GRANT: &str = "urn:usher:params:oauth:grant-type:launch-code";
/// Authentication context classes that we assert and that clients may ask for (`acr_values`).
pub const ACR_ONE_FACTOR: &str = "urn:usher:acr:1";
pub const ACR_TWO_FACTORS: &str = "urn:usher:acr:2";
/// RFC 8693 section 2.1, and the one type of token that is exchanged (section 3).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// RFC 7523 section 2.2.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub fn has_scope(granted: &str, scope: &str) -> bool {
    granted.split(' ').any(|one| one == scope)
}

/// The requested scope, if all of it is granted already (RFC 6749 section 6); without a request,
/// all.
pub fn narrowed(granted: &str, asked: Option<&str>) -> Result<String, OAuthError> {
    let Some(asked) = asked else {
        return Ok(granted.to_owned());
    };
    match asked.split(' ').find(|one| !has_scope(granted, one)) {
        None => Ok(asked.to_owned()),
        Some(_) => Err(OAuthError::new(
            "invalid_scope",
            "the scope is wider than what was granted",
        )),
    }
}

/// Whether this can be a code verifier: 43 to 128 unreserved characters (RFC 7636 section 4.1).
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}
