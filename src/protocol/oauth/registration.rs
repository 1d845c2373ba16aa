//! A client's metadata in a registration (RFC 7591 section 2, OpenID Connect Dynamic Registration
//! 1.0 section 2), read strictly: a known member of the wrong type is an error, an unknown member
//! is ignored (RFC 7591 section 3.1).

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::OAuthError;
use crate::protocol::jose::JwkSet;

/// A client's metadata: requested in a request, registered in the answer.
#[derive(Clone, Debug, Serialize)]
pub struct ClientMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    pub token_endpoint_auth_method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    pub id_token_signed_response_alg: String,
    pub grant_types: Vec<String>,
    pub response_types: Vec<String>,
    /// Values with a space between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    pub subject_type: String,
    /// RFC 9126 section 6.
    pub require_pushed_authorization_requests: bool,
    /// RFC 9101 section 10.5.
    pub require_signed_request_object: bool,
    /// RFC 9449 section 5.2.
    pub dpop_bound_access_tokens: bool,
    /// RFC 9396 section 10.
    pub authorization_details_types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
}

/// How a registered client must identify itself in an update (RFC 7592 section 2.2).
#[derive(Debug)]
pub struct Identified {
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
}

/// Members whose content is at another address, which is not supported: an address from an
/// unauthenticated client is not fetched (THREATS: SSRF).
const ELSEWHERE: [(&str, &str); 2] = [
    (
        "jwks_uri",
        "jwks_uri is never fetched: give the keys themselves, as jwks",
    ),
    (
        "sector_identifier_uri",
        "sector_identifier_uri is never fetched: a pairwise client's sector is the host of its \
         redirect_uris",
    ),
];

/// Members that only the server sets.
const OURS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// The maximum length of a list or an address.
const MOST: usize = 32;
const LONGEST: usize = 2048;

impl ClientMetadata {
    /// Reads a request of RFC 7591 section 3.1. Defaults are those of the standards.
    pub fn parse(body: &Value) -> Result<Self, OAuthError> {
        let members = RegistrationMembers::of(body)?;
        for (name, why) in ELSEWHERE {
            if members.has(name) {
                return Err(OAuthError::metadata(why));
            }
        }
        let auth = members.one("token_endpoint_auth_method")?;
        let alg = members.one("id_token_signed_response_alg")?;
        let subject_type = members.one("subject_type")?;
        let code = "authorization_code";
        let grants = members.list("grant_types")?;
        let grant_types = grants.unwrap_or_else(|| vec![code.to_owned()]);
        // `code`, according to the standard, where the client can be answered.
        let answers = grant_types.iter().any(|grant| grant == code);
        let response_types = members.list("response_types")?;
        Ok(Self {
            client_name: members.one("client_name")?,
            redirect_uris: members.redirect_uris()?,
            post_logout_redirect_uris: members.many("post_logout_redirect_uris")?,
            initiate_login_uri: members.one("initiate_login_uri")?,
            token_endpoint_auth_method: auth.unwrap_or_else(|| "client_secret_basic".to_owned()),
            jwks: members.jwks()?,
            id_token_signed_response_alg: alg.unwrap_or_else(|| "RS256".to_owned()),
            response_types: response_types
                .unwrap_or_else(|| answers.then(|| "code".to_owned()).into_iter().collect()),
            grant_types,
            scope: members.one("scope")?,
            subject_type: subject_type.unwrap_or_else(|| "public".to_owned()),
            require_pushed_authorization_requests: members
                .is("require_pushed_authorization_requests")?,
            require_signed_request_object: members.is("require_signed_request_object")?,
            dpop_bound_access_tokens: members.is("dpop_bound_access_tokens")?,
            authorization_details_types: members.many("authorization_details_types")?,
            backchannel_logout_uri: members.one("backchannel_logout_uri")?,
            frontchannel_logout_uri: members.one("frontchannel_logout_uri")?,
        })
    }
}

impl Identified {
    /// Parses an update. Members that only the server sets are refused.
    pub fn parse(body: &Value) -> Result<Self, OAuthError> {
        let members = RegistrationMembers::of(body)?;
        if let Some(name) = OURS.into_iter().find(|name| members.has(name)) {
            return Err(OAuthError::metadata(format!(
                "{name} is not part of an update (RFC 7592 section 2.2)"
            )));
        }
        Ok(Self {
            client_id: members.one("client_id")?,
            client_secret: members.one("client_secret")?,
        })
    }
}

/// The members of a request, each parsed on access.
struct RegistrationMembers<'a>(&'a Map<String, Value>);

impl<'a> RegistrationMembers<'a> {
    fn of(body: &'a Value) -> Result<Self, OAuthError> {
        let members = body
            .as_object()
            .ok_or_else(|| OAuthError::metadata("the body is not a JSON object"))?;
        // Nothing that is stored may contain NUL.
        match members.values().any(has_nul) {
            true => Err(OAuthError::metadata("a member contains NUL")),
            false => Ok(Self(members)),
        }
    }

    /// A member without a value is treated as missing (RFC 7592 section 2.2).
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        let read = |value: &Value| T::deserialize(value).map_err(|why| format!("{name}: {why}"));
        self.value(name).map(read).transpose()
    }

    fn one(&self, name: &str) -> Result<Option<String>, OAuthError> {
        let text: Option<String> = self.read(name).map_err(OAuthError::metadata)?;
        if text.as_ref().is_some_and(|text| text.len() > LONGEST) {
            return Err(OAuthError::metadata(format!(
                "{name} is longer than {LONGEST} bytes"
            )));
        }
        Ok(text.filter(|text| !text.is_empty()))
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        let list: Option<Vec<String>> = self.read(name)?;
        let Some(list) = list else { return Ok(None) };
        if list.len() > MOST || list.iter().any(|one| one.len() > LONGEST) {
            return Err(format!(
                "{name} takes at most {MOST} entries of {LONGEST} bytes"
            ));
        }
        Ok(Some(list))
    }

    fn list(&self, name: &str) -> Result<Option<Vec<String>>, OAuthError> {
        self.strings(name).map_err(OAuthError::metadata)
    }

    fn many(&self, name: &str) -> Result<Vec<String>, OAuthError> {
        Ok(self.list(name)?.unwrap_or_default())
    }

    fn redirect_uris(&self) -> Result<Vec<String>, OAuthError> {
        let list = self.strings("redirect_uris");
        Ok(list.map_err(OAuthError::redirect)?.unwrap_or_default())
    }

    fn jwks(&self) -> Result<Option<JwkSet>, OAuthError> {
        self.read("jwks").map_err(OAuthError::metadata)
    }

    fn is(&self, name: &str) -> Result<bool, OAuthError> {
        let said: Option<bool> = self.read(name).map_err(OAuthError::metadata)?;
        Ok(said.unwrap_or_default())
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(many) => many.iter().any(has_nul),
        Value::Object(members) => members.values().any(has_nul),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_what_the_standard_says() {
        let body = json!({ "redirect_uris": ["https://a.test/"], "client_name": null });
        let read = ClientMetadata::parse(&body).unwrap();
        assert_eq!(read.token_endpoint_auth_method, "client_secret_basic");
        assert_eq!(read.id_token_signed_response_alg, "RS256");
        assert_eq!(read.grant_types, ["authorization_code"]);
        assert_eq!(read.response_types, ["code"]);
        assert_eq!(read.subject_type, "public");
        assert_eq!(read.client_name, None);
    }

    #[test]
    fn a_member_of_the_wrong_type_is_named() {
        for (member, code) in [
            ("redirect_uris", "invalid_redirect_uri"),
            ("client_name", "invalid_client_metadata"),
            ("jwks", "invalid_client_metadata"),
            ("grant_types", "invalid_client_metadata"),
            ("dpop_bound_access_tokens", "invalid_client_metadata"),
        ] {
            let error = ClientMetadata::parse(&json!({ member: 7 })).unwrap_err();
            assert_eq!(error.code, code);
            assert!(error.description.contains(member), "{error:?}");
        }
        for body in [json!([]), json!("x"), json!({ "logo_uri": ["\u{0}"] })] {
            let error = ClientMetadata::parse(&body).unwrap_err();
            assert_eq!(error.code, "invalid_client_metadata");
        }
    }
}
