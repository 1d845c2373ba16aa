//! An admin's rules for a provider's users: which of them may sign in, whether unknown users are
//! created, and which of the provider's data is used.

use serde::{Deserialize, Serialize};

use super::{
    condition::{self, Condition, ConditionFinding, Facts, KnownAttribute, Truth},
    mapping::{self, Mapping, Vocabulary},
    routing::Domain,
    user::Attributes,
};

/// A provider's admission as an admin writes it. All of it may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionDocument {
    /// Whether an unknown user is created by signing in.
    #[serde(default = "yes")]
    pub create: bool,
    /// Who may sign in; all users without it. Evaluated on the mapped attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<condition::ConditionDocument>,
    #[serde(default, skip_serializing_if = "mapping::MappingDocument::is_empty")]
    pub map: mapping::MappingDocument,
    /// Attributes that `map` does not mention: without a `map` they are kept, with one they are
    /// dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<Unmapped>,
    /// Whether its groups and the names of its users are taken as the portal's own. Those of other
    /// providers are kept with the provider before or behind them: `clinic:admins`, `ana@clinic`.
    /// Without it: for the default provider only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_groups: Option<bool>,
    /// Domains for which its mail addresses and names are trusted. `*` is every domain. Without it:
    /// every domain for the default provider, else none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmapped {
    Keep,
    Drop,
}

/// An admission that can be evaluated.
#[derive(Clone, Debug)]
pub struct Admission {
    pub creates: bool,
    pub allow: Option<Condition>,
    pub mapping: Mapping,
    /// `None`: decided by the other providers and their default.
    pub trusted_groups: Option<bool>,
    pub scopes: Option<Scopes>,
}

/// Domains whose addresses a provider is trusted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    Every,
    Listed(Vec<Domain>),
}

/// A provider's data about one user, for conditions: only its own statements.
pub struct ProviderFacts<'a> {
    pub attributes: &'a Attributes,
    /// The provider's slug.
    pub source: &'a str,
}

impl Default for AdmissionDocument {
    fn default() -> Self {
        Self {
            create: true,
            allow: None,
            map: mapping::MappingDocument::default(),
            unmapped: None,
            trusted_groups: None,
            scopes: None,
        }
    }
}

fn yes() -> bool {
    true
}

impl AdmissionDocument {
    pub fn build(&self, vocabulary: Vocabulary) -> Result<Admission, String> {
        let keeps_rest = match self.unmapped {
            Some(unmapped) => unmapped == Unmapped::Keep,
            None => self.map.is_empty(),
        };
        let allow = self.allow.as_ref().map(condition::ConditionDocument::build);
        Ok(Admission {
            creates: self.create,
            allow: allow
                .transpose()
                .map_err(|fault| format!("allow: {fault}"))?,
            mapping: self.map.build(vocabulary, keeps_rest)?,
            trusted_groups: self.trusted_groups,
            scopes: self.scopes.as_deref().map(Scopes::parse).transpose()?,
        })
    }
}

impl Scopes {
    fn parse(written: &[String]) -> Result<Self, String> {
        if written.iter().any(|one| one.trim() == "*") {
            return Ok(Scopes::Every);
        }
        let domains = written.iter().map(|text| Domain::parse(text));
        let domains = domains.collect::<Result<_, _>>();
        domains
            .map(Scopes::Listed)
            .map_err(|fault| format!("scopes: {fault}"))
    }

    /// Whether a mail address, or a name that looks like one, is in one of the domains.
    pub fn hold(&self, address: &str) -> bool {
        match (self, super::routing::domain_of(address)) {
            (_, None) => false,
            (Scopes::Every, Some(_)) => true,
            (Scopes::Listed(all), Some(domain)) => all.iter().any(|one| one.fits(&domain)),
        }
    }
}

impl Admission {
    /// Whether a user with these facts may sign in, and what every test found.
    pub fn allows(&self, claimed: &ProviderFacts) -> (Truth, Vec<ConditionFinding>) {
        match &self.allow {
            None => (Truth::Yes, Vec::new()),
            Some(condition) => condition.explain(claimed),
        }
    }
}

impl Facts for ProviderFacts<'_> {
    fn known(&self, name: &str, from: Option<&str>) -> KnownAttribute<'_> {
        match from {
            Some(other) if other != self.source => KnownAttribute::default(),
            _ => self.attributes.known(name, Some(self.source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{identity::Identity, mapping::RawAttributes};

    fn built(json: &str) -> Result<Admission, String> {
        let written: AdmissionDocument =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        written.build(Vocabulary::Oidc)
    }

    #[test]
    fn an_empty_admission_admits_every_user() {
        let admission = built("{}").unwrap();
        assert!(admission.creates);
        let empty = ProviderFacts {
            attributes: &Attributes::default(),
            source: "idp",
        };
        assert_eq!(admission.allows(&empty).0, Truth::Yes);
        assert_eq!(
            serde_json::from_str::<AdmissionDocument>("{}").unwrap(),
            AdmissionDocument::default()
        );
    }

    #[test]
    fn who_may_come_in_is_asked_of_what_was_mapped() {
        let json = r#"{"allow":{"group":"staff"},
            "map":{"groups":{"from":"roles","match":"app-(.*)"}}}"#;
        let admission = built(json).unwrap();
        let allowed = |role: &str| {
            let given = Identity {
                attributes: BTreeMap::from([("roles".to_owned(), vec![role.to_owned()])]),
                ..Identity::default()
            };
            let mapped = admission.mapping.apply(&RawAttributes::from(&given));
            let mut attributes = Attributes::default();
            attributes.take_over("idp", &mapped.source_attributes());
            admission.allows(&ProviderFacts {
                attributes: &attributes,
                source: "idp",
            })
        };
        assert_eq!(allowed("app-staff").0, Truth::Yes);
        assert_eq!(allowed("staff").0, Truth::No);
        assert_eq!(allowed("app-guest").1[0].had, ["guest"]);
    }

    #[test]
    fn faults_say_where() {
        for (json, words) in [
            (r#"{"allow":{"group":"a","equals":"b"}}"#, "allow: "),
            (r#"{"map":{"mail":{}}}"#, "map, \"mail\": "),
            (r#"{"creates":true}"#, "`create`"),
            (r#"{"unmapped":"forget"}"#, "`keep`"),
            (r#"{"scopes":["no domain"]}"#, "scopes: "),
        ] {
            let fault = built(json).unwrap_err();
            assert!(fault.contains(words), "{json}: {fault}");
        }
    }
}
