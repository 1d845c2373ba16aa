//! Typed configuration: the embedded reference file, a file over it, the environment over both.
//! It holds what is needed to start; what admins change is in the database.
//!
//! The one place that reads the environment.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use toml::{Table, Value};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    model::{
        address::is_loopback, destination::Destinations, factor::FactorPolicy, mail::is_address,
    },
};

/// The reference: every setting, its default and what it is for.
pub const REFERENCE: &str = include_str!("config.toml");

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub portal: PortalConfig,
    pub data: DataConfig,
    pub database: DatabaseConfig,
    pub keys: KeysConfig,
    pub session: SessionConfig,
    pub sign_in: SignInConfig,
    pub launch: LaunchConfig,
    pub net: NetConfig,
    pub mail: MailConfig,
    pub retention: RetentionConfig,
    pub log: LogConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    pub public_url: String,
    pub request_timeout_ms: u64,
    pub head_timeout_ms: u64,
    pub idle_timeout_ms: u64,
    pub body_limit_bytes: usize,
    pub max_connections: u32,
    pub max_connections_per_address: u32,
    pub tls_certificate: String,
    pub tls_key: String,
    pub trusted_proxies: Vec<IpAddr>,
    pub drain_seconds: u64,
    pub gateways: Vec<IpAddr>,
    pub anonymous_writes_per_second: u32,
    pub anonymous_writes_burst: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    pub name: String,
    pub help_desk_name: String,
    pub help_desk_mail: String,
    pub help_desk_phone: String,
    pub help_desk_link: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    pub dir: PathBuf,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: String,
    pub timeout_ms: u64,
    pub max_mb: u64,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    pub master: Zeroizing<String>,
    pub new_master: Zeroizing<String>,
    pub rotate_days: u64,
    pub publish_hours: u64,
    pub rotate_saml_days: u64,
    pub publish_saml_days: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    pub idle_minutes: u64,
    pub absolute_hours: u64,
    pub remember_days: u64,
    pub most_per_person: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    pub failures_per_account: i64,
    pub failures_per_address: i64,
    pub window_minutes: u64,
    pub password_checks_at_once: usize,
    pub password_min_length: usize,
    pub passkey_days: u32,
    pub factor_when_enrolled: bool,
    pub factor_for_admins: bool,
    pub trusted_device_days: u32,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    pub url: String,
    pub password: Zeroizing<String>,
    pub from: String,
    pub ca_file: String,
    pub timeout_seconds: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchConfig {
    pub receipt_minutes: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetConfig {
    pub allow: Destinations,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
    pub max_body_bytes: usize,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    pub launch_days: u64,
    pub event_days: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

// Secrets stay out of `{:?}`.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}

impl std::fmt::Debug for KeysConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl std::fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail")
    }
}

/// No configuration may allow less (NIST SP 800-63B section 3.1.1.2).
const SHORTEST: usize = 8;

impl Config {
    /// The configuration of this process: reference, file, environment.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        Self::layered(file, environment())
    }

    /// The same with a given environment; for tests.
    pub fn layered(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let mut table = parse(REFERENCE, "the built-in reference")?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| invalid(format!("{}: {error}", path.display())))?;
            let name = path.display().to_string();
            lay_over(&mut table, parse(&text, &name)?, &name)?;
        }
        for (name, value) in environment {
            lay_variable(&mut table, &name, value)?;
        }
        let config: Config = Value::Table(table)
            .try_into()
            .map_err(|error| invalid(format!("{error}")))?;
        config.complete()
    }

    fn complete(mut self) -> Result<Self> {
        self.server.complete()?;
        self.net.check()?;
        self.portal.check()?;
        if self.database.url.is_empty() {
            let path = self.data.dir.join("usher.db");
            self.database.url = format!("sqlite:{}?mode=rwc", path.display());
        }
        if self.sign_in.password_min_length < SHORTEST {
            let text = format!("sign_in.password_min_length must be at least {SHORTEST}");
            return Err(invalid(text));
        }
        if self.sign_in.password_checks_at_once == 0 {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            self.sign_in.password_checks_at_once = cores;
        }
        Ok(self)
    }

    /// How long a statement may take.
    pub fn statement_limit(&self) -> Duration {
        Duration::from_millis(self.database.timeout_ms.max(1))
    }

    /// How long requests are answered after the stop signal, while probes report that it stops.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.server.drain_seconds)
    }

    /// Whether cookies can be `Secure`: everywhere but in trials on loopback.
    pub fn is_https(&self) -> bool {
        self.server.public_url.starts_with("https:")
    }

    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.session.idle_minutes * 60)
    }

    pub fn absolute(&self) -> Duration {
        Duration::from_secs(self.session.absolute_hours * 3600)
    }

    /// How long a passkey may stand in for the provider that vouched for its owner.
    pub fn passkeys_stand(&self) -> Duration {
        Duration::from_secs(u64::from(self.sign_in.passkey_days) * 24 * 3600)
    }

    /// When a sign-in requires a second factor; whether passkeys work is decided elsewhere.
    pub fn factor_policy(&self) -> FactorPolicy {
        let days = self.sign_in.trusted_device_days;
        FactorPolicy {
            when_enrolled: self.sign_in.factor_when_enrolled,
            admins: self.sign_in.factor_for_admins,
            trust: (days > 0).then(|| Duration::from_secs(u64::from(days) * 24 * 3600)),
            passkeys: false,
        }
    }

    /// How long after its departure a launch's landing receipt is taken.
    pub fn receipt_window(&self) -> Duration {
        Duration::from_secs(self.launch.receipt_minutes * 60)
    }

    /// How long "keep me signed in" lasts; `None` when it is not offered.
    pub fn remembered(&self) -> Option<Duration> {
        let days = self.session.remember_days;
        (days > 0).then(|| Duration::from_secs(days * 24 * 3600))
    }
}

impl ServerConfig {
    fn complete(&mut self) -> Result<()> {
        if self.tls_certificate.is_empty() != self.tls_key.is_empty() {
            let text = "server.tls_certificate and server.tls_key go together";
            return Err(invalid(text.to_owned()));
        }
        if self.public_url.is_empty() {
            let scheme = if self.tls_key.is_empty() {
                "http"
            } else {
                "https"
            };
            self.public_url = format!("{scheme}://{}", self.listen);
        }
        if !self.tls_key.is_empty() && !self.public_url.starts_with("https:") {
            let text = "server.public_url must be https where server.tls_key is set";
            return Err(invalid(text.to_owned()));
        }
        check_public_url(&self.public_url)?;
        if self.anonymous_writes_per_second == 0 || self.anonymous_writes_burst == 0 {
            let text = "server.anonymous_writes_per_second and _burst must be at least 1";
            return Err(invalid(text.to_owned()));
        }
        for (name, value, most) in [
            ("head_timeout_ms", self.head_timeout_ms, LONGEST_WAIT_MS),
            ("idle_timeout_ms", self.idle_timeout_ms, LONGEST_IDLE_MS),
        ] {
            if !(1..=most).contains(&value) {
                let text = format!("server.{name} must be from 1 to {most}, not {value}");
                return Err(invalid(text));
            }
        }
        Ok(())
    }
}

impl NetConfig {
    /// With neither a deadline nor an answer, a request could not be ended.
    fn check(&self) -> Result<()> {
        for (name, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("timeout_ms", self.timeout_ms),
        ] {
            if !(1..=LONGEST_WAIT_MS).contains(&value) {
                let text = format!("net.{name} must be from 1 to {LONGEST_WAIT_MS}, not {value}");
                return Err(invalid(text));
            }
        }
        if !(1024..=MOST_BODY_BYTES).contains(&self.max_body_bytes) {
            let text = format!("net.max_body_bytes must be from 1024 to {MOST_BODY_BYTES}");
            return Err(invalid(text));
        }
        Ok(())
    }
}

impl PortalConfig {
    fn check(&self) -> Result<()> {
        let link = &self.help_desk_link;
        let web = Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !link.is_empty() && !web {
            let text = format!("portal.help_desk_link must be an http(s) address, not \"{link}\"");
            return Err(invalid(text));
        }
        let mail = &self.help_desk_mail;
        if !mail.is_empty() && !is_address(mail) {
            let text = format!("portal.help_desk_mail must be a mail address, not \"{mail}\"");
            return Err(invalid(text));
        }
        Ok(())
    }
}

/// A client that waits longer has given up.
const LONGEST_WAIT_MS: u64 = 60_000;
/// An unused connection is not kept for longer.
const LONGEST_IDLE_MS: u64 = 3_600_000;
/// An answer is held in memory.
const MOST_BODY_BYTES: usize = 64 << 20;

fn invalid(text: String) -> Error {
    Error::Invalid(format!("configuration: {text}"))
}

fn check_public_url(text: &str) -> Result<()> {
    let wrong = |why: &str| invalid(format!("server.public_url \"{text}\" {why}"));
    let url = Url::parse(text).map_err(|_| wrong("is not a URL"))?;
    let https = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !https {
        return Err(wrong(
            "must be https (http only on loopback): cookies and codes travel there",
        ));
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || text.ends_with('/') {
        return Err(wrong(
            "must be scheme, host and port only, without a final slash",
        ));
    }
    Ok(())
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// One variable that a seed file names (`password_env`).
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn parse(text: &str, name: &str) -> Result<Table> {
    text.parse()
        .map_err(|error| invalid(format!("{name}: {}", toml_fault(text, &error))))
}

/// What is wrong with a TOML text, and on which line. The line itself is not shown, as the
/// library would: it may hold a secret, and the error goes to a log.
pub fn toml_fault(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message.to_owned(),
    }
}

/// Lays one table over another; names the reference does not know are errors that list those it
/// does.
fn lay_over(base: &mut Table, over: Table, place: &str) -> Result<()> {
    for (section, values) in over {
        let Value::Table(values) = values else {
            return Err(invalid(format!(
                "{place}: \"{section}\" is a section, not a value"
            )));
        };
        for (key, value) in values {
            set(base, &section, &key, value, place)?;
        }
    }
    Ok(())
}

fn set(base: &mut Table, section: &str, key: &str, value: Value, place: &str) -> Result<()> {
    let sections = names(base);
    let Some(Value::Table(known)) = base.get_mut(section) else {
        let text = format!("{place}: there is no section \"{section}\"; there are {sections}");
        return Err(invalid(text));
    };
    let (key, value) = match (key.strip_suffix("_file"), &value) {
        (Some(plain), Value::String(path)) if known.contains_key(plain) => {
            (plain.to_owned(), Value::String(first_line(path)?))
        }
        _ => (key.to_owned(), value),
    };
    if !known.contains_key(&key) {
        let text = format!(
            "{place}: \"{section}\" has no \"{key}\"; it has {}",
            names(known)
        );
        return Err(invalid(text));
    }
    known.insert(key, value);
    Ok(())
}

fn names(table: &Table) -> String {
    table
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A secret kept in a file of its own.
pub fn first_line(path: &str) -> Result<String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| invalid(format!("{path}: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// `USHER_SECTION__KEY`; other `USHER_` variables are not settings.
fn lay_variable(table: &mut Table, name: &str, text: String) -> Result<()> {
    let Some((section, key)) = name
        .strip_prefix("USHER_")
        .and_then(|rest| rest.split_once("__"))
    else {
        return Ok(());
    };
    let (section, key) = (section.to_lowercase(), key.to_lowercase());
    let known = table.get(&section).and_then(|section| section.get(&key));
    let value = match known {
        Some(Value::Integer(_)) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| invalid(format!("{name} must be a whole number, not \"{text}\"")))?,
        Some(Value::Boolean(_)) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| invalid(format!("{name} must be true or false, not \"{text}\"")))?,
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(Value::from)
                .collect(),
        ),
        _ => Value::String(text),
    };
    set(table, &section, &key, value, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Config> {
        Config::layered(
            None,
            pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        )
    }

    fn refused(pairs: &[(&str, &str)]) -> String {
        with(pairs).unwrap_err().to_string()
    }

    #[test]
    fn the_reference_is_a_whole_configuration() {
        let config = with(&[]).unwrap();
        assert_eq!(config.server.public_url, "http://127.0.0.1:7000");
        assert_eq!(config.database.url, "sqlite:usher-data/usher.db?mode=rwc");
    }

    #[test]
    fn the_environment_lays_over() {
        let config = with(&[
            ("USHER_SERVER__LISTEN", "127.0.0.1:9"),
            ("USHER_SERVER__TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"),
            ("USHER_SESSION__IDLE_MINUTES", "5"),
            ("USHER_DEMO_PASSWORD", "not a setting"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!(config.session.idle_minutes, 5);
        assert_eq!(config.server.trusted_proxies.len(), 2);
    }

    #[test]
    fn a_misspelt_setting_is_named_with_the_known_ones() {
        let error = refused(&[("USHER_SERVER__LISTEM", "x")]);
        assert!(
            error.contains("\"server\" has no \"listem\"; it has"),
            "{error}"
        );
        assert!(error.contains("public_url"), "{error}");
        let error = refused(&[("USHER_SEVER__LISTEN", "x")]);
        assert!(error.contains("no section \"sever\"; there are"), "{error}");
    }

    #[test]
    fn a_public_url_without_tls_is_refused() {
        for bad in [
            "http://usher.example.org",
            "https://u.example.org/",
            "https://u/x",
            "u",
        ] {
            assert!(
                refused(&[("USHER_SERVER__PUBLIC_URL", bad)]).contains("public_url"),
                "{bad}"
            );
        }
        assert!(with(&[("USHER_SERVER__PUBLIC_URL", "https://u.example.org")]).is_ok());
    }

    #[test]
    fn half_of_tls_is_refused_and_the_whole_is_https() {
        let (certificate, key) = ("USHER_SERVER__TLS_CERTIFICATE", "USHER_SERVER__TLS_KEY");
        assert!(refused(&[(certificate, "a.pem")]).contains("go together"));
        assert!(refused(&[(key, "a.key")]).contains("go together"));
        let both = [(certificate, "a.pem"), (key, "a.key")];
        let config = with(&both).unwrap();
        assert_eq!(config.server.public_url, "https://127.0.0.1:7000");
        let plain = ("USHER_SERVER__PUBLIC_URL", "http://127.0.0.1:7000");
        assert!(refused(&[both[0], both[1], plain]).contains("must be https"));
    }

    #[test]
    fn a_connection_without_a_deadline_is_refused() {
        for name in ["HEAD", "IDLE"] {
            let name = format!("USHER_SERVER__{name}_TIMEOUT_MS");
            assert!(
                refused(&[(&name, "0")]).contains("must be from 1"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_number_that_is_none_is_refused() {
        assert!(refused(&[("USHER_SESSION__IDLE_MINUTES", "x")]).contains("whole number"));
    }

    #[test]
    fn a_way_out_that_is_none_is_refused() {
        for (name, value, words) in [
            ("USHER_NET__ALLOW", "https://idp", "network such as"),
            ("USHER_NET__ALLOW", "10.0.0.0/8, idp:80", "no port"),
            ("USHER_NET__TIMEOUT_MS", "0", "net.timeout_ms must be from"),
            (
                "USHER_NET__CONNECT_TIMEOUT_MS",
                "60001",
                "connect_timeout_ms",
            ),
            ("USHER_NET__MAX_BODY_BYTES", "5", "net.max_body_bytes must"),
            ("USHER_NET__MAX_BODY_BYTES", "-1", "max_body_bytes"),
            ("USHER_NET__PROXY", "x", "\"net\" has no \"proxy\""),
        ] {
            let error = refused(&[(name, value)]);
            assert!(error.contains(words), "{error}");
        }
        let config = with(&[("USHER_NET__ALLOW", "idp.intern, 10.0.0.0/8")]).unwrap();
        let inside = [10, 1, 1, 1].into();
        assert!(config.net.allow.permit(None, inside));
    }

    #[test]
    fn secrets_may_come_from_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master");
        std::fs::write(&path, "abc\nrest\n").unwrap();
        let config = with(&[("USHER_KEYS__MASTER_FILE", path.to_str().unwrap())]).unwrap();
        assert_eq!(*config.keys.master, "abc");
        assert!(!format!("{config:?}").contains("abc"));
    }
}
