//! The format of a seed file. Unknown keys are refused in every table. Fields with their default
//! value are not written.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _,
};
use zeroize::Zeroizing;

use crate::{
    kind::Settings,
    model::{
        admission::Unmapped,
        client::{AuthMethod, Registration},
        condition::ConditionDocument,
        context::{Case, Sensitivity},
        mapping,
    },
    protocol::jose::Jwk,
    store::FieldRow,
};

/// A seed file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    #[serde(default, skip_serializing_if = "is_default")]
    pub provider: Vec<Provider>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub person: Vec<AccountDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub context_type: Vec<ContextTypeDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub client: Vec<ClientDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub service: Vec<ServiceDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub assurance: Vec<Assurance>,
}

/// An identity provider; its settings are those of its kind.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub slug: String,
    pub kind: String,
    pub title: String,
    /// The organisation's own: the default for users about whom nothing else is known, and the
    /// first in the list.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default: bool,
    /// Not in the list; reached by a domain, a network or a link.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hidden: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub domains: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub networks: Vec<String>,
    /// Whether unknown users are created by signing in.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub create: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<ConditionDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub map: mapping::MappingDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<Unmapped>,
    /// Whether its groups and names count as the portal's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_groups: Option<bool>,
    /// Domains it is trusted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub settings: Settings,
}

/// The required assurance: for whom (`when`), for which service and intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assurance {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<ConditionDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub second_factor: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_minutes: Option<u32>,
}

/// An account of the `local` provider.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountDocument {
    pub login: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub groups: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub attributes: BTreeMap<String, AttributesDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
}

/// An attribute's value, or its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributesDocument {
    One(String),
    Many(Vec<String>),
}

/// A type of record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextTypeDocument {
    pub slug: String,
    pub title: String,
    #[serde(default = "folder")]
    pub icon: String,
    pub pattern: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub case: Case,
    pub hint: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub example: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub sensitivity: Sensitivity,
    /// The identifier system of its keys, a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub field: Vec<FieldRow>,
}

/// An OAuth client.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientDocument {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub auth: AuthMethod,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Vec<Jwk>>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub redirect_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    #[serde(default = "es256")]
    pub id_token_alg: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub registration: Registration,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
}

/// An application, with its instances, the rules that select one of them, and its deep links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceDocument {
    pub slug: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    #[serde(default = "folder")]
    pub icon: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub category: String,
    pub handoff: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<ConditionDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub choice_allowed: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// Path of the service's front page under each instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: Vec<InstanceDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub rule: Vec<RuleDocument>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub link: Vec<LinkDocument>,
}

/// A deployment of a service; its settings are those of the service's hand-off method.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceDocument {
    pub slug: String,
    pub title: String,
    pub base_url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub settings: Settings,
}

/// Which instances are offered to whom; the first rule that applies decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<ConditionDocument>,
    pub instances: Vec<String>,
}

/// The deep links of one type of record, by intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkDocument {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(deserialize_with = "targets")]
    pub intents: BTreeMap<String, TargetDocument>,
}

/// A template, or a table with more than a template.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetDocument {
    pub template: String,
    pub inner: Option<String>,
    pub audience: Option<ConditionDocument>,
}

impl Serialize for TargetDocument {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.inner.is_none() && self.audience.is_none() {
            return to.serialize_str(&self.template);
        }
        let mut table = to.serialize_map(None)?;
        table.serialize_entry("template", &self.template)?;
        if let Some(inner) = &self.inner {
            table.serialize_entry("inner", inner)?;
        }
        if let Some(audience) = &self.audience {
            table.serialize_entry("audience", audience)?;
        }
        table.end()
    }
}

/// Either form, distinguished by type: serde's own `untagged` would lose the name of a misspelt
/// key.
fn targets<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, TargetDocument>, D::Error> {
    let written = BTreeMap::<String, toml::Value>::deserialize(from)?;
    written
        .into_iter()
        .map(|(intent, value)| match value {
            toml::Value::String(template) => Ok((
                intent,
                TargetDocument {
                    template,
                    ..TargetDocument::default()
                },
            )),
            table => {
                let target: TargetDocument =
                    table.try_into().map_err(|error: toml::de::Error| {
                        D::Error::custom(format!("intent \"{intent}\": {}", error.message()))
                    })?;
                Ok((intent, target))
            }
        })
        .collect()
}

// Passwords and secrets stay out of `{:?}`.
impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.slug)
    }
}

impl std::fmt::Debug for AccountDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.login)
    }
}

impl std::fmt::Debug for ClientDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.id)
    }
}

impl std::fmt::Debug for InstanceDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance({})", self.slug)
    }
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn folder() -> String {
    "folder".to_owned()
}

fn es256() -> String {
    "ES256".to_owned()
}
