//! Secrets among an instance's settings. They are stored apart from the others, sealed for this
//! instance of this service, in the database and among the settings in memory. Only an opened
//! hand-off has them decrypted, in a form that is not printed and is wiped when it is dropped.

use serde_json::Value;
use zeroize::Zeroizing;

use super::KINDS;
use crate::{
    error::{Error, Result},
    keys::{Seal, handoff_purpose},
    kind::{Field, Settings, find},
    model::service::{Instance, Service},
};

/// Settings, the secret ones apart. It has no `Debug`.
pub struct SplitSettings {
    pub open: Settings,
    secret: Settings,
}

impl SplitSettings {
    /// Separates the settings by what the method's fields declare.
    pub fn of(fields: &[Field], settings: Settings) -> Self {
        let is_secret = |name: &str| {
            let known = fields.iter().find(|field| field.name == name);
            known.is_some_and(|field| field.secret)
        };
        let (secret, open) = settings
            .into_iter()
            .partition(|(name, _)| is_secret(name.as_str()));
        Self { open, secret }
    }

    /// All settings, as the method reads them.
    pub fn merged(&self) -> Settings {
        let mut all = self.open.clone();
        all.extend(self.secret.clone());
        all
    }

    /// The stored form of the secrets; `None` if there are none.
    pub fn seal(&self, seal: &Seal, service: &str, instance: &str) -> Result<Option<String>> {
        if self.secret.is_empty() {
            return Ok(None);
        }
        let text = Zeroizing::new(Value::Object(self.secret.clone()).to_string());
        let purpose = handoff_purpose(service, instance);
        seal.seal(&purpose, text.as_bytes()).map(Some)
    }
}

/// The fields of a method; none for an unknown one, which is reported by the code that opens it.
pub fn fields(method: &str) -> &'static [Field] {
    find(KINDS, method).map_or(&[], |kind| kind.fields)
}

/// An instance's settings with its secrets, for immediate use.
pub fn merged_settings(seal: &Seal, service: &Service, instance: &Instance) -> Result<Settings> {
    let mut all = instance.settings.clone();
    if let Some(sealed) = &instance.sealed_settings {
        let purpose = handoff_purpose(&service.slug, &instance.slug);
        let secret: Settings = serde_json::from_slice(&seal.unseal(&purpose, sealed)?)
            .map_err(|_| Error::Internal(format!("{purpose}: what was sealed is no settings")))?;
        all.extend(secret);
    }
    Ok(all)
}
