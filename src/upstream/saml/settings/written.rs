//! The settings as an admin writes them: their names, meanings and defaults.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::kind::Field;

const fn field(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: false,
    }
}

const fn secret(name: &'static str, about: &'static str) -> Field {
    Field {
        secret: true,
        ..field(name, about)
    }
}

const fn needed(name: &'static str, about: &'static str) -> Field {
    Field {
        needed: true,
        ..field(name, about)
    }
}

pub const FIELDS: &[Field] = &[
    needed("entity_id", "the identity provider's entity id"),
    field(
        "metadata_url",
        "where its metadata is fetched and refreshed; without any, an admin brings it",
    ),
    field("metadata", "its metadata as text, instead"),
    field("metadata_file", "or as a file"),
    field(
        "metadata_certificate",
        "PEM: the metadata must be signed by this certificate's key",
    ),
    field(
        "own_entity_id",
        "our entity id; default the address of our metadata",
    ),
    secret(
        "key",
        "PEM: our RSA key, with its certificate if it has one; default one we make and keep",
    ),
    field("key_file", "the same, as a file"),
    secret(
        "previous_key",
        "PEM: another key of ours, published and readable, while keys roll over",
    ),
    field(
        "request_binding",
        "redirect or post, as they offer it; default redirect",
    ),
    field(
        "sign_requests",
        "false: leave requests unsigned; default true",
    ),
    field(
        "want_assertions_signed",
        "true: a signed response is not enough; default false",
    ),
    field(
        "want_encrypted",
        "true: refuse assertions that are not encrypted; default false",
    ),
    field(
        "allow_cbc",
        "true: accept AES-CBC, whose errors reveal secrets; default false",
    ),
    field(
        "allow_unsolicited",
        "true: accept users the provider sends without a request; default false",
    ),
    field(
        "name_id_format",
        "persistent, transient, email, unspecified, or a URN; default the only one that their metadata \
         lists, else whatever they send",
    ),
    field(
        "subject",
        "the lasting id: name_id, pairwise-id, subject-id, or an attribute; default name_id",
    ),
    field(
        "authn_context",
        "a list: one of these AuthnContextClassRefs is required",
    ),
    field(
        "strong_contexts",
        "a list of those that prove a second factor; they are asked for when one is wanted",
    ),
    field(
        "request_attributes",
        "a list of attributes that our metadata asks for",
    ),
    field(
        "clock_skew_seconds",
        "how far clocks may be apart; default 60, at most 180",
    ),
];

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct SamlSettings {
    pub entity_id: String,
    pub metadata_url: Option<String>,
    pub metadata: Option<String>,
    pub metadata_file: Option<String>,
    pub metadata_certificate: Option<String>,
    pub own_entity_id: Option<String>,
    pub key: Option<Zeroizing<String>>,
    pub key_file: Option<String>,
    pub previous_key: Option<Zeroizing<String>>,
    pub request_binding: Binding,
    pub sign_requests: bool,
    pub want_assertions_signed: bool,
    pub want_encrypted: bool,
    pub allow_cbc: bool,
    pub allow_unsolicited: bool,
    pub name_id_format: Option<String>,
    pub subject: String,
    pub authn_context: Vec<String>,
    pub strong_contexts: Vec<String>,
    pub request_attributes: Vec<String>,
    pub clock_skew_seconds: u64,
}

impl Default for SamlSettings {
    fn default() -> Self {
        Self {
            entity_id: String::new(),
            metadata_url: None,
            metadata: None,
            metadata_file: None,
            metadata_certificate: None,
            own_entity_id: None,
            key: None,
            key_file: None,
            previous_key: None,
            request_binding: Binding::Redirect,
            sign_requests: true,
            want_assertions_signed: false,
            want_encrypted: false,
            allow_cbc: false,
            allow_unsolicited: false,
            name_id_format: None,
            subject: NAME_ID.to_owned(),
            authn_context: Vec::new(),
            strong_contexts: Vec::new(),
            request_attributes: Vec::new(),
            clock_skew_seconds: 60,
        }
    }
}

/// How requests are sent.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Binding {
    Redirect,
    Post,
}

/// The subject is the NameID.
pub(super) const NAME_ID: &str = "name_id";
