//! A user's entry, and the identity it becomes.

use std::collections::{BTreeMap, BTreeSet};

use ldap3::SearchEntry;
use uuid::Uuid;

use super::{active_directory::sid_text, groups::DirectoryGroups, settings::LdapConfig};
use crate::model::{identity::Identity, user::GROUPS};

/// The name of the attribute for mail addresses.
pub const MAIL: &str = "mail";

/// The one entry found for a name.
pub struct DirectoryEntry {
    pub dn: String,
    entry: SearchEntry,
}

impl DirectoryEntry {
    pub fn new(entry: SearchEntry) -> Self {
        Self {
            dn: entry.dn.clone(),
            entry,
        }
    }

    /// The sign-in names as the directory spells them, at least one. Which of several was typed is
    /// ignored: users must not be able to choose their name.
    pub fn logins(&self, config: &LdapConfig) -> Result<Vec<String>, String> {
        let names = texts(&self.entry, &config.login_attribute);
        match names.is_empty() {
            true => Err(missing("login_attribute", &config.login_attribute)),
            false => Ok(names),
        }
    }

    /// Stores all values of an attribute of which a range was there.
    pub fn complete(&mut self, name: &str, values: Vec<String>) {
        self.entry.attrs.insert(name.to_owned(), values);
    }

    pub fn entry(&self) -> &SearchEntry {
        &self.entry
    }

    /// `missing_values`: our names of attributes of which values are missing.
    pub fn identity(
        &self,
        config: &LdapConfig,
        groups: DirectoryGroups,
        mut missing_values: BTreeSet<String>,
    ) -> Result<Identity, String> {
        let subject = subject(&self.entry, &config.subject_attribute);
        let mut logins = self.logins(config)?.into_iter();
        let login = logins.next().unwrap_or_default();
        if !groups.is_complete {
            missing_values.insert(GROUPS.to_owned());
        }
        let name = texts(&self.entry, &config.name_attribute)
            .into_iter()
            .next();
        Ok(Identity {
            subject: subject
                .ok_or_else(|| missing("subject_attribute", &config.subject_attribute))?,
            name: name.unwrap_or_else(|| login.clone()),
            login,
            other_logins: logins.collect(),
            attributes: self.attributes(config, groups.names),
            incomplete: missing_values,
        })
    }

    fn attributes(
        &self,
        config: &LdapConfig,
        groups: BTreeSet<String>,
    ) -> BTreeMap<String, Vec<String>> {
        let mapped = config.attributes.iter();
        let mut attributes: BTreeMap<_, _> = mapped
            .map(|(ours, theirs)| (ours.clone(), texts(&self.entry, theirs)))
            .collect();
        if let Some(mail) = &config.mail_attribute {
            let addresses = texts(&self.entry, mail);
            let mail = addresses
                .iter()
                .map(|address| address.to_lowercase())
                .collect();
            attributes.insert(MAIL.to_owned(), mail);
        }
        attributes.insert(GROUPS.to_owned(), groups.into_iter().collect());
        attributes.retain(|_, values| !values.is_empty());
        attributes
    }
}

/// Whether an entry could become an identity; for `check`.
pub fn is_complete(entry: &SearchEntry, config: &LdapConfig) -> bool {
    subject(entry, &config.subject_attribute).is_some()
        && !texts(entry, &config.login_attribute).is_empty()
}

/// All values of an attribute that are text. Servers may spell its name in their own case (RFC 4512
/// section 2.5).
pub fn texts(entry: &SearchEntry, name: &str) -> Vec<String> {
    let attribute = entry
        .attrs
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    let values = attribute
        .map(|(_, values)| values.as_slice())
        .unwrap_or_default();
    values
        .iter()
        .filter(|value| !value.trim().is_empty())
        .cloned()
        .collect()
}

/// The first value, whether it is text by chance or not.
pub fn bytes(entry: &SearchEntry, name: &str) -> Option<Vec<u8>> {
    let binary = entry
        .bin_attrs
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    let first = binary.and_then(|(_, values)| values.first().cloned());
    let attribute = entry
        .attrs
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    let text = || Some(attribute?.1.first()?.clone().into_bytes());
    first.or_else(text)
}

/// The permanent id. Active Directory's are bytes, recognised by the attribute's name and written
/// in the usual notation (MS-DTYP sections 2.3.4.2 and 2.4.2.1).
fn subject(entry: &SearchEntry, name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case("objectGUID") {
        let bytes = bytes(entry, name)?;
        return Some(Uuid::from_bytes_le(bytes.try_into().ok()?).to_string());
    }
    if name.eq_ignore_ascii_case("objectSid") {
        return sid_text(&bytes(entry, name)?);
    }
    texts(entry, name).into_iter().next()
}

fn missing(setting: &str, attribute: &str) -> String {
    format!("the entry found has no {attribute}, or bind_dn may not read it (see {setting})")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn entry(attrs: &[(&str, &str)], bin_attrs: &[(&str, &[u8])]) -> SearchEntry {
        let text = |(name, value): &(&str, &str)| (name.to_string(), vec![value.to_string()]);
        let binary = |(name, value): &(&str, &[u8])| (name.to_string(), vec![value.to_vec()]);
        SearchEntry {
            dn: String::new(),
            attrs: attrs.iter().map(text).collect::<HashMap<_, _>>(),
            bin_attrs: bin_attrs.iter().map(binary).collect(),
        }
    }

    #[test]
    fn an_attribute_is_found_in_any_case_and_blank_values_are_none() {
        let entry = entry(
            &[("EntryUuid", "x"), ("cn;lang-en", "Ana"), ("l", " ")],
            &[],
        );
        assert_eq!(subject(&entry, "entryUUID").as_deref(), Some("x"));
        assert!(texts(&entry, "cn").is_empty());
        assert!(texts(&entry, "l").is_empty());
    }

    #[test]
    fn an_object_guid_is_written_as_a_guid_whether_its_bytes_are_text_or_not() {
        let bytes = b"\x03\x02\x01\x00\x05\x04\x07\x06\x08\x09\x0a\x0b\x0c\x0d\x0e\xff";
        let binary = entry(&[], &[("objectGUID", bytes)]);
        let guid = subject(&binary, "objectGUID");
        assert_eq!(
            guid.as_deref(),
            Some("00010203-0405-0607-0809-0a0b0c0d0eff")
        );
        let text = entry(&[("objectGUID", "dcbafehgijklmnop")], &[]);
        let guid = subject(&text, "objectguid");
        assert_eq!(
            guid.as_deref(),
            Some("61626364-6566-6768-696a-6b6c6d6e6f70")
        );
        assert_eq!(
            subject(&entry(&[("objectGUID", "short")], &[]), "objectGUID"),
            None
        );
    }
}
