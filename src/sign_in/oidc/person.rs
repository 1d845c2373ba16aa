//! Who it is: the id_token's claims and those of the userinfo endpoint (OpenID Connect Core 1.0
//! section 5.3) become an [`Identity`], every claim an attribute under the provider's own name.

use openidconnect::{SubjectIdentifier, UserInfoError};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Oidc,
    carry::{Away, Courier},
    discovery::Known,
    form::{Claims, UserInfo},
    token::Tokens,
};
use crate::{
    clock::Time,
    model::{identity::Identity, mapping::RawAttributes},
    sign_in::{Failure, Upstream, Vouched},
};

/// Core 1.0 section 2: never longer than this.
const LONGEST_SUBJECT: usize = 255;
/// Claims about the token, not about the person.
const ABOUT_THE_TOKEN: &[&str] = &[
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "auth_time",
    "acr",
    "amr",
];

impl Oidc {
    pub(super) async fn vouch(&self, known: &Known, tokens: &Tokens) -> Result<Vouched, Failure> {
        let claims = &tokens.claims;
        let subject = claims.subject();
        check_subject(subject).map_err(Failure::Invalid)?;
        let mut all = members(claims)?;
        if let Some(userinfo) = self.userinfo(known, tokens).await? {
            // What is signed goes before what is not.
            for (name, value) in members(&userinfo)? {
                all.entry(name).or_insert(value);
            }
        }
        all.retain(|name, _| !ABOUT_THE_TOKEN.contains(&name.as_str()));
        let acr = claims.auth_context_ref().map(|acr| acr.to_string());
        let amr: Vec<String> = claims
            .auth_method_refs()
            .into_iter()
            .flatten()
            .map(|method| method.to_string())
            .collect();
        Ok(Vouched {
            identity: identity(subject.to_string(), &all),
            strong: self.is_strong(acr.as_ref(), &amr),
            acr,
            amr,
            proved_at: claims
                .auth_time()
                .map(|time| Time::from_secs(time.timestamp())),
            upstream: Some(Upstream {
                subject: subject.to_string(),
                session: session(claims),
                secret: Some(tokens.id_token.to_string()),
            }),
            once: Vec::new(),
        })
    }

    /// A second factor was proved there, by the admin's word on what proves one.
    fn is_strong(&self, acr: Option<&String>, amr: &[String]) -> bool {
        let config = &self.config;
        acr.is_some_and(|acr| config.strong_acr.contains(acr))
            || amr.iter().any(|method| config.strong_amr.contains(method))
    }

    async fn userinfo(&self, known: &Known, tokens: &Tokens) -> Result<Option<UserInfo>, Failure> {
        if !self.config.userinfo || known.metadata.userinfo_endpoint().is_none() {
            return Ok(None);
        }
        let token = &tokens.access_token;
        // RFC 6750 section 2.1; the crate does not survive anything else in a header.
        if !token.secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::Invalid("the access token is not one".to_owned()));
        }
        let subject = tokens.claims.subject().clone();
        let request = known.client.user_info(token.clone(), Some(subject));
        let request = request.map_err(|error| Failure::Down(error.to_string()))?;
        let courier = Courier(&self.net);
        let reply = request.request_async(&courier).await;
        reply.map(Some).map_err(|error| match error {
            UserInfoError::Request(Away(why)) | UserInfoError::Other(why) => {
                Failure::Down(format!("the userinfo endpoint: {why}"))
            }
            UserInfoError::Response(status, _, _) if !status.is_success() => {
                Failure::Down(format!("the userinfo endpoint: it answered {status}"))
            }
            UserInfoError::ClaimsVerification(_) => {
                Failure::Invalid("userinfo is of somebody else, or signed wrongly".to_owned())
            }
            _ => Failure::Invalid("userinfo is neither JSON nor a token".to_owned()),
        })
    }
}

fn check_subject(subject: &SubjectIdentifier) -> Result<(), String> {
    let fits =
        (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.chars().any(char::is_control);
    fits.then_some(())
        .ok_or_else(|| "the subject (sub) is empty, too long or not text".to_owned())
}

fn session(claims: &Claims) -> Option<String> {
    let sid = claims.additional_claims().all.get("sid")?.as_str()?;
    Some(sid.to_owned())
}

fn members(claims: &impl Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Failure::Invalid("the claims are no object".to_owned())),
    }
}

fn identity(subject: String, claims: &Map<String, Value>) -> Identity {
    let (attributes, incomplete) = RawAttributes::from_claims(claims).into_parts();
    let first = |name: &str| {
        attributes
            .get(name)
            .and_then(|values: &Vec<String>| values.first())
    };
    let login = first("preferred_username").or_else(|| first("email"));
    let login = login.unwrap_or(&subject).clone();
    let parts = ["given_name", "family_name"].map(|name| first(name).map(String::as_str));
    let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let joined = (!joined.is_empty()).then_some(joined);
    let name = first("name").cloned().or(joined);
    Identity {
        name: name.unwrap_or_else(|| login.clone()),
        login,
        other_logins: Vec::new(),
        subject,
        attributes,
        incomplete,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(claims: Value) -> Identity {
        let Value::Object(claims) = claims else {
            panic!("an object");
        };
        identity("s-1".to_owned(), &claims)
    }

    #[test]
    fn claims_become_attributes_under_their_own_names() {
        let identity = of(json!({
            "preferred_username": "ana", "name": "Ana Ng", "email": "ana@example.org",
            "email_verified": true, "level": 3, "groups": ["a", "b", ""], "nothing": null,
            "realm_access": {"roles": ["x"], "deep": {"er": {"est": "no"}}},
            "name#de": "Anna", "odd": [{"a": 1}],
        }));
        assert_eq!(
            (identity.login.as_str(), identity.name.as_str()),
            ("ana", "Ana Ng")
        );
        let attributes: Vec<(&str, String)> = identity
            .attributes
            .iter()
            .map(|(name, values)| (name.as_str(), values.join("|")))
            .collect();
        let expected = [
            ("email", "ana@example.org"),
            ("email_verified", "true"),
            ("groups", "a|b"),
            ("level", "3"),
            ("name", "Ana Ng"),
            ("name#de", "Anna"),
            ("preferred_username", "ana"),
            ("realm_access.deep.er.est", "no"),
            ("realm_access.roles", "x"),
        ];
        assert_eq!(
            attributes,
            expected.map(|(name, text)| (name, text.to_owned()))
        );
    }

    #[test]
    fn groups_that_are_kept_elsewhere_are_missing_and_no_attribute() {
        let identity = of(json!({
            "email": "a@x", "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x"}},
        }));
        let names: Vec<&String> = identity.attributes.keys().collect();
        assert_eq!(names, ["email"]);
        assert!(identity.incomplete.contains("groups"));
    }

    #[test]
    fn whoever_has_no_name_is_called_by_what_there_is() {
        let one = of(json!({"given_name": "Ana", "family_name": "Ng", "email": "a@x"}));
        assert_eq!((one.login.as_str(), one.name.as_str()), ("a@x", "Ana Ng"));
        let nobody = of(json!({}));
        assert_eq!(
            (nobody.login.as_str(), nobody.name.as_str()),
            ("s-1", "s-1")
        );
    }
}
