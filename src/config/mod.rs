//! Typed configuration: the embedded reference file, a file over it, the environment over both.
//! It holds what is needed to start; what admins change is in the database.
//!
//! The one place that reads the environment.

mod check;
mod layer;
mod section;

use std::{path::Path, time::Duration};

use serde::Deserialize;
use toml::Value;

use self::layer::{environment, lay_over, lay_variable, parse};
pub use self::{
    layer::{first_line, toml_fault, variable},
    section::{
        DataConfig, DatabaseConfig, KeysConfig, LaunchConfig, LogConfig, LogFormat, MailConfig,
        NetConfig, PortalConfig, RetentionConfig, ServerConfig, SessionConfig, SignInConfig,
    },
};
use crate::{
    error::{Error, Result},
    model::factor::FactorPolicy,
};

/// The reference: every setting, its default and what it is for.
pub const REFERENCE: &str = include_str!("../config.toml");

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

    /// How long after its departure a launch's landing receipt is accepted.
    pub fn receipt_window(&self) -> Duration {
        Duration::from_secs(self.launch.receipt_minutes * 60)
    }

    /// How long "keep me signed in" lasts; `None` when it is not offered.
    pub fn remembered(&self) -> Option<Duration> {
        let days = self.session.remember_days;
        (days > 0).then(|| Duration::from_secs(days * 24 * 3600))
    }
}

fn invalid(text: String) -> Error {
    Error::Invalid(format!("configuration: {text}"))
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
