//! A remote application in its SAML role: its metadata, and the data that an admin releases to it.
//! It is part of the settings of its instance, so that closing either closes both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    kind::{Field, Settings, parse_settings},
    model::{session::SignedIn, user::User},
    protocol::saml::{
        Address, Certificate,
        assertion::{EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED},
        metadata::service::ServiceMetadata,
    },
};

/// A service provider as it is registered.
#[derive(Clone, Debug)]
pub struct ServiceProvider {
    pub metadata: ServiceMetadata,
    pub name_id: NameFormat,
    /// The attributes it receives: SAML's name to ours (`name`, `login`, `mail`, `groups`, or any
    /// attribute).
    pub attributes: BTreeMap<String, String>,
    /// Requests without a signature are refused, whatever its metadata says.
    pub require_signed_requests: bool,
    /// Unsolicited assertions are sent, too: the method `saml` (Profiles section 4.1.5).
    pub relay_state: RelayState,
    /// The longest RelayState it accepts, in bytes.
    pub longest_relay_state: usize,
    pub logout_by: LogoutBy,
    /// Where the method `request_init` sends the browser, and the names of the parameters.
    pub initiator: Option<String>,
    pub entity_parameter: String,
    pub target_parameter: String,
}

/// The format of its NameIDs (Core section 8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameFormat {
    /// Pairwise: different for every service provider.
    #[default]
    Persistent,
    /// Different for every session.
    Transient,
    Email,
    /// The sign-in name, unspecified.
    Login,
}

/// The RelayState of an unsolicited assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayState {
    /// The deep link, for a service provider that redirects to it.
    #[default]
    Target,
    /// The launch's id: the record is in the attributes.
    Launch,
}

/// How the browser asks it to end its session, where it does not support SOAP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogoutBy {
    /// In a frame of our page, all at once.
    #[default]
    Frame,
    /// As a page of its own, one after the other: for one that identifies its session by a cookie,
    /// which browsers do not send from a frame of another site.
    Page,
}

/// The longest RelayState of a service provider that is returned: many put an address of their own
/// there, though Bindings sections 3.4.3 and 3.5.3 allow 80 bytes.
pub const LONGEST_RELAY_STATE: usize = 4096;
/// What every service provider accepts, and what we send where its settings give no limit.
const SHORTEST_RELAY_STATE: usize = 80;
const USUAL_RELAY_STATE: usize = 1024;

/// The settings.
pub const FIELDS: &[Field] = &[
    field("metadata", "the service provider's metadata, XML", true),
    field(
        "entity_id",
        "which entity of the metadata it is, if there are several",
        false,
    ),
    field(
        "name_id",
        "its name for users: persistent (pairwise), transient, email or login; default persistent, or \
         what its metadata lists instead",
        false,
    ),
    field(
        "attributes",
        "what it receives: its name for it, to ours (name, login, mail, groups, any attribute)",
        false,
    ),
    field(
        "require_signed_requests",
        "refuse what is not signed (true or false)",
        false,
    ),
    field(
        "relay_state",
        "saml: what stands in RelayState, target (the deep link; default) or launch (its id)",
        false,
    ),
    field(
        "relay_state_bytes",
        "saml: how long a RelayState it takes (1024); a longer address is left out",
        false,
    ),
    field(
        "logout_by",
        "how the browser signs out there: frame (default), or page where it needs its cookies",
        false,
    ),
    field(
        "allow_rsa_sha1",
        "accept its signatures by RSA with SHA-1, which is broken (true or false)",
        false,
    ),
    field(
        "initiator",
        "request_init: the address that starts a sign-in there",
        false,
    ),
    field(
        "entity_parameter",
        "request_init: names us there (entityID)",
        false,
    ),
    field(
        "target_parameter",
        "request_init: names the record's address there (target)",
        false,
    ),
];

const fn field(name: &'static str, about: &'static str, needed: bool) -> Field {
    Field {
        name,
        about,
        needed,
        secret: false,
    }
}

#[derive(Deserialize)]
struct ServiceProviderSettings {
    metadata: String,
    entity_id: Option<String>,
    name_id: Option<NameFormat>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    require_signed_requests: bool,
    #[serde(default)]
    relay_state: RelayState,
    relay_state_bytes: Option<usize>,
    #[serde(default)]
    logout_by: LogoutBy,
    #[serde(default)]
    allow_rsa_sha1: bool,
    initiator: Option<String>,
    entity_parameter: Option<String>,
    target_parameter: Option<String>,
}

impl ServiceProvider {
    /// Parses an instance's settings; a sentence for the admin where they are invalid.
    pub fn parse(settings: &Settings) -> Result<Self, String> {
        let written: ServiceProviderSettings = parse_settings(FIELDS, settings)?;
        let mut metadata =
            ServiceMetadata::read(written.metadata.as_bytes(), written.entity_id.as_deref())
                .map_err(|fault| fault.to_string())?;
        let unsigned = metadata.signing.is_empty();
        if unsigned && (written.require_signed_requests || metadata.signs_requests) {
            return Err(
                "metadata: requests are to be signed, but there is no certificate for signatures"
                    .to_owned(),
            );
        }
        if written.allow_rsa_sha1 {
            let keys = std::mem::take(&mut metadata.signing).into_iter();
            metadata.signing = keys.map(Certificate::allowing_sha1).collect();
        }
        let longest = written.relay_state_bytes.unwrap_or(USUAL_RELAY_STATE);
        if !(SHORTEST_RELAY_STATE..=LONGEST_RELAY_STATE).contains(&longest) {
            return Err(format!(
                "relay_state_bytes is {SHORTEST_RELAY_STATE} to {LONGEST_RELAY_STATE}"
            ));
        }
        if let Some(initiator) = &written.initiator {
            super::address::web_address(initiator)?;
        }
        Ok(Self {
            name_id: written
                .name_id
                .unwrap_or_else(|| listed(&metadata.name_id_formats)),
            attributes: written.attributes,
            require_signed_requests: written.require_signed_requests || metadata.signs_requests,
            relay_state: written.relay_state,
            longest_relay_state: longest,
            logout_by: written.logout_by,
            initiator: written.initiator,
            entity_parameter: written.entity_parameter.unwrap_or("entityID".to_owned()),
            target_parameter: written.target_parameter.unwrap_or("target".to_owned()),
            metadata,
        })
    }

    pub fn entity_id(&self) -> &str {
        &self.metadata.entity_id
    }

    /// What will go wrong with the formats that its metadata lists, in a sentence.
    pub fn format_warning(&self) -> Option<String> {
        let listed = &self.metadata.name_id_formats;
        let is_ours = |format: &String| format == self.name_id.uri() || format == UNSPECIFIED;
        if listed.is_empty() {
            return None;
        }
        if !listed.iter().any(is_ours) {
            return Some(format!(
                "its metadata lists the NameID formats {}, and it gets {}: set name_id",
                listed.join(", "),
                self.name_id.uri()
            ));
        }
        let refused = listed
            .iter()
            .find(|one| self.format_for(Some(one.as_str())).is_none())?;
        Some(format!(
            "its metadata lists the NameID format {refused}: requests for it end in \
             InvalidNameIDPolicy, unless name_id is set so"
        ))
    }

    /// The format for a request, by its policy; `None` for one that it may not have (Core section
    /// 3.4.1.1).
    pub fn format_for(&self, asked: Option<&str>) -> Option<NameFormat> {
        match asked {
            None | Some(UNSPECIFIED) => Some(self.name_id),
            Some(PERSISTENT) => Some(NameFormat::Persistent),
            Some(TRANSIENT) => Some(NameFormat::Transient),
            Some(EMAIL) if self.name_id == NameFormat::Email => Some(NameFormat::Email),
            Some(_) => None,
        }
    }

    /// The attributes of a user that it receives, by its own names.
    pub fn released(&self, user: &User) -> Vec<(String, Vec<String>)> {
        let known = self.attributes.iter();
        known
            .map(|(name, ours)| (name.clone(), values(user, ours)))
            .filter(|(_, values)| !values.is_empty())
            .collect()
    }
}

/// The format that a service provider gets by default: persistent, unless its metadata does not
/// list that.
fn listed(formats: &[String]) -> NameFormat {
    let known = |format: &String| match format.as_str() {
        PERSISTENT | UNSPECIFIED => Some(NameFormat::Persistent),
        TRANSIENT => Some(NameFormat::Transient),
        EMAIL => Some(NameFormat::Email),
        _ => None,
    };
    let known: Vec<NameFormat> = formats.iter().filter_map(known).collect();
    match known.contains(&NameFormat::Persistent) {
        true => NameFormat::Persistent,
        false => known.first().copied().unwrap_or_default(),
    }
}

fn values(user: &User, name: &str) -> Vec<String> {
    match name {
        "name" => vec![user.name.clone()],
        "login" => vec![user.username.clone()],
        other => {
            let known = user.attributes.known_values(other).unwrap_or_default();
            known.into_iter().map(str::to_owned).collect()
        }
    }
}

impl NameFormat {
    pub const fn uri(self) -> &'static str {
        match self {
            NameFormat::Persistent => PERSISTENT,
            NameFormat::Transient => TRANSIENT,
            NameFormat::Email => EMAIL,
            NameFormat::Login => UNSPECIFIED,
        }
    }
}

/// A verified request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamlRequest {
    /// The service provider's entity id.
    pub party: String,
    /// The request's own id.
    pub id: String,
    /// The assertion consumer service, out of the metadata.
    pub consumer: Address,
    pub relay_state: Option<String>,
    pub force: bool,
    pub passive: bool,
    pub name_id_format: Option<String>,
    /// Whether we can give a context that was asked for at all.
    pub is_possible: bool,
    /// A second factor is required.
    pub second_factor: bool,
    /// The authentication context to be named, if the user's session satisfies it.
    pub context: Option<String>,
}

/// REFEDS' name for a second factor, which federations know; and SAML's for a password over TLS.
pub const CONTEXT_MFA: &str = "https://refeds.org/profile/mfa";
pub const CONTEXT_PASSWORD: &str =
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// The authentication context of a session, in SAML's terms.
pub fn context_of(who: &SignedIn) -> &'static str {
    match who.session.factor_at {
        Some(_) => CONTEXT_MFA,
        None => CONTEXT_PASSWORD,
    }
}

/// The end of a session, for `SessionNotOnOrAfter`.
pub fn session_until(who: &SignedIn) -> Time {
    who.session.expires_at
}
