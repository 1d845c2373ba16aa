//! The identity: the id_token's claims and those of the userinfo endpoint (OpenID Connect Core 1.0
//! section 5.3) become an [`Identity`], every claim an attribute under the provider's own name.

use serde_json::{Map, Value};

use super::{
    OidcProvider,
    discovery::DiscoveredProvider,
    strict,
    token::{IdTokenClaims, UpstreamTokens},
};
use crate::{
    model::{identity::Identity, mapping::RawAttributes},
    net::{HttpReply, Request},
    upstream::{ProviderFailure, Upstream, Vouched},
};

/// Core 1.0 section 2: a subject is never longer.
const LONGEST_SUBJECT: usize = 255;
/// Claims about the token, not about the user.
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

impl OidcProvider {
    pub(super) async fn vouch(
        &self,
        known: &DiscoveredProvider,
        tokens: &UpstreamTokens,
    ) -> Result<Vouched, ProviderFailure> {
        let claims = &tokens.claims;
        let subject = &claims.subject;
        check_subject(subject).map_err(ProviderFailure::Invalid)?;
        let mut all = claims.all.clone();
        if let Some(userinfo) = self.userinfo(known, tokens).await? {
            // Signed claims take precedence.
            for (name, value) in userinfo {
                all.entry(name).or_insert(value);
            }
        }
        all.retain(|name, _| !ABOUT_THE_TOKEN.contains(&name.as_str()));
        let (acr, amr) = (claims.acr.clone(), claims.amr.clone());
        Ok(Vouched {
            identity: identity(subject.clone(), &all),
            strong: self.is_strong(acr.as_ref(), &amr),
            acr,
            amr,
            proved_at: claims.auth_time,
            upstream: Some(Upstream {
                subject: subject.clone(),
                session: session(claims),
                secret: Some(tokens.id_token.clone()),
            }),
            once: Vec::new(),
        })
    }

    /// A second factor was proved there, by the admin's list of values.
    fn is_strong(&self, acr: Option<&String>, amr: &[String]) -> bool {
        let config = &self.config;
        acr.is_some_and(|acr| config.strong_acr.contains(acr))
            || amr.iter().any(|method| config.strong_amr.contains(method))
    }

    /// Core 1.0 section 5.3: for the same subject, as JSON or as a signed token.
    async fn userinfo(
        &self,
        known: &DiscoveredProvider,
        tokens: &UpstreamTokens,
    ) -> Result<Option<Map<String, Value>>, ProviderFailure> {
        let endpoint = known.metadata.userinfo_endpoint();
        let Some(endpoint) = endpoint.filter(|_| self.config.userinfo) else {
            return Ok(None);
        };
        let token = &tokens.access_token;
        // RFC 6750 section 2.1.
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid("the access token is not one"));
        }
        let request = Request::get(endpoint.url())
            .with("accept", "application/json")
            .with("authorization", &format!("Bearer {token}"));
        let down = |why: String| ProviderFailure::Down(format!("the userinfo endpoint: {why}"));
        let reply = self.net.send(request).await;
        let reply = reply.map_err(|error| down(error.to_string()))?;
        if !(200..300).contains(&reply.status) {
            return Err(down(format!("it answered {}", reply.status)));
        }
        let said = self.read_userinfo(known, &reply)?;
        match said.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == tokens.claims.subject => Ok(Some(said)),
            _ => Err(invalid("userinfo is of another user (sub)")),
        }
    }

    fn read_userinfo(
        &self,
        known: &DiscoveredProvider,
        reply: &HttpReply,
    ) -> Result<Map<String, Value>, ProviderFailure> {
        let kind = reply.header("content-type").unwrap_or_default();
        if !kind.trim_start().starts_with("application/jwt") {
            let said = strict::object(&reply.body);
            return said.ok_or_else(|| invalid("userinfo is neither JSON nor a token"));
        }
        let token = std::str::from_utf8(&reply.body).unwrap_or_default().trim();
        let algorithms = &self.config.algorithms;
        let signed = strict::verify(token, &known.keys, algorithms, &["jwt"]);
        let said: Map<String, Value> = signed
            .map_err(|fault| invalid(&format!("userinfo: {fault}")))?
            .claims;
        let is_theirs = |iss: &Value| iss.as_str() == Some(&self.config.issuer);
        let is_ours = |aud: &Value| match aud {
            Value::Array(all) => all.iter().any(|one| one == self.config.client_id.as_str()),
            one => one == self.config.client_id.as_str(),
        };
        if !said.get("iss").is_none_or(is_theirs) || !said.get("aud").is_none_or(is_ours) {
            return Err(invalid(
                "userinfo is of another issuer or for another client",
            ));
        }
        Ok(said)
    }
}

fn invalid(words: &str) -> ProviderFailure {
    ProviderFailure::Invalid(words.to_owned())
}

fn check_subject(subject: &str) -> Result<(), String> {
    let fits =
        (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.chars().any(char::is_control);
    fits.then_some(())
        .ok_or_else(|| "the subject (sub) is empty, too long or not text".to_owned())
}

fn session(claims: &IdTokenClaims) -> Option<String> {
    let sid = claims.all.get("sid")?.as_str()?;
    Some(sid.to_owned())
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
    fn a_user_without_a_name_gets_another_attribute_as_name() {
        let one = of(json!({"given_name": "Ana", "family_name": "Ng", "email": "a@x"}));
        assert_eq!((one.login.as_str(), one.name.as_str()), ("a@x", "Ana Ng"));
        let unnamed = of(json!({}));
        assert_eq!(
            (unnamed.login.as_str(), unnamed.name.as_str()),
            ("s-1", "s-1")
        );
    }
}
