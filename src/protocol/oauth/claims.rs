//! The `claims` parameter (OpenID Connect Core 1.0 section 5.5): individually requested claims.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ACR_ONE_FACTOR, ACR_TWO_FACTORS, OAuthError};

/// The claims a client requests in addition to those of its scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Names of claims for the id_token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// Names of claims for userinfo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    /// The one user the answer may be about (Core 5.5.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Only the stronger class is sufficient (Core 5.5.1.1).
    #[serde(default, skip_serializing_if = "is_false")]
    pub second_factor: bool,
}

/// No user has as many claims.
const MOST: usize = 50;

fn is_false(flag: &bool) -> bool {
    !flag
}

impl ClaimsRequest {
    pub fn parse(text: Option<&str>) -> Result<Self, OAuthError> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let asked: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| OAuthError::request("claims is no JSON object"))?;
        let id_token = member(&asked, "id_token")?;
        let userinfo = member(&asked, "userinfo")?;
        let mut request = Self {
            id_token: names(&id_token)?,
            userinfo: names(&userinfo)?,
            subject: None,
            second_factor: false,
        };
        for place in [&id_token, &userinfo] {
            request.read_subject(place.get("sub"))?;
        }
        if let Some(acr) = id_token.get("acr") {
            request.second_factor = second_factor(acr)?;
        }
        Ok(request)
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn read_subject(&mut self, asked: Option<&Value>) -> Result<(), OAuthError> {
        let Some(value) = asked.and_then(|asked| asked.get("value")) else {
            return Ok(());
        };
        let value = value.as_str();
        let value = value.ok_or_else(|| OAuthError::request("the value of sub is no text"))?;
        match &self.subject {
            Some(other) if other != value => {
                Err(OAuthError::request("sub is asked for with two values"))
            }
            _ => {
                self.subject = Some(value.to_owned());
                Ok(())
            }
        }
    }
}

fn member(asked: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, OAuthError> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(one)) => Ok(one.clone()),
        Some(_) => Err(OAuthError::request(format!("claims: {name} is no object"))),
    }
}

/// Each is requested plainly (`null`), or with conditions; unknown conditions are ignored.
fn names(asked: &Map<String, Value>) -> Result<Vec<String>, OAuthError> {
    if asked.len() > MOST {
        return Err(OAuthError::request("claims asks for too many claims"));
    }
    let plain = |value: &Value| value.is_null() || value.is_object();
    match asked.iter().find(|(_, value)| !plain(value)) {
        Some((name, _)) => Err(OAuthError::request(format!(
            "claims: {name} is neither null nor an object"
        ))),
        None => Ok(asked.keys().cloned().collect()),
    }
}

/// A class that is essential and that no user here can reach ends the request (Core 5.5.1.1; OpenID
/// Connect Core Error Code `unmet_authentication_requirements` 1.0).
fn second_factor(acr: &Value) -> Result<bool, OAuthError> {
    let essential = acr.get("essential") == Some(&Value::Bool(true));
    let one = acr.get("value").into_iter();
    let many = acr.get("values").and_then(Value::as_array);
    let wanted: Vec<&str> = one
        .chain(many.into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    if wanted.is_empty() || wanted.contains(&ACR_ONE_FACTOR) {
        return Ok(false);
    }
    match wanted.contains(&ACR_TWO_FACTORS) {
        true => Ok(true),
        false if essential => Err(OAuthError::new(
            "unmet_authentication_requirements",
            "none of the essential values of acr can be reached here",
        )),
        false => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ClaimsRequest, OAuthError> {
        ClaimsRequest::parse(Some(text))
    }

    #[test]
    fn the_example_of_core_is_read() {
        let asked = parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null},
                "id_token": {"auth_time": {"essential": true},
                    "acr": {"values": ["urn:mace:incommon:iap:silver"]}}, "other": 7}"#,
        )
        .unwrap();
        assert_eq!(asked.userinfo, ["given_name", "nickname"]);
        assert_eq!(asked.id_token, ["acr", "auth_time"]);
        assert!(!asked.second_factor);
    }

    #[test]
    fn an_essential_class_is_reached_or_refused() {
        let with = |acr: &str| parse(&format!(r#"{{"id_token": {{"acr": {acr}}}}}"#));
        let strong = r#"{"essential": true, "value": "urn:usher:acr:2"}"#;
        assert!(with(strong).unwrap().second_factor);
        let weak = r#"{"essential": true, "values": ["urn:usher:acr:2", "urn:usher:acr:1"]}"#;
        assert!(!with(weak).unwrap().second_factor);
        let none = r#"{"essential": true, "values": ["gold"]}"#;
        let error = with(none).unwrap_err();
        assert_eq!(error.code, "unmet_authentication_requirements");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for bad in [
            "",
            "[]",
            "{",
            r#"{"userinfo": 1}"#,
            r#"{"userinfo": {"email": true}}"#,
            r#"{"id_token": {"sub": {"value": 7}}}"#,
            r#"{"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}}"#,
        ] {
            assert_eq!(parse(bad).unwrap_err().code, "invalid_request", "{bad}");
        }
    }
}
