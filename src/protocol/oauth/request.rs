//! Authorization requests, parsed strictly: OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636.

use serde::{Deserialize, Serialize};

use super::{ACR_ONE_FACTOR, ACR_TWO_FACTORS, OAuthError, Params, SCOPES, has_scope};

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
    /// Where the tokens are to be used (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
}

impl AuthorizationRequest {
    /// The parts of a request that go back to the client when they are wrong. `redirect_uri` has
    /// been matched already; `more_scopes` are the client's own.
    pub fn parse(
        params: &Params,
        client: &str,
        redirect_uri: &str,
        more_scopes: &[String],
    ) -> Result<Self, OAuthError> {
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
            scope: scope(params, more_scopes)?,
            state: params.owned("state"),
            nonce: params.owned("nonce"),
            challenge: challenge(params)?,
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            second_factor: wants_second_factor(params),
            login_hint: params.owned("login_hint"),
            id_token_hint: params.owned("id_token_hint"),
            resources: params.resources(),
        })
    }

    pub fn prompts(&self, what: &str) -> bool {
        self.prompt.iter().any(|one| one == what)
    }
}

fn response_mode(params: &Params) -> Result<ResponseMode, OAuthError> {
    match params.one("response_mode") {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(OAuthError::request("response_mode is query or form_post")),
    }
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
