//! What an admin says about a directory, and everything that can be found wrong with it before the
//! first connection. The keys are those of [`FIELDS`]; unknown ones are refused.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;
use zeroize::Zeroizing;

use super::{dn::Dn, filter::Filter};
use crate::kind::{Field, Settings, parse_settings};

const fn field(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: false,
    }
}

const fn needed(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: true,
        secret: false,
    }
}

const fn secret(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: true,
    }
}

pub const FIELDS: &[Field] = &[
    needed(
        "servers",
        "a list of ldaps:// or ldap:// URLs, tried in this order",
    ),
    field(
        "start_tls",
        "true: encrypt ldap:// by StartTLS before anything is said",
    ),
    field(
        "allow_plain_text",
        "true: allow ldap:// without StartTLS (passwords are readable)",
    ),
    field(
        "ca_file",
        "a PEM file of the authorities to trust, instead of the system's",
    ),
    field("ca_pem", "the same, as text"),
    field(
        "bind_dn",
        "the DN of the account that searches; without it the search is anonymous",
    ),
    secret("bind_password", "that account's password"),
    needed("base_dn", "where people are searched"),
    field(
        "user_filter",
        "finds a person by {login}; default (uid={login})",
    ),
    field(
        "login_attribute",
        "the sign-in name as the directory spells it; default uid",
    ),
    field(
        "subject_attribute",
        "the lasting id; default entryUUID (Active Directory: objectGUID)",
    ),
    field("name_attribute", "the name to show; default cn"),
    field(
        "mail_attribute",
        "the mail address; default mail, \"\" for none",
    ),
    field(
        "attributes",
        "more of them: our name = the directory's attribute",
    ),
    field(
        "member_of_attribute",
        "the groups on the person's entry; default memberOf, \"\" for none",
    ),
    field(
        "group_base_dn",
        "where groups are searched; without it, no group search",
    ),
    field(
        "group_filter",
        "finds groups by {dn} or {login}; default (|(member={dn})(memberUid={login}))",
    ),
    field(
        "nested_groups",
        "true: groups of groups count, too; needs group_base_dn",
    ),
    field("group_name_attribute", "a group's name; default cn"),
    field(
        "connect_timeout_ms",
        "for connecting, with TLS; default 2000",
    ),
    field(
        "operation_timeout_ms",
        "for one search or bind; default 3000",
    ),
];

/// The settings, understood. No `Debug`: it holds a password.
pub struct Config {
    pub servers: Vec<Url>,
    pub start_tls: bool,
    /// Built once: it holds the parsed authorities and the sessions to resume.
    pub tls: Option<Arc<ClientConfig>>,
    /// `None` searches anonymously.
    pub account: Option<Account>,
    pub base_dn: String,
    pub user_filter: Filter,
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
}

/// Who searches.
#[derive(Clone)]
pub struct Account {
    pub dn: String,
    pub password: Zeroizing<String>,
}

/// How groups are searched.
pub struct GroupSearch {
    pub base_dn: String,
    pub base: Dn,
    pub filter: Filter,
    pub is_nested: bool,
}

impl Config {
    pub fn parse(settings: &Settings) -> Result<Self, String> {
        parse_settings::<IgnoredAny>(FIELDS, settings)?;
        let read = Reader(settings);
        let servers = read.servers()?;
        let start_tls = read.flag("start_tls")?;
        let attribute = |name, default| read.attribute(name, default);
        Ok(Self {
            tls: read.tls(&servers, start_tls)?,
            servers,
            start_tls,
            account: read.account()?,
            base_dn: read.dn("base_dn")?,
            user_filter: read.user_filter()?,
            login_attribute: attribute("login_attribute", "uid")?,
            subject_attribute: attribute("subject_attribute", "entryUUID")?,
            name_attribute: attribute("name_attribute", "cn")?,
            mail_attribute: read.optional_attribute("mail_attribute", "mail")?,
            attributes: read.attributes()?,
            member_of_attribute: read.optional_attribute("member_of_attribute", "memberOf")?,
            group_search: read.group_search()?,
            group_name_attribute: attribute("group_name_attribute", "cn")?,
            connect_timeout: read.milliseconds("connect_timeout_ms", 2000)?,
            operation_timeout: read.milliseconds("operation_timeout_ms", 3000)?,
        })
    }

    /// The attributes to ask for with a person's entry.
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
        all.map(String::as_str).collect()
    }
}

struct Reader<'a>(&'a Settings);

impl Reader<'_> {
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

    fn text(&self, name: &str, default: &str) -> Result<String, String> {
        Ok(self.value(name)?.unwrap_or_else(|| default.to_owned()))
    }

    fn flag(&self, name: &str) -> Result<bool, String> {
        Ok(self.value(name)?.unwrap_or_default())
    }

    fn milliseconds(&self, name: &str, default: u64) -> Result<Duration, String> {
        match self.value(name)?.unwrap_or(default) {
            value @ 1..=60_000 => Ok(Duration::from_millis(value)),
            _ => Err(wrong(name, "must be from 1 to 60000 milliseconds")),
        }
    }

    fn dn(&self, name: &str) -> Result<String, String> {
        let text = self.text(name, "")?;
        Dn::parse(&text).ok_or_else(|| wrong(name, &format!("\"{text}\" is not a DN")))?;
        Ok(text)
    }

    fn attribute(&self, name: &str, default: &str) -> Result<String, String> {
        let text = self.text(name, default)?;
        if !is_attribute(&text) {
            return Err(wrong(
                name,
                &format!("\"{text}\" is not the name of an attribute"),
            ));
        }
        Ok(text)
    }

    fn optional_attribute(&self, name: &str, default: &str) -> Result<Option<String>, String> {
        if self.text(name, default)?.is_empty() {
            return Ok(None);
        }
        self.attribute(name, default).map(Some)
    }

    fn attributes(&self) -> Result<BTreeMap<String, String>, String> {
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

    fn servers(&self) -> Result<Vec<Url>, String> {
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

    fn account(&self) -> Result<Option<Account>, String> {
        let password = Zeroizing::new(self.text("bind_password", "")?);
        match (self.text("bind_dn", "")?.is_empty(), password.is_empty()) {
            (true, true) => Ok(None),
            (false, false) => Ok(Some(Account {
                dn: self.dn("bind_dn")?,
                password,
            })),
            // A bind with a name and no password succeeds, and is nobody (RFC 4513 section 5.1.2).
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

    fn user_filter(&self) -> Result<Filter, String> {
        let filter = self.filter("user_filter", "(uid={login})", &["login"])?;
        if !filter.has_login() {
            return Err(wrong(
                "user_filter",
                "must contain {login}, or it would match everybody",
            ));
        }
        Ok(filter)
    }

    fn group_search(&self) -> Result<Option<GroupSearch>, String> {
        let is_nested = self.flag("nested_groups")?;
        let default = "(|(member={dn})(memberUid={login}))";
        let filter = self.filter("group_filter", default, &["login", "dn"])?;
        let base_dn = self.text("group_base_dn", "")?;
        if base_dn.is_empty() {
            let why = "needs a group_base_dn to search in";
            return if is_nested {
                Err(wrong("nested_groups", why))
            } else {
                Ok(None)
            };
        }
        if !(filter.has_dn() || filter.has_login()) {
            return Err(wrong("group_filter", "must contain {dn} or {login}"));
        }
        if is_nested && !filter.has_dn() {
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
            is_nested,
        }))
    }

    fn filter(&self, name: &str, default: &str, places: &[&str]) -> Result<Filter, String> {
        Filter::parse(&self.text(name, default)?, places).map_err(|why| wrong(name, &why))
    }

    fn tls(&self, servers: &[Url], start_tls: bool) -> Result<Option<Arc<ClientConfig>>, String> {
        // Read also when unused: a bad file shall not wait for the day somebody adds a server.
        let own = self.own_authorities()?;
        if !start_tls && servers.iter().all(|server| server.scheme() == "ldap") {
            return Ok(None);
        }
        let roots = own.map_or_else(system_authorities, Ok)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(Arc::new(config)))
    }

    fn own_authorities(&self) -> Result<Option<RootCertStore>, String> {
        let (file, text) = (self.text("ca_file", "")?, self.text("ca_pem", "")?);
        let (name, pem) = match (file.as_str(), text) {
            ("", text) if text.is_empty() => return Ok(None),
            ("", text) => ("ca_pem", text.into_bytes()),
            (file, text) if text.is_empty() => {
                let read = fs::read(file);
                (
                    "ca_file",
                    read.map_err(|error| wrong("ca_file", &format!("{file}: {error}")))?,
                )
            }
            _ => {
                return Err(wrong(
                    "ca_pem",
                    "and ca_file are both given; one of them is enough",
                ));
            }
        };
        authorities(&pem).map(Some).map_err(|why| wrong(name, &why))
    }
}

fn wrong(name: &str, why: &str) -> String {
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
        // ldap3 takes the brackets for a part of the name it verifies.
        Some(host) if is_tls && host.starts_with('[') => {
            Err("is an IPv6 address, which is not verified here; give it a name".to_owned())
        }
        Some(_) => Ok(url),
    }
}

fn authorities(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("is no certificate: {error}"))?;
    }
    if roots.is_empty() {
        return Err("contains no certificate in PEM".to_owned());
    }
    Ok(roots)
}

fn system_authorities() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Some of a system's certificates are always odd; those that are not are enough.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(wrong(
            "ca_file",
            "is needed: this system trusts no authorities",
        ));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The least that works, with changes; `null` removes.
    fn refused(changes: serde_json::Value) -> String {
        Config::parse(&settings(changes)).err().expect("refused")
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
        let config = Config::parse(&settings(json!({}))).unwrap_or_else(|error| panic!("{error}"));
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
