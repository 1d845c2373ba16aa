//! Converts the metadata of RFC 7591 into a row of the catalogue, and back. A registration passes
//! the checks of a seed's clients, which belong to the catalogue; the additional checks of clients
//! that register themselves are here.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    catalog::checked_client,
    model::{
        address::web_address,
        client::{AuthMethod, ConsentRule, GrantType, Registration, ResponseKind, SubjectType},
    },
    protocol::oauth::{ClientMetadata, OAuthError, OFFLINE, SCOPES},
    store::ClientRow,
};

const CODE: &str = "code";
const CODE_GRANT: &str = "authorization_code";
/// The grant that goes with `response_type=id_token` (RFC 7591 section 2.1).
const IMPLICIT: &str = "implicit";

/// Users read it on the consent page.
const LONGEST_NAME: usize = 100;

/// Whether a client authenticates by a secret; refuses methods that we do not support.
pub(super) fn has_secret(asked: &ClientMetadata) -> Result<bool, OAuthError> {
    Ok(auth_method(asked)? == AuthMethod::ClientSecret)
}

fn auth_method(asked: &ClientMetadata) -> Result<AuthMethod, OAuthError> {
    match asked.token_endpoint_auth_method.as_str() {
        "client_secret_basic" | "client_secret_post" => Ok(AuthMethod::ClientSecret),
        "private_key_jwt" => Ok(AuthMethod::PrivateKeyJwt),
        _ => Err(OAuthError::metadata(
            "token_endpoint_auth_method is client_secret_basic, client_secret_post or \
             private_key_jwt",
        )),
    }
}

/// The row for this registration; or a sentence on what is wrong.
pub(super) fn row(
    id: &str,
    asked: &ClientMetadata,
    secret_hash: Option<String>,
) -> Result<ClientRow, OAuthError> {
    let redirects = redirects(asked)?;
    auth_method(asked)?
        .check_keys(asked.jwks.is_some())
        .map_err(OAuthError::metadata)?;
    let row = ClientRow {
        id: id.to_owned(),
        title: title(id, asked, &redirects)?,
        secret_hash,
        jwks: asked.jwks.clone(),
        redirect_uris: asked.redirect_uris.clone(),
        post_logout_redirect_uris: asked.post_logout_redirect_uris.clone(),
        initiate_login_uri: asked.initiate_login_uri.clone(),
        id_token_alg: asked.id_token_signed_response_alg.clone(),
        registration: registration(asked, &redirects)?,
        disabled_at: None,
    };
    checked_client(row.clone()).map_err(OAuthError::metadata)?;
    Ok(row)
}

/// Its redirect addresses: as many as its grants need, each as the catalogue accepts it.
fn redirects(asked: &ClientMetadata) -> Result<Vec<Url>, OAuthError> {
    let redirects: Result<Vec<Url>, String> = asked
        .redirect_uris
        .iter()
        .map(|address| web_address(address))
        .collect();
    let redirects = redirects.map_err(OAuthError::redirect)?;
    let has = |name: &str| asked.grant_types.iter().any(|grant| grant == name);
    match (has(CODE_GRANT) || has(IMPLICIT), redirects.is_empty()) {
        (true, true) => Err(OAuthError::redirect(
            "redirect_uris is missing: these grants are answered there",
        )),
        (false, false) => Err(OAuthError::redirect(
            "redirect_uris go with the grant authorization_code",
        )),
        _ => Ok(redirects),
    }
}

/// Its name, or the host of its redirect address, or its id. Nothing in it may be misleading.
fn title(id: &str, asked: &ClientMetadata, redirects: &[Url]) -> Result<String, OAuthError> {
    let Some(name) = &asked.client_name else {
        let host = redirects.first().and_then(Url::host_str);
        return Ok(host.unwrap_or(id).to_owned());
    };
    let name = name.trim();
    let hidden = |c: char| c.is_control() || MARKS.iter().any(|marks| marks.contains(&c));
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(hidden) {
        return Err(OAuthError::metadata(format!(
            "client_name has 1 to {LONGEST_NAME} characters that can be seen"
        )));
    }
    Ok(name.to_owned())
}

/// Characters without width, or that change the direction of the text (Unicode Standard Annex 9).
const MARKS: [std::ops::RangeInclusive<char>; 4] = [
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{2069}',
    '\u{feff}'..='\u{feff}',
];

fn registration(asked: &ClientMetadata, redirects: &[Url]) -> Result<Registration, OAuthError> {
    let (grant_types, response_types) = flows(asked)?;
    let frontchannel = asked.frontchannel_logout_uri.as_deref();
    if let Some(address) = frontchannel {
        let url = web_address(address).map_err(OAuthError::metadata)?;
        if redirects.iter().all(|one| one.origin() != url.origin()) {
            return Err(OAuthError::metadata(
                "frontchannel_logout_uri must be at the host of one of the redirect_uris \
                 (Front-Channel Logout 1.0 section 2)",
            ));
        }
    }
    Ok(Registration {
        grant_types,
        response_types,
        // Access to other applications is granted by admins only.
        resources: Vec::new(),
        serves: Vec::new(),
        scopes: scopes(asked)?,
        authorization_details_types: asked.authorization_details_types.clone(),
        require_pushed_authorization_requests: asked.require_pushed_authorization_requests,
        require_signed_request_object: asked.require_signed_request_object,
        dpop_bound_access_tokens: asked.dpop_bound_access_tokens,
        // No admin vouches for it.
        consent: ConsentRule::Ask,
        subject_type: subject_type(asked, redirects)?,
        sector: None,
        backchannel_logout_uri: asked.backchannel_logout_uri.clone(),
        frontchannel_logout_uri: frontchannel.map(str::to_owned),
    })
}

/// Consistent grants and responses (RFC 7591 section 2.1), in addition to the code's.
fn flows(asked: &ClientMetadata) -> Result<(Vec<GrantType>, Vec<ResponseKind>), OAuthError> {
    let mut grants = Vec::new();
    for name in &asked.grant_types {
        if ![CODE_GRANT, IMPLICIT].contains(&name.as_str()) {
            let grant = known(name).ok_or_else(|| {
                OAuthError::metadata(format!("grant_types: \"{name}\" cannot be registered"))
            })?;
            grants.push(grant);
        }
    }
    let mut responses = Vec::new();
    for name in asked.response_types.iter().filter(|name| *name != CODE) {
        let response = known(name).ok_or_else(|| {
            OAuthError::metadata(format!("response_types: \"{name}\" cannot be registered"))
        })?;
        responses.push(response);
    }
    let has = |list: &[String], name: &str| list.iter().any(|one| one == name);
    for (response, grant) in [(CODE, CODE_GRANT), ("id_token", IMPLICIT)] {
        if has(&asked.response_types, response) != has(&asked.grant_types, grant) {
            return Err(OAuthError::metadata(format!(
                "response_types \"{response}\" and grant_types \"{grant}\" go together"
            )));
        }
    }
    Ok((grants, responses))
}

/// The scopes it names beyond OpenID Connect's, in the syntax of RFC 6749 section 3.3.
fn scopes(asked: &ClientMetadata) -> Result<Vec<String>, OAuthError> {
    let scope = asked.scope.as_deref().unwrap_or_default();
    let named = scope.split(' ').filter(|one| !one.is_empty());
    let plain = |one: &str| {
        let fits = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        one.bytes().all(fits)
    };
    if !named.clone().all(plain) {
        return Err(OAuthError::metadata(
            "scope is a list of words with a space between, of printable ASCII without \" and \\",
        ));
    }
    Ok(named
        .filter(|one| !SCOPES.contains(one))
        .map(str::to_owned)
        .collect())
}

/// A pairwise client's sector is its one host (Core 1.0 section 8.1), as a sector_identifier_uri is
/// not supported.
fn subject_type(asked: &ClientMetadata, redirects: &[Url]) -> Result<SubjectType, OAuthError> {
    let kind = known(&asked.subject_type)
        .ok_or_else(|| OAuthError::metadata("subject_type is public or pairwise"))?;
    let mut hosts = redirects.iter().map(Url::host_str);
    let first = hosts.next();
    if kind == SubjectType::Pairwise && hosts.any(|host| Some(host) != first) {
        return Err(OAuthError::metadata(
            "the redirect_uris of a pairwise client must have one host",
        ));
    }
    Ok(kind)
}

/// A row as the metadata of RFC 7591, with all defaults.
pub(super) fn of(row: &ClientRow, auth_method: &str) -> ClientMetadata {
    let registered = &row.registration;
    let direct = registered.response_types.contains(&ResponseKind::IdToken);
    // Every client with a redirect address has the code grant.
    let redirected = !row.redirect_uris.is_empty();
    let mut grant_types: Vec<String> = registered.grant_types.iter().map(name).collect();
    let mut response_types: Vec<String> = registered.response_types.iter().map(name).collect();
    if redirected {
        grant_types.insert(0, CODE_GRANT.to_owned());
        response_types.insert(0, CODE.to_owned());
    }
    if direct {
        grant_types.push(IMPLICIT.to_owned());
    }
    let refreshes = registered.grant_types.contains(&GrantType::RefreshToken);
    let usual = SCOPES.iter().copied();
    let usual = usual.filter(|one| redirected && (*one != OFFLINE || refreshes));
    let scopes: Vec<&str> = usual
        .chain(registered.scopes.iter().map(String::as_str))
        .collect();
    ClientMetadata {
        client_name: Some(row.title.clone()),
        redirect_uris: row.redirect_uris.clone(),
        post_logout_redirect_uris: row.post_logout_redirect_uris.clone(),
        initiate_login_uri: row.initiate_login_uri.clone(),
        token_endpoint_auth_method: auth_method.to_owned(),
        jwks: row.jwks.clone(),
        id_token_signed_response_alg: row.id_token_alg.clone(),
        grant_types,
        response_types,
        scope: (!scopes.is_empty()).then(|| scopes.join(" ")),
        subject_type: name(&registered.subject_type),
        require_pushed_authorization_requests: registered.require_pushed_authorization_requests,
        require_signed_request_object: registered.require_signed_request_object,
        dpop_bound_access_tokens: registered.dpop_bound_access_tokens,
        authorization_details_types: registered.authorization_details_types.clone(),
        backchannel_logout_uri: registered.backchannel_logout_uri.clone(),
        frontchannel_logout_uri: registered.frontchannel_logout_uri.clone(),
    }
}

/// Parses one of the values that a catalogue allows.
fn known<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(Value::from(word)).ok()
}

/// The text of a value.
fn name(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}
