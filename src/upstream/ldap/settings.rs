//! An admin's settings for a directory, and everything that can be found wrong with them before the
//! first connection. The keys are those of [`FIELDS`]; unknown ones are refused.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rustls::ClientConfig;
use serde::{Deserialize, de::IgnoredAny};
use url::Url;
use zeroize::Zeroizing;

use super::{
    active_directory,
    dn::Dn,
    fields::FIELDS,
    filter::LdapFilter,
    flavour::{Flavour, Nesting},
    reader::LdapSettingsReader,
    trust,
};
use crate::kind::{Settings, parse_settings};

/// The parsed settings. No `Debug`: they contain a password.
pub struct LdapConfig {
    pub servers: Vec<Url>,
    pub start_tls: bool,
    /// Built once: it has the parsed authorities and the sessions to resume.
    pub tls: Option<Arc<ClientConfig>>,
    /// `None` searches anonymously.
    pub account: Option<SearchAccount>,
    pub flavour: Flavour,
    /// The only one that `DOMAIN\name` may name; `None` allows any.
    pub domain: Option<String>,
    pub base_dn: String,
    pub user_filter: LdapFilter,
    pub login_attribute: String,
    pub subject_attribute: String,
    pub name_attribute: String,
    pub mail_attribute: Option<String>,
    pub attributes: BTreeMap<String, String>,
    pub member_of_attribute: Option<String>,
    pub group_search: Option<GroupSearch>,
    pub group_name_attribute: String,
    pub connect_timeout: Duration,
    pub operation_timeout: Duration,
    /// `None` requests everything at once.
    pub page_size: Option<i32>,
    pub pool: PoolSettings,
    pub password_change: PasswordChange,
}

/// The connections that searches share.
#[derive(Clone, Copy)]
pub struct PoolSettings {
    pub size: usize,
    pub idle: Duration,
}

/// How users change their passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordChange {
    #[default]
    Off,
    /// By the Password Modify operation.
    Rfc3062,
    /// By the attribute `unicodePwd`.
    ActiveDirectory,
}

/// The account for searches.
#[derive(Clone)]
pub struct SearchAccount {
    pub dn: String,
    pub password: Zeroizing<String>,
}

/// How groups are searched.
pub struct GroupSearch {
    pub base_dn: String,
    pub base: Dn,
    pub filter: LdapFilter,
    pub nesting: Nesting,
}

impl LdapConfig {
    pub fn parse(settings: &Settings) -> Result<Self, String> {
        parse_settings::<IgnoredAny>(FIELDS, settings)?;
        let read = LdapSettingsReader(settings);
        let servers = read.servers()?;
        let start_tls = read.flag("start_tls")?;
        let is_encrypted = start_tls || servers.iter().any(|url| url.scheme() == "ldaps");
        let attribute = |name, default| read.attribute(name, default);
        let flavour: Flavour = read.choice("flavour")?;
        let usual = flavour.defaults();
        let base_dn = read.dn("base_dn")?;
        Ok(Self {
            tls: trust::tls(&read, is_encrypted)?,
            servers,
            start_tls,
            account: read.account()?,
            flavour,
            domain: read.domain(flavour)?,
            user_filter: read.user_filter(usual.user_filter)?,
            login_attribute: attribute("login_attribute", usual.login_attribute)?,
            subject_attribute: attribute("subject_attribute", usual.subject_attribute)?,
            name_attribute: attribute("name_attribute", usual.name_attribute)?,
            mail_attribute: read.optional_attribute("mail_attribute", "mail")?,
            attributes: read.attributes()?,
            member_of_attribute: read.optional_attribute("member_of_attribute", "memberOf")?,
            group_search: read.group_search(flavour, &base_dn)?,
            base_dn,
            group_name_attribute: attribute("group_name_attribute", "cn")?,
            connect_timeout: read.milliseconds("connect_timeout_ms", 2000)?,
            operation_timeout: read.milliseconds("operation_timeout_ms", 3000)?,
            page_size: read.page_size()?,
            pool: read.pool()?,
            password_change: read.password_change()?,
        })
    }

    /// The name to search for: of `DOMAIN\name` the name, if the domain is ours.
    pub fn name_in_directory<'t>(&self, typed: &'t str) -> Option<&'t str> {
        let typed = typed.trim();
        if self.flavour == Flavour::Standard {
            return Some(typed);
        }
        let Some((domain, name)) = typed.split_once('\\') else {
            return Some(typed);
        };
        let ours = self.domain.as_deref();
        let is_ours = ours.is_none_or(|ours| ours.eq_ignore_ascii_case(domain));
        (is_ours && !name.is_empty()).then_some(name)
    }

    /// The key for counting a typed name: `ana`, `CORP\ana` and `ana@corp.example` are one, because
    /// the counter of wrong passwords would otherwise treat each spelling as another account
    /// (THREATS: brute-force bypass on side paths).
    pub fn counted_as<'t>(&self, typed: &'t str) -> &'t str {
        if self.flavour == Flavour::Standard {
            return typed;
        }
        let name = typed.rsplit_once('\\').map_or(typed, |(_, name)| name);
        name.split_once('@').map_or(name, |(name, _)| name).trim()
    }

    /// The attributes to request with a user's entry.
    pub fn wanted(&self) -> Vec<&str> {
        let fixed = [
            &self.login_attribute,
            &self.subject_attribute,
            &self.name_attribute,
        ];
        let optional = self.mail_attribute.iter().chain(&self.member_of_attribute);
        let all = fixed
            .into_iter()
            .chain(optional)
            .chain(self.attributes.values());
        let account = match self.flavour {
            Flavour::Standard => &[][..],
            Flavour::ActiveDirectory => &active_directory::ATTRIBUTES[..],
        };
        all.map(String::as_str)
            .chain(account.iter().copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The minimal settings, with changes; `null` removes.
    fn refused(changes: serde_json::Value) -> String {
        LdapConfig::parse(&settings(changes))
            .err()
            .expect("refused")
    }

    fn settings(changes: serde_json::Value) -> Settings {
        let mut settings = Settings::new();
        settings.insert("servers".into(), json!(["ldap://127.0.0.1:389"]));
        settings.insert("allow_plain_text".into(), json!(true));
        settings.insert("base_dn".into(), json!("dc=example,dc=org"));
        for (name, value) in changes.as_object().expect("an object") {
            settings.insert(name.clone(), value.clone());
        }
        settings.retain(|_, value| !value.is_null());
        settings
    }

    #[test]
    fn the_least_that_works_has_the_documented_defaults() {
        let config =
            LdapConfig::parse(&settings(json!({}))).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            config.wanted(),
            ["uid", "entryUUID", "cn", "mail", "memberOf"]
        );
        assert_eq!(config.user_filter.fill("ana", ""), "(uid=ana)");
        assert_eq!(config.connect_timeout, Duration::from_secs(2));
        assert!(config.account.is_none() && config.tls.is_none() && config.group_search.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_setting() {
        for (changes, words) in [
            (
                json!({"severs": []}),
                "unknown setting \"severs\"; the known ones are servers, ",
            ),
            (json!({"base_dn": null}), "\"base_dn\" is missing"),
            (
                json!({"base_dn": "example"}),
                "\"base_dn\": \"example\" is not a DN",
            ),
            (
                json!({"servers": "ldaps://x"}),
                "\"servers\": invalid type: string",
            ),
            (
                json!({"servers": []}),
                "\"servers\": must name at least one",
            ),
            (
                json!({"servers": ["https://x"]}),
                "must begin with ldaps:// or ldap://",
            ),
            (json!({"servers": ["ldap://"]}), "has no host"),
            (json!({"servers": ["ldap:x"]}), "must be a scheme, a host"),
            (
                json!({"servers": ["ldap://x/dc=a"]}),
                "must be a scheme, a host",
            ),
            (json!({"servers": ["ldaps://[::1]"]}), "IPv6"),
            (json!({"start_tls": "yes"}), "\"start_tls\": invalid type"),
            (
                json!({"user_filter": "(uid=ana)"}),
                "\"user_filter\": must contain {login}",
            ),
            (
                json!({"user_filter": "uid={login})"}),
                "is not a search filter",
            ),
            (json!({"user_filter": "(uid={user})"}), "one of {login}"),
            (
                json!({"group_filter": "(member={dn}"}),
                "\"group_filter\": ",
            ),
            (
                json!({"nested_groups": true}),
                "\"nested_groups\": needs a group_base_dn",
            ),
            (
                json!({"group_base_dn": "groups"}),
                "\"group_base_dn\": is not a DN",
            ),
            (
                json!({"login_attribute": "uid)("}),
                "\"login_attribute\": \"uid)(\" is not the name",
            ),
            (
                json!({"attributes": {"groups": "x"}}),
                "\"groups\" has settings of its own",
            ),
            (
                json!({"attributes": {"region": "l="}}),
                "\"l=\" is not the name",
            ),
            (
                json!({"connect_timeout_ms": 0}),
                "\"connect_timeout_ms\": must be from 1",
            ),
            (
                json!({"ca_pem": "hello"}),
                "\"ca_pem\": contains no certificate",
            ),
            (
                json!({"ca_file": "/nowhere/ca.pem"}),
                "\"ca_file\": /nowhere/ca.pem: ",
            ),
            (json!({"ca_file": "a", "ca_pem": "b"}), "both given"),
        ] {
            let error = refused(changes);
            assert!(error.contains(words), "{error}\ndoes not say\n{words}");
        }
    }

    #[test]
    fn plain_text_is_refused_unless_it_is_insisted_on() {
        let error = refused(json!({"allow_plain_text": null}));
        assert!(error.contains("sends passwords readable"), "{error}");
    }

    #[test]
    fn a_search_account_without_a_password_is_refused() {
        let error = refused(json!({"bind_dn": "cn=a"}));
        assert!(error.contains("\"bind_password\": is empty"), "{error}");
        let error = refused(json!({"bind_password": "x"}));
        assert!(error.contains("\"bind_dn\": is empty"), "{error}");
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated() {
        let error = refused(json!({"bind_dn": "cn=a", "bind_password": 271828}));
        assert_eq!(error, "the setting \"bind_password\": must be text");
    }
}
