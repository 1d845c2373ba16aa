//! Reads the settings one by one, with the checks of each.

use std::{collections::BTreeMap, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{
    dn::{self, Dn},
    fields::FIELDS,
    filter::LdapFilter,
    flavour::{Flavour, Nesting},
    settings::{GroupSearch, PasswordChange, PoolSettings, SearchAccount},
};
use crate::kind::Settings;

/// Reads settings; every error names the setting.
pub struct LdapSettingsReader<'a>(pub &'a Settings);

impl LdapSettingsReader<'_> {
    fn value<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        // serde quotes the value it did not expect: not here, if it is a secret.
        let is_secret = FIELDS
            .iter()
            .any(|field| field.name == name && field.secret);
        serde_json::from_value(value.clone()).map_err(|error| {
            let why = if is_secret {
                "must be text".to_owned()
            } else {
                error.to_string()
            };
            wrong(name, &why)
        })
    }

    pub fn text(&self, name: &str, default: &str) -> Result<String, String> {
        Ok(self.value(name)?.unwrap_or_else(|| default.to_owned()))
    }

    pub fn flag(&self, name: &str) -> Result<bool, String> {
        Ok(self.value(name)?.unwrap_or_default())
    }

    /// One of several words.
    pub fn choice<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, String> {
        Ok(self.value(name)?.unwrap_or_default())
    }

    pub fn milliseconds(&self, name: &str, default: u64) -> Result<Duration, String> {
        match self.value(name)?.unwrap_or(default) {
            value @ 1..=60_000 => Ok(Duration::from_millis(value)),
            _ => Err(wrong(name, "must be from 1 to 60000 milliseconds")),
        }
    }

    pub fn dn(&self, name: &str) -> Result<String, String> {
        let text = self.text(name, "")?;
        Dn::parse(&text).ok_or_else(|| wrong(name, &format!("\"{text}\" is not a DN")))?;
        Ok(text)
    }

    pub fn attribute(&self, name: &str, default: &str) -> Result<String, String> {
        let text = self.text(name, default)?;
        if !is_attribute(&text) {
            return Err(wrong(
                name,
                &format!("\"{text}\" is not the name of an attribute"),
            ));
        }
        Ok(text)
    }

    pub fn optional_attribute(&self, name: &str, default: &str) -> Result<Option<String>, String> {
        if self.text(name, default)?.is_empty() {
            return Ok(None);
        }
        self.attribute(name, default).map(Some)
    }

    pub fn attributes(&self) -> Result<BTreeMap<String, String>, String> {
        let map: BTreeMap<String, String> = self.value("attributes")?.unwrap_or_default();
        for (ours, theirs) in &map {
            if ours.is_empty() || ["groups", "mail"].contains(&ours.as_str()) {
                return Err(wrong(
                    "attributes",
                    &format!("\"{ours}\" has settings of its own"),
                ));
            }
            if !is_attribute(theirs) {
                let why = format!("\"{theirs}\" is not the name of an attribute");
                return Err(wrong("attributes", &why));
            }
        }
        Ok(map)
    }

    pub fn servers(&self) -> Result<Vec<Url>, String> {
        let texts: Vec<String> = self.value("servers")?.unwrap_or_default();
        if texts.is_empty() {
            return Err(wrong("servers", "must name at least one"));
        }
        let may_be_plain = self.flag("start_tls")? || self.flag("allow_plain_text")?;
        let servers = texts.iter().map(|text| {
            server(text, may_be_plain).map_err(|why| wrong("servers", &format!("\"{text}\" {why}")))
        });
        servers.collect()
    }

    pub fn account(&self) -> Result<Option<SearchAccount>, String> {
        let password = Zeroizing::new(self.text("bind_password", "")?);
        match (self.text("bind_dn", "")?.is_empty(), password.is_empty()) {
            (true, true) => Ok(None),
            (false, false) => Ok(Some(SearchAccount {
                dn: self.dn("bind_dn")?,
                password,
            })),
            // A bind with a name and no password succeeds as anonymous (RFC 4513 section 5.1.2).
            (false, true) => Err(wrong(
                "bind_password",
                "is empty although there is a bind_dn",
            )),
            (true, false) => Err(wrong(
                "bind_dn",
                "is empty although there is a bind_password",
            )),
        }
    }

    pub fn domain(&self, flavour: Flavour) -> Result<Option<String>, String> {
        let domain = self.text("domain", "")?;
        if domain.is_empty() {
            return Ok(None);
        }
        if flavour == Flavour::Standard {
            return Err(wrong("domain", "needs flavour = \"active-directory\""));
        }
        Ok(Some(domain))
    }

    pub fn page_size(&self) -> Result<Option<i32>, String> {
        match self.value("page_size")?.unwrap_or(500) {
            0 => Ok(None),
            size @ 1..=10_000 => Ok(Some(size)),
            _ => Err(wrong("page_size", "must be from 0 to 10000 entries")),
        }
    }

    pub fn pool(&self) -> Result<PoolSettings, String> {
        let size = self.value("pool_size")?.unwrap_or(4);
        if !(1..=64).contains(&size) {
            return Err(wrong("pool_size", "must be from 1 to 64 connections"));
        }
        let idle = self.milliseconds("pool_idle_ms", 60_000)?;
        Ok(PoolSettings { size, idle })
    }

    /// Passwords may be read in clear if an admin insists; they are never changed in clear.
    pub fn password_change(&self) -> Result<PasswordChange, String> {
        let change = self.choice("password_change")?;
        let servers = self.servers()?;
        let is_plain =
            !self.flag("start_tls")? && servers.iter().any(|url| url.scheme() != "ldaps");
        if change != PasswordChange::Off && is_plain {
            let why = "needs ldaps:// or start_tls for every server";
            return Err(wrong("password_change", why));
        }
        Ok(change)
    }

    pub fn user_filter(&self, default: &str) -> Result<LdapFilter, String> {
        let filter = self.filter("user_filter", default, &["login"])?;
        if !filter.has_login() {
            return Err(wrong(
                "user_filter",
                "must contain {login}, or it would match every user",
            ));
        }
        Ok(filter)
    }

    pub fn group_search(
        &self,
        flavour: Flavour,
        people: &str,
    ) -> Result<Option<GroupSearch>, String> {
        let nesting = self.nesting()?;
        let usual = nesting.unwrap_or(flavour.defaults().nesting);
        let filter = self.filter(
            "group_filter",
            flavour.group_filter(usual),
            &["login", "dn"],
        )?;
        let base_dn = self.group_base_dn(flavour, people)?;
        if base_dn.is_empty() {
            return match nesting {
                None | Some(Nesting::None) => Ok(None),
                _ => Err(wrong("nested_groups", "needs a group_base_dn to search in")),
            };
        }
        if !(filter.has_dn() || filter.has_login()) {
            return Err(wrong("group_filter", "must contain {dn} or {login}"));
        }
        if usual != Nesting::None && !filter.has_dn() {
            return Err(wrong(
                "group_filter",
                "must contain {dn} where groups are nested",
            ));
        }
        let base = Dn::parse(&base_dn).ok_or_else(|| wrong("group_base_dn", "is not a DN"))?;
        Ok(Some(GroupSearch {
            base_dn,
            base,
            filter,
            nesting: usual,
        }))
    }

    fn nesting(&self) -> Result<Option<Nesting>, String> {
        match self.0.get("nested_groups") {
            None => Ok(None),
            Some(Value::Bool(false)) => Ok(Some(Nesting::None)),
            Some(Value::Bool(true)) => Ok(Some(Nesting::Climb)),
            Some(Value::String(word)) if word == "matching-rule" => Ok(Some(Nesting::MatchingRule)),
            Some(_) => Err(wrong(
                "nested_groups",
                "must be true, false or \"matching-rule\"",
            )),
        }
    }

    /// The groups of Active Directory are anywhere in the domain.
    fn group_base_dn(&self, flavour: Flavour, people: &str) -> Result<String, String> {
        let default = match flavour {
            Flavour::Standard => String::new(),
            Flavour::ActiveDirectory => dn::domain(people).unwrap_or_else(|| people.to_owned()),
        };
        self.text("group_base_dn", &default)
    }

    fn filter(&self, name: &str, default: &str, places: &[&str]) -> Result<LdapFilter, String> {
        LdapFilter::parse(&self.text(name, default)?, places).map_err(|why| wrong(name, &why))
    }
}

/// The sentence for the admin.
pub fn wrong(name: &str, why: &str) -> String {
    format!("the setting \"{name}\": {why}")
}

/// An attribute description (RFC 4512 section 2.5): a name or an OID.
fn is_attribute(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';'))
}

fn server(text: &str, may_be_plain: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    let is_tls = match url.scheme() {
        "ldaps" => true,
        "ldap" if may_be_plain => false,
        "ldap" => {
            let why = "sends passwords readable: use ldaps://, or start_tls = true";
            return Err(format!("{why} (allow_plain_text = true insists)"));
        }
        _ => return Err("must begin with ldaps:// or ldap://".to_owned()),
    };
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err("must be a scheme, a host and a port only".to_owned());
    }
    match url.host_str() {
        None | Some("") => Err("has no host".to_owned()),
        // ldap3 verifies the name with the brackets.
        Some(host) if is_tls && host.starts_with('[') => {
            Err("is an IPv6 address, which is not verified here; give it a name".to_owned())
        }
        Some(_) => Ok(url),
    }
}
