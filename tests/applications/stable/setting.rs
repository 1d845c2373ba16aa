//! The settings: each section and key, in a file and as a variable.

use std::collections::BTreeSet;

use toml::{Table, Value};
use usher::config::{Config, REFERENCE};

/// Every section with its keys.
const SETTINGS: &[(&str, &[&str])] = &[
    (
        "server",
        &[
            "listen",
            "public_url",
            "request_timeout_ms",
            "head_timeout_ms",
            "idle_timeout_ms",
            "body_limit_bytes",
            "max_connections",
            "max_connections_per_address",
            "tls_certificate",
            "tls_key",
            "trusted_proxies",
            "drain_seconds",
            "gateways",
            "anonymous_writes_per_second",
            "anonymous_writes_burst",
        ],
    ),
    (
        "portal",
        &[
            "name",
            "help_desk_name",
            "help_desk_mail",
            "help_desk_phone",
            "help_desk_link",
        ],
    ),
    ("data", &["dir"]),
    ("database", &["url", "timeout_ms", "max_mb"]),
    (
        "keys",
        &[
            "master",
            "new_master",
            "rotate_days",
            "publish_hours",
            "rotate_saml_days",
            "publish_saml_days",
        ],
    ),
    (
        "session",
        &[
            "idle_minutes",
            "absolute_hours",
            "remember_days",
            "most_per_person",
        ],
    ),
    (
        "sign_in",
        &[
            "failures_per_account",
            "failures_per_address",
            "window_minutes",
            "password_checks_at_once",
            "password_min_length",
            "passkey_days",
            "factor_when_enrolled",
            "factor_for_admins",
            "trusted_device_days",
        ],
    ),
    ("launch", &["receipt_minutes"]),
    (
        "mail",
        &["url", "password", "from", "ca_file", "timeout_seconds"],
    ),
    (
        "net",
        &[
            "allow",
            "connect_timeout_ms",
            "timeout_ms",
            "max_body_bytes",
        ],
    ),
    ("retention", &["launch_days", "event_days"]),
    ("log", &["format", "filter"]),
];

fn reference() -> Table {
    REFERENCE.parse().expect("the reference")
}

/// A value that the setting accepts, as a variable has it.
fn accepted(default: &Value) -> String {
    match default {
        Value::String(text) => text.clone(),
        Value::Array(_) => "192.0.2.80".to_owned(),
        other => other.to_string(),
    }
}

fn with(variables: &[(String, String)]) -> Result<Config, String> {
    let config = Config::layered(None, variables.iter().cloned());
    config.map_err(|error| error.to_string())
}

#[test]
fn every_setting_is_still_one() {
    let reference = reference();
    for (section, keys) in SETTINGS {
        let known = reference.get(*section).and_then(Value::as_table);
        let known = known.unwrap_or_else(|| panic!("the section {section} is gone"));
        for key in *keys {
            assert!(
                known.contains_key(*key),
                "{section}.{key} is gone: a portal that sets it does not start any more"
            );
        }
    }
}

/// What is new belongs on the list as soon as it is released.
#[test]
fn the_list_of_settings_is_complete() {
    let listed: BTreeSet<String> = SETTINGS
        .iter()
        .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")))
        .collect();
    for (section, values) in &reference() {
        let values = values.as_table().expect("a section");
        for key in values.keys() {
            let name = format!("{section}.{key}");
            assert!(listed.contains(&name), "{name} is not on the list yet");
        }
    }
}

#[test]
fn every_setting_has_its_variable() {
    for (section, values) in &reference() {
        for (key, default) in values.as_table().expect("a section") {
            let name = format!("USHER_{section}__{key}").to_uppercase();
            let variables = [(name.clone(), accepted(default))];
            let read = with(&variables);
            assert!(read.is_ok(), "{name}: {:?}", read.err());
        }
    }
    let unknown = [("USHER_SERVER__NO_SUCH_KEY".to_owned(), "1".to_owned())];
    assert!(with(&unknown).is_err(), "any name is accepted");
}

#[test]
fn a_variable_and_a_file_set_what_they_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("secret");
    std::fs::write(&path, "a password of the tests\n").expect("a file");
    let path = path.to_str().expect("a path").to_owned();
    let variables = [
        ("USHER_PORTAL__NAME".to_owned(), "Our portal".to_owned()),
        ("USHER_SESSION__IDLE_MINUTES".to_owned(), "30".to_owned()),
        ("USHER_MAIL__PASSWORD_FILE".to_owned(), path),
    ];
    let config = with(&variables).expect("a good configuration");
    assert_eq!(config.portal.name, "Our portal");
    assert_eq!(config.session.idle_minutes, 30);
    assert_eq!(config.mail.password.as_str(), "a password of the tests");
}
