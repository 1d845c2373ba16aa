//! An admin's settings for a SAML identity provider, and everything that can be found wrong with
//! them before a user signs in. The keys are those of [`FIELDS`]; unknown ones are refused.

mod written;

use std::{fs, sync::Arc, time::Duration};

use url::Url;
use zeroize::Zeroizing;

pub use self::written::FIELDS;
use self::written::{Binding, NAME_ID, SamlSettings};
use crate::{
    kind::{Settings, parse_settings},
    protocol::loopback::is_loopback,
    protocol::saml::{
        Certificate, PrivateKey,
        assertion::{EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED},
        binding::{POST, REDIRECT},
        metadata::Theirs,
    },
    upstream::Urls,
};

const LONGEST_SKEW: u64 = 180;

/// The parsed settings. No `Debug`: they may contain keys.
pub struct SamlConfig {
    pub entity_id: String,
    pub source: MetadataSource,
    pub pinned: Vec<Certificate>,
    pub own_entity_id: String,
    pub keys: OwnKeys,
    /// The binding's name.
    pub request_binding: &'static str,
    pub sign_requests: bool,
    pub want_assertions_signed: bool,
    pub want_encrypted: bool,
    pub allow_cbc: bool,
    pub allow_unsolicited: bool,
    pub name_id_format: Option<String>,
    pub subject: SubjectSource,
    pub authn_context: Vec<String>,
    pub strong_contexts: Vec<String>,
    pub request_attributes: Vec<String>,
    pub skew: Duration,
}

/// Where the identity provider's metadata comes from.
pub enum MetadataSource {
    Given(Arc<Theirs>),
    Fetched(Url),
    /// An admin imports it.
    Brought,
}

/// The source of our own keys.
pub enum OwnKeys {
    Given(Arc<Vec<PrivateKey>>),
    /// Created once and stored; with an additional configured one.
    Kept(Option<Zeroizing<String>>),
}

/// Which value is the user's permanent id.
#[derive(Debug, PartialEq, Eq)]
pub enum SubjectSource {
    NameId,
    /// SAML V2.0 Subject Identifier Attributes section 3: compared case-insensitively.
    Identifier(&'static str),
    Attribute(String),
}

impl SamlConfig {
    pub fn parse(settings: &Settings, urls: &Urls) -> Result<Self, String> {
        let written: SamlSettings = parse_settings(FIELDS, settings)?;
        if written.entity_id.is_empty() {
            return Err(wrong("entity_id", "is empty"));
        }
        if written.clock_skew_seconds > LONGEST_SKEW {
            return Err(wrong("clock_skew_seconds", "is more than 180"));
        }
        let pinned = pinned(written.metadata_certificate.as_deref())?;
        Ok(Self {
            source: source(&written, &pinned)?,
            pinned,
            own_entity_id: written
                .own_entity_id
                .clone()
                .unwrap_or_else(|| urls.metadata()),
            keys: keys(&written)?,
            request_binding: match written.request_binding {
                Binding::Redirect => REDIRECT,
                Binding::Post => POST,
            },
            sign_requests: written.sign_requests,
            want_assertions_signed: written.want_assertions_signed,
            want_encrypted: written.want_encrypted,
            allow_cbc: written.allow_cbc,
            allow_unsolicited: written.allow_unsolicited,
            subject: subject(&written)?,
            name_id_format: written.name_id_format.map(|name| format(&name)),
            authn_context: written.authn_context,
            strong_contexts: written.strong_contexts,
            request_attributes: written.request_attributes,
            skew: Duration::from_secs(written.clock_skew_seconds),
            entity_id: written.entity_id,
        })
    }

    /// The NameID format to request: the setting's, or the only one that the provider supports. If
    /// it supports several, none is requested, as before: another format would be another subject.
    pub fn format_for<'a>(&'a self, theirs: &'a Theirs) -> Option<&'a str> {
        match (&self.name_id_format, theirs.name_id_formats.as_slice()) {
            (Some(format), _) => Some(format),
            (None, [only]) if only != UNSPECIFIED => Some(only),
            (None, _) => None,
        }
    }

    /// What will go wrong with the NameIDs that this provider gives, in a sentence.
    pub fn format_warning(&self, theirs: &Theirs) -> Option<String> {
        let given = &theirs.name_id_formats;
        let is_given = |format: &str| given.iter().any(|one| one == format || one == UNSPECIFIED);
        match &self.name_id_format {
            _ if given.is_empty() => None,
            Some(format) if !is_given(format) => Some(format!(
                "name_id_format asks for {format}, and the metadata lists only {}: sign-ins will \
                 end in InvalidNameIDPolicy",
                given.join(", ")
            )),
            None if self.subject == SubjectSource::NameId
                && given.iter().all(|one| one == TRANSIENT) =>
            {
                Some(
                    "the metadata lists only transient NameIDs, which are new each time: set \
                     subject to a lasting attribute"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }

    /// Settings that are no longer accepted when written: addresses without TLS, and metadata that
    /// is fetched without TLS and unsigned.
    pub fn plain(&self) -> Option<String> {
        match &self.source {
            MetadataSource::Given(theirs) => theirs.plain(),
            MetadataSource::Fetched(url) if url.scheme() == "http" && self.pinned.is_empty() => {
                let is_ours = is_loopback(url);
                (!is_ours).then(|| wrong("metadata_url", "must begin with https:// (http:// on loopback, or with a metadata_certificate)"))
            }
            MetadataSource::Fetched(_) | MetadataSource::Brought => None,
        }
    }

    pub fn skew_seconds(&self) -> i64 {
        i64::try_from(self.skew.as_secs()).unwrap_or_default()
    }
}

fn wrong(name: &str, why: &str) -> String {
    format!("the setting \"{name}\": {why}")
}

fn contents(name: &str, file: &str) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| wrong(name, &format!("{file}: {error}")))
}

fn pinned(pem: Option<&str>) -> Result<Vec<Certificate>, String> {
    let read = |pem| Certificate::from_pem(pem);
    let read = pem.map(read).transpose();
    let read = read.map_err(|fault| wrong("metadata_certificate", &fault.to_string()))?;
    Ok(read.into_iter().collect())
}

fn source(written: &SamlSettings, pinned: &[Certificate]) -> Result<MetadataSource, String> {
    let given = |name: &str, text: &str| {
        // Whether it has expired is checked when it is used, not when the portal starts.
        let theirs = Theirs::read(text.as_bytes(), Some(&written.entity_id), pinned, i64::MIN);
        let theirs = theirs.map_err(|fault| wrong(name, &fault.to_string()))?;
        Ok(MetadataSource::Given(Arc::new(theirs)))
    };
    match (
        &written.metadata_url,
        &written.metadata,
        &written.metadata_file,
    ) {
        (Some(url), None, None) => {
            let url = Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "https" | "http"));
            let url = url.ok_or_else(|| wrong("metadata_url", "is not an http or https URL"));
            url.map(MetadataSource::Fetched)
        }
        (None, Some(text), None) => given("metadata", text),
        (None, None, Some(file)) => given("metadata_file", &contents("metadata_file", file)?),
        (None, None, None) => Ok(MetadataSource::Brought),
        _ => Err(wrong(
            "metadata_url",
            "and metadata or metadata_file are both given",
        )),
    }
}

fn keys(written: &SamlSettings) -> Result<OwnKeys, String> {
    let present = match (&written.key, &written.key_file) {
        (None, None) => {
            if let Some(previous) = &written.previous_key {
                key("previous_key", previous)?;
            }
            return Ok(OwnKeys::Kept(written.previous_key.clone()));
        }
        (Some(pem), None) => key("key", pem)?,
        (None, Some(file)) => key("key_file", &Zeroizing::new(contents("key_file", file)?))?,
        (Some(_), Some(_)) => return Err(wrong("key", "and key_file are both given")),
    };
    let previous = written.previous_key.as_deref();
    let previous = previous.map(|pem| key("previous_key", pem)).transpose()?;
    Ok(OwnKeys::Given(Arc::new(
        [present].into_iter().chain(previous).collect(),
    )))
}

fn key(name: &str, pem: &str) -> Result<PrivateKey, String> {
    PrivateKey::from_pem(pem).map_err(|fault| wrong(name, &fault.to_string()))
}

fn format(name: &str) -> String {
    let known = match name {
        "persistent" => PERSISTENT,
        "transient" => TRANSIENT,
        "email" => EMAIL,
        "unspecified" => UNSPECIFIED,
        other => other,
    };
    known.to_owned()
}

/// A NameID that changes each time identifies no user.
fn subject(written: &SamlSettings) -> Result<SubjectSource, String> {
    let is_transient = matches!(
        written.name_id_format.as_deref(),
        Some("transient" | TRANSIENT)
    );
    match written.subject.as_str() {
        "" => Err(wrong("subject", "is empty")),
        NAME_ID if is_transient => Err(wrong(
            "subject",
            "cannot be name_id with transient NameIDs, which are new each time: name an attribute",
        )),
        NAME_ID => Ok(SubjectSource::NameId),
        "pairwise-id" => Ok(SubjectSource::Identifier(
            "urn:oasis:names:tc:SAML:attribute:pairwise-id",
        )),
        "subject-id" => Ok(SubjectSource::Identifier(
            "urn:oasis:names:tc:SAML:attribute:subject-id",
        )),
        other => Ok(SubjectSource::Attribute(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(changes: serde_json::Value) -> Result<SamlConfig, String> {
        let mut settings = Settings::new();
        settings.insert("entity_id".into(), json!("https://idp.test"));
        settings.insert("metadata_url".into(), json!("https://idp.test/metadata"));
        for (name, value) in changes.as_object().expect("an object") {
            settings.insert(name.clone(), value.clone());
        }
        settings.retain(|_, value| !value.is_null());
        SamlConfig::parse(&settings, &Urls::new("https://usher.test", "campus"))
    }

    #[test]
    fn the_least_that_works_has_the_documented_defaults() {
        let config = parse(json!({})).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            config.own_entity_id,
            "https://usher.test/upstream/campus/metadata"
        );
        assert!(config.sign_requests && !config.allow_unsolicited && !config.allow_cbc);
        assert!(!config.want_assertions_signed && !config.want_encrypted);
        assert_eq!(
            (config.request_binding, config.skew_seconds()),
            (REDIRECT, 60)
        );
        assert_eq!(config.subject, SubjectSource::NameId);
        assert!(matches!(config.keys, OwnKeys::Kept(None)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_setting() {
        for (changes, words) in [
            (json!({"entity": "x"}), "unknown setting \"entity\""),
            (json!({"entity_id": null}), "\"entity_id\" is missing"),
            (json!({"entity_id": ""}), "\"entity_id\": is empty"),
            (json!({"metadata": "<x/>"}), "are both given"),
            (
                json!({"metadata_url": "javascript:x"}),
                "not an http or https URL",
            ),
            (
                json!({"metadata_url": null, "metadata": "<x/>"}),
                "\"metadata\": metadata: it is not SAML metadata",
            ),
            (
                json!({"metadata_url": null, "metadata_file": "/nowhere.xml"}),
                "\"metadata_file\": /nowhere.xml: ",
            ),
            (
                json!({"metadata_certificate": "x"}),
                "\"metadata_certificate\": ",
            ),
            (json!({"key": "x"}), "\"key\": "),
            (json!({"key": "x", "key_file": "y"}), "both given"),
            (json!({"previous_key": "x"}), "\"previous_key\": "),
            (json!({"request_binding": "soap"}), "unknown variant `soap`"),
            (json!({"clock_skew_seconds": 181}), "more than 180"),
            (
                json!({"name_id_format": "transient"}),
                "which are new each time",
            ),
            (
                json!({"name_id_format": TRANSIENT}),
                "which are new each time",
            ),
            (json!({"subject": ""}), "\"subject\": is empty"),
        ] {
            let error = parse(changes).err().expect("refused");
            assert!(error.contains(words), "{error}\ndoes not say\n{words}");
        }
    }

    #[test]
    fn a_transient_name_is_fine_beside_a_lasting_attribute() {
        let changes = json!({"name_id_format": "transient", "subject": "pairwise-id"});
        assert!(parse(changes).is_ok());
    }
}
