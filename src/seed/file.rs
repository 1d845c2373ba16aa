//! The format of a seed file. Unknown keys are refused in every table.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
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
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    #[serde(default)]
    pub(super) provider: Vec<Provider>,
    #[serde(default)]
    pub(super) person: Vec<PersonDocument>,
    #[serde(default)]
    pub(super) context_type: Vec<ContextTypeDocument>,
    #[serde(default)]
    pub(super) client: Vec<ClientDocument>,
    #[serde(default)]
    pub(super) service: Vec<ServiceDocument>,
    #[serde(default)]
    pub(super) assurance: Vec<Assurance>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub(super) slug: String,
    pub(super) kind: String,
    pub(super) title: String,
    /// The organisation's own: the default for users about whom nothing else is known, and the
    /// first in the list.
    #[serde(default)]
    pub(super) default: bool,
    /// Not in the list; reached by a domain, a network or a link.
    #[serde(default)]
    pub(super) hidden: bool,
    #[serde(default)]
    pub(super) domains: Vec<String>,
    #[serde(default)]
    pub(super) networks: Vec<String>,
    /// Whether unknown users are created by signing in.
    #[serde(default = "yes")]
    pub(super) create: bool,
    pub(super) allow: Option<ConditionDocument>,
    #[serde(default)]
    pub(super) map: mapping::MappingDocument,
    pub(super) unmapped: Option<Unmapped>,
    /// Whether its groups and names count as the portal's own.
    pub(super) trusted_groups: Option<bool>,
    /// Domains it is trusted for.
    pub(super) scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) disabled: bool,
    #[serde(default)]
    pub(super) settings: Settings,
}

/// The required assurance: for whom (`when`), for which service and intent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assurance {
    pub(super) title: String,
    pub(super) service: Option<String>,
    pub(super) intent: Option<String>,
    pub(super) when: Option<ConditionDocument>,
    #[serde(default)]
    pub(super) second_factor: bool,
    pub(super) max_age_minutes: Option<u32>,
}

/// An account of the `local` provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonDocument {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) password_file: Option<String>,
    pub(super) password_env: Option<String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, AttributesDocument>,
    #[serde(default)]
    pub(super) disabled: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum AttributesDocument {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextTypeDocument {
    pub(super) slug: String,
    pub(super) title: String,
    #[serde(default = "folder")]
    pub(super) icon: String,
    pub(super) pattern: String,
    #[serde(default)]
    pub(super) case: Case,
    pub(super) hint: String,
    #[serde(default)]
    pub(super) example: String,
    #[serde(default)]
    pub(super) sensitivity: Sensitivity,
    /// The identifier system of its keys, a URI.
    pub(super) system: Option<String>,
    #[serde(default)]
    pub(super) field: Vec<FieldRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientDocument {
    pub(super) id: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) auth: AuthMethod,
    pub(super) secret: Option<Zeroizing<String>>,
    pub(super) secret_file: Option<String>,
    pub(super) secret_env: Option<String>,
    pub(super) jwks: Option<Vec<Jwk>>,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(super) post_logout_redirect_uris: Vec<String>,
    pub(super) initiate_login_uri: Option<String>,
    #[serde(default = "es256")]
    pub(super) id_token_alg: String,
    #[serde(default)]
    pub(super) registration: Registration,
    #[serde(default)]
    pub(super) disabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceDocument {
    pub(super) slug: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default = "folder")]
    pub(super) icon: String,
    #[serde(default)]
    pub(super) category: String,
    pub(super) handoff: String,
    pub(super) audience: Option<ConditionDocument>,
    #[serde(default)]
    pub(super) choice_allowed: bool,
    #[serde(default)]
    pub(super) disabled: bool,
    /// Path of the service's front page under each instance.
    pub(super) home: Option<String>,
    #[serde(default)]
    pub(super) instance: Vec<InstanceDocument>,
    #[serde(default)]
    pub(super) rule: Vec<RuleDocument>,
    #[serde(default)]
    pub(super) link: Vec<LinkDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceDocument {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) base_url: String,
    #[serde(default)]
    pub(super) disabled: bool,
    #[serde(default)]
    pub(super) settings: Settings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleDocument {
    pub(super) title: String,
    pub(super) when: Option<ConditionDocument>,
    pub(super) instances: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkDocument {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(deserialize_with = "targets")]
    pub(super) intents: BTreeMap<String, TargetDocument>,
}

/// A template, or a table with more than a template.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetDocument {
    pub(super) template: String,
    pub(super) inner: Option<String>,
    pub(super) audience: Option<ConditionDocument>,
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

impl std::fmt::Debug for PersonDocument {
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

fn folder() -> String {
    "folder".to_owned()
}

fn es256() -> String {
    "ES256".to_owned()
}
