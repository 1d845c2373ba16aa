//! Authorization requests, parsed strictly: OpenID Connect Core 1.0 sections 3.1.2.1 and 3.2.2.1,
//! RFC 7636, RFC 9396.

use serde::{Deserialize, Serialize};

use super::{
    ACR_ONE_FACTOR, ACR_TWO_FACTORS, ClaimsRequest, Detail, OAuthError, Params, SCOPES, details,
    has_scope,
};

/// How an authorization response is sent: OAuth 2.0 Multiple Response Types, Form Post Mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// What the client receives at once: a code to redeem, or (for clients that cannot redeem one) the
/// id_token itself. Never an access token, because it would pass through the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseType {
    #[default]
    Code,
    IdToken,
}

/// A verified authorization request: client and address are registered (Core 3.1.2.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client: String,
    pub redirect_uri: String,
    #[serde(default)]
    pub kind: ResponseType,
    pub mode: ResponseMode,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// S256 challenge, RFC 7636; `None` only where there is no code.
    pub challenge: Option<String>,
    pub prompt: Vec<String>,
    /// Seconds.
    pub max_age: Option<u64>,
    /// The client asks for a second factor (`acr_values`, Core 3.1.2.1).
    #[serde(default)]
    pub second_factor: bool,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
    /// Where the tokens are to be used (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Individually requested claims (Core 5.5).
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// The context that is asked for (RFC 9396).
    #[serde(default)]
    pub details: Vec<Detail>,
    /// The thumbprint of the key the code is bound to (RFC 9449 section 10).
    #[serde(default)]
    pub key: Option<String>,
}

impl AuthorizationRequest {
    /// Parses the part of a request whose errors are sent to the client. `redirect_uri` has been
    /// matched already; `more_scopes` are the client's own.
    pub fn parse(
        params: &Params,
        client: &str,
        redirect_uri: &str,
        more_scopes: &[String],
    ) -> Result<Self, OAuthError> {
        let kind = response_type(params)?;
        let claims = ClaimsRequest::parse(params.one("claims"))?;
        let nonce = short(params, "nonce")?;
        if kind == ResponseType::IdToken && nonce.is_none() {
            // Without a code, only the nonce binds the token to this browser (Core 3.2.2.1).
            return Err(OAuthError::request("nonce is missing"));
        }
        Ok(Self {
            client: client.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            kind,
            mode: response_mode(params, kind)?,
            scope: scope(params, more_scopes)?,
            state: short(params, "state")?,
            nonce,
            challenge: match kind {
                ResponseType::Code => Some(challenge(params)?),
                ResponseType::IdToken => None,
            },
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            second_factor: wants_second_factor(params) || claims.second_factor,
            login_hint: short(params, "login_hint")?,
            id_token_hint: params.owned("id_token_hint"),
            resources: params.resources(),
            claims,
            details: details(params.one("authorization_details"))?,
            key: key(params)?,
        })
    }

    pub fn prompts(&self, what: &str) -> bool {
        self.prompt.iter().any(|one| one == what)
    }
}

impl ResponseMode {
    /// The response mode of an error for a request that could not be parsed.
    pub fn of_broken(params: &Params) -> Self {
        let kind = response_type(params).unwrap_or_default();
        response_mode(params, kind).unwrap_or(kind.default_mode())
    }
}

impl ResponseType {
    /// Multiple Response Types section 3: only a code is ever sent in a query.
    const fn default_mode(self) -> ResponseMode {
        match self {
            ResponseType::Code => ResponseMode::Query,
            ResponseType::IdToken => ResponseMode::Fragment,
        }
    }
}

/// The most bytes of one parameter that are stored while its user signs in.
const LONGEST: usize = 2048;

/// A parameter whose length the client chooses.
fn short(params: &Params, name: &str) -> Result<Option<String>, OAuthError> {
    let value = params.owned(name);
    match value.as_ref().is_some_and(|value| value.len() > LONGEST) {
        true => Err(OAuthError::request(format!(
            "{name} is longer than {LONGEST} bytes"
        ))),
        false => Ok(value),
    }
}

fn response_type(params: &Params) -> Result<ResponseType, OAuthError> {
    match params.one("response_type") {
        Some("code") => Ok(ResponseType::Code),
        Some("id_token") => Ok(ResponseType::IdToken),
        Some(_) => Err(OAuthError::new(
            "unsupported_response_type",
            "response_type is code, or id_token for clients registered for it",
        )),
        None => Err(OAuthError::request("response_type is missing")),
    }
}

fn response_mode(params: &Params, kind: ResponseType) -> Result<ResponseMode, OAuthError> {
    match (params.one("response_mode"), kind) {
        (None, kind) => Ok(kind.default_mode()),
        (Some("form_post"), _) => Ok(ResponseMode::FormPost),
        (Some("query"), ResponseType::Code) => Ok(ResponseMode::Query),
        (Some("fragment"), ResponseType::IdToken) => Ok(ResponseMode::Fragment),
        (Some(_), ResponseType::Code) => {
            Err(OAuthError::request("response_mode is query or form_post"))
        }
        (Some(_), ResponseType::IdToken) => Err(OAuthError::request(
            "response_mode is fragment or form_post",
        )),
    }
}

/// RFC 9449 section 10: a code for the holder of this key.
fn key(params: &Params) -> Result<Option<String>, OAuthError> {
    let Some(key) = params.one("dpop_jkt") else {
        return Ok(None);
    };
    if is_sha256(key) {
        return Ok(Some(key.to_owned()));
    }
    Err(OAuthError::request("dpop_jkt is no SHA-256 thumbprint"))
}

/// 32 bytes as base64url.
fn is_sha256(text: &str) -> bool {
    let of_base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text.len() == 43 && text.bytes().all(of_base64url)
}

fn scope(params: &Params, more: &[String]) -> Result<String, OAuthError> {
    let asked = params.one("scope").unwrap_or_default();
    if !has_scope(asked, "openid") {
        return Err(OAuthError::new(
            "invalid_scope",
            "the scope must contain openid",
        ));
    }
    let known = asked
        .split(' ')
        .filter(|one| SCOPES.contains(one) || more.iter().any(|known| known == one));
    Ok(known.collect::<Vec<_>>().join(" "))
}

/// PKCE is required, and only S256: `plain` would let a client that sees the request redeem the
/// code (RFC 7636 section 4.2; THREATS: PKCE downgrade).
fn challenge(params: &Params) -> Result<String, OAuthError> {
    let challenge = params
        .one("code_challenge")
        .ok_or_else(|| OAuthError::request("code_challenge is missing: PKCE is required"))?;
    if params.one("code_challenge_method") != Some("S256") {
        return Err(OAuthError::request("code_challenge_method must be S256"));
    }
    if !is_sha256(challenge) {
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

/// Whether only the stronger class is sufficient.
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "response_type=code&client_id=c&scope=openid+email+else&state=s\
        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn parse(text: &str) -> Result<AuthorizationRequest, OAuthError> {
        AuthorizationRequest::parse(&Params::parse(text)?, "c", "https://rp.example/cb", &[])
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
        for other in ["token", "code+id_token", "id_token+token", "none"] {
            let token = GOOD.replace("type=code", &format!("type={other}"));
            assert_eq!(parse(&token).unwrap_err().code, "unsupported_response_type");
        }
        let scope = GOOD.replace("openid+", "");
        assert_eq!(parse(&scope).unwrap_err().code, "invalid_scope");
    }

    #[test]
    fn an_id_token_needs_a_nonce_and_never_travels_in_a_query() {
        let implicit = "response_type=id_token&scope=openid&nonce=n";
        let request = parse(implicit).unwrap();
        assert_eq!(request.mode, ResponseMode::Fragment);
        assert_eq!(request.challenge, None);
        let posted = parse(&format!("{implicit}&response_mode=form_post")).unwrap();
        assert_eq!(posted.mode, ResponseMode::FormPost);
        for bad in [
            implicit.replace("&nonce=n", ""),
            format!("{implicit}&response_mode=query"),
        ] {
            assert_eq!(parse(&bad).unwrap_err().code, "invalid_request", "{bad}");
        }
        let params = Params::parse(&implicit.replace("&nonce=n", "")).unwrap();
        assert_eq!(ResponseMode::of_broken(&params), ResponseMode::Fragment);
    }
}
