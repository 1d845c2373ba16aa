//! What an admin says of a provider's people: who of them may come in, whether strangers are made
//! known, and what is taken over of what the provider says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    condition::{self, Condition, Facts, Finding},
    mapping::{self, Mapping, Vocabulary},
};

/// A provider's admission as an admin writes it. All of it may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Whether somebody nobody knows yet becomes known by signing in.
    #[serde(default = "yes")]
    pub create: bool,
    /// Who may come in; everybody without it. Asked about the mapped attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<condition::Written>,
    #[serde(default, skip_serializing_if = "mapping::Written::is_empty")]
    pub map: mapping::Written,
    /// What becomes of attributes that `map` does not speak of: without a `map` they are kept,
    /// with one they are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<Unmapped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmapped {
    Keep,
    Drop,
}

/// An admission that can be asked.
#[derive(Clone, Debug)]
pub struct Admission {
    pub creates: bool,
    pub allow: Option<Condition>,
    pub mapping: Mapping,
}

/// What a provider says of one person, as conditions see it.
pub struct Claimed<'a> {
    pub attributes: &'a BTreeMap<String, Vec<String>>,
    /// The provider's slug.
    pub source: &'a str,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            create: true,
            allow: None,
            map: mapping::Written::default(),
            unmapped: None,
        }
    }
}

fn yes() -> bool {
    true
}

impl Written {
    pub fn build(&self, vocabulary: Vocabulary) -> Result<Admission, String> {
        let keeps_rest = match self.unmapped {
            Some(unmapped) => unmapped == Unmapped::Keep,
            None => self.map.is_empty(),
        };
        let allow = self.allow.as_ref().map(condition::Written::build);
        Ok(Admission {
            creates: self.create,
            allow: allow
                .transpose()
                .map_err(|fault| format!("allow: {fault}"))?,
            mapping: self.map.build(vocabulary, keeps_rest)?,
        })
    }
}

impl Admission {
    /// Whether somebody of whom this is said may come in, and what every test found.
    pub fn allows(&self, claimed: &Claimed) -> (bool, Vec<Finding>) {
        match &self.allow {
            None => (true, Vec::new()),
            Some(condition) => condition.explain(claimed),
        }
    }
}

impl Facts for Claimed<'_> {
    fn values(&self, name: &str) -> Option<(Vec<&str>, &str)> {
        let values = self.attributes.get(name)?;
        Some((values.iter().map(String::as_str).collect(), self.source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::RawAttributes;

    fn built(json: &str) -> Result<Admission, String> {
        let written: Written = serde_json::from_str(json).map_err(|error| error.to_string())?;
        written.build(Vocabulary::Oidc)
    }

    #[test]
    fn nothing_written_admits_everybody() {
        let admission = built("{}").unwrap();
        assert!(admission.creates);
        let nobody = Claimed {
            attributes: &BTreeMap::new(),
            source: "idp",
        };
        assert!(admission.allows(&nobody).0);
        assert_eq!(
            serde_json::from_str::<Written>("{}").unwrap(),
            Written::default()
        );
    }

    #[test]
    fn who_may_come_in_is_asked_of_what_was_mapped() {
        let json = r#"{"allow":{"group":"staff"},
            "map":{"groups":{"from":"roles","match":"app-(.*)"}}}"#;
        let admission = built(json).unwrap();
        let allowed = |role: &str| {
            let given = BTreeMap::from([("roles".to_owned(), vec![role.to_owned()])]);
            let mapped = admission.mapping.apply(&RawAttributes::from(&given));
            admission.allows(&Claimed {
                attributes: &mapped.attributes,
                source: "idp",
            })
        };
        assert!(allowed("app-staff").0);
        assert!(!allowed("staff").0);
        assert_eq!(allowed("app-guest").1[0].had, ["guest"]);
    }

    #[test]
    fn faults_say_where() {
        for (json, words) in [
            (r#"{"allow":{"group":"a","equals":"b"}}"#, "allow: "),
            (r#"{"map":{"mail":{}}}"#, "map, \"mail\": "),
            (r#"{"creates":true}"#, "`create`"),
            (r#"{"unmapped":"forget"}"#, "`keep`"),
        ] {
            let fault = built(json).unwrap_err();
            assert!(fault.contains(words), "{json}: {fault}");
        }
    }
}
