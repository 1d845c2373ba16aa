//! The names of commands: service units, scripts and containers run them.

use std::process::Command;

const COMMANDS: [&str; 14] = [
    "serve",
    "demo",
    "migrate",
    "seed",
    "rotate-keys",
    "rekey",
    "disable",
    "enable",
    "preview",
    "admin",
    "registration-token",
    "client",
    "backup",
    "check",
];

/// Whether the program knows this command: its help is printed.
fn is_known(arguments: &[&str]) -> bool {
    let output = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(arguments)
        .arg("--help")
        .env_clear()
        .output();
    output.expect("the binary runs").status.success()
}

#[test]
fn every_command_keeps_its_name() {
    assert!(!is_known(&["no-such-command"]), "any name is accepted");
    for command in COMMANDS {
        assert!(
            is_known(&[command]),
            "usher {command} is gone: scripts run it"
        );
    }
    assert!(is_known(&["config"]), "usher config is gone");
    for command in ["create", "grant", "revoke", "reset-factors", "link", "list"] {
        assert!(
            is_known(&["admin", command]),
            "usher admin {command} is gone"
        );
    }
    for command in ["list", "disable", "enable", "remove"] {
        assert!(
            is_known(&["client", command]),
            "usher client {command} is gone"
        );
    }
}
