//! The sections, with the names that their settings have in a file. The reference describes each.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::model::destination::Destinations;

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
